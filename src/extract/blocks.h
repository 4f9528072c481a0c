/* SPDX-License-Identifier: AGPL-3.0-or-later
 * extract/blocks.h - arrays of objects from blocks that repeat without a table: positions of a CV,
 * persons, publications, cards of labels and values.
 *
 * The lines below the heading that the array's name names (passage.c) are bands: what stands side
 * by side (bands.c). What repeats among them (numbers, labels, periods, bold lines, gaps, bullets)
 * cuts them into records (repeat.c; cards.c for labels in a grid). A record's fields are filled
 * from its own words only: labels, typed values, and the parts of its first lines (blockparts.c,
 * fill.c). */
#pragma once

#include "extract/period.h"
#include "extract/solve.h"

enum { BANDS_MAX = 4000, BAND_SEGS_MAX = 8, BLOCK_RECORDS_MAX = 500 };

/* What stands side by side in a section, from left to right. */
struct band {
    uint32_t segs[BAND_SEGS_MAX];
    uint32_t seg_count;
    uint32_t page;
    struct box box;
    float gap;            /* to the band above, pt; 1000: it is the first of its page or column */
    float size;           /* of its first words */
    bool bold;            /* the first words are */
    bool bullet;          /* begins with a mark of a list */
    bool prose;           /* words of a sentence, or the end of one */
    bool labelled;        /* begins with a label and a colon */
    uint32_t marker;      /* tokens of bullet, number or "Item 3:" in front */
    int number;           /* of that marker; -1: none */
    struct period period; /* the first one */
    uint32_t period_seg;  /* index into segs */
};

struct bands {
    struct band *bands; /* [count] */
    uint32_t count, cap;
};

/* Bands [first, first + count) are one record; cards hold bands of their own. */
struct block_record {
    const struct band *bands;
    uint32_t count;
};

struct block_records {
    struct block_record *records; /* [count] */
    uint32_t count, cap;
};

/* --- passage.c --- */
/* The name of the section that the list asks for: one of the lexicon's; NULL: it is not known. */
const char *passage_name(const struct solve *solve, const struct table_field *table);
/* Segments below the headings that the list names, column by column. False: there is no such
 * heading. *ret_segs in the arena. */
bool passage_find(struct solve *solve, const struct table_field *table, uint32_t **ret_segs,
                  uint32_t *ret_count);

/* --- bands.c --- */
void bands_make(struct solve *solve, const uint32_t *segs, uint32_t count, struct bands *ret);

/* --- repeat.c --- */
/* dated: records are expected to have a period each. Returns false where nothing repeats. */
bool repeat_cut(struct solve *solve, const struct bands *bands, bool dated,
                struct block_records *ret);
bool records_add(struct solve *solve, struct block_records *records, const struct band *bands,
                 uint32_t count);

/* --- cards.c --- */
/* Records of labels and values, also side by side; segs NULL: of the whole document. */
bool cards_cut(struct solve *solve, const struct table_field *table, const uint32_t *segs,
               uint32_t count, struct block_records *ret);
/* A label that names the field begins with the token: where it ends; 0: none does. */
uint32_t card_label(const struct solve *solve, const struct field *field, uint32_t token);

/* --- blockparts.c: what the first lines of a record say --- */
/* PART_NAME: what the record is about, mostly its first words. */
enum part_kind { PART_NAME, PART_TITLE, PART_ORG, PART_PLACE, PART_KINDS };
enum { BLOCK_PARTS_MAX = 16 };

struct block_part {
    uint32_t first, count; /* tokens */
    uint32_t band;         /* of the record */
    uint8_t place;         /* counted in its band */
    bool bold, comma;      /* comma: one stands before it */
    float kind[PART_KINDS];
};

struct record_parts {
    struct block_part parts[BLOCK_PARTS_MAX];
    uint32_t count;
    uint32_t head;          /* bands whose words are parts; those behind them are the body */
    int chosen[PART_KINDS]; /* index into parts; -1: none */
};

/* parts [records->count]; wanted: bits by enum part_kind. Taken tokens are no parts. */
void blockparts_read(struct solve *solve, const struct block_records *records, const bool *taken,
                     unsigned wanted, struct record_parts *parts);

/* --- fill.c --- */
/* Rows of the list from the records; how many. */
uint32_t blocks_fill(struct solve *solve, const struct table_field *table,
                     const struct block_records *records);

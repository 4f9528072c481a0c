/* SPDX-License-Identifier: AGPL-3.0-or-later
 * extract/fill_internal.h - what the ways share in which the fields of a record are filled. */
#pragma once

#include "extract/blocks.h"
#include "extract/parties.h"

enum { FILL_TOKENS_MAX = 1200 };

/* How sure a value is by the way it was found: set by hand, all of them under what is given where
 * being right was counted. */
static const float sure_label = 0.88F, sure_type = 0.82F, sure_period = 0.85F, sure_word = 0.8F,
                   sure_place = 0.68F, sure_rest = 0.7F;

struct filling {
    struct solve *solve;
    const struct table_field *table;
    const struct block_records *records;
    bool *used;            /* [token_count] */
    struct value **values; /* [records][fields] */
    uint32_t record;       /* that is being filled */
};

/* --- fill.c --- */
const struct field *fill_field(const struct filling *filling, uint32_t f);
const struct block_record *fill_record(const struct filling *filling);
/* Where the record's value of the field is; it points to NULL until there is one. */
struct value **fill_value(const struct filling *filling, uint32_t f);
bool fill_is_slot(const struct filling *filling, uint32_t f, const char *name);
/* From now on the words serve no other field. */
void fill_use(const struct filling *filling, uint32_t first, uint32_t count);
/* None of the words serves a field yet. */
bool fill_is_free(const struct filling *filling, uint32_t first, uint32_t count);
/* The value, if there is one, becomes the field's, and uses its words. */
void fill_put(const struct filling *filling, uint32_t f, struct value *value);

/* --- the ways; each leaves alone what has a value --- */
void fill_by_labels(const struct filling *filling); /* fill_labels.c */
/* fill_types.c */
void fill_by_periods(const struct filling *filling);
void fill_by_types(const struct filling *filling);
void fill_by_forms(const struct filling *filling); /* doses and addresses */
/* fill_parts.c: bits by enum part_kind of what the fields want of the first lines. */
unsigned fill_wanted_parts(const struct filling *filling);
void fill_by_parts(const struct filling *filling, const struct record_parts *parts);
/* A list of texts: its node in the row. */
bool fill_is_list(const struct field *field);
void fill_put_list(const struct filling *filling, const struct field *field, struct node *row,
                   uint32_t head);

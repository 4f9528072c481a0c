/* SPDX-License-Identifier: AGPL-3.0-or-later
 * extract/solve.h - fields that are wanted, candidates for them, and the choice over the whole
 * document.
 *
 * Every finder adds candidates with a score from 0 to 1; choose.c gives words to fields by score,
 * so that a span serves one field, unless two fields mean the same. */
#pragma once

#include "extract/labels.h"
#include "extract/values.h"

enum { CANDIDATES_MAX = 24, FIELD_WORDS_MAX = 8 };

/* How a value is written into the result. */
struct wish {
    bool printed; /* as it stands on the page */
    bool decimal; /* numbers in strings: digits and a point only */
    bool upper, lower;
    const char *date_format; /* "YYYY-MM-DD", "DD.MM.YYYY"; NULL: ISO 8601 */
};

struct candidate {
    struct value *value;
    float score;
    uint32_t first, count; /* the tokens it takes */
    const struct label *label;
    double number; /* set if reading */
    bool reading;  /* of another reading of the word than the one that stands there */
    bool by_label;
};

struct field {
    const struct schema_shape *shape;
    struct node *node;
    const char *own_key;                /* its own words, folded */
    const char *title_key;              /* those of its title, or NULL */
    const char *words[FIELD_WORDS_MAX]; /* its own words one by one, folded */
    uint32_t word_count;
    const char *slot; /* a column: what it asks of a record, by the lexicon; NULL: not known */
    uint16_t concept; /* 0: unknown */
    uint16_t role;
    uint16_t context; /* role of the object around it: fills role where it has none */
    enum concept_type type;
    bool item;    /* a column of an array of objects */
    bool generic; /* the concept only says what type it is: labels are its own words */
    bool many;    /* an array of plain values */
    bool dropped; /* the instructions leave it out */
    struct wish wish;
    struct candidate candidates[CANDIDATES_MAX];
    uint32_t candidate_count;
    const struct candidate *chosen;
};

/* An array of objects. */
struct table_field {
    const struct schema_shape *shape;
    struct node *node;
    uint32_t first_field, field_count; /* its columns, in solve.fields */
    uint16_t subject;                  /* the concept that its name means; 0: none */
    bool headless;                     /* its rows were read without a header */
};

struct party; /* parties.h */

struct solve {
    struct arena *arena;
    const struct extract_input *input;
    struct doc *doc;
    const struct lexicon *lexicon;
    struct items *items;
    struct labels *labels;
    struct field *fields;
    uint32_t field_count, field_cap;
    struct table_field *tables;
    uint32_t table_count, table_cap;
    struct party *parties;
    uint32_t party_count;
    const struct party *seller, *buyer, *ship_to;
    const char *kind;
    bool till;                         /* money was handed over, change given */
    uint32_t title_first, title_count; /* the words that say so; count 0: none do */
    struct wish wish;                  /* of the instructions, for all fields */
    bool *taken;                       /* [token_count]: by line items */
    const char *warnings[16];
    uint32_t warning_count;
    bool format_wins; /* dates were asked for in a form that the schema's format does not have */
    bool full;        /* the arena was: the result is none */
};

/* --- fields.c --- */
/* Makes nodes and fields for the shape. */
void fields_make(struct solve *solve, const struct schema_shape *shape, struct node *node,
                 uint16_t role, const char *parent, bool item);
/* What a name means. concept and role are 0 where nothing is known; types: what the schema
 * asks for, 0 unknown. Returns the share of the letters that were understood. */
float fields_meaning(const struct solve *solve, const char *name, bool item, unsigned types,
                     uint16_t *ret_concept, uint16_t *ret_role);

/* says.c: how much words of the page, folded, are those of the property or its title, 0..1. */
float field_says(const struct field *field, const char *key);
/* Its values have a form by which they are known: dates, amounts, codes. */
bool field_has_form(const struct field *field);
/* The field's concept has that name. */
bool field_is(const struct solve *solve, const struct field *field, const char *concept);

/* --- places.c: where the value of a label can stand --- */
struct place {
    uint32_t first, count; /* tokens */
    float score;
    bool below;
};
enum { PLACES_MAX = 8 };
uint32_t places_of(const struct solve *solve, const struct run *run, uint32_t label_end,
                   struct place ret[PLACES_MAX]);
/* The role whose section a token stands in, and how sure that is, 0..1; 0: none. */
uint16_t section_role(const struct solve *solve, uint32_t token, float *ret_strength);

/* atplace.c: what stands at the places of a label that ends before token `end`, offered to the
 * field; score is that of the label. */
void offer_places(struct solve *solve, struct field *field, const struct run *run, uint32_t end,
                  float score, const struct label *label);

/* --- make.c: values in the form that a field wants --- */
/* NULL: the item does not suit the field (or the arena is full: solve->full). */
struct value *make_item(struct solve *solve, const struct field *field, const struct item *item,
                        float confidence);
/* The number that another reading of the token gives. */
struct value *make_reading(struct solve *solve, const struct field *field,
                           const struct number *number, uint32_t token, const char *reading,
                           float confidence);
/* Tokens as text; norm as the words were taken. */
struct value *make_text(struct solve *solve, const struct field *field, uint32_t first,
                        uint32_t count, float confidence);
/* Tokens that need not stand together, as text. */
struct value *make_tokens(struct solve *solve, const struct field *field, const uint32_t *tokens,
                          uint32_t count, float confidence);
/* Text cut to bytes of its tokens: str is the value. */
struct value *make_string(struct solve *solve, const struct field *field, const char *str,
                          uint32_t first, uint32_t count, enum normalization norm,
                          float confidence);
/* Puts it among the field's candidates by score. */
void offer(struct field *field, struct value *value, float score, uint32_t first, uint32_t count,
           const struct label *label);
bool item_suits(const struct field *field, const struct item *item);

/* --- finders --- */
void find_by_labels(struct solve *solve); /* bylabel.c */
/* bylabel.c: a word for a kind of document, or a compound of one: "Handelsrechnung". */
bool is_kind_word(const struct solve *solve, const char *key);
void find_parties(struct solve *solve);  /* parties.c */
void find_by_party(struct solve *solve); /* byparty.c */
void find_by_type(struct solve *solve);  /* bytype.c */
void find_labelled(struct solve *solve); /* labelled.c: behind find_parties */
void find_in_mrz(struct solve *solve);   /* mrz.c */
void find_in_codes(struct solve *solve); /* codes.c: bar codes; behind the other finders */
void find_in_prose(struct solve *solve); /* prose.c */
void find_signers(struct solve *solve, struct field *field); /* signers.c: who concludes it */
void find_defined(struct solve *solve);                      /* defined.c: who a defined term is */
void find_remarks(struct solve *solve);                      /* remarks.c */
void find_totals(struct solve *solve);                       /* totals.c */
void find_tables(struct solve *solve);                       /* lines.c */
/* blocks.c: lists from blocks that repeat without a table. sure: only those whose name is that of a
 * section that goes before any table; else all that are still empty. */
void find_blocks(struct solve *solve, bool sure);
void find_in_forms(struct solve *solve); /* forms.c */
void choose(struct solve *solve);        /* choose.c */
/* How sure a value is whose words were read with less than full confidence: choose.c. */
float words_lessen(const struct solve *solve, const struct value *value, float sure);
void find_choices(struct solve *solve); /* choice.c: listed values, yes or no, the kind */

/* check.c: writes the record; leaves that break the schema become null before. *ret_unmet: what is
 * still wrong, or NULL. */
MUST_CHECK
enum err_code check_result(struct solve *solve, struct node *root, struct extract_record *record,
                           const char **ret_unmet, struct err *err);

/* proposal.c: values that somebody else proposes (JSON text of an object) fill leaves that are
 * empty or unsure, where they are found among the words; the rest is dropped with a warning. */
void proposal_ground(struct solve *solve, struct node *root, const char *proposal);

/* As offer, for another reading of the words of `from`, with its number. */
void offer_reading(struct field *field, struct value *value, float score,
                   const struct candidate *from, double number);
void find_in_alts(struct solve *solve); /* alts.c: before find_totals */
/* What stands at the place suits the field in no reading but one other: a date, or an amount with
 * cents. False: nothing was offered. */
bool offer_readings(struct solve *solve, struct field *field, const struct place *place,
                    float score, const struct label *label);
/* The lines do not add up to the net amount, which is proved: the one total that another reading
 * makes right gets it. */
void settle_lines(struct solve *solve, double net);

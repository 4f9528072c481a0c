/* SPDX-License-Identifier: AGPL-3.0-or-later
 * extract/extract.h - structured data from the page trees of a document: JSON that a schema asks
 * for, each value with the words that it was made of.
 *
 * A value is built from words of the pages by one normalisation of a closed list (below); nothing
 * else can reach the result. Absent is null (or left out where the schema does not require it),
 * with a reason. Pure: no I/O, no state, no clock; the same input gives the same bytes. Made for
 * the confined child and for stored page trees alike. Method and limits: docs/extraction.md. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "page/page.h"

#include <stdbool.h>
#include <stdint.h>

struct schema; /* schema/schema.h */

enum {
    EXTRACT_PAGES_MAX = 5000,
    EXTRACT_FIELDS_MAX = 2000,        /* properties of a schema, nested ones counted */
    EXTRACT_RECORDS_MAX = 2000,       /* documents told apart in one file */
    EXTRACT_INSTRUCTIONS_MAX = 16384, /* bytes */
    EXTRACT_CANDIDATES_SHOWN = 5      /* alternatives of one value in the evidence */
};

struct extract_options {
    bool per_page; /* one record a page */
    /* Values of which we are less sure stand in the review list; 0: none do. */
    double min_confidence;
    const char *locale; /* where the document comes from if known: "de", "en-US"; or NULL */
};

/* Everything is borrowed. */
struct extract_input {
    struct page *const *pages; /* [page_count], in order, not NULL; index need not be contiguous */
    uint32_t page_count;
    const struct schema *schema; /* NULL: what the document offers (kind, fields, pairs, tables) */
    const char *instructions;    /* UTF-8, or NULL */
    /* JSON text of an object that somebody else proposes for the whole document, or NULL. A leaf
     * of it counts only where it is found among the words; the rest is dropped with a warning. */
    const char *proposal;
    struct extract_options options;
};

/* One document told apart, or one page with per_page. All JSON is compact UTF-8 text.
 *
 * evidence: object by JSON Pointer into result. Of a value:
 *   {"page":1,"boxes":[[x0,y0,x1,y1],…],"words":["1.234,56"],"normalization":"number",
 *    "confidence":0.97,"label":"Gesamtbetrag","proof":["net + tax = gross"],
 *    "alternatives":[{"value":…,"page":…,"boxes":…,"words":…,"confidence":…}]}
 * "doubt" is text that says what speaks against the value; "reading" what a word of it was taken
 * for, where that is one of the recogniser's other readings, which the proof settled. page counts
 * from 1, boxes are points of the page as it is seen, one a line of words. "label", "proof",
 * "doubt", "reading" and "alternatives" only where there are any. Of an absent value:
 *   {"reason":"not_found"} or {"reason":"ambiguous","candidates":[…]} or
 *   {"reason":"unreadable","page":1,"boxes":[…]} or {"reason":"breaks_schema","candidates":[…]}
 *   or {"reason":"check_digits","candidates":[…]}: what is printed fails its own check
 * review: array of {"pointer","reason","confidence"} in the order of the result. */
struct extract_record {
    uint32_t first_page, page_count; /* indexes into extract_input.pages */
    const char *kind;                /* "invoice", "receipt", … ; "document" if not known */
    double confidence;               /* least of the values that are there; 1 if none */
    const char *result, *evidence, *review;
};

struct extract_output {
    const struct extract_record *records; /* [record_count], at least one */
    uint32_t record_count;
    const char *warnings; /* JSON array of strings: what could not be obeyed or met */
};

/* The normalisations, by name as the evidence has them. */
#define EXTRACT_NORMALIZATIONS(X)                                                                  \
    X(TEXT, "text")         /* the words, joined by single blanks */                               \
    X(LINES, "lines")       /* the words of several lines, joined by blanks */                     \
    X(TRIMMED, "trimmed")   /* text without the punctuation or label around it */                  \
    X(COMPACT, "compact")   /* text without blanks and separators: identifiers */                  \
    X(NUMBER, "number")     /* decimal number from its printed form */                             \
    X(DATE, "date")         /* ISO 8601 date from its printed form */                              \
    X(TIME, "time")         /* ISO 8601 time or date and time */                                   \
    X(CURRENCY, "currency") /* ISO 4217 code from a sign, name or code */                          \
    X(COUNTRY, "country")   /* ISO 3166 code from a name or code */                                \
    X(DURATION, "duration") /* number and unit */                                                  \
    X(ENUM, "enum")         /* one of the schema's values that the words stand for */              \
    X(BOOLEAN, "boolean")   /* true or false from a check box or a word */                         \
    X(CASE, "case")         /* text in another case */                                             \
    X(MRZ, "mrz") /* part of a machine-readable zone: fillers dropped, date of six digits */       \
    X(READING, "reading") /* another reading of the word, settled by a proof */

/* Reads the records. Memory comes from the arena: a few hundred bytes a word at most. Time grows
 * linearly with the words, but for blocks of bounded size.
 * ERR_INPUT: no pages, or too many; ERR_LIMIT: the arena is full or the output too long. */
MUST_CHECK
enum err_code extract_run(struct arena *arena, const struct extract_input *input,
                          struct extract_output *ret_output, struct err *err);

/* SPDX-License-Identifier: AGPL-3.0-or-later
 * extract/labels.h - the words on the pages that name something: phrases of the lexicon, and the
 * runs of words that are labels by their place. */
#pragma once

#include "extract/extract_internal.h"
#include "extract/lexicon.h"
#include "extract/values.h"

/* Words that could be a label: from the beginning of a segment, or behind a value, up to a colon,
 * a value or the end of the segment. */
struct run {
    uint32_t first, count; /* tokens */
    const char *key;       /* of all of it but units and brackets */
    size_t plain;          /* bytes of the key that stand outside brackets */
    bool colon;            /* ends in one */
    bool ends_seg;         /* nothing follows it in its segment */
    bool starts_seg;
};

/* A phrase of the lexicon. The same words may stand for several concepts: one label each. */
struct label {
    uint32_t first, count; /* tokens */
    uint32_t run;          /* index into labels.runs */
    uint16_t concept;
    uint16_t role; /* a role in the same run, or 0 */
    float exact;   /* how much of the run it is, 0..1 */
};

struct labels {
    struct run *runs;
    struct label *labels; /* in reading order */
    uint32_t run_count, label_count, label_cap;
    uint32_t *run_of;        /* [token_count]: run of the token or NONE */
    uint32_t *by_concept;    /* indexes of labels, grouped by concept */
    uint32_t *concept_first; /* [concept_count + 1] into by_concept */
};

MUST_CHECK
enum err_code labels_find(const struct doc *doc, const struct items *items,
                          const struct lexicon *lexicon, struct labels **ret_labels,
                          struct err *err);

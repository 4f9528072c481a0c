/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "extract/extract_internal.h"

#include <string.h>

/* Longer labels are sentences that happen to hold a colon. */
enum { LABEL_TOKENS_MAX = 6, VALUE_TOKENS_MAX = 40 };

static bool
ends_in_colon(const char *text)
{
    size_t len = strlen(text);

    return len > 0 && text[len - 1] == ':';
}

/* The segment to the right in the row; NONE: there is none. */
static uint32_t
seg_right(const struct doc *doc, uint32_t seg)
{
    const struct row *row = &doc->rows[doc->segs[seg].row];

    for (uint32_t i = 0; i + 1 < row->count; i++)
        if (doc->row_segs[row->first + i] == seg)
            return doc->row_segs[row->first + i + 1];
    return NONE;
}

/* "Label: value" within a segment, or with the value in the next one of the row. */
static bool
pair_at(const struct doc *doc, uint32_t seg, struct pair *ret)
{
    const struct seg *at = &doc->segs[seg];
    uint32_t label = 0;

    while (label < at->count && !ends_in_colon(doc->tokens[at->first + label].text))
        label++;
    if (label == at->count || label >= LABEL_TOKENS_MAX)
        return false;
    *ret = (struct pair){.label_first = at->first, .label_count = label + 1};
    if (label + 1 < at->count) {
        ret->value_first = at->first + label + 1;
        ret->value_count = at->count - label - 1;
    } else {
        uint32_t right = seg_right(doc, seg);
        if (right == NONE)
            return false;
        ret->value_first = doc->segs[right].first;
        ret->value_count = doc->segs[right].count;
    }
    return ret->value_count <= VALUE_TOKENS_MAX;
}

enum err_code
pairs_find(const struct doc *doc, struct pair **ret_pairs, uint32_t *ret_count, struct err *err)
{
    struct pair *pairs = arena_array(doc->arena, doc->seg_count + 1, sizeof(*pairs));
    uint32_t n = 0;

    if (pairs == NULL)
        return err_set(err, ERR_LIMIT, "the document has too many words");
    for (uint32_t i = 0; i < doc->seg_count; i++)
        n += pair_at(doc, i, &pairs[n]);
    *ret_pairs = pairs;
    *ret_count = n;
    return ERR_OK;
}

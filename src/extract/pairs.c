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

/* The segment below in the next row that lies under this one; NONE: there is none. */
static uint32_t
seg_below(const struct doc *doc, uint32_t seg)
{
    const struct seg *at = &doc->segs[seg];

    if (at->row + 1 >= doc->row_count || doc->rows[at->row + 1].page != at->page)
        return NONE;
    const struct row *row = &doc->rows[at->row + 1];
    for (uint32_t i = 0; i < row->count; i++) {
        const struct seg *below = &doc->segs[doc->row_segs[row->first + i]];
        if (below->box.x0 < at->box.x1 && below->box.x1 > at->box.x0)
            return doc->row_segs[row->first + i];
    }
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
        const struct seg *value = &doc->segs[right];
        if (ends_in_colon(doc->tokens[value->first + value->count - 1].text)) {
            /* Labels side by side: the values stand below them. */
            right = seg_below(doc, seg);
            if (right == NONE)
                return false;
        }
        ret->value_first = doc->segs[right].first;
        ret->value_count = doc->segs[right].count;
    }
    return ret->value_count <= VALUE_TOKENS_MAX;
}

static bool
has_digits(const struct doc *doc, const struct seg *seg)
{
    for (uint32_t i = seg->first; i < seg->first + seg->count; i++)
        if (strpbrk(doc->tokens[i].text, "0123456789:") != NULL)
            return true;
    return false;
}

/* A form without colons: rows of two, labels under one another and values under one another. */
static bool
form_row(const struct doc *doc, uint32_t row, float *ret_left, float *ret_right)
{
    const struct row *at = &doc->rows[row];

    if (at->count != 2)
        return false;
    const struct seg *label = &doc->segs[doc->row_segs[at->first]];
    const struct seg *value = &doc->segs[doc->row_segs[at->first + 1]];
    *ret_left = label->box.x0;
    *ret_right = value->box.x0;
    return label->count <= LABEL_TOKENS_MAX && !has_digits(doc, label) &&
           value->count <= VALUE_TOKENS_MAX;
}

static bool
form_pair(const struct doc *doc, uint32_t row, struct pair *ret)
{
    float left, right, other_left, other_right;
    uint32_t alike = 0;

    if (!form_row(doc, row, &left, &right))
        return false;
    for (uint32_t r = row > 8 ? row - 8 : 0; r < doc->row_count && r < row + 9; r++)
        alike += r != row && doc->rows[r].page == doc->rows[row].page &&
                 form_row(doc, r, &other_left, &other_right) && other_left > left - 2 &&
                 other_left < left + 2 && other_right > right - 2 && other_right < right + 2;
    if (alike < 2)
        return false;
    const struct seg *label = &doc->segs[doc->row_segs[doc->rows[row].first]];
    const struct seg *value = &doc->segs[doc->row_segs[doc->rows[row].first + 1]];
    *ret = (struct pair){label->first, label->count, value->first, value->count};
    return true;
}

enum err_code
pairs_find(const struct doc *doc, struct pair **ret_pairs, uint32_t *ret_count, struct err *err)
{
    struct pair *pairs =
        arena_array(doc->arena, doc->seg_count + doc->row_count + 1, sizeof(*pairs));
    uint32_t n = 0;

    if (pairs == NULL)
        return err_set(err, ERR_LIMIT, "the document has too many words");
    for (uint32_t i = 0; i < doc->seg_count; i++)
        n += pair_at(doc, i, &pairs[n]);
    for (uint32_t r = 0; r < doc->row_count; r++)
        n += form_pair(doc, r, &pairs[n]);
    *ret_pairs = pairs;
    *ret_count = n;
    return ERR_OK;
}

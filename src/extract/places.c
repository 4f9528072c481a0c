/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "extract/solve.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

/* Rows below a label in which its value is looked for, and how far down, in letter heights. */
enum { ROWS_BELOW = 6, SEGS_RIGHT = 3, LABELS_BELOW = 2 };
static const float below_most = 4.2F;

static bool
is_mark(const char *text)
{
    return text[strcspn(text, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")] ==
               '\0' &&
           (unsigned char)text[0] < 0x80;
}

/* Without the colons, dashes and currency signs in front. */
static struct place
trim(const struct doc *doc, uint32_t first, uint32_t count, float score, bool below)
{
    while (count > 0 && is_mark(doc->tokens[first].text)) {
        const char *text = doc->tokens[first].text;
        if (strchr("$(+", text[0]) != NULL ||
            (text[0] == '-' && count > 1 && doc->tokens[first + 1].glued))
            break;
        first++;
        count--;
    }
    return (struct place){.first = first, .count = count, .score = score, .below = below};
}

/* A segment that is a label itself: nothing but a phrase of the lexicon, or a run with a colon. */
static bool
is_label(const struct solve *solve, const struct seg *seg)
{
    const struct labels *labels = solve->labels;
    uint32_t run = labels->run_of[seg->first];

    if (run == NONE || labels->runs[run].count < seg->count)
        return false;
    if (seg->count == 1 && !labels->runs[run].colon &&
        strcmp(solve->doc->tokens[seg->first].key, "no") == 0)
        return false; /* an answer, rather than "no." of something */
    if (labels->runs[run].colon)
        return true;
    float all = 0; /* "Date of birth / Date de naissance": together they are all of it */
    uint32_t last = NONE;
    for (uint32_t i = 0; i < labels->label_count; i++) {
        if (labels->labels[i].run != run || labels->labels[i].first == last)
            continue;
        last = labels->labels[i].first;
        all += labels->labels[i].exact;
    }
    return all >= 0.85F;
}

/* "4 Social security tax withheld": a label with the number of its box. */
static bool
is_numbered_label(const struct doc *doc, const struct seg *seg)
{
    const char *text = doc->tokens[seg->first].text;
    size_t digits = strspn(text, "0123456789");

    if (seg->count < 3 || digits == 0 || digits > 2 || strlen(text) > digits + 1)
        return false;
    for (uint32_t i = seg->first + 1; i < seg->first + seg->count; i++)
        if (strpbrk(doc->tokens[i].text, "0123456789") != NULL || strlen(doc->tokens[i].key) < 2)
            return false;
    return isupper((unsigned char)doc->tokens[seg->first + 1].text[0]);
}

static uint32_t
place_in_row(const struct row *row, const struct doc *doc, uint32_t seg)
{
    for (uint32_t i = 0; i < row->count; i++)
        if (doc->row_segs[row->first + i] == seg)
            return i;
    return row->count;
}

static uint32_t
places_right(const struct solve *solve, uint32_t at, struct place *ret)
{
    const struct doc *doc = solve->doc;
    const struct row *row = &doc->rows[doc->segs[at].row];
    uint32_t n = 0;

    for (uint32_t i = place_in_row(row, doc, at) + 1; i < row->count && n < SEGS_RIGHT; i++) {
        const struct seg *seg = &doc->segs[doc->row_segs[row->first + i]];
        struct place place = trim(doc, seg->first, seg->count, 0, false);
        if (place.count == 0)
            continue;
        float gap = (seg->box.x0 - doc->segs[at].box.x1) / fmaxf(doc->size, 1);
        if ((is_label(solve, seg) && n == 0) || is_numbered_label(doc, seg)) {
            /* A title above or beside its own column of values. */
            break;
        }
        place.score = 0.95F - 0.12F * (float)n - fminf(gap, 60) * 0.003F;
        ret[n++] = place;
    }
    return n;
}

static uint32_t
places_below(const struct solve *solve, const struct seg *at, struct box box, struct place *ret)
{
    const struct doc *doc = solve->doc;
    uint32_t n = 0, skipped = 0;
    float slack = doc->size * 0.5F;

    for (uint32_t r = at->row + 1; r < doc->row_count && r <= at->row + ROWS_BELOW && n < 2; r++) {
        const struct row *row = &doc->rows[r];
        if (row->page != at->page)
            break;
        float fall = (row->box.y0 - box.y1) / fmaxf(at->size, 1);
        if (fall > below_most)
            break;
        for (uint32_t i = 0; i < row->count; i++) {
            const struct seg *seg = &doc->segs[doc->row_segs[row->first + i]];
            if (seg->box.x1 < box.x0 - slack || seg->box.x0 > box.x1 + slack)
                continue;
            if (is_label(solve, seg) || is_numbered_label(doc, seg)) {
                if (++skipped > LABELS_BELOW)
                    return n;
                break;
            }
            struct place place = trim(doc, seg->first, seg->count, 0, true);
            if (place.count == 0)
                break;
            float aligned = fminf(fabsf(seg->box.x0 - box.x0), fabsf(seg->box.x1 - box.x1));
            place.score = 0.86F - 0.2F * (float)n - 0.06F * fmaxf(fall, 0) -
                          (aligned > doc->size ? 0.08F : 0) - 0.12F * (float)skipped;
            ret[n++] = place;
            break;
        }
    }
    return n;
}

uint32_t
places_of(const struct solve *solve, const struct run *run, uint32_t label_end,
          struct place ret[PLACES_MAX])
{
    const struct doc *doc = solve->doc;
    uint32_t seg_index = doc->tokens[run->first].seg, n = 0;
    const struct seg *seg = &doc->segs[seg_index];
    uint32_t end = seg->first + seg->count, run_end = run->first + run->count;
    struct place place;

    if (run_end < end) {
        place = trim(doc, run_end, end - run_end, 1, false);
        if (place.count > 0)
            ret[n++] = place;
    }
    if (label_end < run_end) { /* words of the run behind the phrase */
        place = trim(doc, label_end, end - label_end, 0.8F, false);
        if (place.count > 0)
            ret[n++] = place;
    }
    uint32_t inline_count = n;
    n += places_right(solve, seg_index, ret + n);
    for (uint32_t i = inline_count; run_end != end && i < n; i++)
        ret[i].score *= 0.8F; /* words stand between */
    bool beside = n > 0 && label_end == run_end;
    uint32_t before = n;
    n += places_below(solve, seg, doc_box(doc, run->first, run->count), ret + n);
    for (uint32_t i = before; i < n; i++)
        ret[i].score *= (beside ? 0.75F : 1) * (run->colon && beside ? 0.85F : 1);
    return n;
}

/* The token's row, or one just above it, has a label right below the header: a form of two
 * columns, whose values belong to the header though they stand far to the right. */
static bool
in_form(const struct doc *doc, uint32_t header, uint32_t token)
{
    float left = doc->tokens[header].box.x0;
    uint32_t row = doc->segs[doc->tokens[token].seg].row;

    for (uint32_t up = 0; up < 3 && up <= row; up++) {
        const struct row *at = &doc->rows[row - up];
        const struct seg *seg = &doc->segs[doc->row_segs[at->first]];
        const char *last = doc->tokens[seg->first + seg->count - 1].text;
        if (at->page == doc->tokens[token].page && seg->first > header &&
            fabsf(seg->box.x0 - left) < 2 * doc->size && last[strlen(last) - 1] == ':')
            return true;
    }
    return false;
}

uint16_t
section_role(const struct solve *solve, uint32_t token, float *ret_strength)
{
    const struct doc *doc = solve->doc;
    const struct labels *labels = solve->labels;
    const struct box box = {doc->segs[doc->tokens[token].seg].box.x0, doc->tokens[token].box.y0, 0,
                            0};
    const float width = doc->pages[doc->tokens[token].page]->width;
    const float most = 18 * doc->size;
    float best = most;
    uint16_t role = 0;

    for (uint32_t i = 0; i < labels->label_count; i++) {
        const struct label *label = &labels->labels[i];
        if (solve->lexicon->concepts[label->concept].type != TYPE_ROLE || label->exact < 0.7F ||
            doc->tokens[label->first].page != doc->tokens[token].page)
            continue;
        struct box head = doc->tokens[label->first].box;
        float fall = box.y0 - head.y0, shift = box.x0 - head.x0;
        bool wide = shift > 14 * doc->size && !in_form(doc, label->first, token);
        if (fall < -2 || shift < -3 * doc->size || shift > 0.45F * width || wide)
            continue;
        fall += 0.12F * fabsf(shift);
        if (fall >= best)
            continue;
        best = fall;
        role = label->concept;
    }
    *ret_strength = 1 - 0.6F * fmaxf(best, 0) / most;
    return role;
}

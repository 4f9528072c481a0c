/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A party that stands behind the name of its role, without a postal code to be found by:
 * "Customer: Lighthouse Trust, 1 Beacon Hill, Osten", or a few lines below "Bill to". */
#include "extract/parties.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

enum { LINES_MAX = 5, PARTS_MAX = 6 };

/* Less than a party that was found by its postal code. */
static const float inline_score = 0.72F, below_score = 0.6F;

/* The parts of one line, split behind commas. */
static uint32_t
split(const struct solve *solve, struct part line, struct part ret[PARTS_MAX])
{
    uint32_t n = 0, first = line.first, end = line.first + line.count;

    for (uint32_t i = line.first; i < end; i++) {
        const char *text = solve->doc->tokens[i].text;
        bool comma = text[strlen(text) - 1] == ',' && n + 1 < PARTS_MAX;
        if (!comma && i + 1 < end)
            continue;
        ret[n++] = (struct part){first, i + 1 - first};
        first = i + 1;
    }
    return n;
}

/* "Trust, Ltd": a part that only says the legal form belongs to the name. */
static uint32_t
name_parts(const struct solve *solve, const struct part *parts, uint32_t n)
{
    return n > 1 && parts[1].count <= 2 && name_has_law(solve, parts[1]) ? 2 : 1;
}

static bool
is_name(const struct solve *solve, struct part part)
{
    const char *text = solve->doc->tokens[part.first].text;

    return part.count > 0 && part.count <= 9 &&
           (isupper((unsigned char)*text) || (unsigned char)*text >= 0xc3);
}

static void
offer_one(struct solve *solve, struct field *field, const struct part *parts, uint32_t n,
          float score)
{
    uint32_t names = n == 0 ? 0 : name_parts(solve, parts, n);

    if (n == 0 || !is_name(solve, parts[0]))
        return;
    switch (field->type) {
    case TYPE_NAME:
    case TYPE_PARTY:
    case TYPE_PERSON:
        parts_offer(solve, field, parts, names, score);
        break;
    case TYPE_ADDRESS:
        if (n > names)
            parts_offer(solve, field, parts + names, n - names, score);
        break;
    case TYPE_STREET:
        if (n > names && address_is_street(solve, parts[names]))
            parts_offer(solve, field, parts + names, 1, score);
        break;
    case TYPE_CITY:
        if (n > names + 1 && address_is_street(solve, parts[names]))
            parts_offer(solve, field, parts + n - 1, 1, score * 0.85F);
        break;
    default:
        break;
    }
}

/* The lines below the label, in its column, until a gap or another label. */
static uint32_t
lines_below(const struct solve *solve, uint32_t label_seg, struct part ret[LINES_MAX])
{
    const struct doc *doc = solve->doc;
    const struct seg *at = &doc->segs[label_seg];
    float bottom = at->box.y1;
    uint32_t n = 0;

    for (uint32_t r = at->row + 1; r < doc->row_count && n < LINES_MAX; r++) {
        const struct row *row = &doc->rows[r];
        const struct seg *seg = NULL;
        for (uint32_t i = 0; i < row->count; i++) {
            const struct seg *other = &doc->segs[doc->row_segs[row->first + i]];
            if (fabsf(other->box.x0 - at->box.x0) < 1.5F * at->size)
                seg = other;
        }
        if (row->page != at->page || row->box.y0 - bottom > 1.6F * at->size)
            break;
        if (seg == NULL)
            continue;
        uint32_t run = solve->labels->run_of[seg->first];
        if (seg->count > 8 || (run != NONE && solve->labels->runs[run].colon))
            break;
        ret[n++] = (struct part){seg->first, seg->count};
        bottom = seg->box.y1;
    }
    return n;
}

static void
offer_behind(struct solve *solve, struct field *field, const struct label *label)
{
    const struct doc *doc = solve->doc;
    const struct run *run = &solve->labels->runs[label->run];
    const struct seg *seg = &doc->segs[doc->tokens[run->first].seg];
    struct part parts[PARTS_MAX];
    uint32_t end = run->first + run->count, seg_end = seg->first + seg->count;

    if (end < seg_end) { /* in the same line */
        if (run->colon && seg_end - end <= 16)
            offer_one(solve, field, parts, split(solve, (struct part){end, seg_end - end}, parts),
                      inline_score);
        return;
    }
    struct place places[PLACES_MAX];
    uint32_t n = places_of(solve, run, end, places);
    if (n > 0 && !places[0].below) {
        if (places[0].count <= 16 && (run->colon || label->exact >= 0.95F))
            offer_one(solve, field, parts,
                      split(solve, (struct part){places[0].first, places[0].count}, parts),
                      inline_score);
        return;
    }
    struct part lines[LINES_MAX];
    n = lines_below(solve, doc->tokens[run->first].seg, lines);
    if (n >= 2 && (run->colon || label->exact >= 0.95F))
        offer_one(solve, field, lines, n, below_score);
}

void
find_labelled(struct solve *solve)
{
    const struct labels *labels = solve->labels;

    for (uint32_t i = 0; i < solve->field_count && !solve->full; i++) {
        struct field *field = &solve->fields[i];
        if (field->item || field->many || field->generic || field->role == 0)
            continue;
        for (uint32_t k = labels->concept_first[field->role];
             k < labels->concept_first[field->role + 1]; k++) {
            const struct label *label = &labels->labels[labels->by_concept[k]];
            const struct run *run = &labels->runs[label->run];
            if (label->exact >= 0.85F && run->starts_seg)
                offer_behind(solve, field, label);
        }
    }
}

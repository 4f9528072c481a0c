/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Fields of a record behind their labels: in the segment, in the next one, or on the lines below.
 */
#include "extract/fill_internal.h"

#include <math.h>
#include <string.h>

static bool
is_textual(enum concept_type type)
{
    switch (type) {
    case TYPE_TEXT:
    case TYPE_NAME:
    case TYPE_PERSON:
    case TYPE_PARTY:
    case TYPE_ADDRESS:
    case TYPE_STREET:
    case TYPE_CITY:
    case TYPE_COUNTRY:
    case TYPE_ID:
    case TYPE_LANGUAGE:
    case TYPE_BODY:
        return true;
    default:
        return false;
    }
}

static struct value *
value_in(const struct filling *filling, const struct field *field, uint32_t first, uint32_t count)
{
    const struct items *items = filling->solve->items;

    for (uint32_t t = first; t < first + count; t++)
        for (uint32_t k = items->at[t]; k < items->at[t + 1]; k++)
            if (item_suits(field, &items->items[k]) &&
                items->items[k].first + items->items[k].count <= first + count &&
                field->type != TYPE_ID)
                return make_item(filling->solve, field, &items->items[k], sure_label);
    if (!is_textual(field->type) && (field->shape->types & SCHEMA_STRING) == 0)
        return NULL;
    return make_text(filling->solve, field, first, count, sure_label);
}

/* Words behind the label in its segment, up to the next label. */
static uint32_t
rest_of_seg(const struct filling *filling, uint32_t from, uint32_t stop)
{
    const struct labels *labels = filling->solve->labels;
    uint32_t end = from;

    while (end < stop) {
        uint32_t run = labels->run_of[end];
        bool label = run != NONE && labels->runs[run].colon && labels->runs[run].first == end;
        for (uint32_t f = 0; !label && run != NONE && f < filling->table->field_count; f++)
            label = labels->runs[run].colon &&
                    card_label(filling->solve, fill_field(filling, f), end) > 0;
        if (end > from && label)
            break;
        end++;
    }
    while (end > from && strspn(filling->solve->doc->tokens[end - 1].text, "|•·;,") ==
                             strlen(filling->solve->doc->tokens[end - 1].text))
        end--;
    return end - from;
}

/* Lines that go on below the value, set in as far as it. */
static struct value *
with_lines(const struct filling *filling, const struct field *field, uint32_t band, uint32_t first,
           uint32_t count, float left)
{
    const struct doc *doc = filling->solve->doc;
    const struct block_record *record = fill_record(filling);
    uint32_t tokens[FILL_TOKENS_MAX], n = 0;

    for (uint32_t t = first; t < first + count && n < FILL_TOKENS_MAX; t++)
        tokens[n++] = t;
    for (uint32_t b = band + 1; b < record->count; b++) {
        const struct band *next = &record->bands[b];
        const struct seg *seg = &doc->segs[next->segs[0]];
        if (next->labelled || next->seg_count != 1 || fabsf(seg->box.x0 - left) > 6 ||
            next->gap > next->size)
            break;
        for (uint32_t t = seg->first; t < seg->first + seg->count && n < FILL_TOKENS_MAX; t++)
            tokens[n++] = t;
    }
    return n == count ? value_in(filling, field, first, count)
                      : make_tokens(filling->solve, field, tokens, n, sure_label);
}

static bool
take_label(const struct filling *filling, uint32_t f, uint32_t band, uint32_t s, uint32_t token)
{
    const struct doc *doc = filling->solve->doc;
    const struct field *field = fill_field(filling, f);
    const struct band *at = &fill_record(filling)->bands[band];
    const struct seg *seg = &doc->segs[at->segs[s]];
    uint32_t stop = seg->first + seg->count;
    const uint32_t behind = card_label(filling->solve, field, token);
    uint32_t from = behind;

    if (from == 0 || filling->used[token])
        return false;
    uint32_t count = from < stop ? rest_of_seg(filling, from, stop) : 0;
    if (count == 0 && from >= stop && s + 1 < at->seg_count) {
        seg = &doc->segs[at->segs[s + 1]];
        from = seg->first;
        count = rest_of_seg(filling, from, seg->first + seg->count);
    } else if (count == 0 && band + 1 < fill_record(filling)->count && !at[1].labelled &&
               at->seg_count == 1) { /* on the line below */
        seg = &doc->segs[at[1].segs[0]];
        from = seg->first;
        count = seg->count;
        band++;
    }
    if (count == 0)
        return false;
    float left = doc->tokens[from].box.x0;
    bool set_in = left > doc->tokens[token].box.x0 + 6;
    struct value *value = set_in && is_textual(field->type)
                              ? with_lines(filling, field, band, from, count, left)
                              : value_in(filling, field, from, count);
    if (value == NULL)
        return false;
    value->label = doc_text(doc, token, behind - token);
    fill_use(filling, token, behind - token);
    fill_put(filling, f, value);
    return true;
}

void
fill_by_labels(const struct filling *filling)
{
    const struct doc *doc = filling->solve->doc;
    const struct block_record *record = fill_record(filling);

    for (uint32_t f = 0; f < filling->table->field_count; f++)
        for (uint32_t b = 0; b < record->count && *fill_value(filling, f) == NULL; b++)
            for (uint32_t s = 0; s < record->bands[b].seg_count; s++) {
                const struct seg *seg = &doc->segs[record->bands[b].segs[s]];
                for (uint32_t t = seg->first;
                     t < seg->first + seg->count && *fill_value(filling, f) == NULL; t++)
                    (void)take_label(filling, f, b, s, t);
            }
}

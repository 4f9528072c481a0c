/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/values.c - values and check boxes of a form stand on the lines of their labels.
 *
 * What fills a field in is set in the field's own type, at a height of its own, and drawn after all
 * else. The label is the text nearest to the left of the field at its height; of a check box, that
 * to its right, else to its left. Method: our own. */
#include "layout/layout_internal.h"

#include "page/chars.h"

#include <math.h>
#include <string.h>

/* Comparisons of fields with fragments; beyond it the other fields are left as they are. */
enum { WORK_MAX = 10000000 };

/* In sizes of the label. */
static const float check_gap = 2.5f; /* from a box to what it is for */
static const float first_line = 1.2f;
static const float label_gap = 30;

static bool
is_in(struct box field, struct box box)
{
    float x = (box.x0 + box.x1) / 2, y = (box.y0 + box.y1) / 2;

    return box_contains(field, (struct box){x, y, x, y});
}

/* The text that stands nearest to the field on one side at its height; NULL: none within most. */
static const struct frag *
find_beside(const struct layout *layout, struct box field, bool right, float most)
{
    const struct frag *best = NULL;
    float nearest = INFINITY;

    for (uint32_t i = 0; i < layout->frag_count; i++) {
        const struct frag *frag = &layout->frags[i];
        float y = frag->baseline - 0.3f * frag->size;
        float gap = right ? frag->box.x0 - field.x1 : field.x0 - frag->box.x1;
        if (frag->field || frag->vertical || y < field.y0 || y > field.y1 || gap >= nearest ||
            gap < -0.5f * frag->size || gap > most * frag->size)
            continue;
        nearest = gap;
        best = frag;
    }
    return best;
}

/* The value's first line. */
static struct frag *
find_value(const struct layout *layout, struct box field)
{
    struct frag *first = NULL;

    for (uint32_t i = 0; i < layout->frag_count; i++) {
        struct frag *frag = &layout->frags[i];
        if (frag->field && is_in(field, frag->box) &&
            (first == NULL || frag->baseline < first->baseline))
            first = frag;
    }
    return first;
}

static void
set_mark(struct layout *layout, struct box field)
{
    struct frag *mark = find_value(layout, field);
    const struct frag *label = find_beside(layout, field, true, check_gap);

    if (label == NULL)
        label = find_beside(layout, field, false, check_gap);
    if (mark == NULL || label == NULL)
        return;
    mark->baseline = label->baseline;
    mark->size = label->size;
    for (uint32_t i = 0; i < mark->word_count; i++)
        layout->page->words[layout->word_ids[mark->first_word + i]].size = label->size;
}

static void
set_value(struct layout *layout, struct box field)
{
    struct frag *value = find_value(layout, field);

    if (value == NULL)
        return;
    const struct frag *label = find_beside(layout, field, false, label_gap);
    float from = value->baseline;
    if (label == NULL || fabsf(label->baseline - from) > first_line * label->size)
        return;
    for (uint32_t i = 0; i < layout->frag_count; i++) {
        struct frag *frag = &layout->frags[i];
        if (frag->field && frag->baseline == from && is_in(field, frag->box))
            frag->baseline = label->baseline;
    }
}

/* U+2610 to U+2612, of whatever origin. */
static bool
is_check(const struct layout *layout, const struct frag *frag)
{
    uint32_t code;

    if (frag->word_count != 1)
        return false;
    const char *text = layout->page->words[layout->word_ids[frag->first_word]].text;
    code = chars_first(text, strlen(text));
    return code >= 0x2610 && code <= 0x2612;
}

void
values_settle(struct layout *layout)
{
    const struct page *page = layout->page;

    for (uint32_t i = 0; i < layout->frag_count; i++)
        layout->frags[i].field = is_check(layout, &layout->frags[i]);
    size_t work = (size_t)layout->frag_count * 4;
    uint32_t fields = page->field_count;

    if (work * fields > WORK_MAX)
        fields = (uint32_t)(WORK_MAX / work);
    for (uint32_t k = 0; k < fields; k++)
        for (uint32_t i = 0; i < layout->frag_count; i++)
            layout->frags[i].field |= is_in(page->fields[k].box, layout->frags[i].box);
    for (uint32_t k = 0; k < fields; k++) {
        const struct page_field *field = &page->fields[k];
        if (field->kind == FIELD_CHECK || field->kind == FIELD_RADIO)
            set_mark(layout, field->box);
        else
            set_value(layout, field->box);
    }
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "render/fields.h"

/* Comparisons of fields with words on one page: a bound for pages with a hundred thousand of both.
 */
enum { FIELD_WORK_MAX = 20000000 };

/* Whether the field's value stands on the page as words already. */
static bool
is_shown(struct fields *fields, const struct page_field *field)
{
    const struct page *page = fields->page;

    for (uint32_t i = 0; i < page->word_count && fields->work < FIELD_WORK_MAX;
         i++, fields->work++) {
        struct box box = page->words[i].box;
        float x = (box.x0 + box.x1) / 2, y = (box.y0 + box.y1) / 2;
        if (box_contains(field->box, (struct box){x, y, x, y}))
            return true;
    }
    return false;
}

bool
fields_next(struct fields *fields, const char **ret_name, const char **ret_value)
{
    while (fields->next < fields->page->field_count) {
        const struct page_field *field = &fields->page->fields[fields->next++];
        bool button = field->kind == FIELD_CHECK || field->kind == FIELD_RADIO;
        const char *value =
            button && field->checked && field->value[0] == '\0' ? "Yes" : field->value;
        if (value[0] == '\0' || field->name[0] == '\0' || (button && !field->checked) ||
            is_shown(fields, field))
            continue;
        *ret_name = field->name;
        *ret_value = value;
        return true;
    }
    return false;
}

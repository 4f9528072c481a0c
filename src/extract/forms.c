/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Fields of an electronic form: their values need no reading, and their names say what they are. */
#include "extract/solve.h"

#include <string.h>

static bool
is_same(struct solve *solve, const struct field *field, const struct page_field *form)
{
    uint16_t concept = 0, role = 0;
    char *key = fold_key(solve->arena, form->name, strlen(form->name));

    if (key == NULL || form->name[0] == '\0')
        return false;
    fold_skeleton(key);
    if ((field->own_key != NULL && strcmp(key, field->own_key) == 0) ||
        (field->title_key != NULL && strcmp(key, field->title_key) == 0))
        return true;
    float known = fields_meaning(solve, form->name, false, field->shape->types, &concept, &role);
    return known > 0.8F && concept != 0 && concept == field->concept && !field->generic &&
           (field->role == 0 || role == field->role);
}

/* What stands there has the form that the field's type asks for. */
static bool
is_form_of(const struct field *field, const char *text)
{
    struct number number;
    char buf[128];
    bool proved;
    int a, b, c;

    switch (field->type) {
    case TYPE_DURATION:
        return duration_parse(text, buf, sizeof(buf)) > 0;
    case TYPE_TIME:
        return time_parse(text, &a, &b, &c) > 0;
    case TYPE_DATE:
        return field->shape->format == NULL && field->wish.printed;
    case TYPE_EMAIL:
        return email_parse(text) > 0;
    case TYPE_PHONE:
        return phone_parse(text, &a) > 0;
    case TYPE_IBAN:
        return iban_parse(text, buf, sizeof(buf), &proved) > 0;
    case TYPE_MONEY:
    case TYPE_NUMBER:
    case TYPE_PERCENT:
        return number_parse(text, &number) > 0;
    default:
        return true;
    }
}

/* The value as JSON in the field's type; NULL: it does not suit. */
static const char *
json_of(struct solve *solve, const struct field *field, const struct page_field *form,
        enum normalization *ret_norm)
{
    struct number number;
    struct date date;
    size_t len = strlen(form->value);
    unsigned types = field->shape->types;

    if (form->kind == FIELD_CHECK || form->kind == FIELD_RADIO) {
        *ret_norm = NORM_BOOLEAN;
        if (field->type == TYPE_BOOL)
            return form->checked ? "true" : "false";
        return NULL;
    }
    if (len == 0 || field->type == TYPE_BOOL)
        return NULL;
    if ((types & SCHEMA_STRING) == 0 && (types & SCHEMA_INTEGER) != 0) {
        *ret_norm = NORM_NUMBER;
        return number_parse(form->value, &number) == len ? arena_strdup(solve->arena, number.text)
                                                         : NULL;
    }
    if (field->type == TYPE_DATE && date_parse(form->value, &date) == len) {
        *ret_norm = NORM_DATE;
        return value_quote(solve->arena, arena_printf(solve->arena, "%04d-%02d-%02d", date.year,
                                                      date.month, date.day));
    }
    if (!is_form_of(field, form->value))
        return NULL;
    *ret_norm = NORM_TEXT;
    return value_quote(solve->arena, form->value);
}

static void
offer_form(struct solve *solve, struct field *field, uint32_t at, const struct page_field *form)
{
    enum normalization norm = NORM_TEXT;
    const char *json = json_of(solve, field, form, &norm);
    struct value *value = json == NULL ? NULL : value_new(solve->doc, json, 0, 0, norm, 0.96F);

    if (value == NULL)
        return;
    value->field = form;
    value->field_page = at;
    value->label = form->name;
    offer(field, value, 0.96F, 0, 0, NULL);
}

void
find_in_forms(struct solve *solve)
{
    for (uint32_t p = 0; p < solve->doc->page_count; p++) {
        const struct page *page = solve->doc->pages[p];
        for (uint32_t k = 0; k < page->field_count; k++)
            for (uint32_t i = 0; i < solve->field_count && !solve->full; i++) {
                struct field *field = &solve->fields[i];
                if (!field->item && !field->many && field->node != NULL &&
                    is_same(solve, field, &page->fields[k]))
                    offer_form(solve, field, p, &page->fields[k]);
            }
    }
}

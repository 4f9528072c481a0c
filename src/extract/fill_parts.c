/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Fields of a record that its first lines tell by what stands where, and the rest as its text. */
#include "extract/fill_internal.h"

#include <string.h>

static const char *const slots_of_parts[PART_KINDS] = {"name", "title", "org", "place"};

/* --- what the first lines say --- */

static struct value *
part_value(const struct filling *filling, const struct field *field, const struct block_part *part,
           float confidence)
{
    char *text = doc_text(filling->solve->doc, part->first, part->count);

    if (text == NULL)
        return NULL;
    size_t before = strlen(text), len = before;
    while (len > 0 && strchr(",;:|)", text[len - 1]) != NULL &&
           !(text[len - 1] == ')' && strchr(text + 1, '(') != NULL))
        text[--len] = '\0';
    while (*text != '\0' && strchr("(,;:|", *text) != NULL)
        text++;
    return make_string(filling->solve, field, text, part->first, part->count,
                       strlen(text) < before ? NORM_TRIMMED : NORM_TEXT, confidence);
}

static void
take_part(const struct filling *filling, uint32_t f, const struct record_parts *parts,
          enum part_kind kind)
{
    int at = parts->chosen[kind];

    if (at < 0 || *fill_value(filling, f) != NULL)
        return;
    const struct block_part *part = &parts->parts[at];
    float sure = part->kind[kind] > 0.5F ? sure_word : sure_place;
    fill_put(filling, f, part_value(filling, fill_field(filling, f), part, sure));
}

/* The first part that serves nothing else. */
static void
take_next(const struct filling *filling, uint32_t f, const struct record_parts *parts)
{
    for (uint32_t i = 0; i < parts->count && *fill_value(filling, f) == NULL; i++)
        if (fill_is_free(filling, parts->parts[i].first, parts->parts[i].count))
            fill_put(filling, f,
                     part_value(filling, fill_field(filling, f), &parts->parts[i], sure_rest));
}

/* --- the rest --- */

static uint32_t
rest_of(const struct filling *filling, uint32_t from, uint32_t tokens[FILL_TOKENS_MAX])
{
    const struct block_record *record = fill_record(filling);
    const struct doc *doc = filling->solve->doc;
    uint32_t n = 0;

    for (uint32_t b = from; b < record->count; b++)
        for (uint32_t s = 0; s < record->bands[b].seg_count; s++) {
            const struct seg *seg = &doc->segs[record->bands[b].segs[s]];
            bool mark = s == 0 && record->bands[b].marker > 0 && seg->count > 1;
            for (uint32_t t = seg->first + (mark ? record->bands[b].marker : 0);
                 t < seg->first + seg->count && n < FILL_TOKENS_MAX; t++)
                if (!filling->used[t])
                    tokens[n++] = t;
        }
    /* A mark between what was taken is no text. */
    while (n > 0 && doc->tokens[tokens[0]].key[0] == '\0') {
        memmove(tokens, tokens + 1, (n - 1) * sizeof(*tokens));
        n--;
    }
    while (n > 0 && doc->tokens[tokens[n - 1]].key[0] == '\0')
        n--;
    return n;
}

static void
take_body(const struct filling *filling, uint32_t f, const struct record_parts *parts)
{
    uint32_t tokens[FILL_TOKENS_MAX];
    uint32_t n = rest_of(filling, parts->head, tokens);

    if (n == 0)
        n = rest_of(filling, 0, tokens);
    if (n > 0)
        fill_put(filling, f,
                 make_tokens(filling->solve, fill_field(filling, f), tokens, n, sure_rest));
}

bool
fill_is_list(const struct field *field)
{
    return (field->shape->types & SCHEMA_STRING) == 0 &&
           (field->shape->types & SCHEMA_ARRAY) != 0 && field->shape->items != NULL &&
           (field->shape->items->types & SCHEMA_STRING) != 0;
}

/* Each mark of a list in the record begins one text. */
void
fill_put_list(const struct filling *filling, const struct field *field, struct node *row,
              uint32_t head)
{
    const struct block_record *record = fill_record(filling);
    struct node *list = node_add(filling->solve->arena, row, NODE_ARRAY, field->shape->name);
    struct field one = *field;
    uint32_t tokens[FILL_TOKENS_MAX];

    if (list == NULL) {
        filling->solve->full = true;
        return;
    }
    list->shape = field->shape;
    one.shape = field->shape->items;
    for (uint32_t b = head; b < record->count;) {
        uint32_t end = b + 1;
        while (end < record->count && !record->bands[end].bullet && record->bands[b].bullet)
            end++;
        struct filling part = *filling;
        struct block_record lines = {record->bands + b, end - b};
        struct block_records whole = {.records = &lines, .count = 1};
        part.records = &whole;
        part.record = 0;
        uint32_t n = rest_of(&part, 0, tokens);
        struct value *value =
            n == 0 ? NULL : make_tokens(filling->solve, &one, tokens, n, sure_rest);
        struct node *leaf =
            value == NULL ? NULL : node_add(filling->solve->arena, list, NODE_LEAF, NULL);
        if (leaf != NULL) {
            leaf->value = value;
            leaf->shape = one.shape;
        }
        b = end;
    }
}

void
fill_by_parts(const struct filling *filling, const struct record_parts *parts)
{
    for (int k = 0; k < PART_KINDS; k++)
        for (uint32_t f = 0; f < filling->table->field_count; f++)
            if (fill_is_slot(filling, f, slots_of_parts[k]))
                take_part(filling, f, parts, (enum part_kind)k);
    for (uint32_t f = 0; f < filling->table->field_count; f++)
        if (fill_is_slot(filling, f, "name") || fill_is_slot(filling, f, "title") ||
            fill_is_slot(filling, f, "level"))
            take_next(filling, f, parts);
    for (uint32_t f = 0; f < filling->table->field_count; f++)
        if (*fill_value(filling, f) == NULL &&
            (fill_is_slot(filling, f, "body") || fill_is_slot(filling, f, "frequency")) &&
            !fill_is_list(fill_field(filling, f)))
            take_body(filling, f, parts);
}

unsigned
fill_wanted_parts(const struct filling *filling)
{
    unsigned wanted = 0;

    for (uint32_t f = 0; f < filling->table->field_count; f++)
        for (int k = 0; k < PART_KINDS; k++)
            if (fill_is_slot(filling, f, slots_of_parts[k]))
                wanted |= 1U << k;
    return wanted;
}

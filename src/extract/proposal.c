/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "extract/solve.h"

#include "base/json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Own values from this confidence on stand against a proposal. */
static const float own_confidence_least = 0.6F;

enum { KEY_MAX = 400, DROPPED_SHOWN = 8 };

/* The words that read as the text, letter by letter; the number of tokens. 0: they are not there.
 */
static uint32_t
find_text(const struct solve *solve, const char *text, uint32_t *ret_first)
{
    char *wanted = fold_key(solve->arena, text, strlen(text));
    const struct doc *doc = solve->doc;

    if (wanted == NULL)
        return 0;
    fold_skeleton(wanted);
    size_t len = strlen(wanted);
    for (uint32_t i = 0; len > 0 && len < KEY_MAX && i < doc->token_count; i++) {
        size_t used = 0;
        uint32_t n = 0;
        while (used < len && i + n < doc->token_count) {
            size_t part = strlen(doc->tokens[i + n].key);
            if (used + part > len || memcmp(wanted + used, doc->tokens[i + n].key, part) != 0)
                break;
            used += part;
            n++;
        }
        if (used == len && n > 0) {
            *ret_first = i;
            return n;
        }
    }
    return 0;
}

static const struct item *
find_number(const struct solve *solve, double number)
{
    for (uint32_t k = 0; k < solve->items->count; k++) {
        const struct item *item = &solve->items->items[k];
        if (item->kind == ITEM_NUMBER && fabs(item->number.value - number) < 1e-9)
            return item;
    }
    return NULL;
}

static const struct item *
find_date(const struct solve *solve, const char *text)
{
    for (uint32_t k = 0; k < solve->items->count; k++) {
        const struct item *item = &solve->items->items[k];
        if (item->kind == ITEM_DATE && strcmp(item->text, text) == 0)
            return item;
    }
    return NULL;
}

/* The proposed leaf as a value of the page's own words; NULL: it is not on the pages. */
static struct value *
ground(struct solve *solve, const json_t *proposed)
{
    struct field field = {.shape = NULL};
    static const struct schema_shape any = {.pointer = "", .types = SCHEMA_ANY};
    uint32_t first;

    field.shape = &any;
    if (json_is_number(proposed)) {
        const struct item *item = find_number(solve, json_number_value(proposed));
        return item == NULL ? NULL
                            : value_new(solve->doc, item->text, item->first, item->count,
                                        NORM_NUMBER, 0.75F);
    }
    if (!json_is_string(proposed))
        return NULL;
    const char *text = json_string_value(proposed);
    const struct item *date = find_date(solve, text);
    if (date != NULL)
        return make_string(solve, &field, date->text, date->first, date->count, NORM_DATE, 0.75F);
    uint32_t count = find_text(solve, text, &first);
    return count == 0 ? NULL : make_text(solve, &field, first, count, 0.75F);
}

static void
warn_whole(struct solve *solve, const char *text)
{
    if (solve->warning_count < DROPPED_SHOWN)
        solve->warnings[solve->warning_count++] = text;
}

static void
warn_dropped(struct solve *solve, const char *name)
{
    if (solve->warning_count >= DROPPED_SHOWN)
        return;
    char *text = arena_printf(solve->arena,
                              "the proposed value of '%.80s' is not on the pages: dropped", name);
    if (text != NULL)
        solve->warnings[solve->warning_count++] = text;
}

static void
take_leaf(struct solve *solve, struct node *node, const json_t *proposed)
{
    if (proposed == NULL || json_is_null(proposed) ||
        (node->value != NULL && node->value->confidence >= own_confidence_least))
        return;
    struct value *value = ground(solve, proposed);
    if (value == NULL) {
        warn_dropped(solve, node->name != NULL ? node->name : "");
        return;
    }
    if (node->value != NULL && strcmp(node->value->json, value->json) != 0)
        value->others[value->other_count++] = node->value;
    node->value = value;
}

// NOLINTNEXTLINE(misc-no-recursion): ends with the depth of the schema
static void
take(struct solve *solve, struct node *node, const json_t *proposed)
{
    if (node->kind == NODE_LEAF) {
        take_leaf(solve, node, proposed);
        return;
    }
    if (node->kind == NODE_OBJECT && json_is_object(proposed))
        for (uint32_t i = 0; i < node->child_count; i++)
            take(solve, node->children[i], json_object_get(proposed, node->children[i]->name));
    /* Rows are the pages' own: a proposal fills their gaps only where the counts agree. */
    if (node->kind != NODE_ARRAY || !json_is_array(proposed))
        return;
    if (json_array_size(proposed) != node->child_count)
        warn_whole(solve, "the proposed rows are not as many as those on the pages: dropped");
    else
        for (uint32_t i = 0; i < node->child_count; i++)
            take(solve, node->children[i], json_array_get(proposed, i));
}

/* The caller owns it; NULL: it is no object. */
static json_t *
read_object(const char *text, size_t len)
{
    json_t *value = NULL;

    if (json_read((struct span){(const uint8_t *)text, len}, &value, NULL) != ERR_OK)
        return NULL;
    if (json_is_object(value))
        return value;
    json_decref(value);
    return NULL;
}

/* From the first brace to the last: models like to fence and to explain. */
static json_t *
read_content(const char *text)
{
    const char *begin = strchr(text, '{');
    const char *end = strrchr(text, '}');

    return begin != NULL && end > begin ? read_object(begin, (size_t)(end - begin) + 1) : NULL;
}

void
proposal_ground(struct solve *solve, struct node *root, const char *proposal)
{
    json_t *value = read_object(proposal, strlen(proposal));
    const json_t *choice = json_array_get(json_object_get(value, "choices"), 0);

    if (choice != NULL) { /* the answer of a chat server, as it came */
        const char *text =
            json_string_value(json_object_get(json_object_get(choice, "message"), "content"));
        json_t *inner = text != NULL ? read_content(text) : NULL;
        json_decref(value);
        value = inner;
    }
    if (value != NULL)
        take(solve, root, value);
    else
        warn_whole(solve, "the proposal is no JSON object: ignored");
    json_decref(value);
}

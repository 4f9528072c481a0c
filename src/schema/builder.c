/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "schema/schema_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { SLOT_COUNT = 2 * SCHEMA_MAX_NODES /* a power of two */ };

bool
builder_no_memory(struct builder *b)
{
    if (b->rc == ERR_OK)
        b->rc = err_set(b->err, ERR_LIMIT, "schema: compiled, it takes more memory than allowed");
    return false;
}

void *
builder_alloc(struct builder *b, size_t count, size_t size)
{
    void *made = b->rc == ERR_OK ? arena_array(b->arena, count, size) : NULL;
    if (made == NULL)
        (void)builder_no_memory(b);
    return made;
}

void
builder_fail(struct builder *b, enum err_code code, const char *pointer, const char *format, ...)
{
    char what[200];
    va_list args;

    if (b->rc != ERR_OK)
        return;
    va_start(args, format);
    (void)vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    b->rc =
        err_set(b->err, code, "schema, at \"%.120s\": %s", pointer != NULL ? pointer : "", what);
}

static void
put_escaped(struct buf *out, const char *token)
{
    for (; *token != '\0'; token++) {
        if (*token == '~' || *token == '/')
            buf_string(out, *token == '~' ? "~0" : "~1");
        else
            buf_char(out, *token);
    }
}

const char *
builder_pointer(struct builder *b, const char *base, const char *keyword, const char *key)
{
    struct buf text;
    buf_init(&text, 2 * SCHEMA_MAX_BYTES);
    buf_string(&text, base);
    buf_char(&text, '/');
    put_escaped(&text, keyword);
    if (key != NULL) {
        buf_char(&text, '/');
        put_escaped(&text, key);
    }
    const char *made = text.spoilt ? NULL : arena_strndup(b->arena, buf_text(&text), text.len);
    buf_fini(&text);
    if (made == NULL)
        (void)builder_no_memory(b);
    return made;
}

static struct slot *
slot_for(struct builder *b, const json_t *json)
{
    size_t at = ((uintptr_t)json >> 4) * 0x9E3779B97F4A7C15u >> 40;

    if (b->slots == NULL)
        b->slots = builder_alloc(b, SLOT_COUNT, sizeof(*b->slots));
    if (b->slots == NULL)
        return NULL;
    for (;; at++) {
        struct slot *slot = &b->slots[at & (SLOT_COUNT - 1)];
        if (slot->json == NULL || slot->json == json)
            return slot;
    }
}

static bool
says_draft_07(const char *dialect, bool otherwise)
{
    if (dialect == NULL)
        return otherwise;
    return strstr(dialect, "draft-07") != NULL || strstr(dialect, "draft-06") != NULL ||
           strstr(dialect, "draft-04") != NULL;
}

/* Looks at $id: a schema that names itself is a resource of its own, or (draft-07) an anchor. */
static struct resource *
resource_of(struct builder *b, struct node *node, const json_t *json, struct resource *outer)
{
    const char *id = json_string_value(json_object_get(json, "$id"));
    const char *dialect = json_string_value(json_object_get(json, "$schema"));
    bool draft_07 = says_draft_07(dialect, outer->draft_07);

    if (outer->root == json)
        outer->draft_07 = draft_07;
    if (id == NULL || (draft_07 && json_object_get(json, "$ref") != NULL))
        return outer;
    if (draft_07 && id[0] == '#') {
        refs_anchor(b, outer, id + 1, json, node, false);
        return outer;
    }
    const char *uri = uri_resolve(b->arena, outer->uri, id);
    if (uri == NULL) {
        (void)builder_no_memory(b);
        return outer;
    }
    return refs_resource(b, uri, json, node->pointer, draft_07);
}

static struct node *
node_make(struct builder *b, const char *pointer)
{
    struct node *node = builder_alloc(b, 1, sizeof(*node));

    if (++b->node_count > SCHEMA_MAX_NODES)
        builder_fail(b, ERR_LIMIT, pointer, "more than %d schemas", SCHEMA_MAX_NODES);
    if (node == NULL || b->rc != ERR_OK)
        return NULL;
    node->pointer = pointer;
    node->max_length = node->max_items = node->max_properties = SIZE_MAX;
    node->max_contains = SIZE_MAX;
    node->min_contains = 1;
    return node;
}

static void
read_object(struct builder *b, struct node *node, const json_t *json, struct resource *outer)
{
    node->resource = resource_of(b, node, json, outer);
    const char *anchor = json_string_value(json_object_get(json, "$anchor"));
    const char *dynamic = json_string_value(json_object_get(json, "$dynamicAnchor"));
    if (anchor != NULL)
        refs_anchor(b, node->resource, anchor, json, node, false);
    if (dynamic != NULL)
        refs_anchor(b, node->resource, dynamic, json, node, true);
    keywords_read(b, node, json);
}

struct node *
builder_node(struct builder *b, const json_t *json, struct resource *resource, const char *pointer)
{
    if (b->rc != ERR_OK || pointer == NULL)
        return NULL;
    bool empty_list = json_is_array(json) && json_array_size(json) == 0; /* PHP's {} */
    if (!json_is_object(json) && !json_is_boolean(json) && !empty_list) {
        builder_fail(b, ERR_INPUT, pointer, "a schema is an object, true or false");
        return NULL;
    }
    struct slot *slot = json_is_object(json) ? slot_for(b, json) : NULL;
    if (slot != NULL && slot->node != NULL)
        return slot->node;
    struct node *node = node_make(b, pointer);
    if (node == NULL)
        return NULL;
    node->resource = resource;
    node->kind = json_is_object(json) ? NODE_OBJECT : json_is_false(json) ? NODE_FALSE : NODE_TRUE;
    if (slot == NULL)
        return node;
    *slot = (struct slot){.json = json, .node = node};
    if (b->depth > SCHEMA_MAX_DEPTH) {
        builder_fail(b, ERR_LIMIT, pointer, "schemas nest deeper than the limit of %d",
                     SCHEMA_MAX_DEPTH);
        return NULL;
    }
    b->depth++;
    read_object(b, node, json, resource);
    b->depth--;
    return node;
}

/* From the JSON of the schema to the node of its root. */
static struct node *
build_root(struct builder *b, const json_t *json)
{
    struct resource *resource = refs_resource(b, "", json, "", b->options->draft_07);
    struct node *root = resource != NULL ? builder_node(b, json, resource, "") : NULL;

    refs_resolve(b);
    return b->rc == ERR_OK ? root : NULL;
}

static void
build(struct builder *b, json_t *json, struct schema *schema)
{
    json_t *expanded = NULL;

    if (!b->options->raw && shorthand_is(json)) {
        expanded = shorthand_expand(b, json);
        json = expanded;
    }
    if (b->rc == ERR_OK)
        schema->root = build_root(b, json);
    schema->tracks = b->tracks;
    schema->formats = !b->options->ignore_formats;
    if (b->rc == ERR_OK && !b->options->raw)
        schema->shape = shape_build(b, schema->root);
    json_decref(expanded);
    for (struct document *d = b->documents; d != NULL; d = d->next)
        json_decref(d->json);
}

enum err_code
schema_compile_as(struct arena *arena, struct span text, const struct schema_options *options,
                  struct schema **ret_schema, struct err *err)
{
    static const struct schema_options none;
    struct builder b = {.arena = arena, .options = options != NULL ? options : &none, .err = err};
    json_t *json = NULL;

    if (text.len > SCHEMA_MAX_BYTES)
        return err_set(err, ERR_LIMIT, "schema: %zu bytes, the limit is %d", text.len,
                       SCHEMA_MAX_BYTES);
    enum err_code rc = json_read(text, &json, err);
    if (rc != ERR_OK)
        return rc;
    struct schema *schema = builder_alloc(&b, 1, sizeof(*schema));
    if (schema != NULL)
        build(&b, json, schema);
    json_decref(json);
    if (b.rc == ERR_OK)
        *ret_schema = schema;
    return b.rc;
}

enum err_code
schema_compile(struct arena *arena, struct span text, struct schema **ret_schema, struct err *err)
{
    return schema_compile_as(arena, text, NULL, ret_schema, err);
}

const struct schema_shape *
schema_root(const struct schema *schema)
{
    return schema->shape;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later
 * schema/schema_internal.h - the compiled form: nodes as the document has them, and what builds
 * them. A node is one schema; its keywords point at other nodes. */
#pragma once

#include "schema/schema.h"

#include "base/pattern.h"

struct node;

struct node_list {
    struct node **at;
    size_t count;
};

struct name {
    const char *text;
    size_t len;
};

struct name_list {
    struct name *at;
    size_t count;
};

/* A property of `properties`, `patternProperties` or `dependentSchemas`. */
struct member {
    struct name name;
    const struct pattern *pattern; /* patternProperties */
    struct node *node;
};

struct member_list {
    struct member *at;
    size_t count;
};

/* dependentRequired: where name is there, the others must be. */
struct dependency {
    struct name name;
    struct name_list others;
};

struct anchor {
    const char *name;
    const json_t *json;
    struct node *node;
    bool dynamic;
    struct anchor *next;
};

/* A document, or the part of one that has an $id of its own. */
struct resource {
    const char *uri;     /* without fragment; "" where there is none */
    const char *pointer; /* of its root in its document */
    const json_t *root;
    bool draft_07;
    struct anchor *anchors;
    struct resource *next;
};

struct node {
    const char *pointer;
    struct resource *resource;
    enum { NODE_OBJECT, NODE_TRUE, NODE_FALSE } kind;

    unsigned types; /* 0: no `type` */
    const char *title, *description, *format, *pattern_text;
    const struct pattern *pattern;
    const struct schema_value *enums; /* `enum` */
    size_t enum_count;
    bool has_enum;
    const struct schema_value *constant, *preset, *examples;
    size_t example_count;

    unsigned limits; /* enum schema_limit */
    double minimum, maximum, exclusive_minimum, exclusive_maximum, multiple_of;
    size_t min_length, max_length, min_items, max_items, min_properties, max_properties;
    size_t min_contains, max_contains;
    bool unique_items;

    const char *ref_text, *dynamic_ref_text;
    struct node *ref, *dynamic_ref;
    const char *dynamic_name; /* set where dynamic_ref is to be looked up again on the way */
    struct node_list all_of, any_of, one_of, prefix_items;
    struct node *negated, *condition, *then, *otherwise;

    struct member_list properties, pattern_properties, dependent_schemas;
    struct dependency *dependent_required;
    size_t dependent_required_count;
    struct name_list required;
    struct node *additional_properties, *unevaluated_properties, *property_names;
    struct node *items, *contains, *unevaluated_items;
};

struct schema {
    struct node *root;
    const struct schema_shape *shape;
    bool formats;
    bool tracks; /* some node has unevaluated...: what was evaluated must be remembered */
};

/* What is being built. The first error stops all. */
struct slot {
    const json_t *json;
    struct node *node;
};

/* A supplied document that a reference led to; its JSON lives until the building is done. */
struct document {
    const char *uri;
    json_t *json;
    struct resource *resource;
    struct document *next;
};

struct builder {
    struct arena *arena;
    const struct schema_options *options;
    struct err *err;
    enum err_code rc;
    bool tracks;
    struct resource *resources;
    size_t node_count;
    struct slot *slots; /* which JSON value became which node */
    struct document *documents;
    struct node **refs; /* nodes whose references are still to be resolved */
    size_t ref_count, ref_cap, ref_done;
    int depth;
};

/* builder.c. After a failure allocations give NULL and the rest may return early. */
bool builder_no_memory(struct builder *b); /* notes the failure; false */
void *builder_alloc(struct builder *b, size_t count, size_t size);
void builder_fail(struct builder *b, enum err_code code, const char *pointer, const char *format,
                  ...) PRINTF_LIKE(4, 5);
/* The node of a schema; the same JSON value gives the same node. NULL after an error. */
struct node *builder_node(struct builder *b, const json_t *json, struct resource *resource,
                          const char *pointer);
/* base + "/" + the parts, escaped; later parts may be NULL. */
const char *builder_pointer(struct builder *b, const char *base, const char *keyword,
                            const char *key);

/* keywords.c: reads the members of json into node. */
void keywords_read(struct builder *b, struct node *node, const json_t *json);

/* refs.c */
struct resource *refs_resource(struct builder *b, const char *uri, const json_t *root,
                               const char *pointer, bool draft_07);
void refs_anchor(struct builder *b, struct resource *resource, const char *name, const json_t *json,
                 struct node *node, bool dynamic);
/* Resolves what is left of b->refs, which may bring new nodes and new references. */
void refs_resolve(struct builder *b);
const struct anchor *refs_find_anchor(const struct resource *resource, const char *name);

/* uri.c: RFC 3986 section 5.2; NULL without memory. The fragment of ref is left out. */
const char *uri_resolve(struct arena *arena, const char *base, const char *ref);

/* value.c */
bool value_of(struct builder *b, const json_t *json, struct schema_value *ret_value);
bool value_equals(const struct schema_value *value, const json_t *json);
bool json_same(const json_t *a, const json_t *b);
unsigned json_types(const json_t *json);

/* shorthand.c: whether json, at the top of what a client sent, is shorthand; its JSON Schema (new
 * reference, NULL after an error). */
bool shorthand_is(const json_t *json);
json_t *shorthand_expand(struct builder *b, const json_t *json);

/* shape.c: the merged tree; fails where nothing can meet the schema. */
const struct schema_shape *shape_build(struct builder *b, const struct node *root);

/* format.c: whether the text has the format; true for formats that are not known. */
bool format_matches(const char *format, const char *text, size_t len);

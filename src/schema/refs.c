/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "schema/schema_internal.h"

#include <stdlib.h>
#include <string.h>

struct resource *
refs_resource(struct builder *b, const char *uri, const json_t *root, const char *pointer,
              bool draft_07)
{
    struct resource *made = builder_alloc(b, 1, sizeof(*made));
    if (made == NULL)
        return NULL;
    *made = (struct resource){
        .uri = uri, .root = root, .pointer = pointer, .draft_07 = draft_07, .next = b->resources};
    b->resources = made;
    return made;
}

void
refs_anchor(struct builder *b, struct resource *resource, const char *name, const json_t *json,
            struct node *node, bool dynamic)
{
    struct anchor *made = resource != NULL ? builder_alloc(b, 1, sizeof(*made)) : NULL;
    const char *copy = made != NULL ? arena_strdup(b->arena, name) : NULL;
    if (copy == NULL) {
        (void)builder_no_memory(b);
        return;
    }
    *made = (struct anchor){
        .name = copy, .json = json, .node = node, .dynamic = dynamic, .next = resource->anchors};
    resource->anchors = made;
}

const struct anchor *
refs_find_anchor(const struct resource *resource, const char *name)
{
    for (const struct anchor *a = resource->anchors; a != NULL; a = a->next)
        if (strcmp(a->name, name) == 0)
            return a;
    return NULL;
}

/* The resource of that URI, a supplied document included; NULL if there is none. */
static struct resource *
find_resource(struct builder *b, const char *uri)
{
    size_t len = strlen(uri);
    for (struct resource *r = b->resources; r != NULL; r = r->next)
        if (strcmp(r->uri, uri) == 0)
            return r;
    for (size_t i = 0; i < b->options->document_count; i++) {
        const struct schema_document *supplied = &b->options->documents[i];
        size_t supplied_len = strcspn(supplied->uri, "#");
        if (supplied_len != len || memcmp(supplied->uri, uri, len) != 0)
            continue;
        struct document *made = builder_alloc(b, 1, sizeof(*made));
        if (made == NULL)
            return NULL;
        b->rc = json_read(supplied->text, &made->json, b->err);
        if (b->rc != ERR_OK)
            return NULL;
        made->next = b->documents;
        b->documents = made;
        struct resource *resource = refs_resource(b, uri, made->json, "", b->options->draft_07);
        if (resource != NULL)
            (void)builder_node(b, made->json, resource, "");
        return resource;
    }
    return NULL;
}

static int
hex_value(char c)
{
    const char *digits = "0123456789abcdef";
    const char *at = c != '\0' ? strchr(digits, c >= 'A' && c <= 'F' ? c | 0x20 : c) : NULL;
    return at != NULL ? (int)(at - digits) : -1;
}

/* Takes %XX apart, in place. */
static void
decode_percent(char *text)
{
    char *out = text;
    for (const char *in = text; *in != '\0'; in++) {
        if (in[0] == '%' && hex_value(in[1]) >= 0 && hex_value(in[2]) >= 0) {
            *out++ = (char)(hex_value(in[1]) * 16 + hex_value(in[2]));
            in += 2;
        } else {
            *out++ = *in;
        }
    }
    *out = '\0';
}

/* ~1 is a slash, ~0 a tilde; in place. */
static void
decode_token(char *text)
{
    char *out = text;
    for (const char *in = text; *in != '\0'; in++) {
        if (in[0] == '~' && (in[1] == '0' || in[1] == '1'))
            *out++ = *++in == '0' ? '~' : '/';
        else
            *out++ = *in;
    }
    *out = '\0';
}

static const json_t *
step_down(const json_t *json, const char *token)
{
    char *end;
    if (json_is_object(json))
        return json_object_get(json, token);
    if (!json_is_array(json) || *token < '0' || *token > '9')
        return NULL;
    unsigned long index = strtoul(token, &end, 10);
    return *end == '\0' ? json_array_get(json, index) : NULL;
}

/* The schema that a JSON Pointer leads to from the root of the resource. A schema with an $id on
 * the way is the base of what lies below it. */
static struct node *
follow_pointer(struct builder *b, struct resource *resource, char *pointer, const char *place)
{
    const json_t *json = resource->root;
    const char *where = resource->pointer;

    for (char *token = pointer; token != NULL && json != NULL;) {
        char *next = strchr(token + 1, '/');
        if (next != NULL)
            *next = '\0';
        decode_token(token + 1);
        json = step_down(json, token + 1);
        where = builder_pointer(b, where, token + 1, NULL);
        if (json == NULL || where == NULL)
            break;
        if (next != NULL)
            *next = '/';
        for (struct resource *r = b->resources; r != NULL; r = r->next)
            if (r->root == json)
                resource = r;
        token = next;
    }
    if (json == NULL) {
        builder_fail(b, ERR_INPUT, place, "the reference leads to nothing");
        return NULL;
    }
    return builder_node(b, json, resource, where);
}

/* The node that a reference names first; dynamic ones may be looked up again. */
static struct node *
follow(struct builder *b, const struct node *from, const char *text, const char *place,
       const char **ret_dynamic_name)
{
    const char *hash = strchr(text, '#');
    const char *uri = uri_resolve(b->arena, from->resource->uri, text);
    char *fragment = arena_strdup(b->arena, hash != NULL ? hash + 1 : "");

    if (uri == NULL || fragment == NULL) {
        (void)builder_no_memory(b);
        return NULL;
    }
    struct resource *resource = uri == from->resource->uri ? from->resource : find_resource(b, uri);
    if (resource == NULL) {
        builder_fail(b, ERR_INPUT, place,
                     "the reference \"%.80s\" leaves the document; only references within it are "
                     "followed",
                     text);
        return NULL;
    }
    decode_percent(fragment);
    if (*fragment == '\0')
        return builder_node(b, resource->root, resource, resource->pointer);
    if (*fragment == '/')
        return follow_pointer(b, resource, fragment, place);
    const struct anchor *anchor = refs_find_anchor(resource, fragment);
    if (anchor == NULL) {
        builder_fail(b, ERR_INPUT, place, "there is no anchor \"%.80s\"", fragment);
        return NULL;
    }
    if (anchor->dynamic)
        *ret_dynamic_name = anchor->name;
    return anchor->node;
}

void
refs_resolve(struct builder *b)
{
    while (b->rc == ERR_OK && b->ref_done < b->ref_count) {
        struct node *node = b->refs[b->ref_done++];
        const char *unused = NULL;
        if (node->ref_text != NULL)
            node->ref = follow(b, node, node->ref_text,
                               builder_pointer(b, node->pointer, "$ref", NULL), &unused);
        if (node->dynamic_ref_text != NULL && b->rc == ERR_OK)
            node->dynamic_ref =
                follow(b, node, node->dynamic_ref_text,
                       builder_pointer(b, node->pointer, "$dynamicRef", NULL), &node->dynamic_name);
    }
}

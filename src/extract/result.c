/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/jsonw.h"
#include "extract/extract_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const size_t output_bytes_max = MiB(64);

static const char *const norm_names[NORM_COUNT] = {
#define X(name, text) text,
    EXTRACT_NORMALIZATIONS(X)
#undef X
};

static const char *const absence_names[] = {"not_found", "ambiguous", "unreadable", "breaks_schema",
                                            "check_digits"};

struct node *
node_add(struct arena *arena, struct node *parent, enum node_kind kind, const char *name)
{
    struct node *node = arena_alloc(arena, sizeof(*node));

    if (node == NULL)
        return NULL;
    node->kind = kind;
    node->name = name;
    if (parent == NULL)
        return node;
    if (parent->child_count == parent->child_cap) {
        uint32_t cap = parent->child_cap * 2 + 8;
        void *more = arena_grow(arena, parent->children, parent->child_count, cap, sizeof(void *));
        if (more == NULL)
            return NULL;
        parent->children = more;
        parent->child_cap = cap;
    }
    parent->children[parent->child_count++] = node;
    return node;
}

const char *
value_quote(struct arena *arena, const char *text)
{
    struct buf out;
    struct jsonw w = {.out = &out};

    buf_init(&out, output_bytes_max);
    jsonw_string(&w, NULL, text);
    const char *quoted = out.spoilt ? NULL : arena_strdup(arena, buf_text(&out));
    buf_fini(&out);
    return quoted;
}

struct value *
value_new(const struct doc *doc, const char *json, uint32_t first, uint32_t count,
          enum normalization norm, float confidence)
{
    struct value *value = arena_alloc(doc->arena, sizeof(*value));
    uint32_t *tokens = arena_array(doc->arena, count, sizeof(*tokens));

    if (value == NULL || tokens == NULL || json == NULL)
        return NULL;
    for (uint32_t i = 0; i < count; i++)
        tokens[i] = first + i;
    value->json = json;
    value->tokens = tokens;
    value->token_count = count;
    value->norm = norm;
    value->confidence = confidence;
    return value;
}

/* --- writing --- */

struct writing {
    const struct doc *doc;
    struct buf result, evidence, review;
    struct jsonw r, e, v;
    double min_confidence, least;
    char pointer[1024];
};

static void
put_box(struct jsonw *w, const struct page *page, struct box box)
{
    box = page_box_as_seen(page, box);
    jsonw_array(w, NULL);
    jsonw_real(w, NULL, box.x0, 1);
    jsonw_real(w, NULL, box.y0, 1);
    jsonw_real(w, NULL, box.x1, 1);
    jsonw_real(w, NULL, box.y1, 1);
    jsonw_end(w);
}

/* One box a line of words, of those on the page (index into doc.pages). */
static void
put_boxes_on(struct writing *writing, const struct value *value, uint32_t page)
{
    const struct doc *doc = writing->doc;
    struct jsonw *w = &writing->e;

    jsonw_array(w, "boxes");
    for (uint32_t i = 0; i < value->token_count;) {
        const struct token *token = &doc->tokens[value->tokens[i]];
        struct box box = token->word->box;
        uint32_t end = i + 1;
        if (token->page != page) {
            i++;
            continue;
        }
        for (; end < value->token_count; end++) {
            const struct token *next = &doc->tokens[value->tokens[end]];
            if (next->line != token->line || next->page != token->page)
                break;
            box = box_union(box, next->word->box);
        }
        put_box(w, doc->pages[token->page], box);
        i = end;
    }
    if (value->field != NULL && value->field_page == page)
        put_box(w, doc->pages[page], value->field->box);
    jsonw_end(w);
}

/* The pages behind the first one on which words of the value stand: a description that runs over a
 * page break, the year of a day. */
static void
put_elsewhere(struct writing *writing, const struct value *value, uint32_t first)
{
    const struct doc *doc = writing->doc;
    struct jsonw *w = &writing->e;
    uint32_t last = first;

    for (uint32_t i = 0; i < value->token_count; i++) {
        uint32_t page = doc->tokens[value->tokens[i]].page;
        if (page == first || page == last)
            continue;
        if (last == first)
            jsonw_array(w, "elsewhere");
        last = page;
        jsonw_object(w, NULL);
        jsonw_int(w, "page", doc->pages[page]->index + 1);
        put_boxes_on(writing, value, page);
        jsonw_end(w);
    }
    if (last != first)
        jsonw_end(w);
}

static uint32_t
page_of(const struct writing *writing, const struct value *value)
{
    const struct doc *doc = writing->doc;

    return value->token_count > 0 ? doc->tokens[value->tokens[0]].page : value->field_page;
}

static void
put_words(struct writing *writing, const struct value *value)
{
    const struct page_word *last = NULL;
    struct jsonw *w = &writing->e;

    jsonw_array(w, "words");
    for (uint32_t i = 0; i < value->token_count; i++) {
        const struct page_word *word = writing->doc->tokens[value->tokens[i]].word;
        if (word != last)
            jsonw_string(w, NULL, word->text);
        last = word;
    }
    if (value->field != NULL)
        jsonw_string(w, NULL, value->field->value);
    jsonw_end(w);
}

static void
put_source(struct writing *writing, const struct value *value)
{
    uint32_t page = page_of(writing, value);

    jsonw_int(&writing->e, "page", writing->doc->pages[page]->index + 1);
    put_boxes_on(writing, value, page);
    put_elsewhere(writing, value, page);
    put_words(writing, value);
    if (value->reading != NULL)
        jsonw_string(&writing->e, "reading", value->reading);
    jsonw_string(&writing->e, "normalization", norm_names[value->norm]);
    jsonw_real(&writing->e, "confidence", (double)value->confidence, 3);
}

static void
put_others(struct writing *writing, const char *key, const struct value *const *others, uint32_t n)
{
    struct jsonw *w = &writing->e;

    jsonw_array(w, key);
    for (uint32_t i = 0; i < n; i++) {
        jsonw_object(w, NULL);
        jsonw_raw(w, "value", others[i]->json);
        put_source(writing, others[i]);
        jsonw_end(w);
    }
    jsonw_end(w);
}

static void
put_review(struct writing *writing, const char *reason, double confidence)
{
    jsonw_object(&writing->v, NULL);
    jsonw_string(&writing->v, "pointer", writing->pointer);
    jsonw_string(&writing->v, "reason", reason);
    jsonw_real(&writing->v, "confidence", confidence, 3);
    jsonw_end(&writing->v);
}

static void
put_value(struct writing *writing, const struct node *node)
{
    const struct value *value = node->value;
    struct jsonw *w = &writing->e;

    jsonw_raw(&writing->r, node->name, value->json);
    jsonw_object(w, writing->pointer);
    put_source(writing, value);
    if (value->label != NULL)
        jsonw_string(w, "label", value->label);
    if (value->proof != NULL) {
        jsonw_array(w, "proof");
        jsonw_string(w, NULL, value->proof);
        jsonw_end(w);
    }
    if (value->doubt != NULL)
        jsonw_string(w, "doubt", value->doubt);
    if (value->other_count > 0)
        put_others(writing, "alternatives", value->others, value->other_count);
    jsonw_end(w);
    writing->least = fmin(writing->least, (double)value->confidence);
    if ((double)value->confidence < writing->min_confidence)
        put_review(writing, "low_confidence", (double)value->confidence);
}

/* Left out where null is not allowed and nothing requires it. */
static void
put_absent(struct writing *writing, const struct node *node)
{
    struct jsonw *w = &writing->e;
    bool keep = node->shape == NULL || node->shape->nullable || node->shape->required;

    if (keep || node->name == NULL)
        jsonw_null(&writing->r, node->name);
    jsonw_object(w, writing->pointer);
    jsonw_string(w, "reason", absence_names[node->absence]);
    if (node->region != NULL) {
        const struct page *page = writing->doc->pages[node->region_page];
        jsonw_int(w, "page", page->index + 1);
        jsonw_array(w, "boxes");
        put_box(w, page, node->region->box);
        jsonw_end(w);
    } else if (node->candidate_count > 0) {
        put_others(writing, "candidates", node->candidates, node->candidate_count);
    }
    jsonw_end(w);
    if (writing->min_confidence > 0 &&
        (node->absence != ABSENT_NOT_FOUND || (node->shape != NULL && node->shape->required)))
        put_review(writing, absence_names[node->absence], 0);
}

/* Adds a part to the pointer; returns the length before, for cutting it again. */
static size_t
push(struct writing *writing, const char *part)
{
    size_t before = strlen(writing->pointer), at = before;

    if (at + 1 < sizeof(writing->pointer))
        writing->pointer[at++] = '/';
    for (; *part != '\0' && at + 3 < sizeof(writing->pointer); part++) {
        if (*part == '~' || *part == '/') {
            writing->pointer[at++] = '~';
            writing->pointer[at++] = *part == '~' ? '0' : '1';
        } else {
            writing->pointer[at++] = *part;
        }
    }
    writing->pointer[at] = '\0';
    return before;
}

/* Recursion ends with the depth of the schema (SCHEMA_MAX_DEPTH). */
static void
put_node(struct writing *writing, const struct node *node) // NOLINT(misc-no-recursion)
{
    char number[16];

    if (node->kind == NODE_LEAF) {
        if (node->value != NULL)
            put_value(writing, node);
        else
            put_absent(writing, node);
        return;
    }
    if (node->kind == NODE_ARRAY && node->child_count == 0 && node->shape != NULL) {
        jsonw_object(&writing->e, writing->pointer);
        jsonw_string(&writing->e, "reason", absence_names[node->absence]);
        jsonw_end(&writing->e);
    }
    if (node->kind == NODE_OBJECT)
        jsonw_object(&writing->r, node->name);
    else
        jsonw_array(&writing->r, node->name);
    for (uint32_t i = 0; i < node->child_count; i++) {
        const struct node *child = node->children[i];
        snprintf(number, sizeof(number), "%u", i);
        size_t before = push(writing, node->kind == NODE_ARRAY ? number : child->name);
        put_node(writing, child);
        writing->pointer[before] = '\0';
    }
    jsonw_end(&writing->r);
}

static enum err_code
keep(const struct doc *doc, const struct buf *from, const char **ret, struct err *err)
{
    enum err_code rc = buf_check(from, "result of the extraction", err);

    if (rc != ERR_OK)
        return rc;
    char *copy = arena_strndup(doc->arena, buf_text(from), from->len);
    if (copy == NULL)
        return err_set(err, ERR_LIMIT, "the result of the extraction is too large");
    *ret = copy;
    return ERR_OK;
}

enum err_code
record_write(const struct doc *doc, const struct node *root, double min_confidence,
             struct extract_record *record, struct err *err)
{
    struct writing writing = {.doc = doc, .min_confidence = min_confidence, .least = 1};

    buf_init(&writing.result, output_bytes_max);
    buf_init(&writing.evidence, output_bytes_max);
    buf_init(&writing.review, output_bytes_max);
    writing.r.out = &writing.result;
    writing.e.out = &writing.evidence;
    writing.v.out = &writing.review;
    jsonw_object(&writing.e, NULL);
    jsonw_array(&writing.v, NULL);
    put_node(&writing, root);
    jsonw_end(&writing.e);
    jsonw_end(&writing.v);
    record->confidence = writing.least;
    enum err_code rc = keep(doc, &writing.result, &record->result, err);
    if (rc == ERR_OK)
        rc = keep(doc, &writing.evidence, &record->evidence, err);
    if (rc == ERR_OK)
        rc = keep(doc, &writing.review, &record->review, err);
    buf_fini(&writing.result);
    buf_fini(&writing.evidence);
    buf_fini(&writing.review);
    return rc;
}

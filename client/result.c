/* SPDX-License-Identifier: AGPL-3.0-or-later
 * Reading a result whole, however many requests it takes, and what people want to read of it. */
#include "client_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGES_A_REQUEST = 100, REQUESTS_MAX = 100000 };

/* 15 digits give back each decimal number of up to 15 digits as it came. */
static const size_t dump_flags = JSON_COMPACT | JSON_REAL_PRECISION(15);

/* One request for result pages; *ret_last says that there are no more. */
static enum leapocr_status
read_some(struct leapocr *client, const char *job_id, int request_number, json_t **ret_object,
          bool *ret_last, struct leapocr_error *error)
{
    struct leapocr_error found = {0};
    char query[64];
    int http_status = 0;
    json_t *object = NULL;

    (void)snprintf(query, sizeof(query), "?page=%d&limit=%d", request_number, PAGES_A_REQUEST);
    char *path = client_path("/ocr/result/", job_id, query, &found);
    if (path != NULL) {
        struct client_call call = {.method = "GET", .path = path, .repeatable = true};
        found.status = client_call_json(client, &call, &object, &http_status, &found);
    }
    free(path);
    if (found.status == LEAPOCR_OK && http_status == 202)
        (void)client_fail(&found, LEAPOCR_NOT_READY, "the job is not done yet");
    else if (found.status == LEAPOCR_OK && !json_is_array(json_object_get(object, "pages")))
        (void)client_fail(&found, LEAPOCR_SERVER, "the result holds no list of pages");
    if (found.status != LEAPOCR_OK) {
        json_decref(object);
        if (error != NULL)
            *error = found;
        return found.status;
    }
    const json_t *paging = json_object_get(object, "pagination");
    *ret_last = request_number >= json_integer_value(json_object_get(paging, "total_pages")) ||
                json_array_size(json_object_get(object, "pages")) == 0;
    *ret_object = object;
    return LEAPOCR_OK;
}

/* The members of a whole result are those of its first piece, but for the pages and their paging.
 */
static bool
describe_whole(json_t *whole)
{
    json_int_t n = (json_int_t)json_array_size(json_object_get(whole, "pages"));

    return json_object_set_new(whole, "pagination",
                               json_pack("{s:i, s:I, s:I, s:i}", "page", 1, "limit", n, "total", n,
                                         "total_pages", 1)) == 0;
}

enum leapocr_status
leapocr_result(struct leapocr *client, const char *job_id, char **ret_json,
               struct leapocr_error *error)
{
    json_t *whole = NULL;
    bool last = false, merged = false;
    enum leapocr_status status = read_some(client, job_id, 1, &whole, &last, error);

    for (int n = 2; status == LEAPOCR_OK && !last && n <= REQUESTS_MAX; n++) {
        json_t *more = NULL;
        status = read_some(client, job_id, n, &more, &last, error);
        if (status == LEAPOCR_OK &&
            json_array_extend(json_object_get(whole, "pages"), json_object_get(more, "pages")) != 0)
            status = client_fail(error, LEAPOCR_MEMORY, "no memory");
        merged = true;
        json_decref(more);
    }
    char *text = NULL;
    if (status == LEAPOCR_OK && (!merged || describe_whole(whole)))
        text = json_dumps(whole, dump_flags);
    if (status == LEAPOCR_OK && text == NULL)
        status = client_fail(error, LEAPOCR_MEMORY, "no memory");
    json_decref(whole);
    if (status == LEAPOCR_OK)
        *ret_json = text;
    return status;
}

/* --- what people want to read --- */

struct text {
    char *bytes;
    size_t len;
    size_t cap;
    bool spoilt;
};

static void
add(struct text *text, const char *s)
{
    size_t len = strlen(s);

    if (text->spoilt)
        return;
    if (text->len + len + 1 > text->cap) {
        size_t cap = (text->len + len + 1) * 2;
        char *grown = realloc(text->bytes, cap);
        if (grown == NULL) {
            text->spoilt = true;
            return;
        }
        text->bytes = grown;
        text->cap = cap;
    }
    memcpy(text->bytes + text->len, s, len + 1);
    text->len += len;
}

/* One empty line between pages, one line end after the last. */
static void
add_page(struct text *text, const json_t *page)
{
    const char *markdown = client_text(page, "result");
    char lost[80];

    if (markdown == NULL) {
        (void)snprintf(lost, sizeof(lost), "<!-- page %lld could not be read -->",
                       (long long)json_integer_value(json_object_get(page, "page_number")));
        markdown = lost;
    }
    if (text->len > 0)
        add(text, "\n");
    add(text, markdown);
    while (!text->spoilt && text->len > 0 && text->bytes[text->len - 1] == '\n')
        text->bytes[--text->len] = '\0';
    add(text, "\n");
}

static char *
join_markdown(const json_t *pages)
{
    struct text text = {0};
    size_t i;
    const json_t *page;

    add(&text, "");
    json_array_foreach(pages, i, page) add_page(&text, page);
    if (text.spoilt) {
        free(text.bytes);
        return NULL;
    }
    return text.bytes;
}

static char *
join_values(const json_t *pages)
{
    struct text text = {0};
    json_t *values = json_array();
    size_t i;
    json_t *page;
    bool ok = values != NULL;

    json_array_foreach((json_t *)pages, i, page)
    {
        json_t *value = json_object_get(page, "result");
        ok = ok &&
             json_array_append_new(values, value != NULL ? json_incref(value) : json_null()) == 0;
    }
    const json_t *shown = json_array_size(values) == 1 ? json_array_get(values, 0) : values;
    char *dumped =
        ok ? json_dumps(shown, JSON_INDENT(2) | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15)) : NULL;
    if (dumped != NULL) {
        add(&text, dumped);
        add(&text, "\n");
    }
    free(dumped);
    json_decref(values);
    return text.bytes;
}

/* Markdown where the format says so; an older server that tells no format shows it by its pages. */
static bool
is_markdown(const json_t *result, const json_t *pages)
{
    const char *name = client_text(result, "result_format");
    size_t i;
    const json_t *page;

    if (name != NULL)
        return strcmp(name, "markdown") == 0;
    json_array_foreach(pages, i,
                       page) if (json_is_object(json_object_get(page, "result"))) return false;
    return true;
}

enum leapocr_status
leapocr_content(const char *result_json, char **ret_text, bool *ret_markdown,
                struct leapocr_error *error)
{
    json_t *result = json_loads(result_json, 0, NULL);
    const json_t *pages = json_object_get(result, "pages");
    enum leapocr_status status = LEAPOCR_OK;

    if (!json_is_array(pages)) {
        status = client_fail(error, LEAPOCR_INPUT, "not a result: it holds no list of pages");
        goto out;
    }
    bool markdown = is_markdown(result, pages);
    char *text = markdown ? join_markdown(pages) : join_values(pages);
    if (text == NULL) {
        status = client_fail(error, LEAPOCR_MEMORY, "no memory");
        goto out;
    }
    *ret_text = text;
    *ret_markdown = markdown;
out:
    json_decref(result);
    return status;
}

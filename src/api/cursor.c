/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/cursor.h"

#include "api/call.h"
#include "api/errors.h"
#include "api/query.h"
#include "api/routes.h"

#include <stdlib.h>
#include <string.h>

/* version, sort (big endian), id, MAC; in hexadecimal */
enum {
    VERSION = 1,
    MAC_SIZE = 16,
    HEAD_SIZE = 1 + 8,
    RAW_MAX = HEAD_SIZE + CURSOR_ID_SIZE + MAC_SIZE,
    FILTERS_MAX = 32,
};

static int
by_bytes(const void *a, const void *b)
{
    const struct span *x = a, *y = b;
    size_t len = x->len < y->len ? x->len : y->len;
    int order = memcmp(x->data, y->data, len);

    return order != 0 ? order : (x->len > y->len) - (x->len < y->len);
}

static bool
is_paging(struct span pair)
{
    return (pair.len >= 7 && memcmp(pair.data, "cursor=", 7) == 0) ||
           (pair.len >= 6 && memcmp(pair.data, "limit=", 6) == 0);
}

/* The filters of the query in an order of their own; false if there are more than a list has. */
static bool
read_filters(struct span query, struct span ret[FILTERS_MAX], size_t *ret_n)
{
    size_t n = 0;

    for (size_t i = 0; i < query.len;) {
        const uint8_t *amp = memchr(query.data + i, '&', query.len - i);
        size_t end = amp != NULL ? (size_t)(amp - query.data) : query.len;
        struct span pair = {query.data + i, end - i};
        i = end + 1;
        if (pair.len == 0 || is_paging(pair))
            continue;
        if (n == FILTERS_MAX)
            return false;
        ret[n++] = pair;
    }
    if (n > 1)
        qsort(ret, n, sizeof(ret[0]), by_bytes);
    *ret_n = n;
    return true;
}

/* Of the list (route, team, filters) and the position in it. */
static enum err_code
make_mac(struct call *call, struct span position, uint8_t ret[SHA256_SIZE], struct err *err)
{
    struct span filters[FILTERS_MAX];
    uint8_t key[SHA256_SIZE];
    struct buf text;
    size_t n = 0;

    if (!read_filters(http_query(call->http), filters, &n))
        return err_set(err, ERR_INPUT, "the query has more than %d parameters", FILTERS_MAX);
    buf_init(&text, KiB(64));
    buf_printf(&text, "%s\n%s\n", call->route->pattern, call->who.team_id);
    for (size_t i = 0; i < n; i++) {
        buf_append(&text, filters[i].data, filters[i].len);
        buf_char(&text, '\n');
    }
    buf_append(&text, position.data, position.len);
    enum err_code rc = buf_check(&text, "query", err);
    if (rc == ERR_OK) {
        hash_hmac_sha256(call->api->sign.secret, span_of("leapocr list cursor"), key);
        hash_hmac_sha256((struct span){key, sizeof(key)}, buf_span(&text), ret);
        hash_wipe(key, sizeof(key));
    }
    buf_fini(&text);
    return rc;
}

static void
put_sort(uint8_t out[8], int64_t sort)
{
    for (int i = 0; i < 8; i++)
        out[i] = (uint8_t)((uint64_t)sort >> (56 - 8 * i));
}

static int64_t
get_sort(const uint8_t in[8])
{
    uint64_t sort = 0;

    for (int i = 0; i < 8; i++)
        sort = sort << 8 | in[i];
    return (int64_t)sort;
}

static enum err_code
open_cursor(struct call *call, const char *text, struct cursor_page *page, struct err *err)
{
    static const char refusal[] = "query parameter 'cursor' is not one that this list gave out "
                                  "for these filters";
    uint8_t raw[RAW_MAX], mac[SHA256_SIZE];
    size_t len = strlen(text) / 2;

    if (len < HEAD_SIZE + MAC_SIZE || len > sizeof(raw) ||
        !hash_unhex(text, strlen(text), raw, len) || raw[0] != VERSION)
        return err_set(err, ERR_INPUT, "%s", refusal);
    enum err_code rc = make_mac(call, (struct span){raw, len - MAC_SIZE}, mac, err);
    if (rc != ERR_OK)
        return rc;
    size_t id_len = len - HEAD_SIZE - MAC_SIZE;
    if (!hash_equal(mac, raw + len - MAC_SIZE, MAC_SIZE) || id_len >= sizeof(page->id))
        return err_set(err, ERR_INPUT, "%s", refusal);
    page->follows = true;
    page->sort = get_sort(raw + 1);
    memcpy(page->id, raw + HEAD_SIZE, id_len);
    page->id[id_len] = '\0';
    return ERR_OK;
}

enum err_code
cursor_read(struct call *call, struct cursor_page *ret, struct err *err)
{
    struct cursor_page page = {.sort = INT64_MAX, .id = "\x7f"};
    struct span query = http_query(call->http);
    const char *text = NULL;
    enum err_code rc =
        query_int(query, "limit", 1, CURSOR_LIMIT_MAX, CURSOR_LIMIT_DEFAULT, &page.limit, err);

    if (rc == ERR_OK)
        rc = query_text(call->arena, query, "cursor", 2 * RAW_MAX, &text, err);
    if (rc == ERR_OK && text != NULL && text[0] != '\0')
        rc = open_cursor(call, text, &page, err);
    if (rc == ERR_OK)
        *ret = page;
    return rc;
}

struct jsonw
cursor_open(struct call *call)
{
    struct jsonw w = call_json(call);

    jsonw_object(&w, NULL);
    jsonw_array(&w, "data");
    return w;
}

size_t
cursor_shown(const struct cursor_page *page, size_t n, struct cursor_end *end)
{
    end->has_more = n > (size_t)page->limit;
    return end->has_more ? (size_t)page->limit : n;
}

static enum err_code
put_next(struct call *call, struct jsonw *w, const struct cursor_end *end, struct err *err)
{
    uint8_t raw[RAW_MAX], mac[SHA256_SIZE];
    char text[2 * RAW_MAX + 1];
    size_t id_len = strnlen(end->id, CURSOR_ID_SIZE - 1);

    raw[0] = VERSION;
    put_sort(raw + 1, end->sort);
    memcpy(raw + HEAD_SIZE, end->id, id_len);
    enum err_code rc = make_mac(call, (struct span){raw, HEAD_SIZE + id_len}, mac, err);
    if (rc != ERR_OK)
        return rc;
    memcpy(raw + HEAD_SIZE + id_len, mac, MAC_SIZE);
    hash_hex(raw, HEAD_SIZE + id_len + MAC_SIZE, text);
    jsonw_string(w, "next_cursor", text);
    return ERR_OK;
}

void
cursor_close(struct call *call, struct jsonw *w, const struct cursor_page *page,
             const struct cursor_end *end)
{
    struct err err;

    jsonw_end(w);
    if (!end->has_more) {
        jsonw_null(w, "next_cursor");
    } else if (put_next(call, w, end, &err) != ERR_OK) {
        reply_error(call, &err);
        return;
    }
    jsonw_bool(w, "has_more", end->has_more);
    jsonw_int(w, "total_count", end->total);
    jsonw_int(w, "total_pages", (end->total + page->limit - 1) / page->limit);
    jsonw_end(w);
    call_reply_json(call, 200);
}

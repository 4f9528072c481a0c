/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/billing.c - the routes of the billing provider and of an outside object store: a catalogue of
 * products, paid orders that become credits, notices of uploads. Both notices are signed; without a
 * secret in the settings nobody can send one. */
#include "account/credits.h"
#include "api/body.h"
#include "api/call.h"
#include "api/catalog.h"
#include "api/errors.h"
#include "api/handlers.h"
#include "api/work.h"
#include "base/base64.h"
#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ID_MAX = 200, OBJECT_KEY_MAX = 255 };

static const int64_t stamp_age_max_s = 300; /* of a notice: older ones may be played back */

void
billing_catalog(struct call *call)
{
    struct span body = span_of(catalog_products(call->api->catalog));

    call_reply(call, 200, "application/json", body);
}

/* --- paid orders: signed as standardwebhooks.com says --- */

/* "whsec_" and Base64, or the text itself. */
static struct span
signing_key(struct call *call)
{
    static const char prefix[] = "whsec_";
    struct span secret = call->api->polar_secret;
    struct span decoded;

    if (secret.len <= sizeof(prefix) - 1 || memcmp(secret.data, prefix, sizeof(prefix) - 1) != 0)
        return secret;
    secret.data += sizeof(prefix) - 1;
    secret.len -= sizeof(prefix) - 1;
    return base64_decode(call->arena, BASE64_PADDED, secret, &decoded) ? decoded : (struct span){0};
}

/* One of the "v1,BASE64" in the field, which are separated by spaces. */
static bool
has_signature(struct span field, const char *wanted)
{
    size_t len = strlen(wanted);

    for (size_t i = 0; i + 3 + len <= field.len; i++) {
        bool begins = i == 0 || field.data[i - 1] == ' ';
        bool ends = i + 3 + len == field.len || field.data[i + 3 + len] == ' ';
        if (begins && ends && memcmp(field.data + i, "v1,", 3) == 0 &&
            hash_equal(field.data + i + 3, wanted, len))
            return true;
    }
    return false;
}

static bool
is_fresh(struct span stamp)
{
    char text[24];
    char *end;

    if (stamp.data == NULL || stamp.len == 0 || stamp.len >= sizeof(text))
        return false;
    memcpy(text, stamp.data, stamp.len);
    text[stamp.len] = '\0';
    long long seconds = strtoll(text, &end, 10);
    int64_t age = clock_utc_ms() / 1000 - seconds;
    return *end == '\0' && age <= stamp_age_max_s && age >= -stamp_age_max_s;
}

static bool
is_signed(struct call *call)
{
    struct span key = signing_key(call);
    struct span id = http_field(call->http, "webhook-id");
    struct span stamp = http_field(call->http, "webhook-timestamp");
    struct span signature = http_field(call->http, "webhook-signature");
    struct span body = http_body(call->http);
    uint8_t mac[SHA256_SIZE];
    struct buf text, encoded;

    if (key.len == 0 || id.data == NULL || signature.data == NULL || !is_fresh(stamp))
        return false;
    buf_init(&text, KiB(512));
    buf_init(&encoded, 100);
    buf_append(&text, id.data, id.len);
    buf_char(&text, '.');
    buf_append(&text, stamp.data, stamp.len);
    buf_char(&text, '.');
    buf_append(&text, body.data, body.len);
    hash_hmac_sha256(key, buf_span(&text), mac);
    base64_encode(BASE64_PADDED, (struct span){mac, sizeof(mac)}, &encoded);
    bool good = !text.spoilt && has_signature(signature, buf_text(&encoded));
    buf_fini(&text);
    buf_fini(&encoded);
    return good;
}

struct order {
    struct credit_change change;
};

static enum err_code
pay(struct db *db, void *arg, struct err *err)
{
    const struct order *order = ((struct work *)arg)->state;

    return credits_give(db, &order->change, err);
}

static void
reply_word(struct call *call, const char *word)
{
    struct jsonw w = call_json(call);

    jsonw_string(&w, NULL, word);
    call_reply_json(call, 200);
}

static void
reply_ok(struct call *call, const void *state)
{
    (void)state;
    reply_word(call, "ok");
}

/* A team that is not there is the fault of whoever made the order. */
static void
paid(struct work *work)
{
    if (work->rc == ERR_NOT_FOUND)
        err_set(&work->err, ERR_INPUT, "the order is for no team of this server");
    work_answer(work, reply_ok);
}

/* The team is in the order's metadata, or is the customer's id at this server. */
static enum err_code
read_order(struct arena *arena, const struct catalog *catalog, const json_t *data,
           struct credit_change *ret, struct err *err)
{
    const char *order = NULL, *product = NULL, *team = NULL, *customer = NULL;
    enum err_code rc = body_text(arena, data, "id", CREDITS_KEY_MAX, true, &order, err);

    if (rc == ERR_OK)
        rc = body_text(arena, data, "product_id", ID_MAX, true, &product, err);
    if (rc == ERR_OK)
        rc = body_text(arena, json_object_get(data, "metadata"), "team_id", ID_MAX, false, &team,
                       err);
    if (rc == ERR_OK)
        rc = body_text(arena, json_object_get(data, "customer"), "external_id", ID_MAX, false,
                       &customer, err);
    if (rc != ERR_OK)
        return rc;
    *ret = (struct credit_change){.team_id = team != NULL ? team : customer,
                                  .amount = catalog_credits(catalog, product),
                                  .key = order,
                                  .description = arena_printf(arena, "order of %s", product)};
    if (ret->team_id == NULL)
        return err_set(err, ERR_INPUT, "the order names no team: metadata.team_id is missing");
    if (ret->amount == 0)
        return err_set(err, ERR_INPUT, "product '%.60s' is not in the catalogue, or has no units",
                       product);
    return ret->description != NULL ? ERR_OK : err_set(err, ERR_LIMIT, "the order is too large");
}

static void
take_event(struct call *call, const json_t *body)
{
    const char *type = json_string_value(json_object_get(body, "type"));
    struct err err;

    if (type == NULL || strcmp(type, "order.paid") != 0) {
        reply_word(call, "ignored");
        return;
    }
    snprintf(call->who.actor, sizeof(call->who.actor), "provider:polar");
    struct work *work = work_begin(call, sizeof(struct order));
    if (work == NULL)
        return;
    struct order *order = work->state;
    if (read_order(work->arena, call->api->catalog, json_object_get(body, "data"), &order->change,
                   &err) != ERR_OK) {
        work_drop(&work);
        reply_error(call, &err);
        return;
    }
    work_write(work, pay, paid);
}

void
billing_event(struct call *call)
{
    json_t *body = NULL;
    struct err err;

    if (!is_signed(call)) {
        err_set(&err, ERR_AUTH, "the signature is wrong, too old, or there is no secret for it");
        reply_error(call, &err);
        return;
    }
    if (body_object(call, &body, &err) != ERR_OK)
        reply_error(call, &err);
    else
        take_event(call, body);
    json_decref(body);
}

/* --- notices of uploads: this server's own store needs none, but knows their form --- */

static bool
is_upload_signed(struct call *call)
{
    struct span given = http_field(call->http, "X-R2-Signature");
    uint8_t mac[SHA256_SIZE];
    char hex[SHA256_HEX_SIZE];

    if (call->api->r2_secret.len == 0 || given.len != SHA256_HEX_SIZE - 1)
        return false;
    hash_hmac_sha256(call->api->r2_secret, http_body(call->http), mac);
    hash_hex(mac, sizeof(mac), hex);
    return hash_equal(hex, given.data, SHA256_HEX_SIZE - 1);
}

void
upload_notice(struct call *call)
{
    json_t *body = NULL;
    const char *key = NULL;
    int64_t size = 0, when = -1;
    struct err err;
    enum err_code rc =
        is_upload_signed(call)
            ? body_object(call, &body, &err)
            : err_set(&err, ERR_AUTH, "X-R2-Signature is wrong, or there is no secret for it");

    if (rc == ERR_OK)
        rc = body_text(call->arena, body, "object_key", OBJECT_KEY_MAX, true, &key, &err);
    if (rc == ERR_OK)
        rc = body_int(body, "size", 1, INT64_MAX, 0, &size, &err);
    if (rc == ERR_OK && size == 0)
        rc = err_set(&err, ERR_INPUT, "'size' is missing");
    if (rc == ERR_OK)
        rc = body_time(body, "timestamp", -1, &when, &err);
    if (rc == ERR_OK && when < 0)
        rc = err_set(&err, ERR_INPUT, "'timestamp' is missing");
    json_decref(body);
    if (rc != ERR_OK) {
        reply_error(call, &err);
        return;
    }
    struct jsonw w = call_json(call);
    jsonw_object(&w, NULL);
    jsonw_string(&w, "status", "ok");
    jsonw_string(&w, "object_key", key);
    jsonw_string(&w, "message", "noted; uploads to this server need no notice");
    jsonw_end(&w);
    call_reply_json(call, 200);
}

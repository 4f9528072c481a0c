/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "wire/errand.h"

#include <string.h>

enum { STATUS_MOST = 999 };

void
wire_put_errand(struct buf *out, const struct wire_errand *errand)
{
    size_t begun = wire_begin(out, WIRE_ERRAND);

    wire_put_u64(out, errand->runner);
    wire_put_u64(out, errand->id);
    wire_put_u8(out, (uint8_t)errand->kind);
    wire_put_u32(out, errand->time_ms);
    wire_put_u64(out, errand->bytes_max);
    wire_put_bytes(out, span_of(errand->url));
    wire_put_bytes(out, span_of(errand->timestamp));
    wire_put_bytes(out, span_of(errand->signature));
    wire_put_bytes(out, span_of(errand->body_signature));
    wire_put_bytes(out, span_of(errand->trace));
    wire_put_bytes(out, span_of(errand->bearer));
    wire_end(out, begun);
}

void
wire_put_cancel(struct buf *out, uint64_t id)
{
    size_t begun = wire_begin(out, WIRE_CANCEL);

    wire_put_u64(out, id);
    wire_end(out, begun);
}

void
wire_put_hello(struct buf *out, const struct wire_hello *hello)
{
    size_t begun = wire_begin(out, WIRE_HELLO);

    wire_put_u64(out, hello->courier);
    wire_put_u32(out, hello->layers);
    wire_end(out, begun);
}

void
wire_put_outcome(struct buf *out, const struct wire_outcome *outcome)
{
    size_t begun = wire_begin(out, WIRE_OUTCOME);

    wire_put_u64(out, outcome->id);
    wire_put_u8(out, (uint8_t)outcome->end);
    wire_put_u32(out, outcome->http_status);
    wire_put_u64(out, outcome->bytes);
    wire_put_bytes(out, span_of(outcome->text));
    wire_end(out, begun);
}

/* Exactly these many characters out of set; they become header fields as they are. */
static void
check_word(struct wire_fields *fields, const char *word, size_t least, size_t most, const char *set)
{
    size_t len = strlen(word);

    if (len < least || len > most || strspn(word, set) != len)
        fields->bad = true;
}

static void
check_signatures(struct wire_fields *fields, const struct wire_errand *errand)
{
    static const char hex[] = "0123456789abcdef";
    bool delivery = errand->kind == ERRAND_DELIVERY;
    size_t digits = delivery ? ERRAND_SIGNATURE_SIZE - 1 : 0;

    check_word(fields, errand->timestamp, delivery ? 1 : 0,
               delivery ? ERRAND_TIMESTAMP_SIZE - 1 : 0, "0123456789");
    check_word(fields, errand->signature, digits, digits, hex);
    check_word(fields, errand->body_signature, digits, digits, hex);
}

static void
check_bearer(struct wire_fields *fields, const struct wire_errand *errand)
{
    for (const char *at = errand->bearer; *at != '\0'; at++)
        if (errand->kind != ERRAND_MODEL || *at <= ' ' || *at > '~')
            fields->bad = true;
}

enum err_code
wire_take_errand(struct span payload, struct wire_errand *ret, struct err *err)
{
    struct wire_fields fields = wire_fields_of(payload);
    struct wire_errand errand = {.runner = wire_take_u64(&fields), .id = wire_take_u64(&fields)};
    uint8_t kind = wire_take_u8(&fields);

    errand.kind = (enum wire_errand_kind)kind;
    errand.time_ms = wire_take_u32(&fields);
    errand.bytes_max = wire_take_u64(&fields);
    wire_take_text(&fields, errand.url, sizeof(errand.url));
    wire_take_text(&fields, errand.timestamp, sizeof(errand.timestamp));
    wire_take_text(&fields, errand.signature, sizeof(errand.signature));
    wire_take_text(&fields, errand.body_signature, sizeof(errand.body_signature));
    wire_take_text(&fields, errand.trace, sizeof(errand.trace));
    wire_take_text(&fields, errand.bearer, sizeof(errand.bearer));
    if (kind >= ERRAND_KIND_COUNT || errand.time_ms == 0 || errand.bytes_max > INT64_MAX ||
        !trace_is_sound(errand.trace))
        fields.bad = true;
    check_signatures(&fields, &errand);
    check_bearer(&fields, &errand);
    enum err_code rc = wire_fields_end(&fields, "ERRAND", err);
    if (rc == ERR_OK)
        *ret = errand;
    return rc;
}

enum err_code
wire_take_cancel(struct span payload, uint64_t *ret_id, struct err *err)
{
    struct wire_fields fields = wire_fields_of(payload);
    uint64_t id = wire_take_u64(&fields);
    enum err_code rc = wire_fields_end(&fields, "CANCEL", err);

    if (rc == ERR_OK)
        *ret_id = id;
    return rc;
}

enum err_code
wire_take_hello(struct span payload, struct wire_hello *ret, struct err *err)
{
    struct wire_fields fields = wire_fields_of(payload);
    struct wire_hello hello = {.courier = wire_take_u64(&fields)};

    hello.layers = wire_take_u32(&fields);
    enum err_code rc = wire_fields_end(&fields, "HELLO", err);
    if (rc == ERR_OK)
        *ret = hello;
    return rc;
}

enum err_code
wire_take_outcome(struct span payload, struct wire_outcome *ret, struct err *err)
{
    struct wire_fields fields = wire_fields_of(payload);
    struct wire_outcome outcome = {.id = wire_take_u64(&fields)};
    uint8_t end = wire_take_u8(&fields);

    outcome.end = (enum wire_end)end;
    outcome.http_status = wire_take_u32(&fields);
    outcome.bytes = wire_take_u64(&fields);
    wire_take_text(&fields, outcome.text, sizeof(outcome.text));
    if (end >= END_COUNT || outcome.http_status > STATUS_MOST)
        fields.bad = true;
    enum err_code rc = wire_fields_end(&fields, "OUTCOME", err);
    if (rc == ERR_OK)
        *ret = outcome;
    return rc;
}

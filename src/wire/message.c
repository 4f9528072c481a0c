/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "wire/message.h"

#include "base/utf8.h"

#include <string.h>

/* Beyond these no configuration makes sense; a message that says so is not from our side. */
static const uint64_t memory_least = UINT64_C(16) << 20;
static const uint64_t memory_most = UINT64_C(1) << 44;
static const uint32_t pixels_side_max = 10000000;
static const uint32_t signal_max = 64;

void
wire_put_run(struct buf *out, const struct wire_run *run)
{
    size_t begun = wire_begin(out, WIRE_RUN);

    wire_put_u64(out, run->id);
    wire_put_u8(out, (uint8_t)run->kind);
    wire_put_u32(out, run->page_from);
    wire_put_u32(out, run->page_to);
    wire_put_u8(out, run->overlay);
    wire_put_u64(out, run->limits.memory_bytes);
    wire_put_u64(out, run->limits.pixels_max);
    wire_put_u64(out, run->limits.batch_bytes);
    wire_put_u32(out, run->limits.page_bytes);
    wire_put_u32(out, run->limits.pages_max);
    wire_put_u32(out, run->limits.cpu_s);
    wire_put_u32(out, run->limits.wall_ms);
    wire_end(out, begun);
}

static bool
limits_make_sense(const struct wire_limits *limits)
{
    return limits->memory_bytes >= memory_least && limits->memory_bytes <= memory_most &&
           limits->pixels_max > 0 && limits->batch_bytes > 0 && limits->page_bytes > 0 &&
           limits->page_bytes <= WIRE_PAGE_BYTES_MAX && limits->pages_max > 0 &&
           limits->cpu_s > 0 && limits->cpu_s <= WIRE_TIME_MAX_MS / 1000 && limits->wall_ms > 0 &&
           limits->wall_ms <= WIRE_TIME_MAX_MS;
}

enum err_code
wire_take_run(struct span payload, struct wire_run *ret, struct err *err)
{
    struct wire_fields fields = wire_fields_of(payload);
    struct wire_run run = {.id = wire_take_u64(&fields)};
    unsigned kind = wire_take_u8(&fields);

    run.page_from = wire_take_u32(&fields);
    run.page_to = wire_take_u32(&fields);
    run.overlay = wire_take_bool(&fields);
    run.limits.memory_bytes = wire_take_u64(&fields);
    run.limits.pixels_max = wire_take_u64(&fields);
    run.limits.batch_bytes = wire_take_u64(&fields);
    run.limits.page_bytes = wire_take_u32(&fields);
    run.limits.pages_max = wire_take_u32(&fields);
    run.limits.cpu_s = wire_take_u32(&fields);
    run.limits.wall_ms = wire_take_u32(&fields);
    bool range_fits = kind == WIRE_RUN_PROBE ? run.page_from == 0 && run.page_to == 0
                                             : run.page_from < run.page_to;
    bool from_first =
        kind == WIRE_RUN_EXTRACT || kind == WIRE_RUN_SEARCHABLE || kind == WIRE_RUN_WHOLE;
    if (from_first && run.page_from != 0)
        range_fits = false;
    if (kind > WIRE_RUN_WHOLE || !range_fits || !limits_make_sense(&run.limits))
        fields.bad = true;
    run.kind = (enum wire_run_kind)kind;
    enum err_code rc = wire_fields_end(&fields, "RUN", err);
    if (rc == ERR_OK)
        *ret = run;
    return rc;
}

void
wire_put_kill(struct buf *out, uint64_t id)
{
    size_t begun = wire_begin(out, WIRE_KILL);

    wire_put_u64(out, id);
    wire_end(out, begun);
}

enum err_code
wire_take_kill(struct span payload, uint64_t *ret_id, struct err *err)
{
    struct wire_fields fields = wire_fields_of(payload);
    uint64_t id = wire_take_u64(&fields);
    enum err_code rc = wire_fields_end(&fields, "KILL", err);

    if (rc == ERR_OK)
        *ret_id = id;
    return rc;
}

void
wire_put_ready(struct buf *out, const struct wire_ready *ready)
{
    size_t begun = wire_begin(out, WIRE_READY);

    wire_put_bytes(out, span_of(ready->engine));
    wire_put_u32(out, ready->layers);
    wire_end(out, begun);
}

enum err_code
wire_take_ready(struct span payload, struct wire_ready *ret, struct err *err)
{
    struct wire_fields fields = wire_fields_of(payload);
    struct wire_ready ready;

    wire_take_text(&fields, ready.engine, sizeof(ready.engine));
    ready.layers = wire_take_u32(&fields);
    enum err_code rc = wire_fields_end(&fields, "READY", err);
    if (rc == ERR_OK)
        *ret = ready;
    return rc;
}

void
wire_put_ended(struct buf *out, const struct wire_ended *ended)
{
    size_t begun = wire_begin(out, WIRE_ENDED);

    wire_put_u64(out, ended->id);
    wire_put_u32(out, (uint32_t)ended->exit_status);
    wire_put_u32(out, ended->signal);
    wire_put_u8(out, ended->timed_out);
    wire_put_u8(out, ended->killed);
    wire_put_u64(out, ended->cpu_ms);
    wire_put_u64(out, ended->peak_kib);
    wire_end(out, begun);
}

enum err_code
wire_take_ended(struct span payload, struct wire_ended *ret, struct err *err)
{
    struct wire_fields fields = wire_fields_of(payload);
    struct wire_ended ended = {.id = wire_take_u64(&fields)};

    ended.exit_status = (int32_t)wire_take_u32(&fields);
    ended.signal = wire_take_u32(&fields);
    ended.timed_out = wire_take_bool(&fields);
    ended.killed = wire_take_bool(&fields);
    ended.cpu_ms = wire_take_u64(&fields);
    ended.peak_kib = wire_take_u64(&fields);
    bool exited = ended.exit_status >= 0 && ended.exit_status <= 255 && ended.signal == 0;
    bool signalled = ended.exit_status == -1 && ended.signal > 0 && ended.signal <= signal_max;
    if (!exited && !signalled)
        fields.bad = true;
    enum err_code rc = wire_fields_end(&fields, "ENDED", err);
    if (rc == ERR_OK)
        *ret = ended;
    return rc;
}

void
wire_put_probe(struct buf *out, const struct wire_probe *probe)
{
    size_t begun = wire_begin(out, WIRE_PROBE);

    wire_put_u32(out, probe->pages);
    wire_put_u8(out, probe->is_pdf);
    wire_put_bytes(out, span_of(probe->type_name));
    wire_end(out, begun);
}

enum err_code
wire_take_probe(struct span payload, struct wire_probe *ret, struct err *err)
{
    struct wire_fields fields = wire_fields_of(payload);
    struct wire_probe probe = {.pages = wire_take_u32(&fields)};

    probe.is_pdf = wire_take_bool(&fields);
    wire_take_text(&fields, probe.type_name, sizeof(probe.type_name));
    if (probe.pages == 0)
        fields.bad = true;
    enum err_code rc = wire_fields_end(&fields, "PROBE", err);
    if (rc == ERR_OK)
        *ret = probe;
    return rc;
}

void
wire_put_hint(struct buf *out, const struct wire_hint *hint)
{
    size_t begun = wire_begin(out, WIRE_HINT);

    wire_put_u8(out, hint->has_text);
    wire_end(out, begun);
}

enum err_code
wire_take_hint(struct span payload, struct wire_hint *ret, struct err *err)
{
    struct wire_fields fields = wire_fields_of(payload);
    struct wire_hint hint = {.has_text = wire_take_bool(&fields)};
    enum err_code rc = wire_fields_end(&fields, "HINT", err);

    if (rc == ERR_OK)
        *ret = hint;
    return rc;
}

void
wire_put_page(struct buf *out, const struct wire_page *page)
{
    size_t begun = wire_begin(out, WIRE_PAGE);

    wire_put_u32(out, page->index);
    wire_put_u32(out, page->cpu_us);
    wire_put_u32(out, page->width_px);
    wire_put_u32(out, page->height_px);
    wire_put_u8(out, page->flags);
    wire_put_bytes(out, page->markdown);
    wire_put_bytes(out, page->tree);
    wire_put_bytes(out, page->picture);
    wire_end(out, begun);
}

enum err_code
wire_take_page(struct span payload, struct wire_page *ret, struct err *err)
{
    struct wire_fields fields = wire_fields_of(payload);
    struct wire_page page = {.index = wire_take_u32(&fields)};

    page.cpu_us = wire_take_u32(&fields);
    page.width_px = wire_take_u32(&fields);
    page.height_px = wire_take_u32(&fields);
    page.flags = wire_take_u8(&fields);
    page.markdown = wire_take_bytes(&fields, WIRE_PAGE_BYTES_MAX);
    page.tree = wire_take_bytes(&fields, WIRE_PAGE_BYTES_MAX);
    page.picture = wire_take_bytes(&fields, WIRE_PAGE_BYTES_MAX);
    if (page.width_px > pixels_side_max || page.height_px > pixels_side_max ||
        (page.flags & ~WIRE_PAGE_FLAGS) != 0 || page.tree.len == 0 ||
        memchr(page.markdown.data, 0, page.markdown.len) != NULL ||
        !utf8_valid(page.markdown.data, page.markdown.len))
        fields.bad = true;
    enum err_code rc = wire_fields_end(&fields, "PAGE", err);
    if (rc == ERR_OK)
        *ret = page;
    return rc;
}

bool
wire_code_allowed(enum err_code code)
{
    switch (code) {
    case ERR_FORMAT:
    case ERR_ENCRYPTED:
    case ERR_PAGES:
    case ERR_PIXELS:
    case ERR_OUTPUT:
    case ERR_MEDIA:
    case ERR_LIMIT:
    case ERR_MEMORY:
    case ERR_SYSTEM:
    case ERR_UNAVAILABLE:
        return true;
    default:
        return false;
    }
}

/* Codes that a child may not report are its own failure. */
static void
put_why(struct buf *out, const struct err *why)
{
    enum err_code code = wire_code_allowed(why->code) ? why->code : ERR_SYSTEM;

    char clean[WIRE_TEXT_SIZE];
    utf8_clean(clean, sizeof(clean), why->msg, strlen(why->msg));
    wire_put_u16(out, (uint16_t)code);
    wire_put_bytes(out, span_of(clean));
}

static void
take_why(struct wire_fields *fields, struct err *ret)
{
    ret->code = (enum err_code)wire_take_u16(fields);
    wire_take_text(fields, ret->msg, sizeof(ret->msg));
    if (!wire_code_allowed(ret->code))
        fields->bad = true;
    for (char *c = ret->msg; *c != '\0'; c++) /* it ends up in logs and replies */
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = ' ';
}

void
wire_put_page_failed(struct buf *out, uint32_t index, const struct err *why)
{
    size_t begun = wire_begin(out, WIRE_PAGE_FAILED);

    wire_put_u32(out, index);
    put_why(out, why);
    wire_end(out, begun);
}

enum err_code
wire_take_page_failed(struct span payload, struct wire_failure *ret, struct err *err)
{
    struct wire_fields fields = wire_fields_of(payload);
    struct wire_failure failure = {.index = wire_take_u32(&fields)};

    take_why(&fields, &failure.why);
    enum err_code rc = wire_fields_end(&fields, "PAGE_FAILED", err);
    if (rc == ERR_OK)
        *ret = failure;
    return rc;
}

void
wire_put_data(struct buf *out, struct span bytes)
{
    size_t begun = wire_begin(out, WIRE_DATA);

    buf_append(out, bytes.data, bytes.len); /* the frame's length is theirs */
    wire_end(out, begun);
}

void
wire_put_failed(struct buf *out, const struct err *why)
{
    size_t begun = wire_begin(out, WIRE_FAILED);

    put_why(out, why);
    wire_end(out, begun);
}

enum err_code
wire_take_failed(struct span payload, struct wire_failure *ret, struct err *err)
{
    struct wire_fields fields = wire_fields_of(payload);
    struct wire_failure failure = {0};

    take_why(&fields, &failure.why);
    enum err_code rc = wire_fields_end(&fields, "FAILED", err);
    if (rc == ERR_OK)
        *ret = failure;
    return rc;
}

void
wire_put_done(struct buf *out)
{
    wire_end(out, wire_begin(out, WIRE_DONE));
}

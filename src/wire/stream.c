/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "wire/stream.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* As much as a pipe gives at once by default. */
enum { READ_BYTES = 65536 };

/* Header and fixed fields of a PAGE beside its markdown and tree. */
enum { PAGE_OVERHEAD = 64 };

void
wire_stream_init(struct wire_stream *stream, const struct wire_run *asked)
{
    *stream = (struct wire_stream){
        .kind = asked->kind,
        .next_page = asked->page_from,
        .page_to = asked->page_to,
        .pages_max = asked->limits.pages_max,
        .page_bytes = asked->limits.page_bytes,
        .batch_left = asked->limits.batch_bytes,
    };
    buf_init(&stream->in, (size_t)stream->page_bytes + PAGE_OVERHEAD + 2 * READ_BYTES);
}

void
wire_stream_fini(struct wire_stream *stream)
{
    buf_fini(&stream->in);
}

static void
forget_used(struct wire_stream *stream)
{
    buf_consume(&stream->in, stream->at);
    stream->at = 0;
}

static enum err_code
count_bytes(struct wire_stream *stream, size_t len, struct err *err)
{
    if (len > stream->batch_left)
        return err_set(err, ERR_OUTPUT, "the result is larger than the limit of a batch");
    stream->batch_left -= len;
    return ERR_OK;
}

enum err_code
wire_stream_read(struct wire_stream *stream, int fd, bool *ret_more, bool *ret_eof, struct err *err)
{
    ssize_t n;

    forget_used(stream);
    uint8_t *room = buf_extend(&stream->in, READ_BYTES);
    if (room == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a result of %zu bytes", stream->in.len);
    do
        n = read(fd, room, READ_BYTES);
    while (n < 0 && errno == EINTR);
    stream->in.len -= READ_BYTES - (n > 0 ? (size_t)n : 0);
    if (n < 0 && errno != EAGAIN)
        return err_sys(err, "read of the result pipe");
    enum err_code rc = count_bytes(stream, n > 0 ? (size_t)n : 0, err);
    if (rc != ERR_OK)
        return rc;
    *ret_eof = n == 0;
    *ret_more = n > 0;
    return ERR_OK;
}

enum err_code
wire_stream_feed(struct wire_stream *stream, struct span bytes, struct err *err)
{
    enum err_code rc = count_bytes(stream, bytes.len, err);

    if (rc != ERR_OK)
        return rc;
    forget_used(stream);
    buf_append(&stream->in, bytes.data, bytes.len);
    return buf_check(&stream->in, "result", err);
}

/* Every page that was asked for has come; of a WHOLE nothing is known before the PROBE. */
static bool
is_complete(const struct wire_stream *stream)
{
    switch (stream->kind) {
    case WIRE_RUN_PROBE:
        return stream->probed;
    case WIRE_RUN_PAGES:
        return stream->next_page == stream->page_to;
    case WIRE_RUN_WHOLE:
        return stream->probed && (stream->again || stream->next_page == stream->page_to);
    case WIRE_RUN_EXTRACT:
        return stream->warned;
    case WIRE_RUN_BIND:
        return true;
    default:
        return stream->begun;
    }
}

/* A page of which others may be left out, because its neighbours changed it. */
static bool
may_be_bound(const struct wire_stream *stream)
{
    if (stream->kind == WIRE_RUN_BIND || stream->again)
        return stream->next_page < stream->page_to;
    return stream->kind == WIRE_RUN_WHOLE && stream->all && stream->page_to > 1 &&
           is_complete(stream);
}

/* May this frame come now, and may it be this long? Asked before its payload is waited for. */
static enum err_code
check_turn(const struct wire_stream *stream, struct wire_header header, struct err *err)
{
    bool whole = stream->kind == WIRE_RUN_WHOLE;
    bool probe = stream->kind == WIRE_RUN_PROBE;
    bool pages = stream->kind == WIRE_RUN_PAGES || (whole && stream->probed);
    bool extract = stream->kind == WIRE_RUN_EXTRACT;
    bool complete = is_complete(stream);
    bool fits;

    switch (header.type) {
    case WIRE_PROBE:
        fits = (probe || whole) && !stream->probed;
        break;
    case WIRE_HINT:
        fits = probe && stream->probed && !stream->hinted;
        break;
    case WIRE_PAGE:
        fits = (pages && !complete) || may_be_bound(stream);
        break;
    case WIRE_PAGE_FAILED:
        fits = pages && !complete;
        break;
    case WIRE_RECORD:
        fits = extract && !complete && stream->records < WIRE_RECORDS_MAX;
        break;
    case WIRE_WARNINGS:
        fits = extract && !complete && stream->records > 0;
        break;
    case WIRE_DATA:
        fits = stream->kind == WIRE_RUN_SEARCHABLE;
        break;
    case WIRE_DONE:
        fits = complete;
        break;
    case WIRE_FAILED:
        fits = true;
        break;
    default:
        fits = false;
        break;
    }
    if (!fits || stream->finished)
        return err_set(err, ERR_PROTOCOL, "a frame of type %d came out of turn", header.type);
    if (header.length > stream->page_bytes + PAGE_OVERHEAD - WIRE_HEADER_SIZE)
        return err_set(err, ERR_OUTPUT, "a page's result has %u bytes, limit %u", header.length,
                       stream->page_bytes);
    return ERR_OK;
}

static enum err_code
check_index(struct wire_stream *stream, uint32_t index, struct err *err)
{
    if (stream->kind == WIRE_RUN_WHOLE && !stream->again && is_complete(stream)) {
        stream->again = true;
        stream->next_page = 0;
    }
    bool may_skip = stream->kind == WIRE_RUN_BIND || stream->again;

    if (index >= stream->page_to || index < stream->next_page ||
        (index > stream->next_page && !may_skip))
        return err_set(err, ERR_PROTOCOL, "page %u came where page %u was due", index,
                       stream->next_page);
    stream->next_page = index + 1;
    return ERR_OK;
}

/* Records stand in the order of their first pages, inside the document. */
static enum err_code
check_record(struct wire_stream *stream, const struct wire_record *record, struct err *err)
{
    if (record->page_from < stream->next_page || record->page_to > stream->page_to)
        return err_set(err, ERR_PROTOCOL, "a record came for pages %u to %u", record->page_from + 1,
                       record->page_to);
    stream->next_page = record->page_from;
    stream->records++;
    return ERR_OK;
}

static enum err_code
take(struct wire_stream *stream, enum wire_type type, struct span payload,
     struct wire_result *result, struct err *err)
{
    enum err_code rc = ERR_OK;

    result->type = type;
    switch (type) {
    case WIRE_PROBE:
        rc = wire_take_probe(payload, &result->probe, err);
        if (rc == ERR_OK && result->probe.pages > stream->pages_max)
            rc = err_set(err, ERR_PROTOCOL, "a probe says %u pages, more than the limit",
                         result->probe.pages);
        stream->all = rc == ERR_OK && result->probe.pages <= stream->page_to;
        if (stream->kind == WIRE_RUN_WHOLE && stream->all)
            stream->page_to = result->probe.pages;
        stream->probed = true;
        break;
    case WIRE_HINT:
        rc = wire_take_hint(payload, &result->hint, err);
        stream->hinted = true;
        break;
    case WIRE_PAGE:
        rc = wire_take_page(payload, &result->page, err);
        if (rc == ERR_OK)
            rc = check_index(stream, result->page.index, err);
        break;
    case WIRE_PAGE_FAILED:
        rc = wire_take_page_failed(payload, &result->failure, err);
        if (rc == ERR_OK)
            rc = check_index(stream, result->failure.index, err);
        break;
    case WIRE_RECORD:
        rc = wire_take_record(payload, &result->record, err);
        if (rc == ERR_OK)
            rc = check_record(stream, &result->record, err);
        break;
    case WIRE_WARNINGS:
        rc = wire_take_warnings(payload, &result->warnings, err);
        stream->warned = true;
        break;
    case WIRE_DATA:
        result->data = payload;
        stream->begun = true;
        break;
    case WIRE_FAILED:
        rc = wire_take_failed(payload, &result->failure, err);
        stream->finished = true;
        break;
    default: /* WIRE_DONE: check_turn lets nothing else through */
        stream->finished = true;
        break;
    }
    return rc;
}

enum err_code
wire_stream_next(struct wire_stream *stream, struct wire_result *ret, bool *ret_found,
                 struct err *err)
{
    struct wire_result result;
    struct wire_header header;
    size_t left = stream->in.len - stream->at;

    *ret_found = false;
    if (stream->finished && left > 0)
        return err_set(err, ERR_PROTOCOL, "%zu bytes came behind the end of the result", left);
    if (left < WIRE_HEADER_SIZE)
        return ERR_OK;
    enum err_code rc = wire_read_header(stream->in.data + stream->at, &header, err);
    if (rc == ERR_OK)
        rc = check_turn(stream, header, err);
    if (rc != ERR_OK || left - WIRE_HEADER_SIZE < header.length)
        return rc;
    struct span payload = {stream->in.data + stream->at + WIRE_HEADER_SIZE, header.length};
    memset(&result, 0, sizeof(result));
    rc = take(stream, header.type, payload, &result, err);
    if (rc != ERR_OK)
        return rc;
    stream->at += WIRE_HEADER_SIZE + header.length;
    *ret = result;
    *ret_found = true;
    return ERR_OK;
}

enum err_code
wire_stream_end(const struct wire_stream *stream, struct err *err)
{
    if (stream->in.len > stream->at)
        return err_set(err, ERR_PROTOCOL, "the result ends inside a frame");
    return ERR_OK;
}

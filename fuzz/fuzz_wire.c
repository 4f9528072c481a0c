/* SPDX-License-Identifier: AGPL-3.0-or-later
 * fuzz/fuzz_wire.c - the result pipe and the control messages from hostile bytes.
 *
 * The first byte chooses: 0..63 the result stream of a run of that many pages (0: a probe), 64..119
 * that of an extraction from so many less 63, 120..127 that of the first 1 to 8 pages of a whole
 * document, cut into pieces of changing length; 128.. the payload
 * of a control message, or of one between runner and courier. Links wire_dep. */
#include "wire/errand.h"
#include "wire/stream.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
read_stream(uint32_t pages, enum wire_run_kind kind, struct span bytes)
{
    struct wire_run run = {
        .kind = kind,
        .page_to = pages,
        .limits = {.batch_bytes = 1 << 20, .page_bytes = 4096, .pages_max = 1000},
    };
    struct wire_stream stream;
    struct wire_result result;
    struct err err;
    bool found = true, whole = kind == WIRE_RUN_WHOLE;
    enum err_code rc = ERR_OK;
    uint32_t seen = 0;

    wire_stream_init(&stream, &run);
    for (size_t step = 1; rc == ERR_OK && bytes.len > 0; step = step * 5 % 61 + 1) {
        size_t n = step < bytes.len ? step : bytes.len;
        rc = wire_stream_feed(&stream, (struct span){bytes.data, n}, &err);
        bytes.data += n;
        bytes.len -= n;
        for (found = true; rc == ERR_OK && found;) {
            rc = wire_stream_next(&stream, &result, &found, &err);
            if (rc == ERR_OK && found && result.type == WIRE_PAGE &&
                (whole ? result.page.index >= pages : result.page.index != seen))
                abort();
            if (rc == ERR_OK && found && result.type == WIRE_RECORD &&
                (kind != WIRE_RUN_EXTRACT || result.record.page_to > pages))
                abort();
            seen += rc == ERR_OK && found &&
                    (result.type == WIRE_PAGE || result.type == WIRE_PAGE_FAILED);
        }
    }
    if (seen > (whole ? 2 * pages : pages))
        abort();
    if (rc == ERR_OK)
        rc = wire_stream_end(&stream, &err);
    if (rc != ERR_OK && err.code != rc)
        abort();
    wire_stream_fini(&stream);
}

static void
read_control(struct span payload)
{
    struct wire_run run;
    struct wire_ready ready;
    struct wire_ended ended;
    uint64_t id;
    struct err err;

    if (wire_take_run(payload, &run, &err) == ERR_OK && run.page_to < run.page_from)
        abort();
    if (wire_take_ended(payload, &ended, &err) == ERR_OK && ended.signal > 64)
        abort();
    if (wire_take_ready(payload, &ready, &err) != ERR_OK && err.code != ERR_PROTOCOL)
        abort();
    if (wire_take_kill(payload, &id, &err) != ERR_OK && err.code != ERR_PROTOCOL)
        abort();
}

static void
read_errands(struct span payload)
{
    struct wire_errand errand;
    struct wire_outcome outcome;
    struct wire_hello hello;
    uint64_t id;
    struct err err;

    if (wire_take_errand(payload, &errand, &err) == ERR_OK &&
        (errand.kind >= ERRAND_KIND_COUNT || strlen(errand.url) > URL_MAX))
        abort();
    if (wire_take_outcome(payload, &outcome, &err) == ERR_OK &&
        (outcome.end >= END_COUNT || outcome.http_status > 999))
        abort();
    if (wire_take_hello(payload, &hello, &err) != ERR_OK && err.code != ERR_PROTOCOL)
        abort();
    if (wire_take_cancel(payload, &id, &err) != ERR_OK && err.code != ERR_PROTOCOL)
        abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    if (data[0] < 64)
        read_stream(data[0], data[0] == 0 ? WIRE_RUN_PROBE : WIRE_RUN_PAGES,
                    (struct span){data + 1, size - 1});
    else if (data[0] < 120)
        read_stream(data[0] - 63u, WIRE_RUN_EXTRACT, (struct span){data + 1, size - 1});
    else if (data[0] < 128)
        read_stream(data[0] - 119u, WIRE_RUN_WHOLE, (struct span){data + 1, size - 1});
    else
        read_control((struct span){data + 1, size - 1});
    if (data[0] >= 128)
        read_errands((struct span){data + 1, size - 1});
    return 0;
}

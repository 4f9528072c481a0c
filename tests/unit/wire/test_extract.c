/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "wire/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct wire_run asked = {
    .kind = WIRE_RUN_EXTRACT,
    .page_to = 3,
    .limits = {.memory_bytes = 1 << 28,
               .pixels_max = 1,
               .batch_bytes = 1 << 20,
               .page_bytes = 4096,
               .pages_max = 10,
               .cpu_s = 1,
               .wall_ms = 1000},
};

static struct wire_record
make(uint32_t from, uint32_t to)
{
    return (struct wire_record){.page_from = from,
                                .page_to = to,
                                .confidence = 0.5,
                                .kind = span_of("invoice"),
                                .result = span_of("{\"a\":1}"),
                                .evidence = span_of("{}"),
                                .review = span_of("[]")};
}

/* Feeds all frames; the code of the first error, and how many frames came through. */
static enum err_code
feed(const struct buf *frames, size_t *ret_count)
{
    struct wire_stream stream;
    struct wire_result result;
    struct err err;
    bool found = true;

    *ret_count = 0;
    wire_stream_init(&stream, &asked);
    enum err_code rc = wire_stream_feed(&stream, buf_span(frames), &err);
    while (rc == ERR_OK && found) {
        rc = wire_stream_next(&stream, &result, &found, &err);
        *ret_count += rc == ERR_OK && found;
    }
    wire_stream_fini(&stream);
    return rc;
}

static void
a_run_of_extraction_is_one_kind_of_run(void **state)
{
    struct wire_run run;
    struct buf frame;
    struct err err;

    (void)state;
    buf_init(&frame, 4096);
    wire_put_run(&frame, &asked);
    struct span payload = {frame.data + WIRE_HEADER_SIZE, frame.len - WIRE_HEADER_SIZE};
    assert_int_equal(wire_take_run(payload, &run, &err), ERR_OK);
    assert_int_equal(run.kind, WIRE_RUN_EXTRACT);
    assert_int_equal(run.page_to, 3);
    buf_fini(&frame);
}

static void
records_then_warnings_then_done(void **state)
{
    struct wire_record one = make(0, 2), two = make(2, 3);
    struct buf frames;
    size_t count;

    (void)state;
    buf_init(&frames, MiB(1));
    wire_put_record(&frames, &one);
    wire_put_record(&frames, &two);
    wire_put_warnings(&frames, span_of("[]"));
    wire_put_done(&frames);
    assert_int_equal(feed(&frames, &count), ERR_OK);
    assert_int_equal(count, 4);
    buf_fini(&frames);
}

static void
what_comes_out_of_turn_breaks_the_protocol(void **state)
{
    struct wire_record good = make(1, 2), before = make(0, 1), beyond = make(2, 4),
                       backwards = make(2, 2);
    struct wire_probe probe = {.pages = 1, .type_name = "PDF"};
    struct buf frames;
    size_t count;

    (void)state;
    for (int i = 0; i < 7; i++) {
        buf_init(&frames, MiB(1));
        if (i != 0 && i != 1)
            wire_put_record(&frames, &good);
        if (i == 0)
            wire_put_done(&frames); /* nothing yet */
        else if (i == 1)
            wire_put_warnings(&frames, span_of("[]")); /* without a record */
        else if (i == 2)
            wire_put_done(&frames); /* without warnings */
        else if (i == 3)
            wire_put_record(&frames, &before);
        else if (i == 4)
            wire_put_record(&frames, &beyond);
        else if (i == 5)
            wire_put_record(&frames, &backwards);
        else
            wire_put_probe(&frames, &probe);
        assert_int_equal(feed(&frames, &count), ERR_PROTOCOL);
        buf_fini(&frames);
    }
}

static void
requests_are_read_as_written(void **state)
{
    struct wire_ask ask = {.per_page = true,
                           .min_confidence = 0.25,
                           .schema = span_of("{}"),
                           .instructions = span_of("only totals"),
                           .proposal = span_of(""),
                           .page_count = 7},
                    got;
    struct buf out;
    struct err err;

    (void)state;
    buf_init(&out, 4096);
    wire_put_ask(&out, &ask);
    struct wire_fields fields = wire_fields_of(buf_span(&out));
    assert_int_equal(wire_take_ask(&fields, &got, &err), ERR_OK);
    assert_true(got.per_page && got.min_confidence == 0.25 && got.page_count == 7);
    assert_true(span_equal(got.instructions, ask.instructions) && got.proposal.len == 0);
    for (size_t len = 0; len < out.len; len++) {
        fields = wire_fields_of((struct span){out.data, len});
        assert_int_equal(wire_take_ask(&fields, &got, &err), ERR_PROTOCOL);
    }
    buf_fini(&out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_of_extraction_is_one_kind_of_run),
        cmocka_unit_test(records_then_warnings_then_done),
        cmocka_unit_test(what_comes_out_of_turn_breaks_the_protocol),
        cmocka_unit_test(requests_are_read_as_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "wire/stream.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { PAGE_BYTES = 1000 };

static struct wire_run
run_of(uint32_t from, uint32_t to)
{
    return (struct wire_run){
        .kind = to == 0 ? WIRE_RUN_PROBE : WIRE_RUN_PAGES,
        .page_from = from,
        .page_to = to,
        .limits = {.batch_bytes = 100000, .page_bytes = PAGE_BYTES, .pages_max = 500},
    };
}

static void
put_page(struct buf *out, uint32_t index)
{
    struct wire_page page = {.index = index, .markdown = span_of("text"), .tree = span_of("tree")};

    wire_put_page(out, &page);
}

/* Feeds the whole buffer in pieces of step bytes; counts frames; the first error ends it. */
static enum err_code
play(struct wire_run run, const struct buf *bytes, size_t step, int *ret_frames)
{
    struct wire_stream stream;
    struct wire_result result;
    struct err err;
    enum err_code rc = ERR_OK;

    *ret_frames = 0;
    wire_stream_init(&stream, &run);
    for (size_t at = 0; rc == ERR_OK && at < bytes->len; at += step) {
        size_t n = bytes->len - at < step ? bytes->len - at : step;
        bool found = true;
        rc = wire_stream_feed(&stream, (struct span){bytes->data + at, n}, &err);
        while (rc == ERR_OK && found) {
            rc = wire_stream_next(&stream, &result, &found, &err);
            *ret_frames += rc == ERR_OK && found;
        }
    }
    if (rc == ERR_OK)
        rc = wire_stream_end(&stream, &err);
    wire_stream_fini(&stream);
    return rc;
}

static void
a_file_comes_in_pieces_and_only_where_it_was_asked_for(void **state)
{
    (void)state;
    struct wire_run run = run_of(0, 3);
    struct buf out;
    int frames;

    buf_init(&out, 100000);
    wire_put_done(&out);
    run.kind = WIRE_RUN_SEARCHABLE;
    assert_int_equal(play(run, &out, 10, &frames), ERR_PROTOCOL); /* no file at all */
    buf_clear(&out);
    wire_put_data(&out, span_of("%PDF-1.7 "));
    wire_put_data(&out, span_of("and so on"));
    wire_put_done(&out);
    assert_int_equal(play(run, &out, 7, &frames), ERR_OK);
    assert_int_equal(frames, 3);
    assert_int_equal(play(run_of(0, 3), &out, 7, &frames), ERR_PROTOCOL);
    run.limits.batch_bytes = 20;
    assert_int_equal(play(run, &out, 7, &frames), ERR_OUTPUT);
    buf_fini(&out);
}

static void
bound_pages_may_be_left_out_but_not_turned_round(void **state)
{
    (void)state;
    struct wire_run run = run_of(3, 9);
    struct buf out;
    int frames;

    run.kind = WIRE_RUN_BIND;
    buf_init(&out, 100000);
    wire_put_done(&out);
    assert_int_equal(play(run, &out, 10, &frames), ERR_OK); /* none has changed */
    buf_clear(&out);
    put_page(&out, 4);
    put_page(&out, 8);
    wire_put_done(&out);
    assert_int_equal(play(run, &out, 7, &frames), ERR_OK);
    assert_int_equal(frames, 3);
    buf_clear(&out);
    put_page(&out, 4);
    put_page(&out, 4);
    assert_int_equal(play(run, &out, 7, &frames), ERR_PROTOCOL);
    buf_clear(&out);
    put_page(&out, 9);
    assert_int_equal(play(run, &out, 7, &frames), ERR_PROTOCOL);
    buf_clear(&out);
    put_page(&out, 2);
    assert_int_equal(play(run, &out, 7, &frames), ERR_PROTOCOL);
    buf_fini(&out);
}

static void
put_probe(struct buf *out, uint32_t pages)
{
    const struct wire_probe probe = {.pages = pages, .is_pdf = true};

    wire_put_probe(out, &probe);
}

static void
a_short_document_comes_at_once(void **state)
{
    (void)state;
    struct wire_run run = run_of(0, 3);
    struct buf out;
    int frames;

    run.kind = WIRE_RUN_WHOLE;
    buf_init(&out, 100000);
    wire_put_done(&out);
    assert_int_equal(play(run, &out, 10, &frames), ERR_PROTOCOL); /* nothing is known yet */
    buf_clear(&out);
    put_page(&out, 0);
    assert_int_equal(play(run, &out, 10, &frames), ERR_PROTOCOL);
    buf_clear(&out);
    put_probe(&out, 2);
    put_page(&out, 0);
    size_t first = out.len;
    wire_put_done(&out);
    assert_int_equal(play(run, &out, 10, &frames), ERR_PROTOCOL); /* a page is due */
    out.len = first;
    put_page(&out, 1);
    put_page(&out, 1); /* as its neighbours have it; page 0 stays */
    first = out.len;
    wire_put_done(&out);
    assert_int_equal(play(run, &out, 7, &frames), ERR_OK);
    assert_int_equal(frames, 5);
    out.len = first;
    put_page(&out, 0); /* turned round */
    assert_int_equal(play(run, &out, 7, &frames), ERR_PROTOCOL);
    buf_fini(&out);
}

static void
of_a_long_document_come_the_first_pages(void **state)
{
    (void)state;
    struct wire_run run = run_of(0, 1);
    struct buf out;
    int frames;

    run.kind = WIRE_RUN_WHOLE;
    buf_init(&out, 100000);
    put_probe(&out, 2);
    put_page(&out, 0);
    size_t first = out.len;
    wire_put_done(&out);
    assert_int_equal(play(run, &out, 7, &frames), ERR_OK);
    assert_int_equal(frames, 3);
    out.len = first;
    put_page(&out, 1); /* past the range */
    assert_int_equal(play(run, &out, 7, &frames), ERR_PROTOCOL);
    out.len = first;
    put_page(&out, 0); /* not bound: the other page is not here */
    assert_int_equal(play(run, &out, 7, &frames), ERR_PROTOCOL);
    buf_fini(&out);
}

static void
pages_come_whole_however_they_are_cut(void **state)
{
    (void)state;
    struct buf out;
    struct err why;
    int frames;

    buf_init(&out, 100000);
    put_page(&out, 7);
    err_set(&why, ERR_FORMAT, "no");
    wire_put_page_failed(&out, 8, &why);
    put_page(&out, 9);
    wire_put_done(&out);
    for (size_t step = 1; step <= out.len; step++) {
        assert_int_equal(play(run_of(7, 10), &out, step, &frames), ERR_OK);
        assert_int_equal(frames, 4);
    }
    out.len--;
    assert_int_equal(play(run_of(7, 10), &out, 10, &frames), ERR_PROTOCOL);
    buf_fini(&out);
}

static void
pages_out_of_turn_are_refused(void **state)
{
    (void)state;
    static const uint32_t wrong[][2] = {{8, 9}, {7, 7}, {7, 9}, {0, 1}, {7, UINT32_MAX}};
    struct buf out;
    int frames;

    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        buf_init(&out, 100000);
        put_page(&out, wrong[i][0]);
        put_page(&out, wrong[i][1]);
        assert_int_equal(play(run_of(7, 10), &out, 64, &frames), ERR_PROTOCOL);
        buf_fini(&out);
    }
}

static void
too_many_pages_early_ends_and_afterthoughts_are_refused(void **state)
{
    (void)state;
    struct buf out;
    struct err why;
    int frames;

    buf_init(&out, 100000);
    put_page(&out, 0);
    put_page(&out, 1);
    assert_int_equal(play(run_of(0, 1), &out, 4096, &frames), ERR_PROTOCOL);
    assert_int_equal(frames, 1);
    buf_clear(&out);
    put_page(&out, 0);
    wire_put_done(&out);
    assert_int_equal(play(run_of(0, 2), &out, 4096, &frames), ERR_PROTOCOL);
    buf_clear(&out);
    err_set(&why, ERR_FORMAT, "no");
    wire_put_failed(&out, &why);
    assert_int_equal(play(run_of(0, 2), &out, 4096, &frames), ERR_OK);
    buf_char(&out, 'x');
    assert_int_equal(play(run_of(0, 2), &out, 4096, &frames), ERR_PROTOCOL);
    buf_clear(&out);
    wire_put_kill(&out, 1); /* not the child's to say */
    assert_int_equal(play(run_of(0, 2), &out, 4096, &frames), ERR_PROTOCOL);
    buf_fini(&out);
}

static void
a_probe_answers_once_and_within_the_limit(void **state)
{
    (void)state;
    struct wire_probe probe = {.pages = 12, .is_pdf = true, .type_name = "PDF 1.7"};
    struct buf out;
    int frames;

    buf_init(&out, 100000);
    struct wire_hint hint = {.has_text = true};
    wire_put_hint(&out, &hint);
    assert_int_equal(play(run_of(0, 0), &out, 5, &frames), ERR_PROTOCOL);
    buf_clear(&out);
    wire_put_probe(&out, &probe);
    wire_put_hint(&out, &hint);
    wire_put_done(&out);
    assert_int_equal(play(run_of(0, 0), &out, 5, &frames), ERR_OK);
    assert_int_equal(frames, 3);
    assert_int_equal(play(run_of(0, 4), &out, 5, &frames), ERR_PROTOCOL);
    buf_clear(&out);
    wire_put_probe(&out, &probe);
    wire_put_probe(&out, &probe);
    assert_int_equal(play(run_of(0, 0), &out, 5, &frames), ERR_PROTOCOL);
    buf_clear(&out);
    probe.pages = 501;
    wire_put_probe(&out, &probe);
    assert_int_equal(play(run_of(0, 0), &out, 5, &frames), ERR_PROTOCOL);
    probe.pages = 0;
    buf_clear(&out);
    wire_put_probe(&out, &probe);
    assert_int_equal(play(run_of(0, 0), &out, 5, &frames), ERR_PROTOCOL);
    buf_fini(&out);
}

/* A header alone that promises more than a page may have: refused before the bytes come. */
static void
a_false_length_is_refused_at_its_header(void **state)
{
    (void)state;
    static const struct {
        uint32_t length;
        enum err_code rc;
    } rows[] = {{PAGE_BYTES + 500, ERR_OUTPUT},
                {WIRE_PAGE_BYTES_MAX + 64, ERR_OUTPUT},
                {WIRE_PAGE_BYTES_MAX + 65, ERR_PROTOCOL},
                {UINT32_MAX, ERR_PROTOCOL},
                {3, ERR_PROTOCOL}};
    struct buf out;
    int frames;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        buf_init(&out, 100000);
        size_t begun = wire_begin(&out, WIRE_PAGE);
        wire_end(&out, begun);
        for (int k = 0; k < 4; k++)
            out.data[8 + k] = (uint8_t)(rows[i].length >> (8 * k));
        assert_int_equal(play(run_of(0, 1), &out, 4096, &frames), rows[i].rc);
        buf_fini(&out);
    }
}

static void
a_batch_has_a_limit(void **state)
{
    (void)state;
    struct wire_run run = run_of(0, 100);
    struct buf out;
    int frames;

    buf_init(&out, 100000);
    for (uint32_t i = 0; i < 100; i++)
        put_page(&out, i);
    wire_put_done(&out);
    run.limits.batch_bytes = out.len;
    assert_int_equal(play(run, &out, 512, &frames), ERR_OK);
    run.limits.batch_bytes = out.len - 1;
    assert_int_equal(play(run, &out, 512, &frames), ERR_OUTPUT);
    assert_in_range(frames, 90, 100);
    buf_fini(&out);
}

static void
a_pipe_is_read_without_waiting(void **state)
{
    (void)state;
    struct wire_run run = run_of(0, 2);
    struct wire_stream stream;
    struct wire_result result;
    struct buf out;
    struct err err;
    int fds[2];
    bool more, eof, found;

    assert_int_equal(pipe2(fds, O_NONBLOCK | O_CLOEXEC), 0);
    buf_init(&out, 1000);
    put_page(&out, 0);
    wire_stream_init(&stream, &run);
    assert_int_equal(wire_stream_read(&stream, fds[0], &more, &eof, &err), ERR_OK);
    assert_false(more);
    assert_false(eof);
    assert_int_equal(write(fds[1], out.data, out.len), (ssize_t)out.len);
    assert_int_equal(wire_stream_read(&stream, fds[0], &more, &eof, &err), ERR_OK);
    assert_true(more);
    assert_int_equal(wire_stream_next(&stream, &result, &found, &err), ERR_OK);
    assert_true(found);
    assert_int_equal(result.page.index, 0);
    assert_true(span_equal(result.page.markdown, span_of("text")));
    close(fds[1]);
    assert_int_equal(wire_stream_read(&stream, fds[0], &more, &eof, &err), ERR_OK);
    assert_true(eof);
    close(fds[0]);
    wire_stream_fini(&stream);
    buf_fini(&out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_comes_in_pieces_and_only_where_it_was_asked_for),
        cmocka_unit_test(bound_pages_may_be_left_out_but_not_turned_round),
        cmocka_unit_test(pages_come_whole_however_they_are_cut),
        cmocka_unit_test(a_short_document_comes_at_once),
        cmocka_unit_test(of_a_long_document_come_the_first_pages),
        cmocka_unit_test(pages_out_of_turn_are_refused),
        cmocka_unit_test(too_many_pages_early_ends_and_afterthoughts_are_refused),
        cmocka_unit_test(a_probe_answers_once_and_within_the_limit),
        cmocka_unit_test(a_false_length_is_refused_at_its_header),
        cmocka_unit_test(a_batch_has_a_limit),
        cmocka_unit_test(a_pipe_is_read_without_waiting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

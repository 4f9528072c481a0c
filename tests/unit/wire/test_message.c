/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "wire/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct wire_run sound_run = {
    .id = UINT64_C(0x1122334455667788),
    .kind = WIRE_RUN_PAGES,
    .page_from = 3,
    .page_to = 9,
    .limits = {.memory_bytes = UINT64_C(1) << 30,
               .pixels_max = 40000000,
               .batch_bytes = UINT64_C(1) << 33,
               .page_bytes = 1 << 24,
               .pages_max = 20000,
               .cpu_s = 600,
               .wall_ms = 90000},
};

static struct span
payload_of(const struct buf *frame)
{
    return (struct span){frame->data + WIRE_HEADER_SIZE, frame->len - WIRE_HEADER_SIZE};
}

static void
a_run_comes_back_as_it_went(void **state)
{
    (void)state;
    struct buf frame;
    struct wire_header header;
    struct wire_run run;
    struct err err;

    buf_init(&frame, 1000);
    wire_put_run(&frame, &sound_run);
    assert_int_equal(wire_read_header(frame.data, &header, &err), ERR_OK);
    assert_int_equal(header.type, WIRE_RUN);
    assert_int_equal(header.length, frame.len - WIRE_HEADER_SIZE);
    memset(&run, 0, sizeof(run));
    assert_int_equal(wire_take_run(payload_of(&frame), &run, &err), ERR_OK);
    assert_int_equal(run.id, sound_run.id);
    assert_int_equal(run.kind, sound_run.kind);
    assert_int_equal(run.page_from, 3);
    assert_int_equal(run.page_to, 9);
    assert_memory_equal(&run.limits, &sound_run.limits, sizeof(run.limits));
    for (size_t cut = 0; cut < header.length; cut++) {
        struct span part = {frame.data + WIRE_HEADER_SIZE, cut};
        assert_int_equal(wire_take_run(part, &run, &err), ERR_PROTOCOL);
    }
    buf_fini(&frame);
}

static enum err_code
send_run(struct wire_run run)
{
    struct buf frame;
    struct err err;

    buf_init(&frame, 1000);
    wire_put_run(&frame, &run);
    enum err_code rc = wire_take_run(payload_of(&frame), &run, &err);
    buf_fini(&frame);
    return rc;
}

static void
a_run_without_sense_is_refused(void **state)
{
    (void)state;
    struct wire_run run = sound_run;

    assert_int_equal(send_run(run), ERR_OK);
    run.page_to = run.page_from;
    assert_int_equal(send_run(run), ERR_PROTOCOL);
    run = sound_run;
    run.kind = WIRE_RUN_PROBE; /* with pages */
    assert_int_equal(send_run(run), ERR_PROTOCOL);
    run.kind = WIRE_RUN_WHOLE;
    run.page_from = 1; /* not from the first page */
    assert_int_equal(send_run(run), ERR_PROTOCOL);
    run.page_from = 0;
    assert_int_equal(send_run(run), ERR_OK);
    run = sound_run;
    run.limits.cpu_s = 0;
    assert_int_equal(send_run(run), ERR_PROTOCOL);
    run = sound_run;
    run.limits.memory_bytes = 1000;
    assert_int_equal(send_run(run), ERR_PROTOCOL);
    run = sound_run;
    run.limits.page_bytes = WIRE_PAGE_BYTES_MAX + 1;
    assert_int_equal(send_run(run), ERR_PROTOCOL);
}

static void
an_end_is_by_status_or_by_signal(void **state)
{
    (void)state;
    static const struct {
        int32_t status;
        uint32_t signal;
        enum err_code rc;
    } rows[] = {{0, 0, ERR_OK},        {255, 0, ERR_OK},      {-1, 9, ERR_OK},
                {-1, 0, ERR_PROTOCOL}, {0, 9, ERR_PROTOCOL},  {256, 0, ERR_PROTOCOL},
                {-2, 0, ERR_PROTOCOL}, {-1, 65, ERR_PROTOCOL}};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct wire_ended ended = {
            .id = 5, .exit_status = rows[i].status, .signal = rows[i].signal, .cpu_ms = 12};
        struct wire_ended got;
        struct buf frame;
        struct err err;
        buf_init(&frame, 1000);
        wire_put_ended(&frame, &ended);
        assert_int_equal(wire_take_ended(payload_of(&frame), &got, &err), rows[i].rc);
        buf_fini(&frame);
    }
}

static void
a_child_reports_only_what_can_be_its_fault(void **state)
{
    (void)state;
    struct wire_failure failure;
    struct buf frame;
    struct err err, why;

    buf_init(&frame, 1000);
    err_set(&why, ERR_STALE, "bad\x01\xff text");
    wire_put_failed(&frame, &why);
    assert_int_equal(wire_take_failed(payload_of(&frame), &failure, &err), ERR_OK);
    assert_int_equal(failure.why.code, ERR_SYSTEM);
    assert_string_equal(failure.why.msg, "bad \xef\xbf\xbd text");
    /* The code's two bytes stand first. */
    static const uint16_t bad[] = {ERR_OK,       ERR_STALE,      ERR_CREDITS,
                                   ERR_PROTOCOL, ERR_CODE_COUNT, 65535};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        frame.data[WIRE_HEADER_SIZE] = (uint8_t)bad[i];
        frame.data[WIRE_HEADER_SIZE + 1] = (uint8_t)(bad[i] >> 8);
        assert_int_equal(wire_take_failed(payload_of(&frame), &failure, &err), ERR_PROTOCOL);
    }
    buf_fini(&frame);
}

static enum err_code
send_page(struct wire_page page, struct wire_page *ret)
{
    static struct buf frame;
    struct err err;

    buf_fini(&frame);
    buf_init(&frame, 1000);
    wire_put_page(&frame, &page);
    return wire_take_page(payload_of(&frame), ret, &err);
}

static void
a_page_is_text_and_a_tree(void **state)
{
    (void)state;
    const struct wire_page sound = {.index = 4,
                                    .cpu_us = 900,
                                    .width_px = 1654,
                                    .height_px = 2339,
                                    .flags = WIRE_PAGE_OCR,
                                    .markdown = span_of("# Gr\xc3\xbc\xc3\x9f"),
                                    .tree = span_of("tree")};
    struct wire_page got, page = sound;

    assert_int_equal(send_page(page, &got), ERR_OK);
    assert_true(span_equal(got.markdown, sound.markdown));
    assert_true(span_equal(got.tree, sound.tree));
    assert_int_equal(got.width_px, 1654);
    page.markdown = span_of("");
    assert_int_equal(send_page(page, &got), ERR_OK);
    page.markdown = span_of("\xc3");
    assert_int_equal(send_page(page, &got), ERR_PROTOCOL);
    page.markdown = (struct span){(const uint8_t *)"a\0b", 3};
    assert_int_equal(send_page(page, &got), ERR_PROTOCOL);
    page = sound;
    page.tree.len = 0;
    assert_int_equal(send_page(page, &got), ERR_PROTOCOL);
    page = sound;
    page.flags = 0x80;
    assert_int_equal(send_page(page, &got), ERR_PROTOCOL);
    page = sound;
    page.width_px = UINT32_MAX;
    assert_int_equal(send_page(page, &got), ERR_PROTOCOL);
}

static void
taking_stops_at_the_end(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {1, 2, 0xff, 0xff, 0xff, 0xff, 'a'};
    struct wire_fields fields = wire_fields_of((struct span){bytes, sizeof(bytes)});
    struct err err;
    char text[8] = "old";

    assert_int_equal(wire_take_u16(&fields), 0x0201);
    assert_int_equal(wire_take_bytes(&fields, SIZE_MAX).len, 0);
    wire_take_text(&fields, text, sizeof(text));
    assert_string_equal(text, "");
    assert_int_equal(wire_take_u8(&fields), 0);
    assert_int_equal(wire_fields_end(&fields, "TEST", &err), ERR_PROTOCOL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_comes_back_as_it_went),
        cmocka_unit_test(a_run_without_sense_is_refused),
        cmocka_unit_test(an_end_is_by_status_or_by_signal),
        cmocka_unit_test(a_child_reports_only_what_can_be_its_fault),
        cmocka_unit_test(a_page_is_text_and_a_tree),
        cmocka_unit_test(taking_stops_at_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A link to readers of every character (tests/fake/reader.c, given as the first argument). */
#include "base/clock.h"
#include "runner/link.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const char *fake_reader;
static struct err err;

static const struct wire_limits sound = {.memory_bytes = MiB(512),
                                         .pixels_max = 40000000,
                                         .batch_bytes = MiB(16),
                                         .page_bytes = MiB(1),
                                         .pages_max = 100,
                                         .cpu_s = 20,
                                         .wall_ms = 20000};

struct outcome {
    struct err why;
    struct wire_ended ended;
    int pages, failed, probes, ready, troubles;
    char text[2000];
};

static struct link *
open_link(const char *kind)
{
    static const char *args[2];
    struct link_config config = {.exe = fake_reader, .args = args, .ready_ms = 20000};
    struct link *link;

    args[0] = kind;
    assert_int_equal(link_open(&config, &link, &err), ERR_OK);
    return link;
}

/* Steps until the kind of event comes or the time is over; true if it came. */
static bool
step_until(struct link *link, enum link_event_kind kind, int64_t patience_ms, struct outcome *out)
{
    int64_t until = clock_mono_ms() + patience_ms;
    struct link_event event;

    while (clock_mono_ms() < until) {
        link_step(link, &event);
        if (event.kind == LINK_PAGE) {
            size_t used = strlen(out->text);
            snprintf(out->text + used, sizeof(out->text) - used, "%.*s",
                     (int)event.page.markdown.len, (const char *)event.page.markdown.data);
        }
        out->pages += event.kind == LINK_PAGE;
        out->failed += event.kind == LINK_PAGE_FAILED;
        out->probes += event.kind == LINK_PROBE;
        out->ready += event.kind == LINK_BECAME_READY;
        out->troubles += event.kind == LINK_TROUBLE;
        if (event.kind == LINK_ENDED || event.kind == LINK_TROUBLE) {
            out->why = event.why;
            out->ended = event.ended;
        }
        if (event.kind == kind)
            return true;
        if (event.kind == LINK_NOTHING)
            link_wait(link, until);
    }
    return false;
}

static void
start_run(struct link *link, const char *document, uint32_t from, uint32_t to,
          struct wire_limits limits)
{
    struct outcome out = {.why.code = ERR_OK};
    struct wire_run run = {.kind = to == 0 ? WIRE_RUN_PROBE : WIRE_RUN_PAGES,
                           .page_from = from,
                           .page_to = to,
                           .limits = limits};
    int fd = memfd_create("document", MFD_CLOEXEC);

    assert_int_equal(write(fd, document, strlen(document)), (ssize_t)strlen(document));
    if (link_state(link) != LINK_READY)
        assert_true(step_until(link, LINK_BECAME_READY, 30000, &out));
    assert_int_equal(link_run(link, &run, fd, &err), ERR_OK);
    assert_int_equal(link_state(link), LINK_RUNNING);
    close(fd);
}

static struct outcome
play(struct link *link, const char *document, uint32_t from, uint32_t to)
{
    struct outcome out = {.why.code = ERR_OK};

    start_run(link, document, from, to, sound);
    assert_true(step_until(link, LINK_ENDED, 30000, &out));
    return out;
}

static void
a_real_reader_reads(void **state)
{
    (void)state;
    struct link *link = open_link("env");
    struct outcome out;

    setenv("SECRET_OF_THE_RUNNER", "x", 1);
    int left_open = open("/dev/null", O_RDONLY);
    out = play(link, "FAKE 3\n0 layer zero\n1 bad\n2 scan two\n", 0, 3);
    assert_int_equal(out.why.code, ERR_OK);
    assert_int_equal(out.pages, 2);
    assert_int_equal(out.failed, 1);
    assert_string_equal(out.text, "zero\ntwo\n");
    assert_string_equal(link_reader(link)->engine, "fake 1.0, eng");
    out = play(link, "FAKE 3\n", 0, 0);
    assert_int_equal(out.why.code, ERR_OK);
    assert_int_equal(out.probes, 1);
    out = play(link, "FAKE encrypted\n", 0, 0);
    assert_int_equal(out.why.code, ERR_ENCRYPTED);
    out = play(link, "FAKE 1\n0 crash\n", 0, 1);
    assert_true(out.why.code == ERR_CRASH);
    assert_int_equal(play(link, "FAKE 1\n", 0, 1).why.code, ERR_OK);
    link_close(&link);
    assert_null(link);
    close(left_open);
    unsetenv("SECRET_OF_THE_RUNNER");
}

static void
a_hanging_child_costs_its_deadline(void **state)
{
    (void)state;
    struct link *link = open_link("real");
    struct outcome out = {.why.code = ERR_OK};
    struct wire_limits limits = sound;

    limits.wall_ms = 3000; /* in which the page before is read */
    start_run(link, "FAKE 2\n0 layer zero\n1 stop\n", 0, 2, limits);
    assert_true(step_until(link, LINK_ENDED, 60000, &out));
    assert_int_equal(out.why.code, ERR_DEADLINE);
    assert_int_equal(out.pages, 1);
    assert_true(out.ended.timed_out);
    link_close(&link);
}

static void
a_cancelled_run_ends_for_our_reason(void **state)
{
    (void)state;
    struct link *link = open_link("real");
    struct outcome out = {.why.code = ERR_OK};
    struct err why;

    err_set(&why, ERR_STALE, "deleted");
    start_run(link, "FAKE 2\n0 layer zero\n1 stop\n", 0, 2, sound);
    assert_true(step_until(link, LINK_PAGE, 60000, &out));
    link_cancel(link, &why);
    assert_true(step_until(link, LINK_ENDED, 60000, &out));
    assert_int_equal(out.why.code, ERR_STALE);
    assert_true(out.ended.killed);
    assert_int_equal(play(link, "FAKE 1\n0 layer next\n", 0, 1).why.code, ERR_OK);
    link_close(&link);
}

/* What each lie has to end in. After it the next document is read as if nothing had been. */
static void
lies_end_in_a_clear_code(void **state)
{
    (void)state;
    static const struct {
        const char *lie;
        enum err_code code;
        int pages;
    } rows[] = {
        {"honest", ERR_OK, 2},        {"length", ERR_PROTOCOL, 0}, {"garbage", ERR_PROTOCOL, 0},
        {"order", ERR_PROTOCOL, 0},   {"range", ERR_PROTOCOL, 0},  {"twice", ERR_PROTOCOL, 2},
        {"endless", ERR_PROTOCOL, 2}, {"cut", ERR_PROTOCOL, 1},    {"bad_text", ERR_PROTOCOL, 0},
        {"fat", ERR_OUTPUT, 0},       {"late", ERR_PROTOCOL, 2},   {"bad_tree", ERR_OK, 2},
    };
    struct link *link = open_link("liar");

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct outcome out = play(link, rows[i].lie, 4, 6);
        if (out.why.code != rows[i].code || out.pages != rows[i].pages)
            fail_msg("%s: code %d, %d pages: %s", rows[i].lie, out.why.code, out.pages,
                     out.why.msg);
    }
    assert_int_equal(play(link, "probe", 0, 0).why.code, ERR_PROTOCOL);
    assert_int_equal(play(link, "honest", 0, 1).why.code, ERR_OK);
    link_close(&link);
}

static void
a_reader_that_lies_or_dies_is_replaced(void **state)
{
    (void)state;
    static const struct {
        const char *lie;
        enum err_code code;
    } rows[] = {{"die", ERR_CRASH}, {"status", ERR_OK}, {"noise", ERR_OK}, {"hold", ERR_PROTOCOL}};
    struct link *link = open_link("liar");

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct outcome out = play(link, rows[i].lie, 0, 1);
        if (out.why.code != rows[i].code)
            fail_msg("%s: code %d: %s", rows[i].lie, out.why.code, out.why.msg);
        assert_int_equal(link_state(link), LINK_DOWN);
    }
    assert_int_equal(play(link, "honest", 0, 1).why.code, ERR_OK);
    link_close(&link);
}

static void
a_stuck_reader_is_killed(void **state)
{
    (void)state;
    struct link *link = open_link("liar");
    struct outcome out = {.why.code = ERR_OK};
    struct wire_limits limits = sound;

    limits.wall_ms = 1;
    start_run(link, "mute", 0, 1, limits);
    assert_true(step_until(link, LINK_ENDED, 60000, &out)); /* wall limit and 5 s of grace */
    assert_int_equal(out.why.code, ERR_DEADLINE);
    assert_int_equal(play(link, "honest", 0, 1).why.code, ERR_OK);
    link_close(&link);
}

static void
a_reader_that_does_not_start_is_tried_with_pauses(void **state)
{
    (void)state;
    struct link *link = open_link("dead");
    struct outcome out = {.why.code = ERR_OK};

    int64_t begun = clock_mono_ms();
    for (int i = 0; i < 4; i++) {
        assert_true(step_until(link, LINK_TROUBLE, 30000, &out));
        assert_int_equal(out.why.code, ERR_CRASH);
    }
    assert_int_equal(out.ready, 0);
    assert_true(clock_mono_ms() - begun >= 100 + 200 + 400);
    link_close(&link);

    static const char *const args[] = {"dumb", NULL};
    struct link_config config = {.exe = fake_reader, .args = args, .ready_ms = 100};
    assert_int_equal(link_open(&config, &link, &err), ERR_OK);
    assert_true(step_until(link, LINK_TROUBLE, 30000, &out));
    assert_int_equal(out.why.code, ERR_DEADLINE);
    link_close(&link);

    config.exe = "/nowhere/at/all";
    assert_int_equal(link_open(&config, &link, &err), ERR_OK);
    assert_true(step_until(link, LINK_TROUBLE, 30000, &out));
    link_close(&link);
}

/* What a fork of this process knows, in memory that it shares with us. */
struct known {
    bool ran, knows_secret, knows_models;
};

static int
be_no_reader(int control_fd, void *ctx)
{
    struct known *known = ctx;

    (void)control_fd;
    known->ran = true;
    known->knows_secret = getenv("SECRET_OF_THE_RUNNER") != NULL;
    known->knows_models = getenv("TESSDATA_PREFIX") != NULL;
    return 0;
}

static void
the_first_reader_may_be_a_fork_that_knows_no_secrets(void **state)
{
    (void)state;
    struct known *known =
        mmap(NULL, sizeof(*known), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    static const char *args[] = {"real", NULL};
    struct link_config config = {.exe = fake_reader,
                                 .args = args,
                                 .ready_ms = 20000,
                                 .entry = be_no_reader,
                                 .entry_ctx = known};
    struct outcome out = {.why.code = ERR_OK};
    struct link *link;

    setenv("SECRET_OF_THE_RUNNER", "x", 1);
    setenv("TESSDATA_PREFIX", "/nowhere", 1);
    assert_int_equal(link_open(&config, &link, &err), ERR_OK);
    assert_true(step_until(link, LINK_TROUBLE, 20000, &out));
    assert_true(known->ran && known->knows_models);
    assert_false(known->knows_secret);
    known->ran = false;
    assert_true(step_until(link, LINK_BECAME_READY, 30000, &out)); /* this one by exec */
    assert_false(known->ran);
    assert_int_equal(play(link, "FAKE 1\n", 0, 1).why.code, ERR_OK);
    link_close(&link);
    unsetenv("SECRET_OF_THE_RUNNER");
    unsetenv("TESSDATA_PREFIX");
    (void)munmap(known, sizeof(*known));
}

static void
nothing_is_left_behind(void **state)
{
    (void)state;
    struct link *link = open_link("real");
    int before = dup(0), after;

    close(before);
    start_run(link, "FAKE 1\n0 stop\n", 0, 1, sound);
    link_close(&link);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child at all */
    after = dup(0);
    close(after);
    assert_int_equal(before, after);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_real_reader_reads),
        cmocka_unit_test(a_hanging_child_costs_its_deadline),
        cmocka_unit_test(a_cancelled_run_ends_for_our_reason),
        cmocka_unit_test(lies_end_in_a_clear_code),
        cmocka_unit_test(a_reader_that_lies_or_dies_is_replaced),
        cmocka_unit_test(a_stuck_reader_is_killed),
        cmocka_unit_test(a_reader_that_does_not_start_is_tried_with_pauses),
        cmocka_unit_test(the_first_reader_may_be_a_fork_that_knows_no_secrets),
        cmocka_unit_test(nothing_is_left_behind),
    };
    if (argc != 2)
        return 64;
    fake_reader = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A real reader with real confined children over the fakes of tests/fake: what a child does, and
 * how the reader tells of its end. Under a sanitizer the filter is not compatible with the run-time
 * library in every corner; what depends on the exact kind of death is skipped there. */
#include "../sandbox/sanitized.h"
#include "base/clock.h"
#include "base/fdio.h"
#include "page/codec.h"
#include "wire/channel.h"
#include "wire/stream.h"
#include "worker/worker.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static int control = -1;
static pid_t reader_pid;
static struct channel_message message;
static struct err err;

static bool
receive(enum wire_type type, int timeout_ms)
{
    struct pollfd fd = {.fd = control, .events = POLLIN};
    enum channel_state state;

    if (poll(&fd, 1, timeout_ms) != 1 || channel_receive(control, &message, &state, &err) != ERR_OK)
        return false;
    return state == CHANNEL_MESSAGE && message.header.type == type;
}

static int
start_reader(void **state)
{
    int fds[2];
    struct wire_ready ready;

    (void)state;
    if (channel_pair(fds, &err) != ERR_OK)
        return -1;
    reader_pid = fork();
    if (reader_pid == 0) {
        struct worker_config config = {.languages = NULL};
        close(fds[0]);
        for (int number = 1; !SANITIZED && number < 32; number++)
            (void)signal(number, SIG_DFL); /* cmocka's handlers; exec() would have done it */
        _exit(worker_reader_main(fds[1], &config));
    }
    close(fds[1]);
    control = fds[0];
    if (!receive(WIRE_READY, 20000) || wire_take_ready(message.payload, &ready, &err) != ERR_OK)
        return -1;
    return strcmp(ready.engine, "fake 1.0, eng") == 0 ? 0 : -1;
}

static int
stop_reader(void **state)
{
    int status;

    (void)state;
    close(control);
    return waitpid(reader_pid, &status, 0) == reader_pid && status == 0 ? 0 : -1;
}

struct outcome {
    struct wire_ended ended;
    int pages, failed_pages, probes;
    bool done;
    struct err why; /* of FAILED, or of the last failed page */
    char markdown[4096];
    struct wire_probe probe;
    struct wire_hint hint;
};

static const struct wire_limits sound = {.memory_bytes = MiB(256),
                                         .pixels_max = 40000000,
                                         .batch_bytes = MiB(64),
                                         .page_bytes = MiB(1),
                                         .pages_max = 100,
                                         .cpu_s = 20,
                                         .wall_ms = 20000};

static struct wire_run
run_of(uint32_t from, uint32_t to)
{
    static uint64_t id;

    return (struct wire_run){.id = ++id,
                             .kind = to == 0 ? WIRE_RUN_PROBE : WIRE_RUN_PAGES,
                             .page_from = from,
                             .page_to = to,
                             .limits = sound};
}

/* Sends RUN; the read end of its result pipe. */
static int
send_run(struct span script, const struct wire_run *run)
{
    int fds[2], both[2];
    struct buf frame;

    both[0] = memfd_create("script", MFD_CLOEXEC);
    assert_int_equal(write(both[0], script.data, script.len), (ssize_t)script.len);
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    both[1] = fds[1];
    buf_init(&frame, CHANNEL_PACKET_MAX);
    wire_put_run(&frame, run);
    assert_int_equal(channel_send(control, &frame, both, 2, &err), ERR_OK);
    buf_fini(&frame);
    close(both[0]);
    close(both[1]);
    return fds[0];
}

static void
note(const struct wire_result *result, struct outcome *out)
{
    if (result->type == WIRE_PAGE) {
        size_t used = strlen(out->markdown);
        size_t n = result->page.markdown.len;
        if (n < sizeof(out->markdown) - used)
            memcpy(out->markdown + used, result->page.markdown.data, n);
        out->pages++;
    } else if (result->type == WIRE_PAGE_FAILED || result->type == WIRE_FAILED) {
        out->failed_pages += result->type == WIRE_PAGE_FAILED;
        out->why = result->failure.why;
    } else if (result->type == WIRE_PROBE) {
        out->probes++;
        out->probe = result->probe;
    } else if (result->type == WIRE_RECORD) {
        size_t n = result->record.result.len;
        assert_true(n < sizeof(out->markdown));
        memcpy(out->markdown, result->record.result.data, n);
        out->pages += (int)(result->record.page_to - result->record.page_from);
    } else if (result->type == WIRE_WARNINGS) {
        out->probes++;
    } else if (result->type == WIRE_HINT) {
        out->hint = result->hint;
    } else {
        out->done = true;
    }
}

static struct outcome
play_bytes(struct span script, struct wire_run run)
{
    struct outcome out = {.why.code = ERR_OK};
    struct wire_stream stream;
    struct wire_result result;
    bool more, eof = false, found = true;
    int fd = send_run(script, &run);

    wire_stream_init(&stream, &run);
    while (!eof) { /* the pipe blocks */
        assert_int_equal(wire_stream_read(&stream, fd, &more, &eof, &err), ERR_OK);
        for (found = true; found;) {
            assert_int_equal(wire_stream_next(&stream, &result, &found, &err), ERR_OK);
            if (found)
                note(&result, &out);
        }
    }
    assert_int_equal(wire_stream_end(&stream, &err), ERR_OK);
    wire_stream_fini(&stream);
    close(fd);
    assert_true(receive(WIRE_ENDED, 20000));
    assert_int_equal(wire_take_ended(message.payload, &out.ended, &err), ERR_OK);
    assert_int_equal(out.ended.id, run.id);
    return out;
}

static struct outcome
play(const char *script, struct wire_run run)
{
    return play_bytes(span_of(script), run);
}

static void
a_probe_counts_pages(void **state)
{
    (void)state;
    struct outcome out = play("FAKE 70\n0 layer Hello\n", run_of(0, 0));

    assert_int_equal(out.ended.exit_status, 0);
    assert_true(out.done);
    assert_int_equal(out.probe.pages, 70);
    assert_true(out.hint.has_text);
    assert_string_equal(out.probe.type_name, "FAKE 1.0");
}

static void
pages_come_in_order_and_the_next_run_knows_nothing(void **state)
{
    (void)state;
    struct outcome out = play("FAKE 3\n0 layer zero\n1 scan one\n2 layer two\n", run_of(1, 3));

    assert_int_equal(out.ended.exit_status, 0);
    assert_int_equal(out.pages, 2);
    assert_true(out.done);
    assert_string_equal(out.markdown, "one\ntwo\n");
    assert_true(out.ended.peak_kib > 0);
    out = play("FAKE 1\n", run_of(0, 1));
    assert_string_equal(out.markdown, "");
    assert_int_equal(out.pages, 1);
}

static void
a_short_document_is_probed_and_read_at_once(void **state)
{
    (void)state;
    const char *script = "FAKE 2\n0 layer zero\n1 scan one\n";
    struct wire_run run = run_of(0, 5);

    run.kind = WIRE_RUN_WHOLE;
    struct outcome out = play(script, run);
    assert_int_equal(out.ended.exit_status, 0);
    assert_true(out.done);
    assert_int_equal(out.probe.pages, 2);
    assert_true(out.pages >= 2); /* and once more what is changed beside its neighbours */
    assert_memory_equal(out.markdown, "zero\none\n", strlen("zero\none\n"));
    run.page_to = 1;
    out = play(script, run);
    assert_true(out.done);
    assert_int_equal(out.probe.pages, 2);
    assert_int_equal(out.pages, 1);
    out = play("FAKE encrypted\n", run);
    assert_int_equal(out.why.code, ERR_ENCRYPTED);
}

/* One word a page. */
static void
put_trees(struct buf *out, uint32_t first, uint32_t count)
{
    struct arena *arena = arena_new(MiB(1));
    struct buf tree;

    for (uint32_t i = 0; i < count; i++) {
        struct page *page = page_new(arena, first + i, 100, 100);
        struct page_word *word = page_add_word(page);
        word->text = "word";
        word->box = (struct box){1, 1, 9, 9};
        word->confidence = 1;
        buf_init(&tree, MiB(1));
        page_encode(page, &tree);
        wire_put_bytes(out, buf_span(&tree));
        buf_fini(&tree);
    }
    arena_drop(&arena);
}

static struct outcome
extract(const char *schema, uint32_t pages, uint32_t told)
{
    const struct wire_ask ask = {.schema = span_of(schema),
                                 .instructions = span_of(""),
                                 .proposal = span_of(""),
                                 .page_count = told};
    struct wire_run run = run_of(0, 9);
    struct buf bytes;

    run.kind = WIRE_RUN_EXTRACT;
    buf_init(&bytes, MiB(1));
    wire_put_ask(&bytes, &ask);
    put_trees(&bytes, 2, pages);
    struct outcome out = play_bytes(buf_span(&bytes), run);
    buf_fini(&bytes);
    return out;
}

static void
pages_that_were_read_are_extracted_from(void **state)
{
    (void)state;
    struct outcome out = extract("{\"a\":\"string\"}", 3, 3);
    assert_true(out.done);
    assert_string_equal(out.markdown, "{\"word\":\"word\"}");
    assert_int_equal(out.pages, 3);
    assert_int_equal(out.probes, 1); /* the warnings */
    /* What the runner would not send ends in a reason. */
    assert_int_equal(extract("", 3, 4).why.code, ERR_SYSTEM);
    assert_int_equal(extract("{\"a\":\"strng\"}", 1, 1).why.code, ERR_SYSTEM);
    assert_int_equal(extract("", 0, 0).why.code, ERR_LIMIT);
}

static void
a_bad_page_is_passed_over(void **state)
{
    (void)state;
    struct wire_run run = run_of(0, 4);

    run.limits.page_bytes = 5000;
    struct outcome out = play("FAKE 4\n0 layer zero\n1 bad\n2 big 100000\n3 layer three\n", run);
    assert_true(out.done);
    assert_int_equal(out.pages, 2);
    assert_int_equal(out.failed_pages, 2);
    assert_int_equal(out.why.code, ERR_OUTPUT);
    assert_string_equal(out.markdown, "zero\nthree\n");
}

static void
documents_that_do_not_open_say_why(void **state)
{
    (void)state;
    struct outcome out = play("FAKE encrypted\n", run_of(0, 0));

    assert_int_equal(out.why.code, ERR_ENCRYPTED);
    assert_string_equal(out.why.msg, "the document needs a password");
    assert_int_equal(play("%PDF\n", run_of(0, 0)).why.code, ERR_MEDIA);
    assert_int_equal(play("FAKE 101\n", run_of(0, 0)).why.code, ERR_PAGES);
    assert_int_equal(play("FAKE 0\n", run_of(0, 0)).why.code, ERR_FORMAT);
    assert_int_equal(play("FAKE 2\n", run_of(1, 3)).why.code, ERR_FORMAT);
}

static void
deaths_are_told_apart(void **state)
{
    (void)state;
    if (SANITIZED) {
        print_message("skipped: a sanitizer handles fatal signals itself\n");
        skip();
    }
    struct outcome out = play("FAKE 2\n0 layer zero\n1 crash\n", run_of(0, 2));
    assert_int_equal(out.ended.signal, SIGSEGV);
    assert_int_equal(out.pages, 1); /* what came before counts */
    assert_int_equal(play("FAKE 1\n0 abort\n", run_of(0, 1)).ended.signal, SIGABRT);
    assert_int_equal(play("FAKE 1\n0 socket\n", run_of(0, 1)).ended.signal, SIGSYS);
    assert_int_equal(play("FAKE 1\n0 eat\n", run_of(0, 1)).ended.exit_status, WIRE_EXIT_MEMORY);
    out = play("FAKE 1\n0 open\n0 layer still here\n", run_of(0, 1));
    assert_int_equal(out.ended.exit_status, 0);
    assert_string_equal(out.markdown, "still here\n");
}

static void
time_is_limited_by_processor_and_by_wall(void **state)
{
    (void)state;
    struct wire_run run = run_of(0, 1);

    run.limits.cpu_s = 1;
    run.limits.wall_ms = 600000; /* however little of a processor it gets */
    struct outcome out = play("FAKE 1\n0 spin\n", run);
    assert_int_equal(out.ended.signal, SIGXCPU);
    assert_false(out.ended.timed_out);
    /* The limit is counted in ticks, this is not: on a busy machine a tick may be far from whole.
     */
    assert_in_range(out.ended.cpu_ms, 100, 3000);
    run = run_of(0, 1);
    run.limits.wall_ms = 200;
    int64_t begun = clock_mono_ms();
    out = play("FAKE 1\n0 stop\n", run);
    assert_int_equal(out.ended.signal, SIGKILL);
    assert_true(out.ended.timed_out);
    /* It would stand still for ever, and the limit of other runs is 20 s. */
    assert_in_range(clock_mono_ms() - begun, 200, 15000);
}

static void
a_run_is_killed_on_demand(void **state)
{
    (void)state;
    struct wire_run run = run_of(0, 1);
    struct wire_ended ended;
    struct buf frame;
    int fd = send_run(span_of("FAKE 1\n0 stop\n"), &run);

    buf_init(&frame, CHANNEL_PACKET_MAX);
    wire_put_kill(&frame, run.id - 1); /* of a run that has ended: not this one */
    assert_int_equal(channel_send(control, &frame, NULL, 0, &err), ERR_OK);
    assert_false(receive(WIRE_ENDED, 200));
    buf_clear(&frame);
    wire_put_kill(&frame, run.id);
    assert_int_equal(channel_send(control, &frame, NULL, 0, &err), ERR_OK);
    assert_true(receive(WIRE_ENDED, 5000));
    assert_int_equal(wire_take_ended(message.payload, &ended, &err), ERR_OK);
    assert_true(ended.killed);
    assert_int_equal(ended.signal, SIGKILL);
    buf_fini(&frame);
    close(fd);
    assert_true(play("FAKE 1\n", run_of(0, 1)).done);
}

/* The runner dies: nothing may go on reading. */
static void
reader_and_child_end_with_the_runner(void **state)
{
    (void)state;
    struct wire_run run = run_of(0, 1);
    char c;
    int status;
    int fd = send_run(span_of("FAKE 1\n0 stop\n"), &run);

    close(control);
    assert_int_equal(read(fd, &c, 1), 0); /* the child's end of the pipe is closed */
    close(fd);
    assert_int_equal(waitpid(reader_pid, &status, 0), reader_pid);
    assert_int_equal(status, 0);
    assert_int_equal(start_reader(NULL), 0);
}

static void
nonsense_from_the_runner_ends_the_reader(void **state)
{
    (void)state;
    struct buf frame;
    int status;

    buf_init(&frame, CHANNEL_PACKET_MAX);
    wire_put_done(&frame);
    assert_int_equal(channel_send(control, &frame, NULL, 0, &err), ERR_OK);
    buf_fini(&frame);
    assert_int_equal(waitpid(reader_pid, &status, 0), reader_pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
    close(control);
    assert_int_equal(start_reader(NULL), 0);
}

static int
compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* Not a limit that a busy machine could break: printed for the record. */
static void
an_empty_batch_costs_little(void **state)
{
    (void)state;
    enum { RUNS = 200 };
    static int64_t us[RUNS];

    for (int i = 0; i < RUNS; i++) {
        struct timespec a, b;
        clock_gettime(CLOCK_MONOTONIC, &a);
        assert_true(play("FAKE 1\n0 layer x\n", run_of(0, 1)).done);
        clock_gettime(CLOCK_MONOTONIC, &b);
        us[i] = (b.tv_sec - a.tv_sec) * 1000000 + (b.tv_nsec - a.tv_nsec) / 1000;
    }
    qsort(us, RUNS, sizeof(us[0]), compare);
    print_message("RUN to ENDED: median %lld us, p90 %lld us\n", (long long)us[RUNS / 2],
                  (long long)us[RUNS * 9 / 10]);
    assert_true(us[0] < 100000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_probe_counts_pages),
        cmocka_unit_test(pages_come_in_order_and_the_next_run_knows_nothing),
        cmocka_unit_test(a_short_document_is_probed_and_read_at_once),
        cmocka_unit_test(pages_that_were_read_are_extracted_from),
        cmocka_unit_test(a_bad_page_is_passed_over),
        cmocka_unit_test(documents_that_do_not_open_say_why),
        cmocka_unit_test(deaths_are_told_apart),
        cmocka_unit_test(time_is_limited_by_processor_and_by_wall),
        cmocka_unit_test(a_run_is_killed_on_demand),
        cmocka_unit_test(reader_and_child_end_with_the_runner),
        cmocka_unit_test(nonsense_from_the_runner_ends_the_reader),
        cmocka_unit_test(an_empty_batch_costs_little),
    };
    return cmocka_run_group_tests(tests, start_reader, stop_reader);
}

/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A run is over when both have come: the end of the result pipe, so that nothing in it is lost, and
 * the reader's word (or the reader's own end). What decides how it ended is, in this order: our
 * reason to cancel it, a broken protocol, what the child said, how it died. */
#include "runner/link.h"

#include "base/clock.h"
#include "base/fdio.h"
#include "runner/spawn.h"
#include "runner/verdict.h"
#include "wire/channel.h"
#include "wire/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static const int64_t ready_default_ms = 30000;

/* The reader kills at the run's deadline; past that and this, the reader itself is stuck. */
static const int64_t reader_grace_ms = 5000;

/* From KILL, or from one of the two ends to the other. */
static const int64_t ending_grace_ms = 2000;

static const int64_t pause_least_ms = 100;
static const int64_t pause_most_ms = 30000;

/* Fewer wake-ups a page than the 64 KiB that a pipe has by default. */
enum { PIPE_BYTES = 1 << 20 };

struct link {
    struct link_config config;
    enum link_state state;
    int64_t due_ms; /* DOWN: restart; STARTING: give up; RUNNING: the reader is stuck */
    int failures;   /* in a row: the pause grows with them */
    pid_t pid;      /* 0: none */
    int control;
    struct wire_ready reader;
    struct channel_message message;
    /* the run */
    uint64_t last_id;
    struct wire_run run;
    int result; /* read end of the pipe */
    struct wire_stream stream;
    bool child_ended, finished, reader_gone;
    bool decided;   /* why is final: results are dropped */
    struct err why; /* code OK until something is known */
    struct wire_ended ended;
};

enum err_code
link_open(const struct link_config *config, struct link **ret, struct err *err)
{
    struct link *link = calloc(1, sizeof(*link));

    if (link == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a reader's link");
    link->config = *config;
    link->control = link->result = -1;
    *ret = link;
    return ERR_OK;
}

static void
end_reader(struct link *link)
{
    if (link->pid > 0) {
        (void)kill(link->pid, SIGKILL); /* not yet waited for: cannot hit another */
        while (waitpid(link->pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    link->pid = 0;
    fd_close(&link->control);
}

void
link_close(struct link **link)
{
    if (*link == NULL)
        return;
    end_reader(*link);
    fd_close(&(*link)->result);
    wire_stream_fini(&(*link)->stream);
    free(*link);
    *link = NULL;
}

enum link_state
link_state(const struct link *link)
{
    return link->state;
}

const struct wire_ready *
link_reader(const struct link *link)
{
    return &link->reader;
}

int
link_control_fd(const struct link *link)
{
    return link->control;
}

int
link_result_fd(const struct link *link)
{
    return link->result;
}

int64_t
link_due_ms(const struct link *link)
{
    return link->state == LINK_READY ? INT64_MAX : link->due_ms;
}

/* Without a reader until a pause is over. */
static void
go_down(struct link *link)
{
    int64_t pause = pause_least_ms;

    end_reader(link);
    for (int i = 0; i < link->failures && pause < pause_most_ms; i++)
        pause *= 2;
    link->failures++;
    link->state = LINK_DOWN;
    link->due_ms = clock_mono_ms() + (pause < pause_most_ms ? pause : pause_most_ms);
}

static void
tell_trouble(struct link *link, struct link_event *ret)
{
    go_down(link);
    ret->kind = LINK_TROUBLE;
}

static void
start_reader(struct link *link, struct link_event *ret)
{
    int64_t patience = link->config.ready_ms > 0 ? link->config.ready_ms : ready_default_ms;

    if (spawn_reader(&link->config, &link->pid, &link->control, &ret->why) != ERR_OK) {
        tell_trouble(link, ret);
        return;
    }
    link->config.entry = NULL; /* by the next time there is more in this process's memory */
    link->state = LINK_STARTING;
    link->due_ms = clock_mono_ms() + patience;
}

enum err_code
link_run(struct link *link, const struct wire_run *run, int doc_fd, struct err *err)
{
    return link_run_trees(link, run, doc_fd, -1, err);
}

enum err_code
link_run_trees(struct link *link, const struct wire_run *run, int doc_fd, int trees_fd,
               struct err *err)
{
    int pipe_fds[2] = {-1, -1}, given[3];
    struct buf frame;
    enum err_code rc;

    if (link->state != LINK_READY)
        return err_set(err, ERR_UNAVAILABLE, "the reader is not ready");
    if (pipe2(pipe_fds, O_CLOEXEC) != 0 || fcntl(pipe_fds[0], F_SETFL, O_NONBLOCK) != 0) {
        rc = err_sys(err, "result pipe");
        goto out;
    }
    (void)fcntl(pipe_fds[0], F_SETPIPE_SZ, PIPE_BYTES); /* past the user's quota: stays as it is */
    link->run = *run;
    link->run.id = ++link->last_id;
    given[0] = doc_fd;
    given[1] = pipe_fds[1];
    given[2] = trees_fd;
    buf_init(&frame, CHANNEL_PACKET_MAX);
    wire_put_run(&frame, &link->run);
    rc = channel_send(link->control, &frame, given, trees_fd >= 0 ? 3 : 2, err);
    buf_fini(&frame);
    if (rc != ERR_OK)
        goto out;
    link->result = pipe_fds[0];
    pipe_fds[0] = -1;
    wire_stream_init(&link->stream, &link->run);
    link->child_ended = link->finished = link->decided = link->reader_gone = false;
    link->why.code = ERR_OK;
    link->ended = (struct wire_ended){0};
    link->state = LINK_RUNNING;
    link->due_ms = clock_mono_ms() + run->limits.wall_ms + reader_grace_ms;
out:
    fd_close(&pipe_fds[0]);
    fd_close(&pipe_fds[1]);
    return rc;
}

/* The other half of the end has to follow soon. */
static void
hurry(struct link *link)
{
    int64_t soon = clock_mono_ms() + ending_grace_ms;

    if (link->due_ms > soon)
        link->due_ms = soon;
}

void
link_cancel(struct link *link, const struct err *why)
{
    struct buf frame;

    if (link->state != LINK_RUNNING || link->decided)
        return;
    link->why = *why;
    link->decided = true;
    fd_close(&link->result); /* a child that writes on dies of it */
    hurry(link);
    if (link->child_ended)
        return;
    buf_init(&frame, CHANNEL_PACKET_MAX);
    wire_put_kill(&frame, link->run.id);
    if (channel_send(link->control, &frame, NULL, 0, NULL) != ERR_OK)
        link->due_ms = 0; /* it cannot be told any more: it is ended at the next step */
    buf_fini(&frame);
}

/* The reader is of no use any more: what is in the pipe still counts. */
static void
lose_reader(struct link *link, struct link_event *ret)
{
    if (link->state != LINK_RUNNING) {
        tell_trouble(link, ret);
        return;
    }
    end_reader(link);
    link->reader_gone = true;
    link->child_ended = true;
    hurry(link);
}

static void
take_ended(struct link *link, struct link_event *ret)
{
    enum err_code rc = wire_take_ended(link->message.payload, &link->ended, &ret->why);

    if (rc == ERR_OK && link->state == LINK_RUNNING && link->ended.id == link->run.id &&
        !link->child_ended) {
        link->child_ended = true;
        hurry(link);
        return;
    }
    if (rc == ERR_OK)
        err_set(&ret->why, ERR_PROTOCOL, "the reader told of the end of a run that was not there");
    lose_reader(link, ret);
}

static void
hear_reader(struct link *link, struct link_event *ret)
{
    enum channel_state state = CHANNEL_NOTHING;
    enum err_code rc = channel_receive(link->control, &link->message, &state, &ret->why);

    if (rc == ERR_OK && state == CHANNEL_NOTHING)
        return;
    if (rc == ERR_OK && state == CHANNEL_CLOSED)
        rc = err_set(&ret->why, ERR_CRASH,
                     link->state == LINK_STARTING ? "the reader ended before it was ready"
                                                  : "the reader ended");
    if (rc == ERR_OK)
        channel_close_fds(&link->message); /* a reader has none to give */
    if (rc == ERR_OK && link->message.header.type == WIRE_ENDED) {
        take_ended(link, ret);
        return;
    }
    if (rc == ERR_OK && (link->state != LINK_STARTING || link->message.header.type != WIRE_READY))
        rc = err_set(&ret->why, ERR_PROTOCOL, "the reader sent a message out of turn");
    if (rc == ERR_OK)
        rc = wire_take_ready(link->message.payload, &link->reader, &ret->why);
    if (rc != ERR_OK) {
        lose_reader(link, ret);
        return;
    }
    link->state = LINK_READY;
    ret->kind = LINK_BECAME_READY;
}

static void
give_result(struct link *link, const struct wire_result *result, struct link_event *ret)
{
    switch (result->type) {
    case WIRE_PROBE:
        ret->kind = LINK_PROBE;
        ret->probe = result->probe;
        break;
    case WIRE_HINT:
        ret->kind = LINK_HINT;
        ret->hint = result->hint;
        break;
    case WIRE_PAGE:
        ret->kind = LINK_PAGE;
        ret->page = result->page;
        break;
    case WIRE_PAGE_FAILED:
        ret->kind = LINK_PAGE_FAILED;
        ret->failure = result->failure;
        break;
    case WIRE_RECORD:
        ret->kind = LINK_RECORD;
        ret->record = result->record;
        break;
    case WIRE_DATA:
        ret->kind = LINK_DATA;
        ret->data = result->data;
        break;
    case WIRE_WARNINGS:
        ret->kind = LINK_WARNINGS;
        ret->warnings = result->warnings;
        break;
    case WIRE_FAILED:
        link->why = result->failure.why;
        link->finished = true;
        break;
    default: /* DONE */
        link->finished = true;
        break;
    }
}

/* One frame from the pipe, or what has come into it. */
static void
hear_child(struct link *link, struct link_event *ret)
{
    struct wire_result result;
    struct err why;
    bool more = true, eof = false;

    while (link->result >= 0 && ret->kind == LINK_NOTHING && more) {
        bool found = false;
        enum err_code rc = wire_stream_next(&link->stream, &result, &found, &why);
        if (rc == ERR_OK && found) {
            give_result(link, &result, ret);
            continue;
        }
        if (rc == ERR_OK)
            rc = wire_stream_read(&link->stream, link->result, &more, &eof, &why);
        if (rc == ERR_OK && eof) {
            rc = wire_stream_end(&link->stream, &why);
            /* Cut short by the child's death: that is the reason then. */
            if (rc != ERR_OK && !link->finished)
                rc = ERR_OK;
            fd_close(&link->result);
            hurry(link);
        }
        if (rc != ERR_OK)
            link_cancel(link, &why);
    }
}

static void
conclude(struct link *link, struct link_event *ret)
{
    ret->kind = LINK_ENDED;
    ret->why = link->why;
    ret->ended = link->ended;
    if (!link->decided && !link->finished && link->reader_gone)
        err_set(&ret->why, ERR_CRASH, "the reader process ended while it read");
    else if (!link->decided && !link->finished)
        verdict_of(&link->ended, &link->run.limits, &ret->why);
    wire_stream_fini(&link->stream);
    if (link->reader_gone) {
        go_down(link);
    } else {
        link->failures = 0;
        link->state = LINK_READY;
    }
}

/* Time is up for what the state waits for. */
static void
be_late(struct link *link, struct link_event *ret)
{
    struct err why;

    if (link->state == LINK_DOWN) {
        start_reader(link, ret);
    } else if (link->state == LINK_STARTING) {
        err_set(&ret->why, ERR_DEADLINE, "the reader did not become ready in time");
        tell_trouble(link, ret);
    } else if (link->state == LINK_RUNNING) {
        err_set(&why, link->child_ended ? ERR_PROTOCOL : ERR_DEADLINE,
                "the reader did not end its run in time");
        link_cancel(link, &why);
        lose_reader(link, ret);
    }
}

void
link_step(struct link *link, struct link_event *ret)
{
    *ret = (struct link_event){.kind = LINK_NOTHING};
    if (link->state == LINK_RUNNING)
        hear_child(link, ret);
    if (ret->kind == LINK_NOTHING && link->control >= 0)
        hear_reader(link, ret);
    if (ret->kind == LINK_NOTHING && clock_mono_ms() >= link_due_ms(link))
        be_late(link, ret);
    /* The child's last words may have come between the pipe and the reader's word. */
    if (ret->kind == LINK_NOTHING && link->state == LINK_RUNNING && link->child_ended)
        hear_child(link, ret);
    if (ret->kind == LINK_NOTHING && link->state == LINK_RUNNING && link->child_ended &&
        link->result < 0)
        conclude(link, ret);
}

void
link_wait(const struct link *link, int64_t until_ms)
{
    struct pollfd fds[] = {{.fd = link->control, .events = POLLIN},
                           {.fd = link->result, .events = POLLIN}};
    int64_t due = link_due_ms(link) < until_ms ? link_due_ms(link) : until_ms;
    int64_t left = due - clock_mono_ms();

    if (left > INT32_MAX)
        left = INT32_MAX;
    if (left > 0)
        (void)poll(fds, 2, (int)left); /* EINTR: the caller looks again */
}

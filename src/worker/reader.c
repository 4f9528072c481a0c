/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "worker/worker.h"

#include "base/clock.h"
#include "base/fdio.h"
#include "base/log.h"
#include "wire/channel.h"
#include "worker/worker_internal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* How often the child is asked after where the kernel has no pidfd. */
enum { WAIT_STEP_MS = 20 };

/* A reader without models often has one document to read, whose child loads the fonts it needs;
 * from so many on they are shared. */
enum { RUNS_COLD = 3 };

struct reader {
    int control;
    struct ocr *ocr;
    struct sandbox *sandbox;
    uint32_t layers, runs;
    struct channel_message message;
};

/* The child that is being watched. */
struct watch {
    const struct wire_run *run;
    pid_t pid;
    int pidfd; /* -1: none to be had */
    int64_t deadline_ms;
    bool timed_out, killed;
    bool runner_gone;
};

static enum err_code
send_ready(struct reader *reader, struct err *err)
{
    struct wire_ready ready = {.layers = reader->layers};
    struct buf frame;

    if (reader->ocr != NULL)
        snprintf(ready.engine, sizeof(ready.engine), "%s", ocr_describe(reader->ocr));
    buf_init(&frame, CHANNEL_PACKET_MAX);
    wire_put_ready(&frame, &ready);
    enum err_code rc = channel_send(reader->control, &frame, NULL, 0, err);
    buf_fini(&frame);
    return rc;
}

static enum err_code
send_ended(struct reader *reader, const struct watch *watch, int status, const struct rusage *used,
           struct err *err)
{
    struct wire_ended ended = {
        .id = watch->run->id,
        .exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
        .signal = WIFSIGNALED(status) ? (uint32_t)WTERMSIG(status) : 0,
        .timed_out = watch->timed_out,
        .killed = watch->killed,
        .cpu_ms = (uint64_t)(used->ru_utime.tv_sec + used->ru_stime.tv_sec) * 1000 +
                  (uint64_t)(used->ru_utime.tv_usec + used->ru_stime.tv_usec) / 1000,
        .peak_kib = (uint64_t)used->ru_maxrss,
    };
    struct buf frame;

    buf_init(&frame, CHANNEL_PACKET_MAX);
    wire_put_ended(&frame, &ended);
    enum err_code rc = channel_send(reader->control, &frame, NULL, 0, err);
    buf_fini(&frame);
    return rc;
}

/* While a child runs, only KILL and the end of the runner are heard. */
static enum err_code
hear_while_running(struct reader *reader, struct watch *watch, struct err *err)
{
    enum channel_state state;
    uint64_t id;
    enum err_code rc = channel_receive(reader->control, &reader->message, &state, err);

    if (rc != ERR_OK || state == CHANNEL_NOTHING)
        return rc;
    if (state == CHANNEL_CLOSED) {
        watch->runner_gone = true;
        return ERR_OK;
    }
    channel_close_fds(&reader->message);
    if (reader->message.header.type != WIRE_KILL)
        return err_set(err, ERR_PROTOCOL, "a message of type %d came while a child runs",
                       reader->message.header.type);
    rc = wire_take_kill(reader->message.payload, &id, err);
    if (rc == ERR_OK && id == watch->run->id)
        watch->killed = true;
    return rc;
}

/* Waits for one of: the child's end, a message, the deadline. */
static enum err_code
watch_once(struct reader *reader, struct watch *watch, struct err *err)
{
    struct pollfd fds[] = {{.fd = reader->control, .events = POLLIN},
                           {.fd = watch->pidfd, .events = POLLIN}};
    int64_t left = watch->deadline_ms - clock_mono_ms();

    if (left <= 0) {
        watch->timed_out = true;
        return ERR_OK;
    }
    if (watch->pidfd < 0 && left > WAIT_STEP_MS)
        left = WAIT_STEP_MS;
    if (poll(fds, 2, (int)left) < 0 && errno != EINTR)
        return err_sys(err, "poll");
    return fds[0].revents != 0 ? hear_while_running(reader, watch, err) : ERR_OK;
}

/* Until the child is no more. The child is dead and waited for afterwards, whatever happens. */
static enum err_code
watch_child(struct reader *reader, struct watch *watch, struct err *err)
{
    struct rusage used;
    enum err_code rc = ERR_OK;
    int status = 0;
    pid_t ended;

    for (;;) {
        ended = wait4(watch->pid, &status, WNOHANG, &used);
        if (ended != 0 || rc != ERR_OK || watch->timed_out || watch->killed || watch->runner_gone)
            break;
        rc = watch_once(reader, watch, err);
    }
    if (ended == 0) {
        (void)kill(watch->pid, SIGKILL); /* cannot fail: not yet waited for */
        do
            ended = wait4(watch->pid, &status, 0, &used);
        while (ended < 0 && errno == EINTR);
    }
    if (rc == ERR_OK && ended < 0)
        rc = err_sys(err, "wait for a child");
    if (rc == ERR_OK && !watch->runner_gone)
        rc = send_ended(reader, watch, status, &used, err);
    return rc;
}

static enum err_code
run_child(struct reader *reader, const struct wire_run *run, bool *ret_go_on, struct err *err)
{
    int *fds = reader->message.fds;
    struct watch watch = {.run = run, .deadline_ms = clock_mono_ms() + run->limits.wall_ms};
    const struct child_start start = {.run = run,
                                      .doc_fd = fds[0],
                                      .result_fd = fds[1],
                                      .trees_fd = reader->message.fd_count > 2 ? fds[2] : -1,
                                      .ocr = reader->ocr,
                                      .sandbox = reader->sandbox};

    watch.pid = fork();
    if (watch.pid == 0)
        child_main(&start);
    channel_close_fds(&reader->message);
    if (watch.pid < 0)
        return err_sys(err, "fork");
    watch.pidfd = (int)syscall(SYS_pidfd_open, watch.pid, 0);
    enum err_code rc = watch_child(reader, &watch, err);
    fd_close(&watch.pidfd);
    *ret_go_on = !watch.runner_gone;
    return rc;
}

/* Takes one message while no child runs. */
static enum err_code
serve_message(struct reader *reader, bool *ret_go_on, struct err *err)
{
    struct wire_run run;
    enum channel_state state;
    enum err_code rc = channel_receive(reader->control, &reader->message, &state, err);

    if (rc != ERR_OK || state == CHANNEL_NOTHING)
        return rc;
    if (state == CHANNEL_CLOSED) {
        *ret_go_on = false;
        return ERR_OK;
    }
    if (reader->message.header.type == WIRE_KILL) { /* its run has just ended */
        channel_close_fds(&reader->message);
        return ERR_OK;
    }
    if (reader->message.header.type != WIRE_RUN || reader->message.fd_count < 2)
        rc = err_set(err, ERR_PROTOCOL, "neither RUN with its descriptors nor KILL came");
    if (rc == ERR_OK)
        rc = wire_take_run(reader->message.payload, &run, err);
    if (rc == ERR_OK && (run.kind == WIRE_RUN_SEARCHABLE) != (reader->message.fd_count == 3))
        rc =
            err_set(err, ERR_PROTOCOL, "a RUN came with %zu descriptors", reader->message.fd_count);
    if (rc == ERR_OK && reader->runs++ == RUNS_COLD)
        rc = doc_warm_fonts(err);
    if (rc == ERR_OK)
        return run_child(reader, &run, ret_go_on, err);
    channel_close_fds(&reader->message);
    return rc;
}

static enum err_code
get_ready(struct reader *reader, const struct worker_config *config, struct err *err)
{
    const struct ocr_config ocr = {.model_dir = config->model_dir, .languages = config->languages};
    enum err_code rc = config->without_models ? doc_warm(err) : doc_warm_fonts(err);

    if (rc == ERR_OK && !config->without_models)
        rc = ocr_open(&ocr, &reader->ocr, err);
    if (rc == ERR_OK)
        rc = sandbox_open(&reader->sandbox, err);
    if (rc == ERR_OK)
        rc = sandbox_enter_reader(reader->sandbox, &reader->layers, err);
    if (rc == ERR_OK)
        rc = send_ready(reader, err);
    return rc;
}

int
worker_reader_main(int control_fd, const struct worker_config *config)
{
    static struct reader reader; /* with its message buffer too large for comfort on the stack */
    char quoted[LOG_QUOTE_SIZE];
    bool go_on = true;
    struct err err;

    /* These go to a whole process group or service; when to end is the runner's to say. */
    (void)signal(SIGINT, SIG_IGN);
    (void)signal(SIGTERM, SIG_IGN);
    (void)signal(SIGHUP, SIG_IGN);
    reader.control = control_fd;
    enum err_code rc = get_ready(&reader, config, &err);
    while (rc == ERR_OK && go_on) {
        struct pollfd fd = {.fd = control_fd, .events = POLLIN};
        if (poll(&fd, 1, -1) < 0 && errno != EINTR)
            rc = err_sys(&err, "poll");
        else
            rc = serve_message(&reader, &go_on, &err);
    }
    if (rc != ERR_OK)
        log_line(LOG_ERROR, "reader ends", "error=%s", log_quote(quoted, err.msg));
    sandbox_close(&reader.sandbox);
    ocr_close(&reader.ocr);
    return rc == ERR_OK ? 0 : 1;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later
 * liar.c - a reader whose answers are lies. It forks nothing and confines nothing: it stands for a
 * child and a reader that somebody has taken over. The first word of the document names the lie
 * (see make_answer and serve); "honest" is none. */
#include "liar.h"

#include "liar.h"

#include "page/codec.h"
#include "wire/channel.h"
#include "wire/message.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static struct channel_message message;
static char lie[64];
static int held_fd = -1;

static void
put_page(struct buf *out, uint32_t index, struct span markdown, bool sound_tree)
{
    struct arena *arena = arena_new(MiB(1));
    struct buf tree;
    struct wire_page page = {
        .index = index, .width_px = 1700, .height_px = 2200, .markdown = markdown};

    buf_init(&tree, MiB(1));
    page_encode(page_new(arena, index, 612, 792), &tree);
    if (!sound_tree)
        tree.data[0] ^= 0xff;
    page.tree = buf_span(&tree);
    wire_put_page(out, &page);
    buf_fini(&tree);
    arena_drop(&arena);
}

static bool
lies(const char *name)
{
    return strcmp(lie, name) == 0;
}

static void
make_answer(const struct wire_run *run, struct buf *out)
{
    struct wire_probe probe = {.pages = 3, .type_name = "LIE"};
    struct span text = span_of("# one page\n");
    uint32_t from = run->page_from;

    if (run->kind == WIRE_RUN_PROBE) {
        if (lies("probe"))
            probe.pages = UINT32_MAX;
        wire_put_probe(out, &probe);
    } else if (lies("garbage")) {
        buf_string(out, "GET / HTTP/1.1\r\n\r\n and whatever comes to mind");
    } else if (lies("bad_text")) {
        put_page(out, from, span_of("\xff\xfe"), true);
    } else if (lies("fat")) {
        buf_extend(out, 0);
        struct buf fat;
        buf_init(&fat, MiB(4));
        memset(buf_extend(&fat, MiB(3)), 'x', MiB(3));
        put_page(out, from, buf_span(&fat), true);
        buf_fini(&fat);
    } else {
        for (uint32_t i = from; i < run->page_to; i++)
            put_page(out,
                     lies("order")   ? run->page_to - 1
                     : lies("range") ? i + 1000
                                     : i,
                     text, !lies("bad_tree"));
        if (lies("twice"))
            put_page(out, from, text, true);
    }
    if (lies("length")) {
        memset(out->data + 8, 0xff, 4); /* of the first frame */
        return;
    }
    if (lies("cut"))
        out->len -= 20;
    else
        wire_put_done(out);
    if (lies("late"))
        put_page(out, from, text, true);
}

/* Until the other side has had enough. */
static void
write_answer(int fd, const struct buf *out)
{
    size_t at = 0;

    do {
        ssize_t n = write(fd, out->data + at, out->len - at);
        if (n < 0)
            return;
        at += (size_t)n;
        if (at == out->len && lies("endless"))
            at = 0;
    } while (at < out->len);
}

static void
tell_end(int control, const struct wire_run *run)
{
    struct wire_ended ended = {.id = run->id, .cpu_ms = 1};
    struct buf frame;

    if (lies("status"))
        ended.exit_status = 7777;
    if (lies("noise"))
        ended.id += 5;
    buf_init(&frame, CHANNEL_PACKET_MAX);
    wire_put_ended(&frame, &ended);
    (void)!channel_send(control, &frame, NULL, 0, NULL);
    buf_fini(&frame);
}

static bool
serve(int control)
{
    struct err err;
    struct wire_run run;
    struct buf out;
    enum channel_state state;
    struct pollfd fd = {.fd = control, .events = POLLIN};

    (void)poll(&fd, 1, -1);
    if (channel_receive(control, &message, &state, &err) != ERR_OK || state == CHANNEL_CLOSED)
        return false;
    if (state == CHANNEL_NOTHING || message.header.type != WIRE_RUN)
        return true;
    if (wire_take_run(message.payload, &run, &err) != ERR_OK || message.fd_count != 2)
        return false;
    memset(lie, 0, sizeof(lie));
    if (pread(message.fds[0], lie, sizeof(lie) - 1, 0) < 0)
        return false;
    lie[strcspn(lie, " \n")] = '\0';
    if (lies("die"))
        _exit(9);
    if (lies("mute"))
        for (;;)
            pause();
    buf_init(&out, MiB(64));
    make_answer(&run, &out);
    write_answer(message.fds[1], &out);
    buf_fini(&out);
    if (lies("hold"))
        held_fd = dup(message.fds[1]);
    channel_close_fds(&message);
    tell_end(control, &run);
    return true;
}

int
liar_main(int control)
{
    struct wire_ready ready = {.engine = "liar"};
    struct buf frame;

    (void)signal(SIGPIPE, SIG_IGN);
    buf_init(&frame, CHANNEL_PACKET_MAX);
    wire_put_ready(&frame, &ready);
    if (channel_send(control, &frame, NULL, 0, NULL) != ERR_OK)
        return 1;
    buf_fini(&frame);
    while (serve(control))
        ;
    return 0;
}

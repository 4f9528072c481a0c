/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/fdio.h"
#include "wire/channel.h"
#include "wire/message.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static struct channel_message message;

static void
kill_frame(struct buf *frame, uint64_t id)
{
    buf_init(frame, CHANNEL_PACKET_MAX);
    wire_put_kill(frame, id);
}

static void
a_message_brings_its_descriptors(void **state)
{
    (void)state;
    int fds[2], pipe_fds[2];
    struct buf frame;
    struct err err;
    enum channel_state got;
    uint64_t id;
    char c;

    assert_int_equal(channel_pair(fds, &err), ERR_OK);
    assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
    kill_frame(&frame, 77);
    assert_int_equal(channel_receive(fds[1], &message, &got, &err), ERR_OK);
    assert_int_equal(got, CHANNEL_NOTHING);
    assert_int_equal(channel_send(fds[0], &frame, pipe_fds, 2, &err), ERR_OK);
    fd_close(&pipe_fds[0]);
    fd_close(&pipe_fds[1]);
    assert_int_equal(channel_receive(fds[1], &message, &got, &err), ERR_OK);
    assert_int_equal(got, CHANNEL_MESSAGE);
    assert_int_equal(message.header.type, WIRE_KILL);
    assert_int_equal(wire_take_kill(message.payload, &id, &err), ERR_OK);
    assert_int_equal(id, 77);
    assert_int_equal(message.fd_count, 2);
    assert_int_equal(write(message.fds[1], "x", 1), 1);
    assert_int_equal(read(message.fds[0], &c, 1), 1);
    assert_int_equal(fcntl(message.fds[0], F_GETFD), FD_CLOEXEC);
    channel_close_fds(&message);
    assert_int_equal(message.fd_count, 0);
    fd_close(&fds[0]);
    assert_int_equal(channel_receive(fds[1], &message, &got, &err), ERR_OK);
    assert_int_equal(got, CHANNEL_CLOSED);
    assert_int_equal(channel_send(fds[1], &frame, NULL, 0, &err), ERR_UNAVAILABLE);
    fd_close(&fds[1]);
    buf_fini(&frame);
}

/* Sends bytes as one packet and says what the receiver makes of them. */
static enum err_code
receive_packet(const void *bytes, size_t len)
{
    int fds[2];
    struct err err;
    enum channel_state got;

    assert_int_equal(channel_pair(fds, &err), ERR_OK);
    assert_int_equal(send(fds[0], bytes, len, 0), (ssize_t)len);
    enum err_code rc = channel_receive(fds[1], &message, &got, &err);
    assert_int_equal(message.fd_count, 0);
    close(fds[0]);
    close(fds[1]);
    return rc;
}

static void
packets_that_are_no_frame_are_refused(void **state)
{
    (void)state;
    static uint8_t big[CHANNEL_PACKET_MAX + 1];
    struct buf frame;

    kill_frame(&frame, 1);
    assert_int_equal(receive_packet(frame.data, frame.len), ERR_OK);
    assert_int_equal(receive_packet(frame.data, frame.len - 1), ERR_PROTOCOL);
    assert_int_equal(receive_packet(frame.data, WIRE_HEADER_SIZE - 1), ERR_PROTOCOL);
    memcpy(big, frame.data, frame.len);
    assert_int_equal(receive_packet(big, frame.len + 1), ERR_PROTOCOL);
    assert_int_equal(receive_packet(big, sizeof(big)), ERR_PROTOCOL);
    frame.data[4] = WIRE_VERSION + 1;
    assert_int_equal(receive_packet(frame.data, frame.len), ERR_PROTOCOL);
    buf_fini(&frame);
}

static void
descriptors_of_a_refused_message_are_closed(void **state)
{
    (void)state;
    int fds[2], pipe_fds[2];
    struct buf frame;
    struct err err;
    enum channel_state got;
    char c;

    assert_int_equal(channel_pair(fds, &err), ERR_OK);
    assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
    kill_frame(&frame, 1);
    frame.data[0] ^= 1;
    assert_int_equal(channel_send(fds[0], &frame, &pipe_fds[1], 1, &err), ERR_OK);
    close(pipe_fds[1]);
    assert_int_equal(channel_receive(fds[1], &message, &got, &err), ERR_PROTOCOL);
    assert_int_equal(read(pipe_fds[0], &c, 1), 0); /* no writer is left */
    close(pipe_fds[0]);
    close(fds[0]);
    close(fds[1]);
    buf_fini(&frame);
}

static void
a_full_channel_does_not_block(void **state)
{
    (void)state;
    int fds[2];
    struct buf frame;
    struct err err;
    enum err_code rc = ERR_OK;

    assert_int_equal(channel_pair(fds, &err), ERR_OK);
    kill_frame(&frame, 1);
    for (int i = 0; i < 100000 && rc == ERR_OK; i++)
        rc = channel_send(fds[0], &frame, NULL, 0, &err);
    assert_int_equal(rc, ERR_UNAVAILABLE);
    close(fds[0]);
    close(fds[1]);
    buf_fini(&frame);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_brings_its_descriptors),
        cmocka_unit_test(packets_that_are_no_frame_are_refused),
        cmocka_unit_test(descriptors_of_a_refused_message_are_closed),
        cmocka_unit_test(a_full_channel_does_not_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

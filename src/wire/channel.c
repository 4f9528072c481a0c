/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "wire/channel.h"

#include "base/fdio.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

/* Aligned room for one SCM_RIGHTS message. */
union control {
    struct cmsghdr align;
    char room[CMSG_SPACE(sizeof(int) * CHANNEL_FDS_MAX)];
};

enum err_code
channel_pair(int ret_fds[2], struct err *err)
{
    int fds[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0)
        return err_sys(err, "control channel");
    ret_fds[0] = fds[0];
    ret_fds[1] = fds[1];
    return ERR_OK;
}

enum err_code
channel_send(int fd, const struct buf *frame, const int *fds, size_t n, struct err *err)
{
    union control control = {.room = {0}};
    struct iovec iov = {frame->data, frame->len};
    struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
    ssize_t sent;

    if (frame->spoilt || frame->len > CHANNEL_PACKET_MAX || n > CHANNEL_FDS_MAX)
        return err_set(err, ERR_LIMIT, "control message: %zu bytes and %zu descriptors, limit %d",
                       frame->len, n, CHANNEL_PACKET_MAX);
    if (n > 0) {
        msg.msg_control = control.room;
        msg.msg_controllen = CMSG_SPACE(sizeof(int) * n);
        struct cmsghdr *head = CMSG_FIRSTHDR(&msg);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(sizeof(int) * n);
        memcpy(CMSG_DATA(head), fds, sizeof(int) * n);
    }
    do
        sent = sendmsg(fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (sent < 0 && errno == EINTR);
    if (sent < 0 && (errno == EPIPE || errno == ECONNRESET || errno == EAGAIN))
        return err_set(err, ERR_UNAVAILABLE, "the other side of the control channel is gone");
    if (sent < 0)
        return err_sys(err, "send on the control channel");
    return ERR_OK; /* packets go whole or not at all */
}

static void
take_fds(struct msghdr *msg, struct channel_message *message)
{
    for (struct cmsghdr *head = CMSG_FIRSTHDR(msg); head != NULL; head = CMSG_NXTHDR(msg, head)) {
        if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS)
            continue;
        size_t count = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count && message->fd_count < CHANNEL_FDS_MAX; i++)
            memcpy(&message->fds[message->fd_count++], CMSG_DATA(head) + i * sizeof(int),
                   sizeof(int));
    }
}

/* The packet of len bytes in message->bytes has to be exactly one frame. */
static enum err_code
check_packet(struct channel_message *message, size_t len, int flags, struct err *err)
{
    if ((flags & (MSG_TRUNC | MSG_CTRUNC)) != 0 || len < WIRE_HEADER_SIZE)
        return err_set(err, ERR_PROTOCOL, "a control message was cut");
    enum err_code rc = wire_read_header(message->bytes, &message->header, err);
    if (rc != ERR_OK)
        return rc;
    if (message->header.length != len - WIRE_HEADER_SIZE)
        return err_set(err, ERR_PROTOCOL, "a control message says %u bytes and has %zu",
                       message->header.length, len - WIRE_HEADER_SIZE);
    message->payload = (struct span){message->bytes + WIRE_HEADER_SIZE, message->header.length};
    return ERR_OK;
}

enum err_code
channel_receive(int fd, struct channel_message *message, enum channel_state *ret_state,
                struct err *err)
{
    union control control;
    struct iovec iov = {message->bytes, sizeof(message->bytes)};
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = control.room,
                         .msg_controllen = sizeof(control.room)};
    ssize_t len;

    message->fd_count = 0;
    do
        len = recvmsg(fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    while (len < 0 && errno == EINTR);
    if (len < 0 && errno == EAGAIN) {
        *ret_state = CHANNEL_NOTHING;
        return ERR_OK;
    }
    if (len < 0 && errno != ECONNRESET)
        return err_sys(err, "receive on the control channel");
    if (len <= 0) { /* frames are never empty */
        *ret_state = CHANNEL_CLOSED;
        return ERR_OK;
    }
    take_fds(&msg, message);
    enum err_code rc = check_packet(message, (size_t)len, msg.msg_flags, err);
    if (rc != ERR_OK)
        channel_close_fds(message);
    else
        *ret_state = CHANNEL_MESSAGE;
    return rc;
}

void
channel_close_fds(struct channel_message *message)
{
    for (size_t i = 0; i < message->fd_count; i++)
        fd_close(&message->fds[i]);
    message->fd_count = 0;
}

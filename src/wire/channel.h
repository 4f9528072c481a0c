/* SPDX-License-Identifier: AGPL-3.0-or-later
 * wire/channel.h - the control channel between runner and reader, and between runner and courier:
 * whole frames, with descriptors.
 *
 * A SOCK_SEQPACKET pair keeps the bounds of messages, so that one packet is one frame and no side
 * can be left in the middle of one. Both ends are ours; the child never holds one. */
#pragma once

#include "wire/frame.h"

enum { CHANNEL_FDS_MAX = 3, CHANNEL_PACKET_MAX = 4096 };

/* Both ends close-on-exec. */
MUST_CHECK
enum err_code channel_pair(int ret_fds[2], struct err *err);

/* frame: one whole frame, at most CHANNEL_PACKET_MAX bytes. fds [n], n <= CHANNEL_FDS_MAX, stay the
 * caller's. ERR_UNAVAILABLE if the other side is gone or does not read. */
MUST_CHECK
enum err_code channel_send(int fd, const struct buf *frame, const int *fds, size_t n,
                           struct err *err);

struct channel_message {
    struct wire_header header;
    struct span payload; /* inside bytes */
    int fds[CHANNEL_FDS_MAX];
    size_t fd_count;
    uint8_t bytes[CHANNEL_PACKET_MAX];
};

/* Takes one message without waiting. *ret_state: CHANNEL_NOTHING if there is none now. Descriptors
 * belong to the caller (channel_close_fds); after an error there are none. */
enum channel_state { CHANNEL_NOTHING, CHANNEL_MESSAGE, CHANNEL_CLOSED };
MUST_CHECK
enum err_code channel_receive(int fd, struct channel_message *message,
                              enum channel_state *ret_state, struct err *err);
void channel_close_fds(struct channel_message *message);

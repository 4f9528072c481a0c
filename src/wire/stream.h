/* SPDX-License-Identifier: AGPL-3.0-or-later
 * wire/stream.h - the result pipe as the runner reads it: hostile bytes in, checked results out.
 *
 * Holds the run's rules: only frames that answer what was asked, pages one by one in order and
 * inside the range, nothing behind the end, no more bytes than page and batch may have. After the
 * first ERR_PROTOCOL, ERR_OUTPUT or ERR_MEMORY the stream is of no use any more. */
#pragma once

#include "wire/extract.h"

struct wire_stream {
    enum wire_run_kind kind;
    uint32_t next_page, page_to, pages_max;
    uint32_t page_bytes;
    uint64_t batch_left;
    bool probed, hinted, warned, begun; /* begun: the first DATA has come */
    bool all, again; /* WHOLE: the range is all of the document; pages come the second time */
    bool finished;   /* DONE or FAILED has come */
    uint32_t records;
    struct buf in;
    size_t at; /* what of in has been used */
};

void wire_stream_init(struct wire_stream *stream, const struct wire_run *asked);
void wire_stream_fini(struct wire_stream *stream);

/* Reads once from a non-blocking descriptor. *ret_more: there may be more to read at once.
 * *ret_eof: the writer is gone. ERR_OUTPUT past the bytes of the batch. */
MUST_CHECK
enum err_code wire_stream_read(struct wire_stream *stream, int fd, bool *ret_more, bool *ret_eof,
                               struct err *err);

/* The same from memory. */
MUST_CHECK
enum err_code wire_stream_feed(struct wire_stream *stream, struct span bytes, struct err *err);

struct wire_result {
    enum wire_type type; /* one that a child sends */
    union {
        struct wire_probe probe;
        struct wire_hint hint;
        struct wire_page page; /* borrowed until the next call on the stream, as are these: */
        struct wire_record record;
        struct span warnings;
        struct span data;
        struct wire_failure failure;
    };
};

/* The next whole frame, checked; *ret_found false if more bytes are needed. */
MUST_CHECK
enum err_code wire_stream_next(struct wire_stream *stream, struct wire_result *ret, bool *ret_found,
                               struct err *err);

/* At the end of the pipe: ERR_PROTOCOL if the child stopped inside a frame. */
MUST_CHECK
enum err_code wire_stream_end(const struct wire_stream *stream, struct err *err);

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "runner/errand.h"

#include "base/fdio.h"
#include "base/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* As much as a pipe gives at once; so many times a turn, that one document does not keep the loop.
 */
enum { READ_BYTES = 65536, READS_A_TURN = 16 };

static void
keep(struct errand *errand, struct store *store, uint64_t bytes_max, struct span piece)
{
    enum err_code rc = ERR_OK;

    if (errand->broken.code != ERR_OK)
        return; /* read all the same: the courier must not wait for room in the pipe */
    if (errand->sink == NULL)
        rc = sink_open(store, bytes_max, &errand->sink, &errand->broken);
    if (rc == ERR_OK)
        rc = sink_write(errand->sink, piece, &errand->broken);
    if (rc != ERR_OK)
        sink_abort(&errand->sink);
}

void
errand_read(struct errand *errand, struct store *store, uint64_t bytes_max)
{
    uint8_t bytes[READ_BYTES];

    for (int i = 0; i < READS_A_TURN && errand->pipe_fd >= 0; i++) {
        ssize_t n = read(errand->pipe_fd, bytes, sizeof(bytes));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return;
        if (n < 0)
            (void)err_sys(&errand->broken, "pipe of a document");
        if (n <= 0)
            fd_close(&errand->pipe_fd);
        else
            keep(errand, store, bytes_max, (struct span){bytes, (size_t)n});
    }
}

bool
errand_is_complete(const struct errand *errand)
{
    return errand->state == ERRAND_REPORTED &&
           (errand->pipe_fd < 0 || errand->outcome.end != END_OK);
}

static enum err_code
code_of_status(uint32_t status)
{
    bool later = status >= 500 || status == 408 || status == 425 || status == 429;

    return later ? ERR_FETCH : ERR_FETCH_REFUSED;
}

void
errand_judge(const struct wire_outcome *outcome, struct err *ret)
{
    enum err_code code = ERR_SYSTEM;

    switch (outcome->end) {
    case END_OK:
        code = ERR_OK;
        break;
    case END_FORBIDDEN:
        code = ERR_URL;
        break;
    case END_UNREACHABLE:
        code = ERR_FETCH;
        break;
    case END_STATUS:
        code = code_of_status(outcome->http_status);
        break;
    case END_TOO_LARGE:
        code = ERR_LIMIT;
        break;
    case END_TIME:
        code = ERR_DEADLINE;
        break;
    case END_ANSWER:
        code = ERR_FETCH_REFUSED;
        break;
    case END_CANCELED:
    case END_OURS:
    case END_COUNT:
        code = ERR_UNAVAILABLE;
        break;
    }
    (void)err_set(ret, code, "%s", outcome->text);
}

void
errand_sign(const struct hook_sending *sending, int64_t seconds, struct wire_errand *ret)
{
    struct span key = span_of(sending->secret), body = span_of(sending->payload);
    uint8_t mac[SHA256_SIZE];
    struct buf message;

    snprintf(ret->timestamp, sizeof(ret->timestamp), "%" PRId64, seconds);
    hash_hmac_sha256(key, body, mac);
    hash_hex(mac, sizeof(mac), ret->body_signature);
    buf_init(&message, body.len + sizeof(ret->timestamp) + 1);
    buf_printf(&message, "%s.", ret->timestamp);
    buf_append(&message, body.data, body.len);
    hash_hmac_sha256(key, buf_span(&message), mac);
    hash_hex(mac, sizeof(mac), ret->signature);
    buf_fini(&message);
}

enum err_code
errand_body(const char *text, int *ret_fd, struct err *err)
{
    int fd = memfd_create("webhook", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    enum err_code rc = fd < 0 ? err_sys(err, "memfd_create") : ERR_OK;

    if (rc == ERR_OK)
        rc = fd_write_all(fd, text, strlen(text), err);
    if (rc == ERR_OK &&
        fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0)
        rc = err_sys(err, "seals of a body");
    if (rc != ERR_OK)
        fd_close(&fd);
    else
        *ret_fd = fd;
    return rc;
}

void
errand_clear(struct errand *errand)
{
    fd_close(&errand->pipe_fd);
    sink_abort(&errand->sink);
    hash_wipe(errand->sending.secret, sizeof(errand->sending.secret));
    *errand = (struct errand){.pipe_fd = -1};
}

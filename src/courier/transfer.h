/* SPDX-License-Identifier: AGPL-3.0-or-later
 * courier/transfer.h - one errand from its URL to its outcome: look-up, connection, redirects, the
 * body into the runner's pipe, or out of its file.
 *
 * Limits: HOPS_MAX redirects of a fetch, each judged like the first URL and never from https to
 * http; none of a delivery. Compressed answers, headers past 64 KiB, bodies past bytes_max and
 * connections slower than 1,000 bytes a second for 20 s end it. No cookies, no credentials, no
 * proxy, no netrc. What went wrong is said coarsely: from outside, a closed port, a filtered one
 * and none at all are one. */
#pragma once

#include "courier/resolve.h"
#include "courier/trust.h"
#include "wire/errand.h"

/* Shared by all transfers; borrowed. */
struct transfer_world {
    void *multi; /* CURLM */
    struct resolver *resolver;
    const struct trust *trust; /* NULL: https is refused */
    const struct netpolicy *policy;
};

struct transfer;
/* fd: taken over, also on failure. */
MUST_CHECK
enum err_code transfer_open(const struct transfer_world *world, const struct wire_errand *errand,
                            int fd, struct transfer **ret, struct err *err);
void transfer_close(struct transfer **transfer);

const struct wire_errand *transfer_errand(const struct transfer *transfer);

/* Does what can be done now; true when it is over. */
bool transfer_step(struct transfer *transfer);
/* Its connection has ended; result: a CURLcode. */
void transfer_ended(struct transfer *transfer, int result);
/* Ends it early. */
void transfer_cancel(struct transfer *transfer);

/* What to poll beside the connections: at most LOOKUP_FDS_MAX entries of struct curl_waitfd. */
size_t transfer_fds(const struct transfer *transfer, void *ret_waitfds);
int64_t transfer_due_ms(const struct transfer *transfer); /* monotonic; step then at the latest */

/* After it is over. */
const struct wire_outcome *transfer_outcome(const struct transfer *transfer);

/* The transfer that a connection (a CURL) belongs to. */
struct transfer *transfer_of(void *easy);

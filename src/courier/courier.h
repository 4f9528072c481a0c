/* SPDX-License-Identifier: AGPL-3.0-or-later
 * courier/courier.h - the one process that opens connections for tenants: it fetches documents from
 * URLs and delivers webhooks, as the runner asks over one socket (wire/errand.h).
 *
 * It asks the outside model, too, whose address is the operator's own and not judged.
 *
 * It holds no database, no key and no document: bytes go through it into the runner's pipe. Names
 * are looked up here (courier/resolve.h), and what they lead to is checked for every socket just
 * before it connects, so that no spelling, redirect or name server can lead inside. When all is
 * loaded it confines itself: no path, no process, no descriptor of ours but that socket. */
#pragma once

#include "base/attrs.h"
#include "base/err.h"
#include "base/netpolicy.h"

struct courier_config {
    int channel_fd;          /* to the runner; taken over */
    struct netpolicy policy; /* own addresses are added */
    const char *name_server; /* "127.0.0.1:5353"; "": those of /etc/resolv.conf */
    void (*on_ready)(void);  /* confined, about to listen */
};

struct courier;
MUST_CHECK
enum err_code courier_open(const struct courier_config *config, struct courier **ret,
                           struct err *err);
/* Works until courier_stop, or until the other end of the socket is gone for good: OK. */
MUST_CHECK
enum err_code courier_run(struct courier *courier, struct err *err);
/* From a signal handler, too. The first: ends when nothing is under way. The second: now. */
void courier_stop(struct courier *courier);
void courier_close(struct courier **courier);

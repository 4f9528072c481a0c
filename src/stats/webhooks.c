/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "stats/stats.h"

/* None were sent: there are no webhooks yet. */
enum err_code
stats_webhooks(struct db *db, const struct stats_scope *scope, struct stats_webhooks *ret,
               struct err *err)
{
    (void)db;
    (void)scope;
    (void)err;
    *ret = (struct stats_webhooks){0};
    return ERR_OK;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "stats/stats.h"

/* Deliveries of the team's events: in the table's words 0 waits, 1 is on its way, 2 has arrived, 3
 * was given up. */
enum err_code
stats_webhooks(struct db *db, const struct stats_scope *scope, struct stats_webhooks *ret,
               struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = db_first(
        db,
        "SELECT COUNT(*), COUNT(CASE WHEN d.state = 2 THEN 1 END), "
        "COUNT(CASE WHEN d.state = 3 THEN 1 END), COUNT(CASE WHEN d.state < 2 THEN 1 END), "
        "CAST(COALESCE(SUM(CASE WHEN d.state = 2 THEN d.updated_ms - d.created_ms END), 0) "
        "AS BIGINT) FROM webhook_subscription s JOIN webhook_delivery d ON "
        "d.subscription_id = s.id AND d.created_ms >= $1 AND d.created_ms < $2 "
        "WHERE s.team_id = $3",
        DB_ARGS(db_int(scope->from_ms), db_int(scope->to_ms), db_text(scope->team_id)), &rows, err);

    if (rc == ERR_OK && rows != NULL)
        *ret = (struct stats_webhooks){.total = db_column_int(rows, 0),
                                       .processed = db_column_int(rows, 1),
                                       .failed = db_column_int(rows, 2),
                                       .pending = db_column_int(rows, 3),
                                       .processing_ms = db_column_int(rows, 4)};
    db_end(&rows);
    return rc;
}

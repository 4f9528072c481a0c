/* SPDX-License-Identifier: AGPL-3.0-or-later
 * cmd/admin_money.c - `leapocr admin credits`. */
#include "account/credits.h"
#include "cmd/admin_internal.h"

static enum err_code
put_balance(struct admin *a, const char *team_id, struct err *err)
{
    struct credit_balance b;
    enum err_code rc = credits_balance(a->db, team_id, &b, err);

    if (rc != ERR_OK)
        return rc;
    admin_row(a);
    admin_text(a, "team_id", team_id);
    admin_int(a, "granted", b.granted);
    admin_int(a, "consumed", b.consumed);
    admin_int(a, "reserved", b.reserved);
    admin_int(a, "available", b.available);
    admin_bool(a, "unlimited", b.unlimited);
    admin_row_end(a);
    return ERR_OK;
}

enum err_code
admin_credits_show(struct admin *a, struct err *err)
{
    struct team team;
    enum err_code rc = admin_team(a, &team, err);

    return rc == ERR_OK ? put_balance(a, team.id, err) : rc;
}

/* The team, the amount in the last argument, key and reason. */
static enum err_code
begin(struct admin *a, int64_t min, struct credit_change *ret, struct err *err)
{
    struct team *team = arena_alloc(a->arena, sizeof(*team));
    const char *reason = admin_option(a, OPTION_REASON);
    enum err_code rc =
        team != NULL ? admin_team(a, team, err) : err_set(err, ERR_MEMORY, "no memory");

    if (rc != ERR_OK)
        return rc;
    *ret = (struct credit_change){.team_id = team->id,
                                  .key = admin_option(a, OPTION_IDEMPOTENCY),
                                  .description = reason != NULL ? reason : "by the operator"};
    a->detail = a->args[a->n - 1];
    rc = admin_number(a->args[a->n - 1], "amount", min, CREDITS_MAX, &ret->amount, err);
    return rc == ERR_OK ? admin_expires(a, &ret->expires_ms, err) : rc;
}

enum err_code
admin_credits_grant(struct admin *a, struct err *err)
{
    struct credit_change change;
    enum err_code rc = begin(a, 1, &change, err);

    if (rc == ERR_OK)
        rc = credits_give(a->db, &change, err);
    return rc == ERR_OK ? put_balance(a, change.team_id, err) : rc;
}

enum err_code
admin_credits_adjust(struct admin *a, struct err *err)
{
    struct credit_change change;
    enum err_code rc = begin(a, -CREDITS_MAX, &change, err);

    if (rc == ERR_OK)
        rc = credits_adjust(a->db, &change, err);
    return rc == ERR_OK ? put_balance(a, change.team_id, err) : rc;
}

enum err_code
admin_credits_refund(struct admin *a, struct err *err)
{
    struct credit_change change;
    enum err_code rc = begin(a, 1, &change, err);

    a->target = a->args[0];
    if (rc == ERR_OK)
        rc = credits_refund(a->db, a->args[0], &change, err);
    return rc == ERR_OK ? put_balance(a, change.team_id, err) : rc;
}

enum err_code
admin_credits_list(struct admin *a, struct err *err)
{
    enum { PAGE = 1000 };
    const struct credit_filter all = {.to_ms = INT64_MAX};
    struct team team;
    int64_t before = INT64_MAX;
    enum err_code rc = admin_team(a, &team, err);

    for (size_t n = PAGE; rc == ERR_OK && n == PAGE;) {
        struct credit_line *lines = NULL;
        rc = credits_statement(a->arena, a->db, team.id, &all, before, PAGE, &lines, &n, err);
        for (size_t i = 0; rc == ERR_OK && i < n; i++) {
            admin_row(a);
            admin_time(a, "created_at", lines[i].created_ms);
            admin_text(a, "kind", lines[i].kind);
            admin_int(a, "amount", lines[i].amount);
            admin_int(a, "balance_after", lines[i].balance_after);
            admin_time(a, "expires_at", lines[i].expires_ms);
            admin_text(a, "idempotency_key", lines[i].id);
            admin_text(a, "description", lines[i].description);
            admin_row_end(a);
            before = lines[i].sequence;
        }
    }
    return rc;
}

enum err_code
admin_credits_check(struct admin *a, struct err *err)
{
    struct credit_balance sum;
    enum err_code rc = credits_audit(a->db, err);

    if (rc == ERR_OK)
        rc = credits_total(a->db, &sum, err);
    if (rc != ERR_OK)
        return rc;
    admin_row(a);
    admin_text(a, "ledger", "adds up");
    admin_int(a, "granted", sum.granted);
    admin_int(a, "consumed", sum.consumed);
    admin_int(a, "reserved", sum.reserved);
    admin_row_end(a);
    return ERR_OK;
}

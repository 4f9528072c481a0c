/* SPDX-License-Identifier: AGPL-3.0-or-later
 * cmd/credits.c - `leapocr credits show|add`: the ledger of the default team. */
#include "account/credits.h"
#include "account/account.h"
#include "cmd/cmd.h"
#include "cmd/datadir.h"
#include "cmd/operator.h"
#include "cmd/usage.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const enum option_id allowed[] = {OPTION_DATA, OPTION_DATABASE};

static const struct usage usage = {
    .command = "credits",
    .synopsis = "usage: leapocr credits show\n"
                "       leapocr credits add AMOUNT\n"
                "\nA page costs the credits of its model (see GET /ocr/models).\n",
    .allowed = allowed,
    .allowed_count = ARRAY_LEN(allowed),
};

static enum err_code
add(struct db *db, void *arg, struct err *err)
{
    const int64_t *amount = arg;
    struct principal team;
    bool created;
    enum err_code rc = account_ensure_default(db, 0, &team, &created, err);

    if (rc == ERR_OK)
        rc = credits_grant(db, team.team_id, *amount, "added by the operator", err);
    return rc == ERR_OK ? operator_note(db, "credits add", team.team_id, NULL, NULL, err) : rc;
}

static enum err_code
show(struct db *db, void *arg, struct err *err)
{
    struct principal team;
    struct credit_balance b;
    bool created;

    (void)arg;
    enum err_code rc = account_ensure_default(db, 0, &team, &created, err);
    if (rc == ERR_OK)
        rc = credits_balance(db, team.team_id, &b, err);
    if (rc == ERR_OK)
        printf("granted   %lld\nconsumed  %lld\nreserved  %lld\navailable %lld\n",
               (long long)b.granted, (long long)b.consumed, (long long)b.reserved,
               (long long)b.available);
    return rc;
}

int
cmd_credits(int argc, char **argv)
{
    struct options options;
    struct datadir dir;
    struct db *db = NULL;
    struct err err = {0};
    int rest, status;
    int64_t amount = 0;

    if (!usage_begin(&usage, argc, argv, &options, &rest, &status))
        return status;
    bool adding = rest == 2 && strcmp(argv[1], "add") == 0;
    if (!adding && !(rest == 1 && strcmp(argv[1], "show") == 0))
        return usage_mistake(&usage, "say show, or add with an amount");
    if (adding) {
        char *end;
        errno = 0;
        amount = strtoll(argv[2], &end, 10);
        if (errno != 0 || *end != '\0' || amount < 1 || amount > CREDITS_MAX)
            return usage_mistake(&usage, "the amount is a whole number from 1 to 1000000000000");
    }
    enum err_code rc = datadir_find(&options, &dir, &err);
    if (rc == ERR_OK)
        rc = db_open(dir.db, &db, &err);
    if (rc == ERR_OK && adding)
        rc = db_transact(db, add, &amount, &err);
    if (rc == ERR_OK)
        rc = db_transact(db, show, NULL, &err);
    db_close(&db);
    return rc == ERR_OK ? EXIT_DONE : cmd_fail("credits", &err);
}

/* SPDX-License-Identifier: AGPL-3.0-or-later
 * cmd/key.c - `leapocr key new|list|revoke` on the data folder, beside a running server or without.
 */
#include "account/account.h"
#include "base/clock.h"
#include "cmd/cmd.h"
#include "cmd/datadir.h"
#include "cmd/operator.h"
#include "cmd/usage.h"

#include <stdio.h>
#include <string.h>

static const enum option_id allowed[] = {OPTION_DATA};

static const struct usage usage = {
    .command = "key",
    .synopsis = "usage: leapocr key new [NAME]      make a key of the first team, shown this once\n"
                "       leapocr key list            all teams' keys: prefixes, use, team, name\n"
                "       leapocr key revoke ID|PREFIX\n"
                "\n`leapocr admin key` makes and lists those of one team, with scopes and ends.\n"
                "Works on the data folder, with or without a running server; a server takes note\n"
                "within a second.\n",
    .allowed = allowed,
    .allowed_count = ARRAY_LEN(allowed),
};

struct new_key {
    const char *name;
    char key[KEY_TEXT_SIZE];
};

static enum err_code
make_key(struct db *db, void *arg, struct err *err)
{
    struct new_key *made = arg;
    struct principal team;
    bool created;
    char id[UUID_TEXT_SIZE];
    enum err_code rc = account_ensure_default(db, 0, &team, &created, err);

    if (rc == ERR_OK)
        rc = key_create(db, team.team_id, made->name, made->key, id, err);
    return rc == ERR_OK ? operator_note(db, "key new", team.team_id, id, NULL, err) : rc;
}

static enum err_code
revoke_key(struct db *db, void *arg, struct err *err)
{
    enum err_code rc = key_revoke(db, NULL, arg, err);

    return rc == ERR_OK ? operator_note(db, "key revoke", NULL, arg, NULL, err) : rc;
}

static enum err_code
list_keys(struct db *db, struct err *err)
{
    struct arena *arena = arena_new(MiB(64));
    struct api_key *keys;
    size_t n;

    if (arena == NULL)
        return err_set(err, ERR_MEMORY, "no memory");
    enum err_code rc = key_list(arena, db, NULL, &keys, &n, err);
    if (rc == ERR_OK) {
        printf("%-37s %-12s %-25s %-25s %-20s %s\n", "ID", "PREFIX", "MADE", "LAST USED", "TEAM",
               "NAME");
        for (size_t i = 0; i < n; i++) {
            char made[CLOCK_TEXT_SIZE];
            char used[CLOCK_TEXT_SIZE] = "never";
            clock_rfc3339(keys[i].created_ms, made);
            if (keys[i].last_used_ms > 0)
                clock_rfc3339(keys[i].last_used_ms, used);
            printf("%-37s lo_%-9s %-25s %-25s %-20s %s%s\n", keys[i].id, keys[i].prefix, made, used,
                   keys[i].team_name, keys[i].name, keys[i].revoked_ms > 0 ? " (revoked)" : "");
        }
    }
    arena_drop(&arena);
    return rc;
}

static enum err_code
run(struct db *db, const char *verb, const char *argument, struct err *err)
{
    if (strcmp(verb, "list") == 0)
        return list_keys(db, err);
    if (strcmp(verb, "revoke") == 0 && argument != NULL) {
        char target[64];
        /* As it is listed, or the whole key, of which only the prefix is looked at and repeated. */
        bool key = strncmp(argument, "lo_", 3) == 0;
        const char *from = key ? argument + 3 : argument;
        snprintf(target, sizeof(target), "%.*s", (int)(key ? strcspn(from, "_") : 63), from);
        enum err_code rc = db_transact(db, revoke_key, target, err);
        if (rc == ERR_OK)
            printf("revoked %s%s\n", key ? "lo_" : "", target);
        else if (rc == ERR_NOT_FOUND)
            err_set(err, rc, "there is no key '%s%s'; `leapocr key list` shows them",
                    key ? "lo_" : "", target);
        return rc;
    }
    struct new_key made = {.name = argument != NULL ? argument : "made by leapocr key new"};
    enum err_code rc = db_transact(db, make_key, &made, err);
    if (rc == ERR_OK)
        printf("%s\n", made.key);
    return rc;
}

int
cmd_key(int argc, char **argv)
{
    struct options options;
    struct datadir dir;
    struct db *db = NULL;
    struct err err = {0};
    int rest, status;

    if (!usage_begin(&usage, argc, argv, &options, &rest, &status))
        return status;
    const char *verb = rest > 0 ? argv[1] : "";
    bool right = (strcmp(verb, "new") == 0 && rest <= 2) ||
                 (strcmp(verb, "list") == 0 && rest == 1) ||
                 (strcmp(verb, "revoke") == 0 && rest == 2);
    if (!right)
        return usage_mistake(&usage, "say new, list, or revoke with an id or prefix");
    enum err_code rc = datadir_find(options.text[OPTION_DATA], &dir, &err);
    if (rc == ERR_OK)
        rc = db_open(dir.db, &db, &err);
    if (rc == ERR_OK)
        rc = run(db, verb, rest > 1 ? argv[2] : NULL, &err);
    db_close(&db);
    return rc == ERR_OK ? EXIT_DONE : cmd_fail("key", &err);
}

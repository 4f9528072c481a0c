/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "account/account.h"

#include "account/credits.h"
#include "base/clock.h"
#include "base/utf8.h"

#include <string.h>

enum err_code
account_check_name(const char *what, const char *name, struct err *err)
{
    size_t len = strlen(name);
    bool printable = utf8_valid(name, len);

    for (size_t i = 0; i < len; i++)
        printable = printable && (unsigned char)name[i] >= ' ' && name[i] != 0x7f;
    if (len == 0 || len > ACCOUNT_NAME_MAX || !printable)
        return err_set(err, ERR_INPUT,
                       "name of %s: 1 to %d bytes of UTF-8 without control characters, this has "
                       "%zu",
                       what, ACCOUNT_NAME_MAX, len);
    return ERR_OK;
}

/* ERR_OK with *ret_found false where there is no team yet. */
static enum err_code
find_oldest(struct db *db, struct principal *ret, bool *ret_found, struct err *err)
{
    struct db_rows *rows = NULL;
    struct principal who = {.requests_per_minute = -1};
    enum err_code rc = db_first(db,
                                "SELECT id, organization_id FROM team "
                                "ORDER BY created_ms, id LIMIT 1",
                                NULL, 0, &rows, err);

    if (rc == ERR_OK && rows != NULL &&
        !(db_column_copy(rows, 0, who.team_id, sizeof(who.team_id)) &&
          db_column_copy(rows, 1, who.organization_id, sizeof(who.organization_id))))
        rc = err_set(err, ERR_SYSTEM, "the oldest team has an id that is too long");
    if (rc == ERR_OK) {
        *ret_found = rows != NULL;
        *ret = who;
    }
    db_end(&rows);
    return rc;
}

/* The query's row is one that has the name already. */
static enum err_code
check_free(struct db *db, const char *sql, const char *const args[3], const char *what,
           struct err *err)
{
    struct db_rows *rows = NULL;
    char id[UUID_TEXT_SIZE] = "?";
    enum err_code rc = db_first(
        db, sql, DB_ARGS(db_text(args[0]), db_text(args[1]), db_text(args[2])), &rows, err);

    if (rc == ERR_OK && rows != NULL) {
        if (!db_column_copy(rows, 0, id, sizeof(id)))
            id[0] = '?';
        rc = err_set(err, ERR_CONFLICT, "%s has the name '%.60s' already: %s", what, args[0], id);
    }
    db_end(&rows);
    return rc;
}

static enum err_code
check_organization_name(struct db *db, const char *name, struct err *err)
{
    return check_free(db, "SELECT id FROM organization WHERE name = $1 AND id <> $2 AND id <> $3",
                      (const char *const[3]){name, "", ""}, "an organization", err);
}

/* own_id: of the team that is renamed; "" for a new one. */
static enum err_code
check_team_name(struct db *db, const char *name, const char *organization_id, const char *own_id,
                struct err *err)
{
    return check_free(
        db, "SELECT id FROM team WHERE name = $1 AND organization_id = $2 AND id <> $3",
        (const char *const[3]){name, organization_id, own_id}, "a team of this organization", err);
}

enum err_code
organization_create(struct db *db, const char *name, char ret_id[UUID_TEXT_SIZE], struct err *err)
{
    char id[UUID_TEXT_SIZE];
    enum err_code rc = account_check_name("an organization", name, err);

    random_uuid(id);
    if (rc == ERR_OK)
        rc = check_organization_name(db, name, err);
    if (rc == ERR_OK)
        rc = db_exec(db, "INSERT INTO organization (id, name, created_ms) VALUES ($1, $2, $3)",
                     DB_ARGS(db_text(id), db_text(name), db_int(clock_utc_ms())), NULL, err);
    if (rc == ERR_OK)
        memcpy(ret_id, id, sizeof(id));
    return rc;
}

enum err_code
organization_list(struct arena *arena, struct db *db, struct organization **ret, size_t *ret_n,
                  struct err *err)
{
    struct db_rows *rows = NULL;
    struct organization *list = NULL;
    size_t n = 0, cap = 0;
    bool row = false;
    enum err_code rc =
        db_query(db, "SELECT id, name, created_ms FROM organization ORDER BY created_ms, id", NULL,
                 0, &rows, err);

    while (rc == ERR_OK && (rc = db_next(rows, &row, err)) == ERR_OK && row) {
        if (n == cap) {
            cap = cap == 0 ? 16 : cap * 2;
            list = arena_grow(arena, list, n, cap, sizeof(*list));
        }
        const char *name = db_column_text(arena, rows, 1);
        if (list == NULL || name == NULL || !db_column_copy(rows, 0, list[n].id, UUID_TEXT_SIZE)) {
            rc = err_set(err, ERR_LIMIT, "too many organizations to list");
            break;
        }
        list[n].name = name;
        list[n++].created_ms = db_column_int(rows, 2);
    }
    db_end(&rows);
    if (rc == ERR_OK) {
        *ret = list;
        *ret_n = n;
    }
    return rc;
}

enum err_code
team_create(struct db *db, const char *organization_id, const char *name,
            char ret_id[UUID_TEXT_SIZE], struct err *err)
{
    char id[UUID_TEXT_SIZE];
    enum err_code rc = account_check_name("a team", name, err);

    random_uuid(id);
    if (rc == ERR_OK)
        rc = check_team_name(db, name, organization_id, "", err);
    if (rc != ERR_OK)
        return rc;
    rc = db_exec(
        db, "INSERT INTO team (id, organization_id, name, created_ms) VALUES ($1, $2, $3, $4)",
        DB_ARGS(db_text(id), db_text(organization_id), db_text(name), db_int(clock_utc_ms())), NULL,
        err);
    if (rc == ERR_CONFLICT)
        rc = err_set(err, ERR_NOT_FOUND, "there is no such organization");
    if (rc == ERR_OK)
        rc = credits_grant(db, id, 0, "", err);
    if (rc == ERR_OK)
        memcpy(ret_id, id, sizeof(id));
    return rc;
}

static enum err_code
create_default(struct db *db, int64_t credits, struct principal *ret, struct err *err)
{
    struct principal who = {.requests_per_minute = -1};
    enum err_code rc = organization_create(db, "default", who.organization_id, err);

    if (rc == ERR_OK)
        rc = team_create(db, who.organization_id, "default", who.team_id, err);
    if (rc == ERR_OK)
        rc = credits_grant(db, who.team_id, credits, "initial credits", err);
    if (rc == ERR_OK)
        *ret = who;
    return rc;
}

enum err_code
account_ensure_default(struct db *db, int64_t initial_credits, struct principal *ret,
                       bool *ret_created, struct err *err)
{
    bool found = false;
    enum err_code rc = find_oldest(db, ret, &found, err);

    if (rc == ERR_OK && !found)
        rc = create_default(db, initial_credits, ret, err);
    if (rc == ERR_OK)
        *ret_created = !found;
    return rc;
}

#define TEAM_COLUMNS                                                                               \
    "SELECT t.id, t.organization_id, t.name, o.name, t.created_ms, t.disabled_ms FROM team t "     \
    "JOIN organization o ON o.id = t.organization_id "

static enum err_code
read_team(struct arena *arena, const struct db_rows *rows, struct team *ret, struct err *err)
{
    if (!db_column_copy(rows, 0, ret->id, sizeof(ret->id)) ||
        !db_column_copy(rows, 1, ret->organization_id, sizeof(ret->organization_id)))
        return err_set(err, ERR_SYSTEM, "a team has an id that is too long");
    ret->name = db_column_text(arena, rows, 2);
    ret->organization_name = db_column_text(arena, rows, 3);
    ret->created_ms = db_column_int(rows, 4);
    ret->disabled_ms = db_column_int(rows, 5);
    return ret->name != NULL && ret->organization_name != NULL
               ? ERR_OK
               : err_set(err, ERR_LIMIT, "too many teams to list");
}

enum err_code
team_list(struct arena *arena, struct db *db, struct team **ret, size_t *ret_n, struct err *err)
{
    struct db_rows *rows = NULL;
    struct team *teams = NULL;
    size_t n = 0, cap = 0;
    bool row = false;
    enum err_code rc =
        db_query(db, TEAM_COLUMNS "ORDER BY t.created_ms, t.id", NULL, 0, &rows, err);

    while (rc == ERR_OK && (rc = db_next(rows, &row, err)) == ERR_OK && row) {
        if (n == cap) {
            cap = cap == 0 ? 16 : cap * 2;
            teams = arena_grow(arena, teams, n, cap, sizeof(*teams));
        }
        rc = teams == NULL ? err_set(err, ERR_LIMIT, "too many teams to list")
                           : read_team(arena, rows, &teams[n], err);
        n++;
    }
    db_end(&rows);
    if (rc == ERR_OK) {
        *ret = teams;
        *ret_n = n;
    }
    return rc;
}

enum err_code
team_find(struct arena *arena, struct db *db, const char *id_or_name, struct team *ret,
          struct err *err)
{
    struct db_rows *rows = NULL;
    bool row = false;
    size_t n = 0;
    enum err_code rc =
        db_query(db, TEAM_COLUMNS "WHERE t.id = $1 OR t.name = $1 ORDER BY t.id LIMIT 2",
                 DB_ARGS(db_text(id_or_name)), &rows, err);

    while (rc == ERR_OK && (rc = db_next(rows, &row, err)) == ERR_OK && row) {
        rc = read_team(arena, rows, ret, err);
        n++;
    }
    db_end(&rows);
    if (rc == ERR_OK && n == 0)
        rc = err_set(err, ERR_NOT_FOUND, "there is no such team");
    if (rc == ERR_OK && n > 1)
        rc = err_set(err, ERR_CONFLICT, "more than one team has this name: give the id");
    return rc;
}

/* An UPDATE of one team. */
static enum err_code
found_team(enum err_code rc, int64_t changed, struct err *err)
{
    return rc == ERR_OK && changed == 0 ? err_set(err, ERR_NOT_FOUND, "there is no such team") : rc;
}

/* Of a team; "" where there is no such team. */
static enum err_code
find_organization(struct db *db, const char *team_id, char ret_id[UUID_TEXT_SIZE], struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = db_first(db, "SELECT organization_id FROM team WHERE id = $1",
                                DB_ARGS(db_text(team_id)), &rows, err);

    if (rc == ERR_OK && rows != NULL && !db_column_copy(rows, 0, ret_id, UUID_TEXT_SIZE))
        rc = err_set(err, ERR_SYSTEM, "an organization has an id that is too long");
    db_end(&rows);
    return rc;
}

enum err_code
team_rename(struct db *db, const char *id, const char *name, struct err *err)
{
    int64_t changed = 0;
    char organization_id[UUID_TEXT_SIZE] = "";
    enum err_code rc = account_check_name("a team", name, err);

    if (rc == ERR_OK)
        rc = find_organization(db, id, organization_id, err);
    if (rc == ERR_OK)
        rc = check_team_name(db, name, organization_id, id, err);
    if (rc == ERR_OK)
        rc = db_exec(db, "UPDATE team SET name = $1 WHERE id = $2",
                     DB_ARGS(db_text(name), db_text(id)), &changed, err);
    return found_team(rc, changed, err);
}

enum err_code
team_disable(struct db *db, const char *id, bool disabled, struct err *err)
{
    int64_t changed = 0;
    enum err_code rc =
        db_exec(db, "UPDATE team SET disabled_ms = $1 WHERE id = $2",
                DB_ARGS(db_int(disabled ? clock_utc_ms() : 0), db_text(id)), &changed, err);

    return found_team(rc, changed, err);
}

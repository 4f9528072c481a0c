/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "account/account.h"
#include "base/clock.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* In lower case. An address is something, an '@', something: who gets mail there is not our
 * business. */
static enum err_code
read_email(const char *email, char ret[ACCOUNT_EMAIL_MAX + 1], struct err *err)
{
    size_t len = strlen(email);
    const char *at = strchr(email, '@');

    if (len > ACCOUNT_EMAIL_MAX || at == NULL || at == email || at[1] == '\0' ||
        strchr(at + 1, '@') != NULL)
        return err_set(err, ERR_INPUT, "'%.60s' is no mail address of at most %d bytes", email,
                       ACCOUNT_EMAIL_MAX);
    for (size_t i = 0; i <= len; i++) {
        if (email[i] != '\0' && ((unsigned char)email[i] <= ' ' || email[i] == 0x7f))
            return err_set(err, ERR_INPUT, "a mail address has no spaces");
        ret[i] = (char)tolower((unsigned char)email[i]);
    }
    return ERR_OK;
}

enum err_code
person_create(struct db *db, const char *email, const char *name, const char *issuer,
              const char *subject, char ret_id[UUID_TEXT_SIZE], struct err *err)
{
    char id[UUID_TEXT_SIZE], address[ACCOUNT_EMAIL_MAX + 1];
    enum err_code rc = read_email(email, address, err);

    if (rc == ERR_OK)
        rc = account_check_name("a user", name, err);
    if (rc == ERR_OK && (issuer == NULL) != (subject == NULL))
        rc = err_set(err, ERR_INPUT, "issuer and subject go together");
    random_uuid(id);
    if (rc == ERR_OK)
        rc = db_exec(db,
                     "INSERT INTO person (id, email, name, issuer, subject, created_ms) "
                     "VALUES ($1, $2, $3, $4, $5, $6)",
                     DB_ARGS(db_text(id), db_text(address), db_text(name), db_text(issuer),
                             db_text(subject), db_int(clock_utc_ms())),
                     NULL, err);
    if (rc == ERR_CONFLICT)
        rc = err_set(err, ERR_CONFLICT, "a user with this address or subject is there already");
    if (rc == ERR_OK)
        memcpy(ret_id, id, sizeof(id));
    return rc;
}

static enum err_code
read_person(struct arena *arena, const struct db_rows *rows, struct person *ret, struct err *err)
{
    if (!db_column_copy(rows, 0, ret->id, sizeof(ret->id)))
        return err_set(err, ERR_SYSTEM, "a user has an id that is too long");
    ret->email = db_column_text(arena, rows, 1);
    ret->name = db_column_text(arena, rows, 2);
    ret->issuer = db_column_text(arena, rows, 3);
    ret->subject = db_column_text(arena, rows, 4);
    ret->created_ms = db_column_int(rows, 5);
    ret->disabled_ms = db_column_int(rows, 6);
    ret->role = db_column_text(arena, rows, 7);
    return ret->email != NULL && ret->name != NULL
               ? ERR_OK
               : err_set(err, ERR_LIMIT, "too many users to list");
}

enum err_code
person_find(struct arena *arena, struct db *db, const char *id_or_email, struct person *ret,
            struct err *err)
{
    char address[ACCOUNT_EMAIL_MAX + 1] = "";
    struct db_rows *rows = NULL;
    struct err ignored;

    if (read_email(id_or_email, address, &ignored) != ERR_OK)
        address[0] = '\0';
    enum err_code rc = db_first(db,
                                "SELECT id, email, name, issuer, subject, created_ms, disabled_ms, "
                                "NULL FROM person WHERE id = $1 OR email = $2",
                                DB_ARGS(db_text(id_or_email), db_text(address)), &rows, err);
    if (rc == ERR_OK)
        rc = rows == NULL ? err_set(err, ERR_NOT_FOUND, "there is no such user")
                          : read_person(arena, rows, ret, err);
    db_end(&rows);
    return rc;
}

static enum err_code
read_people(struct arena *arena, enum err_code rc, struct db_rows *rows, struct person **ret,
            size_t *ret_n, struct err *err)
{
    struct person *people = NULL;
    size_t n = 0, cap = 0;
    bool row = false;

    while (rc == ERR_OK && (rc = db_next(rows, &row, err)) == ERR_OK && row) {
        if (n == cap) {
            cap = cap == 0 ? 16 : cap * 2;
            people = arena_grow(arena, people, n, cap, sizeof(*people));
        }
        rc = people == NULL ? err_set(err, ERR_LIMIT, "too many users to list")
                            : read_person(arena, rows, &people[n], err);
        n++;
    }
    db_end(&rows);
    if (rc == ERR_OK) {
        *ret = people;
        *ret_n = n;
    }
    return rc;
}

enum err_code
person_list(struct arena *arena, struct db *db, const char *team_id, struct person **ret,
            size_t *ret_n, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc =
        team_id == NULL
            ? db_query(db,
                       "SELECT id, email, name, issuer, subject, created_ms, disabled_ms, NULL "
                       "FROM person ORDER BY email",
                       NULL, 0, &rows, err)
            : db_query(db,
                       "SELECT p.id, p.email, p.name, p.issuer, p.subject, p.created_ms, "
                       "p.disabled_ms, m.role FROM member m JOIN person p ON p.id = m.person_id "
                       "WHERE m.team_id = $1 ORDER BY p.email",
                       DB_ARGS(db_text(team_id)), &rows, err);

    return read_people(arena, rc, rows, ret, ret_n, err);
}

enum err_code
person_disable(struct db *db, const char *id, bool disabled, struct err *err)
{
    int64_t changed = 0;
    enum err_code rc =
        db_exec(db, "UPDATE person SET disabled_ms = $1 WHERE id = $2",
                DB_ARGS(db_int(disabled ? clock_utc_ms() : 0), db_text(id)), &changed, err);

    return rc == ERR_OK && changed == 0 ? err_set(err, ERR_NOT_FOUND, "there is no such user") : rc;
}

enum err_code
member_set(struct db *db, const char *team_id, const char *person_id, const char *role,
           struct err *err)
{
    if (role_scopes(role) == SCOPE_NONE)
        return err_set(err, ERR_INPUT, "'%.20s' is no role: owner, admin, member or viewer", role);
    enum err_code rc = db_exec(
        db,
        "INSERT INTO member (person_id, team_id, role, created_ms) "
        "VALUES ($1, $2, $3, $4) ON CONFLICT (person_id, team_id) DO UPDATE SET role = $3",
        DB_ARGS(db_text(person_id), db_text(team_id), db_text(role), db_int(clock_utc_ms())), NULL,
        err);

    if (rc == ERR_CONFLICT)
        rc = err_set(err, ERR_NOT_FOUND, "there is no such user or team");
    return rc;
}

enum err_code
member_remove(struct db *db, const char *team_id, const char *person_id, struct err *err)
{
    int64_t changed = 0;
    enum err_code rc = db_exec(db, "DELETE FROM member WHERE team_id = $1 AND person_id = $2",
                               DB_ARGS(db_text(team_id), db_text(person_id)), &changed, err);

    return rc == ERR_OK && changed == 0 ? err_set(err, ERR_NOT_FOUND, "there is no such member")
                                        : rc;
}

/* --- bearers of tokens --- */

/* One row of ids and a role; *ret_found false where there is none. */
static enum err_code
read_place(enum err_code rc, struct db_rows *rows, struct principal *who, bool *ret_found,
           struct err *err)
{
    char role[16] = "";

    *ret_found = rows != NULL;
    if (rc == ERR_OK && rows != NULL) {
        if (!db_column_copy(rows, 0, who->team_id, sizeof(who->team_id)) ||
            !db_column_copy(rows, 1, who->organization_id, sizeof(who->organization_id)) ||
            !db_column_copy(rows, 2, role, sizeof(role)))
            rc = err_set(err, ERR_SYSTEM, "a team has an id that is too long");
        who->scopes = role_scopes(role);
        who->requests_per_minute = db_is_null(rows, 3) ? -1 : db_column_int(rows, 3);
    }
    db_end(&rows);
    return rc;
}

static enum err_code
find_bearer(struct db *db, const struct claims *claims, struct principal *who, bool *ret_known,
            bool *ret_disabled, struct err *err)
{
    struct db_rows *rows = NULL;
    char address[ACCOUNT_EMAIL_MAX + 1] = "";
    struct err ignored;

    if (claims->email == NULL || read_email(claims->email, address, &ignored) != ERR_OK)
        address[0] = '\0';
    /* An address counts only for somebody who is not bound to a subject: it may be given away. */
    enum err_code rc = db_first(
        db,
        "SELECT id, disabled_ms FROM person WHERE (issuer = $1 AND "
        "subject = $2) OR (email = $3 AND issuer IS NULL) "
        "ORDER BY CASE WHEN issuer IS NULL THEN 1 ELSE 0 END LIMIT 1",
        DB_ARGS(db_text(claims->issuer), db_text(claims->subject), db_text(address)), &rows, err);
    *ret_known = rows != NULL;
    *ret_disabled = rows != NULL && db_column_int(rows, 1) != 0;
    if (rc == ERR_OK && rows != NULL &&
        !db_column_copy(rows, 0, who->user_id, sizeof(who->user_id)))
        rc = err_set(err, ERR_SYSTEM, "a user has an id that is too long");
    db_end(&rows);
    return rc;
}

static enum err_code
find_membership(struct db *db, const struct claims *claims, struct principal *who, bool *ret_found,
                struct err *err)
{
    struct db_rows *rows = NULL;
    const char *team = claims->team != NULL ? claims->team : "";
    enum err_code rc = db_first(
        db,
        "SELECT t.id, t.organization_id, m.role, l.requests_per_minute FROM member m "
        "JOIN team t ON t.id = m.team_id LEFT JOIN team_limit l ON l.team_id = t.id "
        "WHERE m.person_id = $1 AND t.disabled_ms = 0 AND ($2 = '' OR t.id = $2 OR t.name = $2) "
        "ORDER BY t.created_ms, t.id LIMIT 1",
        DB_ARGS(db_text(who->user_id), db_text(team)), &rows, err);

    return read_place(rc, rows, who, ret_found, err);
}

/* The identity provider itself says team and role. A name that two teams have names none. */
static enum err_code
find_claimed_team(struct db *db, const struct claims *claims, struct principal *who,
                  bool *ret_found, struct err *err)
{
    struct db_rows *rows = NULL;

    *ret_found = false;
    if (claims->team == NULL || claims->role == NULL || role_scopes(claims->role) == SCOPE_NONE)
        return ERR_OK;
    enum err_code rc = db_first(
        db,
        "SELECT t.id, t.organization_id, '', l.requests_per_minute FROM team t "
        "LEFT JOIN team_limit l ON l.team_id = t.id WHERE t.disabled_ms = 0 AND (t.id = $1 OR "
        "(t.name = $1 AND (SELECT COUNT(*) FROM team o WHERE o.name = $1) = 1))",
        DB_ARGS(db_text(claims->team)), &rows, err);
    rc = read_place(rc, rows, who, ret_found, err);
    who->scopes = role_scopes(claims->role);
    return rc;
}

enum err_code
claims_principal(struct db *db, const struct claims *claims, struct principal *ret, struct err *err)
{
    struct principal who = {.requests_per_minute = -1};
    bool known = false, disabled = false, found = false;
    enum err_code rc = find_bearer(db, claims, &who, &known, &disabled, err);

    if (rc == ERR_OK && known && !disabled)
        rc = find_membership(db, claims, &who, &found, err);
    else if (rc == ERR_OK && !known)
        rc = find_claimed_team(db, claims, &who, &found, err);
    if (rc == ERR_OK && !found)
        return err_set(err, ERR_AUTH, "the token is good, but its bearer is no member of a team");
    if (rc != ERR_OK)
        return rc;
    if (known)
        snprintf(who.actor, sizeof(who.actor), "person:%s", who.user_id);
    else
        snprintf(who.actor, sizeof(who.actor), "token:%.140s", claims->subject);
    *ret = who;
    return ERR_OK;
}

enum err_code
principal_move(struct db *db, const char *organization_id, const char *team_id,
               struct principal *who, struct err *err)
{
    struct db_rows *rows = NULL;
    struct principal moved = *who;
    bool found = false;

    if (who->user_id[0] == '\0' || who->key_id[0] != '\0')
        return err_set(err, ERR_NOT_FOUND, "there is no such organization or team");
    enum err_code rc =
        db_first(db,
                 "SELECT t.id, t.organization_id, m.role, l.requests_per_minute FROM member m "
                 "JOIN team t ON t.id = m.team_id LEFT JOIN team_limit l ON l.team_id = t.id "
                 "WHERE m.person_id = $1 AND t.disabled_ms = 0 AND t.organization_id = $2 AND "
                 "($3 = '' OR t.id = $3) ORDER BY t.created_ms, t.id LIMIT 1",
                 DB_ARGS(db_text(who->user_id), db_text(organization_id),
                         db_text(team_id != NULL ? team_id : "")),
                 &rows, err);
    rc = read_place(rc, rows, &moved, &found, err);
    if (rc == ERR_OK && !found)
        rc = err_set(err, ERR_NOT_FOUND, "there is no such organization or team");
    if (rc == ERR_OK)
        *who = moved;
    return rc;
}

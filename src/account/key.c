/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "account/account.h"
#include "base/clock.h"
#include "base/hash.h"

#include <stdio.h>
#include <string.h>

static const char key_start[] = "lo_";
enum { KEY_START_LEN = 3, KEY_PREFIX_LEN = 8, KEY_SECRET_LEN = 43, KEY_LEN = KEY_TEXT_SIZE - 1 };

/* "last used" is good to the minute: a write for every request would cost more than it tells. */
static const int64_t touch_every_ms = 60000;

static bool
is_alphanumeric(const uint8_t *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!((s[i] >= '0' && s[i] <= '9') || (s[i] >= 'A' && s[i] <= 'Z') ||
              (s[i] >= 'a' && s[i] <= 'z')))
            return false;
    return true;
}

/* The shape is public, so that judging it in varying time tells nothing. */
static bool
is_well_formed(struct span key)
{
    return key.len == KEY_LEN && memcmp(key.data, key_start, KEY_START_LEN) == 0 &&
           is_alphanumeric(key.data + KEY_START_LEN, KEY_PREFIX_LEN) &&
           key.data[KEY_START_LEN + KEY_PREFIX_LEN] == '_' &&
           is_alphanumeric(key.data + KEY_START_LEN + KEY_PREFIX_LEN + 1, KEY_SECRET_LEN);
}

static void
make_key(char ret_key[KEY_TEXT_SIZE], char ret_prefix[KEY_PREFIX_SIZE])
{
    random_text(ret_prefix, KEY_PREFIX_LEN);
    memcpy(ret_key, key_start, KEY_START_LEN);
    memcpy(ret_key + KEY_START_LEN, ret_prefix, KEY_PREFIX_LEN);
    ret_key[KEY_START_LEN + KEY_PREFIX_LEN] = '_';
    random_text(ret_key + KEY_START_LEN + KEY_PREFIX_LEN + 1, KEY_SECRET_LEN);
}

static enum err_code
check_wish(const struct key_wish *wish, struct err *err)
{
    if (wish->scopes == 0 || (wish->scopes & ~(unsigned)SCOPE_ALL) != 0)
        return err_set(err, ERR_INPUT, "a key is for one or more of: read, write, admin");
    if (wish->expires_ms < 0)
        return err_set(err, ERR_INPUT, "a key cannot expire before 1970");
    return account_check_name("a key", wish->name, err);
}

enum err_code
key_make(struct db *db, const struct key_wish *wish, char ret_key[KEY_TEXT_SIZE],
         char ret_id[UUID_TEXT_SIZE], struct err *err)
{
    enum { TRIES = 8 }; /* prefixes taken already: each once in 2^47 */
    char key[KEY_TEXT_SIZE], prefix[KEY_PREFIX_SIZE], id[UUID_TEXT_SIZE];
    uint8_t digest[SHA256_SIZE];
    int64_t made = 0;
    enum err_code rc = check_wish(wish, err);

    random_uuid(id);
    for (int i = 0; rc == ERR_OK && made == 0 && i < TRIES; i++) {
        make_key(key, prefix);
        hash_sha256(key, KEY_LEN, digest);
        rc = db_exec(db,
                     "INSERT INTO api_key (id, prefix, digest, team_id, person_id, name, scopes, "
                     "expires_ms, created_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) "
                     "ON CONFLICT (prefix) DO NOTHING",
                     DB_ARGS(db_text(id), db_text(prefix),
                             db_blob((struct span){digest, sizeof(digest)}), db_text(wish->team_id),
                             db_text(wish->person_id), db_text(wish->name), db_int(wish->scopes),
                             db_int(wish->expires_ms), db_int(clock_utc_ms())),
                     &made, err);
    }
    if (rc == ERR_CONFLICT)
        rc = err_set(err, ERR_NOT_FOUND, "there is no such team or user");
    if (rc == ERR_OK && made == 0)
        rc = err_set(err, ERR_SYSTEM, "no free key prefix in %d tries", TRIES);
    if (rc == ERR_OK) {
        memcpy(ret_key, key, sizeof(key));
        memcpy(ret_id, id, sizeof(id));
    }
    hash_wipe(key, sizeof(key));
    return rc;
}

enum err_code
key_create(struct db *db, const char *team_id, const char *name, char ret_key[KEY_TEXT_SIZE],
           char ret_id[UUID_TEXT_SIZE], struct err *err)
{
    return key_make(db, &(struct key_wish){.team_id = team_id, .name = name, .scopes = SCOPE_ALL},
                    ret_key, ret_id, err);
}

static enum err_code
read_key(struct arena *arena, const struct db_rows *rows, struct api_key *ret, struct err *err)
{
    if (!db_column_copy(rows, 0, ret->id, sizeof(ret->id)) ||
        !db_column_copy(rows, 1, ret->team_id, sizeof(ret->team_id)) ||
        !db_column_copy(rows, 2, ret->prefix, sizeof(ret->prefix)) ||
        !db_column_copy(rows, 7, ret->person_id, sizeof(ret->person_id)))
        return err_set(err, ERR_SYSTEM, "a key has an id that is too long");
    ret->name = db_column_text(arena, rows, 3);
    ret->created_ms = db_column_int(rows, 4);
    ret->last_used_ms = db_column_int(rows, 5);
    ret->revoked_ms = db_column_int(rows, 6);
    ret->scopes = (unsigned)db_column_int(rows, 8);
    ret->expires_ms = db_column_int(rows, 9);
    ret->team_name = db_column_text(arena, rows, 10);
    return ret->name != NULL && ret->team_name != NULL
               ? ERR_OK
               : err_set(err, ERR_LIMIT, "too many keys to list");
}

enum err_code
key_list(struct arena *arena, struct db *db, const char *team_id, struct api_key **ret_keys,
         size_t *ret_n, struct err *err)
{
    struct db_rows *rows = NULL;
    struct api_key *keys = NULL;
    size_t n = 0, cap = 0;
    bool row = false;
    enum err_code rc = db_query(db,
                                "SELECT k.id, k.team_id, k.prefix, k.name, k.created_ms, "
                                "k.last_used_ms, k.revoked_ms, k.person_id, k.scopes, "
                                "k.expires_ms, t.name FROM api_key k JOIN team t ON "
                                "t.id = k.team_id WHERE $1 = '' OR k.team_id = $1 "
                                "ORDER BY k.created_ms, k.id",
                                DB_ARGS(db_text(team_id != NULL ? team_id : "")), &rows, err);

    while (rc == ERR_OK && (rc = db_next(rows, &row, err)) == ERR_OK && row) {
        if (n == cap) {
            cap = cap == 0 ? 16 : cap * 2;
            keys = arena_grow(arena, keys, n, cap, sizeof(*keys));
        }
        rc = keys == NULL ? err_set(err, ERR_LIMIT, "too many keys to list")
                          : read_key(arena, rows, &keys[n], err);
        n++;
    }
    db_end(&rows);
    if (rc == ERR_OK) {
        *ret_keys = keys;
        *ret_n = n;
    }
    return rc;
}

enum err_code
key_revoke(struct db *db, const char *team_id, const char *id_or_prefix, struct err *err)
{
    int64_t found = 0;
    enum err_code rc = db_exec(db,
                               "UPDATE api_key SET revoked_ms = CASE WHEN revoked_ms = 0 THEN $1 "
                               "ELSE revoked_ms END WHERE (id = $2 OR prefix = $2) AND "
                               "($3 = '' OR team_id = $3)",
                               DB_ARGS(db_int(clock_utc_ms()), db_text(id_or_prefix),
                                       db_text(team_id != NULL ? team_id : "")),
                               &found, err);

    if (rc == ERR_OK && found == 0)
        rc = err_set(err, ERR_NOT_FOUND, "there is no key with this id or prefix");
    return rc;
}

/* What a key may do: its own scopes, and of those only what the role of its person has. */
static unsigned
scopes_of(const struct db_rows *rows)
{
    char role[16] = "";
    unsigned scopes = (unsigned)db_column_int(rows, 5);

    if (db_is_null(rows, 4))
        return scopes;
    return db_column_copy(rows, 6, role, sizeof(role)) ? scopes & role_scopes(role) : 0;
}

/* What the table has for the prefix: true, with the principal and digest filled in, for a key in
 * force. */
static enum err_code
look_up(struct db *db, const char *prefix, int64_t now_ms, struct principal *ret_who,
        uint8_t digest[SHA256_SIZE], bool *ret_found, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = db_first(
        db,
        "SELECT k.id, k.team_id, t.organization_id, k.digest, k.person_id, k.scopes, m.role, "
        "l.requests_per_minute FROM api_key k JOIN team t ON t.id = k.team_id "
        "LEFT JOIN member m ON m.person_id = k.person_id AND m.team_id = k.team_id "
        "LEFT JOIN person p ON p.id = k.person_id LEFT JOIN team_limit l ON l.team_id = k.team_id "
        "WHERE k.prefix = $1 AND k.revoked_ms = 0 AND t.disabled_ms = 0 "
        "AND (k.expires_ms = 0 OR k.expires_ms > $2) AND (k.person_id IS NULL OR "
        "(p.disabled_ms = 0 AND m.role IS NOT NULL))",
        DB_ARGS(db_text(prefix), db_int(now_ms)), &rows, err);

    if (rc == ERR_OK && rows != NULL) {
        struct span stored = db_column_bytes(rows, 3);
        *ret_found = stored.len == SHA256_SIZE &&
                     db_column_copy(rows, 0, ret_who->key_id, UUID_TEXT_SIZE) &&
                     db_column_copy(rows, 1, ret_who->team_id, UUID_TEXT_SIZE) &&
                     db_column_copy(rows, 2, ret_who->organization_id, UUID_TEXT_SIZE) &&
                     db_column_copy(rows, 4, ret_who->user_id, UUID_TEXT_SIZE);
        if (*ret_found)
            memcpy(digest, stored.data, SHA256_SIZE);
        ret_who->scopes = scopes_of(rows);
        ret_who->requests_per_minute = db_is_null(rows, 7) ? -1 : db_column_int(rows, 7);
    }
    db_end(&rows);
    return rc;
}

/* An unknown or revoked key is hashed and compared all the same, so that the time does not tell
 * which prefixes exist. */
enum err_code
key_verify(struct db *db, struct span key, int64_t now_ms, struct principal *ret, struct err *err)
{
    static const char refusal[] = "the API key is missing, malformed, unknown, revoked or expired";
    char prefix[KEY_PREFIX_SIZE] = {0};
    uint8_t given[SHA256_SIZE], stored[SHA256_SIZE] = {0};
    struct principal who = {0};
    bool found = false;

    if (!is_well_formed(key))
        return err_set(err, ERR_AUTH, "%s", refusal);
    memcpy(prefix, key.data + KEY_START_LEN, KEY_PREFIX_LEN);
    hash_sha256(key.data, key.len, given);
    enum err_code rc = look_up(db, prefix, now_ms, &who, stored, &found, err);
    if (rc != ERR_OK)
        return rc;
    bool equal = hash_equal(given, stored, sizeof(given));
    if (!equal || !found)
        return err_set(err, ERR_AUTH, "%s", refusal);
    snprintf(who.actor, sizeof(who.actor), "key:%s", who.key_id);
    *ret = who;
    return ERR_OK;
}

enum err_code
key_touch(struct db *db, const char *key_id, int64_t now_ms, struct err *err)
{
    return db_exec(db, "UPDATE api_key SET last_used_ms = $1 WHERE id = $2 AND last_used_ms <= $3",
                   DB_ARGS(db_int(now_ms), db_text(key_id), db_int(now_ms - touch_every_ms)), NULL,
                   err);
}

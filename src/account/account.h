/* SPDX-License-Identifier: AGPL-3.0-or-later
 * account/account.h - organisations, teams and API keys.
 *
 * A key reads "lo_" + 8 characters of prefix (public, finds the row) + "_" + 43 random characters
 * (256 bits). Stored are the prefix and SHA-256 of the whole key, never the key. Functions run in
 * the caller's transaction unless they say otherwise. */
#pragma once

#include "base/arena.h"
#include "base/random.h"
#include "db/db.h"

enum { KEY_TEXT_SIZE = 3 + 8 + 1 + 43 + 1, KEY_PREFIX_SIZE = 9, ACCOUNT_NAME_MAX = 100 };

/* What a key may be good for: any of these. */
enum scope {
    SCOPE_NONE = 0,
    SCOPE_READ = 1,
    SCOPE_WRITE = 2,
    SCOPE_ADMIN = 4, /* settings, members, keys */
    SCOPE_ALL = 7
};

/* The word of the lowest scope in the set: "read", "write" or "admin". */
const char *scope_name(enum scope scope);

/* Who is asking: the tenant follows from the key alone. */
struct principal {
    unsigned scopes; /* enum scope, any of them */
    char key_id[UUID_TEXT_SIZE];
    char user_id[UUID_TEXT_SIZE]; /* "": no user's */
    char team_id[UUID_TEXT_SIZE];
    char organization_id[UUID_TEXT_SIZE];
};

struct api_key {
    char id[UUID_TEXT_SIZE];
    char team_id[UUID_TEXT_SIZE];
    char prefix[KEY_PREFIX_SIZE];
    const char *name;
    int64_t created_ms;
    int64_t last_used_ms; /* 0: never; kept to the minute */
    int64_t revoked_ms;   /* 0: in force */
};

/* First start: one organisation "default" and one team "default" with initial_credits. If there is
 * one already, finds the oldest. *ret_created tells which. */
MUST_CHECK
enum err_code account_ensure_default(struct db *db, int64_t initial_credits, struct principal *ret,
                                     bool *ret_created, struct err *err);

/* Makes a key for the team; ret_key is shown once and exists nowhere else. */
MUST_CHECK
enum err_code key_create(struct db *db, const char *team_id, const char *name,
                         char ret_key[KEY_TEXT_SIZE], char ret_id[UUID_TEXT_SIZE], struct err *err);
MUST_CHECK
enum err_code key_list(struct arena *arena, struct db *db, struct api_key **ret_keys, size_t *ret_n,
                       struct err *err);
/* By id or by prefix; ERR_NOT_FOUND. Revoking twice is no error. */
MUST_CHECK
enum err_code key_revoke(struct db *db, const char *id_or_prefix, struct err *err);

/* ERR_AUTH if the key is malformed, unknown or revoked: one text for all of them. Reads only; no
 * transaction needed. */
MUST_CHECK
enum err_code key_verify(struct db *db, struct span key, struct principal *ret, struct err *err);

/* Notes the use of a key (last_used_ms, at most once a minute a key). */
MUST_CHECK
enum err_code key_touch(struct db *db, const char *key_id, int64_t now_ms, struct err *err);

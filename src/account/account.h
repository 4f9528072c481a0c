/* SPDX-License-Identifier: AGPL-3.0-or-later
 * account/account.h - organisations, teams, people with their roles, and API keys.
 *
 * A key reads "lo_" + 8 characters of prefix (public, finds the row) + "_" + 43 random characters
 * (256 bits). Stored are the prefix and SHA-256 of the whole key, never the key. A key belongs to a
 * team; one that a person made for himself is good for what his role allows, as long as he is a
 * member. Functions run in the caller's transaction unless they say otherwise. Lists are bounded by
 * their arena. Ids of others and unknown ids are ERR_NOT_FOUND, with one text. */
#pragma once

#include "base/arena.h"
#include "base/random.h"
#include "db/db.h"

enum {
    KEY_TEXT_SIZE = 3 + 8 + 1 + 43 + 1,
    KEY_PREFIX_SIZE = 9,
    ACCOUNT_NAME_MAX = 100,
    ACCOUNT_EMAIL_MAX = 254,
    ACCOUNT_ACTOR_SIZE = 160
};

/* What a key may be good for: any of these. */
enum scope {
    SCOPE_NONE = 0,
    SCOPE_READ = 1,
    SCOPE_WRITE = 2,
    SCOPE_ADMIN = 4, /* settings, members, keys, the audit log */
    SCOPE_ALL = 7,
    SCOPE_ANY = 8 /* of a route: a key, whatever it is for */
};

/* The word of the lowest scope in the set: "read", "write" or "admin". */
const char *scope_name(enum scope scope);
/* "read,write" as a set; false for anything that is no list of the three words. */
MUST_CHECK
bool scopes_parse(const char *text, unsigned *ret);
/* The set as "read,write"; a static text. */
const char *scopes_text(unsigned scopes);

/* owner, admin: everything; member: read and write; viewer: read. SCOPE_NONE: no such role. */
unsigned role_scopes(const char *role);

/* Who is asking. */
struct principal {
    unsigned scopes;              /* enum scope, any of them */
    char key_id[UUID_TEXT_SIZE];  /* "": no key, a token of the identity provider */
    char user_id[UUID_TEXT_SIZE]; /* the person; "": the key is the team's, or nobody known here */
    char team_id[UUID_TEXT_SIZE];
    char organization_id[UUID_TEXT_SIZE];
    char actor[ACCOUNT_ACTOR_SIZE]; /* for the audit log: "key:ID", "person:ID", "token:SUBJECT" */
    int64_t requests_per_minute;    /* of the team; -1: the server's setting, 0: no limit */
};

/* --- organisations and teams --- */
struct team {
    char id[UUID_TEXT_SIZE];
    char organization_id[UUID_TEXT_SIZE];
    const char *name;
    const char *organization_name;
    int64_t created_ms;
    int64_t disabled_ms; /* 0: in force; else its keys and tokens are refused */
};

/* First start: one organisation "default" and one team "default" with initial_credits. If there is
 * one already, finds the oldest. *ret_created tells which. */
MUST_CHECK
enum err_code account_ensure_default(struct db *db, int64_t initial_credits, struct principal *ret,
                                     bool *ret_created, struct err *err);
/* ERR_CONFLICT: an organization has this name. */
MUST_CHECK
enum err_code organization_create(struct db *db, const char *name, char ret_id[UUID_TEXT_SIZE],
                                  struct err *err);
struct organization {
    char id[UUID_TEXT_SIZE];
    const char *name;
    int64_t created_ms;
};
MUST_CHECK
enum err_code organization_list(struct arena *arena, struct db *db, struct organization **ret,
                                size_t *ret_n, struct err *err);
/* With an account of no credits. ERR_CONFLICT: a team of the organization has this name. */
MUST_CHECK
enum err_code team_create(struct db *db, const char *organization_id, const char *name,
                          char ret_id[UUID_TEXT_SIZE], struct err *err);
MUST_CHECK
enum err_code team_list(struct arena *arena, struct db *db, struct team **ret, size_t *ret_n,
                        struct err *err);
/* By id, or by name where only one team has it. */
MUST_CHECK
enum err_code team_find(struct arena *arena, struct db *db, const char *id_or_name,
                        struct team *ret, struct err *err);
/* ERR_CONFLICT as in team_create. */
MUST_CHECK
enum err_code team_rename(struct db *db, const char *id, const char *name, struct err *err);
MUST_CHECK
enum err_code team_disable(struct db *db, const char *id, bool disabled, struct err *err);

/* --- people --- */
struct person {
    char id[UUID_TEXT_SIZE];
    const char *email;
    const char *name;
    const char *issuer, *subject; /* of the identity provider; NULL */
    const char *role;             /* in the team asked about; NULL: none was */
    int64_t created_ms, disabled_ms;
};

/* email is kept in lower case; ERR_CONFLICT if somebody has it, or the pair of issuer and subject
 * (NULL: none). */
MUST_CHECK
enum err_code person_create(struct db *db, const char *email, const char *name, const char *issuer,
                            const char *subject, char ret_id[UUID_TEXT_SIZE], struct err *err);
/* By id or address. */
MUST_CHECK
enum err_code person_find(struct arena *arena, struct db *db, const char *id_or_email,
                          struct person *ret, struct err *err);
/* team_id NULL: all people, without roles. */
MUST_CHECK
enum err_code person_list(struct arena *arena, struct db *db, const char *team_id,
                          struct person **ret, size_t *ret_n, struct err *err);
MUST_CHECK
enum err_code person_disable(struct db *db, const char *id, bool disabled, struct err *err);
/* Makes a member, or changes the role. ERR_INPUT: no such role. */
MUST_CHECK
enum err_code member_set(struct db *db, const char *team_id, const char *person_id,
                         const char *role, struct err *err);
MUST_CHECK
enum err_code member_remove(struct db *db, const char *team_id, const char *person_id,
                            struct err *err);

/* What a token of the identity provider says about its bearer. */
struct claims {
    const char *issuer;
    const char *subject;
    const char *email; /* NULL: none, or not verified */
    const char *team;  /* id or name of a team of this server; NULL */
    const char *role;  /* with team: for people that are not known here; NULL */
};
/* The principal of a token. A person is found by issuer and subject, then by address; his team is
 * the one of the token, of which he has to be a member, else his oldest. Somebody unknown is let in
 * with the token's own team and role. ERR_AUTH: neither. Reads only. */
MUST_CHECK
enum err_code claims_principal(struct db *db, const struct claims *claims, struct principal *ret,
                               struct err *err);
/* The same person in another team that he is a member of. */
MUST_CHECK
enum err_code principal_move(struct db *db, const char *organization_id, const char *team_id,
                             struct principal *who, struct err *err);

/* --- keys --- */
struct api_key {
    char id[UUID_TEXT_SIZE];
    char team_id[UUID_TEXT_SIZE];
    char person_id[UUID_TEXT_SIZE]; /* "": the team's */
    char prefix[KEY_PREFIX_SIZE];
    const char *name;
    const char *team_name;
    unsigned scopes;
    int64_t created_ms;
    int64_t expires_ms;   /* 0: never */
    int64_t last_used_ms; /* 0: never; kept to the minute */
    int64_t revoked_ms;   /* 0: in force */
};

struct key_wish {
    const char *team_id;
    const char *person_id; /* NULL: the team's */
    const char *name;
    unsigned scopes;
    int64_t expires_ms; /* 0: never */
};

/* Makes a key; ret_key is shown once and exists nowhere else. */
MUST_CHECK
enum err_code key_make(struct db *db, const struct key_wish *wish, char ret_key[KEY_TEXT_SIZE],
                       char ret_id[UUID_TEXT_SIZE], struct err *err);
/* For everything, without an end. */
MUST_CHECK
enum err_code key_create(struct db *db, const char *team_id, const char *name,
                         char ret_key[KEY_TEXT_SIZE], char ret_id[UUID_TEXT_SIZE], struct err *err);
/* team_id NULL: of all teams. */
MUST_CHECK
enum err_code key_list(struct arena *arena, struct db *db, const char *team_id,
                       struct api_key **ret_keys, size_t *ret_n, struct err *err);
/* By id or by prefix, of the team (NULL: any); ERR_NOT_FOUND. Revoking twice is no error. */
MUST_CHECK
enum err_code key_revoke(struct db *db, const char *team_id, const char *id_or_prefix,
                         struct err *err);

/* ERR_AUTH if the key is malformed, unknown, revoked or expired, its team is disabled or its person
 * is no member any more: one text for all of them. Reads only; no transaction needed. */
MUST_CHECK
enum err_code key_verify(struct db *db, struct span key, int64_t now_ms, struct principal *ret,
                         struct err *err);

/* Notes the use of a key (last_used_ms, at most once a minute a key). */
MUST_CHECK
enum err_code key_touch(struct db *db, const char *key_id, int64_t now_ms, struct err *err);

/* ERR_INPUT unless name has 1 to ACCOUNT_NAME_MAX bytes of UTF-8 without control characters. */
MUST_CHECK
enum err_code account_check_name(const char *what, const char *name, struct err *err);

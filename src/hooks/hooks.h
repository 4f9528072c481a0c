/* SPDX-License-Identifier: AGPL-3.0-or-later
 * hooks/hooks.h - webhooks of a team: who wants to be told of what, and what became of it.
 *
 *   note.h   a job's step puts an event into the outbox, in its own transaction
 *   send.h   the runner takes deliveries from there, and says how they went
 * An event that nobody has subscribed to is not written. All functions run in the caller's
 * transaction (the finding ones need none). An id of another team answers exactly as an unknown
 * one. What is promised: docs/webhooks.md. */
#pragma once

#include "base/arena.h"
#include "base/random.h"
#include "base/seal.h"
#include "base/url.h"
#include "db/db.h"

enum hook_event {
    HOOK_JOB_CREATED,
    HOOK_JOB_STARTED,
    HOOK_JOB_COMPLETED, /* partially_done as well: the payload's status tells */
    HOOK_JOB_FAILED,
    HOOK_JOB_DELETED,
    HOOK_TEST, /* never subscribed to: it is asked for */
    HOOK_EVENT_COUNT
};

enum hook_state { HOOK_WAITING, HOOK_SENDING, HOOK_DELIVERED, HOOK_GIVEN_UP, HOOK_STATE_COUNT };

enum {
    HOOKS_SELECTIONS_MAX = 10, /* events of one subscription, as sent */
    HOOKS_DESCRIPTION_MAX = 500,
    HOOKS_PER_TEAM_MAX = 50,
    HOOK_SECRET_SIZE = 6 + 40 + 1,
    HOOK_ERROR_SIZE = 200
};

/* "job.created", ..., "webhook.test". */
const char *hook_event_name(enum hook_event event);
/* False for a name that cannot be subscribed to; *ret is its bit. */
MUST_CHECK
bool hook_event_bit(const char *name, size_t len, int64_t *ret);
/* "pending", "processing", "processed", "failed". */
const char *hook_state_name(enum hook_state state);

struct hook {
    char id[UUID_TEXT_SIZE];
    char team_id[UUID_TEXT_SIZE];
    char organization_id[UUID_TEXT_SIZE];
    char user_id[UUID_TEXT_SIZE];
    bool enabled;
    int64_t events; /* a bit for each hook_event */
    int64_t failure_count;
    int64_t failing_since_ms; /* 0: the last attempt went well, or there was none */
    int64_t last_attempt_ms, last_success_ms;
    int64_t last_http_status; /* 0: no answer, or no attempt */
    int64_t disabled_ms;      /* by the service itself; 0: not */
    int64_t created_ms, updated_ms;
    const char *url;
    const char *description; /* "" */
    const char *last_error;  /* NULL */
    char secret[HOOK_SECRET_SIZE];
};

/* From hook: team, organization, user, enabled, events, url, description. Makes id and secret.
 * ERR_CONFLICT past HOOKS_PER_TEAM_MAX. */
MUST_CHECK
enum err_code hook_create(struct db *db, const struct seal_key *key, struct hook *hook,
                          int64_t now_ms, struct err *err);

MUST_CHECK
enum err_code hook_find(struct arena *arena, struct db *db, const struct seal_key *key,
                        const char *team_id, const char *id, struct hook *ret, struct err *err);

/* Newest first, rows behind (created_ms, id); enabled: 1, 0, or -1 for both. */
struct hook_list {
    const char *team_id;
    int enabled;
    int64_t before_ms;
    const char *before_id;
    int64_t limit;
};
MUST_CHECK
enum err_code hook_list(struct arena *arena, struct db *db, const struct seal_key *key,
                        const struct hook_list *list, struct hook **ret, size_t *ret_n,
                        int64_t *ret_total, struct err *err);

/* Writes enabled, events, url, description of a hook that was found. One that is enabled begins
 * anew: its failures are forgotten, what waits is due at once. */
MUST_CHECK
enum err_code hook_update(struct db *db, const struct hook *hook, int64_t now_ms, struct err *err);

/* With its deliveries and their log. ERR_NOT_FOUND. */
MUST_CHECK
enum err_code hook_remove(struct db *db, const char *team_id, const char *id, struct err *err);

/* A new secret; the old one signs nothing from now on. */
MUST_CHECK
enum err_code hook_rotate(struct db *db, const struct seal_key *key, struct hook *hook,
                          int64_t now_ms, struct err *err);

/* Puts a webhook.test into the outbox for this subscription alone. ERR_CONFLICT while it is
 * disabled. */
MUST_CHECK
enum err_code hook_test(struct db *db, const struct hook *hook, int64_t now_ms,
                        char ret_event_id[UUID_TEXT_SIZE], struct err *err);

/* How a subscription's deliveries stand. */
struct hook_counts {
    int64_t waiting, delivered, given_up;
};
MUST_CHECK
enum err_code hook_counts(struct db *db, const char *id, struct hook_counts *ret, struct err *err);

/* --- the log of deliveries: hooks/log.c --- */
struct hook_delivery {
    char id[UUID_TEXT_SIZE];
    char event_id[UUID_TEXT_SIZE];
    enum hook_event event;
    enum hook_state state;
    int64_t attempts, http_status;
    int64_t created_ms, updated_ms;
    const char *url;
    const char *error;   /* NULL */
    const char *payload; /* JSON */
};
/* Newest first, rows behind (created_ms, id); event, state: -1 for all. The subscription has been
 * found before. */
struct hook_log {
    const char *hook_id;
    int event, state;
    int64_t before_ms;
    const char *before_id;
    int64_t limit;
};
MUST_CHECK
enum err_code hook_log(struct arena *arena, struct db *db, const struct hook_log *log,
                       struct hook_delivery **ret, size_t *ret_n, int64_t *ret_total,
                       struct err *err);

struct hook_payload {
    char event_id[UUID_TEXT_SIZE];
    enum hook_event event;
    const char *payload;
};
MUST_CHECK
enum err_code hook_payload(struct arena *arena, struct db *db, const char *team_id,
                           const char *event_id, struct hook_payload *ret, struct err *err);

/* All deliveries of an event of this team are due again, delivered or not, each with three days.
 * *ret_count: how many. ERR_NOT_FOUND. */
MUST_CHECK
enum err_code hook_resend(struct db *db, const char *team_id, const char *event_id, int64_t now_ms,
                          int64_t *ret_count, struct err *err);

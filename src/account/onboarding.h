/* SPDX-License-Identifier: AGPL-3.0-or-later
 * account/onboarding.h - how far somebody has come with his first steps: kept for a team's user
 * interface, under an id of its own. Functions run in the caller's transaction. */
#pragma once

#include "base/arena.h"
#include "db/db.h"

enum {
    ONBOARDING_ID_MAX = 255,   /* bytes */
    ONBOARDING_TYPE_MAX = 100, /* bytes */
    ONBOARDING_STEPS_MAX = 100,
    ONBOARDING_JSON_MAX = 16384, /* bytes of steps, and of metadata */
    ONBOARDING_TEAM_MAX = 10000  /* rows of a team */
};

struct onboarding {
    const char *external_id;
    const char *entity_type;
    const char *steps_json;    /* a list of strings */
    const char *metadata_json; /* NULL */
    int64_t created_ms, updated_ms;
    int64_t completed_ms; /* 0: not yet */
};

/* ERR_CONFLICT if the id is there; ERR_LIMIT past ONBOARDING_TEAM_MAX. */
MUST_CHECK
enum err_code onboarding_create(struct db *db, const char *team_id, const struct onboarding *row,
                                struct err *err);
/* Reads only. ERR_NOT_FOUND. */
MUST_CHECK
enum err_code onboarding_find(struct arena *arena, struct db *db, const char *team_id,
                              const char *external_id, struct onboarding *ret, struct err *err);
/* All but id, type and created_ms. */
MUST_CHECK
enum err_code onboarding_update(struct db *db, const char *team_id, const struct onboarding *row,
                                struct err *err);
MUST_CHECK
enum err_code onboarding_remove(struct db *db, const char *team_id, const char *external_id,
                                struct err *err);

/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The next task for a runner that takes only some models or teams. Tasks of others are never walked
 * over, however many wait: teams come from their small rows, the models that a team waits for by
 * jumps through the index, and of each model only its first task is looked at. */
#include "jobs/jobs_internal.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

enum { PATTERN_SIZE = 129, TEAMS_MAX = 4096 };

static bool
has(const char *text)
{
    return text != NULL && text[0] != '\0';
}

bool
choice_narrows(const struct task_choice *choice)
{
    return choice != NULL && (has(choice->models) || has(choice->teams));
}

static bool
list_has(const char *list, const char *text)
{
    for (const char *at = list; has(at);) {
        char pattern[PATTERN_SIZE];
        size_t len = strcspn(at, ",");
        snprintf(pattern, sizeof(pattern), "%.*s", (int)len, at);
        if (fnmatch(pattern, text, 0) == 0)
            return true;
        at += len + (at[len] == ',');
    }
    return !has(list);
}

/* The first task of one model; by turn, then number. */
struct first {
    int64_t turn_ms, id; /* id 0: none */
};

static enum err_code
find_first(struct db *db, const char *team_id, const char *model, int64_t due_ms,
           struct first *best, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc =
        db_first(db,
                 "SELECT turn_ms, id FROM task WHERE state = 0 AND team_id = $1 AND "
                 "model = $2 AND +due_ms <= $3 ORDER BY turn_ms, id LIMIT 1",
                 DB_ARGS(db_text(team_id), db_text(model), db_int(due_ms)), &rows, err);

    if (rc == ERR_OK && rows != NULL) {
        int64_t turn_ms = db_column_int(rows, 0), id = db_column_int(rows, 1);
        if (best->id == 0 || turn_ms < best->turn_ms || (turn_ms == best->turn_ms && id < best->id))
            *best = (struct first){turn_ms, id};
    }
    db_end(&rows);
    return rc;
}

/* *ret_model: the first name behind *model that the team has a waiting task of; NULL: no other. */
static enum err_code
next_model(struct arena *arena, struct db *db, const char *team_id, const char *model,
           const char **ret_model, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = db_first(db,
                                "SELECT model FROM task WHERE state = 0 AND team_id = $1 AND "
                                "model > $2 ORDER BY model LIMIT 1",
                                DB_ARGS(db_text(team_id), db_text(model)), &rows, err);

    *ret_model = NULL;
    if (rc == ERR_OK && rows != NULL && (*ret_model = db_column_text(arena, rows, 0)) == NULL)
        rc = err_set(err, ERR_MEMORY, "no memory for the name of a model");
    db_end(&rows);
    return rc;
}

static enum err_code
find_in_team(struct arena *arena, struct db *db, const struct task_choice *choice,
             const char *team_id, int64_t due_ms, struct first *best, struct err *err)
{
    const char *model = "";
    enum err_code rc = ERR_OK;

    while (rc == ERR_OK) {
        rc = next_model(arena, db, team_id, model, &model, err);
        if (rc != ERR_OK || model == NULL)
            break;
        if (list_has(choice->models, model))
            rc = find_first(db, team_id, model, due_ms, best, err);
    }
    return rc;
}

/* Ids of the chosen teams that wait, in fair order. */
static enum err_code
list_teams(struct arena *arena, struct db *db, const struct task_choice *choice, int64_t due_ms,
           const char ***ret, size_t *ret_n, struct err *err)
{
    struct db_rows *rows = NULL;
    const char **teams = arena_alloc(arena, TEAMS_MAX * sizeof(*teams));
    bool more = false;
    size_t n = 0;

    if (teams == NULL)
        return err_set(err, ERR_MEMORY, "no memory for the teams that wait");
    enum err_code rc = db_query(db,
                                "SELECT team_id FROM team_load WHERE head_ms IS NOT NULL AND "
                                "head_ms <= $1 ORDER BY running_pages, head_ms",
                                DB_ARGS(db_int(due_ms)), &rows, err);
    while (rc == ERR_OK && n < TEAMS_MAX && (rc = db_next(rows, &more, err)) == ERR_OK && more) {
        const char *id = db_column_text(arena, rows, 0);
        if (id == NULL)
            rc = err_set(err, ERR_MEMORY, "no memory for the teams that wait");
        else if (list_has(choice->teams, id))
            teams[n++] = id;
    }
    db_end(&rows);
    *ret = teams;
    *ret_n = n;
    return rc;
}

enum err_code
choice_find(struct arena *arena, struct db *db, const struct task_choice *choice, int64_t due_ms,
            char ret_team[UUID_TEXT_SIZE], int64_t *ret_id, struct err *err)
{
    struct first best = {0};
    const char **teams = NULL;
    size_t n = 0;
    enum err_code rc = list_teams(arena, db, choice, due_ms, &teams, &n, err);

    for (size_t i = 0; rc == ERR_OK && i < n && best.id == 0; i++) {
        rc = find_in_team(arena, db, choice, teams[i], due_ms, &best, err);
        snprintf(ret_team, UUID_TEXT_SIZE, "%s", teams[i]);
    }
    if (rc == ERR_OK)
        *ret_id = best.id;
    return rc;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Whose document is fetched next. A server may take minutes to send one, and a team may have
 * thousands of such: fetches are few at a time, so they are shared out by teams. */
#include "jobs/jobs_internal.h"

#include <string.h>

/* Teams with documents to fetch that are looked at for one claim. */
enum { TEAMS_MAX = 4096 };

/* Looking again at a team that has all that it may have. */
static const int64_t full_wait_ms = 1000;

struct taker {
    char id[UUID_TEXT_SIZE];
    int64_t running;
    int64_t due_ms; /* of the document that has waited longest; INT64_MAX: none waits */
};

/* The first id behind *id, "" if there is none: by jumps through the index, however many wait. */
static enum err_code
next_team(struct db *db, char id[UUID_TEXT_SIZE], struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc =
        db_first(db, "SELECT team_id FROM fetch_task WHERE team_id > $1 ORDER BY team_id LIMIT 1",
                 DB_ARGS(db_text(id)), &rows, err);
    bool found = rc == ERR_OK && rows != NULL;

    if (!found)
        id[0] = '\0';
    else if (!db_column_copy(rows, 0, id, UUID_TEXT_SIZE))
        rc = err_set(err, ERR_SYSTEM, "a team has an id that is too long");
    db_end(&rows);
    return rc;
}

/* A lease that ran out is due like any other: nobody knows what became of its holder. */
static enum err_code
look_at(struct db *db, int64_t now_ms, struct taker *team, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = db_first(
        db,
        "SELECT (SELECT COUNT(*) FROM fetch_task WHERE team_id = $1 AND state = 1 AND "
        "due_ms > $2), (SELECT MIN(due_ms) FROM fetch_task WHERE team_id = $1 AND (state = 0 OR "
        "due_ms <= $2))",
        DB_ARGS(db_text(team->id), db_int(now_ms)), &rows, err);

    if (rc == ERR_OK && rows != NULL) {
        team->running = db_column_int(rows, 0);
        team->due_ms = db_is_null(rows, 1) ? INT64_MAX : db_column_int(rows, 1);
    }
    db_end(&rows);
    return rc;
}

static enum err_code
list_teams(struct arena *arena, struct db *db, int64_t now_ms, struct taker **ret, size_t *ret_n,
           struct err *err)
{
    struct taker *teams = NULL;
    char id[UUID_TEXT_SIZE] = "";
    size_t n = 0, cap = 0;
    enum err_code rc = next_team(db, id, err);

    while (rc == ERR_OK && id[0] != '\0' && n < TEAMS_MAX) {
        if (n == cap) {
            cap = cap == 0 ? 16 : cap * 2;
            teams = arena_grow(arena, teams, n, cap, sizeof(*teams));
        }
        if (teams == NULL)
            return err_set(err, ERR_LIMIT, "no memory for the teams that wait");
        memcpy(teams[n].id, id, sizeof(id));
        rc = look_at(db, now_ms, &teams[n++], err);
        if (rc == ERR_OK)
            rc = next_team(db, id, err);
    }
    *ret = teams;
    *ret_n = n;
    return rc;
}

static bool
comes_before(const struct taker *a, const struct taker *b)
{
    return a->running != b->running ? a->running < b->running : a->due_ms < b->due_ms;
}

static struct taker *
pick(struct taker *teams, size_t n, int64_t now_ms)
{
    struct taker *best = NULL;

    for (size_t i = 0; i < n; i++)
        if (teams[i].due_ms <= now_ms && teams[i].running < FETCH_TEAM_MAX &&
            (best == NULL || comes_before(&teams[i], best)))
            best = &teams[i];
    return best;
}

static enum err_code
claim_of(struct arena *arena, struct db *db, const struct taker *team, int64_t now_ms,
         int64_t lease_ms, struct fetch *ret, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = db_first(db,
                                "SELECT f.job_id, f.attempt, j.source_url, j.trace FROM fetch_task "
                                "f JOIN job j ON j.id = f.job_id "
                                "WHERE f.team_id = $1 AND f.due_ms <= $2 ORDER BY f.due_ms LIMIT 1",
                                DB_ARGS(db_text(team->id), db_int(now_ms)), &rows, err);

    if (rc == ERR_OK && rows == NULL)
        rc = err_set(err, ERR_SYSTEM, "team %s has no document to fetch any more", team->id);
    if (rc == ERR_OK) {
        ret->attempt = db_column_int(rows, 1) + 1;
        ret->url = db_column_text(arena, rows, 2);
        if (!db_column_copy(rows, 3, ret->trace, sizeof(ret->trace)))
            ret->trace[0] = '\0';
        if (ret->url == NULL || !db_column_copy(rows, 0, ret->job_id, UUID_TEXT_SIZE))
            rc = err_set(err, ERR_SYSTEM, "a document to fetch has no URL, or too long an id");
    }
    db_end(&rows);
    if (rc == ERR_OK)
        rc = db_exec(db,
                     "UPDATE fetch_task SET state = 1, attempt = $1, due_ms = $2 WHERE job_id = $3",
                     DB_ARGS(db_int(ret->attempt), db_int(now_ms + lease_ms), db_text(ret->job_id)),
                     NULL, err);
    return rc;
}

/* When a team that is not full has something due, or a full one may be full no longer. 0: never. */
static int64_t
find_next_due(const struct taker *teams, size_t n, int64_t now_ms)
{
    int64_t next = INT64_MAX;

    for (size_t i = 0; i < n; i++) {
        int64_t due = teams[i].due_ms;
        if (teams[i].running >= FETCH_TEAM_MAX && due < now_ms + full_wait_ms)
            due = now_ms + full_wait_ms;
        next = due < next ? due : next;
    }
    return next == INT64_MAX ? 0 : next;
}

enum err_code
fetch_claim(struct arena *arena, struct db *db, int64_t now_ms, int64_t lease_ms, struct fetch *ret,
            size_t max, size_t *ret_n, int64_t *ret_next_due_ms, struct err *err)
{
    struct taker *teams = NULL, *team;
    size_t count = 0, n = 0;
    enum err_code rc = list_teams(arena, db, now_ms, &teams, &count, err);

    while (rc == ERR_OK && n < max && (team = pick(teams, count, now_ms)) != NULL) {
        rc = claim_of(arena, db, team, now_ms, lease_ms, &ret[n], err);
        if (rc == ERR_OK)
            rc = look_at(db, now_ms, team, err);
        n++;
    }
    if (rc == ERR_OK)
        *ret_next_due_ms = find_next_due(teams, count, now_ms);
    if (rc == ERR_OK && n == 0)
        rc = err_set(err, ERR_NOT_FOUND, "no document is to be fetched now");
    *ret_n = rc == ERR_OK ? n : 0;
    return rc;
}

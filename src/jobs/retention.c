/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "jobs/retention.h"

#include "base/clock.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const int64_t drift_max_ms = 3600 * 1000;
static const int64_t many_share = 5; /* a fifth */

void
retention_clock_now(struct retention_clock *ret)
{
    struct timespec boot;
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, ret->boot_id, RETENTION_BOOT_ID_SIZE - 1) : 0;

    if (fd >= 0)
        close(fd);
    ret->boot_id[n > 0 ? n : 0] = '\0';
    ret->boot_id[strcspn(ret->boot_id, "\n")] = '\0';
    (void)clock_gettime(CLOCK_BOOTTIME, &boot); /* cannot fail on Linux */
    ret->boot_ms = (int64_t)boot.tv_sec * 1000 + boot.tv_nsec / 1000000;
    ret->wall_ms = clock_utc_ms();
}

struct anchor {
    struct retention_clock clock;
    int64_t confirmed_ms, refused_ms;
};

static enum err_code
read_anchor(struct db *db, struct anchor *ret, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = db_first(db,
                                "SELECT boot_id, wall_ms, boot_ms, confirmed_ms, refused_ms "
                                "FROM retention WHERE id = 1",
                                NULL, 0, &rows, err);

    if (rc == ERR_OK &&
        (rows == NULL || !db_column_copy(rows, 0, ret->clock.boot_id, RETENTION_BOOT_ID_SIZE)))
        rc = err_set(err, ERR_SYSTEM, "the sweep has no state");
    if (rc == ERR_OK) {
        ret->clock.wall_ms = db_column_int(rows, 1);
        ret->clock.boot_ms = db_column_int(rows, 2);
        ret->confirmed_ms = db_column_int(rows, 3);
        ret->refused_ms = db_column_int(rows, 4);
    }
    db_end(&rows);
    return rc;
}

static enum err_code
set_anchor(struct db *db, const struct retention_clock *clock, struct err *err)
{
    return db_exec(db, "UPDATE retention SET boot_id = $1, wall_ms = $2, boot_ms = $3 WHERE id = 1",
                   DB_ARGS(db_text(clock->boot_id), db_int(clock->wall_ms), db_int(clock->boot_ms)),
                   NULL, err);
}

/* Of jobs that are kept for a time: those that are due at the cutoff (INT64_MAX: all). Each team by
 * itself, so that an index finds what is due and the rest is not looked at. */
static enum err_code
count_jobs(struct db *db, int64_t cutoff_ms, int64_t days_unset, int64_t *ret, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = db_first(
        db,
        "SELECT CAST(COALESCE(SUM((SELECT COUNT(*) FROM job j WHERE j.team_id = t.id AND "
        "j.deleted_ms = 0 AND j.completed_ms > 0 AND "
        "j.completed_ms <= $1 - COALESCE(s.retention_days, $2) * 86400000)), 0) AS BIGINT) "
        "FROM team t LEFT JOIN team_setting s ON s.team_id = t.id "
        "WHERE COALESCE(s.auto_delete, $3) = 1 AND COALESCE(s.retention_days, $2) > 0",
        DB_ARGS(db_int(cutoff_ms), db_int(days_unset), db_int(days_unset >= 0)), &rows, err);

    *ret = rc == ERR_OK && rows != NULL ? db_column_int(rows, 0) : 0;
    db_end(&rows);
    return rc;
}

/* Empty: believed. */
static enum err_code
find_doubt(struct db *db, const struct anchor *anchor, const struct retention_clock *clock,
           int64_t days_unset, struct retention_verdict *ret, int64_t *ret_due, int64_t *ret_total,
           struct err *err)
{
    int64_t wall = clock->wall_ms - anchor->clock.wall_ms;
    int64_t boot = clock->boot_ms - anchor->clock.boot_ms;
    enum err_code rc = count_jobs(db, clock->wall_ms, days_unset, ret_due, err);

    ret->why[0] = '\0';
    if (rc == ERR_OK && strcmp(anchor->clock.boot_id, clock->boot_id) == 0 &&
        llabs(wall - boot) > drift_max_ms)
        snprintf(ret->why, sizeof(ret->why),
                 "the clock was set: it moved by %lld s while %lld s passed",
                 (long long)(wall / 1000), (long long)(boot / 1000));
    if (rc != ERR_OK || *ret_due < RETENTION_MANY)
        return rc;
    rc = count_jobs(db, INT64_MAX, days_unset, ret_total, err);
    if (rc == ERR_OK && ret->why[0] == '\0' && *ret_due > *ret_total / many_share)
        snprintf(ret->why, sizeof(ret->why), "%lld of %lld jobs are due at once",
                 (long long)*ret_due, (long long)*ret_total);
    return rc;
}

static enum err_code
keep_verdict(struct db *db, const struct retention_verdict *verdict, int64_t now_ms, int64_t due,
             int64_t total, struct err *err)
{
    return db_exec(db,
                   "UPDATE retention SET refused_ms = $1, due = $2, total = $3, why = $4 "
                   "WHERE id = 1",
                   DB_ARGS(db_int(verdict->refused ? now_ms : 0), db_int(due), db_int(total),
                           db_text(verdict->refused ? verdict->why : NULL)),
                   NULL, err);
}

enum err_code
retention_judge(struct db *db, const struct retention_clock *clock, int64_t days_unset,
                struct retention_verdict *ret, struct err *err)
{
    struct anchor anchor;
    struct retention_verdict verdict = {.cutoff_ms = clock->wall_ms};
    int64_t due = 0, total = 0, left = 0;
    enum err_code rc = read_anchor(db, &anchor, err);

    if (rc == ERR_OK && strcmp(anchor.clock.boot_id, clock->boot_id) != 0)
        rc = set_anchor(db, clock, err);
    if (rc == ERR_OK)
        rc = find_doubt(db, &anchor, clock, days_unset, &verdict, &due, &total, err);
    bool doubt = verdict.why[0] != '\0';
    if (rc == ERR_OK && doubt && anchor.confirmed_ms > 0) {
        verdict.cutoff_ms = anchor.confirmed_ms;
        rc = count_jobs(db, anchor.confirmed_ms, days_unset, &left, err);
    } else if (rc == ERR_OK && doubt) {
        verdict.refused = true;
        verdict.cutoff_ms = 0;
    }
    /* The operator's word holds for what was due when he gave it; then it is used up. */
    if (rc == ERR_OK && anchor.confirmed_ms > 0 && left == 0)
        rc = db_exec(db, "UPDATE retention SET confirmed_ms = 0 WHERE id = 1", NULL, 0, NULL, err);
    verdict.news = verdict.refused && anchor.refused_ms == 0;
    if (rc == ERR_OK && verdict.refused != (anchor.refused_ms != 0))
        rc = keep_verdict(db, &verdict, clock->wall_ms, due, total, err);
    if (rc == ERR_OK)
        *ret = verdict;
    return rc;
}

/* A team with something due, and up to when; "" if there is none. */
static enum err_code
find_team(struct db *db, int64_t cutoff_ms, int64_t days_unset, char ret_id[UUID_TEXT_SIZE],
          int64_t *ret_ended_ms, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = db_first(
        db,
        "SELECT t.id, $1 - COALESCE(s.retention_days, $2) * 86400000 FROM team t "
        "LEFT JOIN team_setting s ON s.team_id = t.id WHERE COALESCE(s.auto_delete, $3) = 1 AND "
        "EXISTS (SELECT 1 FROM job j WHERE j.team_id = t.id AND j.deleted_ms = 0 AND "
        "j.completed_ms > 0 AND "
        "j.completed_ms <= $1 - COALESCE(s.retention_days, $2) * 86400000) LIMIT 1",
        DB_ARGS(db_int(cutoff_ms), db_int(days_unset), db_int(days_unset >= 0)), &rows, err);

    ret_id[0] = '\0';
    if (rc == ERR_OK && rows != NULL && !db_column_copy(rows, 0, ret_id, UUID_TEXT_SIZE))
        rc = err_set(err, ERR_SYSTEM, "a team has an id that is too long");
    *ret_ended_ms = rows != NULL ? db_column_int(rows, 1) : 0;
    db_end(&rows);
    return rc;
}

enum err_code
retention_due(struct db *db, int64_t cutoff_ms, int64_t days_unset, struct retention_job *ret,
              size_t *ret_n, struct err *err)
{
    struct db_rows *rows = NULL;
    char team[UUID_TEXT_SIZE];
    int64_t ended_ms = 0;
    size_t n = 0;
    bool row = false;
    enum err_code rc = find_team(db, cutoff_ms, days_unset, team, &ended_ms, err);

    *ret_n = 0;
    if (rc != ERR_OK || team[0] == '\0')
        return rc;
    rc = db_query(db,
                  "SELECT id FROM job WHERE team_id = $1 AND deleted_ms = 0 AND completed_ms > 0 "
                  "AND completed_ms <= $2 ORDER BY completed_ms LIMIT $3",
                  DB_ARGS(db_text(team), db_int(ended_ms), db_int(RETENTION_BATCH)), &rows, err);
    while (rc == ERR_OK && n < RETENTION_BATCH && (rc = db_next(rows, &row, err)) == ERR_OK &&
           row) {
        memcpy(ret[n].team_id, team, sizeof(team));
        if (!db_column_copy(rows, 0, ret[n++].id, UUID_TEXT_SIZE))
            rc = err_set(err, ERR_SYSTEM, "a job has an id that is too long");
    }
    db_end(&rows);
    if (rc == ERR_OK)
        *ret_n = n;
    return rc;
}

enum err_code
retention_confirm(struct db *db, const struct retention_clock *clock, struct err *err)
{
    enum err_code rc = set_anchor(db, clock, err);

    if (rc == ERR_OK)
        rc = db_exec(db,
                     "UPDATE retention SET confirmed_ms = $1, refused_ms = 0, why = NULL "
                     "WHERE id = 1",
                     DB_ARGS(db_int(clock->wall_ms)), NULL, err);
    return rc;
}

enum err_code
retention_show(struct arena *arena, struct db *db, struct retention_state *ret, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc =
        db_first(db, "SELECT refused_ms, confirmed_ms, due, total, why FROM retention WHERE id = 1",
                 NULL, 0, &rows, err);

    if (rc == ERR_OK && rows == NULL)
        rc = err_set(err, ERR_SYSTEM, "the sweep has no state");
    if (rc == ERR_OK)
        *ret = (struct retention_state){db_column_int(rows, 0), db_column_int(rows, 1),
                                        db_column_int(rows, 2), db_column_int(rows, 3),
                                        db_column_text(arena, rows, 4)};
    db_end(&rows);
    return rc;
}

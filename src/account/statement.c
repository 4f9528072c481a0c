/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "account/credits.h"

#include <ctype.h>
#include <string.h>

/* The filter as the query takes it: no NULLs, so that each parameter has one type. */
struct terms {
    const char *model;   /* "": any */
    const char *search;  /* "": any */
    const char *pattern; /* for LIKE, lower case */
};

/* '%', '_' and '!' stand for themselves. */
static const char *
like_pattern(struct arena *arena, const char *search)
{
    size_t len = strlen(search), n = 0;
    char *out = arena_array(arena, len + 2, 2);

    if (out == NULL)
        return NULL;
    out[n++] = '%';
    for (size_t i = 0; i < len; i++) {
        if (strchr("%_!", search[i]) != NULL)
            out[n++] = '!';
        out[n++] = (char)tolower((unsigned char)search[i]);
    }
    out[n++] = '%';
    out[n] = '\0';
    return out;
}

static enum err_code
make_terms(struct arena *arena, const struct credit_filter *filter, struct terms *ret,
           struct err *err)
{
    ret->model = filter->model != NULL ? filter->model : "";
    ret->search = filter->search != NULL ? filter->search : "";
    ret->pattern = like_pattern(arena, ret->search);
    return ret->pattern != NULL ? ERR_OK : err_set(err, ERR_LIMIT, "the search is too long");
}

#define STATEMENT_FROM                                                                             \
    "FROM credit_entry e LEFT JOIN job j ON j.id = e.job_id "                                      \
    "WHERE e.team_id = $1 AND e.kind NOT IN ('reserved', 'released') AND e.created_ms >= $2 "      \
    "AND e.created_ms < $3 AND ($4 = '' OR j.model = $4) AND ($5 = '' OR e.id = $5 "               \
    "OR e.job_id = $5 OR LOWER(e.description) LIKE $6 ESCAPE '!') "

static enum err_code
read_line(struct arena *arena, const struct db_rows *rows, struct credit_line *ret, struct err *err)
{
    *ret = (struct credit_line){
        .id = db_column_text(arena, rows, 0),
        .kind = db_column_text(arena, rows, 1),
        .job_id = db_column_text(arena, rows, 2),
        .model = db_column_text(arena, rows, 3),
        .description = db_column_text(arena, rows, 4),
        .amount = db_column_int(rows, 5),
        .balance_after = db_column_int(rows, 6),
        .sequence = db_column_int(rows, 7),
        .created_ms = db_column_int(rows, 8),
        .expires_ms = db_column_int(rows, 9),
    };
    if (ret->id == NULL || ret->kind == NULL || ret->description == NULL)
        return err_set(err, ERR_LIMIT, "the statement is too long");
    return db_column_copy(rows, 10, ret->team_id, sizeof(ret->team_id))
               ? ERR_OK
               : err_set(err, ERR_SYSTEM, "a team has an id that is too long");
}

enum err_code
credits_statement(struct arena *arena, struct db *db, const char *team_id,
                  const struct credit_filter *filter, int64_t before, int64_t max,
                  struct credit_line **ret, size_t *ret_n, struct err *err)
{
    struct credit_line *lines = arena_array(arena, (size_t)max, sizeof(*lines));
    struct db_rows *rows = NULL;
    struct terms terms;
    size_t n = 0;
    bool row = false;

    if (lines == NULL)
        return err_set(err, ERR_LIMIT, "the statement is too long");
    enum err_code rc = make_terms(arena, filter, &terms, err);
    if (rc == ERR_OK)
        rc = db_query(
            db,
            "SELECT e.id, e.kind, e.job_id, j.model, e.description, "
            "CASE WHEN e.target = 'available' THEN e.amount ELSE -e.amount END, "
            "e.balance_after, e.sequence, e.created_ms, e.expires_ms, e.team_id " STATEMENT_FROM
            "AND e.sequence < $7 ORDER BY e.sequence DESC LIMIT $8",
            DB_ARGS(db_text(team_id), db_int(filter->from_ms), db_int(filter->to_ms),
                    db_text(terms.model), db_text(terms.search), db_text(terms.pattern),
                    db_int(before), db_int(max)),
            &rows, err);
    while (rc == ERR_OK && (rc = db_next(rows, &row, err)) == ERR_OK && row)
        rc = read_line(arena, rows, &lines[n++], err);
    db_end(&rows);
    if (rc == ERR_OK) {
        *ret = lines;
        *ret_n = n;
    }
    return rc;
}

bool
credits_statement_is_quick(const struct credit_filter *filter)
{
    return filter->search == NULL && filter->model == NULL && filter->from_ms <= 0 &&
           filter->to_ms == INT64_MAX;
}

static enum err_code
count_all(struct db *db, const char *team_id, int64_t *ret, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = db_first(db, "SELECT shown FROM credit_account WHERE team_id = $1",
                                DB_ARGS(db_text(team_id)), &rows, err);

    *ret = rows != NULL ? db_column_int(rows, 0) : 0;
    db_end(&rows);
    return rc;
}

/* The index of 0004_templates.sql has all that it takes. */
static const char count_by_time[] =
    "SELECT COUNT(*) FROM credit_entry WHERE team_id = $1 AND created_ms >= $2 AND "
    "created_ms < $3 AND kind NOT IN ('reserved', 'released')";

enum err_code
credits_statement_count(struct arena *arena, struct db *db, const char *team_id,
                        const struct credit_filter *filter, int64_t *ret, struct err *err)
{
    struct db_rows *rows = NULL;
    struct terms terms;

    if (credits_statement_is_quick(filter))
        return count_all(db, team_id, ret, err);
    enum err_code rc = make_terms(arena, filter, &terms, err);
    const struct db_value args[] = {db_text(team_id),      db_int(filter->from_ms),
                                    db_int(filter->to_ms), db_text(terms.model),
                                    db_text(terms.search), db_text(terms.pattern)};
    if (rc == ERR_OK && filter->search == NULL && filter->model == NULL)
        rc = db_first(db, count_by_time, args, 3, &rows, err);
    else if (rc == ERR_OK)
        rc = db_first(db, "SELECT COUNT(*) " STATEMENT_FROM, args, ARRAY_LEN(args), &rows, err);
    *ret = rc == ERR_OK && rows != NULL ? db_column_int(rows, 0) : 0;
    db_end(&rows);
    return rc;
}

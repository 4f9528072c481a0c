/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "account/onboarding.h"

static const char unknown[] = "there is no onboarding with this external_id";

static enum err_code
check_room(struct db *db, const char *team_id, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = db_first(db, "SELECT COUNT(*) FROM onboarding WHERE team_id = $1",
                                DB_ARGS(db_text(team_id)), &rows, err);

    if (rc == ERR_OK && rows != NULL && db_column_int(rows, 0) >= ONBOARDING_TEAM_MAX)
        rc = err_set(err, ERR_INPUT, "a team has at most %d of these", ONBOARDING_TEAM_MAX);
    db_end(&rows);
    return rc;
}

enum err_code
onboarding_create(struct db *db, const char *team_id, const struct onboarding *row, struct err *err)
{
    int64_t made = 0;
    enum err_code rc = check_room(db, team_id, err);

    if (rc == ERR_OK)
        rc = db_exec(db,
                     "INSERT INTO onboarding (team_id, external_id, entity_type, steps_json, "
                     "metadata_json, created_ms, updated_ms, completed_ms) "
                     "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) "
                     "ON CONFLICT (team_id, external_id) DO NOTHING",
                     DB_ARGS(db_text(team_id), db_text(row->external_id), db_text(row->entity_type),
                             db_text(row->steps_json), db_text(row->metadata_json),
                             db_int(row->created_ms), db_int(row->updated_ms),
                             db_int(row->completed_ms)),
                     &made, err);
    if (rc == ERR_OK && made == 0)
        rc = err_set(err, ERR_CONFLICT, "there is an onboarding with this external_id already");
    return rc;
}

enum err_code
onboarding_find(struct arena *arena, struct db *db, const char *team_id, const char *external_id,
                struct onboarding *ret, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = db_first(db,
                                "SELECT external_id, entity_type, steps_json, metadata_json, "
                                "created_ms, updated_ms, completed_ms FROM onboarding "
                                "WHERE team_id = $1 AND external_id = $2",
                                DB_ARGS(db_text(team_id), db_text(external_id)), &rows, err);

    if (rc == ERR_OK && rows == NULL)
        rc = err_set(err, ERR_NOT_FOUND, "%s", unknown);
    if (rc == ERR_OK) {
        *ret = (struct onboarding){
            .external_id = db_column_text(arena, rows, 0),
            .entity_type = db_column_text(arena, rows, 1),
            .steps_json = db_column_text(arena, rows, 2),
            .metadata_json = db_column_text(arena, rows, 3),
            .created_ms = db_column_int(rows, 4),
            .updated_ms = db_column_int(rows, 5),
            .completed_ms = db_column_int(rows, 6),
        };
        if (ret->external_id == NULL || ret->entity_type == NULL || ret->steps_json == NULL)
            rc = err_set(err, ERR_LIMIT, "the onboarding is too large");
    }
    db_end(&rows);
    return rc;
}

enum err_code
onboarding_update(struct db *db, const char *team_id, const struct onboarding *row, struct err *err)
{
    int64_t found = 0;
    enum err_code rc = db_exec(
        db,
        "UPDATE onboarding SET steps_json = $1, metadata_json = $2, updated_ms = $3, "
        "completed_ms = $4 WHERE team_id = $5 AND external_id = $6",
        DB_ARGS(db_text(row->steps_json), db_text(row->metadata_json), db_int(row->updated_ms),
                db_int(row->completed_ms), db_text(team_id), db_text(row->external_id)),
        &found, err);

    return rc == ERR_OK && found == 0 ? err_set(err, ERR_NOT_FOUND, "%s", unknown) : rc;
}

enum err_code
onboarding_remove(struct db *db, const char *team_id, const char *external_id, struct err *err)
{
    int64_t found = 0;
    enum err_code rc = db_exec(db, "DELETE FROM onboarding WHERE team_id = $1 AND external_id = $2",
                               DB_ARGS(db_text(team_id), db_text(external_id)), &found, err);

    return rc == ERR_OK && found == 0 ? err_set(err, ERR_NOT_FOUND, "%s", unknown) : rc;
}

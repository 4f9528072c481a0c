/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/hash.h"
#include "template/template_internal.h"

#include <stdio.h>
#include <string.h>

/* So many of one name; the next one has to think of another. */
enum { SLUG_TRIES_MAX = 1100, FREE_SLUG_SIZE = TEMPLATE_SLUG_MAX + 8 };

static enum err_code
check_count(struct db *db, const char *team_id, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = db_first(db, "SELECT COUNT(*) FROM template WHERE team_id = $1",
                                DB_ARGS(db_text(team_id)), &rows, err);

    if (rc == ERR_OK && rows != NULL && db_column_int(rows, 0) >= TEMPLATES_MAX)
        rc = err_set(err, ERR_CONFLICT, "the team has %d templates, which is the limit",
                     TEMPLATES_MAX);
    db_end(&rows);
    return rc;
}

static enum err_code
slug_is_taken(struct arena *arena, struct db *db, const char *team_id, const char *slug, bool *ret,
              struct err *err)
{
    struct template other;
    enum err_code rc = template_find(arena, db, team_id, slug, &other, err);

    *ret = rc == ERR_OK && !other.internal; /* a preset gives way */
    return rc == ERR_NOT_FOUND ? ERR_OK : rc;
}

static enum err_code
find_slug(struct arena *arena, struct db *db, const char *team_id, const char *name,
          char ret[FREE_SLUG_SIZE], struct err *err)
{
    char base[TEMPLATE_SLUG_MAX + 1];
    bool taken = true;

    slug_of(name, base);
    snprintf(ret, FREE_SLUG_SIZE, "%s", base);
    for (int i = 2; i < SLUG_TRIES_MAX; i++) {
        enum err_code rc = slug_is_taken(arena, db, team_id, ret, &taken, err);
        if (rc != ERR_OK || !taken)
            return rc;
        snprintf(ret, FREE_SLUG_SIZE, "%s-%d", base, i);
    }
    return err_set(err, ERR_CONFLICT, "too many templates of this name");
}

static enum err_code
set_favorite(struct db *db, const char *team_id, const char *id, bool favorite, struct err *err)
{
    return db_exec(db,
                   "INSERT INTO template_use (team_id, template_id, favorite) VALUES ($1, $2, $3) "
                   "ON CONFLICT (team_id, template_id) DO UPDATE SET favorite = $3",
                   DB_ARGS(db_text(team_id), db_text(id), db_int(favorite)), NULL, err);
}

enum err_code
template_used(struct db *db, const char *team_id, const char *id, int64_t now_ms, struct err *err)
{
    return db_exec(db,
                   "INSERT INTO template_use (team_id, template_id, uses, last_used_ms) "
                   "VALUES ($1, $2, 1, $3) ON CONFLICT (team_id, template_id) "
                   "DO UPDATE SET uses = template_use.uses + 1, last_used_ms = $3",
                   DB_ARGS(db_text(team_id), db_text(id), db_int(now_ms)), NULL, err);
}

enum err_code
template_create(struct arena *arena, struct db *db, const struct principal *who,
                const struct template_spec *spec, int64_t now_ms, struct template *ret,
                struct err *err)
{
    char id[UUID_TEXT_SIZE], slug[FREE_SLUG_SIZE], checksum[SHA256_HEX_SIZE];
    enum err_code rc = check_count(db, who->team_id, err);

    if (rc == ERR_OK)
        rc = find_slug(arena, db, who->team_id, spec->name, slug, err);
    random_uuid(id);
    template_checksum(spec, checksum);
    if (rc == ERR_OK)
        rc = db_exec(
            db,
            "INSERT INTO template (id, team_id, slug, created_ms, updated_ms, format, "
            "bounding_boxes, enabled, user_id, color, checksum, model, name, description, "
            "tags_json, instructions, schema_json) VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8, $9, "
            "$10, $11, $12, $13, $14, $15, $16)",
            DB_ARGS(db_text(id), db_text(who->team_id), db_text(slug), db_int(now_ms),
                    db_int(spec->format), db_int(spec->bounding_boxes), db_int(spec->enabled),
                    db_text(who->user_id[0] != '\0' ? who->user_id : NULL), db_text(spec->color),
                    db_text(checksum), db_text(spec->model), db_text(spec->name),
                    db_text(spec->description), db_text(spec->tags_json),
                    db_text(spec->instructions), db_text(spec->schema_json)),
            NULL, err);
    if (rc == ERR_OK && spec->favorite)
        rc = set_favorite(db, who->team_id, id, true, err);
    return rc != ERR_OK ? rc : template_find(arena, db, who->team_id, id, ret, err);
}

enum err_code
template_keep(struct arena *arena, struct db *db, const struct principal *who,
              const struct template_spec *spec, int64_t now_ms, struct template *ret,
              struct err *err)
{
    char checksum[SHA256_HEX_SIZE], id[UUID_TEXT_SIZE] = "";
    struct db_rows *rows = NULL;

    template_checksum(spec, checksum);
    enum err_code rc = db_first(
        db, "SELECT id FROM template WHERE team_id = $1 AND checksum = $2 ORDER BY created_ms",
        DB_ARGS(db_text(who->team_id), db_text(checksum)), &rows, err);
    if (rc == ERR_OK && rows != NULL && !db_column_copy(rows, 0, id, sizeof(id)))
        rc = err_set(err, ERR_SYSTEM, "a template has an id that is too long");
    db_end(&rows);
    if (rc != ERR_OK)
        return rc;
    return id[0] != '\0' ? template_find(arena, db, who->team_id, id, ret, err)
                         : template_create(arena, db, who, spec, now_ms, ret, err);
}

/* The team's own one, by its id or slug. */
static enum err_code
find_own(struct arena *arena, struct db *db, const char *team_id, const char *id,
         struct template *ret, struct err *err)
{
    enum err_code rc = template_find(arena, db, team_id, id, ret, err);

    if (rc == ERR_OK && ret->internal)
        rc = err_set(err, ERR_FORBIDDEN, "'%s' is a preset, which cannot be changed", ret->slug);
    return rc;
}

enum err_code
template_update(struct arena *arena, struct db *db, const char *team_id, const char *id,
                const struct template_spec *spec, int64_t now_ms, struct template *ret,
                struct err *err)
{
    char checksum[SHA256_HEX_SIZE];
    struct template t;
    enum err_code rc = find_own(arena, db, team_id, id, &t, err);

    if (rc != ERR_OK)
        return rc;
    template_checksum(spec, checksum);
    rc = db_exec(db,
                 "UPDATE template SET updated_ms = $1, format = $2, bounding_boxes = $3, "
                 "enabled = $4, color = $5, checksum = $6, model = $7, name = $8, "
                 "description = $9, tags_json = $10, instructions = $11, schema_json = $12 "
                 "WHERE id = $13",
                 DB_ARGS(db_int(now_ms), db_int(spec->format), db_int(spec->bounding_boxes),
                         db_int(spec->enabled), db_text(spec->color), db_text(checksum),
                         db_text(spec->model), db_text(spec->name), db_text(spec->description),
                         db_text(spec->tags_json), db_text(spec->instructions),
                         db_text(spec->schema_json), db_text(t.id)),
                 NULL, err);
    if (rc == ERR_OK && spec->favorite != t.spec.favorite)
        rc = set_favorite(db, team_id, t.id, spec->favorite, err);
    return rc != ERR_OK ? rc : template_find(arena, db, team_id, t.id, ret, err);
}

enum err_code
template_remove(struct arena *arena, struct db *db, const char *team_id, const char *id,
                struct err *err)
{
    struct template t;
    enum err_code rc = find_own(arena, db, team_id, id, &t, err);

    if (rc == ERR_OK)
        rc = db_exec(db, "DELETE FROM template WHERE id = $1", DB_ARGS(db_text(t.id)), NULL, err);
    if (rc == ERR_OK)
        rc = db_exec(db, "DELETE FROM template_use WHERE team_id = $1 AND template_id = $2",
                     DB_ARGS(db_text(team_id), db_text(t.id)), NULL, err);
    return rc;
}

enum err_code
template_toggle(struct arena *arena, struct db *db, const char *team_id, const char *id,
                struct template *ret, struct err *err)
{
    struct template t;
    enum err_code rc = template_find(arena, db, team_id, id, &t, err);

    if (rc == ERR_OK)
        rc = set_favorite(db, team_id, t.id, !t.spec.favorite, err);
    return rc != ERR_OK ? rc : template_find(arena, db, team_id, t.id, ret, err);
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/hash.h"
#include "template/template_internal.h"

#include <stdio.h>
#include <string.h>

enum err_code
template_read(struct arena *arena, const struct db_rows *rows, struct template *ret,
              struct err *err)
{
    struct template t = {0};
    const char **const texts[] = {
        &t.user_id,   &t.slug,       &t.checksum,          &t.spec.name,        &t.spec.description,
        NULL,         &t.spec.model, &t.spec.instructions, &t.spec.schema_json, &t.spec.tags_json,
        &t.spec.color};

    if (!db_column_copy(rows, 0, t.id, sizeof(t.id)) ||
        !db_column_copy(rows, 1, t.team_id, sizeof(t.team_id)))
        return err_set(err, ERR_SYSTEM, "a template has an id that is too long");
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        int column = 2 + (int)i;
        if (texts[i] == NULL || db_is_null(rows, column))
            continue;
        *texts[i] = db_column_text(arena, rows, column);
        if (*texts[i] == NULL)
            return err_set(err, ERR_LIMIT, "the template's texts are too long to read");
    }
    t.spec.format = (int)db_column_int(rows, 7);
    t.spec.bounding_boxes = db_column_int(rows, 13) != 0;
    t.spec.enabled = db_column_int(rows, 14) != 0;
    t.created_ms = db_column_int(rows, 15);
    t.updated_ms = db_column_int(rows, 16);
    t.spec.favorite = db_column_int(rows, 17) != 0;
    t.uses = db_column_int(rows, 18);
    t.last_used_ms = db_column_int(rows, 19);
    *ret = t;
    return ERR_OK;
}

/* --- presets --- */

/* A UUID of version 8 out of the slug: the same on every installation. */
static void
preset_id(const struct preset *preset, char ret[UUID_TEXT_SIZE])
{
    char text[160], hex[SHA256_HEX_SIZE];
    uint8_t digest[SHA256_SIZE];
    int len = snprintf(text, sizeof(text), "leapocr preset %s", preset->slug);

    hash_sha256(text, (size_t)len, digest);
    digest[6] = (uint8_t)(0x80 | (digest[6] & 0x0f));
    digest[8] = (uint8_t)(0x80 | (digest[8] & 0x3f));
    hash_hex(digest, 16, hex);
    snprintf(ret, UUID_TEXT_SIZE, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
             hex + 20);
}

static enum err_code
read_use(struct db *db, const char *team_id, struct template *t, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = db_first(db,
                                "SELECT favorite, uses, last_used_ms FROM template_use "
                                "WHERE team_id = $1 AND template_id = $2",
                                DB_ARGS(db_text(team_id), db_text(t->id)), &rows, err);

    if (rc == ERR_OK && rows != NULL) {
        t->spec.favorite = db_column_int(rows, 0) != 0;
        t->uses = db_column_int(rows, 1);
        t->last_used_ms = db_column_int(rows, 2);
    }
    db_end(&rows);
    return rc;
}

enum err_code
preset_read(struct arena *arena, struct db *db, const char *team_id, const struct preset *preset,
            struct template *ret, struct err *err)
{
    struct template t = {.slug = preset->slug,
                         .internal = true,
                         .created_ms = PRESET_CREATED_MS,
                         .updated_ms = PRESET_CREATED_MS,
                         .spec = {.name = preset->name,
                                  .description = preset->description,
                                  .format = preset->format,
                                  .model = "standard-v2",
                                  .schema_json = preset->schema_json,
                                  .instructions = preset->instructions,
                                  .tags_json = preset->tags_json,
                                  .enabled = true}};
    char *checksum = arena_alloc(arena, SHA256_HEX_SIZE);

    if (checksum == NULL)
        return err_set(err, ERR_LIMIT, "no memory for a template");
    preset_id(preset, t.id);
    template_checksum(&t.spec, checksum);
    t.checksum = checksum;
    enum err_code rc = read_use(db, team_id, &t, err);
    if (rc == ERR_OK)
        *ret = t;
    return rc;
}

const struct preset *
preset_named(const char *slug)
{
    for (size_t i = 0; i < preset_count; i++)
        if (strcmp(presets[i].slug, slug) == 0)
            return &presets[i];
    return NULL;
}

/* NULL: none has this slug or id. */
static const struct preset *
preset_find(const char *slug_or_id)
{
    char id[UUID_TEXT_SIZE];

    for (size_t i = 0; i < preset_count; i++) {
        preset_id(&presets[i], id);
        if (strcmp(presets[i].slug, slug_or_id) == 0 || strcmp(id, slug_or_id) == 0)
            return &presets[i];
    }
    return NULL;
}

enum err_code
template_find(struct arena *arena, struct db *db, const char *team_id, const char *slug_or_id,
              struct template *ret, struct err *err)
{
    const struct preset *preset = preset_find(slug_or_id);
    struct db_rows *rows = NULL;
    enum err_code rc = db_first(db,
                                "SELECT " TEMPLATE_COLUMNS TEMPLATE_JOIN
                                "WHERE t.team_id = $1 AND (t.slug = $2 OR t.id = $2)",
                                DB_ARGS(db_text(team_id), db_text(slug_or_id)), &rows, err);
    bool own = rows != NULL;
    if (rc == ERR_OK && own)
        rc = template_read(arena, rows, ret, err);
    db_end(&rows);
    if (rc != ERR_OK || own)
        return rc;
    return preset != NULL ? preset_read(arena, db, team_id, preset, ret, err)
                          : err_set(err, ERR_NOT_FOUND, "there is no such template");
}

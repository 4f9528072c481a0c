/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "move/move_internal.h"

#include <string.h>

void
piece_init(struct piece *piece, struct move *m, const struct db_table *table, size_t cap,
           size_t bytes_max)
{
    *piece = (struct piece){
        .m = m,
        .table = table,
        .cap = cap,
        .bytes_max = bytes_max,
        .values = arena_array(m->arena, cap * table->field_count, sizeof(struct db_value))};
}

static bool
keep(struct arena *arena, struct db_value *value)
{
    if (value->kind != DB_TEXT && value->kind != DB_BLOB)
        return true;
    char *copy = arena_strndup(arena, value->bytes.len > 0 ? (const char *)value->bytes.data : "",
                               value->bytes.len);
    value->bytes.data = (const uint8_t *)copy;
    return copy != NULL;
}

enum err_code
piece_add(void *ctx, const struct db_value *row, struct err *err)
{
    struct piece *piece = ctx;
    size_t n = piece->table->field_count;

    if (piece->values == NULL)
        return err_set(err, ERR_MEMORY, "no memory for rows of %s", piece->table->name);
    if (piece->rows == piece->cap || piece->bytes >= piece->bytes_max) {
        piece->full = true;
        return ERR_OK;
    }
    struct db_value *to = &piece->values[piece->rows * n];
    memcpy(to, row, n * sizeof(*to));
    for (size_t i = 0; i < n; i++) {
        if (!keep(piece->m->arena, &to[i]))
            return err_set(err, ERR_MEMORY, "no memory for rows of %s", piece->table->name);
        piece->bytes += to[i].bytes.len + sizeof(*to);
    }
    piece->rows++;
    return ERR_OK;
}

void
piece_key(const struct piece *piece, size_t row, struct db_value ret[DB_KEYS_MAX])
{
    const struct db_table *table = piece->table;

    for (size_t i = 0; i < table->key_count; i++)
        ret[i] = piece->values[row * table->field_count + table->keys[i]];
}

enum err_code
piece_bring_objects(const struct piece *piece, struct err *err)
{
    const struct db_table *table = piece->table;
    struct move *m = piece->m;
    size_t n = 0;

    if (m->config->from_store == NULL || piece->rows == 0)
        return ERR_OK;
    const char **ids = arena_array(m->arena, piece->rows * table->field_count, sizeof(*ids));
    if (ids == NULL)
        return err_set(err, ERR_MEMORY, "no memory for the objects of %s", table->name);
    for (size_t i = 0; i < table->field_count; i++) {
        if (!object_column(table->name, table->fields[i].name))
            continue;
        for (size_t row = 0; row < piece->rows; row++) {
            const struct db_value *value = &piece->values[row * table->field_count + i];
            if (value->kind == DB_TEXT)
                ids[n++] = (const char *)value->bytes.data; /* terminated by piece_add */
        }
    }
    return objects_copy(m, ids, n, err);
}

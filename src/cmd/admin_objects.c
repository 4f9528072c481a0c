/* SPDX-License-Identifier: AGPL-3.0-or-later
 * cmd/admin_objects.c - `leapocr admin objects collect`: what the runners do by and by, now. */
#include "cmd/admin_internal.h"
#include "cmd/datadir.h"
#include "cmd/storage.h"
#include "runner/collect.h"

static const int64_t minute_ms = 60000;
enum { WALKS = 16, AGE_MINUTES_MAX = 525600 }; /* each walk of an S3 store sees a sixteenth */

static enum err_code
collect_all(struct collect *collect, struct err *err)
{
    int walks = store_is_remote(collect->store) ? WALKS : 1;
    enum err_code rc = ERR_OK;

    for (int i = 0; rc == ERR_OK && i < walks; i++)
        rc = collect_objects(collect, err);
    return rc == ERR_OK ? collect_uploads(collect, err) : rc;
}

/* "minutes=N"; less than an hour only where nothing else works on the store. */
static enum err_code
read_age(const struct admin *a, int64_t *ret_ms, struct err *err)
{
    int64_t minutes = collect_age_ms / minute_ms;
    enum err_code rc = ERR_OK;

    if (a->n > 0) {
        const char *text = admin_value(a->args[0], "minutes");
        rc = text != NULL ? admin_number(text, "minutes", 0, AGE_MINUTES_MAX, &minutes, err)
                          : err_set(err, ERR_INPUT, "'%.40s' is not minutes=N", a->args[0]);
    }
    *ret_ms = minutes * minute_ms;
    return rc;
}

enum err_code
admin_objects_collect(struct admin *a, struct err *err)
{
    struct datadir dir;
    struct storage storage;
    struct collect collect = {.db = a->db};
    enum err_code rc = read_age(a, &collect.age_ms, err);

    if (rc == ERR_OK)
        rc = datadir_find(a->options, &dir, err);
    if (rc == ERR_OK)
        rc = storage_init(a->options, dir.path, &storage, err);
    if (rc == ERR_OK)
        rc = store_open(&storage.config, &collect.store, err);
    if (rc == ERR_OK)
        rc = collect_all(&collect, err);
    store_close(&collect.store);
    if (rc != ERR_OK)
        return rc;
    admin_row(a);
    admin_int(a, "objects_removed", collect.objects);
    admin_int(a, "uploads_aborted", collect.uploads);
    admin_row_end(a);
    return ERR_OK;
}

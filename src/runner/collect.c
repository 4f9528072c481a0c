/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "runner/collect.h"

#include "base/log.h"
#include "jobs/jobs.h"
#include "store/upload_direct.h"

static bool
is_to_stop(const struct collect *c)
{
    return c->stop != NULL && atomic_load(c->stop);
}

static enum err_code
see_object(void *ctx, const char *id, struct err *err)
{
    struct collect *c = ctx;
    bool needed = true;

    if (is_to_stop(c))
        return err_set(err, ERR_UNAVAILABLE, "stopping");
    enum err_code rc = job_needs_object(c->db, id, &needed, err);
    if (rc != ERR_OK || needed)
        return rc;
    log_line(LOG_INFO, "orphan removed", "object=%s", id);
    rc = store_remove(c->store, id, err);
    c->objects += rc == ERR_OK;
    return rc;
}

static enum err_code
see_upload(void *ctx, const char *id, const char *remote, struct err *err)
{
    struct collect *c = ctx;
    bool known = true;

    if (is_to_stop(c))
        return err_set(err, ERR_UNAVAILABLE, "stopping");
    enum err_code rc = upload_is_known(c->db, id, &known, err);
    if (rc != ERR_OK || known)
        return rc;
    log_line(LOG_INFO, "orphaned upload aborted", "object=%s", id);
    rc = store_upload_abort(c->store, id, remote, err);
    c->uploads += rc == ERR_OK;
    return rc;
}

enum err_code
collect_objects(struct collect *collect, struct err *err)
{
    return store_walk(collect->store, collect->age_ms, see_object, collect, err);
}

enum err_code
collect_uploads(struct collect *collect, struct err *err)
{
    if (!store_is_remote(collect->store))
        return ERR_OK;
    return store_upload_walk(collect->store, collect->age_ms, see_upload, collect, err);
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "runner/outward_internal.h"

#include "base/log.h"
#include "base/meter.h"
#include "runner/batch.h"
#include "runner/news.h"
#include "store/store.h"

#include <string.h>
#include <unistd.h>

/* --- documents that have come, or not --- */

struct filing {
    const struct errand *errand;
    const struct err *why;
    const struct store_written *object;
};

static enum err_code
do_file(struct db *db, void *arg, struct err *err)
{
    const struct filing *filing = arg;
    const struct fetch *fetch = &filing->errand->fetch;
    int64_t now_ms = clock_utc_ms();

    if (filing->object != NULL)
        return fetch_done(db, fetch, filing->object->id, filing->object->size, now_ms, err);
    if (filing->why->code == ERR_UNAVAILABLE && filing->errand->outcome.end == END_CANCELED)
        return fetch_release(db, fetch, now_ms, err);
    return fetch_failed(db, fetch, filing->why, now_ms, err);
}

/* Durable, and as long as the courier says. */
static enum err_code
keep_document(struct errand *errand, struct store_written *ret, struct err *err)
{
    if (errand->broken.code != ERR_OK)
        return err_set(err, errand->broken.code, "%s", errand->broken.msg);
    errand_judge(&errand->outcome, err);
    if (err->code != ERR_OK)
        return err->code;
    if (errand->sink == NULL)
        return err_set(err, ERR_FORMAT, "the URL's document is empty");
    enum err_code rc = sink_commit(&errand->sink, ret, err);
    if (rc == ERR_OK && ret->size != errand->outcome.bytes)
        rc = err_set(err, ERR_FETCH, "a part of the document was lost on its way");
    return rc;
}

static void
wake_runner(const struct outward *o)
{
    const uint64_t one = 1;

    if (o->config.wake_fd >= 0)
        (void)!write(o->config.wake_fd, &one, sizeof(one));
}

static void
count_fetch(const struct errand *errand, enum err_code code)
{
    bool again = err_is_retryable(code) && errand->fetch.attempt < FETCH_ATTEMPTS_MAX;

    if (errand->outcome.end == END_CANCELED)
        return;
    meter_add(code == ERR_OK ? METER_FETCHES_DONE
              : again        ? METER_FETCHES_AGAIN
                             : METER_FETCHES_FAILED,
              1);
    if (errand->begun_us > 0)
        meter_time(METER_STAGE_FETCH, clock_mono_us() - errand->begun_us);
}

void
outward_file_document(struct outward *o, struct errand *errand)
{
    struct store_written object = {.size = 0};
    struct err why = {0}, err;
    char quoted[LOG_QUOTE_SIZE];
    enum err_code rc = keep_document(errand, &object, &why);
    struct filing filing = {errand, &why, rc == ERR_OK ? &object : NULL};

    rc = db_transact(o->db, do_file, &filing, &err);
    if (rc == ERR_OK)
        count_fetch(errand, why.code);
    /* The collector finds it where the commit is in doubt. */
    if (object.id[0] != '\0' && (rc == ERR_STALE || (rc == ERR_OK && filing.object == NULL)))
        batch_discard_object(o->config.store, object.id);
    if (rc != ERR_OK && rc != ERR_STALE)
        outward_note_error("the end of a fetch could not be recorded", &err);
    if (db_is_dead(o->db))
        atomic_store(&o->dead, true);
    log_line(LOG_DEBUG, "document fetched",
             "job=%s%s%.32s attempt=%lld bytes=%llu reason=%s error=%s", errand->fetch.job_id,
             errand->fetch.trace[0] != '\0' ? " trace=" : "", errand->fetch.trace,
             (long long)errand->fetch.attempt, (unsigned long long)object.size,
             err_reason(why.code), log_quote(quoted, why.msg));
    news_tell(o->config.news_fd, errand->fetch.job_id);
    wake_runner(o);
    errand_clear(errand);
}

struct extension {
    struct outward *o;
    bool lost[FETCHES_MAX];
};

static enum err_code
do_extend(struct db *db, void *arg, struct err *err)
{
    struct extension *extension = arg;
    struct outward *o = extension->o;
    enum err_code rc = ERR_OK;

    for (size_t i = 0; i < FETCHES_MAX; i++) {
        if (o->errands[i].state != ERRAND_UNDER_WAY)
            continue;
        rc = fetch_extend(db, &o->errands[i].fetch, clock_utc_ms(), fetch_lease_ms, err);
        extension->lost[i] = rc == ERR_STALE;
        if (rc != ERR_OK && rc != ERR_STALE)
            return rc;
    }
    return ERR_OK;
}

/* Documents of jobs that were cancelled or deleted are not waited for. */
void
outward_extend_fetches(struct outward *o)
{
    struct extension extension = {.o = o};
    int64_t now = clock_mono_ms(), due = INT64_MAX;

    for (size_t i = 0; i < FETCHES_MAX; i++)
        if (o->errands[i].state == ERRAND_UNDER_WAY && o->errands[i].extend_due_ms < due)
            due = o->errands[i].extend_due_ms;
    if (now < due || !outward_transact(o, do_extend, &extension, "leases were not extended"))
        return;
    for (size_t i = 0; i < FETCHES_MAX; i++) {
        struct errand *errand = &o->errands[i];
        errand->extend_due_ms = now + fetch_lease_ms / 10;
        if (!extension.lost[i] || errand->state != ERRAND_UNDER_WAY)
            continue;
        outward_cancel(o, errand->id);
        outward_report(errand, END_CANCELED, "canceled");
    }
}

/* --- deliveries that have ended --- */

static enum err_code
do_reports(struct db *db, void *arg, struct err *err)
{
    struct outward *o = arg;
    enum err_code rc = ERR_OK;

    for (size_t i = FETCHES_MAX; rc == ERR_OK && i < ERRANDS_MAX; i++) {
        const struct errand *errand = &o->errands[i];
        struct err why = {0};
        bool disabled = false;
        if (errand->state != ERRAND_REPORTED)
            continue;
        errand_judge(&errand->outcome, &why);
        const struct hook_report told = {.http_status = errand->outcome.http_status,
                                         .failure = why.code != ERR_OK ? &why : NULL};
        rc = hooks_report(db, &errand->sending, &told, clock_utc_ms(), &disabled, err);
        if (rc == ERR_OK && disabled)
            log_line(LOG_WARN, "webhook disabled after days of failures", "webhook=%s",
                     errand->sending.hook_id);
    }
    return rc;
}

static void
note_delivery(const struct errand *errand)
{
    const struct hook_sending *sending = &errand->sending;
    char quoted[LOG_QUOTE_SIZE];
    struct err why = {0};

    errand_judge(&errand->outcome, &why);
    log_line(LOG_DEBUG, "delivery ended",
             "webhook=%s event=%s%s%.32s attempt=%lld status=%u reason=%s error=%s",
             sending->hook_id, sending->event_id, sending->trace[0] != '\0' ? " trace=" : "",
             sending->trace, (long long)sending->attempt, errand->outcome.http_status,
             err_reason(why.code), log_quote(quoted, why.msg));
    meter_add(why.code == ERR_OK ? METER_DELIVERIES_DONE : METER_DELIVERIES_FAILED, 1);
    if (errand->begun_us > 0)
        meter_time(METER_STAGE_DELIVERY, clock_mono_us() - errand->begun_us);
}

void
outward_record_deliveries(struct outward *o)
{
    size_t ended = 0;

    for (size_t i = FETCHES_MAX; i < ERRANDS_MAX; i++)
        ended += o->errands[i].state == ERRAND_REPORTED;
    if (ended == 0)
        return;
    /* What cannot be recorded is sent again when its lease is over. */
    bool recorded = outward_transact(o, do_reports, o, "ends of deliveries could not be recorded");
    for (size_t i = FETCHES_MAX; i < ERRANDS_MAX; i++) {
        if (o->errands[i].state != ERRAND_REPORTED)
            continue;
        if (recorded)
            note_delivery(&o->errands[i]);
        errand_clear(&o->errands[i]);
    }
    o->hook_due_ms = 0;
}

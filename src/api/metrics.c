/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/metrics.h"

#include "account/credits.h"
#include "api/call.h"
#include "api/errors.h"
#include "api/handlers.h"
#include "api/processes.h"
#include "api/routes.h"
#include "base/clock.h"
#include "base/meter.h"
#include "hooks/send.h"
#include "jobs/jobs.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { STATUS_MIN = 100, STATUS_END = 600 };

typedef uint64_t route_counts[STATUS_END - STATUS_MIN];

struct metrics {
    route_counts *counts; /* [route_count + 1]: the last for paths that are none */
};

struct metrics *
metrics_new(void)
{
    struct metrics *metrics = calloc(1, sizeof(*metrics));

    if (metrics != NULL)
        metrics->counts = calloc(route_count + 1, sizeof(*metrics->counts));
    if (metrics != NULL && metrics->counts == NULL)
        metrics_drop(&metrics);
    return metrics;
}

void
metrics_drop(struct metrics **metrics)
{
    if (*metrics != NULL)
        free((*metrics)->counts);
    free(*metrics);
    *metrics = NULL;
}

void
metrics_note(struct call *call, int status)
{
    size_t i = call->route != NULL ? (size_t)(call->route - routes) : route_count;

    if (status >= STATUS_MIN && status < STATUS_END)
        call->api->metrics->counts[i][status - STATUS_MIN]++;
}

static void
head(struct buf *out, const char *name, const char *type, const char *help)
{
    buf_printf(out, "# HELP leapocr_%s %s\n# TYPE leapocr_%s %s\n", name, help, name, type);
}

static void
put_requests(const struct metrics *metrics, struct buf *out)
{
    head(out, "http_requests_total", "counter", "Requests answered, by route and status.");
    for (size_t i = 0; i <= route_count; i++) {
        for (int status = STATUS_MIN; status < STATUS_END; status++) {
            uint64_t n = metrics->counts[i][status - STATUS_MIN];
            /* A path in two forms (JSON, a form) has two rows. */
            if (n > 0)
                buf_printf(out,
                           "leapocr_http_requests_total{method=\"%s\",route=\"%s\",body=\"%d\","
                           "status=\"%d\"} %" PRIu64 "\n",
                           i < route_count ? routes[i].method : "",
                           i < route_count ? routes[i].pattern : "none",
                           i < route_count ? (int)routes[i].body : 0, status, n);
        }
    }
}

static void
put_age(struct buf *out, const char *name, int64_t due_ms)
{
    int64_t now_ms = clock_utc_ms();

    buf_printf(out, "leapocr_%s %.3f\n", name,
               due_ms > 0 && due_ms < now_ms ? (double)(now_ms - due_ms) / 1000 : 0);
}

static enum err_code
put_queue(struct db *db, struct buf *out, struct err *err)
{
    struct job_counts queue;
    enum err_code rc = job_counts(db, &queue, err);

    if (rc != ERR_OK)
        return rc;
    head(out, "queue_tasks", "gauge", "Tasks in the queue.");
    buf_printf(out, "leapocr_queue_tasks{state=\"waiting\"} %lld\n", (long long)queue.queued_tasks);
    buf_printf(out, "leapocr_queue_tasks{state=\"running\"} %lld\n",
               (long long)queue.running_tasks);
    head(out, "queue_oldest_seconds", "gauge", "Age of the task that is due for longest.");
    put_age(out, "queue_oldest_seconds", queue.oldest_due_ms);
    return ERR_OK;
}

static enum err_code
put_fetches(struct db *db, struct buf *out, struct err *err)
{
    struct fetch_counts fetches;
    enum err_code rc = fetch_counts(db, &fetches, err);

    if (rc != ERR_OK)
        return rc;
    head(out, "url_fetches", "gauge", "Documents that are to come from URLs.");
    buf_printf(out, "leapocr_url_fetches{state=\"waiting\"} %lld\n", (long long)fetches.waiting);
    buf_printf(out, "leapocr_url_fetches{state=\"running\"} %lld\n", (long long)fetches.running);
    head(out, "url_fetch_oldest_seconds", "gauge", "Age of the fetch that is due for longest.");
    put_age(out, "url_fetch_oldest_seconds", fetches.oldest_due_ms);
    head(out, "url_fetches_total", "counter", "Attempts to fetch, by how they ended.");
    buf_printf(out, "leapocr_url_fetches_total{end=\"done\"} %" PRIu64 "\n",
               meter_value(METER_FETCHES_DONE));
    buf_printf(out, "leapocr_url_fetches_total{end=\"again\"} %" PRIu64 "\n",
               meter_value(METER_FETCHES_AGAIN));
    buf_printf(out, "leapocr_url_fetches_total{end=\"failed\"} %" PRIu64 "\n",
               meter_value(METER_FETCHES_FAILED));
    return ERR_OK;
}

static enum err_code
put_webhooks(struct db *db, struct buf *out, struct err *err)
{
    struct hooks_counts hooks;
    enum err_code rc = hooks_counts(db, &hooks, err);

    if (rc != ERR_OK)
        return rc;
    head(out, "webhook_deliveries", "gauge", "Deliveries of webhooks that are not over.");
    buf_printf(out, "leapocr_webhook_deliveries{state=\"waiting\"} %lld\n",
               (long long)hooks.waiting);
    buf_printf(out, "leapocr_webhook_deliveries{state=\"sending\"} %lld\n",
               (long long)hooks.sending);
    head(out, "webhook_oldest_seconds", "gauge", "Age of the delivery that is due for longest.");
    put_age(out, "webhook_oldest_seconds", hooks.oldest_due_ms);
    head(out, "webhook_attempts_total", "counter", "Attempts to deliver, by how they ended.");
    buf_printf(out, "leapocr_webhook_attempts_total{end=\"done\"} %" PRIu64 "\n",
               meter_value(METER_DELIVERIES_DONE));
    buf_printf(out, "leapocr_webhook_attempts_total{end=\"failed\"} %" PRIu64 "\n",
               meter_value(METER_DELIVERIES_FAILED));
    return ERR_OK;
}

static void
put_pages(struct buf *out)
{
    static const struct {
        enum meter meter;
        const char *kind, *engine;
    } rows[] = {{METER_PAGES_NONE, "empty", "none"},
                {METER_PAGES_LAYER, "read", "layer"},
                {METER_PAGES_OCR, "read", "ocr"},
                {METER_PAGES_BOTH, "read", "both"},
                {METER_PAGES_FAILED, "failed", "none"}};

    head(out, "pages_total", "counter", "Pages, by what became of them and who read them.");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        buf_printf(out, "leapocr_pages_total{kind=\"%s\",engine=\"%s\"} %" PRIu64 "\n",
                   rows[i].kind, rows[i].engine, meter_value(rows[i].meter));
    head(out, "tasks_total", "counter", "Runs of readers, by how they ended.");
    buf_printf(out, "leapocr_tasks_total{end=\"done\"} %" PRIu64 "\n",
               meter_value(METER_TASKS_ENDED));
    buf_printf(out, "leapocr_tasks_total{end=\"failed\"} %" PRIu64 "\n",
               meter_value(METER_TASKS_FAILED));
}

static void
put_stages(struct buf *out)
{
    static const char *const names[METER_STAGE_COUNT] = {
        "probe", "batch", "page_cpu", "file", "bind", "extract", "url_fetch", "webhook"};

    head(out, "stage_seconds", "histogram", "Time of the stages of a job, and of what goes out.");
    for (int stage = 0; stage < METER_STAGE_COUNT; stage++) {
        struct meter_histogram h;
        uint64_t sum = 0;
        meter_histogram((enum meter_stage)stage, &h);
        for (int i = 0; i < METER_BUCKETS; i++) {
            sum += h.counts[i];
            if (i < METER_BUCKETS - 1)
                buf_printf(out,
                           "leapocr_stage_seconds_bucket{stage=\"%s\",le=\"%g\"} %" PRIu64 "\n",
                           names[stage], (double)meter_bounds_us[i] / 1e6, sum);
            else
                buf_printf(out,
                           "leapocr_stage_seconds_bucket{stage=\"%s\",le=\"+Inf\"} %" PRIu64 "\n",
                           names[stage], sum);
        }
        buf_printf(out, "leapocr_stage_seconds_sum{stage=\"%s\"} %.6f\n", names[stage],
                   (double)h.sum_us / 1e6);
        buf_printf(out, "leapocr_stage_seconds_count{stage=\"%s\"} %" PRIu64 "\n", names[stage],
                   sum);
    }
}

static void
put_readers(struct buf *out)
{
    int64_t wanted = meter_gauge(METER_READERS), ready = meter_gauge(METER_READERS_READY);

    head(out, "readers", "gauge", "Processes that read: ready or at work, and missing.");
    buf_printf(out, "leapocr_readers{state=\"ready\"} %lld\n", (long long)ready);
    buf_printf(out, "leapocr_readers{state=\"missing\"} %lld\n", (long long)(wanted - ready));
}

static enum err_code
put_ledger(struct db *db, struct buf *out, struct err *err)
{
    struct credit_balance sum;
    enum err_code rc = credits_total(db, &sum, err);

    if (rc != ERR_OK)
        return rc;
    head(out, "credits", "gauge", "Credits of all teams.");
    buf_printf(out, "leapocr_credits{account=\"granted\"} %lld\n", (long long)sum.granted);
    buf_printf(out, "leapocr_credits{account=\"consumed\"} %lld\n", (long long)sum.consumed);
    buf_printf(out, "leapocr_credits{account=\"reserved\"} %lld\n", (long long)sum.reserved);
    buf_printf(out, "leapocr_credits{account=\"available\"} %lld\n", (long long)sum.available);
    return ERR_OK;
}

static enum err_code
put_store(struct api *api, struct buf *out, struct err *err)
{
    uint64_t free_bytes, total_bytes;
    enum err_code rc = store_space(api->store, &free_bytes, &total_bytes, err);

    if (rc != ERR_OK)
        return rc;
    head(out, "store_bytes", "gauge", "Room of the file system that the data folder is on.");
    buf_printf(out, "leapocr_store_bytes{state=\"free\"} %" PRIu64 "\n", free_bytes);
    buf_printf(out, "leapocr_store_bytes{state=\"total\"} %" PRIu64 "\n", total_bytes);
    return ERR_OK;
}

/* Whoever guesses is told nothing, and slowed down as with keys. */
static bool
is_allowed(struct call *call)
{
    static const char scheme[] = "Bearer ";
    struct span token = call->api->metrics_token;
    struct span sent = http_field(call->http, "Authorization");
    size_t skip = sizeof(scheme) - 1;
    struct err err;

    if (token.len > 0 && sent.len == skip + token.len && memcmp(sent.data, scheme, skip) == 0 &&
        hash_equal(sent.data + skip, token.data, token.len))
        return true;
    err_set(&err, ERR_AUTH, "the token for /metrics is in the data folder: secrets/metrics");
    auth_refuse(call, &err);
    return false;
}

void
metrics_show(struct call *call)
{
    struct api *api = call->api;
    struct buf *out = &api->scratch;
    struct err err;

    if (!is_allowed(call))
        return;
    buf_clear(out);
    head(out, "info", "gauge", "The version that runs.");
    buf_printf(out, "leapocr_info{version=\"%s\"} 1\n", LEAPOCR_VERSION);
    enum err_code rc = put_queue(api->db, out, &err);
    if (rc == ERR_OK)
        rc = put_fetches(api->db, out, &err);
    put_readers(out);
    put_pages(out);
    put_stages(out);
    if (rc == ERR_OK)
        rc = put_ledger(api->db, out, &err);
    if (rc == ERR_OK)
        rc = put_webhooks(api->db, out, &err);
    if (rc == ERR_OK)
        rc = put_store(api, out, &err);
    put_requests(api->metrics, out);
    head(out, "process_resident_bytes", "gauge", "Memory of each process of the service.");
    processes_put(out);
    if (rc == ERR_OK)
        rc = buf_check(out, "metrics", &err);
    if (rc != ERR_OK)
        reply_error(call, &err);
    else
        call_reply(call, 200, "text/plain; version=0.0.4", buf_span(out));
}

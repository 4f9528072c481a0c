/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/health.h"

#include "api/call.h"
#include "api/handlers.h"
#include "api/source.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/meter.h"
#include "jobs/jobs.h"

#include <stdio.h>
#include <time.h>

/* Below it, uploads of the largest size may begin to fail. */
static const uint64_t space_low_bytes = UINT64_C(2) << 30;

/* A reader that crashed is there again sooner; a runner that joins a large document is not
 * heard of meanwhile. */
static const int64_t reader_gone_ms = 5000, runner_gone_ms = 60000;

enum { CHECKS_MAX = 4 };

enum level { HEALTHY, DEGRADED, DOWN, LEVEL_COUNT };

static const char *const level_names[] = {"healthy", "degraded", "down"};

struct check {
    const char *name;
    enum level level;
    const char *message;
    double ms;
};

static double
now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void
fail(struct api *api, struct check *check, const char *message, const struct err *err)
{
    char text[LOG_QUOTE_SIZE];

    api_heed(api, err);
    log_line(LOG_ERROR, "health check failed", "check=%s err=%s", check->name,
             log_quote(text, err->msg));
    check->level = DOWN;
    check->message = message;
}

static struct check
check_database(struct api *api)
{
    struct check check = {.name = "database", .message = "the queue can be read"};
    struct job_counts counts;
    struct err err;
    double begun = now_ms();

    enum err_code rc = job_counts(api->db, &counts, &err);
    if (rc == ERR_OK && db_writer_is_dead(api->writer))
        rc = err_set(&err, ERR_SYSTEM, "the database failed while nothing was asked of it");
    if (rc != ERR_OK)
        fail(api, &check, "the queue cannot be read", &err);
    check.ms = now_ms() - begun;
    return check;
}

static struct check
check_storage(struct api *api)
{
    struct check check = {.name = "storage", .message = "there is room for uploads"};
    uint64_t free_bytes, total_bytes;
    struct err err;
    double begun = now_ms();

    if (store_space(api->store, &free_bytes, &total_bytes, &err) != ERR_OK) {
        fail(api, &check, "the object store cannot be read", &err);
    } else if (free_bytes < space_low_bytes) {
        check.level = DEGRADED;
        check.message = "less than 2 GiB free";
    }
    check.ms = now_ms() - begun;
    return check;
}

/* What the runner of this server says. */
static struct check
check_readers(void)
{
    struct check check = {.name = "readers", .message = "every reader is ready"};
    int64_t now = clock_mono_ms(), wanted = meter_gauge(METER_READERS);
    int64_t seen = meter_gauge(METER_READER_SEEN_MS);

    if (seen == 0 || now - seen > reader_gone_ms) {
        check.level = DOWN;
        check.message = "no reader is ready: documents wait";
    } else if (meter_gauge(METER_READERS_READY) < wanted) {
        check.level = DEGRADED;
        check.message = "some readers are not ready";
    }
    if (now - meter_gauge(METER_RUNNER_SEEN_MS) > runner_gone_ms) {
        check.level = DOWN;
        check.message = "the runner, which gives documents to readers, does not answer";
    }
    return check;
}

static struct check
check_outside(void)
{
    struct check check = {.name = "outside", .message = "URLs and webhooks can be reached"};
    int64_t trusts = meter_gauge(METER_COURIER_TRUSTS);

    if (trusts == 2)
        return check;
    check.level = DEGRADED;
    check.message = trusts == 0 ? "no URL and no webhook can be reached yet"
                                : "https cannot be checked: there are no certificates of "
                                  "authorities";
    return check;
}

/* Free space and load are nobody's business who has no key: no details. */
static void
put_check(struct jsonw *w, const struct check *check)
{
    char took[32];

    jsonw_object(w, check->name);
    jsonw_string(w, "status", level_names[check->level]);
    jsonw_string(w, "message", check->message);
    snprintf(took, sizeof(took), "%.3fms", check->ms);
    jsonw_string(w, "response_time", took);
    jsonw_object(w, "details");
    jsonw_end(w);
    jsonw_end(w);
}

static void
put_summary(struct jsonw *w, const struct check *checks, size_t n)
{
    int64_t counts[LEVEL_COUNT] = {0};

    for (size_t i = 0; i < n; i++)
        counts[checks[i].level]++;
    jsonw_object(w, "summary");
    jsonw_int(w, "total", (int64_t)n);
    for (int level = 0; level < LEVEL_COUNT; level++)
        jsonw_int(w, level_names[level], counts[level]);
    jsonw_end(w);
}

static void
look(struct api *api)
{
    struct check checks[CHECKS_MAX] = {check_database(api), check_storage(api)};
    size_t n = 2;
    enum level worst = HEALTHY;
    struct health_cache *cache = &api->health;
    struct jsonw w = {.out = &cache->body};

    if (api->config.has_runner) {
        checks[n++] = check_readers();
        checks[n++] = check_outside();
    }
    for (size_t i = 0; i < n; i++)
        if (checks[i].level > worst)
            worst = checks[i].level;
    buf_clear(&cache->body);
    jsonw_object(&w, NULL);
    jsonw_string(&w, "status", level_names[worst]);
    jsonw_string(&w, "service", "leapocr");
    jsonw_string(&w, "version", LEAPOCR_VERSION);
    jsonw_string(&w, "license", SOURCE_LICENCE);
    jsonw_string(&w, "source", source_url(api));
    jsonw_time(&w, "timestamp", clock_utc_ms());
    put_summary(&w, checks, n);
    jsonw_object(&w, "checks");
    for (size_t i = 0; i < n; i++)
        put_check(&w, &checks[i]);
    jsonw_end(&w);
    jsonw_end(&w);
    cache->status = worst == DOWN ? 503 : 200;
    cache->database = checks[0].level != DOWN;
    cache->storage = checks[1].level != DOWN;
    cache->readers = n < 3 || checks[2].level != DOWN;
    cache->until_ms = clock_mono_ms() + HEALTH_CACHE_MS;
}

void
health_show(struct call *call)
{
    struct health_cache *cache = &call->api->health;

    if (clock_mono_ms() >= cache->until_ms)
        look(call->api);
    call_reply(call, cache->status, "application/json", buf_span(&cache->body));
}

/* --- for orchestrators --- */

void
live_show(struct call *call)
{
    struct jsonw w = call_json(call);

    jsonw_object(&w, NULL);
    jsonw_string(&w, "status", "ok");
    jsonw_end(&w);
    call_reply_json(call, 200);
}

/* What /health says in one word, from the same look. */
void
ready_show(struct call *call)
{
    struct health_cache *cache = &call->api->health;

    if (clock_mono_ms() >= cache->until_ms)
        look(call->api);
    struct jsonw w = call_json(call);
    jsonw_object(&w, NULL);
    jsonw_string(&w, "status", cache->status == 200 ? "ok" : "unavailable");
    jsonw_bool(&w, "database", cache->database);
    jsonw_bool(&w, "storage", cache->storage);
    jsonw_bool(&w, "readers", cache->readers);
    jsonw_end(&w);
    call_reply_json(call, cache->status);
}

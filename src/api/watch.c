/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/watch.h"

#include "api/beat.h"
#include "api/call.h"
#include "base/clock.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

/* By the end of the id, which is random. */
static struct watch **
bucket_of(struct api *api, const char *job_id)
{
    size_t len = strlen(job_id);
    unsigned hash = 0;

    for (size_t i = len > 8 ? len - 8 : 0; i < len; i++)
        hash = hash * 31 + (unsigned char)job_id[i];
    return &api->watches[hash % WATCH_BUCKETS];
}

static size_t
count_of_team(const struct api *api, const char *team_id)
{
    size_t n = 0;

    for (size_t i = 0; i < WATCH_BUCKETS; i++)
        for (const struct watch *w = api->watches[i]; w != NULL; w = w->next)
            n += strcmp(w->call->who.team_id, team_id) == 0;
    return n;
}

enum err_code
watch_add(struct watch *watch, struct err *err)
{
    struct api *api = watch->call->api;

    if (api->watch_count >= WATCHES_MAX)
        return err_set(err, ERR_UNAVAILABLE, "%d calls wait for jobs, the limit", WATCHES_MAX);
    if (api->watch_count >= WATCHES_TEAM_MAX &&
        count_of_team(api, watch->call->who.team_id) >= WATCHES_TEAM_MAX)
        return err_set(err, ERR_RATE, "%d calls of this team wait for jobs, the limit",
                       WATCHES_TEAM_MAX);
    struct watch **bucket = bucket_of(api, watch->job_id);
    watch->prev = NULL;
    watch->next = *bucket;
    if (watch->next != NULL)
        watch->next->prev = watch;
    *bucket = watch;
    watch->look_ms = clock_mono_ms() + WATCH_LOOK_MS;
    watch->call->watch = watch;
    if (api->watch_count++ == 0)
        beat_alarm(api, clock_mono_ms() + WATCH_TICK_MS);
    return ERR_OK;
}

void
watch_drop(struct watch *watch)
{
    struct api *api = watch->call->api;

    if (watch->on_drop != NULL)
        watch->on_drop(watch);
    if (watch->prev != NULL)
        watch->prev->next = watch->next;
    else
        *bucket_of(api, watch->job_id) = watch->next;
    if (watch->next != NULL)
        watch->next->prev = watch->prev;
    watch->call->watch = NULL;
    api->watch_count--;
}

void
watch_note(struct api *api, const char *job_id)
{
    if (api->watch_count == 0)
        return;
    for (struct watch *w = *bucket_of(api, job_id), *next; w != NULL; w = next) {
        next = w->next;
        if (strcmp(w->job_id, job_id) == 0) {
            w->look_ms = clock_mono_ms() + WATCH_LOOK_MS;
            w->on_change(w);
        }
    }
}

void
watch_tick(struct api *api)
{
    int64_t now = clock_mono_ms();

    for (size_t i = 0; i < WATCH_BUCKETS && api->watch_count > 0; i++) {
        for (struct watch *w = api->watches[i], *next; w != NULL; w = next) {
            next = w->next;
            if (now >= w->due_ms) {
                w->on_due(w);
            } else if (now >= w->look_ms) {
                w->look_ms = now + WATCH_LOOK_MS;
                w->on_change(w);
            }
        }
    }
    beat_alarm(api, api->watch_count > 0 ? now + WATCH_TICK_MS : 0);
}

void
watch_stop(struct api *api)
{
    for (size_t i = 0; i < WATCH_BUCKETS; i++)
        for (struct watch *w = api->watches[i], *next; w != NULL; w = next) {
            next = w->next;
            w->on_stop(w);
        }
}

/* Many words of one job come in a row where its pages do: one look is enough for them. What is cut
 * off at the end of the buffer is lost, as any word may be; the pipe holds whole ones. */
static void
hear(struct http_watch *news)
{
    struct api *api = (struct api *)((char *)news - offsetof(struct api, news));
    enum { WORD = UUID_TEXT_SIZE - 1, WORDS = 64 };
    char bytes[WORDS * WORD];
    char last[UUID_TEXT_SIZE] = "", job_id[UUID_TEXT_SIZE] = "";
    ssize_t got = read(news->fd, bytes, sizeof(bytes));

    for (ssize_t at = 0; at + WORD <= got; at += WORD) {
        memcpy(job_id, bytes + at, WORD);
        if (strcmp(job_id, last) != 0)
            watch_note(api, job_id);
        memcpy(last, job_id, sizeof(last));
    }
}

enum err_code
watch_open(struct api *api, struct err *err)
{
    if (api->config.news_fd < 0)
        return ERR_OK;
    api->news = (struct http_watch){.fd = api->config.news_fd, .call = hear};
    return http_watch(api->server, &api->news, err);
}

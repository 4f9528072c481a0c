/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "client_internal.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const int64_t tick_ms = 50;

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;
static CURLcode curl_started;

static void
start_curl(void)
{
    curl_started = curl_global_init(CURL_GLOBAL_DEFAULT);
}

enum leapocr_status
client_fail(struct leapocr_error *error, enum leapocr_status status, const char *fmt, ...)
{
    va_list args;

    if (error == NULL)
        return status;
    *error = (struct leapocr_error){.status = status};
    va_start(args, fmt);
    (void)vsnprintf(error->message, sizeof(error->message), fmt, args);
    va_end(args);
    return status;
}

int64_t
client_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

enum leapocr_status
client_sleep(struct leapocr *client, int64_t ms, struct leapocr_error *error)
{
    int64_t end = client_now_ms() + ms;

    for (;;) {
        if (client->tick != NULL && !client->tick(client->ctx))
            return client_fail(error, LEAPOCR_CANCELLED, "cancelled");
        int64_t left = end - client_now_ms();
        if (left <= 0)
            return LEAPOCR_OK;
        if (left > tick_ms)
            left = tick_ms;
        struct timespec pause = {.tv_sec = 0, .tv_nsec = (long)left * 1000000};
        (void)nanosleep(&pause, NULL); /* a signal ends it early: then the tick decides */
    }
}

/* Something that can stand in a header line: visible ASCII. */
static bool
is_header_text(const char *text)
{
    for (const char *c = text; *c != '\0'; c++)
        if (*c < ' ' || *c > '~')
            return false;
    return true;
}

static char *
format(const char *fmt, const char *text)
{
    char *made;

    return asprintf(&made, fmt, text) < 0 ? NULL : made;
}

static enum leapocr_status
check_config(const struct leapocr_config *config, const char *base_url, struct leapocr_error *error)
{
    if (strncmp(base_url, "http://", 7) != 0 && strncmp(base_url, "https://", 8) != 0)
        return client_fail(error, LEAPOCR_INPUT,
                           "the server's address must begin with http:// or https://: %s",
                           base_url);
    if (!is_header_text(base_url) || strpbrk(base_url, " ?#") != NULL)
        return client_fail(error, LEAPOCR_INPUT, "not an address of a server: %s", base_url);
    if ((config->api_key != NULL && !is_header_text(config->api_key)) ||
        (config->user_agent != NULL && !is_header_text(config->user_agent)))
        return client_fail(error, LEAPOCR_INPUT,
                           "the API key holds characters that cannot be sent");
    if (curl_started != CURLE_OK)
        return client_fail(error, LEAPOCR_MEMORY, "libcurl does not start: %s",
                           curl_easy_strerror(curl_started));
    return LEAPOCR_OK;
}

enum leapocr_status
leapocr_new(const struct leapocr_config *config, struct leapocr **ret, struct leapocr_error *error)
{
    const char *base_url = config->base_url != NULL ? config->base_url : LEAPOCR_DEFAULT_URL;

    (void)pthread_once(&curl_once, start_curl);
    enum leapocr_status status = check_config(config, base_url, error);
    if (status != LEAPOCR_OK)
        return status;
    struct leapocr *client = calloc(1, sizeof(*client));
    if (client == NULL)
        return client_fail(error, LEAPOCR_MEMORY, "no memory");
    client->tick = config->tick;
    client->ctx = config->ctx;
    client->curl = curl_easy_init();
    client->base_url = strdup(base_url);
    client->user_agent = config->user_agent != NULL ? strdup(config->user_agent)
                                                    : strdup("leapocr-c/" LEAPOCR_VERSION);
    if (config->api_key != NULL)
        client->key_header = format("X-API-KEY: %s", config->api_key);
    if (client->curl == NULL || client->base_url == NULL || client->user_agent == NULL ||
        (config->api_key != NULL && client->key_header == NULL)) {
        leapocr_drop(&client);
        return client_fail(error, LEAPOCR_MEMORY, "no memory");
    }
    for (size_t len = strlen(base_url); len > 0 && base_url[len - 1] == '/'; len--)
        client->base_url[len - 1] = '\0';
    *ret = client;
    return LEAPOCR_OK;
}

void
leapocr_drop(struct leapocr **client)
{
    struct leapocr *c = *client;

    if (c == NULL)
        return;
    curl_easy_cleanup(c->curl);
    if (c->key_header != NULL)
        explicit_bzero(c->key_header, strlen(c->key_header));
    free(c->key_header);
    free(c->base_url);
    free(c->user_agent);
    free(c);
    *client = NULL;
}

void
leapocr_free(char *text)
{
    free(text);
}

const char *
client_text(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

char *
client_path(const char *before, const char *job_id, const char *after, struct leapocr_error *error)
{
    size_t len = strspn(job_id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");
    char *path;

    if (len == 0 || job_id[len] != '\0' || len >= LEAPOCR_ID_SIZE) {
        (void)client_fail(error, LEAPOCR_INPUT, "not the id of a job");
        return NULL;
    }
    if (asprintf(&path, "%s%s%s", before, job_id, after) < 0) {
        (void)client_fail(error, LEAPOCR_MEMORY, "no memory");
        return NULL;
    }
    return path;
}

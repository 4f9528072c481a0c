/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/api.h"

#include "api/api_internal.h"
#include "api/base_url.h"
#include "api/beat.h"
#include "api/catalog.h"
#include "api/dispatch.h"
#include "api/metrics.h"
#include "api/turn.h"
#include "api/watch.h"
#include "api/work.h"
#include "base/fdio.h"
#include "base/random.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

enum { SECRET_BYTES_MAX = SIGV4_SECRET_MAX + 1, SECRET_BYTES_MIN = 32, TEXTS_MAX = 64 << 10 };

/* The loop waits no longer for a database that does not answer. */
static const int64_t loop_patience_ms = 5000;

/* Strings of the configuration live as long as the API. */
static enum err_code
keep_config(struct api *api, const struct api_config *config, struct err *err)
{
    const char **const texts[] = {
        &api->config.db_place,          &api->config.public_url,     &api->config.source_url,
        &api->config.secret_file,       &api->config.metrics_file,   &api->config.catalog_file,
        &api->config.polar_secret_file, &api->config.r2_secret_file, &api->config.oidc_issuer,
        &api->config.oidc_audience,     &api->config.oidc_jwks,      &api->config.oidc_team_claim,
        &api->config.oidc_role_claim,   &api->config.cors_origins,   &api->config.trusted_proxies,
        &api->config.webhook_key,       &api->config.private_urls,   &api->config.url_ports};

    api->config = *config;
    api->texts = arena_new(TEXTS_MAX);
    for (size_t i = 0; api->texts != NULL && i < ARRAY_LEN(texts); i++) {
        const char *text = *texts[i];
        *texts[i] = text != NULL ? arena_strdup(api->texts, text) : NULL;
        if (text != NULL && *texts[i] == NULL)
            return err_set(err, ERR_LIMIT, "the settings are too long");
    }
    if (api->texts == NULL)
        return err_set(err, ERR_MEMORY, "no memory");
    char *url = arena_strdup(api->texts, config->public_url != NULL ? config->public_url : "");
    if (url == NULL)
        return err_set(err, ERR_LIMIT, "the settings are too long");
    size_t len = strlen(url);
    while (len > 0 && url[len - 1] == '/')
        url[--len] = '\0';
    api->config.public_url = len > 0 ? url : NULL;
    return len > 0 ? base_url_check(url, err) : ERR_OK;
}

/* A file with one line; nothing where no file is named. */
static enum err_code
load_secret(struct api *api, const char *file, struct span *ret, struct err *err)
{
    struct span text = {0};
    enum err_code rc = file != NULL
                           ? fd_load_file(api->texts, AT_FDCWD, file, SECRET_BYTES_MAX, &text, err)
                           : ERR_OK;

    if (rc != ERR_OK)
        return rc;
    while (text.len > 0 && isspace(text.data[text.len - 1]))
        text.len--;
    if (file != NULL && text.len == 0)
        return err_set(err, ERR_INPUT, "%.200s: there is no secret in it", file);
    *ret = text;
    return ERR_OK;
}

static enum err_code
load_settings(struct api *api, struct err *err)
{
    enum err_code rc = load_secret(api, api->config.metrics_file, &api->metrics_token, err);

    if (rc == ERR_OK)
        rc = load_secret(api, api->config.polar_secret_file, &api->polar_secret, err);
    if (rc == ERR_OK)
        rc = load_secret(api, api->config.r2_secret_file, &api->r2_secret, err);
    if (rc == ERR_OK)
        rc = catalog_open(api->config.catalog_file, &api->catalog, err);
    if (rc == ERR_OK)
        rc = oidc_open(api, err);
    if (rc == ERR_OK)
        rc = peer_proxies_parse(api->config.trusted_proxies, &api->proxies, err);
    if (rc == ERR_OK && (api->metrics = metrics_new()) == NULL)
        rc = err_set(err, ERR_MEMORY, "no memory");
    return rc;
}

/* The access id is no secret; made from the secret, so that both change together. */
static enum err_code
load_key(struct api *api, struct err *err)
{
    struct span secret;
    uint8_t mac[SHA256_SIZE];
    char id[21];
    enum err_code rc =
        fd_load_file(api->texts, AT_FDCWD, api->config.secret_file, SECRET_BYTES_MAX, &secret, err);

    if (rc != ERR_OK)
        return rc;
    while (secret.len > 0 && isspace(secret.data[secret.len - 1]))
        secret.len--;
    if (secret.len < SECRET_BYTES_MIN)
        return err_set(err, ERR_INPUT, "%s: the presign key has %zu bytes, at least %d are needed",
                       api->config.secret_file, secret.len, SECRET_BYTES_MIN);
    hash_hmac_sha256(secret, span_of("leapocr presign access id"), mac);
    hash_hex(mac, 10, id);
    for (char *c = id; *c != '\0'; c++)
        *c = (char)toupper((unsigned char)*c);
    api->sign = (struct sigv4_key){
        .access_id = arena_strdup(api->texts, id), .secret = secret, .region = "local"};
    return api->sign.access_id != NULL ? ERR_OK : err_set(err, ERR_LIMIT, "no room for a key id");
}

static enum err_code
open_parts(struct api *api, struct err *err)
{
    const struct http_limits limits = http_limits_default();
    enum err_code rc = load_key(api, err);

    if (rc == ERR_OK)
        rc = load_settings(api, err);
    if (rc == ERR_OK)
        rc = seal_key_load(api->config.webhook_key, &api->seal, err);
    if (rc == ERR_OK)
        rc = netpolicy_parse(api->config.private_urls, api->config.url_ports, &api->policy, err);
    if (rc == ERR_OK)
        rc = store_open(api->config.store, &api->store, err);
    if (rc == ERR_OK)
        rc = db_open(api->config.db_place, &api->db, err);
    if (rc == ERR_OK)
        db_set_patience(api->db, loop_patience_ms);
    if (rc == ERR_OK)
        rc = db_writer_open(api->config.db_place, &api->writer, err);
    if (rc == ERR_OK)
        rc = io_pool_open(API_IO_THREADS, &api->pool, err);
    if (rc == ERR_OK)
        rc = http_open(api->config.listen_fd, &limits, &dispatch_handler, api, &api->server, err);
    if (rc == ERR_OK)
        rc = watch_open(api, err);
    return rc;
}

enum err_code
api_open(const struct api_config *config, struct api **ret, struct err *err)
{
    struct api *api = calloc(1, sizeof(*api));

    if (api == NULL)
        return err_set(err, ERR_MEMORY, "no memory");
    buf_init(&api->scratch, API_REPLY_MAX);
    buf_init(&api->health.body, API_REPLY_MAX);
    random_text(api->id_prefix, sizeof(api->id_prefix) - 1);
    enum err_code rc = keep_config(api, config, err);
    if (rc == ERR_OK)
        rc = open_parts(api, err);
    if (rc != ERR_OK) {
        api_close(&api);
        return rc;
    }
    beat_open(api);
    *ret = api;
    return ERR_OK;
}

enum err_code
api_run(struct api *api, int64_t grace_ms, struct err *err)
{
    http_run(api->server, grace_ms);
    return api->failure.code == ERR_OK ? ERR_OK
                                       : err_set(err, api->failure.code, "%s", api->failure.msg);
}

void
api_heed(struct api *api, const struct err *err)
{
    if (err->code != ERR_SYSTEM || api->closing || api->failure.code != ERR_OK)
        return;
    if (!db_is_dead(api->db) && !db_writer_is_dead(api->writer))
        return;
    api->failure = *err;
    http_stop_within(api->server, API_FAILED_GRACE_MS);
}

void
api_stop(struct api *api)
{
    if (api != NULL)
        http_stop(api->server);
}

/* The writer and the pool finish what they have; what they bring back finds no call any more and
 * is cleaned up on the spot. */
void
api_close(struct api **held)
{
    struct api *api = *held;

    *held = NULL;
    if (api == NULL)
        return;
    api->closing = true;
    if (api->store != NULL)
        store_hurry(api->store);
    beat_close(api);
    db_writer_close(&api->writer);
    io_pool_close(&api->pool);
    http_close(&api->server);
    work_drain(api);
    turn_close(api);
    db_close(&api->db);
    store_close(&api->store);
    oidc_close(api);
    catalog_close(&api->catalog);
    metrics_drop(&api->metrics);
    buf_fini(&api->health.body);
    buf_fini(&api->scratch);
    arena_drop(&api->texts);
    free(api);
}

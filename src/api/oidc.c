/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/oidc.h"

#include "api/api_internal.h"
#include "base/clock.h"
#include "base/fdio.h"
#include "base/log.h"

#include <fcntl.h>
#include <sys/stat.h>

static const int64_t look_every_ms = 2000;

static enum err_code
read_keys(struct api *api, struct err *err)
{
    struct arena *arena = arena_new(JWT_KEYS_BYTES_MAX + KiB(64));
    struct jwt_keys *keys = NULL;
    struct span text;
    enum err_code rc = arena != NULL ? ERR_OK : err_set(err, ERR_MEMORY, "no memory");

    if (rc == ERR_OK)
        rc = fd_load_file(arena, AT_FDCWD, api->config.oidc_jwks, JWT_KEYS_BYTES_MAX, &text, err);
    if (rc == ERR_OK)
        rc = jwt_keys_read(text, &keys, err);
    arena_drop(&arena);
    if (rc != ERR_OK)
        return rc;
    jwt_keys_drop(&api->oidc.keys);
    api->oidc.keys = keys;
    return ERR_OK;
}

/* True if the file is another one than was read. */
static bool
has_changed(struct api *api)
{
    struct oidc *oidc = &api->oidc;
    struct stat st;

    if (stat(api->config.oidc_jwks, &st) != 0)
        return false;
    int64_t stamp = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
    bool changed = stamp != oidc->stamp_ns || (int64_t)st.st_size != oidc->size;
    oidc->stamp_ns = stamp;
    oidc->size = (int64_t)st.st_size;
    return changed;
}

static void
look_again(struct api *api)
{
    char text[LOG_QUOTE_SIZE];
    struct err err;

    if (clock_mono_ms() - api->oidc.looked_ms < look_every_ms)
        return;
    api->oidc.looked_ms = clock_mono_ms();
    if (has_changed(api) && read_keys(api, &err) != ERR_OK)
        log_line(LOG_ERROR, "keys of the identity provider not read, the old ones stay", "err=%s",
                 log_quote(text, err.msg));
}

enum err_code
oidc_open(struct api *api, struct err *err)
{
    const struct api_config *config = &api->config;

    if (config->oidc_issuer == NULL)
        return ERR_OK;
    if (config->oidc_audience == NULL || config->oidc_jwks == NULL)
        return err_set(err, ERR_INPUT,
                       "--oidc-issuer needs --oidc-audience and --oidc-jwks beside it");
    (void)has_changed(api);
    api->oidc.looked_ms = clock_mono_ms();
    return read_keys(api, err);
}

void
oidc_close(struct api *api)
{
    jwt_keys_drop(&api->oidc.keys);
}

enum err_code
oidc_principal(struct api *api, struct arena *arena, struct span token, struct principal *ret,
               struct err *err)
{
    const struct api_config *config = &api->config;
    const struct jwt_rules rules = {.issuer = config->oidc_issuer,
                                    .audience = config->oidc_audience,
                                    .team_claim = config->oidc_team_claim,
                                    .role_claim = config->oidc_role_claim};
    struct jwt jwt = {0};
    const char *why = NULL;

    look_again(api);
    enum err_code rc =
        jwt_verify(arena, api->oidc.keys, &rules, token, clock_utc_ms(), &jwt, &why, err);
    if (rc != ERR_OK) {
        log_line(LOG_INFO, "token refused", "why=\"%s\"", why);
        return rc;
    }
    const struct claims claims = {.issuer = config->oidc_issuer,
                                  .subject = jwt.subject,
                                  .email = jwt.email,
                                  .team = jwt.team,
                                  .role = jwt.role};
    return claims_principal(api->db, &claims, ret, err);
}

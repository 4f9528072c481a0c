/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Opening the S3 back end: what the operator gave, checked and put in order. */
#include "store/s3_call.h"

#include "base/url.h"

#include <stdlib.h>
#include <string.h>

enum { TEXTS_BYTES = 65536, PREFIX_MAX = 512 };

static enum err_code
check_bucket(const char *bucket, struct err *err)
{
    size_t len = strspn(bucket, "abcdefghijklmnopqrstuvwxyz0123456789-.");

    if (bucket[len] != '\0' || len < 3 || len > 63 || strstr(bucket, "..") != NULL ||
        strchr("-.", bucket[0]) != NULL || strchr("-.", bucket[len - 1]) != NULL)
        return err_set(err, ERR_INPUT,
                       "bucket '%.80s': 3 to 63 of a-z, 0-9, '-' and '.' are expected", bucket);
    return ERR_OK;
}

/* Of unreserved characters, so that it stands for itself in a path. */
static enum err_code
check_prefix(const char *prefix, struct err *err)
{
    size_t len = strlen(prefix);

    if (len == 0)
        return ERR_OK;
    if (len > PREFIX_MAX || prefix[len - 1] != '/' || prefix[0] == '/' ||
        strspn(prefix, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~/") !=
            len ||
        strstr(prefix, "//") != NULL || strstr(prefix, "./") != NULL)
        return err_set(err, ERR_INPUT,
                       "prefix '%.80s': letters, digits and - _ ~ / are expected, ended by /",
                       prefix);
    return ERR_OK;
}

static enum err_code
check_sse(const struct s3_config *c, struct err *err)
{
    if (c->sse != NULL && strcmp(c->sse, "AES256") != 0 && strcmp(c->sse, "aws:kms") != 0)
        return err_set(err, ERR_INPUT, "encryption '%.40s' is neither AES256 nor aws:kms", c->sse);
    if (c->sse_key != NULL && (c->sse == NULL || strcmp(c->sse, "aws:kms") != 0))
        return err_set(err, ERR_INPUT, "a key id goes with aws:kms only");
    for (const char *k = c->sse_key; k != NULL && *k != '\0'; k++)
        if (*k <= ' ' || *k > '~')
            return err_set(err, ERR_INPUT, "the key id of aws:kms has a character that is none");
    return ERR_OK;
}

static enum err_code
check_region(const char *region, struct err *err)
{
    size_t len = strlen(region);

    if (len == 0 || len > 64 ||
        strspn(region, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != len)
        return err_set(err, ERR_INPUT, "region '%.80s': letters, digits and '-' are expected",
                       region);
    return ERR_OK;
}

/* Host and port as a client writes them into Host: no default port, with the bucket before it in
 * host style. */
static enum err_code
read_endpoint(struct s3 *s3, const char *text, const char **ret_scheme, const char **ret_host,
              struct err *err)
{
    struct url url;
    struct err why;

    if (url_parse(text, &url, &why) != ERR_OK)
        return err_set(err, ERR_INPUT, "S3 endpoint '%.80s': %.120s", text, why.msg);
    if (strcmp(url.text + url.target, "/") != 0)
        return err_set(err, ERR_INPUT, "S3 endpoint '%.80s': scheme, host and port only", text);
    if (s3->config.host_style && url.is_literal)
        return err_set(err, ERR_INPUT, "S3 endpoint '%.80s': an address has no host style", text);
    const char *authority = strstr(url.text, "://") + 3;
    const char *host = arena_printf(
        s3->texts, "%s%s%.*s", s3->config.host_style ? s3->config.bucket : "",
        s3->config.host_style ? "." : "", (int)(url.text + url.target - authority), authority);
    if (host == NULL)
        return err_set(err, ERR_LIMIT, "the S3 endpoint is too long");
    *ret_scheme = url.https ? "https" : "http";
    *ret_host = host;
    return ERR_OK;
}

static const char *
keep(struct s3 *s3, const char *text)
{
    return text != NULL ? arena_strdup(s3->texts, text) : NULL;
}

static enum err_code
keep_config(struct s3 *s3, const struct s3_config *c, struct err *err)
{
    const char *public_scheme = NULL, *public_host = NULL;

    s3->config = (struct s3_config){.region = keep(s3, c->region),
                                    .bucket = keep(s3, c->bucket),
                                    .prefix = keep(s3, c->prefix),
                                    .host_style = c->host_style,
                                    .sse = keep(s3, c->sse),
                                    .sse_key = keep(s3, c->sse_key),
                                    .cache_bytes = c->cache_bytes,
                                    .patience_ms = c->patience_ms};
    enum err_code rc = read_endpoint(s3, c->endpoint, &s3->scheme, &s3->host, err);
    if (rc == ERR_OK)
        rc = read_endpoint(s3, c->public_endpoint != NULL ? c->public_endpoint : c->endpoint,
                           &public_scheme, &public_host, err);
    if (rc != ERR_OK)
        return rc;
    s3->public_base = arena_printf(s3->texts, "%s://%s", public_scheme, public_host);
    s3->path_base = c->host_style ? "/" : arena_printf(s3->texts, "/%s/", c->bucket);
    bool whole = s3->public_base != NULL && s3->path_base != NULL && s3->config.region != NULL &&
                 s3->config.bucket != NULL && s3->config.prefix != NULL &&
                 (c->sse == NULL) == (s3->config.sse == NULL) &&
                 (c->sse_key == NULL) == (s3->config.sse_key == NULL);
    return whole ? ERR_OK : err_set(err, ERR_LIMIT, "the settings of the store are too long");
}

enum err_code
s3_open(const struct s3_config *config, struct s3 **ret, struct err *err)
{
    struct s3 *s3 = calloc(1, sizeof(*s3));
    enum err_code rc = ERR_OK;

    if (s3 == NULL || (s3->texts = arena_new(TEXTS_BYTES)) == NULL)
        rc = err_set(err, ERR_MEMORY, "no memory to open the store");
    if (rc == ERR_OK)
        rc = check_bucket(config->bucket, err);
    if (rc == ERR_OK)
        rc = check_prefix(config->prefix, err);
    if (rc == ERR_OK)
        rc = check_region(config->region, err);
    if (rc == ERR_OK)
        rc = check_sse(config, err);
    if (rc == ERR_OK)
        rc = keep_config(s3, config, err);
    if (rc == ERR_OK)
        rc = s3_http_open(config->ca_file, false, &s3->http, err);
    if (rc == ERR_OK)
        rc = s3_keyring_open(config->credentials, &s3->keyring, err);
    if (rc == ERR_OK)
        *ret = s3;
    else
        s3_close(&s3);
    return rc;
}

void
s3_close(struct s3 **s3)
{
    if (*s3 == NULL)
        return;
    s3_keyring_close(&(*s3)->keyring);
    s3_http_close(&(*s3)->http);
    arena_drop(&(*s3)->texts);
    free(*s3);
    *s3 = NULL;
}

void
s3_hurry(struct s3 *s3)
{
    atomic_store(&s3->hurry, true);
}

int64_t
s3_clock_skew_ms(const struct s3 *s3)
{
    return atomic_load(&s3->skew_ms);
}

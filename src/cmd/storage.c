/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cmd/storage.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { STYLE_AUTO, STYLE_PATH, STYLE_HOST };

/* A text that stays in ret; NULL if there is no room. */
static const char *PRINTF_LIKE(3, 4) keep(struct storage *ret, size_t *used, const char *fmt, ...)
{
    char *at = ret->texts + *used;
    size_t room = sizeof(ret->texts) - *used;
    va_list args;

    va_start(args, fmt);
    int n = vsnprintf(at, room, fmt, args);
    va_end(args);
    if (n < 0 || (size_t)n >= room)
        return NULL;
    *used += (size_t)n + 1;
    return at;
}

/* "aws:kms:KEY", where the key id may have colons of its own. */
static enum err_code
read_sse(const char *text, struct storage *ret, size_t *used, struct err *err)
{
    static const char kms[] = "aws:kms";
    size_t n = sizeof(kms) - 1;

    if (text[0] == '\0')
        return ERR_OK;
    if (strcmp(text, "AES256") == 0) {
        ret->s3.sse = "AES256";
        return ERR_OK;
    }
    if (strncmp(text, kms, n) != 0 || (text[n] != '\0' && (text[n] != ':' || text[n + 1] == '\0')))
        return err_set(err, ERR_INPUT, "--s3-sse: '%.60s' is neither AES256 nor aws:kms[:KEY]",
                       text);
    ret->s3.sse = kms;
    if (text[n] == ':')
        ret->s3.sse_key = keep(ret, used, "%s", text + n + 1);
    return text[n] == '\0' || ret->s3.sse_key != NULL
               ? ERR_OK
               : err_set(err, ERR_INPUT, "--s3-sse: the key id is too long");
}

static enum err_code
read_place(const char *place, struct storage *ret, size_t *used, struct err *err)
{
    size_t bucket = strcspn(place, "/");
    const char *prefix = place + bucket + (place[bucket] == '/');
    size_t len = strlen(prefix);

    if (strpbrk(place, "?#@") != NULL)
        return err_set(err, ERR_INPUT,
                       "--store: s3://BUCKET/PREFIX is expected; all else has an "
                       "option of its own");
    ret->s3.bucket = keep(ret, used, "%.*s", (int)bucket, place);
    ret->s3.prefix = keep(ret, used, "%s%s", prefix, len > 0 && prefix[len - 1] != '/' ? "/" : "");
    if (ret->s3.bucket == NULL || ret->s3.prefix == NULL)
        return err_set(err, ERR_INPUT, "--store: the URL is too long");
    return ERR_OK;
}

static const char *
text_or_null(const struct options *options, enum option_id id)
{
    return options->text[id][0] != '\0' ? options->text[id] : NULL;
}

static enum err_code
read_s3(const struct options *options, const char *place, struct storage *ret, struct err *err)
{
    size_t used = 0;
    const char *endpoint = text_or_null(options, OPTION_S3_ENDPOINT);
    const char *region = options->text[OPTION_S3_REGION];
    int64_t style = options->number[OPTION_S3_STYLE];
    enum err_code rc = read_place(place, ret, &used, err);

    if (rc != ERR_OK)
        return rc;
    /* A bucket's name with a point fits no certificate of *.s3.amazonaws.com. */
    ret->s3.host_style = style == STYLE_HOST || (style == STYLE_AUTO && endpoint == NULL &&
                                                 strchr(ret->s3.bucket, '.') == NULL);
    ret->s3.endpoint =
        endpoint != NULL ? endpoint : keep(ret, &used, "https://s3.%s.amazonaws.com", region);
    if (ret->s3.endpoint == NULL)
        return err_set(err, ERR_INPUT, "--s3-region: '%.60s...' is too long", region);
    ret->s3.public_endpoint = text_or_null(options, OPTION_S3_PUBLIC);
    ret->s3.region = region;
    ret->s3.ca_file = text_or_null(options, OPTION_S3_CA);
    ret->s3.credentials = options->text[OPTION_S3_CREDENTIALS];
    ret->s3.cache_bytes = (uint64_t)options->number[OPTION_STORE_CACHE];
    ret->config.s3 = &ret->s3;
    return read_sse(options->text[OPTION_S3_SSE], ret, &used, err);
}

enum err_code
storage_init_at(const struct options *options, const char *url, const char *dir,
                struct storage *ret, struct err *err)
{
    *ret = (struct storage){.config = {.dir = dir}};
    if (url[0] == '\0')
        return ERR_OK;
    if (strncmp(url, "s3://", 5) == 0)
        return read_s3(options, url + 5, ret, err);
    if (strncmp(url, "file://", 7) != 0 || url[7] == '\0')
        return err_set(err, ERR_INPUT,
                       "--store: '%.60s' is neither s3://BUCKET/PREFIX nor file://DIR", url);
    ret->config.dir = url + 7;
    return ERR_OK;
}

enum err_code
storage_init(const struct options *options, const char *dir, struct storage *ret, struct err *err)
{
    return storage_init_at(options, options->text[OPTION_STORE], dir, ret, err);
}

void
storage_describe(const struct storage *storage, struct buf *out)
{
    const struct s3_config *s3 = storage->config.s3;

    if (s3 == NULL)
        buf_printf(out, "folder %s", storage->config.dir);
    else
        buf_printf(out, "s3://%s/%s at %s", s3->bucket, s3->prefix, s3->endpoint);
}

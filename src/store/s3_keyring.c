/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "store/s3_keyring.h"

#include "base/clock.h"
#include "base/fdio.h"
#include "base/hash.h"
#include "base/json.h"
#include "store/s3_http.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FILE_BYTES_MAX = 65536, URL_SIZE = 512 };

static const int64_t renew_pause_ms = 2000;
static const int64_t early_ms = 300000; /* new ones are there so long before the old ones end */
static const char imds_default[] = "http://169.254.169.254";
static const char imds_path[] = "/latest/meta-data/iam/security-credentials/";

struct s3_keyring {
    pthread_mutex_t lock;
    char *source;
    bool is_known;
    struct s3_credentials now;
    struct timespec changed; /* of the file */
    int64_t read_ms;         /* monotonic */
    struct s3_http *http;    /* of "imds" */
    char imds[URL_SIZE];
};

/* False if it does not fit. */
static bool
set_text(char *out, size_t cap, const char *value)
{
    return value != NULL && (size_t)snprintf(out, cap, "%s", value) < cap;
}

static enum err_code
check(const struct s3_credentials *c, const char *origin, struct err *err)
{
    if (c->access_id[0] != '\0' && c->secret[0] != '\0')
        return ERR_OK;
    return err_set(err, ERR_UNAVAILABLE, "credentials of the store: %.120s has no key id or secret",
                   origin);
}

/* --- environment --- */

static enum err_code
read_environment(struct s3_credentials *ret, struct err *err)
{
    static const char *const names[] = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
                                        "AWS_SESSION_TOKEN"};
    char *const places[] = {ret->access_id, ret->secret, ret->token};
    const size_t sizes[] = {sizeof(ret->access_id), sizeof(ret->secret), sizeof(ret->token)};

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && !set_text(places[i], sizes[i], value))
            return err_set(err, ERR_UNAVAILABLE, "%s is too long", names[i]);
    }
    return check(ret, "the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY)", err);
}

/* --- a file --- */

static char *
trim(char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    for (char *end = text + strlen(text); end > text && isspace((unsigned char)end[-1]);)
        *--end = '\0';
    return text;
}

static bool
take_setting(char *line, struct s3_credentials *ret)
{
    char *equals = strchr(line, '=');

    if (equals == NULL)
        return true;
    *equals = '\0';
    const char *name = trim(line), *value = trim(equals + 1);
    if (strcmp(name, "aws_access_key_id") == 0)
        return set_text(ret->access_id, sizeof(ret->access_id), value);
    if (strcmp(name, "aws_secret_access_key") == 0)
        return set_text(ret->secret, sizeof(ret->secret), value);
    if (strcmp(name, "aws_session_token") == 0)
        return set_text(ret->token, sizeof(ret->token), value);
    return true;
}

static enum err_code
read_file(struct s3_keyring *k, struct s3_credentials *ret, struct err *err)
{
    struct arena *arena = arena_new(4 * (size_t)FILE_BYTES_MAX);
    struct span bytes = {0};
    struct err why;
    bool mine = true, fits = true;
    enum err_code rc =
        arena == NULL ? err_set(err, ERR_MEMORY, "no memory for credentials") : ERR_OK;

    if (rc == ERR_OK &&
        fd_load_file(arena, AT_FDCWD, k->source, FILE_BYTES_MAX, &bytes, &why) != ERR_OK)
        rc = err_set(err, ERR_UNAVAILABLE, "credentials of the store: %.180s", why.msg);
    char *text = rc == ERR_OK ? arena_strndup(arena, (const char *)bytes.data, bytes.len) : NULL;
    for (char *rest = text; rest != NULL;) {
        char *line = trim(strsep(&rest, "\n"));
        if (*line == '[')
            mine = strncmp(line, "[default]", 9) == 0;
        else if (mine && *line != '#' && *line != ';')
            fits = take_setting(line, ret) && fits;
    }
    if (rc == ERR_OK && !fits)
        rc = err_set(err, ERR_UNAVAILABLE, "%.160s: a value is too long", k->source);
    if (rc == ERR_OK)
        rc = check(ret, k->source, err);
    if (text != NULL)
        hash_wipe(text, bytes.len);
    if (bytes.len > 0) /* the arena's own copy of what was read */
        hash_wipe((uint8_t *)(uintptr_t)bytes.data, bytes.len);
    arena_drop(&arena);
    return rc;
}

static bool
file_has_changed(struct s3_keyring *k)
{
    struct stat st;

    if (stat(k->source, &st) != 0)
        return false; /* the ones that are known stay good */
    bool changed =
        st.st_mtim.tv_sec != k->changed.tv_sec || st.st_mtim.tv_nsec != k->changed.tv_nsec;
    k->changed = st.st_mtim;
    return changed;
}

/* --- the metadata service --- */

static enum err_code
ask(struct s3_keyring *k, const char *method, const char *path, const struct s3_header *header,
    struct s3_answer *answer, struct err *err)
{
    char url[URL_SIZE + 256];
    struct s3_exchange x = {.method = method,
                            .url = url,
                            .headers = header,
                            .header_count = 1,
                            .body_fd = -1,
                            .connect_ms = 2000,
                            .silent_s = 5};
    struct err why;

    (void)snprintf(url, sizeof(url), "%s%s", k->imds, path);
    s3_answer_init(answer);
    if (s3_http_perform(k->http, &x, answer, &why) != ERR_OK)
        return err_set(err, ERR_UNAVAILABLE, "the instance's metadata service: %.160s", why.msg);
    if (answer->status != 200 || answer->text.len == 0 ||
        memchr(answer->text.data, '\0', answer->text.len) != NULL)
        return err_set(err, ERR_UNAVAILABLE,
                       "the instance's metadata service answers %ld to %s %.80s", answer->status,
                       method, path);
    return ERR_OK;
}

static enum err_code
read_document(struct span text, struct s3_credentials *ret, struct err *err)
{
    struct err why;
    json_t *root = NULL;

    if (json_read(text, &root, &why) != ERR_OK)
        return err_set(err, ERR_UNAVAILABLE, "the metadata service's credentials are no JSON");
    const char *ends = json_string_value(json_object_get(root, "Expiration"));
    bool good =
        set_text(ret->access_id, sizeof(ret->access_id),
                 json_string_value(json_object_get(root, "AccessKeyId"))) &&
        set_text(ret->secret, sizeof(ret->secret),
                 json_string_value(json_object_get(root, "SecretAccessKey"))) &&
        set_text(ret->token, sizeof(ret->token), json_string_value(json_object_get(root, "Token")));
    ret->expires_ms = ends != NULL ? clock_parse_rfc3339(ends) : -1;
    json_decref(root);
    if (!good || ret->expires_ms < 0)
        return err_set(err, ERR_UNAVAILABLE, "the metadata service's credentials are incomplete");
    return check(ret, "the metadata service", err);
}

static enum err_code
read_imds(struct s3_keyring *k, struct s3_credentials *ret, struct err *err)
{
    struct s3_header header = {"x-aws-ec2-metadata-token-ttl-seconds", "21600"};
    struct s3_answer token, role, document;
    char path[256];

    s3_answer_init(&role);
    s3_answer_init(&document);
    enum err_code rc = ask(k, "PUT", "/latest/api/token", &header, &token, err);
    header = (struct s3_header){"x-aws-ec2-metadata-token", buf_text(&token.text)};
    if (rc == ERR_OK && token.text.len > 1024)
        rc = err_set(err, ERR_UNAVAILABLE, "the metadata service's token is too long");
    if (rc == ERR_OK)
        rc = ask(k, "GET", imds_path, &header, &role, err);
    size_t len = rc == ERR_OK ? strcspn(buf_text(&role.text), "\r\n") : 0;
    if (rc == ERR_OK && (len == 0 || len > 128 ||
                         strspn(buf_text(&role.text),
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                "+=,.@_-") < len))
        rc = err_set(err, ERR_UNAVAILABLE, "the metadata service names no role");
    if (rc == ERR_OK) {
        (void)snprintf(path, sizeof(path), "%s%.*s", imds_path, (int)len, buf_text(&role.text));
        rc = ask(k, "GET", path, &header, &document, err);
    }
    if (rc == ERR_OK)
        rc = read_document(buf_span(&document.text), ret, err);
    hash_wipe(document.text.data, document.text.len);
    s3_answer_fini(&token);
    s3_answer_fini(&role);
    s3_answer_fini(&document);
    return rc;
}

/* --- all of them --- */

static bool
is_imds(const struct s3_keyring *k)
{
    return strcmp(k->source, "imds") == 0;
}

static bool
is_file(const struct s3_keyring *k)
{
    return !is_imds(k) && strcmp(k->source, "env") != 0;
}

static enum err_code
read_anew(struct s3_keyring *k, struct err *err)
{
    struct s3_credentials *read = calloc(1, sizeof(*read));

    if (read == NULL)
        return err_set(err, ERR_MEMORY, "no memory for credentials");
    read->expires_ms = INT64_MAX;
    enum err_code rc = is_imds(k)   ? read_imds(k, read, err)
                       : is_file(k) ? read_file(k, read, err)
                                    : read_environment(read, err);
    k->read_ms = clock_mono_ms();
    if (rc == ERR_OK) {
        k->now = *read;
        k->is_known = true;
    }
    hash_wipe(read, sizeof(*read));
    free(read);
    return rc;
}

enum err_code
s3_keyring_read(struct s3_keyring *keyring, bool renew, struct s3_credentials *ret, struct err *err)
{
    enum err_code rc = ERR_OK;

    (void)pthread_mutex_lock(&keyring->lock);
    int64_t left_ms = keyring->now.expires_ms - clock_utc_ms();
    bool changed = is_file(keyring) && file_has_changed(keyring);
    bool rested = clock_mono_ms() - keyring->read_ms >= renew_pause_ms;
    if (!keyring->is_known || changed || (rested && (renew || left_ms < early_ms)))
        rc = read_anew(keyring, err);
    /* New ones could not be had: the old ones may do for a while. */
    if (rc != ERR_OK && keyring->is_known && left_ms > 0)
        rc = ERR_OK;
    if (rc == ERR_OK)
        *ret = keyring->now;
    (void)pthread_mutex_unlock(&keyring->lock);
    return rc;
}

enum err_code
s3_keyring_open(const char *source, struct s3_keyring **ret, struct err *err)
{
    struct s3_keyring *k = calloc(1, sizeof(*k));
    const char *place = getenv("AWS_EC2_METADATA_SERVICE_ENDPOINT");
    enum err_code rc = ERR_OK;

    if (k == NULL || (k->source = strdup(source)) == NULL) {
        free(k);
        return err_set(err, ERR_MEMORY, "no memory for credentials");
    }
    (void)pthread_mutex_init(&k->lock, NULL);
    k->now.expires_ms = INT64_MAX;
    k->read_ms = -renew_pause_ms;
    if (!set_text(k->imds, sizeof(k->imds),
                  place != NULL && place[0] != '\0' ? place : imds_default))
        rc = err_set(err, ERR_INPUT, "AWS_EC2_METADATA_SERVICE_ENDPOINT is too long");
    for (size_t len = strlen(k->imds); len > 0 && k->imds[len - 1] == '/'; len--)
        k->imds[len - 1] = '\0';
    if (rc == ERR_OK && is_imds(k))
        rc = s3_http_open(NULL, true, &k->http, err);
    else if (rc == ERR_OK)
        rc = read_anew(k, err);
    if (rc != ERR_OK) {
        s3_keyring_close(&k);
        return rc;
    }
    *ret = k;
    return ERR_OK;
}

void
s3_keyring_close(struct s3_keyring **keyring)
{
    if (*keyring == NULL)
        return;
    s3_http_close(&(*keyring)->http);
    (void)pthread_mutex_destroy(&(*keyring)->lock);
    hash_wipe(&(*keyring)->now, sizeof((*keyring)->now));
    free((*keyring)->source);
    free(*keyring);
    *keyring = NULL;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli_fetch.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const curl_off_t document_max_bytes = (curl_off_t)1 << 30; /* what the API takes */

struct download {
    const struct cli_fetch *fetch;
    int fd;
    uint64_t got;
    int write_errno;
    bool too_large;
    bool cancelled;
};

static enum leapocr_status __attribute__((format(printf, 3, 4)))
fail(struct leapocr_error *error, enum leapocr_status status, const char *fmt, ...)
{
    va_list args;

    *error = (struct leapocr_error){.status = status};
    va_start(args, fmt);
    (void)vsnprintf(error->message, sizeof(error->message), fmt, args);
    va_end(args);
    return status;
}

static int
open_temporary(void)
{
    const char *dir = getenv("TMPDIR");
    char *path;

    if (asprintf(&path, "%s/leapocr-XXXXXX", dir != NULL && dir[0] != '\0' ? dir : "/tmp") < 0)
        return -1;
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        (void)unlink(path); /* left behind at worst as one more file in the temporary folder */
    free(path);
    return fd;
}

static size_t
on_bytes(char *bytes, size_t one, size_t len, void *ctx)
{
    struct download *d = ctx;
    size_t done = 0;

    (void)one; /* always 1 */
    if (d->got + len > (uint64_t)document_max_bytes) {
        d->too_large = true;
        return 0;
    }
    while (done < len) {
        ssize_t n = write(d->fd, bytes + done, len - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            d->write_errno = errno;
            return 0;
        }
        done += (size_t)n;
    }
    d->got += len;
    return len;
}

static int
on_progress(void *ctx, curl_off_t down_total, curl_off_t down, curl_off_t up_total, curl_off_t up)
{
    struct download *d = ctx;

    (void)down, (void)up_total, (void)up;
    d->fetch->on_received(d->fetch->ctx, d->got, down_total > 0 ? (uint64_t)down_total : 0);
    d->cancelled = !d->fetch->tick(d->fetch->ctx);
    return d->cancelled;
}

static void
set_options(CURL *curl, struct download *d)
{
    curl_easy_setopt(curl, CURLOPT_URL, d->fetch->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 5L);
    curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "leapocr-cli/" LEAPOCR_VERSION);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, 15000L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, 60L);
    curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE, document_max_bytes);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_bytes);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, d);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, d);
}

static enum leapocr_status
judge(const struct download *d, CURLcode code, const char *text, struct leapocr_error *error)
{
    if (d->cancelled)
        return fail(error, LEAPOCR_CANCELLED, "cancelled");
    if (d->too_large || code == CURLE_FILESIZE_EXCEEDED)
        return fail(error, LEAPOCR_FILE, "download: larger than %lld bytes",
                    (long long)document_max_bytes);
    if (d->write_errno != 0)
        return fail(error, LEAPOCR_FILE, "download: temporary file: %s", strerror(d->write_errno));
    if (code != CURLE_OK)
        return fail(error, LEAPOCR_FILE, "download: %s",
                    text[0] != '\0' ? text : curl_easy_strerror(code));
    return LEAPOCR_OK;
}

enum leapocr_status
cli_fetch(const struct cli_fetch *fetch, int *ret_fd, char ret_content_type[128],
          struct leapocr_error *error)
{
    struct download d = {.fetch = fetch, .fd = open_temporary()};
    enum leapocr_status status;
    char text[CURL_ERROR_SIZE] = "";
    const char *type = NULL;
    CURL *curl = NULL;

    if (d.fd < 0) {
        status = fail(error, LEAPOCR_FILE, "download: temporary file: %s", strerror(errno));
        goto out;
    }
    curl = curl_easy_init();
    if (curl == NULL) {
        status = fail(error, LEAPOCR_MEMORY, "no memory");
        goto out;
    }
    set_options(curl, &d);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, text);
    status = judge(&d, curl_easy_perform(curl), text, error);
    if (status == LEAPOCR_OK) {
        (void)curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
        (void)snprintf(ret_content_type, 128, "%.*s", type != NULL ? (int)strcspn(type, "; ") : 0,
                       type != NULL ? type : "");
        *ret_fd = d.fd;
        d.fd = -1;
    }
out:
    curl_easy_cleanup(curl);
    if (d.fd >= 0)
        close(d.fd);
    return status;
}

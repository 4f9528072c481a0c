/* SPDX-License-Identifier: AGPL-3.0-or-later
 * client_internal.h - what the files of the client library share; not installed. */
#pragma once

#include "leapocr.h"

#include <curl/curl.h>
#include <jansson.h>

#define CLIENT_PRINTF(f, a) __attribute__((format(printf, f, a)))
#define CLIENT_CHECK        __attribute__((warn_unused_result))

enum { CLIENT_ETAG_SIZE = 130 };

struct leapocr {
    CURL *curl;
    char *base_url; /* without a slash at the end */
    char *key_header;
    char *user_agent;
    bool (*tick)(void *ctx);
    void *ctx;
    bool reached; /* some server has answered before: a refused connection may be a restart */
    char curl_error[CURL_ERROR_SIZE];
};

/* Sets *error (which may be NULL) and returns status. */
enum leapocr_status client_fail(struct leapocr_error *error, enum leapocr_status status,
                                const char *fmt, ...) CLIENT_PRINTF(3, 4);

/* Waits, ticking. LEAPOCR_CANCELLED if a tick says so. */
CLIENT_CHECK enum leapocr_status client_sleep(struct leapocr *client, int64_t ms,
                                              struct leapocr_error *error);

int64_t client_now_ms(void);

/* --- http.c --- */

struct client_call {
    const char *method;
    const char *url;  /* absolute; or NULL: base_url and path */
    const char *path; /* "/ocr/status/x"; only such calls carry the key */
    const char *json; /* body of a POST; NULL: none */
    bool repeatable;  /* repeated after any failure that another try may mend */
    bool from_file;   /* PUT of length bytes of fd from offset */
    int fd;
    uint64_t offset;
    uint64_t length;
    void (*on_sent)(void *ctx, uint64_t sent); /* of this call's body; may be NULL */
    void *ctx;
};

struct client_answer {
    int http_status;
    char *body; /* NUL-terminated; NULL if empty */
    size_t len;
    char etag[CLIENT_ETAG_SIZE];
    int64_t retry_after_ms; /* -1: not said */
};

void client_answer_fini(struct client_answer *answer);

/* OK: an answer of 2xx. The caller calls client_answer_fini in any case. */
CLIENT_CHECK enum leapocr_status client_call(struct leapocr *client, const struct client_call *call,
                                             struct client_answer *ret_answer,
                                             struct leapocr_error *error);

/* As above for calls that answer with a JSON object, which the caller owns. ret_http_status may be
 * NULL. */
CLIENT_CHECK enum leapocr_status client_call_json(struct leapocr *client,
                                                  const struct client_call *call,
                                                  json_t **ret_object, int *ret_http_status,
                                                  struct leapocr_error *error);

/* The text of a member; NULL if there is none or it is no text. */
const char *client_text(const json_t *object, const char *name);

/* "/ocr/status/" and an id that is safe in a path; NULL with *error set otherwise. Freed by the
 * caller. */
CLIENT_CHECK char *client_path(const char *before, const char *job_id, const char *after,
                               struct leapocr_error *error);

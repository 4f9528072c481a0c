/* SPDX-License-Identifier: AGPL-3.0-or-later
 * leapocr.h - the C client of the LeapOCR API: hand a document in, wait, read the result.
 *
 *   struct leapocr *client;
 *   struct leapocr_error error;
 *   char id[LEAPOCR_ID_SIZE], *json;
 *   leapocr_new(&(struct leapocr_config){.api_key = key}, &client, &error);
 *   leapocr_submit_file(client, "invoice.pdf", &(struct leapocr_request){0}, id, &error);
 *   leapocr_wait(client, id, 0, &job, &error);
 *   leapocr_result(client, id, &json, &error);
 *
 * A client is used by one thread at a time; threads that work side by side have one each. Calls
 * that can be repeated without harm are repeated after network failures, 429 and 5xx, at most
 * LEAPOCR_TRIES times, waiting as long as Retry-After says or a growing while. Nothing is printed,
 * no signal is touched. Outputs are written on success only; every function that can fail returns
 * the status that its error holds too (error may be NULL). Strings that a function hands over are
 * freed with leapocr_free. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define LEAPOCR_API       __attribute__((visibility("default")))
#define LEAPOCR_API_CHECK __attribute__((visibility("default"), warn_unused_result))
#else
#define LEAPOCR_API
#define LEAPOCR_API_CHECK
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define LEAPOCR_DEFAULT_URL "http://127.0.0.1:8080/api/v1"

enum { LEAPOCR_ID_SIZE = 72, LEAPOCR_TRIES = 5 };

enum leapocr_status {
    LEAPOCR_OK,
    LEAPOCR_INPUT,       /* an argument makes no sense */
    LEAPOCR_FILE,        /* a local file cannot be read, or changed while it was read */
    LEAPOCR_MEMORY,      /* none left, or an answer larger than the client takes */
    LEAPOCR_UNREACHABLE, /* no connection, or it broke on every try */
    LEAPOCR_AUTH,        /* 401, 403: the API key is missing, wrong or not allowed this */
    LEAPOCR_CREDITS,     /* 402 */
    LEAPOCR_NOT_FOUND,   /* 404: no such job, or deleted */
    LEAPOCR_REFUSED,     /* another 4xx: the request is at fault */
    LEAPOCR_SERVER,      /* 5xx on every try, or an answer that is none */
    LEAPOCR_NOT_READY,   /* the result of a job that is still being read */
    LEAPOCR_TIMEOUT,     /* leapocr_wait: the time is up, the job goes on */
    LEAPOCR_CANCELLED    /* the tick function said so */
};

struct leapocr_error {
    enum leapocr_status status;
    int http_status; /* 0 if there was no answer */
    char code[32];   /* the API's, e.g. "NOT_FOUND"; "" if it gave none */
    char message[400];
};

struct leapocr;

struct leapocr_config {
    const char *base_url;   /* NULL: LEAPOCR_DEFAULT_URL */
    const char *api_key;    /* NULL: none is sent */
    const char *user_agent; /* NULL: "leapocr-c/VERSION" */
    /* Called several times a second while a call is under way; false ends it. May be NULL. */
    bool (*tick)(void *ctx);
    void *ctx;
};

LEAPOCR_API_CHECK enum leapocr_status
leapocr_new(const struct leapocr_config *config, struct leapocr **ret, struct leapocr_error *error);
/* NULL is accepted; sets *client to NULL. */
LEAPOCR_API void leapocr_drop(struct leapocr **client);

/* What is wanted of a document; NULL and false leave it to the server. */
struct leapocr_request {
    const char *format; /* "markdown", "structured", "per_page_structured" */
    const char *model;
    const char *instructions;
    const char *schema_json; /* text of a JSON object */
    const char *template_slug;
    bool bounding_boxes;
    /* Bytes that have left so far, of all; may be NULL. A part that is sent again counts back. */
    void (*on_sent)(void *ctx, uint64_t sent, uint64_t total);
    void *ctx;
};

/* Uploads a document and starts its job. fd: a regular file, read from its start by pread; memory
 * does not grow with its size. file_name: as it shall be called; content_type: NULL: by the name.
 */
LEAPOCR_API_CHECK enum leapocr_status
leapocr_submit(struct leapocr *client, int fd, const char *file_name, const char *content_type,
               const struct leapocr_request *request, char ret_job_id[LEAPOCR_ID_SIZE],
               struct leapocr_error *error);

LEAPOCR_API_CHECK enum leapocr_status leapocr_submit_file(struct leapocr *client, const char *path,
                                                          const struct leapocr_request *request,
                                                          char ret_job_id[LEAPOCR_ID_SIZE],
                                                          struct leapocr_error *error);

enum leapocr_state {
    LEAPOCR_PENDING,
    LEAPOCR_PROCESSING,
    LEAPOCR_COMPLETED,
    LEAPOCR_PARTIALLY_DONE,
    LEAPOCR_FAILED
};

struct leapocr_job {
    enum leapocr_state state;
    int64_t processed_pages;
    int64_t total_pages; /* 0 while unknown */
    char reason[256];    /* of a job that failed; "" otherwise */
};

LEAPOCR_API_CHECK enum leapocr_status leapocr_job_status(struct leapocr *client, const char *job_id,
                                                         struct leapocr_job *ret_job,
                                                         struct leapocr_error *error);

/* True for the three states that never change again. */
LEAPOCR_API bool leapocr_is_final(enum leapocr_state state);

/* How long to wait before asking for the n-th time (from 0): 50 ms, growing to 2 s. */
LEAPOCR_API int64_t leapocr_poll_delay_ms(unsigned n);

/* Asks until the job is final. timeout_ms 0: without end. A failed job is OK here: see its state.
 */
LEAPOCR_API_CHECK enum leapocr_status leapocr_wait(struct leapocr *client, const char *job_id,
                                                   int64_t timeout_ms, struct leapocr_job *ret_job,
                                                   struct leapocr_error *error);

/* The result with all its pages as JSON text, however many requests that takes. */
LEAPOCR_API_CHECK enum leapocr_status leapocr_result(struct leapocr *client, const char *job_id,
                                                     char **ret_json, struct leapocr_error *error);

/* What people want to read of a result: its pages as Markdown, or for a structured one the JSON of
 * its values (an array where there are several pages). *ret_markdown says which. */
LEAPOCR_API_CHECK enum leapocr_status leapocr_content(const char *result_json, char **ret_text,
                                                      bool *ret_markdown,
                                                      struct leapocr_error *error);

/* Removes the job and its result; LEAPOCR_NOT_FOUND where that has happened already, which is also
 * what a repeated call finds whose first answer was lost. */
LEAPOCR_API_CHECK enum leapocr_status leapocr_delete(struct leapocr *client, const char *job_id,
                                                     struct leapocr_error *error);

/* Frees what a function handed over; NULL is accepted. */
LEAPOCR_API void leapocr_free(char *text);

#ifdef __cplusplus
}
#endif

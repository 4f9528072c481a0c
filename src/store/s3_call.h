/* SPDX-License-Identifier: AGPL-3.0-or-later
 * store/s3_call.h - one call of the S3 API: addressed, signed, sent, judged, tried again. For the
 * files of the S3 back end alone. */
#pragma once

#include "store/s3.h"
#include "store/s3_http.h"
#include "store/s3_keyring.h"
#include "store/sigv4.h"

#include <stdatomic.h>

enum { S3_EXTRA_MAX = 8, S3_CALL_ARENA = 1 << 20, S3_CODE_SIZE = 64 };
enum { S3_KEY_SIZE = 1025, S3_MARKER_SIZE = 4097 }; /* longest that is read from a list */

struct s3 {
    struct s3_config config;
    struct arena *texts; /* of config */
    const char *scheme;
    const char *host;        /* with the bucket where it is part of it */
    const char *path_base;   /* "/" or "/BUCKET/" */
    const char *public_base; /* scheme and host of upload URLs */
    struct s3_keyring *keyring;
    struct s3_http *http;
    atomic_bool hurry;
    _Atomic int64_t skew_ms;
    atomic_uint walked; /* which sixteenth is next */
};

struct s3_call {
    const char *method;
    const char *id;    /* of the object; NULL: the bucket itself */
    const char *query; /* canonical; NULL: none */
    struct sigv4_field extra[S3_EXTRA_MAX];
    size_t extra_count;
    struct span body;
    int body_fd; /* -1: body */
    uint64_t body_bytes;
    const char *body_sha256; /* of body_fd */
    enum err_code (*take)(void *ctx, const struct s3_answer *answer, struct span piece,
                          struct err *err);
    void *ctx; /* of take and again */
    /* Before each try but the first: what is to be sent now. true: something came meanwhile, so
     * that patience begins anew. */
    bool (*again)(void *ctx, struct s3_call *call);
    int64_t silent_s; /* 0: as is usual */
};

/* The answer of a call that came through; init and fini are the caller's. code: S3's, "" if none.
 * OK: 2xx. ERR_NOT_FOUND: 404. ERR_CONFLICT: the service refuses this for good, for what the
 * request says (code tells). ERR_UNAVAILABLE: all else, after the last try. */
struct s3_result {
    struct s3_answer answer;
    char code[S3_CODE_SIZE];
};
void s3_result_init(struct s3_result *result);
void s3_result_fini(struct s3_result *result);
MUST_CHECK
enum err_code s3_run(struct s3 *s3, struct s3_call *call, struct s3_result *result,
                     struct err *err);

/* Between tries, longer each time; false: the store is closed soon, nothing more is to be tried. */
bool s3_pause(const struct s3 *s3, int tries);

/* The present key in the arena. */
MUST_CHECK
enum err_code s3_key(struct s3 *s3, struct arena *arena, bool renew, struct sigv4_key *ret,
                     struct err *err);

/* The path that a call is signed with and sent to; NULL if the arena is full. */
const char *s3_path(const struct s3 *s3, struct arena *arena, const char *id);

/* The headers of encryption, as configured. */
void s3_add_encryption(const struct s3 *s3, struct s3_call *call);

/* What the operator has to mend, or the service: *err becomes ERR_UNAVAILABLE, its text stays. */
enum err_code s3_wait_for_mending(struct err *err);

/* The id in a key; NULL: not a key of ours. */
const char *s3_id_of_key(const struct s3 *s3, const char *key);

/* False if it does not fit: then it is cut. */
bool s3_copy_text(char *out, size_t cap, const char *text);

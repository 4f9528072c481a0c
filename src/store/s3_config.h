/* SPDX-License-Identifier: AGPL-3.0-or-later
 * store/s3_config.h - which S3 service, and how it is spoken to. Plain data; texts are borrowed
 * until the store is closed. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct s3_config {
    const char *endpoint;        /* "https://s3.eu-central-1.amazonaws.com"; no path */
    const char *public_endpoint; /* how clients reach it, for upload URLs; NULL: as above */
    const char *region;          /* "eu-central-1" */
    const char *bucket;          /* 3 to 63 of a-z, 0-9, '-' and '.' */
    const char *prefix;          /* of all keys: "" or "ocr/production/" */
    bool host_style;             /* BUCKET.host/KEY; else host/BUCKET/KEY */
    const char *ca_file;         /* PEM; NULL: the system's */
    const char *sse;             /* "AES256", "aws:kms"; NULL: as the bucket does */
    const char *sse_key;         /* of aws:kms; NULL: the service's own */
    const char *credentials;     /* "env", "imds", or a file: store/s3_keyring.h */
    uint64_t cache_bytes;        /* of objects kept on the local disk */
    int64_t patience_ms;         /* for one call with all its tries; 0: 30 s */
};

/* SPDX-License-Identifier: AGPL-3.0-or-later
 * store/s3_keyring.h - the credentials of an S3 service, kept fresh. Thread-safe.
 *
 * Where they come from: "env" (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN), "imds"
 * (the instance's metadata service, version 2 with its session token; asked again 5 minutes before
 * they end), or a file in the form of ~/.aws/credentials, section [default], that is read again
 * when it has changed. Never from a command line, never in a message.
 * Source: "Use the Instance Metadata Service", Amazon EC2 User Guide. */
#pragma once

#include "base/attrs.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum { S3_ACCESS_SIZE = 129, S3_SECRET_SIZE = 129, S3_TOKEN_SIZE = 8193 };

struct s3_credentials {
    char access_id[S3_ACCESS_SIZE];
    char secret[S3_SECRET_SIZE];
    char token[S3_TOKEN_SIZE]; /* "": none */
    int64_t expires_ms;        /* UTC; INT64_MAX: never */
};

struct s3_keyring;
/* source as above; it is looked at here for the first time, but for "imds", which may take a
 * moment to be there. */
MUST_CHECK
enum err_code s3_keyring_open(const char *source, struct s3_keyring **ret, struct err *err);
void s3_keyring_close(struct s3_keyring **keyring);

/* The present ones. renew: the service did not take those (they are asked for anew, at most every
 * 2 seconds). ERR_UNAVAILABLE says what could not be read or reached. The caller wipes them. */
MUST_CHECK
enum err_code s3_keyring_read(struct s3_keyring *keyring, bool renew, struct s3_credentials *ret,
                              struct err *err);

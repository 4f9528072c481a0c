/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/api.h - the HTTP API: one file per resource turns HTTP into calls and errors into replies.
 * Routes live in api/routes.c alone. Never reads the inside of a document. */
#pragma once

#include "base/attrs.h"
#include "base/err.h"

#include <stdint.h>

struct node;
struct store_config;
struct api_config {
    int listen_fd; /* bound and listening; taken over */
    int wake_fd;   /* eventfd: written after new work was committed; -1: none */
    int news_fd;   /* pipe, non-blocking: ids of jobs that changed elsewhere; -1: none */
    const struct store_config *store; /* borrowed until api_close */
    const char *db_place;
    const char
        *public_url; /* "https://ocr.example.org" for upload URLs; NULL: from the Host field */
    const char *source_url;   /* AGPL section 13: where the source is */
    int64_t upload_ttl_ms;    /* life of a presigned URL */
    int64_t uploads_open_max; /* unfinished uploads a team may have */
    uint64_t file_bytes_max;
    const char *secret_file; /* 0600: the presign key, 32 to 128 characters */
    /* Texts below: NULL where there is none. */
    const char *metrics_file; /* 0600: what /metrics wants as a Bearer token */
    const char *catalog_file; /* api/catalog.h */
    const char *polar_secret_file, *r2_secret_file; /* api/billing.c */
    const char *oidc_issuer, *oidc_audience, *oidc_jwks, *oidc_team_claim, *oidc_role_claim;
    const char *trusted_proxies; /* see api/peer.h */
    const char *cors_origins;    /* "*", or origins separated by commas; NULL: no other origin */
    int64_t key_requests_per_minute; /* 0: no limit, as below */
    int64_t team_requests_per_minute;
    int64_t team_jobs_max;    /* in work at a time */
    int64_t team_bytes_max;   /* of their documents */
    int64_t retention_days;   /* where the team has not chosen; -1: kept for good */
    const char *webhook_key;  /* 0600: the key that seals secrets of webhooks, base/seal.h */
    const struct node *node;  /* said to be there, jobs/node.h (texts kept by the caller); NULL: a
                               * runner beside this api does */
    bool has_runner;          /* one works beside this api: health tells of it */
    const char *private_urls; /* see base/netpolicy.h */
    const char *url_ports;
};

struct api;
MUST_CHECK
enum err_code api_open(const struct api_config *config, struct api **ret, struct err *err);
/* Serves on this thread until api_stop: then OK; else why it cannot go on: the database has failed
 * for good, and only a new process can recover what its log holds. */
MUST_CHECK
enum err_code api_run(struct api *api, int64_t grace_ms, struct err *err);
/* From a signal handler or another thread; a second call ends the grace. NULL, which api_close
 * leaves behind, is accepted. */
void api_stop(struct api *api);
void api_close(struct api **api);

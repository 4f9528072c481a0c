/* SPDX-License-Identifier: AGPL-3.0-or-later
 * cmd/options.h - every setting that an operator may change is one row of one table.
 *
 * From a row come the flag (--listen), the environment variable (LEAPOCR_LISTEN), the line in
 * --help, the name in a file of settings (--config, LEAPOCR_CONFIG) and the table in
 * docs/options.md. Order: flag, then environment, then file, then default. Modules
 * receive plain structs and never see this. */
#pragma once

#include "base/attrs.h"
#include "base/buf.h"
#include "base/err.h"

#include <stdint.h>

enum option_type { OPTION_TEXT, OPTION_INT, OPTION_BYTES, OPTION_MS, OPTION_CHOICE, OPTION_FLAG };

/* id, flag, type, default, min, max, argument, help. OPTION_MS is given in seconds; the argument of
 * an OPTION_CHOICE names the words that it takes. An OPTION_FLAG has none on the command line, in
 * the environment 1 or 0. */
#define OPTION_TABLE(X)                                                                            \
    X(LISTEN, "listen", OPTION_TEXT, "127.0.0.1:8080", 0, 0, "ADDRESS:PORT",                       \
      "where to serve; port 0 takes a free one and prints it")                                     \
    X(DATA, "data", OPTION_TEXT, "leapocr-data", 0, 0, "DIR",                                      \
      "folder of all that is kept; serve makes it")                                                \
    X(DATABASE, "database", OPTION_TEXT, "", 0, 0, "URL",                                          \
      "where the state is: postgres://USER@HOST/NAME, for several nodes; its password comes from " \
      "the environment (PGPASSWORD, PGPASSFILE) or a file of settings; empty: in the folder")      \
    X(SECRETS, "secrets", OPTION_TEXT, "", 0, 0, "DIR",                                            \
      "keys that all nodes of one database share; empty: secrets/ in the folder of data")          \
    X(PUBLIC_URL, "public-url", OPTION_TEXT, "", 0, 0, "URL",                                      \
      "how clients reach this server, for upload URLs; empty: the Host they sent")                 \
    X(SOURCE_URL, "source-url", OPTION_TEXT, "", 0, 0, "URL",                                      \
      "where users get the source of this very program (AGPL section 13)")                         \
    X(MODELS, "models", OPTION_TEXT, "", 0, 0, "DIR",                                              \
      "folder of *.traineddata; empty: where Debian installs them")                                \
    X(LANGUAGES, "languages", OPTION_TEXT, "auto", 0, 0, "LIST",                                   \
      "languages to read: auto tells each page's among those installed, or eng+deu")               \
    X(READERS, "readers", OPTION_INT, "0", 0, 256, "N",                                            \
      "pages read at the same time; 0: one for each core it may use")                              \
    X(CREDITS, "initial-credits", OPTION_INT, "1000000", 0, INT64_C(1000000000000), "N",           \
      "credits of the team that the first start makes")                                            \
    X(UPLOAD_TTL, "upload-ttl", OPTION_MS, "3600", 1, 604800, "SECONDS",                           \
      "how long an upload URL is good for")                                                        \
    X(UPLOADS_OPEN, "uploads-open-max", OPTION_INT, "10000", 1, 1000000, "N",                      \
      "unfinished uploads that a team may have; more is answered with 429")                        \
    X(PRIVATE_URLS, "allow-private-urls", OPTION_TEXT, "", 0, 0, "CIDR,...",                       \
      "address ranges inside, as 10.0.0.0/8, that documents may be fetched from and webhooks "     \
      "delivered to, at any port and without TLS; others have to be public")                       \
    X(URL_PORTS, "url-ports", OPTION_TEXT, "80,443,8080,8443", 0, 0, "PORT,...",                   \
      "ports of public addresses that are connected to for tenants")                               \
    X(NAME_SERVER, "name-server", OPTION_TEXT, "", 0, 0, "ADDRESS:PORT",                           \
      "who is asked for the hosts in URLs; empty: the name servers of /etc/resolv.conf")           \
    X(FETCH_TIME, "fetch-time", OPTION_MS, "300", 1, 3600, "SECONDS",                              \
      "time to fetch one document from its URL")                                                   \
    X(WEBHOOK_TIME, "webhook-time", OPTION_MS, "10", 1, 60, "SECONDS",                             \
      "time for a receiver to answer one webhook")                                                 \
    X(MODEL_ENDPOINT, "model-endpoint", OPTION_TEXT, "", 0, 0, "URL",                              \
      "OpenAI-compatible server that may propose values of structured data, as in "                \
      "http://127.0.0.1:11434/v1; empty: none is asked")                                           \
    X(MODEL_NAME, "model-name", OPTION_TEXT, "", 0, 0, "NAME", "what that server calls its model") \
    X(MODEL_KEY, "model-key-file", OPTION_TEXT, "", 0, 0, "FILE",                                  \
      "its key, sent as a bearer token; empty: none is needed")                                    \
    X(MODEL_FOR, "model-for", OPTION_TEXT, "pro-*", 0, 0, "LIST",                                  \
      "models of jobs that ask it, or template:SLUG, separated by commas, * for any characters")   \
    X(MODEL_TIME, "model-time", OPTION_MS, "60", 1, 600, "SECONDS",                                \
      "time for one answer of it; it is asked twice at most")                                      \
    X(FILE_MAX, "file-max", OPTION_BYTES, "1073741824", 1024, INT64_C(1073741824), "BYTES",        \
      "largest document")                                                                          \
    X(PAGES_MAX, "pages-max", OPTION_INT, "20000", 1, 1000000, "N", "most pages of a document")    \
    X(PIXELS_MAX, "pixels-max", OPTION_INT, "40000000", 10000, INT64_C(1000000000), "N",           \
      "most pixels of one page or picture")                                                        \
    X(MEMORY_MAX, "reader-memory", OPTION_BYTES, "1073741824", 67108864, INT64_C(68719476736),     \
      "BYTES", "memory of one reading process")                                                    \
    X(PAGE_TIME, "page-time", OPTION_MS, "30", 1, 3600, "SECONDS",                                 \
      "time to read one page, on top of 60 s a batch")                                             \
    X(LEASE, "lease", OPTION_MS, "60", 3, 3600, "SECONDS",                                         \
      "a task whose runner has not been heard of for so long goes to another")                     \
    X(NODE, "node", OPTION_TEXT, "", 0, 0, "NAME",                                                 \
      "how this node is called in `admin nodes`, to keep over its restarts: a-z, A-Z, 0-9, ., _ "  \
      "and -; empty: the host's name and a random end")                                            \
    X(WEIGHT, "weight", OPTION_INT, "100", 0, 100, "N",                                            \
      "how eagerly this node takes work: below 100 it leaves a task to others for "                \
      "(100 - N) x 50 ms first")                                                                   \
    X(RUNNER_MODELS, "runner-models", OPTION_TEXT, "", 0, 0, "LIST",                               \
      "models of jobs that this node reads, separated by commas, * for any characters; empty: "    \
      "all")                                                                                       \
    X(RUNNER_TEAMS, "runner-teams", OPTION_TEXT, "", 0, 0, "LIST",                                 \
      "ids of the teams whose jobs this node reads, separated by commas; empty: all")              \
    X(GRACE, "grace", OPTION_MS, "30", 0, 3600, "SECONDS",                                         \
      "time for work in progress to end after SIGTERM; a second one ends at once")                 \
    X(STORE, "store", OPTION_TEXT, "", 0, 0, "URL",                                                \
      "where documents and results lie: s3://BUCKET/PREFIX, or file://DIR; empty: the data "       \
      "folder")                                                                                    \
    X(S3_ENDPOINT, "s3-endpoint", OPTION_TEXT, "", 0, 0, "URL",                                    \
      "S3 service, as in https://s3.example.org; empty: Amazon's in that region")                  \
    X(S3_PUBLIC, "s3-public-endpoint", OPTION_TEXT, "", 0, 0, "URL",                               \
      "how clients reach it, for upload URLs; empty: as above")                                    \
    X(S3_REGION, "s3-region", OPTION_TEXT, "us-east-1", 0, 0, "NAME", "its region")                \
    X(S3_STYLE, "s3-style", OPTION_CHOICE, "auto", 0, 0, "auto|path|host",                         \
      "where the bucket's name stands in URLs; auto: host for Amazon's, path for others")          \
    X(S3_CREDENTIALS, "s3-credentials", OPTION_TEXT, "env", 0, 0, "env|imds|FILE",                 \
      "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the instance's metadata service, or a "     \
      "file like ~/.aws/credentials")                                                              \
    X(S3_CA, "s3-ca", OPTION_TEXT, "", 0, 0, "FILE",                                               \
      "certificates (PEM) that are trusted in its place; empty: the system's")                     \
    X(S3_SSE, "s3-sse", OPTION_TEXT, "", 0, 0, "AES256|aws:kms[:KEY]",                             \
      "encryption that it is asked for; empty: as the bucket is set")                              \
    X(STORE_CACHE, "store-cache", OPTION_BYTES, "268435456", 0, INT64_C(1000000000000), "BYTES",   \
      "objects of an S3 service that each process keeps on the local disk")                        \
    X(CONFIG, "config", OPTION_TEXT, "", 0, 0, "FILE",                                             \
      "settings of this table, one `name = value` a line, # begins a comment")                     \
    X(UNLIMITED, "unlimited-credits", OPTION_CHOICE, "no", 0, 0, "no|yes",                         \
      "the team that the first start makes is never short of credits")                             \
    X(CATALOG, "catalog", OPTION_TEXT, "", 0, 0, "FILE",                                           \
      "prices of models, name of the plan, products: JSON; empty: what is built in")               \
    X(KEY_RATE, "key-requests", OPTION_INT, "0", 0, 100000000, "N",                                \
      "requests a minute of one key; 0: no limit")                                                 \
    X(TEAM_RATE, "team-requests", OPTION_INT, "0", 0, 100000000, "N",                              \
      "requests a minute of one team; 0: no limit")                                                \
    X(TEAM_JOBS, "team-jobs-max", OPTION_INT, "0", 0, 1000000000, "N",                             \
      "jobs that a team may have in work; 0: no limit")                                            \
    X(TEAM_BYTES, "team-bytes-max", OPTION_BYTES, "0", 0, INT64_C(1000000000000000), "BYTES",      \
      "bytes of documents that a team may have in work; 0: no limit")                              \
    X(PROXIES, "trusted-proxies", OPTION_TEXT, "", 0, 0, "LIST",                                   \
      "addresses of proxies whose X-Forwarded-For is believed, as in 127.0.0.1,10.0.0.0/8")        \
    X(CORS, "cors-origins", OPTION_TEXT, "*", 0, 0, "LIST",                                        \
      "origins of web pages that may ask, separated by commas; *: any; none: no other")            \
    X(RETENTION, "retention-days", OPTION_INT, "7", -1, 365, "N",                                  \
      "documents and results go so long after the end of a job, where the team has not chosen; "   \
      "-1: never")                                                                                 \
    X(AUDIT, "audit-days", OPTION_INT, "365", 0, 36500, "N",                                       \
      "how long the audit log is kept; 0: for good")                                               \
    X(OIDC_ISSUER, "oidc-issuer", OPTION_TEXT, "", 0, 0, "URL",                                    \
      "identity provider whose tokens are taken beside keys; empty: none")                         \
    X(OIDC_AUDIENCE, "oidc-audience", OPTION_TEXT, "", 0, 0, "TEXT",                               \
      "what its tokens have to be for")                                                            \
    X(OIDC_JWKS, "oidc-jwks", OPTION_TEXT, "", 0, 0, "FILE",                                       \
      "its keys (JWKS); a changed file is read again")                                             \
    X(OIDC_TEAM, "oidc-team-claim", OPTION_TEXT, "", 0, 0, "NAME",                                 \
      "claim with the id or name of the team; empty: by membership alone")                         \
    X(OIDC_ROLE, "oidc-role-claim", OPTION_TEXT, "", 0, 0, "NAME",                                 \
      "claim with the role of somebody who is no user here")                                       \
    X(POLAR_SECRET, "polar-secret-file", OPTION_TEXT, "", 0, 0, "FILE",                            \
      "secret of the billing provider that signs /webhooks/polar; empty: nobody can")              \
    X(R2_SECRET, "r2-secret-file", OPTION_TEXT, "", 0, 0, "FILE",                                  \
      "secret that signs /webhooks/r2-upload-notification; empty: nobody can")                     \
    X(ORGANIZATION, "organization", OPTION_TEXT, "", 0, 0, "ID",                                   \
      "admin: of which organization; empty: the oldest")                                           \
    X(TEAM, "team", OPTION_TEXT, "", 0, 0, "ID|NAME", "admin: of which team; empty: the oldest")   \
    X(USER, "user", OPTION_TEXT, "", 0, 0, "ID|EMAIL",                                             \
      "admin key new: whose key it is; empty: the team's")                                         \
    X(NAME, "name", OPTION_TEXT, "", 0, 0, "TEXT", "admin user new: how the user is called")       \
    X(ROLE, "role", OPTION_TEXT, "", 0, 0, "ROLE,...",                                             \
      "serve: what this node does: all, or some of api, runner, courier (empty: all); "            \
      "admin member set: owner, admin, member or viewer (empty: member)")                          \
    X(SCOPES, "scopes", OPTION_TEXT, "read,write,admin", 0, 0, "LIST",                             \
      "admin key new: what the key is good for")                                                   \
    X(EXPIRES, "expires", OPTION_TEXT, "", 0, 0, "DATE|DAYSd",                                     \
      "admin: when a key, or what is granted, ends, as in 2027-01-31 or 90d; empty: never")        \
    X(REASON, "reason", OPTION_TEXT, "", 0, 0, "TEXT", "admin credits: what the statement says")   \
    X(IDEMPOTENCY, "idempotency-key", OPTION_TEXT, "", 0, 0, "TEXT",                               \
      "admin credits: the same key again changes nothing")                                         \
    X(ISSUER, "issuer", OPTION_TEXT, "", 0, 0, "URL",                                              \
      "admin user new: identity provider of the user")                                             \
    X(SUBJECT, "subject", OPTION_TEXT, "", 0, 0, "TEXT",                                           \
      "admin user new: what the provider calls the user")                                          \
    X(FROM, "from", OPTION_TEXT, "", 0, 0, "URL",                                                  \
      "admin move: the old database, sqlite://PATH or postgres://USER@HOST/NAME; empty: that of "  \
      "the folder of data")                                                                        \
    X(FROM_STORE, "from-store", OPTION_TEXT, "", 0, 0, "URL",                                      \
      "admin move: where documents and results lie now, file://DIR or s3://BUCKET/PREFIX; empty: " \
      "in the folder of the old database")                                                         \
    X(TO_STORE, "to-store", OPTION_TEXT, "", 0, 0, "URL",                                          \
      "admin move: where they are to lie; empty: they stay where they are")                        \
    X(TO_SECRETS, "to-secrets", OPTION_TEXT, "", 0, 0, "DIR",                                      \
      "admin move: where the keys are copied to; empty: nowhere, or beside a new sqlite://PATH")   \
    X(CANCEL, "cancel", OPTION_FLAG, "0", 0, 1, "", "admin move: give up a move that was begun")   \
    X(TO, "to", OPTION_CHOICE, "markdown", 0, 0,                                                   \
      "markdown|text|html|hocr|alto|json|svg|pdf|trees",                                           \
      "convert: what to write; pdf: the document with invisible text over its pictures; trees: "   \
      "the page trees as they are stored")                                                         \
    X(MOVE_TO, "to", OPTION_TEXT, "", 0, 0, "URL",                                                 \
      "admin move: the new database, postgres://USER@HOST/NAME or sqlite://PATH, an empty one; "   \
      "only as a flag")                                                                            \
    X(OUTPUT, "output", OPTION_TEXT, "", 0, 0, "DIR",                                              \
      "convert: write NAME.md (or .txt, .html, ... by --to) there instead of to standard output")  \
    X(OVERLAY, "overlay", OPTION_TEXT, "", 0, 0, "DIR",                                            \
      "convert: write a picture of each page with its boxes there, NAME-PAGE.png")                 \
    X(FORMAT, "format", OPTION_CHOICE, "markdown", 0, 0,                                           \
      "markdown|structured|per_page_structured",                                                   \
      "convert: structured data instead of text; --schema, --template, --instructions and "        \
      "--min-confidence imply it; --to then says nothing")                                         \
    X(SCHEMA, "schema", OPTION_TEXT, "", 0, 0, "FILE",                                             \
      "convert: JSON Schema, or shorthand, of the structured data")                                \
    X(TEMPLATE, "template", OPTION_TEXT, "", 0, 0, "SLUG",                                         \
      "convert: a template that comes with the program, as in invoice-template")                   \
    X(INSTRUCTIONS, "instructions", OPTION_TEXT, "", 0, 0, "TEXT",                                 \
      "convert: what to heed in extracting structured data")                                       \
    X(MIN_CONFIDENCE, "min-confidence", OPTION_TEXT, "0", 0, 0, "SHARE",                           \
      "convert: values that are less sure than this, 0 to 1, are listed in review")                \
    X(JSON, "json", OPTION_FLAG, "0", 0, 1, "",                                                    \
      "convert: print the API's result, as structured formats always do")                          \
    X(LOG_LEVEL, "log-level", OPTION_CHOICE, "info", 0, 0, "debug|info|warn|error",                \
      "least that is worth a line on standard error")                                              \
    X(LOG_FORMAT, "log-format", OPTION_CHOICE, "text", 0, 0, "text|json", "form of those lines")

enum option_id {
#define X(id, flag, type, value, min, max, argument, help) OPTION_##id,
    OPTION_TABLE(X)
#undef X
        OPTION_COUNT
};

struct options {
    const char *text[OPTION_COUNT]; /* borrowed from argv, environment or the table */
    /* OPTION_INT, OPTION_BYTES; OPTION_MS in milliseconds; OPTION_CHOICE from 0 */
    int64_t number[OPTION_COUNT];
};

/* Defaults, the file that LEAPOCR_CONFIG names, and environment; an empty variable is as none.
 * ERR_INPUT names the variable, or file and line, and the limits. */
MUST_CHECK
enum err_code options_init(struct options *options, struct err *err);

/* Reads the file that --config names, which every command takes; then environment and flags, which
 * go before it. Flags (--name VALUE or --name=VALUE) are those in allowed (n ids). Arguments that
 * are not flags ("-" and all behind "--" among them) are moved to the front; *ret_rest is how many.
 * ERR_INPUT names the flag; --help and -h give ERR_NOT_FOUND with an empty message. */
MUST_CHECK
enum err_code options_parse(struct options *options, const enum option_id *allowed, size_t n,
                            int argc, char **argv, int *ret_rest, struct err *err);

/* "  --listen ADDRESS:PORT   where to serve ... (default ...)" for each, in lines of 100. */
void options_help(const enum option_id *ids, size_t n, struct buf *out);

/* The whole table as Markdown, for docs/options.md. */
void options_markdown(struct buf *out);

/* SPDX-License-Identifier: AGPL-3.0-or-later
 * cmd/options.h - every setting that an operator may change is one row of one table.
 *
 * From a row come the flag (--listen), the environment variable (LEAPOCR_LISTEN), the line in
 * --help and the table in docs/options.md. Order: flag, then environment, then default. Modules
 * receive plain structs and never see this. */
#pragma once

#include "base/attrs.h"
#include "base/buf.h"
#include "base/err.h"

#include <stdint.h>

enum option_type { OPTION_TEXT, OPTION_INT, OPTION_BYTES, OPTION_MS, OPTION_CHOICE };

/* id, flag, type, default, min, max, argument, help. OPTION_MS is given in seconds; the argument of
 * an OPTION_CHOICE names the words that it takes. */
#define OPTION_TABLE(X)                                                                            \
    X(LISTEN, "listen", OPTION_TEXT, "127.0.0.1:8080", 0, 0, "ADDRESS:PORT",                       \
      "where to serve; port 0 takes a free one and prints it")                                     \
    X(DATA, "data", OPTION_TEXT, "leapocr-data", 0, 0, "DIR",                                      \
      "folder of all that is kept; serve makes it")                                                \
    X(PUBLIC_URL, "public-url", OPTION_TEXT, "", 0, 0, "URL",                                      \
      "how clients reach this server, for upload URLs; empty: the Host they sent")                 \
    X(SOURCE_URL, "source-url", OPTION_TEXT, "", 0, 0, "URL",                                      \
      "where users get the source of this very program (AGPL section 13)")                         \
    X(MODELS, "models", OPTION_TEXT, "", 0, 0, "DIR",                                              \
      "folder of *.traineddata; empty: where Debian installs them")                                \
    X(LANGUAGES, "languages", OPTION_TEXT, "eng", 0, 0, "LIST",                                    \
      "languages to read, joined by '+', as in eng+deu")                                           \
    X(READERS, "readers", OPTION_INT, "0", 0, 256, "N",                                            \
      "pages read at the same time; 0: one for each core")                                         \
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
    X(GRACE, "grace", OPTION_MS, "30", 0, 3600, "SECONDS",                                         \
      "time for work in progress to end after SIGTERM; a second one ends at once")                 \
    X(TO, "to", OPTION_CHOICE, "markdown", 0, 0, "markdown|text|html|hocr|alto|json|svg|pdf",      \
      "convert: what to write; pdf: the document with invisible text over its pictures")           \
    X(OUTPUT, "output", OPTION_TEXT, "", 0, 0, "DIR",                                              \
      "convert: write NAME.md (or .txt, .html, ... by --to) there instead of to standard output")  \
    X(OVERLAY, "overlay", OPTION_TEXT, "", 0, 0, "DIR",                                            \
      "convert: write a picture of each page with its boxes there, NAME-PAGE.png")                 \
    X(LOG_LEVEL, "log-level", OPTION_CHOICE, "info", 0, 0, "debug|info|warn|error",                \
      "least that is worth a line on standard error")

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

/* Defaults and environment; an empty variable is as none. ERR_INPUT names the variable and its
 * limits. */
MUST_CHECK
enum err_code options_init(struct options *options, struct err *err);

/* Reads flags (--name VALUE or --name=VALUE) among those in allowed (n ids). Arguments that are
 * not flags ("-" and all behind "--" among them) are moved to the front; *ret_rest is how many.
 * ERR_INPUT names the flag; --help and -h give ERR_NOT_FOUND with an empty message. */
MUST_CHECK
enum err_code options_parse(struct options *options, const enum option_id *allowed, size_t n,
                            int argc, char **argv, int *ret_rest, struct err *err);

/* "  --listen ADDRESS:PORT   where to serve ... (default ...)" for each, in lines of 100. */
void options_help(const enum option_id *ids, size_t n, struct buf *out);

/* The whole table as Markdown, for docs/options.md. */
void options_markdown(struct buf *out);

/* SPDX-License-Identifier: AGPL-3.0-or-later
 * fuzz/fuzz_xml_read.c - answers of an S3 service. What is told has to keep the promises of the
 * header: paths that begin with '/' and are no deeper than allowed, texts within their limit. Links
 * store_dep. */
#include "store/xml_read.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum err_code
seen(void *ctx, const char *path, const char *text, struct err *err)
{
    size_t *calls = ctx;
    int depth = 0;

    (void)err;
    for (const char *c = path; *c != '\0'; c++)
        depth += *c == '/';
    if (path[0] != '/' || depth > XML_DEPTH_MAX || strlen(path) >= XML_PATH_SIZE ||
        strlen(text) > XML_TEXT_MAX)
        abort();
    ++*calls;
    return ERR_OK;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err;
    size_t calls = 0;
    enum err_code rc = xml_read((struct span){data, size}, seen, &calls, &err);

    if ((rc == ERR_OK && calls == 0) || (rc != ERR_OK && rc != ERR_SYNTAX))
        abort();
    return 0;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cmd/version.h"

#include "cmd/cmd.h"
#include "cmd/options.h"

#include <stdio.h>

const char *
version_source_url(const char *configured)
{
    return configured != NULL && configured[0] != '\0' ? configured
                                                       : "https://github.com/leapocr/leapocr";
}

int
cmd_version(int argc, char **argv)
{
    static const enum option_id allowed[] = {OPTION_SOURCE_URL};
    struct options options;
    struct err err = {0};
    int rest;

    if (options_init(&options, &err) != ERR_OK ||
        options_parse(&options, allowed, 1, argc - 1, argv + 1, &rest, &err) != ERR_OK) {
        if (err.msg[0] == '\0') {
            printf("usage: leapocr version\n");
            return EXIT_DONE;
        }
        cmd_fail("version", &err);
        return EXIT_USAGE;
    }
    printf("leapocr %s\nlicence: %s (no warranty)\nsource:  %s\n", LEAPOCR_VERSION, LEAPOCR_LICENCE,
           version_source_url(options.text[OPTION_SOURCE_URL]));
    return EXIT_DONE;
}

int
cmd_options(int argc, char **argv)
{
    struct buf out;

    (void)argc;
    (void)argv;
    buf_init(&out, MiB(1));
    options_markdown(&out);
    fputs(buf_text(&out), stdout);
    buf_fini(&out);
    return EXIT_DONE;
}

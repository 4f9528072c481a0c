/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cmd/version.h"

#include "cmd/cmd.h"
#include "cmd/usage.h"

#include <stdio.h>

const char *
version_source_url(const char *configured)
{
    /* No address is made up: who runs the program knows where its source lies. */
    return configured != NULL && configured[0] != '\0'
               ? configured
               : "ask the operator of this server (--source-url says where)";
}

static const enum option_id version_allowed[] = {OPTION_SOURCE_URL};

static const struct usage version_usage = {
    .command = "version",
    .synopsis = "usage: leapocr version\n"
                "\nVersion, licence, and where the source of this program is.\n",
    .allowed = version_allowed,
    .allowed_count = ARRAY_LEN(version_allowed),
};

static const struct usage options_usage = {
    .command = "options",
    .synopsis = "usage: leapocr options\n"
                "\nThe table of all settings, as Markdown.\n",
};

/* For commands without arguments: true to go on. */
static bool
begin(const struct usage *usage, int argc, char **argv, struct options *options, int *ret_exit)
{
    int rest;

    if (!usage_begin(usage, argc, argv, options, &rest, ret_exit))
        return false;
    if (rest > 0)
        *ret_exit = usage_mistake(usage, "it takes options only");
    return rest == 0;
}

int
cmd_version(int argc, char **argv)
{
    struct options options;
    int status;

    if (!begin(&version_usage, argc, argv, &options, &status))
        return status;
    printf("leapocr %s\nlicence: %s (no warranty)\nsource:  %s\n", LEAPOCR_VERSION, LEAPOCR_LICENCE,
           version_source_url(options.text[OPTION_SOURCE_URL]));
    return EXIT_DONE;
}

int
cmd_options(int argc, char **argv)
{
    struct options options;
    struct buf out;
    int status;

    if (!begin(&options_usage, argc, argv, &options, &status))
        return status;
    buf_init(&out, MiB(1));
    options_markdown(&out);
    fputs(buf_text(&out), stdout);
    buf_fini(&out);
    return EXIT_DONE;
}

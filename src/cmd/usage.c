/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cmd/usage.h"

#include "cmd/cmd.h"

#include <stdio.h>
#include <string.h>

static void
show(const struct usage *usage, FILE *out)
{
    struct buf text;

    buf_init(&text, MiB(1));
    options_help(usage->allowed, usage->allowed_count, &text);
    fputs(usage->synopsis, out);
    if (text.len > 0)
        fprintf(
            out,
            "\noptions (also from the environment: --page-time is LEAPOCR_PAGE_TIME; a flag goes "
            "first):\n%s",
            buf_text(&text));
    buf_fini(&text);
}

bool
usage_begin(const struct usage *usage, int argc, char **argv, struct options *options,
            int *ret_rest, int *ret_exit)
{
    struct err err = {0};
    enum err_code rc = options_init(options, &err);

    if (rc == ERR_OK)
        rc = options_parse(options, usage->allowed, usage->allowed_count, argc - 1, argv + 1,
                           ret_rest, &err);
    if (rc == ERR_OK)
        return true;
    if (rc == ERR_NOT_FOUND) {
        show(usage, stdout);
        *ret_exit = EXIT_DONE;
    } else {
        fprintf(stderr, "leapocr %s: %s; see leapocr %s --help\n", usage->command, err.msg,
                usage->command);
        *ret_exit = EXIT_USAGE;
    }
    return false;
}

int
usage_mistake(const struct usage *usage, const char *what)
{
    fprintf(stderr, "leapocr %s: %s; see leapocr %s --help\n", usage->command, what,
            usage->command);
    return EXIT_USAGE;
}

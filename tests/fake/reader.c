/* SPDX-License-Identifier: AGPL-3.0-or-later
 * reader.c - the program that the tests of the runner start as a reader: "reader --fd N [KIND]".
 *
 * KIND: real (the worker over fake_doc.c and fake_ocr.c), liar (liar.c), dead (ends at once), dumb
 * (never ready), env (real, but only if the process was started as it has to be). */
#include "liar.h"
#include "worker/worker.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The leak check of a sanitizer stops the process with ptrace, which a confined one does not allow.
 */
const char *__asan_default_options(void) __attribute__((visibility("default")));
const char *
__asan_default_options(void)
{
    return "detect_leaks=0";
}

static int
is_started_right(int control)
{
    const char *limit = getenv("OMP_THREAD_LIMIT");

    if (limit == NULL || strcmp(limit, "1") != 0 || getenv("SECRET_OF_THE_RUNNER") != NULL)
        return 0;
    for (int fd = control + 1; fd < 256; fd++)
        if (fcntl(fd, F_GETFD) != -1)
            return 0;
    return 1;
}

int
main(int argc, char **argv)
{
    struct worker_config config = {0};

    if (argc < 4 || strcmp(argv[1], "reader") != 0 || strcmp(argv[2], "--fd") != 0)
        return 64;
    int control = atoi(argv[3]);
    const char *kind = argc > 4 ? argv[4] : "real";
    if (strcmp(kind, "dead") == 0)
        return 3;
    if (strcmp(kind, "dumb") == 0)
        for (;;)
            pause();
    if (strcmp(kind, "liar") == 0)
        return liar_main(control);
    if (strcmp(kind, "env") == 0 && !is_started_right(control))
        return 4;
    return worker_reader_main(control, &config);
}

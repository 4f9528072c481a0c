/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli_output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
blame(struct cli_item *item, const char *what, int number)
{
    item->error = (struct leapocr_error){.status = LEAPOCR_FILE};
    (void)snprintf(item->error.message, sizeof(item->error.message), "%s: %s", what,
                   strerror(number));
}

bool
cli_output_prepare(const struct cli_options *options)
{
    struct stat st;
    const char *dir = options->output_dir;

    if (dir == NULL)
        return true;
    if (mkdir(dir, 0777) == 0)
        return true;
    if (errno == EEXIST && stat(dir, &st) == 0 && !S_ISDIR(st.st_mode))
        errno = ENOTDIR;
    else if (errno == EEXIST)
        return true;
    fprintf(stderr, "leapocr process: --output %s: %s\n", dir, strerror(errno));
    return false;
}

static bool
write_out(FILE *file, const struct cli_item *item)
{
    size_t len = strlen(item->result);

    errno = EIO; /* for a stream that fails without saying why */
    bool ok = fwrite(item->result, 1, len, file) == len;
    /* A JSON result is one line. */
    if (ok && len > 0 && item->result[len - 1] != '\n')
        ok = fputc('\n', file) != EOF;
    return fflush(file) == 0 && ok;
}

static bool
write_file(const char *path, const struct cli_item *item)
{
    FILE *file = fopen(path, "we");

    if (file == NULL)
        return false;
    bool ok = write_out(file, item);
    int number = errno;
    if (fclose(file) != 0 && ok)
        return false;
    errno = number;
    return ok;
}

/* Under a temporary name first, so that a result is there whole or not at all. */
static void
give_to_folder(const struct cli_options *options, struct cli_item *item)
{
    size_t size = strlen(options->output_dir) + strlen(item->output_name) + sizeof("/.json.part");
    char *path = malloc(size), *temporary = malloc(size);

    if (path == NULL || temporary == NULL) {
        blame(item, "no memory", ENOMEM);
        goto out;
    }
    (void)snprintf(path, size, "%s/%s.%s", options->output_dir, item->output_name,
                   item->markdown ? "md" : "json");
    (void)snprintf(temporary, size, "%s.part", path);
    if (!write_file(temporary, item) || rename(temporary, path) != 0) {
        blame(item, path, errno);
        (void)unlink(temporary); /* the first error is the one to report */
    }
out:
    free(path);
    free(temporary);
}

static void
give_to_stdout(struct cli_item *item, enum cli_heading heading)
{
    if (heading != CLI_NO_HEADING)
        printf("%s==> %s <==\n", heading == CLI_NEXT_HEADING ? "\n" : "", item->shown);
    if (!write_out(stdout, item))
        blame(item, "standard output", errno);
}

void
cli_output_give(const struct cli_options *options, struct cli_item *item, enum cli_heading heading)
{
    if (item->result != NULL && options->output_dir != NULL)
        give_to_folder(options, item);
    else if (item->result != NULL)
        give_to_stdout(item, heading);
    leapocr_free(item->result);
    item->result = NULL;
    item->given_out = true;
}

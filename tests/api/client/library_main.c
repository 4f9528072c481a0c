/* SPDX-License-Identifier: AGPL-3.0-or-later
 * The client library used as its header shows: library_program URL KEY FILE TIMEOUT_MS TICKS
 * prints the content, or the status and message of the first error. TICKS: cancel after so many. */
#include "leapocr.h"

#include <stdio.h>
#include <stdlib.h>

static long ticks_left;

static bool
tick(void *ctx)
{
    (void)ctx;
    return ticks_left-- > 0;
}

static enum leapocr_status
run(struct leapocr *client, char **argv, struct leapocr_error *error)
{
    char id[LEAPOCR_ID_SIZE], *json = NULL, *text = NULL;
    struct leapocr_job job;
    bool markdown;
    enum leapocr_status status =
        leapocr_submit_file(client, argv[3], &(struct leapocr_request){0}, id, error);

    if (status == LEAPOCR_OK)
        status = leapocr_wait(client, id, atol(argv[4]), &job, error);
    if (status == LEAPOCR_OK && job.state == LEAPOCR_FAILED)
        printf("failed: %s\n", job.reason);
    if (status == LEAPOCR_OK)
        status = leapocr_result(client, id, &json, error);
    if (status == LEAPOCR_OK)
        status = leapocr_content(json, &text, &markdown, error);
    if (status == LEAPOCR_OK) {
        printf("%s%s", markdown ? "markdown\n" : "values\n", text);
        status = leapocr_delete(client, id, error);
    }
    leapocr_free(json);
    leapocr_free(text);
    return status;
}

int
main(int argc, char **argv)
{
    struct leapocr *client = NULL;
    struct leapocr_error error = {0};

    if (argc != 6)
        return 1;
    ticks_left = atol(argv[5]);
    struct leapocr_config config = {.base_url = argv[1], .api_key = argv[2], .tick = tick};
    enum leapocr_status status = leapocr_new(&config, &client, &error);
    if (status == LEAPOCR_OK)
        status = run(client, argv, &error);
    if (status != LEAPOCR_OK)
        printf("error %d %d %s: %s\n", status, error.http_status, error.code, error.message);
    leapocr_drop(&client);
    return status != error.status; /* the two say the same */
}

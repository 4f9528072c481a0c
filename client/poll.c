/* SPDX-License-Identifier: AGPL-3.0-or-later
 * Asking how far a job is, waiting for its end, deleting it. */
#include "client_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const state_names[] = {
    [LEAPOCR_PENDING] = "pending",     [LEAPOCR_PROCESSING] = "processing",
    [LEAPOCR_COMPLETED] = "completed", [LEAPOCR_PARTIALLY_DONE] = "partially_done",
    [LEAPOCR_FAILED] = "failed",
};

bool
leapocr_is_final(enum leapocr_state state)
{
    return state == LEAPOCR_COMPLETED || state == LEAPOCR_PARTIALLY_DONE || state == LEAPOCR_FAILED;
}

int64_t
leapocr_poll_delay_ms(unsigned n)
{
    int64_t delay = 50; /* a page takes a few of these; then half again as long each time */

    while (n-- > 0 && delay < 2000)
        delay += delay / 2;
    return delay < 2000 ? delay : 2000;
}

static bool
read_state(const json_t *answer, struct leapocr_job *job)
{
    const char *name = client_text(answer, "status");

    for (int state = 0; name != NULL && state <= LEAPOCR_FAILED; state++) {
        if (strcmp(name, state_names[state]) != 0)
            continue;
        job->state = (enum leapocr_state)state;
        return true;
    }
    return false;
}

static void
read_reason(const json_t *answer, struct leapocr_job *job)
{
    const char *reason = client_text(answer, "error_message");

    if (reason == NULL)
        reason = client_text(json_object_get(answer, "error"), "message");
    if (reason == NULL)
        reason = "the server gave no reason";
    (void)snprintf(job->reason, sizeof(job->reason), "%s", reason);
}

enum leapocr_status
leapocr_job_status(struct leapocr *client, const char *job_id, struct leapocr_job *ret_job,
                   struct leapocr_error *error)
{
    struct leapocr_error found = {0};
    json_t *answer = NULL;
    struct leapocr_job job = {0};
    char *path = client_path("/ocr/status/", job_id, "", &found);

    if (path == NULL)
        goto out;
    struct client_call call = {.method = "GET", .path = path, .repeatable = true};
    if (client_call_json(client, &call, &answer, NULL, &found) != LEAPOCR_OK)
        goto out;
    if (!read_state(answer, &job)) {
        (void)client_fail(&found, LEAPOCR_SERVER, "the server told no known state of the job");
        goto out;
    }
    job.processed_pages = json_integer_value(json_object_get(answer, "processed_pages"));
    job.total_pages = json_integer_value(json_object_get(answer, "total_pages"));
    if (job.state == LEAPOCR_FAILED)
        read_reason(answer, &job);
    *ret_job = job;
out:
    json_decref(answer);
    free(path);
    if (found.status != LEAPOCR_OK && error != NULL)
        *error = found;
    return found.status;
}

enum leapocr_status
leapocr_wait(struct leapocr *client, const char *job_id, int64_t timeout_ms,
             struct leapocr_job *ret_job, struct leapocr_error *error)
{
    int64_t end = client_now_ms() + timeout_ms;

    for (unsigned n = 0;; n++) {
        struct leapocr_job job;
        int64_t delay = leapocr_poll_delay_ms(n);
        enum leapocr_status status = leapocr_job_status(client, job_id, &job, error);
        if (status != LEAPOCR_OK)
            return status;
        if (leapocr_is_final(job.state)) {
            *ret_job = job;
            return LEAPOCR_OK;
        }
        if (timeout_ms > 0) {
            int64_t left = end - client_now_ms();
            if (left <= 0)
                return client_fail(error, LEAPOCR_TIMEOUT, "not done after %lld ms",
                                   (long long)timeout_ms);
            delay = delay < left ? delay : left;
        }
        status = client_sleep(client, delay, error);
        if (status != LEAPOCR_OK)
            return status;
    }
}

enum leapocr_status
leapocr_delete(struct leapocr *client, const char *job_id, struct leapocr_error *error)
{
    struct leapocr_error found = {0};
    struct client_answer answer = {0};
    char *path = client_path("/ocr/delete/", job_id, "", &found);

    if (path != NULL) {
        struct client_call call = {.method = "DELETE", .path = path, .repeatable = true};
        found.status = client_call(client, &call, &answer, &found);
        client_answer_fini(&answer);
    }
    free(path);
    if (found.status != LEAPOCR_OK && error != NULL)
        *error = found;
    return found.status;
}

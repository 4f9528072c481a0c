/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli_output.h"
#include "cli_run.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static const int64_t rest_ms = 40; /* between two looks at everything */

bool
cli_draw_while_waiting(void *ctx)
{
    struct cli_run *run = ctx;

    pthread_mutex_lock(&run->lock);
    cli_progress_show(&run->progress, run->items, run->n, cli_now_ms());
    pthread_mutex_unlock(&run->lock);
    return !cli_interrupted();
}

static void
finish(struct cli_run *run, struct cli_item *item, const struct leapocr_error *error)
{
    pthread_mutex_lock(&run->lock);
    item->error = *error;
    item->done_ms = cli_now_ms();
    item->phase = CLI_DONE;
    pthread_mutex_unlock(&run->lock);
}

/* Fetches what the user asked to see of a job that ended well. */
static enum leapocr_status
fetch_result(struct cli_run *run, struct leapocr *client, struct cli_item *item,
             struct leapocr_error *error)
{
    char *json = NULL;
    enum leapocr_status status = leapocr_result(client, item->job_id, &json, error);

    if (status == LEAPOCR_OK && run->options.json) {
        item->result = json;
        return status;
    }
    if (status == LEAPOCR_OK)
        status = leapocr_content(json, &item->result, &item->markdown, error);
    leapocr_free(json);
    return status;
}

static void
ask_about(struct cli_run *run, struct leapocr *client, struct cli_item *item)
{
    struct leapocr_job job;
    struct leapocr_error error = {0};
    int64_t timeout_ms = run->options.timeout_ms;

    if (leapocr_job_status(client, item->job_id, &job, &error) != LEAPOCR_OK) {
        if (!cli_interrupted()) /* else it goes on on the server, and that is told */
            finish(run, item, &error);
        return;
    }
    pthread_mutex_lock(&run->lock);
    item->job = job;
    item->next_poll_ms = cli_now_ms() + leapocr_poll_delay_ms(item->polls++);
    pthread_mutex_unlock(&run->lock);
    if (leapocr_is_final(job.state)) {
        if (job.state != LEAPOCR_FAILED)
            (void)!fetch_result(run, client, item, &error); /* error tells */
        if (error.status == LEAPOCR_OK || !cli_interrupted())
            finish(run, item, &error);
    } else if (timeout_ms > 0 && cli_now_ms() - item->submitted_ms >= timeout_ms) {
        error.status = LEAPOCR_TIMEOUT;
        (void)snprintf(error.message, sizeof(error.message),
                       "not done after %.1f s, it goes on on the server",
                       (double)timeout_ms / 1000);
        finish(run, item, &error);
    }
}

/* Asks no later than the item's time is up. */
static bool
is_due(const struct cli_run *run, const struct cli_item *item)
{
    int64_t now = cli_now_ms(), timeout_ms = run->options.timeout_ms;

    return item->phase == CLI_READING &&
           (now >= item->next_poll_ms ||
            (timeout_ms > 0 && now - item->submitted_ms >= timeout_ms));
}

static void
delete_job(const struct cli_run *run, struct leapocr *client, struct cli_item *item)
{
    struct leapocr_error error;

    if (!run->options.delete_jobs || item->job_id[0] == '\0' || item->error.status != LEAPOCR_OK)
        return;
    enum leapocr_status status = leapocr_delete(client, item->job_id, &error);
    if (status != LEAPOCR_OK && status != LEAPOCR_NOT_FOUND)
        item->error = error;
}

/* Results go to standard output in the order of the arguments, into a folder as they come. */
static bool
may_give_out(const struct cli_run *run, size_t i)
{
    if (run->items[i].phase != CLI_DONE || run->items[i].given_out)
        return false;
    return run->options.output_dir != NULL || i == 0 || run->items[i - 1].given_out;
}

static void
give_out(struct cli_run *run, struct leapocr *client, struct cli_item *item)
{
    enum cli_heading heading = CLI_NO_HEADING;

    cli_progress_clear(&run->progress);
    if (run->n > 1 && !run->options.json && run->options.output_dir == NULL && item->result != NULL)
        heading = run->given++ == 0 ? CLI_FIRST_HEADING : CLI_NEXT_HEADING;
    cli_output_give(&run->options, item, heading);
    delete_job(run, client, item);
    cli_progress_done(&run->progress, item);
}

/* An item that no thread will take any more ends with the reason for that. */
static void
end_untaken(struct cli_run *run)
{
    pthread_mutex_lock(&run->lock);
    while (run->no_more && run->next < run->n) {
        struct cli_item *item = &run->items[run->next++];
        item->error = run->why_no_more;
        item->started_ms = item->done_ms = cli_now_ms();
        item->phase = CLI_DONE;
    }
    pthread_mutex_unlock(&run->lock);
}

static enum cli_phase
phase_of(struct cli_run *run, const struct cli_item *item)
{
    pthread_mutex_lock(&run->lock);
    enum cli_phase phase = item->phase;
    pthread_mutex_unlock(&run->lock);
    return phase;
}

static bool
serve_item(struct cli_run *run, struct leapocr *client, size_t i)
{
    struct cli_item *item = &run->items[i];

    /* Items that are being sent belong to their threads. */
    enum cli_phase phase = phase_of(run, item);
    if (phase != CLI_READING && phase != CLI_DONE)
        return true;
    if (is_due(run, item))
        ask_about(run, client, item);
    if (may_give_out(run, i))
        give_out(run, client, item);
    return !item->given_out;
}

void
cli_wait_for_all(struct cli_run *run, struct leapocr *client)
{
    bool unfinished = true;

    while (unfinished && !cli_interrupted()) {
        unfinished = false;
        end_untaken(run);
        for (size_t i = 0; i < run->n && !cli_interrupted(); i++)
            unfinished = serve_item(run, client, i) || unfinished;
        if (unfinished && cli_draw_while_waiting(run)) {
            struct timespec pause = {.tv_nsec = (long)rest_ms * 1000000};
            (void)nanosleep(&pause, NULL); /* a signal ends it early */
        }
    }
}

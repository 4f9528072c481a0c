/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli_fetch.h"
#include "cli_run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What one item's callbacks need. */
struct sending {
    struct cli_run *run;
    struct cli_item *item;
};

static bool
not_interrupted(void *ctx)
{
    (void)ctx;
    return !cli_interrupted();
}

static void
on_bytes(void *ctx, uint64_t done, uint64_t total)
{
    struct sending *s = ctx;

    pthread_mutex_lock(&s->run->lock);
    s->item->bytes_done = done;
    s->item->bytes_total = total;
    pthread_mutex_unlock(&s->run->lock);
}

static void
enter(struct sending *s, enum cli_phase phase, uint64_t bytes_total)
{
    pthread_mutex_lock(&s->run->lock);
    s->item->phase = phase;
    s->item->bytes_done = 0;
    s->item->bytes_total = bytes_total;
    if (s->item->started_ms == 0)
        s->item->started_ms = cli_now_ms();
    pthread_mutex_unlock(&s->run->lock);
}

static enum leapocr_status
open_file(const char *path, int *ret_fd, struct leapocr_error *error)
{
    /* O_NONBLOCK: a FIFO is refused later as no regular file instead of waited for. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0) {
        *error = (struct leapocr_error){.status = LEAPOCR_FILE};
        (void)snprintf(error->message, sizeof(error->message), "%s", strerror(errno));
        return LEAPOCR_FILE;
    }
    *ret_fd = fd;
    return LEAPOCR_OK;
}

static enum leapocr_status
open_document(struct sending *s, int *ret_fd, char content_type[128], struct leapocr_error *error)
{
    struct cli_fetch fetch = {
        .url = s->item->input, .tick = not_interrupted, .on_received = on_bytes, .ctx = s};

    if (!s->item->is_url)
        return open_file(s->item->input, ret_fd, error);
    enter(s, CLI_FETCHING, 0);
    return cli_fetch(&fetch, ret_fd, content_type, error);
}

static enum leapocr_status
send_document(struct leapocr *client, struct sending *s, char job_id[LEAPOCR_ID_SIZE],
              struct leapocr_error *error)
{
    const struct cli_options *o = &s->run->options;
    struct leapocr_request request = {.format = o->format,
                                      .model = o->model,
                                      .instructions = o->instructions,
                                      .schema_json = o->schema_json,
                                      .template_slug = o->template_slug,
                                      .bounding_boxes = o->boxes,
                                      .on_sent = on_bytes,
                                      .ctx = s};
    char type[128] = "";
    struct stat st;
    int fd;
    enum leapocr_status status = open_document(s, &fd, type, error);

    if (status != LEAPOCR_OK)
        return status;
    enter(s, CLI_SENDING, fstat(fd, &st) == 0 ? (uint64_t)st.st_size : 0);
    status = leapocr_submit(client, fd, s->item->name, type[0] != '\0' ? type : NULL, &request,
                            job_id, error);
    close(fd);
    return status;
}

/* What stops all further documents as well. */
static bool
concerns_all(enum leapocr_status status)
{
    return status == LEAPOCR_UNREACHABLE || status == LEAPOCR_AUTH || status == LEAPOCR_CREDITS;
}

static void
note_sent(struct cli_run *run, struct cli_item *item, const char *job_id,
          const struct leapocr_error *error)
{
    pthread_mutex_lock(&run->lock);
    if (error->status == LEAPOCR_OK) {
        memcpy(item->job_id, job_id, sizeof(item->job_id));
        item->submitted_ms = item->next_poll_ms = cli_now_ms();
        item->phase = CLI_READING;
    } else {
        item->error = *error;
        item->done_ms = cli_now_ms();
        item->started_ms = item->started_ms != 0 ? item->started_ms : item->done_ms;
        item->phase = CLI_DONE;
    }
    if (concerns_all(error->status) && !run->no_more) {
        run->no_more = true;
        run->why_no_more = *error;
    }
    pthread_mutex_unlock(&run->lock);
}

static struct cli_item *
take_item(struct cli_run *run)
{
    struct cli_item *item = NULL;

    pthread_mutex_lock(&run->lock);
    if (run->next < run->n && !run->no_more && !cli_interrupted())
        item = &run->items[run->next++];
    pthread_mutex_unlock(&run->lock);
    return item;
}

void *
cli_send_thread(void *ctx)
{
    struct cli_run *run = ctx;
    struct leapocr *client = NULL;
    struct leapocr_error start = {0};
    struct cli_item *item;

    (void)!cli_connect(run, not_interrupted, NULL, &client, &start); /* start tells */
    while ((item = take_item(run)) != NULL) {
        struct sending sending = {run, item};
        struct leapocr_error error = start;
        char job_id[LEAPOCR_ID_SIZE] = "";
        if (client != NULL)
            (void)!send_document(client, &sending, job_id, &error); /* error tells */
        note_sent(run, item, job_id, &error);
    }
    leapocr_drop(&client);
    return NULL;
}

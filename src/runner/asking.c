/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "runner/asking.h"

#include "base/clock.h"
#include "base/fdio.h"
#include "base/utf8.h"
#include "runner/errand.h"
#include "wire/channel.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Beyond a question's own time: the courier is gone. */
static const int64_t courier_ms = 15000;

struct ask {
    enum { ASK_FREE, ASK_WAITS, ASK_SENT, ASK_OVER } state;
    bool forgotten; /* nobody waits for its end */
    int attempts;
    uint64_t errand;
    int64_t deadline_ms;
    int fd; /* body, and the answer behind it */
    struct buf body, answer;
    struct err why; /* code ERR_OK: answer has it */
};

struct asking {
    const struct model *model;
    int slot_wake_fd, outward_wake_fd;
    pthread_mutex_t lock; /* of all below */
    struct ask asks[ASKS_MAX];
};

enum err_code
asking_open(const struct model *model, int slot_wake_fd, struct asking **ret, struct err *err)
{
    struct asking *asking = calloc(1, sizeof(*asking));

    if (asking == NULL)
        return err_set(err, ERR_MEMORY, "no memory for questions");
    asking->model = model;
    asking->slot_wake_fd = slot_wake_fd;
    asking->outward_wake_fd = -1;
    for (size_t i = 0; i < ASKS_MAX; i++)
        asking->asks[i].fd = -1;
    if (pthread_mutex_init(&asking->lock, NULL) != 0) {
        free(asking);
        return err_set(err, ERR_SYSTEM, "no lock for questions");
    }
    *ret = asking;
    return ERR_OK;
}

static void
clear(struct ask *ask)
{
    fd_close(&ask->fd);
    buf_fini(&ask->body);
    buf_fini(&ask->answer);
    *ask = (struct ask){.fd = -1};
}

void
asking_close(struct asking **asking)
{
    if (*asking == NULL)
        return;
    for (size_t i = 0; i < ASKS_MAX; i++)
        clear(&(*asking)->asks[i]);
    (void)pthread_mutex_destroy(&(*asking)->lock);
    free(*asking);
    *asking = NULL;
}

static void
wake(int fd)
{
    const uint64_t one = 1;

    if (fd >= 0)
        (void)!write(fd, &one, sizeof(one));
}

/* --- the slots' thread --- */

uint32_t
asking_put(struct asking *asking, struct span body)
{
    uint32_t number = 0;

    (void)pthread_mutex_lock(&asking->lock);
    for (uint32_t i = 0; number == 0 && i < ASKS_MAX; i++) {
        struct ask *ask = &asking->asks[i];
        if (ask->state != ASK_FREE)
            continue;
        buf_init(&ask->body, body.len + 1);
        buf_init(&ask->answer, MODEL_ANSWER_MAX + 1);
        buf_append(&ask->body, body.data, body.len);
        ask->state = ASK_WAITS;
        number = i + 1;
    }
    (void)pthread_mutex_unlock(&asking->lock);
    wake(asking->outward_wake_fd);
    return number;
}

bool
asking_get(struct asking *asking, uint32_t number, struct buf *ret_answer, struct err *ret_why)
{
    struct ask *ask = &asking->asks[number - 1];

    (void)pthread_mutex_lock(&asking->lock);
    bool over = ask->state == ASK_OVER;
    if (over) {
        *ret_why = ask->why;
        buf_append(ret_answer, ask->answer.data, ask->answer.len);
        clear(ask);
    }
    (void)pthread_mutex_unlock(&asking->lock);
    return over;
}

void
asking_forget(struct asking *asking, uint32_t number)
{
    struct ask *ask = &asking->asks[number - 1];

    (void)pthread_mutex_lock(&asking->lock);
    if (ask->state == ASK_SENT)
        ask->forgotten = true;
    else
        clear(ask);
    (void)pthread_mutex_unlock(&asking->lock);
    wake(asking->outward_wake_fd);
}

/* --- outward's thread --- */

void
asking_attach(struct asking *asking, int outward_wake_fd)
{
    if (asking != NULL)
        asking->outward_wake_fd = outward_wake_fd;
}

/* The end of an attempt: another one, or the end of the question. */
static void
end_attempt(struct asking *asking, struct ask *ask, const struct err *why)
{
    bool again =
        why->code == ERR_FETCH || why->code == ERR_DEADLINE || why->code == ERR_UNAVAILABLE;

    fd_close(&ask->fd);
    if (ask->forgotten) {
        clear(ask);
    } else if (again && ask->attempts < ASK_ATTEMPTS_MAX) {
        ask->state = ASK_WAITS;
    } else {
        ask->why = *why;
        ask->state = ASK_OVER;
        wake(asking->slot_wake_fd);
    }
}

static enum err_code
send_ask(const struct asking *asking, struct ask *ask, const struct asking_way *way,
         struct err *err)
{
    struct wire_errand message = {.runner = way->runner,
                                  .id = (*way->next_id)++,
                                  .kind = ERRAND_MODEL,
                                  .time_ms = asking->model->config.time_ms,
                                  .bytes_max = MODEL_ANSWER_MAX};
    struct buf frame;

    (void)memccpy(message.url, asking->model->url, '\0', sizeof(message.url));
    (void)memccpy(message.bearer, asking->model->bearer, '\0', sizeof(message.bearer));
    ask->errand = message.id;
    ask->attempts++;
    ask->deadline_ms = clock_mono_ms() + message.time_ms + courier_ms;
    ask->fd = memfd_create("question", MFD_CLOEXEC);
    if (ask->fd < 0)
        return err_set(err, ERR_UNAVAILABLE, "no memory for a question");
    enum err_code rc = fd_write_all(ask->fd, ask->body.data, ask->body.len, err);
    buf_init(&frame, CHANNEL_PACKET_MAX);
    wire_put_errand(&frame, &message);
    if (rc == ERR_OK)
        rc = channel_send(way->channel_fd, &frame, &ask->fd, 1, err);
    buf_fini(&frame);
    return rc;
}

/* The courier need not wait for what nobody waits for; its outcome is no question's any more. */
static void
cancel(struct ask *ask, const struct asking_way *way)
{
    struct buf frame;
    struct err err;

    buf_init(&frame, CHANNEL_PACKET_MAX);
    wire_put_cancel(&frame, ask->errand);
    (void)!channel_send(way->channel_fd, &frame, NULL, 0, &err); /* it ends by itself, too */
    buf_fini(&frame);
    clear(ask);
}

void
asking_step(struct asking *asking, const struct asking_way *way)
{
    struct err why;

    if (asking == NULL)
        return;
    (void)pthread_mutex_lock(&asking->lock);
    for (size_t i = 0; i < ASKS_MAX; i++) {
        struct ask *ask = &asking->asks[i];
        if (ask->state == ASK_WAITS) {
            ask->state = ASK_SENT;
            if (send_ask(asking, ask, way, &why) != ERR_OK)
                end_attempt(asking, ask, &why);
        } else if (ask->state == ASK_SENT && ask->forgotten) {
            cancel(ask, way);
        } else if (ask->state == ASK_SENT && clock_mono_ms() >= ask->deadline_ms) {
            (void)err_set(&why, ERR_UNAVAILABLE, "the courier did not answer in time");
            end_attempt(asking, ask, &why);
        }
    }
    (void)pthread_mutex_unlock(&asking->lock);
}

/* What the courier wrote behind the body: text, as the child will take it. */
static void
take_answer(struct ask *ask, uint64_t bytes, struct err *ret)
{
    if (bytes == 0 || bytes > MODEL_ANSWER_MAX) {
        (void)err_set(ret, ERR_FETCH_REFUSED, "its answer has %llu bytes, 1 to %d are taken",
                      (unsigned long long)bytes, MODEL_ANSWER_MAX);
        return;
    }
    uint8_t *into = buf_extend(&ask->answer, (size_t)bytes);
    if (into == NULL) {
        (void)err_set(ret, ERR_MEMORY, "no memory for its answer");
        return;
    }
    if (pread(ask->fd, into, (size_t)bytes, (off_t)ask->body.len) != (ssize_t)bytes)
        (void)err_set(ret, ERR_FETCH_REFUSED, "its answer was cut off");
    else if (memchr(into, 0, (size_t)bytes) != NULL || !utf8_valid(into, (size_t)bytes))
        (void)err_set(ret, ERR_FETCH_REFUSED, "its answer is no text");
    if (ret->code != ERR_OK)
        buf_clear(&ask->answer);
}

void
asking_outcome(struct asking *asking, const struct wire_outcome *outcome)
{
    if (asking == NULL)
        return;
    (void)pthread_mutex_lock(&asking->lock);
    for (size_t i = 0; i < ASKS_MAX; i++) {
        struct ask *ask = &asking->asks[i];
        struct err why = {0};
        if (ask->state != ASK_SENT || ask->errand != outcome->id)
            continue;
        errand_judge(outcome, &why);
        if (why.code == ERR_OK)
            take_answer(ask, outcome->bytes, &why);
        end_attempt(asking, ask, &why);
    }
    (void)pthread_mutex_unlock(&asking->lock);
}

void
asking_lose(struct asking *asking, const char *text)
{
    struct err why;

    if (asking == NULL)
        return;
    (void)err_set(&why, ERR_UNAVAILABLE, "%s", text);
    (void)pthread_mutex_lock(&asking->lock);
    for (size_t i = 0; i < ASKS_MAX; i++)
        if (asking->asks[i].state == ASK_SENT)
            end_attempt(asking, &asking->asks[i], &why);
    (void)pthread_mutex_unlock(&asking->lock);
}

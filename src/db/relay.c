/* SPDX-License-Identifier: AGPL-3.0-or-later
 * Source: PostgreSQL 15 documentation, 34.9 (asynchronous notification). */
#include "db/relay.h"

#include "base/fdio.h"
#include "base/thread.h"
#include "db/pg_internal.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { WORDS_AT_ONCE = 64, PAUSE_MS = 500 };

struct db_relay {
    struct db_relay_config config;
    struct db *db; /* the thread's own; NULL: not connected */
    pthread_t thread;
    int stop_fd;
};

/* Waits for one of both descriptors; false: the relay ends. fd -1 waits for the time alone. */
static bool
wait_for(const struct db_relay *relay, int fd, int ms)
{
    struct pollfd fds[2] = {{.fd = relay->stop_fd, .events = POLLIN}, {.fd = fd, .events = POLLIN}};

    (void)poll(fds, 2, ms);
    return fds[0].revents == 0;
}

/* --- hearing --- */

static void
pass_on(const struct db_relay *relay, const char *word)
{
    const uint64_t one = 1;

    if (relay->config.word_bytes == 0)
        (void)!write(relay->config.fd, &one, sizeof(one));
    else if (strlen(word) == relay->config.word_bytes)
        (void)!write(relay->config.fd, word, relay->config.word_bytes);
}

static enum err_code
listen_anew(struct db_relay *relay)
{
    char sql[96];

    snprintf(sql, sizeof(sql), "LISTEN %.60s", relay->config.channel);
    enum err_code rc = relay->db == NULL ? pg_open(relay->config.place, &relay->db, NULL)
                                         : pg_ready(pg_of(relay->db), NULL);
    if (rc == ERR_OK)
        rc = pg_run(pg_of(relay->db), sql, NULL, NULL);
    if (rc == ERR_OK)
        pass_on(relay, ""); /* whatever was said meanwhile */
    return rc;
}

static void
hear_all(struct db_relay *relay)
{
    PGconn *conn = pg_of(relay->db)->conn;
    PGnotify *note;

    while ((note = PQnotifies(conn)) != NULL) {
        pass_on(relay, note->extra);
        PQfreemem(note);
    }
}

static void
hear(struct db_relay *relay)
{
    while (wait_for(relay, -1, 0)) {
        if (listen_anew(relay) != ERR_OK) {
            if (!wait_for(relay, -1, PAUSE_MS))
                return;
            continue;
        }
        PGconn *conn = pg_of(relay->db)->conn;
        do {
            hear_all(relay);
            if (!wait_for(relay, PQsocket(conn), -1))
                return;
        } while (PQconsumeInput(conn) == 1 && PQstatus(conn) == CONNECTION_OK);
    }
}

/* --- telling --- */

static void
notify(struct db_relay *relay, const char *word)
{
    struct db_rows *rows = NULL;

    if (relay->db == NULL && pg_open(relay->config.place, &relay->db, NULL) != ERR_OK)
        return;
    enum err_code rc =
        db_first(relay->db, "SELECT pg_notify($1, $2)",
                 DB_ARGS(db_text(relay->config.channel), db_text(word)), &rows, NULL);
    (void)rc; /* lost */
    db_end(&rows);
}

static void
tell(struct db_relay *relay)
{
    const size_t size = relay->config.word_bytes;
    char bytes[WORDS_AT_ONCE * RELAY_WORD_MAX];
    char word[RELAY_WORD_MAX + 1], last[RELAY_WORD_MAX + 1];

    while (wait_for(relay, relay->config.fd, -1)) {
        ssize_t got = read(relay->config.fd, bytes, size == 0 ? 8 : WORDS_AT_ONCE * size);
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
            return; /* nobody will say anything any more */
        if (got > 0 && size == 0)
            notify(relay, "");
        last[0] = '\0';
        for (size_t at = 0; size > 0 && got > 0 && at + size <= (size_t)got; at += size) {
            snprintf(word, sizeof(word), "%.*s", (int)size, bytes + at);
            if (strcmp(word, last) != 0)
                notify(relay, word);
            memcpy(last, word, sizeof(last));
        }
    }
}

/* --- opening and closing --- */

static void *
relay_main(void *arg)
{
    struct db_relay *relay = arg;

    if (relay->config.hears)
        hear(relay);
    else
        tell(relay);
    return NULL;
}

enum err_code
db_relay_open(const struct db_relay_config *config, struct db_relay **ret, struct err *err)
{
    *ret = NULL;
    if (config->hears && pg_place_is_pooled(config->place))
        return ERR_OK;
    struct db_relay *relay = calloc(1, sizeof(*relay));
    if (relay == NULL)
        return err_set(err, ERR_MEMORY, "open relay: out of memory");
    relay->config = *config;
    relay->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    errno = relay->stop_fd < 0 ? errno : thread_start(&relay->thread, relay_main, relay);
    if (errno != 0) {
        enum err_code rc = err_sys(err, "start a thread that carries words");
        fd_close(&relay->stop_fd);
        free(relay);
        return rc;
    }
    *ret = relay;
    return ERR_OK;
}

void
db_relay_close(struct db_relay **relay)
{
    struct db_relay *r = *relay;
    const uint64_t one = 1;

    if (r == NULL)
        return;
    (void)!write(r->stop_fd, &one, sizeof(one));
    pthread_join(r->thread, NULL);
    db_close(&r->db);
    fd_close(&r->stop_fd);
    free(r);
    *relay = NULL;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later
 * db/pg_connect.c - PostgreSQL: connections, and how one that was lost is made again.
 *
 * A server that is cut off answers nothing, and who waits for it waits for seconds. So a thread
 * tries, and the handle's own calls fail at once until it has succeeded: an event loop goes on
 * telling its clients, a runner goes on minding its readers.
 * Source: PostgreSQL 15 documentation, 34.1 (connection parameters), 20.3 and 20.11 (settings). */
#include "base/clock.h"
#include "base/thread.h"
#include "db/pg_internal.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A server that has only been started again is there so soon; the first call waits for it. */
static const int64_t first_wait_ms = 100;

static const int64_t pause_first_ms = 100, pause_most_ms = 1000;

struct pg_prober {
    pthread_t thread;
    pthread_mutex_t lock; /* of the next four */
    pthread_cond_t change;
    bool given_up; /* the handle is closed */
    PGconn *found; /* for the handle to take */
    char why[160];
    int64_t waited_until_ms; /* monotonic: calls do not wait after it */
    bool pooled;
    const char *uri; /* the handle's */
};

/* What the address says goes before ours. A peer that answers nothing for 2 s is gone, for us and
 * for the server, which else would keep our locks. Kerberos is not asked whether it could encrypt.
 * Behind a pooler the limits come with each transaction, because settings of a session would be
 * somebody else's next. */
static PGconn *
connect_to(const char *uri, bool pooled)
{
    const char *keys[] = {"connect_timeout",
                          "keepalives_idle",
                          "keepalives_interval",
                          "keepalives_count",
                          "tcp_user_timeout",
                          "client_encoding",
                          "fallback_application_name",
                          "gssencmode",
                          "target_session_attrs",
                          "dbname",
                          "options",
                          NULL};
    const char *values[] = {"3",
                            "1",
                            "1",
                            "2",
                            "2000",
                            "UTF8",
                            "leapocr",
                            "disable",
                            pooled ? "any" : "read-write",
                            uri,
                            pooled ? ""
                                   : "-c plan_cache_mode=force_generic_plan -c jit=off "
                                     "-c statement_timeout=30000 -c lock_timeout=5000 "
                                     "-c idle_in_transaction_session_timeout=10000 "
                                     "-c tcp_keepalives_idle=1 -c tcp_keepalives_interval=1 "
                                     "-c tcp_keepalives_count=3 -c tcp_user_timeout=3000 "
                                     "-c client_connection_check_interval=1000",
                            NULL};

    return PQconnectdbParams(keys, values, 1);
}

static void
keep_reason(char *out, size_t size, PGconn *conn)
{
    const char *why = conn != NULL ? PQerrorMessage(conn) : "out of memory";

    snprintf(out, size, "%.*s", (int)strcspn(why, "\n"), why);
}

/* --- the thread --- */

static void
drop(struct pg_prober *prober)
{
    PQfinish(prober->found);
    (void)pthread_cond_destroy(&prober->change);
    (void)pthread_mutex_destroy(&prober->lock);
    free(prober);
}

/* True: the handle is closed. */
static bool
pause_for(struct pg_prober *prober, int64_t ms)
{
    int64_t until_ms = clock_mono_ms() + ms;

    while (!prober->given_up && thread_cond_wait(&prober->change, &prober->lock, until_ms))
        ;
    return prober->given_up;
}

static void *
probe(void *arg)
{
    struct pg_prober *prober = arg;
    int64_t pause_ms = pause_first_ms;

    (void)pthread_mutex_lock(&prober->lock);
    do {
        (void)pthread_mutex_unlock(&prober->lock);
        PGconn *conn = connect_to(prober->uri, prober->pooled);
        (void)pthread_mutex_lock(&prober->lock);
        if (conn != NULL && PQstatus(conn) == CONNECTION_OK) {
            prober->found = conn;
            (void)pthread_cond_broadcast(&prober->change);
            break;
        }
        keep_reason(prober->why, sizeof(prober->why), conn);
        PQfinish(conn);
        pause_ms = pause_ms < pause_most_ms / 2 ? 2 * pause_ms : pause_most_ms;
    } while (!pause_for(prober, pause_ms));
    (void)pthread_mutex_unlock(&prober->lock);
    return NULL;
}

static struct pg_prober *
prober_new(const struct pg_db *db)
{
    struct pg_prober *prober = calloc(1, sizeof(*prober));

    if (prober == NULL)
        return NULL;
    prober->uri = db->uri;
    prober->pooled = db->pooled;
    prober->waited_until_ms = clock_mono_ms() + first_wait_ms;
    thread_cond_init(&prober->change);
    (void)pthread_mutex_init(&prober->lock, NULL);
    if (thread_start(&prober->thread, probe, prober) != 0) {
        drop(prober);
        return NULL;
    }
    return prober;
}

void
pg_prober_drop(struct pg_prober **held)
{
    struct pg_prober *prober = *held;

    *held = NULL;
    if (prober == NULL)
        return;
    (void)pthread_mutex_lock(&prober->lock);
    prober->given_up = true;
    (void)pthread_cond_broadcast(&prober->change);
    (void)pthread_mutex_unlock(&prober->lock);
    /* An attempt may last for its three seconds; a thread inside libpq must not outlive main. */
    (void)pthread_join(prober->thread, NULL);
    drop(prober);
}

/* --- the handle --- */

void
pg_disconnect(struct pg_db *db)
{
    PQfinish(db->conn);
    db->conn = NULL;
    pg_forget_statements(db);
}

static void
ignore_notice(void *arg, const char *text)
{
    (void)arg;
    (void)text;
}

static void
adopt(struct pg_db *db, PGconn *conn)
{
    db->conn = conn;
    PQsetNoticeProcessor(conn, ignore_notice, NULL);
}

enum err_code
pg_connect(struct pg_db *db, struct err *err)
{
    char why[160];
    PGconn *conn = connect_to(db->uri, db->pooled);

    if (conn != NULL && PQstatus(conn) == CONNECTION_OK) {
        adopt(db, conn);
        return ERR_OK;
    }
    keep_reason(why, sizeof(why), conn);
    PQfinish(conn);
    return err_set(err, ERR_UNAVAILABLE, "the database cannot be reached: %s", why);
}

bool
pg_is_lost(const struct pg_db *db)
{
    return db->conn == NULL || PQstatus(db->conn) == CONNECTION_BAD;
}

/* While nobody asked, the server may have ended the connection: then no statement is risked on it.
 */
static bool
has_hung_up(struct pg_db *db)
{
    struct pollfd fd = {.fd = PQsocket(db->conn), .events = POLLIN};

    if (PQtransactionStatus(db->conn) != PQTRANS_IDLE || poll(&fd, 1, 0) <= 0)
        return false;
    return PQconsumeInput(db->conn) == 0 || PQstatus(db->conn) == CONNECTION_BAD;
}

enum err_code
pg_ready(struct pg_db *db, struct err *err)
{
    if (db->dead)
        return pg_refuse_dead(db, err);
    if (!pg_is_lost(db) && !has_hung_up(db))
        return ERR_OK;
    if (db->within)
        return err_set(err, ERR_UNAVAILABLE,
                       "the connection to the database was lost in a transaction");
    pg_disconnect(db);
    if (db->prober == NULL && (db->prober = prober_new(db)) == NULL)
        return err_set(err, ERR_UNAVAILABLE, "the database cannot be reached: no thread for it");
    struct pg_prober *prober = db->prober;
    (void)pthread_mutex_lock(&prober->lock);
    while (prober->found == NULL &&
           thread_cond_wait(&prober->change, &prober->lock, prober->waited_until_ms))
        ;
    PGconn *found = prober->found;
    prober->found = NULL;
    if (found == NULL)
        (void)err_set(err, ERR_UNAVAILABLE, "the database cannot be reached%s%s",
                      prober->why[0] != '\0' ? ": " : "", prober->why);
    (void)pthread_mutex_unlock(&prober->lock);
    if (found == NULL)
        return ERR_UNAVAILABLE;
    pg_prober_drop(&db->prober);
    adopt(db, found);
    return ERR_OK;
}

/* --- answers --- */

/* The server, or the way to it, is as good as gone: who waited is told, the connection ends. */
static bool
wait_for_answer(struct pg_db *db, int64_t until_ms)
{
    while (PQisBusy(db->conn)) {
        struct pollfd fd = {.fd = PQsocket(db->conn), .events = POLLIN};
        int64_t left = until_ms - clock_mono_ms();

        if (left <= 0 || (poll(&fd, 1, (int)left) > 0 && PQconsumeInput(db->conn) == 0))
            return false;
    }
    return true;
}

PGresult *
pg_await(struct pg_db *db, bool sent)
{
    PGresult *last = NULL, *result;
    int64_t until_ms = clock_mono_ms() + db->patience_ms;

    while (sent) {
        if (!wait_for_answer(db, until_ms)) {
            pg_disconnect(db);
            PQclear(last);
            return NULL;
        }
        if ((result = PQgetResult(db->conn)) == NULL)
            break;
        /* Of several statements the first error counts, else the last one's. */
        if (last != NULL && PQresultStatus(last) == PGRES_FATAL_ERROR) {
            PQclear(result);
            continue;
        }
        PQclear(last);
        last = result;
    }
    return last;
}

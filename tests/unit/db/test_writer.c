/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "db/writer.h"
#include "failing_sync.h"
#include "scratch.h"

#include <pthread.h>
#include <semaphore.h>

struct piece {
    struct db_job job; /* first: done() finds the piece by it */
    char id[32];
    enum err_code want; /* what work returns after its insert */
    sem_t *hold;        /* work waits here first */
    sem_t finished;
    int order;
};

static atomic_int finish_order;

static enum err_code
insert(struct db *db, void *arg, struct err *err)
{
    struct piece *piece = arg;

    if (piece->hold != NULL)
        sem_wait(piece->hold);
    enum err_code rc = db_exec(db, "INSERT INTO organization VALUES ($1, $2, $3)",
                               DB_ARGS(db_text(piece->id), db_text("n"), db_int(1)), NULL, err);
    return rc != ERR_OK || piece->want == ERR_OK ? rc : err_set(err, piece->want, "wanted");
}

static void
finished(struct db_job *job)
{
    struct piece *piece = (struct piece *)job;

    piece->order = atomic_fetch_add(&finish_order, 1);
    sem_post(&piece->finished);
}

static void
post(struct db_writer *writer, struct piece *piece, int id, enum err_code want, sem_t *hold)
{
    *piece = (struct piece){.want = want, .hold = hold};
    snprintf(piece->id, sizeof(piece->id), "%d", id);
    sem_init(&piece->finished, 0, 0);
    piece->job = (struct db_job){.work = insert, .done = finished, .arg = piece};
    db_writer_post(writer, &piece->job);
}

static enum err_code
outcome(struct piece *piece)
{
    sem_wait(&piece->finished);
    sem_destroy(&piece->finished);
    return piece->job.rc;
}

static int64_t
stored(struct scratch *scratch)
{
    struct err err = {0};
    struct db *db = NULL;

    assert_ok(db_open(scratch->place, &db, &err));
    int64_t n = scratch_number(db, "SELECT COUNT(*) FROM organization");
    db_close(&db);
    return n;
}

static void
a_piece_that_fails_is_rolled_back_alone(void **state)
{
    (void)state;
    struct scratch scratch;
    struct db_writer *writer = NULL;
    struct err err = {0};
    struct piece pieces[40];
    sem_t gate;

    scratch_make(&scratch);
    sem_init(&gate, 0, 0);
    assert_ok(db_writer_open(scratch.place, &writer, &err));
    int syncs_before = atomic_load(&sync_calls);
    /* The first piece waits until all are posted, so that they form one group. */
    for (int i = 0; i < 40; i++)
        post(writer, &pieces[i], i == 7 ? 6 : i, i % 10 == 9 ? ERR_CREDITS : ERR_OK,
             i == 0 ? &gate : NULL);
    sem_post(&gate);
    for (int i = 0; i < 40; i++) {
        enum err_code want = i == 7 ? ERR_CONFLICT : i % 10 == 9 ? ERR_CREDITS : ERR_OK;
        assert_int_equal(outcome(&pieces[i]), want);
        if (i > 0)
            assert_true(pieces[i].order > pieces[i - 1].order);
    }
    assert_string_equal(pieces[9].job.err.msg, "wanted");
    assert_int_equal(stored(&scratch), 35);
    /* Two groups at most: the first may have run before the others were there. */
    assert_true(atomic_load(&sync_calls) - syncs_before <= 4);
    db_writer_close(&writer);
    assert_null(writer);
    sem_destroy(&gate);
    scratch_remove(&scratch);
}

static void
closing_finishes_what_was_posted(void **state)
{
    (void)state;
    struct scratch scratch;
    struct db_writer *writer = NULL;
    struct err err = {0};
    static struct piece pieces[500];

    scratch_make(&scratch);
    assert_ok(db_writer_open(scratch.place, &writer, &err));
    for (int i = 0; i < 500; i++)
        post(writer, &pieces[i], i, ERR_OK, NULL);
    db_writer_close(&writer);
    for (int i = 0; i < 500; i++)
        assert_int_equal(outcome(&pieces[i]), ERR_OK);
    assert_int_equal(stored(&scratch), 500);
    scratch_remove(&scratch);
}

struct client {
    struct db_writer *writer;
    int base;
};

static void *
client_main(void *arg)
{
    struct client *client = arg;
    struct piece piece;

    for (int i = 0; i < 200; i++) {
        post(client->writer, &piece, client->base + i, ERR_OK, NULL);
        if (outcome(&piece) != ERR_OK)
            return arg;
    }
    return NULL;
}

static void
many_threads_and_two_writers_share_a_file(void **state)
{
    (void)state;
    struct scratch scratch;
    struct db_writer *writers[2] = {0};
    struct client clients[16];
    pthread_t threads[16];
    struct err err = {0};

    scratch_make(&scratch);
    for (int i = 0; i < 2; i++)
        assert_ok(db_writer_open(scratch.place, &writers[i], &err));
    for (int i = 0; i < 16; i++) {
        clients[i] = (struct client){writers[i % 2], i * 1000};
        assert_int_equal(pthread_create(&threads[i], NULL, client_main, &clients[i]), 0);
    }
    for (int i = 0; i < 16; i++) {
        void *wrong = NULL;
        pthread_join(threads[i], &wrong);
        assert_null(wrong);
    }
    for (int i = 0; i < 2; i++)
        db_writer_close(&writers[i]);
    assert_int_equal(stored(&scratch), 3200);
    scratch_remove(&scratch);
}

static void
a_failed_commit_is_told_to_the_whole_group(void **state)
{
    (void)state;
    if (scratch_on_server()) /* its disk is not ours to break */
        skip();
    struct scratch scratch;
    struct db_writer *writer = NULL;
    struct err err = {0};
    struct piece pieces[10];
    sem_t gate;

    scratch_make(&scratch);
    sem_init(&gate, 0, 0);
    assert_ok(db_writer_open(scratch.place, &writer, &err));
    for (int i = 0; i < 10; i++)
        post(writer, &pieces[i], i, i == 5 ? ERR_CREDITS : ERR_OK, i == 0 ? &gate : NULL);
    atomic_store(&sync_failing, 1);
    sem_post(&gate);
    for (int i = 0; i < 10; i++)
        assert_int_equal(outcome(&pieces[i]), i == 5 ? ERR_CREDITS : ERR_SYSTEM);
    /* Later pieces are refused, none waits for ever. */
    struct piece later;
    post(writer, &later, 99, ERR_OK, NULL);
    assert_int_equal(outcome(&later), ERR_SYSTEM);
    assert_true(db_writer_is_dead(writer));
    db_writer_close(&writer);
    sem_destroy(&gate);
    scratch_remove(&scratch);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_piece_that_fails_is_rolled_back_alone),
        cmocka_unit_test(closing_finishes_what_was_posted),
        cmocka_unit_test(many_threads_and_two_writers_share_a_file),
        cmocka_unit_test(a_failed_commit_is_told_to_the_whole_group),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

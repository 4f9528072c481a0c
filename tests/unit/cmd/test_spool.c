/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/attrs.h"
#include "cmd/spool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { PIECE = 1 << 20, PIECES = 2 * (SPOOL_MEMORY_BYTES / PIECE) };

/* Pieces of different lengths and contents, about twice what stays in memory. */
static struct span
piece(uint8_t *room, int i)
{
    size_t len = (size_t)PIECE - (size_t)i * 1001;

    memset(room, 'a' + i, len);
    return (struct span){room, len};
}

static void
fill(struct spool *spool, struct spooled kept[PIECES])
{
    uint8_t *room = malloc(PIECE);
    struct err err;

    spool_init(spool);
    for (int i = 0; i < PIECES; i++)
        assert_int_equal(spool_put(spool, piece(room, i), &kept[i], &err), ERR_OK);
    free(room);
}

static void
expect_all(const struct spool *spool, const struct spooled kept[PIECES])
{
    uint8_t *room = malloc(PIECE);
    struct buf hold;
    struct span got;
    struct err err;

    buf_init(&hold, PIECE);
    for (int i = PIECES - 1; i >= 0; i--) {
        assert_int_equal(spool_load(spool, kept[i], &hold, &got, &err), ERR_OK);
        assert_true(span_equal(got, piece(room, i)));
    }
    buf_fini(&hold);
    free(room);
}

static void
what_was_put_comes_back_from_memory_and_file(void **state)
{
    struct spool spool;
    struct spooled kept[PIECES];

    (void)state;
    fill(&spool, kept);
    assert_true(spool.first.len <= SPOOL_MEMORY_BYTES);
    assert_true(spool.fd >= 0);
    expect_all(&spool, kept);
    spool_fini(&spool);
}

static void
little_makes_no_file(void **state)
{
    struct spool spool;
    struct spooled kept;
    struct span got;
    struct err err;

    (void)state;
    spool_init(&spool);
    assert_int_equal(spool_put(&spool, span_of("a page"), &kept, &err), ERR_OK);
    assert_int_equal(spool.fd, -1);
    assert_int_equal(spool_load(&spool, kept, NULL, &got, &err), ERR_OK);
    assert_true(span_equal(got, span_of("a page")));
    spool_fini(&spool);
}

static void
memory_is_taken_where_no_file_can_be_made(void **state)
{
    struct spool spool;
    struct spooled kept[PIECES];

    (void)state;
    assert_int_equal(setenv("TMPDIR", "/proc/no/such/folder", 1), 0);
    fill(&spool, kept);
    expect_all(&spool, kept);
    spool_fini(&spool);
    assert_int_equal(unsetenv("TMPDIR"), 0);
}

struct heard {
    size_t len, largest;
    uint64_t sum; /* of bytes by their place */
    size_t most;  /* that are wanted */
};

static enum err_code
hear(void *ctx, struct span bytes, struct err *err)
{
    struct heard *heard = ctx;

    if (heard->len >= heard->most)
        return err_set(err, ERR_OUTPUT, "enough");
    for (size_t i = 0; i < bytes.len; i++)
        heard->sum += bytes.data[i] * ((heard->len + i) % 251 + 1);
    heard->len += bytes.len;
    heard->largest = bytes.len > heard->largest ? bytes.len : heard->largest;
    return ERR_OK;
}

static void
all_comes_in_order_and_in_pieces(void **state)
{
    struct spool spool;
    struct spooled kept[PIECES];
    struct heard wanted = {.most = SIZE_MAX}, heard = {.most = SIZE_MAX};
    struct heard some = {.most = SPOOL_MEMORY_BYTES + 1};
    uint8_t *room = malloc(PIECE);
    struct err err;

    (void)state;
    fill(&spool, kept);
    for (int i = 0; i < PIECES; i++)
        assert_int_equal(hear(&wanted, piece(room, i), &err), ERR_OK);
    assert_int_equal(spool_each(&spool, hear, &heard, &err), ERR_OK);
    assert_int_equal(heard.len, spool.len);
    assert_int_equal(heard.len, wanted.len);
    assert_int_equal(heard.sum, wanted.sum);
    assert_true(heard.largest <= SPOOL_MEMORY_BYTES);
    assert_int_equal(spool_each(&spool, hear, &some, &err), ERR_OUTPUT);
    assert_true(some.len < spool.len);
    spool_fini(&spool);
    free(room);
}

static void
nothing_is_nothing(void **state)
{
    struct spool spool = {.fd = 0}; /* never begun */
    struct span got;
    struct err err;

    (void)state;
    spool_fini(&spool);
    spool_init(&spool);
    assert_int_equal(spool_load(&spool, (struct spooled){0}, NULL, &got, &err), ERR_OK);
    assert_int_equal(got.len, 0);
    assert_int_equal(spool_each(&spool, hear, NULL, &err), ERR_OK);
    spool_fini(&spool);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_put_comes_back_from_memory_and_file),
        cmocka_unit_test(little_makes_no_file),
        cmocka_unit_test(memory_is_taken_where_no_file_can_be_made),
        cmocka_unit_test(all_comes_in_order_and_in_pieces),
        cmocka_unit_test(nothing_is_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ocr/heads.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS = 6, PITCH = 20, LETTERS_MAX = 64 };

struct page_of_rows {
    struct lstm_row_word words[ROWS + 1];
    struct tess_row rows[ROWS + 1];
    struct tess_rows all;
    struct arena *arena;
};

/* Six level rows from x on, and one that runs up at their left. */
static void
set_rows(struct page_of_rows *p, float x)
{
    *p = (struct page_of_rows){.all = {p->rows, ROWS + 1}, .arena = arena_new(1 << 20)};
    assert_non_null(p->arena);
    for (int i = 0; i <= ROWS; i++) {
        float y = 100 + (float)(i * PITCH);
        struct box box =
            i < ROWS ? (struct box){x, y, x + 200, y + 14} : (struct box){50, 100, 62, 220};
        p->words[i] = (struct lstm_row_word){
            .box = {(int32_t)box.x0, (int32_t)box.y0, (int32_t)box.x1, (int32_t)box.y1},
            .baseline_y0 = (int32_t)box.y1 - 3,
            .baseline_y1 = (int32_t)box.y1 - 3};
        p->rows[i] = (struct tess_row){.box = box,
                                       .turn = i < ROWS ? 0 : 90,
                                       .row = {.words = &p->words[i], .count = 1, .height = 14}};
    }
}

/* Letters one below the other at the place of the upright row. */
static size_t
stack_letters(int pitch, struct box letters[LETTERS_MAX])
{
    size_t n = 0;

    for (int y = 102; y < 215; y += pitch)
        letters[n++] = (struct box){52, (float)y, 58, (float)y + 9};
    return n;
}

static void
numbers_go_to_their_rows(void **state)
{
    struct page_of_rows p;
    struct box letters[LETTERS_MAX];
    size_t n = stack_letters(PITCH, letters);

    (void)state;
    set_rows(&p, 90);
    letters[n++] = (struct box){59, 202, 62, 211}; /* a number of two figures */
    assert_true(heads_may_be(&p.all));
    assert_true(heads_join(&p.all, letters, n, p.arena));
    assert_int_equal(p.all.count, ROWS);
    for (int i = 0; i < ROWS; i++) {
        assert_int_equal(p.rows[i].row.count, 2);
        assert_int_equal(p.rows[i].row.words[0].box.x0, 52);
        assert_int_equal(p.rows[i].row.words[0].baseline_y0, 100 + i * PITCH + 11);
        assert_int_equal(p.rows[i].row.words[1].box.x0, 90);
        assert_true(p.rows[i].box.x0 == 52);
    }
    arena_drop(&p.arena);
}

static void
writing_that_runs_up_stays(void **state)
{
    struct page_of_rows p;
    struct box letters[LETTERS_MAX];

    (void)state;
    set_rows(&p, 90);
    assert_true(heads_join(&p.all, letters, stack_letters(10, letters), p.arena));
    assert_int_equal(p.all.count, ROWS + 1);
    assert_int_equal(p.rows[0].row.count, 1);
    arena_drop(&p.arena);
}

static void
what_is_far_from_rows_is_no_head(void **state)
{
    struct page_of_rows p;
    struct box letters[LETTERS_MAX];

    (void)state;
    set_rows(&p, 190);
    assert_true(heads_join(&p.all, letters, stack_letters(PITCH, letters), p.arena));
    assert_int_equal(p.all.count, ROWS + 1);
    arena_drop(&p.arena);
}

static void
pages_without_upright_rows_are_not_looked_at(void **state)
{
    struct page_of_rows p;

    (void)state;
    set_rows(&p, 90);
    p.all.count = ROWS;
    assert_false(heads_may_be(&p.all));
    arena_drop(&p.arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_go_to_their_rows),
        cmocka_unit_test(writing_that_runs_up_stays),
        cmocka_unit_test(what_is_far_from_rows_is_no_head),
        cmocka_unit_test(pages_without_upright_rows_are_not_looked_at),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

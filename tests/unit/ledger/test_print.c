/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ledger/ledger_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { ROW = 8, ROWS_MAX = 4 };

struct picture {
    struct ink_part parts[ROW * ROWS_MAX];
    struct group groups[ROWS_MAX];
    uint32_t parts_count, count;
    struct arena *arena;
};

static void
open_picture(struct picture *p)
{
    *p = (struct picture){.arena = arena_new(1 << 20)};
    assert_non_null(p->arena);
}

/* A row of parts ten high: gap apart, their strokes so thick, each `away` lower than the one before
 * or, again and again, higher. */
static void
add_row(struct picture *p, float gap, float stroke, float spread, float away)
{
    struct group *g = &p->groups[p->count++];
    float y = 20 * (float)p->count, x = 0;

    *g = (struct group){.height = 10, .parts = ROW, .letters = ROW};
    for (int i = 0; i < ROW; i++) {
        float top = y + (float)(i * 3 % 4) * away;
        struct box box = {x, top, x + 6, top + 10};
        p->parts[p->parts_count++] =
            (struct ink_part){.box = box, .stroke = stroke + (i % 2 == 0 ? spread : 0), .ink = 20};
        g->box = i == 0 ? box : box_union(g->box, box);
        x += 6 + gap;
    }
}

/* Groups that are not marked as drawn. */
static uint32_t
kept(struct picture *p)
{
    uint32_t n = 0;

    assert_true(print_mark(p->arena, p->parts, p->parts_count, 0.5F, p->groups, p->count));
    for (uint32_t i = 0; i < p->count; i++)
        n += !p->groups[i].drawn;
    arena_drop(&p->arena);
    return n;
}

static void
print_stays(void **state)
{
    struct picture p;

    (void)state;
    open_picture(&p);
    add_row(&p, 1.5F, 1.2F, 0.2F, 0);
    add_row(&p, 2, 1.3F, 0.1F, 0.4F);
    assert_int_equal(kept(&p), 2);
}

static void
texture_goes(void **state)
{
    static const float rows[][4] = {
        {6, 1.2F, 0, 0},       /* holes far from each other */
        {1.5F, 5, 0, 0},       /* blots */
        {1.5F, 1, 2, 0},       /* thick beside thin */
        {1.5F, 1.2F, 0.1F, 3}, /* on no line */
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct picture p;
        open_picture(&p);
        add_row(&p, rows[i][0], rows[i][1], rows[i][2], rows[i][3]);
        assert_int_equal(kept(&p), 0);
    }
}

static void
a_row_like_print_among_texture_goes(void **state)
{
    struct picture p;

    (void)state;
    open_picture(&p);
    add_row(&p, 6, 1.2F, 0, 0);
    add_row(&p, 1.5F, 1.2F, 0.2F, 0);
    add_row(&p, 6, 1.2F, 0, 0);
    assert_int_equal(kept(&p), 0);
}

static bool
is_scattered(float gap, float stroke, float spread)
{
    struct picture p;

    open_picture(&p);
    add_row(&p, gap, stroke, spread, 0);
    bool scattered = print_is_scattered(&p.groups[0], p.parts, p.parts_count);
    arena_drop(&p.arena);
    return scattered;
}

static void
what_is_no_line_anywhere_is_told(void **state)
{
    (void)state;
    assert_false(is_scattered(1.5F, 1.2F, 0.2F)); /* print */
    assert_false(is_scattered(4, 1.2F, 0.2F));    /* spaced out */
    assert_false(is_scattered(1.5F, 5, 0));       /* blots may be print that ran */
    assert_true(is_scattered(8, 1.2F, 0));        /* the coast of a map, a curve in pieces */
    assert_true(is_scattered(-4, 1.2F, 0));       /* strokes over each other: hatching */
    assert_true(is_scattered(1.5F, 1, 2));        /* a thin frame's corner and a thick one's */
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(print_stays),
        cmocka_unit_test(texture_goes),
        cmocka_unit_test(a_row_like_print_among_texture_goes),
        cmocka_unit_test(what_is_no_line_anywhere_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

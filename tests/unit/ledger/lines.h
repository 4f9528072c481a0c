/* SPDX-License-Identifier: AGPL-3.0-or-later
 * A picture with ten lines of letters, and the page and account that it is of. */
#pragma once

#include "ledger/ledger.h"

#include "canvas.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct arena *arena, *scratch;
static struct page *page;
static struct pixmap map;
static struct ledger *ledger;

static inline int
set_up(void **state)
{
    (void)state;
    arena = arena_new(MiB(64));
    scratch = arena_new(MiB(64));
    map = canvas_new(arena, 245);
    page = page_new(arena, 0, CANVAS_WIDTH * canvas_unit, CANVAS_HEIGHT * canvas_unit);
    ledger = ledger_new(page);
    for (int y = 100; y < 300; y += 20)
        canvas_write(&map, 100, y, 30, 20);
    return ledger == NULL;
}

static inline int
tear_down(void **state)
{
    (void)state;
    arena_drop(&arena);
    arena_drop(&scratch);
    return 0;
}

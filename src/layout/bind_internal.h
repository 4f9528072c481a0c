/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/bind_internal.h - between the files of bind.h: rows of text at a page's edges. */
#pragma once

#include "layout/bind.h"

enum { EDGE_TOP, EDGE_FOOT, EDGES };

enum {
    EDGE_ROWS = 5,   /* looked at from each edge inwards */
    ROW_LINES = 3,   /* pieces of a row: left, middle, right; more are a table's head */
    ROW_BYTES = 200, /* of its text; a longer row is no running head */
    ROW_NUMBERS = 4, /* told apart in it */
};

/* Lines on one height, from left to right. */
struct bind_row {
    uint32_t lines[ROW_LINES];
    uint32_t line_count;
    float y; /* of its middle, from the edge */
    float size;
    const char *text; /* small letters, each number one '#' */
    uint32_t letters, numbers;
    int32_t number[ROW_NUMBERS];
    int32_t apart;    /* number at one of its ends, off the rest; -1: none */
    bool lone_number; /* a page number and nothing else */
    bool odd;         /* of a table or its caption, too long, in too many pieces: no running head */
};

struct bind_facts {
    uint32_t index;
    float height;
    float body;  /* size of most of its characters */
    bool pixels; /* most words were recognised */
    struct bind_row rows[EDGES][EDGE_ROWS];
    uint32_t row_count[EDGES];
};

/* --- bind_rows.c --- */

/* Rows of the page from both edges inwards; false: no memory. */
MUST_CHECK
bool bind_find_rows(const struct page *page, struct arena *arena, struct bind_facts *facts);

/* --- bind_lists.c --- */

/* Items at the top of a page that go on a list of the page before get their depth in it. */
void bind_lists(const struct page *before, struct page *after, bool *ret_changed);

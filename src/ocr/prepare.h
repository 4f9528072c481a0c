/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/prepare.h - the picture of a page as it suits the recogniser, and the way back to the page.
 *
 * Upright, level, its rows straight, evenly lit, free of grain, letters of the height that the
 * models were made for; each step only where a first look says that it pays (docs/ocr.md has the
 * figures). */
#pragma once

#include "ocr/lept.h"

/* From pixels of the prepared picture to the page. */
struct mapping {
    float factor;             /* points per pixel */
    float width, height;      /* of the picture before it was made level, pixels */
    float margin_x, margin_y; /* that it grew by then, on each side; if it was straightened, on the
                               * left and above */
    float x0, y0;             /* of its corner on the page, pt */
    float lean_back;          /* degrees clockwise back to the picture as it leant; 0: the page's
                               * frame is made level instead */
    int turn_back; /* degrees clockwise from the picture read to the page; 0: the page is turned */
};

struct prepare_way {
    int turn;  /* degrees clockwise that bring it upright, or LEPT_TURN_UNKNOWN */
    bool soft; /* ink is told from paper once grain is smoothed; read is the picture as it is */
    bool flat; /* whether its rows bend is not looked at */
};

struct prepared {
    struct Pix *pix;  /* 8 bit; NULL for a blank picture; dropped with prepared_fini */
    struct Pix *bits; /* its ink */
    struct prepare_way way;
    float scale;    /* pixels of it for one of the picture */
    uint32_t parts; /* of a view: in how many its ink is */
    float letter;   /* median height of its letters, pixels; 0 unknown */
    struct mapping mapping;
    struct lept_look look;
};

/* page: where it will go; the frame of a page that is nothing but this picture is turned,
 * levelled and straightened with it. Rules found in the picture are added to the page; so are check
 * boxes, each a line of one word, which are then wiped out of it. */
MUST_CHECK
enum err_code prepare(const struct pixmap *picture, struct prepare_way way, struct page *page,
                      struct prepared *ret, struct err *err);
void prepared_fini(struct prepared *prepared);

/* Another view of what was prepared, in the same frame; borrows nothing of it. */
MUST_CHECK
enum err_code prepare_view(const struct prepared *prepared, enum lept_view view,
                           struct prepared *ret, struct err *err);

/* A box of pixels of the prepared picture, on the page. */
struct box mapping_box(const struct mapping *mapping, struct box box);
/* And back. */
struct box mapping_back(const struct mapping *mapping, struct box box);

/* Brings what was appended since the counts in before from pixels to the page's points. */
void mapping_apply(const struct mapping *mapping, const struct page *before, struct page *page);

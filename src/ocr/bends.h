/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/bends.h - finds how the rows of a photographed page bend, from where its letters stand.
 *
 * Knows boxes only. Letters are chained to rows; one smooth field of displacements is fitted that
 * brings the feet of each row to one level (linear least squares, each row's level left open,
 * letters that hang or stand off weighing nothing in the end). Where rows bend, uprights are found
 * to lean or not (uprights.h). Figures and limits: docs/ocr.md. */
#pragma once

#include "page/warp.h"

/* parts  [n], borrowed: what may be letters, pixels, on a page of width * height that is upright
 * and about level letter their median height, pixels True if rows bend so much that reading them
 * straightened pays; ret then says how, in pixels. */
MUST_CHECK
bool bends_find(const struct box *parts, size_t n, float letter, float width, float height,
                struct page_warp *ret);

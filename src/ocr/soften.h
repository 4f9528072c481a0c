/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/soften.h - a piece of a picture, each pixel the mean of the nine around it (of those that the
 * picture has): grain and dots run together. */
#pragma once

#include "base/arena.h"
#include "base/attrs.h"
#include "ocr/lstm.h"
#include "page/pixmap.h"

/* What box has of the picture, in the arena; nothing of it is a picture without pixels. False if
 * the arena is full. */
MUST_CHECK
bool soften(struct arena *arena, const struct pixmap *picture, struct lstm_box box,
            struct pixmap *ret);

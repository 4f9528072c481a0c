/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/device.h - a MuPDF device that listens to the drawing of a page without drawing anything.
 *
 * One interpretation of the page gives text (with what is hidden marked), rules and pictures.
 * Nothing is rendered and no image is decoded. Hidden is: render mode 3, fully transparent, in the
 * colour of what was painted there last (white on nothing painted), wholly outside the page or its
 * clip, painted over later by something opaque. */
#pragma once

#include "doc/marks.h"
#include "doc/mupdf_internal.h"
#include "doc/structure.h"
#include "doc/text.h"

/* page: size in points. text and marks are borrowed; tags is copied. Throws. */
fz_device *reading_device_new(fz_context *ctx, const struct page *page, struct text *text,
                              struct marks *marks, const struct tags *tags);

/* What comes next has no text of its own (the look of a check box). */
void reading_device_mute(fz_device *dev, bool mute);

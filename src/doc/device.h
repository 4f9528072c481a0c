/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/device.h - a MuPDF device that listens to the drawing of a page without drawing anything.
 *
 * One interpretation of the page gives text (with what is hidden marked), rules and pictures.
 * Nothing is rendered and no image is decoded. Hidden is: render mode 3, fully transparent, in the
 * colour of what was painted there last (white on nothing painted), wholly outside the page or its
 * clip, painted over later by something opaque. */
#pragma once

#include "doc/identity.h"
#include "doc/marks.h"
#include "doc/mupdf_internal.h"
#include "doc/sketch.h"
#include "doc/structure.h"
#include "doc/text.h"

struct reading_device_setup {
    const struct page *page; /* its size in points */
    struct text *text;
    struct marks *marks;
    struct identities *identities; /* of the document */
    struct sketch *sketch;
    struct tags tags;
};

/* All that setup points to is borrowed. Throws. */
fz_device *reading_device_new(fz_context *ctx, const struct reading_device_setup *setup);

/* What comes next has no text of its own (the look of a check box). */
void reading_device_mute(fz_device *dev, bool mute);

/* The tag that begins next has this number in its contents, and these properties, borrowed until it
 * has begun. */
void reading_device_tell_tag(fz_device *dev, int number, pdf_obj *properties);

/* A form with contents of its own begins, whose tags are numbered anew; returns what
 * reading_device_leave is to be given when it has ended. enter throws. */
pdf_obj *reading_device_enter(fz_context *ctx, fz_device *dev, pdf_obj *contents);
void reading_device_leave(fz_device *dev, pdf_obj *outer);

/* ---- contents.c ---- */

/* Runs the contents of a page through the device, so that it is told the numbers of tags. Throws.
 */
void contents_run(fz_context *ctx, pdf_document *pdf, pdf_page *page, fz_device *dev);

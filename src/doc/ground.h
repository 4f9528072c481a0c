/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/ground.h - makes a decoded picture one that can be read: opaque, grey, its ink standing out.
 *
 * What is transparent has no colour of its own: white letters on nothing show on dark ground only.
 * And nobody agrees whether a CMYK JPEG without Adobe's mark counts ink or light. Both are settled
 * by evidence: of the ways to show the picture, the one in which most edges stand out is taken, if
 * that is clearly more than on white (or as the library decodes it). Method: our own. Fails on:
 * white letters over a transparent part beside a large dark opaque one. */
#pragma once

#include "doc/mupdf_internal.h"

/* The pixmap as grey without alpha: itself, or a new one in its place (it is dropped). Throws, and
 * drops it then too. */
fz_pixmap *ground_lay(fz_context *ctx, fz_pixmap *pixmap);

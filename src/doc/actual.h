/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/actual.h - the text that a file gives for glyphs that stand for no character (ActualText).
 *
 * Believed only where the font's own table says nothing: what is drawn is text already otherwise,
 * and a file may give anything for it. Either each glyph of the tag has one character, or a single
 * glyph all of them (a ligature, a sign for a word). Limits: ACTUAL_MAX characters. Files of doc/
 * only. */
#pragma once

#include "doc/mupdf_internal.h"

enum { ACTUAL_MAX = 32 };

/* Of the tag that is open; all zero: none. */
struct actual {
    uint32_t codes[ACTUAL_MAX];
    uint32_t count;
    uint32_t depth;  /* of the tag that has it; from 1 */
    uint32_t glyphs; /* of the text at hand, and those of it that are past */
    uint32_t past;
};

/* A tag opens: depth of it, dict its properties or its element; NULL: none. Throws. */
void actual_begin(fz_context *ctx, struct actual *actual, pdf_obj *dict, uint32_t depth);
/* The tag of that depth closes. */
void actual_end(struct actual *actual, uint32_t depth);

/* Text is drawn. */
void actual_start_text(struct actual *actual, const fz_text *text);

/* The next glyph of it, for which the font says code: the characters that stand for it instead,
 * *ret_count of them; NULL: the font's stays. */
const uint32_t *actual_next(struct actual *actual, uint32_t code, uint32_t *ret_count);

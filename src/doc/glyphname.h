/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/glyphname.h - the character that a glyph's name stands for, where the document gives none.
 *
 * Mathematical fonts of TeX have names of their own for brackets, sums and braces in several sizes
 * ("parenleftBig", "summationdisplay"), which no list of names has; their Type 1 forms come without
 * a table to Unicode. Source: the encodings cmex10, cmsy10, msam10, msbm10 and stmary10; the
 * Adobe Glyph List is asked by the caller. */
#pragma once

#include <stdint.h>

/* 0: no such name. */
uint32_t glyphname_character(const char *name);

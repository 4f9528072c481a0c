/* SPDX-License-Identifier: AGPL-3.0-or-later
 * extract/lexicon_text.h - the embedded text of src/extract/lexicon, .txt in the order of their
 * names. */
#pragma once

#include <stddef.h>
#include <stdint.h>

extern const uint8_t lexicon_text[];
extern const size_t lexicon_text_size;

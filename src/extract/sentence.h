/* SPDX-License-Identifier: AGPL-3.0-or-later
 * extract/sentence.h - cue words in running text: what the words at and around a token are.
 * Lists of words are one string in lower case, split by single blanks. */
#pragma once

#include "extract/extract_internal.h"

/* The token, without case and punctuation, is one of the words. */
bool sentence_word_in(const struct doc *doc, uint32_t token, const char *words);
/* Its last character is one of the marks. */
bool sentence_ends_with(const char *text, const char *marks);
/* One of the words stands among the tokens before it (behind it), at most reach away. */
bool sentence_has_before(const struct doc *doc, uint32_t token, uint32_t reach, const char *words);
bool sentence_has_after(const struct doc *doc, uint32_t token, uint32_t reach, const char *words);
/* Begins with a capital letter. */
bool sentence_is_large(const struct doc *doc, uint32_t token);

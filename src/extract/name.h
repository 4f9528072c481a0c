/* SPDX-License-Identifier: AGPL-3.0-or-later
 * extract/name.h - the words of a property's name: snake_case, camelCase, what programmers write
 * for words ("amt"), and what kind of thing they say. */
#pragma once

#include "extract/solve.h"

enum { NAME_WORDS_MAX = 12, WORD_MAX = 40 };

struct name_words {
    char word[NAME_WORDS_MAX][WORD_MAX];
    size_t count;
};

/* Digits stand alone; short forms are spelt out. */
void name_split(const char *name, struct name_words *ret_words);
/* The text folded as labels are; NULL: there is none, or the arena is full. */
const char *name_key(struct solve *solve, const char *text);
/* A folded word that carries nothing: "the", "of", "value". */
bool name_is_filler(const char *key);
/* Makes "ae" of a folded word "a", as the page prints it; false: there was nothing to do. */
bool name_contract(char *key);

/* One of its words says so. */
bool name_says_time(struct solve *solve, const char *name);
bool name_says_date(struct solve *solve, const char *name);
bool name_says_money(struct solve *solve, const char *name);
bool name_says_place(struct solve *solve, const char *name);
bool name_ends_in_id(const char *name);
/* "name", "value": says nothing but what stands around it. */
bool name_is_plain(const char *name);
/* It has a word of three letters at least: "f1" has none. */
bool name_is_spoken(const char *name);
/* "Number of the order" as "order Number". */
const char *name_turned(struct solve *solve, const char *text);

/* SPDX-License-Identifier: AGPL-3.0-or-later
 * base/pattern_internal.h - the program that pattern.c writes and pattern_run.c runs. */
#pragma once

#include "base/pattern.h"

#include <stdint.h>

enum set_kind { SET_RANGE, SET_CATEGORIES };

/* Part of a character class. */
struct set_item {
    uint8_t kind;
    bool negated; /* SET_CATEGORIES: everything but these */
    uint32_t low, high;
    uint32_t categories; /* bits by utf8proc's numbers of general categories */
    struct set_item *next;
};

struct set {
    bool negated;
    struct set_item *items;
    uint64_t ascii[2]; /* the answer for each of the first 128 characters */
};

/* Whether the class has the character, by its items alone. */
bool set_searched(const struct set *set, uint32_t c);

enum op { OP_SET, OP_SPLIT, OP_JUMP, OP_START, OP_END, OP_WORD_EDGE, OP_NO_WORD_EDGE, OP_MATCH };

struct step {
    uint8_t op;
    uint16_t x, y; /* SPLIT: both; JUMP: x */
    const struct set *set;
};

struct pattern {
    size_t count;
    struct step *steps;
};

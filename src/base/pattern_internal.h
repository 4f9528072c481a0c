/* SPDX-License-Identifier: AGPL-3.0-or-later
 * base/pattern_internal.h - what the files of base/pattern.h share: the program
 * that pattern.c writes and pattern_run.c runs, and the tree that pattern_parse.c makes of a text.
 */
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

/* --- from text to tree --- */

enum { PATTERN_FOREVER = -1 };

enum tree_kind { TREE_EMPTY, TREE_SET, TREE_CHECK, TREE_SEQUENCE, TREE_CHOICE, TREE_REPEAT };

struct tree {
    enum tree_kind kind;
    enum op check;         /* TREE_CHECK */
    const struct set *set; /* TREE_SET */
    long least, most;      /* TREE_REPEAT; most may be PATTERN_FOREVER */
    struct tree *first;    /* the parts of a SEQUENCE, CHOICE or REPEAT */
    struct tree *last;
    struct tree *next;
};

struct parser {
    struct arena *arena;
    const char *text;
    size_t len, at;
    int depth;
    struct err *err;
    enum err_code rc; /* the first error; parsing stops at it */
};

/* The first error is kept; NULL. */
void *parser_fail(struct parser *p, const char *what);
/* NULL, and an error, where the arena is full. */
void *parser_make(struct parser *p, size_t size);
/* The whole text; NULL, and p->rc, for what is no pattern. */
struct tree *parser_run(struct parser *p);

/* --- pattern_set.c: classes of characters --- */

/* All is in: ASCII can be looked up. */
void set_finish(struct set *set);
void set_range(struct parser *p, struct set *set, uint32_t low, uint32_t high);
/* \d \w \s, and by capitals their opposites. */
void set_shorthand(struct parser *p, struct set *set, char letter);
/* What stands in braces behind \p or \P. */
void set_property(struct parser *p, struct set *set, bool negated);

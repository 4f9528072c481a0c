/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/pattern_internal.h"

#include "base/utf8.h"

#include <string.h>
#include <utf8proc.h>

/* The steps that wait for the next character, each once, in a sparse set. */
struct threads {
    size_t count;
    uint16_t dense[PATTERN_MAX_STEPS];
    uint16_t sparse[PATTERN_MAX_STEPS];
};

/* Where the machine stands: what precedes the position and what follows it; -1 at the ends. */
struct place {
    int32_t before, after;
};

bool
set_searched(const struct set *set, uint32_t c)
{
    for (const struct set_item *i = set->items; i != NULL; i = i->next) {
        bool in = i->kind == SET_RANGE
                      ? c >= i->low && c <= i->high
                      : ((i->categories >> utf8proc_category((utf8proc_int32_t)c)) & 1) != 0;
        if (in != i->negated)
            return !set->negated;
    }
    return set->negated;
}

static bool
set_has(const struct set *set, uint32_t c)
{
    return c < 128 ? ((set->ascii[c / 64] >> (c % 64)) & 1) != 0 : set_searched(set, c);
}

static bool
is_word(int32_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

static bool
known(struct threads *t, uint16_t step)
{
    uint16_t at = t->sparse[step];
    if (at < t->count && t->dense[at] == step)
        return true;
    t->sparse[step] = (uint16_t)t->count;
    t->dense[t->count++] = step;
    return false;
}

/* Adds a step and all that it reaches without a character; true where that is the end. */
static bool
add(const struct pattern *p, struct threads *t, uint16_t first, struct place place)
{
    uint16_t stack[2 * PATTERN_MAX_STEPS + 1];
    size_t height = 0;

    stack[height++] = first;
    while (height > 0) {
        uint16_t at = stack[--height];
        const struct step *s = &p->steps[at];
        if (known(t, at))
            continue;
        bool edge = is_word(place.before) != is_word(place.after);
        switch ((enum op)s->op) {
        case OP_MATCH:
            return true;
        case OP_JUMP:
            stack[height++] = s->x;
            break;
        case OP_SPLIT:
            stack[height++] = s->y;
            stack[height++] = s->x;
            break;
        case OP_START:
        case OP_END:
            if ((s->op == OP_START ? place.before : place.after) == -1)
                stack[height++] = (uint16_t)(at + 1);
            break;
        case OP_WORD_EDGE:
        case OP_NO_WORD_EDGE:
            if (edge == (s->op == OP_WORD_EDGE))
                stack[height++] = (uint16_t)(at + 1);
            break;
        case OP_SET:
            break;
        }
    }
    return false;
}

/* The character at the position and its length; 0 at the end. Wrong bytes count as U+FFFD each. */
static size_t
next_character(const char *text, size_t len, size_t at, int32_t *ret_character)
{
    uint32_t c;
    if (at >= len) {
        *ret_character = -1;
        return 0;
    }
    size_t size = utf8_decode(text + at, len - at, &c);
    *ret_character = size > 0 ? (int32_t)c : 0xFFFD;
    return size > 0 ? size : 1;
}

bool
pattern_matches(const struct pattern *p, const char *text, size_t len)
{
    struct threads sets[2];
    struct threads *now = &sets[0], *then = &sets[1];
    struct place place = {.before = -1};
    size_t at = 0;
    size_t size = next_character(text, len, at, &place.after);

    memset(sets, 0, sizeof(sets));
    for (;;) {
        if (add(p, now, 0, place))
            return true;
        if (size == 0)
            return false;
        int32_t c = place.after;
        at += size;
        place.before = c;
        size = next_character(text, len, at, &place.after);
        then->count = 0;
        for (size_t i = 0; i < now->count; i++) {
            uint16_t step = now->dense[i];
            if (p->steps[step].op == OP_SET && set_has(p->steps[step].set, (uint32_t)c) &&
                add(p, then, (uint16_t)(step + 1), place))
                return true;
        }
        struct threads *swap = now;
        now = then;
        then = swap;
    }
}

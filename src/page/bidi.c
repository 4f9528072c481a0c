/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "page/bidi.h"

#include <utf8proc.h>

enum kind {
    KIND_LEFT,   /* L */
    KIND_RIGHT,  /* R */
    KIND_ARABIC, /* AL */
    KIND_EUROPEAN,
    KIND_INDIC, /* AN */
    KIND_AMONG, /* EN among Arabic letters, which are as AN (W2) */
    KIND_PLUS,  /* ES */
    KIND_COMMA, /* CS */
    KIND_UNIT,  /* ET */
    KIND_OTHER
};

/* A line that has both kinds of letters, where the text around has a direction, goes the other way
 * only if so many times as many of its letters do. */
enum { AGAINST_LEAST = 2, AGAINST_LEAST_AT_START = 12 };

struct line {
    uint8_t kinds[BIDI_LINE_MAX];
    uint8_t levels[BIDI_LINE_MAX];
    size_t n;
};

static const struct {
    uint16_t open, close;
} brackets_known[] = {
    {'(', ')'},       {'[', ']'},       {'{', '}'},       {'<', '>'},       {0xab, 0xbb},
    {0x2039, 0x203a}, {0x2264, 0x2265}, {0x27e8, 0x27e9}, {0x3008, 0x3009},
};

enum { BRACKET_KINDS = sizeof(brackets_known) / sizeof(*brackets_known) };

bool
bidi_is_right(uint32_t code)
{
    return (code >= 0x590 && code <= 0x8ff) || (code >= 0xfb1d && code <= 0xfdff) ||
           (code >= 0xfe70 && code <= 0xfefc) || (code >= 0x10800 && code <= 0x10fff) ||
           (code >= 0x1e800 && code <= 0x1efff);
}

/* Number of the kind of bracket, or BRACKET_KINDS. */
static size_t
bracket_of(uint32_t code, bool *ret_opens)
{
    size_t i = 0;

    while (i < BRACKET_KINDS && brackets_known[i].open != code && brackets_known[i].close != code)
        i++;
    *ret_opens = i < BRACKET_KINDS && brackets_known[i].open == code;
    return i;
}

uint32_t
bidi_mirror(uint32_t code)
{
    bool opens;
    size_t i = bracket_of(code, &opens);

    if (i == BRACKET_KINDS)
        return 0;
    return opens ? brackets_known[i].close : brackets_known[i].open;
}

static enum kind
kind_of(uint32_t code)
{
    switch (utf8proc_get_property((utf8proc_int32_t)code)->bidi_class) {
    case UTF8PROC_BIDI_CLASS_L:
        return KIND_LEFT;
    case UTF8PROC_BIDI_CLASS_R:
        return KIND_RIGHT;
    case UTF8PROC_BIDI_CLASS_AL:
        return KIND_ARABIC;
    case UTF8PROC_BIDI_CLASS_EN:
        return KIND_EUROPEAN;
    case UTF8PROC_BIDI_CLASS_AN:
        return KIND_INDIC;
    case UTF8PROC_BIDI_CLASS_ES:
        return KIND_PLUS;
    case UTF8PROC_BIDI_CLASS_CS:
        return KIND_COMMA;
    case UTF8PROC_BIDI_CLASS_ET:
        return KIND_UNIT;
    default:
        return KIND_OTHER;
    }
}

static bool
is_strong(uint8_t kind)
{
    return kind <= KIND_ARABIC;
}

static bool
is_number(uint8_t kind)
{
    return kind == KIND_EUROPEAN || kind == KIND_INDIC || kind == KIND_AMONG;
}

/* The line's direction: of most of its letters, unless the text around says otherwise. */
static enum bidi_side
side_of(const struct line *line, enum bidi_side around)
{
    size_t left = 0, right = 0, first = line->n, last = 0;

    for (size_t i = 0; i < line->n; i++) {
        if (!is_strong(line->kinds[i]))
            continue;
        first = first == line->n ? i : first;
        last = i;
        left += line->kinds[i] == KIND_LEFT;
        right += line->kinds[i] != KIND_LEFT;
    }
    if (left == 0 || right == 0)
        return right > 0 ? BIDI_RIGHT : left > 0 ? BIDI_LEFT : around;
    bool starts_right = line->kinds[last] != KIND_LEFT,
         starts_left = line->kinds[first] == KIND_LEFT;
    if (around == BIDI_RIGHT)
        return right * (starts_right ? AGAINST_LEAST_AT_START : AGAINST_LEAST) >= left ? BIDI_RIGHT
                                                                                       : BIDI_LEFT;
    if (around == BIDI_LEFT)
        return left * (starts_left ? AGAINST_LEAST_AT_START : AGAINST_LEAST) >= right ? BIDI_LEFT
                                                                                      : BIDI_RIGHT;
    return right >= left ? BIDI_RIGHT : BIDI_LEFT;
}

/* W2: among Arabic letters digits are of their kind. What comes before a number stands right of it,
 * in a run from right to left. */
static void
settle_digits(struct line *line)
{
    uint8_t before = KIND_RIGHT;

    for (size_t i = line->n; i-- > 0;) {
        if (is_strong(line->kinds[i]))
            before = line->kinds[i];
        else if (line->kinds[i] == KIND_EUROPEAN && before == KIND_ARABIC)
            line->kinds[i] = KIND_AMONG;
    }
}

/* W4, W5: what stands between the figures of one number, and units beside it, belong to it. */
static void
join_numbers(struct line *line)
{
    uint8_t *k = line->kinds;

    for (size_t i = 1; i + 1 < line->n; i++) {
        bool joins = k[i] == KIND_COMMA || (k[i] == KIND_PLUS && k[i - 1] == KIND_EUROPEAN);
        if (joins && is_number(k[i - 1]) && k[i - 1] == k[i + 1])
            k[i] = k[i - 1];
    }
    for (size_t i = 1; i < line->n; i++)
        if (k[i] == KIND_UNIT && k[i - 1] == KIND_EUROPEAN)
            k[i] = KIND_EUROPEAN;
    for (size_t i = line->n; i-- > 1;)
        if (k[i - 1] == KIND_UNIT && k[i] == KIND_EUROPEAN)
            k[i - 1] = KIND_EUROPEAN;
}

/* The nearest letter on one side of place i; KIND_OTHER if there is none. */
static uint8_t
strong_beside(const struct line *line, size_t i, int step)
{
    for (size_t at = i + (size_t)step; at < line->n; at += (size_t)step)
        if (is_strong(line->kinds[at]))
            return line->kinds[at];
    return KIND_OTHER;
}

static bool
is_right(uint8_t kind)
{
    return kind == KIND_RIGHT || kind == KIND_ARABIC;
}

/* Numbers beside Latin letters are read with them (W7). In a line from left to right only those
 * between letters of the other kind are not. */
static void
settle_numbers(struct line *line, enum bidi_side side)
{
    uint8_t left = KIND_OTHER;

    for (size_t i = 0; i < line->n; i++) {
        if (is_strong(line->kinds[i]))
            left = line->kinds[i];
        if (!is_number(line->kinds[i]))
            continue;
        size_t end = i;
        while (end < line->n && is_number(line->kinds[end]))
            end++;
        uint8_t right = strong_beside(line, end - 1, 1);
        bool latin = side == BIDI_RIGHT ? left == KIND_LEFT || right == KIND_LEFT
                                        : !is_right(left) || !is_right(right);
        while (latin && end < line->n && line->kinds[end] == KIND_UNIT)
            line->kinds[end++] = KIND_AMONG;
        while (latin && i > 0 && line->kinds[i - 1] == KIND_UNIT)
            line->kinds[--i] = KIND_AMONG;
        for (; i < end; i++) {
            if (latin && line->kinds[i] != KIND_INDIC)
                line->kinds[i] = left = KIND_LEFT;
        }
        i--;
    }
}

/* N0: brackets around Latin letters only, next to such, go with them. A pair that looks like one
 * from left to right. */
static void
settle_brackets(struct line *line, const uint32_t *seen)
{
    for (size_t i = 0; i < line->n; i++) {
        bool opens, closes = false;
        size_t kind = bracket_of(seen[i], &opens), end = i + 1;
        bool latin = false, other = false;
        if (!opens || line->kinds[i] != KIND_OTHER)
            continue;
        for (; end < line->n && bracket_of(seen[end], &closes) != kind; end++) {
            latin = latin || line->kinds[end] == KIND_LEFT;
            other = other || is_right(line->kinds[end]) || is_number(line->kinds[end]);
        }
        if (end == line->n || closes || !latin || other)
            continue;
        if (strong_beside(line, i, -1) == KIND_LEFT || strong_beside(line, end, 1) == KIND_LEFT)
            line->kinds[i] = line->kinds[end] = KIND_LEFT;
    }
}

/* N1, N2 and the levels: 0 from left to right, 1 from right to left, 2 a run within that. */
static void
set_levels(struct line *line, enum bidi_side side)
{
    uint8_t inner = side == BIDI_RIGHT ? 2 : 0;
    size_t i = 0;

    while (i < line->n) {
        uint8_t kind = line->kinds[i];
        if (is_strong(kind) || is_number(kind)) {
            line->levels[i++] = kind == KIND_LEFT ? inner : is_number(kind) ? 2 : 1;
            continue;
        }
        size_t end = i;
        while (end < line->n && !is_strong(line->kinds[end]) && !is_number(line->kinds[end]))
            end++;
        uint8_t before = i > 0 ? line->kinds[i - 1] : KIND_OTHER;
        uint8_t after = end < line->n ? line->kinds[end] : KIND_OTHER;
        bool left = before == KIND_LEFT && after == KIND_LEFT;
        bool right = before != KIND_LEFT && after != KIND_LEFT && i > 0 && end < line->n;
        uint8_t level = side == BIDI_RIGHT ? (left ? 2 : 1) : (right ? 1 : 0);
        for (; i < end; i++)
            line->levels[i] = level;
    }
}

/* Turns each run of places whose level is at least that. */
static void
turn_runs(const struct line *line, uint8_t level, uint16_t *order)
{
    for (size_t i = 0; i < line->n; i++) {
        size_t end = i;
        while (end < line->n && line->levels[order[end]] >= level)
            end++;
        for (size_t a = i, b = end; b > a + 1; a++) {
            uint16_t swap = order[--b];
            order[b] = order[a];
            order[a] = swap;
        }
        i = end > i ? end - 1 : i;
    }
}

enum bidi_side
bidi_read(const uint32_t *seen, size_t n, enum bidi_side around, uint16_t *ret_order,
          bool *ret_right)
{
    struct line line = {.n = n};

    for (size_t i = 0; i < n; i++) {
        line.kinds[i] = (uint8_t)kind_of(seen[i]);
        ret_order[i] = (uint16_t)i;
    }
    enum bidi_side side = side_of(&line, around);
    settle_digits(&line);
    join_numbers(&line);
    settle_numbers(&line, side);
    settle_brackets(&line, seen);
    set_levels(&line, side);
    turn_runs(&line, 1, ret_order);
    turn_runs(&line, 2, ret_order);
    for (size_t i = 0; i < n; i++)
        ret_right[i] = line.levels[i] == 1;
    return side == BIDI_RIGHT ? BIDI_RIGHT : BIDI_LEFT;
}

/* The other bracket of a pair whose first one, as seen, is at i; n if it has none. */
static size_t
other_of_pair(const uint32_t *seen, const bool *right, size_t n, size_t i)
{
    bool first, opens;
    size_t kind = bracket_of(seen[i], &first), depth = 1;

    for (size_t at = i + 1; at < n; at++) {
        if (!right[at] || bracket_of(seen[at], &opens) != kind)
            continue;
        depth += opens == first ? 1 : 0;
        depth -= opens == first ? 0 : 1;
        if (depth == 0)
            return at;
    }
    return n;
}

void
bidi_mend_brackets(uint32_t *seen, const bool *right, size_t n, struct bidi_brackets *brackets)
{
    bool done[BIDI_LINE_MAX] = {false}, opens;

    for (size_t i = 0; i < n; i++) {
        if (!right[i] || done[i] || bracket_of(seen[i], &opens) == BRACKET_KINDS)
            continue;
        size_t other = other_of_pair(seen, right, n, i);
        bool looks = other < n ? opens : brackets->looks >= brackets->means;
        if (other < n) {
            done[other] = true;
            brackets->looks += opens;
            brackets->means += !opens;
        }
        if (!looks)
            continue;
        seen[i] = bidi_mirror(seen[i]);
        if (other < n)
            seen[other] = bidi_mirror(seen[other]);
    }
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "doc/texcodes.h"

#include "base/attrs.h"

#include <math.h>

/* As much more than a candidate, at most, the drawing may look like something else; and as much
 * more than Latin-1's character, or the others, it has to look like the one that is taken. */
static const float near_most = 3, far_least = 3;

/* A ligature of ff, which the network was not taught, looks like fi or fl to it rather than like
 * what else it may be, if not much. */
static const float ligature_most = 6;

/* Where a ligature stands in the em (shape_add_measures): on the line or, slanted, a little below
 * it, as high as an f. */
enum { FOOT_LEAST = 20, FOOT_MOST = 54, TOP_LEAST = 76, WIDTH_LEAST = 55 };
enum { MEASURES = SHAPE_SIDE * SHAPE_SIDE, MEASURE_WIDTH = 3, MEASURE_FOOT, MEASURE_TOP };

enum { OTHERS_MOST = 4, EN_DASH = 0x2013, EM_DASH = 0x2014 };

struct number {
    uint16_t number;
    uint16_t characters[OTHERS_MOST]; /* 0: no more */
};

/* Sorted by the number; those above are in t1. */
static const struct number numbers[] = {
    {0, {0x393}},
    {1, {0x394, 0xb7}},
    {2, {0x398, 0xd7}},
    {3, {0x39b, '*'}},
    {4, {0x39e}},
    {5, {0x3a0}},
    {6, {0x3a3, 0xb1}},
    {8, {0x3a6}},
    {9, {0x3a8}},
    {10, {0x3a9}},
    {11, {0xfb00, 0x3b1}},
    {12, {0xfb01, 0x3b2}},
    {13, {0xfb02, 0x3b3}},
    {14, {0xfb03, 0x3b4}},
    {15, {0xfb04, 0x2022, 0x3b5}},
    {16, {0x201c, 0x131, 0x3b6}},
    {17, {0x201d, 0x3b7}},
    {18, {0x201e, 0x3b8}},
    {19, {0xab, 0x3b9}},
    {20, {0xbb, 0x2264, 0x3ba}},
    {21, {EN_DASH, 0x2265, 0x3bb}},
    {22, {EM_DASH, 0x3bc}},
    {23, {0x3bd}},
    {24, {0x3be}},
    {25, {0xdf, 0x131, 0x3c0}},
    {26, {0xe6, 0x3c1}},
    {27, {0xfb00, 0x153, 0x3c3}},
    {28, {0xfb01, 0xf8, 0x3c4}},
    {29, {0xfb02, 0xc6, 0x3c5}},
    {30, {0xfb03, 0x152, 0x3c6}},
    {31, {0xfb04, 0xd8, 0x3c7}},
    {'"', {0x201d}},
    {'\\', {0x201c}},
    {'{', {EN_DASH}},
    {'|', {EM_DASH}},
    {0x7f, {'-'}},
    {0x88, {0x139, 0x2022}},
    {0x97, {0x16e, 0x2122}},
    {0xbf, {0xa3, 0x20ac}},
    {0xd7, {0x152}},
    {0xf7, {0x153}},
    {0xff, {0xdf}},
};

/* T1 from T1_FIRST on. */
enum { T1_FIRST = 0x80, T1_LAST = 0xbc };
static const uint16_t t1[T1_LAST - T1_FIRST + 1] = {
    0x102, 0x104, 0x106, 0x10c, 0x10e, 0x11a, 0x118, 0x11e, 0x139, 0x13d, 0x141, 0x143, 0x147,
    0x14a, 0x150, 0x154, 0x158, 0x15a, 0x160, 0x15e, 0x164, 0x162, 0x170, 0x16e, 0x178, 0x179,
    0x17d, 0x17b, 0x132, 0x130, 0x111, 0xa7,  0x103, 0x105, 0x107, 0x10d, 0x10f, 0x11b, 0x119,
    0x11f, 0x13a, 0x13e, 0x142, 0x144, 0x148, 0x14b, 0x151, 0x155, 0x159, 0x15b, 0x161, 0x15f,
    0x165, 0x163, 0x171, 0x16f, 0xff,  0x17a, 0x17e, 0x17c, 0x133,
};

static struct number
find(uint32_t number)
{
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        if (numbers[i].number == number)
            return numbers[i];
    if (number >= T1_FIRST && number <= T1_LAST)
        return (struct number){(uint16_t)number, {t1[number - T1_FIRST]}};
    return (struct number){0};
}

bool
texcodes_differ(uint32_t number)
{
    return find(number).characters[0] != 0;
}

/* How much more than like the character it looks like another; INFINITY: nobody knows. */
static float
distance(const uint8_t inputs[SHAPE_INPUTS], uint32_t character)
{
    /* The dashes differ in length alone. */
    uint32_t known = character == EM_DASH ? EN_DASH : character;

    return shape_knows(known) ? shape_judge(inputs, known).margin : INFINITY;
}

static bool
is_ligature_of_ff(uint32_t character)
{
    return character == 0xfb00 || character == 0xfb03 || character == 0xfb04;
}

static bool
stands_as_f(const uint8_t inputs[SHAPE_INPUTS])
{
    const uint8_t *measures = inputs + MEASURES;

    return measures[MEASURE_FOOT] >= FOOT_LEAST && measures[MEASURE_FOOT] <= FOOT_MOST &&
           measures[MEASURE_TOP] >= TOP_LEAST && measures[MEASURE_WIDTH] >= WIDTH_LEAST;
}

uint32_t
texcodes_character(const uint8_t inputs[SHAPE_INPUTS], uint32_t number)
{
    struct number found = find(number);
    float least = INFINITY, latin = number > ' ' ? distance(inputs, number) : INFINITY;
    uint32_t best = 0;

    for (size_t i = 0; i < OTHERS_MOST && found.characters[i] != 0; i++) {
        float d = distance(inputs, found.characters[i]);
        if (d < least) {
            least = d;
            best = found.characters[i];
        }
    }
    if (least <= near_most)
        return latin - least >= far_least ? best : 0;
    /* The network was not taught these. */
    bool ligature = is_ligature_of_ff(found.characters[0]);
    float like = fminf(distance(inputs, 0xfb01), distance(inputs, 0xfb02));
    return ligature && like <= ligature_most && like < least && stands_as_f(inputs)
               ? found.characters[0]
               : 0;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ocr/reversed.h"

#include "base/arena.h"

#include <math.h>
#include <string.h>

enum {
    LOOK_SIDE = 1200, /* cells of the longer side: bands are looked for among these */
    SIDE_MIN = 9,     /* cells: a band is as high as a line of small print with its margins */
    LENGTH_MIN = 24,  /* and as long as a short word */
    BANDS_MAX = 200,  /* more are a texture */
    CONTRAST_MIN = 60 /* grey levels between the ground and its print, and the paper */
};

/* Of the paper's brightness: darker is ground. */
static const float ground_share = 0.7F;

/* Of a band: print, at the least and the most; and ground that is as bright as its middle one,
 * give or take ground_spread levels. */
static const float print_least = 0.02F, print_most = 0.45F, even_least = 0.85F;
enum { GROUND_SPREAD = 26 };

/* Cells that an edge is away from a straight line, on the average. */
static const float edge_most = 1.2F;

/* Cells: how many pixels make one, each way, and whether it and all around it are dark. */
struct cells {
    struct arena *arena;
    const struct pixmap *picture;
    uint8_t *deep; /* [height][width]; 2: taken */
    uint32_t *stack;
    uint32_t width, height, unit;
    uint8_t paper, limit;
};

/* Of a band in cells: from and to of each column, in first..last. */
struct band {
    uint32_t first, last, *top, *bottom;
    uint32_t min_y, max_y;
};

/* The brightness that a tenth of the pixels exceed. */
static uint8_t
paper_of(const struct pixmap *picture)
{
    uint32_t counts[256] = {0}, seen = 0, all = 0;
    int level = 255;

    for (uint32_t y = 0; y < picture->height; y += 3)
        for (uint32_t x = 0; x < picture->width; x += 3, all++)
            counts[picture->pixels[y * picture->stride + x]]++;
    while (level > 0 && (seen += counts[level]) < all / 10)
        level--;
    return (uint8_t)level;
}

static uint8_t
mean_of_cell(const struct cells *c, uint32_t x, uint32_t y)
{
    uint32_t sum = 0;

    for (uint32_t k = 0; k < c->unit; k++) {
        const uint8_t *row =
            c->picture->pixels + (y * c->unit + k) * c->picture->stride + (size_t)x * c->unit;
        for (uint32_t i = 0; i < c->unit; i++)
            sum += row[i];
    }
    return (uint8_t)(sum / (c->unit * c->unit));
}

static bool
look(struct cells *c)
{
    uint8_t *dark = arena_array(c->arena, c->height, c->width);

    c->deep = arena_array(c->arena, c->height, c->width);
    if (dark == NULL || c->deep == NULL)
        return false;
    for (uint32_t y = 0; y < c->height; y++)
        for (uint32_t x = 0; x < c->width; x++)
            dark[y * c->width + x] = mean_of_cell(c, x, y) < c->limit;
    for (uint32_t y = 1; y + 1 < c->height; y++)
        for (uint32_t x = 1; x + 1 < c->width; x++) {
            const uint8_t *p = dark + y * c->width + x;
            const uint8_t *a = p - c->width, *b = p + c->width;
            c->deep[y * c->width + x] =
                p[-1] & p[0] & p[1] & a[-1] & a[0] & a[1] & b[-1] & b[0] & b[1];
        }
    return true;
}

/* ---- bands ---- */

static void
take_cell(struct cells *c, struct band *band, uint32_t at)
{
    uint32_t x = at % c->width, y = at / c->width;

    band->first = x < band->first ? x : band->first;
    band->last = x > band->last ? x : band->last;
    band->min_y = y < band->min_y ? y : band->min_y;
    band->max_y = y > band->max_y ? y : band->max_y;
    band->top[x] = y < band->top[x] ? y : band->top[x];
    band->bottom[x] = y > band->bottom[x] ? y : band->bottom[x];
}

/* What hangs together with the cell. */
static void
grow(struct cells *c, uint32_t seed, struct band *band)
{
    uint32_t n = 0;

    for (uint32_t x = 0; x < c->width; x++) {
        band->top[x] = UINT32_MAX;
        band->bottom[x] = 0;
    }
    band->first = band->min_y = UINT32_MAX;
    band->last = band->max_y = 0;
    c->stack[n++] = seed;
    c->deep[seed] = 2;
    while (n > 0) {
        uint32_t at = c->stack[--n];
        /* the outermost cells are never deep */
        const uint32_t next[4] = {at - 1, at + 1, at - c->width, at + c->width};
        take_cell(c, band, at);
        for (int i = 0; i < 4; i++)
            if (c->deep[next[i]] == 1) {
                c->deep[next[i]] = 2;
                c->stack[n++] = next[i];
            }
    }
}

/* Mean distance of an edge from the straight line that fits it best; its ends do not count, where
 * corners are round. */
static float
unevenness(const uint32_t *edge, uint32_t first, uint32_t last)
{
    double sx = 0, sy = 0, sxx = 0, sxy = 0, off = 0;
    uint32_t margin = 1 + (last - first) / 50, n = 0;

    for (uint32_t x = first + margin; x + margin <= last; x++, n++) {
        sx += x;
        sy += edge[x];
        sxx += (double)x * x;
        sxy += (double)x * edge[x];
    }
    double d = n * sxx - sx * sx, slope = d > 0 ? (n * sxy - sx * sy) / d : 0;
    double from = n > 0 ? (sy - slope * sx) / n : 0;
    for (uint32_t x = first + margin; x + margin <= last; x++)
        off += fabs(edge[x] - from - slope * x);
    return n > 0 ? (float)(off / n) : INFINITY;
}

static bool
is_shaped(const struct band *band)
{
    uint32_t area = 0, length = band->last - band->first + 1;

    for (uint32_t x = band->first; x <= band->last; x++) {
        if (band->top[x] > band->bottom[x])
            return false;
        area += band->bottom[x] - band->top[x] + 1;
    }
    /* as deep cells lie a cell inside */
    return length + 2 >= LENGTH_MIN && area >= (uint32_t)(SIDE_MIN - 2) * length &&
           unevenness(band->top, band->first, band->last) <= edge_most &&
           unevenness(band->bottom, band->first, band->last) <= edge_most;
}

/* ---- its pixels ---- */

static uint8_t *
column_of(const struct cells *c, uint32_t x, uint32_t y)
{
    return c->picture->pixels + (size_t)y * c->picture->stride + x;
}

/* Brightness of the ground and the print of a band; false if it has no light print on even
 * ground. */
static bool
find_levels(const struct cells *c, const struct band *band, uint8_t *ret_ground, uint8_t *ret_print)
{
    uint32_t counts[256] = {0}, all = 0, ground = 0, print = 0, even = 0, level = 0, light = 255;
    uint32_t seen = 0;

    for (uint32_t x = band->first * c->unit; x < (band->last + 1) * c->unit; x++)
        for (uint32_t y = band->top[x / c->unit] * c->unit;
             y < (band->bottom[x / c->unit] + 1) * c->unit; y++, all++)
            counts[*column_of(c, x, y)]++;
    for (; level < 255 && (ground += counts[level]) * 2 < all;)
        level++;
    for (uint32_t g = 0; g < 256; g++) {
        even += g + GROUND_SPREAD >= level && g <= level + GROUND_SPREAD ? counts[g] : 0;
        print += g >= level + CONTRAST_MIN ? counts[g] : 0;
    }
    while (light > 0 && (seen += counts[light]) * 4 < print)
        light--;
    *ret_ground = (uint8_t)level;
    *ret_print = (uint8_t)light;
    uint32_t darker = 0;
    for (uint32_t g = 0; g + CONTRAST_MIN < level; g++)
        darker += counts[g];
    return level + CONTRAST_MIN <= c->paper && light >= level + CONTRAST_MIN &&
           (float)print >= print_least * (float)all && (float)print <= print_most * (float)all &&
           (float)even >= even_least * (float)(all - print) * 0.8F && darker * 4 < print;
}

/* The band becomes paper and its print dark; what is left of its edges becomes paper. */
static void
reverse(const struct cells *c, const struct band *band, uint8_t ground, uint8_t print)
{
    uint32_t unit = c->unit, w = c->width * unit, h = c->height * unit;
    uint32_t first = band->first * unit, end = (band->last + 1) * unit;
    uint32_t from = first > 2 * unit ? first - 2 * unit : 0;
    uint32_t to = end + 2 * unit < w ? end + 2 * unit : w;

    for (uint32_t x = from; x < to; x++) {
        uint32_t near = x < first ? first : x >= end ? end - 1 : x;
        uint32_t top = band->top[near / unit] * unit;
        uint32_t bottom = (band->bottom[near / unit] + 1) * unit;
        for (uint32_t y = top > 2 * unit ? top - 2 * unit : 0; y < bottom + 2 * unit && y < h;
             y++) {
            uint8_t *p = column_of(c, x, y);
            bool inside = near == x && y >= top && y < bottom;
            int grey = c->paper - (*p - ground) * c->paper / (print - ground);
            *p = !inside || grey > c->paper ? c->paper : grey < 0 ? 0 : (uint8_t)grey;
        }
    }
}

static uint32_t
mend(struct cells *c, struct band *band)
{
    uint32_t found = 0, tried = 0;

    for (uint32_t at = 0; at < c->width * c->height && tried < BANDS_MAX; at++) {
        uint8_t ground, print;
        if (c->deep[at] != 1)
            continue;
        grow(c, at, band);
        if (band->last - band->first + 3 < LENGTH_MIN || band->max_y - band->min_y + 3 < SIDE_MIN)
            continue;
        tried++;
        if (is_shaped(band) && find_levels(c, band, &ground, &print)) {
            reverse(c, band, ground, print);
            found++;
        }
    }
    return found;
}

bool
reversed_mend(const struct pixmap *picture, uint32_t *ret_bands)
{
    uint32_t longer = picture->width > picture->height ? picture->width : picture->height;
    uint32_t unit = (longer + LOOK_SIDE - 1) / LOOK_SIDE;
    struct cells c = {.picture = picture, .unit = unit == 0 ? 1 : unit};
    struct band band;
    bool ok;

    *ret_bands = 0;
    c.width = picture->width / c.unit;
    c.height = picture->height / c.unit;
    c.paper = paper_of(picture);
    c.limit = (uint8_t)(ground_share * (float)c.paper);
    if (c.width < LENGTH_MIN || c.height < SIDE_MIN)
        return true;
    c.arena = arena_new(MiB(16));
    if (c.arena == NULL)
        return false;
    c.stack = arena_array(c.arena, (size_t)c.width * c.height, sizeof(*c.stack));
    band.top = arena_array(c.arena, c.width, sizeof(*band.top));
    band.bottom = arena_array(c.arena, c.width, sizeof(*band.bottom));
    ok = c.stack != NULL && band.top != NULL && band.bottom != NULL && look(&c);
    if (ok)
        *ret_bands = mend(&c, &band);
    arena_drop(&c.arena);
    return ok;
}

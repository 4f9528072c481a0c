/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "doc/shape.h"

#include "doc/freetype_internal.h"
#include "doc/shape_net.h"

#include <math.h>

enum { CURVE_STEPS = 4 }; /* a cell is a sixteenth of the letter: finer would not be seen */

struct segment {
    float x0, y0, x1, y1;
};

/* The outline on its way from FreeType, in em. */
struct outline_walk {
    struct segment segments[SHAPE_SEGMENTS_MAX];
    size_t count;
    float em; /* in units of the font */
    float x, y, start_x, start_y;
    bool full;
};

static void
add_segment(struct outline_walk *walk, float x, float y)
{
    if (walk->count == SHAPE_SEGMENTS_MAX) {
        walk->full = true;
        return;
    }
    walk->segments[walk->count++] = (struct segment){walk->x, walk->y, x, y};
    walk->x = x;
    walk->y = y;
}

static void
close_contour(struct outline_walk *walk)
{
    if (walk->x != walk->start_x || walk->y != walk->start_y)
        add_segment(walk, walk->start_x, walk->start_y);
}

static int
move_to(const FT_Vector *to, void *arg)
{
    struct outline_walk *walk = arg;

    close_contour(walk);
    walk->x = walk->start_x = (float)to->x / walk->em;
    walk->y = walk->start_y = (float)to->y / walk->em;
    return 0;
}

static int
line_to(const FT_Vector *to, void *arg)
{
    const struct outline_walk *walk = arg;

    add_segment(arg, (float)to->x / walk->em, (float)to->y / walk->em);
    return 0;
}

static int
cubic_to(const FT_Vector *a, const FT_Vector *b, const FT_Vector *to, void *arg)
{
    struct outline_walk *walk = arg;
    float x0 = walk->x, y0 = walk->y;

    for (int i = 1; i <= CURVE_STEPS; i++) {
        float t = (float)i / CURVE_STEPS, s = 1 - t;
        float p = s * s * s, q = 3 * s * s * t / walk->em, r = 3 * s * t * t / walk->em,
              u = t * t * t / walk->em;
        add_segment(walk, p * x0 + q * (float)a->x + r * (float)b->x + u * (float)to->x,
                    p * y0 + q * (float)a->y + r * (float)b->y + u * (float)to->y);
    }
    return 0;
}

static int
conic_to(const FT_Vector *a, const FT_Vector *to, void *arg)
{
    struct outline_walk *walk = arg;
    float x0 = walk->x, y0 = walk->y;

    for (int i = 1; i <= CURVE_STEPS; i++) {
        float t = (float)i / CURVE_STEPS, s = 1 - t;
        float p = s * s, q = 2 * s * t / walk->em, r = t * t / walk->em;
        add_segment(walk, p * x0 + q * (float)a->x + r * (float)to->x,
                    p * y0 + q * (float)a->y + r * (float)to->y);
    }
    return 0;
}

/* ---- the picture: exact coverage by signed areas, as in "font-rs" (Levien, 2016) ---- */

/* Adds to the cells of one row the area right of a part of a segment that stays in the row.
 * x in cells, height the part's signed height. */
static float
least(float a, float b)
{
    return a < b ? a : b;
}

static float
most(float a, float b)
{
    return a > b ? a : b;
}

static void
add_area(float row[SHAPE_SIDE + 2], float x0, float x1, float height)
{
    float left = least(x0, x1), right = most(x0, x1), width = right - left;
    int first = (int)left, last = (int)right;

    last = last > SHAPE_SIDE ? SHAPE_SIDE : last;
    first = first > last ? last : first;
    if (first == last || width < 1e-6F) {
        float inside = 1 - ((left + right) / 2 - (float)first);
        row[first] += height * inside;
        row[first + 1] += height * (1 - inside);
        return;
    }
    for (int i = first; i <= last; i++) {
        float from = most(left, (float)i), to = least(right, (float)(i + 1));
        float part = height * (to - from) / width, inside = 1 - ((from + to) / 2 - (float)i);
        row[i] += part * inside;
        row[i + 1] += part * (1 - inside);
    }
}

static void
draw_segment(float cells[SHAPE_SIDE][SHAPE_SIDE + 2], struct segment s)
{
    float sign = s.y0 < s.y1 ? 1 : -1;
    struct segment d = s.y0 < s.y1 ? s : (struct segment){s.x1, s.y1, s.x0, s.y0};
    float slope = (d.x1 - d.x0) / (d.y1 - d.y0);

    if (d.y1 - d.y0 < 1e-6F)
        return;
    for (int row = (int)d.y0; row < SHAPE_SIDE && (float)row < d.y1; row++) {
        float from = most(d.y0, (float)row), to = least(d.y1, (float)(row + 1));
        float limit = SHAPE_SIDE;
        float x0 = least(most(d.x0 + (from - d.y0) * slope, 0), limit);
        float x1 = least(most(d.x0 + (to - d.y0) * slope, 0), limit);
        add_area(cells[row], x0, x1, sign * (to - from));
    }
}

uint8_t
shape_measure(float v)
{
    return (uint8_t)(least(most(v, 0), 1) * 127);
}

void
shape_add_measures(fz_rect box, uint8_t *inputs)
{
    float w = box.x1 - box.x0, h = box.y1 - box.y0;

    inputs[0] = shape_measure(0.5F * w / h);
    inputs[1] = shape_measure(0.5F * h / w);
    inputs[2] = shape_measure(h);
    inputs[3] = shape_measure(w);
    inputs[4] = shape_measure(box.y0 + 0.4F);
    inputs[5] = shape_measure(box.y1);
    inputs[6] = shape_measure(box.y0 * 4 + 0.5F); /* near the baseline, finer */
    inputs[7] = 127;
}

static fz_rect
bound(const struct outline_walk *walk)
{
    fz_rect box = {INFINITY, INFINITY, -INFINITY, -INFINITY};

    for (size_t i = 0; i < walk->count; i++) {
        const struct segment *s = &walk->segments[i];
        box.x0 = least(box.x0, least(s->x0, s->x1));
        box.y0 = least(box.y0, least(s->y0, s->y1));
        box.x1 = most(box.x1, most(s->x0, s->x1));
        box.y1 = most(box.y1, most(s->y0, s->y1));
    }
    return box;
}

static void
draw(const struct outline_walk *walk, fz_rect box, uint8_t inputs[SHAPE_INPUTS])
{
    float cells[SHAPE_SIDE][SHAPE_SIDE + 2] = {0};
    float across = SHAPE_SIDE / (box.x1 - box.x0), up = SHAPE_SIDE / (box.y1 - box.y0);

    for (size_t i = 0; i < walk->count; i++) {
        const struct segment *s = &walk->segments[i];
        draw_segment(cells, (struct segment){(s->x0 - box.x0) * across, (s->y0 - box.y0) * up,
                                             (s->x1 - box.x0) * across, (s->y1 - box.y0) * up});
    }
    for (int y = 0; y < SHAPE_SIDE; y++) {
        float sum = 0;
        for (int x = 0; x < SHAPE_SIDE; x++) {
            sum += cells[y][x];
            inputs[y * SHAPE_SIDE + x] = shape_measure(fabsf(sum));
        }
    }
    shape_add_measures(box, inputs + (size_t)SHAPE_SIDE * SHAPE_SIDE);
}

bool
shape_draw(void *face, int glyph, uint8_t ret_inputs[SHAPE_INPUTS])
{
    static const FT_Outline_Funcs funcs = {move_to, line_to, conic_to, cubic_to, 0, 0};
    FT_Face ft = face;
    struct outline_walk walk;

    if (ft == NULL || ft->units_per_EM == 0 ||
        FT_Load_Glyph(ft, (FT_UInt)glyph, FT_LOAD_NO_SCALE | FT_LOAD_IGNORE_TRANSFORM) != 0 ||
        ft->glyph->format != FT_GLYPH_FORMAT_OUTLINE)
        return false;
    walk.em = ft->units_per_EM;
    walk.count = 0;
    walk.full = false;
    walk.x = walk.y = walk.start_x = walk.start_y = 0;
    if (FT_Outline_Decompose(&ft->glyph->outline, &funcs, &walk) != 0)
        return false;
    close_contour(&walk);
    fz_rect box = bound(&walk);
    if (walk.full || !(box.x1 - box.x0 > 1e-3F && box.x1 - box.x0 < 10) ||
        !(box.y1 - box.y0 > 1e-3F && box.y1 - box.y0 < 10))
        return false;
    draw(&walk, box, ret_inputs);
    return true;
}

/* ---- the network ---- */

static int
class_of(uint32_t code)
{
    int low = 0, high = SHAPE_CLASSES - 1;

    while (low <= high) {
        int middle = (low + high) / 2;
        if (shape_codes[middle] == code)
            return middle;
        if (shape_codes[middle] < code)
            low = middle + 1;
        else
            high = middle - 1;
    }
    return -1;
}

/* The hidden units of what is drawn in inputs. */
static void
excite(const uint8_t inputs[SHAPE_INPUTS], int16_t hidden[SHAPE_HIDDEN])
{
    int16_t wide[SHAPE_INPUTS];

    for (int i = 0; i < SHAPE_INPUTS; i++)
        wide[i] = inputs[i];
    for (int j = 0; j < SHAPE_HIDDEN; j++) {
        int32_t sum = 0;
        for (int i = 0; i < SHAPE_INPUTS; i++)
            sum += wide[i] * shape_first[j][i];
        sum = (sum + shape_bias[j]) >> SHAPE_SHIFT;
        hidden[j] = (int16_t)(sum < 0 ? 0 : sum > INT16_MAX ? INT16_MAX : sum);
    }
}

static int32_t
likeness(const int16_t hidden[SHAPE_HIDDEN], int class)
{
    int32_t sum = 0;

    for (int j = 0; j < SHAPE_HIDDEN; j++)
        sum += hidden[j] * shape_second[class][j];
    return sum + shape_out_bias[class];
}

/* The letter in its other case, if it has one nearby: small capitals are letters that look large.
 */
static uint32_t
other_case(uint32_t code)
{
    bool latin = (code >= 'A' && code <= 'Z') || (code >= 'a' && code <= 'z');
    bool accented = code >= 0xc0 && code <= 0xfe && code != 0xd7 && code != 0xf7 && code != 0xdf;

    return latin || accented ? code ^ 0x20 : code;
}

struct shape_verdict
shape_judge(const uint8_t inputs[SHAPE_INPUTS], uint32_t code)
{
    int16_t hidden[SHAPE_HIDDEN];
    int claimed = class_of(code), other = class_of(other_case(code));
    struct shape_verdict verdict = {code, 0};
    int32_t best = INT32_MIN;

    if (claimed < 0)
        return verdict;
    excite(inputs, hidden);
    for (int k = 0; k < SHAPE_CLASSES; k++) {
        int32_t like = likeness(hidden, k);
        if (like > best) {
            best = like;
            verdict.looks = shape_codes[k];
        }
    }
    int32_t as_said = likeness(hidden, claimed);
    if (other >= 0 && likeness(hidden, other) > as_said)
        as_said = likeness(hidden, other);
    verdict.margin = (float)(best - as_said) * shape_unit;
    return verdict;
}

bool
shape_knows(uint32_t code)
{
    return class_of(code) >= 0;
}

bool
shape_is_plain(uint32_t code)
{
    return (code >= '0' && code <= '9') || (code >= 'A' && code <= 'Z') ||
           (code >= 'a' && code <= 'z');
}

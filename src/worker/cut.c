/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "worker/cut.h"

#include <math.h>
#include <string.h>

/* Print of the page over a mark is closed with a square of so much of its height. */
static const float stroke_share = 0.3F;

/* Of a cut-out, dark to bright: its ink, and its paper. */
static const double ink_quantile = 0.02, paper_quantile = 0.75;
static const int contrast_least = 16;

/* A frame, of a cut-out in which ink is black: it spans so much of it, and takes little of its box.
 */
enum { DARK = 128, MARK_SEEN = 1, MARK_FRAME = 2 };
static const float frame_span = 0.75F, frame_fill = 0.3F;

struct box
cut_around(struct box b, float s, float c)
{
    float x = ((b.x0 + b.x1) * c - (b.y0 + b.y1) * s) / 2;
    float y = ((b.x0 + b.x1) * s + (b.y0 + b.y1) * c) / 2;
    float w = (box_width(b) * fabsf(c) + box_height(b) * fabsf(s)) / 2;
    float h = (box_width(b) * fabsf(s) + box_height(b) * fabsf(c)) / 2;

    return (struct box){x - w, y - h, x + w, y + h};
}

/* Each pixel the brightest (or darkest) of those up to n before and behind it. */
static void
spread(uint8_t *pixels, size_t step, size_t count, size_t n, bool brightest, uint8_t *row)
{
    for (size_t i = 0; i < count; i++)
        row[i] = pixels[i * step];
    for (size_t i = 0; i < count; i++) {
        uint8_t level = row[i];
        size_t end = i + n < count ? i + n : count - 1;
        for (size_t k = i > n ? i - n : 0; k <= end; k++)
            level = (row[k] > level) == brightest ? row[k] : level;
        pixels[i * step] = level;
    }
}

/* Strokes thinner than twice n vanish from a part of the picture; what is larger stays. */
static void
close_strokes(struct pixmap *part, size_t n, uint8_t *row)
{
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t y = 0; y < part->height; y++)
            spread(part->pixels + y * part->stride, 1, part->width, n, pass == 0, row);
        for (uint32_t x = 0; x < part->width; x++)
            spread(part->pixels + x, part->stride, part->height, n, pass == 0, row);
    }
}

void
cut_close(struct pixmap *picture, struct box box, uint8_t *row)
{
    float scale = picture->dpi / 72, pad = 0.1F * fminf(box_width(box), box_height(box));
    float width = (float)picture->width, height = (float)picture->height;
    uint32_t x0 = (uint32_t)fminf(width, fmaxf(0, (box.x0 - pad - picture->x0) * scale));
    uint32_t x1 = (uint32_t)fminf(width, fmaxf(0, (box.x1 + pad - picture->x0) * scale));
    uint32_t y0 = (uint32_t)fminf(height, fmaxf(0, (box.y0 - pad - picture->y0) * scale));
    uint32_t y1 = (uint32_t)fminf(height, fmaxf(0, (box.y1 + pad - picture->y0) * scale));
    float stroke = stroke_share * fminf(box_width(box), box_height(box)) * scale;

    if (x1 <= x0 || y1 <= y0)
        return;
    struct pixmap part = *picture;
    part.pixels += y0 * picture->stride + x0;
    part.width = x1 - x0;
    part.height = y1 - y0;
    close_strokes(&part, (size_t)fmaxf(1, stroke / 2), row);
}

bool
cut_copy(struct arena *work, const struct pixmap *from, struct box box, struct pixmap *ret)
{
    float scale = from->dpi / 72, width = (float)from->width, height = (float)from->height;
    uint32_t x0 = (uint32_t)fminf(width, fmaxf(0, (box.x0 - from->x0) * scale - 1));
    uint32_t x1 = (uint32_t)fminf(width, fmaxf(0, (box.x1 - from->x0) * scale + 2));
    uint32_t y0 = (uint32_t)fminf(height, fmaxf(0, (box.y0 - from->y0) * scale - 1));
    uint32_t y1 = (uint32_t)fminf(height, fmaxf(0, (box.y1 - from->y0) * scale + 2));
    struct pixmap part = *from;

    if (x1 <= x0 || y1 <= y0)
        return false;
    part.width = x1 - x0;
    part.height = y1 - y0;
    part.stride = part.width;
    part.x0 += (float)x0 / scale;
    part.y0 += (float)y0 / scale;
    part.pixels = arena_array(work, part.height, part.stride);
    if (part.pixels == NULL)
        return false;
    for (uint32_t y = 0; y < part.height; y++)
        memcpy(part.pixels + y * part.stride, from->pixels + (y0 + y) * from->stride + x0,
               part.width);
    *ret = part;
    return true;
}

/* Mean of the square of size pixels at (x, y), those outside of the picture left out; -1: all are.
 */
static float
mean_at(const struct pixmap *p, float x, float y, float size)
{
    int64_t x0 = (int64_t)floorf(x - size / 2 + 0.5F), y0 = (int64_t)floorf(y - size / 2 + 0.5F);
    int64_t n = (int64_t)fmaxf(1, roundf(size));
    uint32_t sum = 0, count = 0;

    for (int64_t py = y0; py < y0 + n; py++)
        for (int64_t px = x0; px < x0 + n; px++) {
            if (px < 0 || py < 0 || px >= p->width || py >= p->height)
                continue;
            sum += p->pixels[(size_t)py * p->stride + (size_t)px];
            count++;
        }
    return count > 0 ? (float)sum / (float)count : -1;
}

/* Between the four pixels around (x, y). */
static float
level_at(const struct pixmap *p, float x, float y)
{
    float fx = x - floorf(x), fy = y - floorf(y);

    if (!(x >= 0 && y >= 0 && x < (float)p->width - 1 && y < (float)p->height - 1))
        return -1;
    const uint8_t *at = p->pixels + (size_t)y * p->stride + (size_t)x;
    float above = (float)at[0] * (1 - fx) + (float)at[1] * fx;
    float below = (float)at[p->stride] * (1 - fx) + (float)at[p->stride + 1] * fx;
    return above * (1 - fy) + below * fy;
}

static int
level_of_share(const uint64_t counts[256], double share)
{
    uint64_t all = 0, seen = 0;
    int level = 0;

    for (int i = 0; i < 256; i++)
        all += counts[i];
    while (level < 255 && (double)(seen += counts[level]) < share * (double)all)
        level++;
    return level;
}

/* Ink to black and paper to white. False if there is no telling them apart. */
static bool
stretch(struct pixmap *p)
{
    uint64_t counts[256] = {0};
    uint8_t levels[256];

    for (uint32_t y = 0; y < p->height; y++)
        for (uint32_t x = 0; x < p->width; x++)
            counts[p->pixels[y * p->stride + x]]++;
    int dark = level_of_share(counts, ink_quantile), paper = level_of_share(counts, paper_quantile);
    if (paper - dark < contrast_least)
        return false;
    for (int i = 0; i < 256; i++) {
        int level = (i - dark) * 255 / (paper - dark);
        levels[i] = (uint8_t)(level < 0 ? 0 : level > 255 ? 255 : level);
    }
    for (uint32_t y = 0; y < p->height; y++)
        for (uint32_t x = 0; x < p->width; x++)
            p->pixels[y * p->stride + x] = levels[p->pixels[y * p->stride + x]];
    return true;
}

/* The connected part of dark pixels around at, marked from, becomes to; its box, how many. */
static uint32_t
fill_part(const struct pixmap *p, uint8_t *marks, uint32_t *stack, uint32_t at, uint8_t to,
          uint32_t ret_box[4])
{
    uint8_t from = marks[at];
    uint32_t n = 0, pixels = 0, w = p->width > 0 ? p->width : 1;

    marks[at] = to;
    stack[n++] = at;
    ret_box[0] = ret_box[2] = at % w;
    ret_box[1] = ret_box[3] = at / w;
    while (n > 0) {
        uint32_t x = stack[--n] % w, y = stack[n] / w;
        pixels++;
        ret_box[0] = x < ret_box[0] ? x : ret_box[0];
        ret_box[2] = x > ret_box[2] ? x : ret_box[2];
        ret_box[1] = y < ret_box[1] ? y : ret_box[1];
        ret_box[3] = y > ret_box[3] ? y : ret_box[3];
        for (uint32_t ny = y > 0 ? y - 1 : 0; ny <= y + 1 && ny < p->height; ny++)
            for (uint32_t nx = x > 0 ? x - 1 : 0; nx <= x + 1 && nx < w; nx++)
                if (p->pixels[ny * p->stride + nx] < DARK && marks[ny * w + nx] == from) {
                    marks[ny * w + nx] = to;
                    stack[n++] = ny * w + nx;
                }
    }
    return pixels;
}

/* Whether the pixel or one around it is of a frame: their edges are grey. */
static bool
is_at_frame(const uint8_t *marks, uint32_t w, uint32_t h, uint32_t x, uint32_t y)
{
    for (uint32_t ny = y > 0 ? y - 1 : 0; ny <= y + 1 && ny < h; ny++)
        for (uint32_t nx = x > 0 ? x - 1 : 0; nx <= x + 1 && nx < w; nx++)
            if (marks[ny * w + nx] == MARK_FRAME)
                return true;
    return false;
}

/* A level rule beside the letters, which may be dashed, is dark for so much of the width; one among
 * them without a break; an upright one for so much of the height. */
static const float dashes_least = 0.4F, level_least = 0.75F, upright_least = 0.9F;
enum {
    RULE_DARK = 176, /* rules may be fainter than print */
    RULE_EDGE = 2    /* grey pixels beside one */
};

static void
whiten_rows(struct pixmap *p, uint32_t from, uint32_t to)
{
    for (uint32_t y = from > RULE_EDGE ? from - RULE_EDGE : 0; y < to + RULE_EDGE && y < p->height;
         y++)
        memset(p->pixels + y * p->stride, 255, p->width);
}

static void
whiten_columns(struct pixmap *p, uint32_t from, uint32_t to)
{
    for (uint32_t x = from > RULE_EDGE ? from - RULE_EDGE : 0; x < to + RULE_EDGE && x < p->width;
         x++)
        for (uint32_t y = 0; y < p->height; y++)
            p->pixels[y * p->stride + x] = 255;
}

static bool
is_rule_row(const struct pixmap *p, const struct cut_line *line, uint32_t y)
{
    const uint8_t *row = p->pixels + y * p->stride;
    uint32_t dark = 0, run = 0, longest = 0;
    bool beside = (float)y < line->edge || (float)y >= (float)p->height - line->edge;

    for (uint32_t x = 0; x < p->width; x++) {
        run = row[x] < RULE_DARK ? run + 1 : 0;
        dark += row[x] < RULE_DARK;
        longest = run > longest ? run : longest;
    }
    return beside ? (float)dark >= dashes_least * (float)p->width
                  : (float)longest >= level_least * (float)p->width;
}

static bool
is_rule_column(const struct pixmap *p, const struct cut_line *line, uint32_t x)
{
    uint32_t dark = 0;

    for (uint32_t y = 0; y < p->height; y++)
        dark += p->pixels[y * p->stride + x] < RULE_DARK;
    return (float)dark >=
           upright_least * ((float)p->height - 2 * fmaxf(0, line->edge - line->around));
}

/* Makes paper of rules along a line and across it. */
static void
remove_rules(struct pixmap *p, const struct cut_line *line)
{
    for (uint32_t x = 0, first = 0; x <= p->width; x++) {
        if (x < p->width && is_rule_column(p, line, x))
            continue;
        if (x > first && (float)(x - first) <= line->rule)
            whiten_columns(p, first, x);
        first = x + 1;
    }
    for (uint32_t y = 0, first = 0; y <= p->height; y++) {
        if (y < p->height && is_rule_row(p, line, y))
            continue;
        if (y > first && (float)(y - first) <= line->rule)
            whiten_rows(p, first, y);
        first = y + 1;
    }
}

/* Makes paper of what goes around the letters or along them: the frame of a stamp, rules. */
static bool
remove_frame(struct arena *work, struct pixmap *p)
{
    uint32_t w = p->width, h = p->height, box[4];
    uint8_t *marks = arena_array(work, h, w);
    uint32_t *stack = arena_array(work, (size_t)w * h, sizeof(*stack));

    if (marks == NULL || stack == NULL)
        return false;
    for (uint32_t at = 0; at < w * h; at++) {
        if (marks[at] != 0 || p->pixels[at / w * p->stride + at % w] >= DARK)
            continue;
        uint32_t pixels = fill_part(p, marks, stack, at, MARK_SEEN, box);
        float across = (float)(box[2] - box[0] + 1), down = (float)(box[3] - box[1] + 1);
        bool spans = across >= frame_span * (float)w || down >= frame_span * (float)h;
        if (spans && (float)pixels <= frame_fill * across * down)
            (void)fill_part(p, marks, stack, at, MARK_FRAME, box);
    }
    for (uint32_t y = 0; y < h; y++)
        for (uint32_t x = 0; x < w; x++)
            if (is_at_frame(marks, w, h, x, y))
                p->pixels[y * p->stride + x] = 255;
    return true;
}

/* Turns what lies in the box out of the picture. */
static bool
turn_level(struct arena *work, const struct pixmap *from, struct cut *cut)
{
    struct pixmap *to = &cut->picture;
    float scale = from->dpi / 72, step = cut->unit * scale;

    to->width = (uint32_t)ceilf(box_width(cut->box) / cut->unit);
    to->height = (uint32_t)ceilf(box_height(cut->box) / cut->unit);
    to->stride = to->width;
    to->pixels = arena_array(work, to->height, to->stride);
    if (to->pixels == NULL)
        return false;
    for (uint32_t j = 0; j < to->height; j++)
        for (uint32_t i = 0; i < to->width; i++) {
            float u = cut->box.x0 + ((float)i + 0.5F) * cut->unit;
            float v = cut->box.y0 + ((float)j + 0.5F) * cut->unit;
            float x = (u * cut->c - v * cut->s - from->x0) * scale - 0.5F;
            float y = (u * cut->s + v * cut->c - from->y0) * scale - 0.5F;
            float level = step > 1.5F ? mean_at(from, x, y, step) : level_at(from, x, y);
            to->pixels[j * to->stride + i] = level < 0 ? 255 : (uint8_t)level;
        }
    return true;
}

void
cut_reverse(struct cut *cut)
{
    struct pixmap *p = &cut->picture;

    for (size_t i = 0, k = (size_t)p->width * p->height; i + 1 < k; i++) {
        uint8_t kept = p->pixels[i];
        p->pixels[i] = p->pixels[--k];
        p->pixels[k] = kept;
    }
    cut->reversed = !cut->reversed;
}

bool
cut_turn(struct arena *work, const struct pixmap *from, struct cut *cut)
{
    if (!turn_level(work, from, cut) || !stretch(&cut->picture))
        return false;
    if (cut->line.rule <= 0)
        return remove_frame(work, &cut->picture);
    remove_rules(&cut->picture, &cut->line);
    return true;
}

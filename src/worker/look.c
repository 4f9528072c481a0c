/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "worker/worker_internal.h"

/* Grey levels that scanner noise and JPEG leave on a blank sheet stay within this. */
static const int blank_range = 24;

/* Text pages have 60 to 98 % of their pixels near one level and 1 to 25 % far from it; photographs
 * rarely have a third near one level. Charts pass, rightly: they have labels. */
enum { NEAR_LEVELS = 24, FAR_LEVELS = 80 };
static const double near_least = 0.50;
static const double far_least = 0.003;
static const double far_most = 0.40;

bool
look_is_blank(const struct pixmap *picture)
{
    int low = 255, high = 0;

    for (uint32_t y = 0; y < picture->height; y++) {
        const uint8_t *row = picture->pixels + (size_t)y * picture->stride;
        for (uint32_t x = 0; x < picture->width; x++) {
            low = row[x] < low ? row[x] : low;
            high = row[x] > high ? row[x] : high;
        }
        if (high - low > blank_range)
            return false;
    }
    return true;
}

/* Pixels whose level differs from mode by least..most. */
static uint64_t
count_levels(const uint64_t counts[256], int mode, int least, int most)
{
    uint64_t sum = 0;

    for (int level = 0; level < 256; level++) {
        int away = level > mode ? level - mode : mode - level;
        if (away >= least && away <= most)
            sum += counts[level];
    }
    return sum;
}

bool
look_may_hold_text(const struct pixmap *picture)
{
    uint64_t counts[256] = {0};
    int mode = 0;

    for (uint32_t y = 0; y < picture->height; y++) {
        const uint8_t *row = picture->pixels + (size_t)y * picture->stride;
        for (uint32_t x = 0; x < picture->width; x++)
            counts[row[x]]++;
    }
    for (int level = 1; level < 256; level++)
        if (counts[level] > counts[mode])
            mode = level;
    double all = (double)picture->width * (double)picture->height;
    double near = (double)count_levels(counts, mode, 0, NEAR_LEVELS) / all;
    double far = (double)count_levels(counts, mode, FAR_LEVELS, 255) / all;
    return near >= near_least && far >= far_least && far <= far_most;
}

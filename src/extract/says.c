/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "extract/solve.h"

#include <math.h>
#include <string.h>

enum { NEAR_KEY_LEAST = 5, KEY_LEN_MAX = 60 };

static float
key_match(const char *wanted, const char *said)
{
    size_t n = strlen(wanted), m = strlen(said);

    if (n == 0 || m == 0)
        return 0;
    if (strcmp(wanted, said) == 0)
        return 0.97F;
    if (n >= NEAR_KEY_LEAST && m < KEY_LEN_MAX && n < KEY_LEN_MAX) {
        int most = (int)(n > m ? n : m) / 6;
        if (most > 0 && fold_distance(wanted, said, most) <= most)
            return 0.85F;
    }
    if (n >= 4 && m > n && strstr(said, wanted) != NULL)
        return 0.35F + 0.5F * (float)n / (float)m;
    if (m >= 4 && n > m && strstr(wanted, said) != NULL)
        return 0.25F + 0.5F * (float)m / (float)n;
    return 0;
}

/* All words of the property stand there, in whatever order and with whatever between. */
static float
words_match(const struct field *field, const char *said)
{
    size_t known = 0, all = strlen(said);

    if (field->word_count == 0 || all > KEY_LEN_MAX)
        return 0;
    for (uint32_t i = 0; i < field->word_count; i++) {
        if (strlen(field->words[i]) < 3 || strstr(said, field->words[i]) == NULL)
            return 0;
        known += strlen(field->words[i]);
    }
    return 0.5F + 0.45F * (float)known / (float)all;
}

float
field_says(const struct field *field, const char *key)
{
    float own = field->own_key == NULL ? 0 : key_match(field->own_key, key);
    float title = field->title_key == NULL ? 0 : key_match(field->title_key, key);

    return fmaxf(fmaxf(own, title), words_match(field, key));
}

/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/pitch.c - program code on scans: lines in letters of one width, with the signs that
 * programs are written with.
 *
 * No font has a name there, but the boxes of words are those of their ink. In letters of one width
 * a word of n letters is n advances wide less the white at its ends, words stand whole advances
 * apart, and so do the fronts of lines; in all other type that is so by chance. For each advance
 * that a word suggests, lines get the logarithm of how much likelier they are in that pitch; the
 * run of lines with the greatest sum is taken (Bentley's scan), and told for code by its signs.
 * Typewritten text has the pitch and not the signs. Method: our own. */
#include "layout/blocks_internal.h"

#include "page/chars.h"

#include <math.h>
#include <string.h>

enum {
    PITCHES_MAX = 48,
    LETTERS_LEAST = 4,
    SHORT_LINE = 3,
    RUNS_MAX = 12,
    SIGNS_LEAST = 3,
    WORDS_MAX = 6000
};

/* White between a letter or a sign and the edge of its place, in advances; how much that and what
 * is measured vary. */
static const float white_letter = 0.13f, white_sign = 0.34f, spread = 0.17f;
/* Of letters of several widths, for each letter. */
static const float letter_spread = 0.3f;
static const float pitch_least = 0.35f, pitch_most = 1.0f; /* of the line's size */
static const float unlike_least = -3.5f; /* of one word or space: it may have been misread */
static const float step_most = 3.6f;     /* between lines of one run, in sizes */
static const float far_step = 2.1f, far_cost = 1.5f;
static const float run_least = 7.0f; /* the sum that a run needs */
static const float end_least = 2.2f; /* of a line without signs at a run's end */
static const float same_step = 1.15f, short_step = 1.6f,
                   more_least = -3.0f; /* of a line beside a run */
static const float line_sure = 1.0f;   /* what a line has that is in the pitch beyond doubt */
static const float sign_share = 0.025f, sign_share_typed = 0.06f;
static const float typed_share = 0.5f; /* of the rest of the page: it was typed, all of it */

/* Lines [first, end) in one pitch. */
struct run {
    uint32_t first, end;
    float pitch, score;
};

static uint32_t
count_letters(const char *text)
{
    uint32_t n = 0;

    for (; *text != '\0'; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

static float
white_of(uint32_t c)
{
    bool wide = c > 0 && c < 0x80 && strchr("_=+-<>#~", (int)c) != NULL;

    return wide || char_is_letter(c) || char_is_digit(c) ? white_letter : white_sign;
}

static float
white_before(const struct page_word *word)
{
    return white_of(chars_first(word->text, strlen(word->text)));
}

static float
white_behind(const struct page_word *word)
{
    return white_of(chars_last(word->text, strlen(word->text)));
}

/* Of how far off a place is, in advances: how much likelier in the pitch than elsewhere, where it
 * varies by `elsewhere` (0: evenly over one advance). */
static float
likelier(float off, float elsewhere)
{
    float z = off / spread, here = -0.5f * z * z - logf(spread * 2.507f);
    float there =
        elsewhere > 0 ? -0.5f * off * off / (elsewhere * elsewhere) - logf(elsewhere * 2.507f) : 0;

    return fmaxf(here - there, unlike_least);
}

static float
weigh_word(const struct page_word *word, float pitch)
{
    uint32_t n = count_letters(word->text);
    float wide = box_width(word->box) / pitch + white_before(word) + white_behind(word);

    return n < 3 ? 0 : likelier(wide - (float)n, letter_spread * sqrtf((float)n));
}

static float
weigh_space(const struct page_word *a, const struct page_word *b, float pitch)
{
    float spaces = (b->box.x0 - a->box.x1) / pitch - white_behind(a) - white_before(b);
    float whole = roundf(spaces);

    return whole < 1 ? unlike_least : likelier(spaces - whole, 0);
}

static float
weigh_line(const struct drafts *d, const struct text_line *line, float pitch)
{
    const struct page_word *last = NULL;
    float sum = 0;

    for (uint32_t k = 0; k < line->words; k++) {
        const struct page_word *word = draft_word(d->layout, line->item, k);
        sum += weigh_word(word, pitch);
        sum += last != NULL ? weigh_space(last, word, pitch) : 0;
        last = word;
    }
    return sum;
}

/* What the fronts of two lines and the white between them say. */
static float
weigh_step(const struct drafts *d, uint32_t i, float pitch)
{
    const struct text_line *a = &d->lines[i - 1], *b = &d->lines[i];
    float off = (b->box.x0 - white_of(b->first_char) * pitch -
                 (a->box.x0 - white_of(a->first_char) * pitch)) /
                pitch;
    float step = (b->baseline - a->baseline) / fmaxf(a->size, b->size);
    float front = fabsf(off) < 0.5f ? 0 : likelier(off - roundf(off), 0);

    return front - (step > far_step ? far_cost : 0);
}

/* Whether line i goes on below the one before. */
static bool
goes_on(const struct drafts *d, uint32_t i)
{
    const struct text_line *a = &d->lines[i - 1], *b = &d->lines[i];
    float size = fmaxf(a->size, b->size), step = b->baseline - a->baseline;

    return a->item->kind == ITEM_LINE && b->item->kind == ITEM_LINE && !a->item->labels &&
           !b->item->labels && step > 0.5f * size && step < step_most * size;
}

/* --- signs --- */

/* Signs of programs at text[at]: "f(", "x_y", "--long", "/path" count as one each. */
static uint32_t
is_sign(const char *text, size_t at)
{
    unsigned char c = (unsigned char)text[at], before = at > 0 ? (unsigned char)text[at - 1] : ' ';
    unsigned char next = (unsigned char)text[at + 1];

    if (strchr("{}[];=<>_\\|&", c) != NULL)
        return 1;
    if (c == '(' || c == ':')
        return c == '(' ? before < 0x80 && char_is_letter(before) : before == '"' || next == ':';
    if (c == '/' || c == '$' || c == '#')
        return at == 0 && !char_is_digit(next) && (c == '$' || char_is_letter(next));
    return c == '-' && at == 0 && next == '-' && char_is_letter((unsigned char)text[2]);
}

/* "key:" in small letters at the front of a line. */
static bool
is_key(const char *text)
{
    size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz_");

    return len > 0 && text[len] == ':' && text[len + 1] == '\0';
}

static void
count_signs(const struct drafts *d, uint32_t first, uint32_t end, uint32_t *ret_signs,
            uint32_t *ret_characters)
{
    *ret_signs = *ret_characters = 0;
    for (uint32_t i = first; i < end; i++) {
        const struct text_line *line = &d->lines[i];
        *ret_signs += line->item->kind == ITEM_LINE && is_key(line->first_word);
        for (uint32_t k = 0; k < line->words; k++) {
            const char *text = draft_word(d->layout, line->item, k)->text;
            for (size_t at = 0; text[at] != '\0'; at++, ++*ret_characters)
                *ret_signs += is_sign(text, at);
        }
    }
}

/* --- runs --- */

/* The best run of lines that are not taken, in one pitch. */
static void
scan(const struct drafts *d, const bool *done, float pitch, struct run *best)
{
    float sum = 0;
    uint32_t first = 0;

    for (uint32_t i = 0; i < d->line_count; i++) {
        const struct text_line *line = &d->lines[i];
        if (line->item->kind != ITEM_LINE || done[i] || i == 0 || sum <= 0 || !goes_on(d, i)) {
            sum = 0;
            first = i;
        } else {
            sum += weigh_step(d, i, pitch);
        }
        if (line->item->kind != ITEM_LINE || done[i])
            continue;
        sum += weigh_line(d, line, pitch);
        if (sum > best->score)
            *best = (struct run){first, i + 1, pitch, sum};
    }
}

/* Advances that words of lines with signs, and of their neighbours, suggest. */
static uint32_t
suggest(const struct drafts *d, const bool *done, float *pitches)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < d->line_count && n < PITCHES_MAX; i++) {
        const struct text_line *line = &d->lines[i];
        uint32_t signs, characters;
        if (line->item->kind != ITEM_LINE || done[i])
            continue;
        count_signs(d, i, i + 1, &signs, &characters);
        for (uint32_t k = 0; signs > 0 && k < line->words && n < PITCHES_MAX; k++) {
            const struct page_word *word = draft_word(d->layout, line->item, k);
            uint32_t letters = count_letters(word->text);
            float white = white_before(word) + white_behind(word);
            float pitch = box_width(word->box) / ((float)letters - white);
            if (letters >= LETTERS_LEAST && pitch > pitch_least * line->size &&
                pitch < pitch_most * line->size)
                pitches[n++] = pitch;
        }
    }
    return n;
}

/* Whether line i, next to line at of a run, is more of it: no more than its distance away, at its
 * places, and no text; it may say little, or have been misread. */
static bool
is_more(const struct drafts *d, const struct run *run, uint32_t at, uint32_t i)
{
    const struct text_line *line = &d->lines[i], *edge = &d->lines[at];
    uint32_t inner = at == run->first ? at + 1 : at - 1;
    float step = fabsf(edge->baseline - line->baseline);
    float usual = fabsf(edge->baseline - d->lines[inner].baseline);
    uint32_t signs, characters;

    if (run->end - run->first < 2 || line->mono || !goes_on(d, i < at ? at : i))
        return false;
    count_signs(d, i, i + 1, &signs, &characters);
    if (signs > 0 && characters <= SHORT_LINE)
        return true;
    /* A bracket alone, misread, has another line's baseline. */
    return step <= (characters <= SHORT_LINE ? short_step : same_step) * usual &&
           weigh_step(d, i < at ? at : i, run->pitch) >= 0 &&
           weigh_line(d, line, run->pitch) >= more_least;
}

/* A line at a run's end that is as likely the last word of the text above. */
static bool
is_doubtful(const struct drafts *d, uint32_t i, float pitch)
{
    uint32_t signs, characters;

    count_signs(d, i, i + 1, &signs, &characters);
    return signs == 0 && weigh_line(d, &d->lines[i], pitch) < end_least;
}

static void
settle_ends(const struct drafts *d, struct run *run)
{
    while (run->end - run->first > 1 && is_doubtful(d, run->first, run->pitch))
        run->first++;
    while (run->end - run->first > 1 && is_doubtful(d, run->end - 1, run->pitch))
        run->end--;
    while (run->first > 0 && is_more(d, run, run->first, run->first - 1))
        run->first--;
    while (run->end < d->line_count && is_more(d, run, run->end - 1, run->end))
        run->end++;
}

/* Most of what stands around the run is in one pitch too. */
static bool
is_typed(const struct drafts *d, const struct run *run)
{
    uint32_t typed = 0, all = 0;

    for (uint32_t i = 0; i < d->line_count; i++) {
        const struct text_line *line = &d->lines[i];
        if (line->item->kind != ITEM_LINE || (i >= run->first && i < run->end) || line->mono)
            continue;
        all += line->characters;
        typed += weigh_line(d, line, run->pitch) > line_sure ? line->characters : 0;
    }
    uint32_t inside = 0;
    for (uint32_t i = run->first; i < run->end; i++)
        inside += d->lines[i].characters;
    return (float)typed > typed_share * (float)all || inside > all;
}

static bool
is_code(const struct drafts *d, const struct run *run)
{
    uint32_t signs, characters;

    count_signs(d, run->first, run->end, &signs, &characters);
    float share = is_typed(d, run) ? sign_share_typed : sign_share;
    return run->end - run->first >= 2 && signs >= SIGNS_LEAST &&
           (float)signs >= share * (float)characters;
}

bool
pitch_find(struct drafts *d)
{
    float pitches[PITCHES_MAX];
    uint32_t signs, characters;
    bool *done;

    if (d->layout->page->word_count > WORDS_MAX) /* no page that someone printed */
        return true;
    done = arena_array(d->layout->arena, d->line_count, sizeof(*done));
    if (done == NULL)
        return false;
    count_signs(d, 0, d->line_count, &signs, &characters);
    for (uint32_t runs = 0; signs >= SIGNS_LEAST && runs < RUNS_MAX; runs++) {
        struct run best = {.score = run_least};
        uint32_t n = suggest(d, done, pitches);
        for (uint32_t k = 0; k < n; k++)
            scan(d, done, pitches[k], &best);
        if (best.end == 0)
            break;
        memset(done + best.first, true, best.end - best.first);
        settle_ends(d, &best);
        bool code = is_code(d, &best);
        for (uint32_t i = best.first; code && i < best.end; i++)
            d->lines[i].mono = true;
    }
    return true;
}

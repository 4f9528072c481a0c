/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ledger/confidence.h"

#include "ledger/confidence_table.h"
#include "page/chars.h"
#include "page/makeup.h"

#include <math.h>
#include <string.h>

/* The recogniser's 1 is no certainty. */
static const float doubt_least = 0.01F;

/* Pixels of a line's height from which on size does not matter. */
static const float height_enough = 16;

/* Width of a letter in heights of the line. */
static const float letter_narrow = 0.12F, letter_wide = 2.5F;

enum { LONG_WORD = 7, LINE_WORDS_MAX = 512 };

/* Letters of a word that a list is asked for, and from which on it says more. */
enum { KNOWN_LEAST = 3, KNOWN_LONG = 5, KNOWN_BYTES = 64 };
static const char ascii_letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/* Another reading of less says nothing. */
static const float near_least = 0.01F;

/* First byte of quotes, dashes and dots in UTF-8 (U+2000 to U+2FFF). */
static const unsigned char general_punctuation = 0xe2;

/* The usual width of a letter is the median over steps of it, of so many words at least. */
enum { PITCH_STEPS = 64, PITCH_WORDS_LEAST = 8 };
static const float pitch_most = 1.6F;

static float
sureness(float confidence)
{
    return -logf(fmaxf(1 - confidence, doubt_least));
}

/* Mean sureness of the other words of the line. */
static float
others(const struct page *page, const struct page_line *line, uint32_t word)
{
    float sum = 0;

    for (uint32_t i = line->first_word; i < line->first_word + line->word_count; i++)
        sum += i != word ? sureness(page->words[i].confidence) : 0;
    return line->word_count > 1 ? sum / (float)(line->word_count - 1) : 0;
}

/* What stands for a letter's width: narrow ones count half. */
static float
units_of(const char *text)
{
    static const char narrow[] = ".,:;'|!()[]iljtfrI1-\"`";
    float units = 0;

    for (const char *c = text; *c != '\0'; c++) {
        if (((unsigned char)*c & 0xc0) == 0x80)
            continue;
        units += strchr(narrow, *c) != NULL ? 0.55F : strchr("mwMW@%", *c) != NULL ? 1.5F : 1;
    }
    return units;
}

/* Width of a letter in heights of the row. */
static float
pitch_of(const struct page_word *word)
{
    float units = units_of(word->text);

    return word->size > 0 && units > 0 ? box_width(word->box) / (units * word->size) : 0;
}

static bool
has_odd_box(const struct page_word *word, uint32_t chars)
{
    float w = box_width(word->box) / (float)(chars > 0 ? chars : 1), h = box_height(word->box);

    return w < letter_narrow * h || w > letter_wide * h;
}

/* Confidence of the first reading of another look; 0: none. */
static float
rival(const struct page *page, const struct page_word *word)
{
    for (uint32_t i = 0; i < word->alt_count; i++)
        if (page->alts[word->first_alt + i].source == ALT_RIVAL)
            return page->alts[word->first_alt + i].confidence;
    return 0;
}

/* ---- words of the language ---- */

/* Letters only, but for marks at the ends: what a list of words may have. */
static bool
is_plain(const char *text)
{
    size_t len = strlen(text);

    while (len > 0 && (unsigned char)text[len - 1] < 0x80 &&
           !char_is_letter((uint8_t)text[len - 1]))
        len--;
    while (len > 0 && (unsigned char)*text < 0x80 && !char_is_letter((uint8_t)*text))
        text++, len--;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] == general_punctuation ||
            ((unsigned char)text[i] < 0x80 && !char_is_letter((uint8_t)text[i])))
            return false;
    return len > 0;
}

/* 0 to 1 for a confidence of 0 to 1, by its logarithm. */
static float
nearness(float confidence)
{
    return logf(confidence / near_least + 1) / logf(1 / near_least + 1);
}

/* Of words of capitals lists have the small form, or that of names. */
static bool
knows(const struct witness_lexicon *lexicon, const char *text, bool capitals)
{
    char small[KNOWN_BYTES];
    size_t len = strlen(text), first = strcspn(text, ascii_letters);

    if (lexicon->knows(lexicon->ctx, text))
        return true;
    if (!capitals || len >= sizeof(small))
        return false;
    for (size_t i = 0; i <= len; i++)
        small[i] = (char)(text[i] >= 'A' && text[i] <= 'Z' && i > first ? text[i] | 0x20 : text[i]);
    return lexicon->knows(lexicon->ctx, small);
}

static float
next_best(const struct page *page, const struct page_word *word,
          const struct witness_lexicon *known_to)
{
    float best = 0;

    for (uint32_t i = 0; i < word->alt_count; i++) {
        const struct page_alt *alt = &page->alts[word->first_alt + i];
        if (known_to == NULL ? alt->source == ALT_BEAM
                             : alt->confidence > best &&
                                   knows(known_to, alt->text, makeup_of(alt->text).lowers == 0))
            best = fmaxf(best, alt->confidence);
    }
    return nearness(fminf(best, 1));
}

static void
ask_lexicon(const struct page *page, const struct page_word *word, const struct makeup *m,
            const struct witness_lexicon *lexicon, float ret[CONFIDENCE_FEATURES])
{
    if (lexicon == NULL || m->digits > 0 || m->letters < KNOWN_LEAST || !is_plain(word->text))
        return;
    if (knows(lexicon, word->text, m->lowers == 0)) {
        ret[FEATURE_KNOWN] = m->letters >= KNOWN_LONG;
        return;
    }
    ret[m->uppers == 0 ? FEATURE_UNKNOWN : m->lowers == 0 ? FEATURE_CAPITALS : FEATURE_NAME] = 1;
    ret[FEATURE_NEXT_KNOWN] = next_best(page, word, lexicon);
}

struct confidence_reading
confidence_look(const struct page *page, uint32_t first_line, float dpi,
                const struct witness_lexicon *lexicon)
{
    struct confidence_reading reading = {.dpi = dpi, .lexicon = lexicon};
    uint32_t steps[PITCH_STEPS] = {0}, pitched = 0;

    for (uint32_t l = first_line; l < page->line_count; l++)
        for (uint32_t i = 0; i < page->lines[l].word_count; i++) {
            const struct page_word *word = &page->words[page->lines[l].first_word + i];
            float step = pitch_of(word) / pitch_most * PITCH_STEPS;
            if (!(step > 0) || step >= PITCH_STEPS || makeup_of(word->text).chars < 2)
                continue;
            steps[(size_t)step]++;
            pitched++;
        }
    for (uint32_t k = 0, seen = 0; pitched >= PITCH_WORDS_LEAST && k < PITCH_STEPS; k++) {
        seen += steps[k];
        if (2 * seen < pitched)
            continue;
        reading.pitch = ((float)k + 0.5F) * pitch_most / PITCH_STEPS;
        break;
    }
    return reading;
}

void
confidence_features(const struct page *page, const struct page_line *line, uint32_t word,
                    const struct confidence_reading *reading, float ret[CONFIDENCE_FEATURES])
{
    const struct page_word *w = &page->words[word];
    struct makeup m = makeup_of(w->text);
    float raw = sureness(w->confidence), height = box_height(w->box) * reading->dpi / 72;
    float pitch = pitch_of(w);

    ret[FEATURE_ONE] = 1;
    ret[FEATURE_RAW] = raw;
    ret[FEATURE_RAW_SQUARE] = raw * raw;
    ret[FEATURE_LINE] = others(page, line, word);
    ret[FEATURE_ALONE] = line->word_count == 1;
    ret[FEATURE_ONE_CHAR] = m.chars == 1;
    ret[FEATURE_TWO_CHARS] = m.chars == 2;
    ret[FEATURE_LONG] = m.chars >= LONG_WORD;
    ret[FEATURE_DIGITS] = m.digits > 0;
    ret[FEATURE_MIXED] = (m.digits > 0 && m.letters > 0) || m.late_capital;
    ret[FEATURE_NO_LETTER] = m.digits + m.letters == 0;
    ret[FEATURE_ODD_BOX] = !line->vertical && has_odd_box(w, m.chars);
    ret[FEATURE_SMALL] = fmaxf(0, height_enough - height);
    ret[FEATURE_RIVAL] = fminf(1, rival(page, w) / (w->confidence + 0.01F));
    ret[FEATURE_WIDE] = reading->pitch > 0 && pitch > 0 && !line->vertical
                            ? fminf(1, fabsf(logf(pitch / reading->pitch)))
                            : 0;
    ret[FEATURE_NEXT] = next_best(page, w, NULL);
    for (int f = FEATURE_KNOWN; f <= FEATURE_NEXT_KNOWN; f++)
        ret[f] = 0;
    ask_lexicon(page, w, &m, reading->lexicon, ret);
}

/* The share of words of such a score that are right: straight lines between the knots. */
static float
share_right(float score)
{
    size_t i = 1;

    if (!(score > confidence_knots[0].score))
        return confidence_knots[0].right;
    while (i < ARRAY_LEN(confidence_knots) && score > confidence_knots[i].score)
        i++;
    if (i == ARRAY_LEN(confidence_knots))
        return confidence_knots[i - 1].right;
    float from = confidence_knots[i - 1].score, to = confidence_knots[i].score;
    float part = to > from ? (score - from) / (to - from) : 1;
    return confidence_knots[i - 1].right +
           part * (confidence_knots[i].right - confidence_knots[i - 1].right);
}

/* A check box that was drawn, not a word that was read: U+2610 to U+2612. */
static bool
is_check(const struct page *page, const struct page_line *line)
{
    const char *text = line->word_count == 1 ? page->words[line->first_word].text : "";

    return strncmp(text, "\xe2\x98", 2) == 0 && text[2] >= '\x90' && text[2] <= '\x92';
}

void
confidence_calibrate(struct page *page, uint32_t first_line, float dpi,
                     const struct witness_lexicon *lexicon)
{
    struct confidence_reading reading = confidence_look(page, first_line, dpi, lexicon);

    for (uint32_t l = first_line; l < page->line_count; l++) {
        const struct page_line *line = &page->lines[l];
        float right[LINE_WORDS_MAX];
        if (is_check(page, line))
            continue;
        uint32_t n = line->word_count < LINE_WORDS_MAX ? line->word_count : LINE_WORDS_MAX;
        for (uint32_t i = 0; i < n; i++) {
            float features[CONFIDENCE_FEATURES], score = 0;
            confidence_features(page, line, line->first_word + i, &reading, features);
            for (size_t f = 0; f < CONFIDENCE_FEATURES; f++)
                score += confidence_weights[f] * features[f];
            right[i] = share_right(score);
        }
        /* A word's neighbours are asked as they were read: so all of a line change at once. */
        for (uint32_t i = 0; i < n; i++)
            page->words[line->first_word + i].confidence = right[i];
    }
}

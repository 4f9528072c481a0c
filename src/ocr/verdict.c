/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ocr/verdict.h"

#include "base/fnv.h"
#include "page/chars.h"
#include "page/makeup.h"

#include <math.h>
#include <string.h>

enum { COUNT_MOST = 8 }; /* times that a word was seen; more say nothing new */

static const size_t scratch_bytes = MiB(24); /* the words of a page, noted */

/* A word of this confidence teaches what the page says elsewhere. */
static const float sure_least = 0.85F;

/* ---- the page's own words ---- */

struct slot {
    uint64_t hash; /* 0: empty */
    uint32_t count;
};

struct verdict_seen {
    struct slot *slots;
    uint32_t mask;
};

/* The text without marks at its ends and without case, or its shape: every digit the same; 0:
 * nothing left, or too short to tell. */
static uint64_t
hash_of(const char *text, bool shape)
{
    uint64_t hash = FNV_BEGIN + shape;
    bool digits = false;
    size_t len = strlen(text);

    while (len > 0 && (unsigned char)text[len - 1] < 0x80 &&
           !char_is_digit((uint8_t)text[len - 1]) && !char_is_letter((uint8_t)text[len - 1]))
        len--;
    while (len > 0 && (unsigned char)*text < 0x80 && !char_is_digit((uint8_t)*text) &&
           !char_is_letter((uint8_t)*text))
        text++, len--;
    if (len < 2)
        return 0;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        digits |= char_is_digit(c);
        c = shape && char_is_digit(c) ? '0' : c;
        hash = fnv_add_byte(hash, (uint8_t)(c >= 'A' && c <= 'Z' ? c + 32U : c));
    }
    return shape && !digits ? 0 : hash == 0 ? 1 : hash;
}

static struct slot *
find(const struct verdict_seen *seen, uint64_t hash)
{
    uint32_t at = (uint32_t)hash & seen->mask;

    while (seen->slots[at].hash != 0 && seen->slots[at].hash != hash)
        at = (at + 1) & seen->mask;
    return &seen->slots[at];
}

static void
count(struct verdict_seen *seen, uint64_t hash)
{
    if (hash == 0)
        return;
    struct slot *slot = find(seen, hash);
    slot->hash = hash;
    slot->count++;
}

/* log(1 + how often) the text, or its shape, was surely read elsewhere. */
static float
seen_of(const struct verdict_seen *seen, const struct page_word *word, const char *text, bool shape)
{
    uint64_t hash = hash_of(text, shape);
    uint32_t n = hash == 0 ? 0 : find(seen, hash)->count;

    /* A sure word does not speak for itself. */
    if (n > 0 && word->confidence >= sure_least && hash == hash_of(word->text, shape))
        n--;
    return logf(1 + (float)(n < COUNT_MOST ? n : COUNT_MOST));
}

struct verdict_seen *
verdict_look(struct arena *arena, const struct page *page, uint32_t first_line)
{
    struct verdict_seen *seen = arena_alloc(arena, sizeof(*seen));
    uint32_t room = 16;

    while (room < 4 * page->word_count)
        room *= 2;
    if (seen == NULL)
        return NULL;
    seen->mask = room - 1;
    seen->slots = arena_array(arena, room, sizeof(*seen->slots));
    if (seen->slots == NULL)
        return NULL;
    for (uint32_t l = first_line; l < page->line_count; l++)
        for (uint32_t i = 0; i < page->lines[l].word_count; i++) {
            const struct page_word *word = &page->words[page->lines[l].first_word + i];
            for (int shape = 0; shape < 2 && word->confidence >= sure_least; shape++)
                count(seen, hash_of(word->text, shape));
        }
    return seen;
}

/* ---- how a text is made up ---- */

/* Digits with single separators between them, as numbers, amounts, dates and times have. */
static bool
is_number(const char *text)
{
    uint32_t digits = 0, run = 0, marks = 0;

    if (*text == '$' || *text == '-' || *text == '(')
        text++;
    for (; *text != '\0'; text++) {
        if (char_is_digit((uint8_t)*text)) {
            digits++;
            run = 0;
        } else if (strchr(".,/:-", *text) != NULL && digits > 0 && run == 0) {
            run++;
            marks++;
        } else {
            break;
        }
    }
    while (*text == '%' || *text == ')' || *text == ',' || *text == '.')
        text++;
    return *text == '\0' && digits > 0 && marks <= 4;
}

/* A word may begin with a bracket or quote, a sign or a currency; other marks there are specks. One
 * bracket in a word has its partner there, as most have. */
static bool
has_odd_edge(const char *text)
{
    bool open = strchr(text, '(') != NULL || strchr(text, '[') != NULL;
    bool close = strchr(text, ')') != NULL || strchr(text, ']') != NULL;

    return (*text != '\0' && text[1] != '\0' && strchr("|}{\\_~^*;:,.!?=<>`]", *text) != NULL) ||
           open != close;
}

static bool
has_decimals(const char *text)
{
    size_t len = strlen(text);

    return len >= 4 && (text[len - 3] == '.' || text[len - 3] == ',') &&
           char_is_digit((uint8_t)text[len - 2]) && char_is_digit((uint8_t)text[len - 1]);
}

/* How far the width of a letter, were there chars in the word, is from that of the line's other
 * words: the logarithm of their ratio, either way. */
static float
width_off(const struct page *page, const struct page_line *line, const struct page_word *word,
          uint32_t chars)
{
    float width = 0, n = 0;

    for (uint32_t i = 0; i < line->word_count; i++) {
        const struct page_word *other = &page->words[line->first_word + i];
        if (other == word)
            continue;
        width += box_width(other->box);
        n += (float)makeup_of(other->text).chars;
    }
    float own = chars > 0 ? box_width(word->box) / (float)chars : 0;
    return n < 4 || width <= 0 || own <= 0 || line->vertical ? 0 : fabsf(logf(own * n / width));
}

void
verdict_features(const struct lstm_model *model, const struct verdict_seen *seen,
                 const struct page *page, const struct page_line *line,
                 const struct page_word *word, int32_t alt, float ret[VERDICT_FEATURES])
{
    const struct page_alt *other = alt < 0 ? NULL : &page->alts[word->first_alt + (uint32_t)alt];
    const char *text = other == NULL ? word->text : other->text;
    float confidence = other == NULL ? word->confidence : other->confidence;
    struct makeup m = makeup_of(text);
    bool known = m.letters > 0 && m.digits == 0 && lstm_model_knows(model, text);

    memset(ret, 0, VERDICT_FEATURES * sizeof(*ret));
    ret[VERDICT_TAKEN] = alt < 0;
    ret[VERDICT_EVIDENCE] = logf(confidence + 0.02F);
    ret[VERDICT_RIVAL] = other != NULL && other->source == ALT_RIVAL;
    ret[m.letters <= 2   ? VERDICT_KNOWN_SHORT
        : m.letters <= 4 ? VERDICT_KNOWN
                         : VERDICT_KNOWN_LONG] = known;
    ret[m.digits > 0 ? VERDICT_SEEN_DIGITS : VERDICT_SEEN] = seen_of(seen, word, text, false);
    ret[VERDICT_MIXED] = m.mixed;
    ret[VERDICT_CASE] = m.late_capital || (m.lowers == 1 && m.uppers >= 3);
    ret[VERDICT_ODD] = m.odd;
    ret[VERDICT_NUMBER] = is_number(text);
    ret[VERDICT_ALL_MARKS] = m.letters + m.digits == 0;
    ret[VERDICT_LENGTH] = (float)m.chars;
    ret[VERDICT_AMOUNT] = ret[VERDICT_NUMBER] > 0 && has_decimals(text);
    ret[VERDICT_SHAPE] = seen_of(seen, word, text, true);
    ret[VERDICT_EDGE] = has_odd_edge(text);
    ret[VERDICT_WIDTH] = width_off(page, line, word, m.chars);
}

/* Made by bench/verdict. */
static const float weights[VERDICT_FEATURES] = {
    [VERDICT_TAKEN] = 0.527F,       [VERDICT_EVIDENCE] = 1.201F,    [VERDICT_RIVAL] = -0.174F,
    [VERDICT_KNOWN_SHORT] = 0.986F, [VERDICT_KNOWN] = 1.678F,       [VERDICT_KNOWN_LONG] = 3.357F,
    [VERDICT_SEEN] = 2.782F,        [VERDICT_SEEN_DIGITS] = 2.318F, [VERDICT_MIXED] = -0.408F,
    [VERDICT_CASE] = -0.971F,       [VERDICT_ODD] = -0.648F,        [VERDICT_NUMBER] = 1.045F,
    [VERDICT_ALL_MARKS] = -1.645F,  [VERDICT_LENGTH] = -0.471F,     [VERDICT_AMOUNT] = 2.660F,
    [VERDICT_SHAPE] = 0.791F,       [VERDICT_EDGE] = -1.731F,       [VERDICT_WIDTH] = -2.620F,
};

/* Another reading has to be better by so much. */
static const float better_by = 0.7F;

/* And what the recogniser gave it must not be far from what it gave the one taken: a word of the
 * list must not stand for a number that nobody has on a list. Nor may it leave out letters. */
static const float evidence_share_least = 0.3F, chars_share_least = 0.6F;

static float
score_of(const float features[VERDICT_FEATURES])
{
    float sum = 0;

    for (size_t i = 0; i < VERDICT_FEATURES; i++)
        sum += weights[i] * features[i];
    return sum;
}

/* The word's reading and the other one change places. */
static void
exchange(struct page *page, struct page_word *word, uint32_t alt)
{
    struct page_alt *other = &page->alts[word->first_alt + alt];
    const struct page_alt taken = *other;

    *other = (struct page_alt){word->text, word->confidence, ALT_RIVAL};
    word->text = taken.text;
    word->confidence = taken.confidence;
}

static bool
is_near(const struct page_word *word, const struct page_alt *alt)
{
    return alt->confidence >= evidence_share_least * word->confidence &&
           (float)makeup_of(alt->text).chars >=
               chars_share_least * (float)makeup_of(word->text).chars;
}

static void
settle_word(const struct lstm_model *model, const struct verdict_seen *seen, struct page *page,
            const struct page_line *line, struct page_word *word)
{
    float features[VERDICT_FEATURES], best;
    int32_t pick = -1;

    verdict_features(model, seen, page, line, word, -1, features);
    best = score_of(features) + better_by;
    for (int32_t i = 0; i < word->alt_count; i++) {
        if (!is_near(word, &page->alts[word->first_alt + (uint32_t)i]))
            continue;
        verdict_features(model, seen, page, line, word, i, features);
        float score = score_of(features);
        if (score > best) {
            best = score;
            pick = i;
        }
    }
    if (pick >= 0)
        exchange(page, word, (uint32_t)pick);
}

static size_t
language_of(const struct languages *languages, const struct page *page)
{
    size_t i = languages_count(languages);

    while (i-- > 1)
        if (page->language != NULL && strcmp(page->language, languages_name(languages, i)) == 0)
            return i;
    return 0;
}

enum err_code
verdict_settle(struct languages *languages, uint32_t first_line, struct page *page, struct err *err)
{
    size_t language = language_of(languages, page);
    const struct lstm_model *model = languages_model(languages, language);
    struct arena *scratch;

    if (model == NULL || strcmp(languages_script(languages, language), "Latn") != 0)
        return ERR_OK; /* no words with spaces between, or no cases */
    scratch = arena_new(scratch_bytes);
    const struct verdict_seen *seen =
        scratch == NULL ? NULL : verdict_look(scratch, page, first_line);
    for (uint32_t l = first_line; seen != NULL && l < page->line_count; l++)
        for (uint32_t i = 0; i < page->lines[l].word_count; i++) {
            struct page_word *word = &page->words[page->lines[l].first_word + i];
            if (word->alt_count > 0)
                settle_word(model, seen, page, &page->lines[l], word);
        }
    arena_drop(&scratch);
    return seen != NULL ? ERR_OK
                        : err_set(err, ERR_MEMORY, "no memory to read page %u", page->index + 1);
}

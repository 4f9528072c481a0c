/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/lstm_words.c - turns the best path of a line into words with confidence and position. */
#include "ocr/lstm_internal.h"

#include <math.h>
#include <string.h>

static const float certainty_scale = 7.0f; /* to Tesseract's scale, on which -20 is no confidence */
static const float no_certainty = -20.0f;

struct letter {
    int32_t character;
    float certainty;
    uint32_t step;       /* where it is completed */
    uint32_t begin, end; /* steps between the letters around it */
};

/* The lowest certainty of the nulls and unfinished codes from *at on. */
static float
skip_unspelt(const struct lstm_node **path, uint32_t steps, uint32_t *at)
{
    float certainty = 0;

    for (; *at < steps && path[*at]->character == LSTM_NO_CHAR; (*at)++)
        if (path[*at]->certainty < certainty)
            certainty = path[*at]->certainty;
    return certainty;
}

/* One letter and its repetitions; certainty is that of what stood before it. */
static struct letter
take_letter(const struct lstm_node **path, uint32_t steps, uint32_t *at, float certainty)
{
    const struct lstm_node *first = path[*at];
    bool is_space = first->character == LSTM_SPACE;
    struct letter letter = {.character = first->character, .step = *at, .begin = *at};

    do {
        const struct lstm_node *node = path[(*at)++];

        /* Before such a space there are nulls of a free path, which count for the word before it.
         */
        if (node->certainty < certainty || (is_space && node->kind == LSTM_KIND_NONE))
            certainty = node->certainty;
    } while (*at < steps && path[*at]->duplicate);
    letter.certainty = certainty;
    letter.end = *at;
    return letter;
}

static uint32_t
find_letters(const struct lstm_node **path, uint32_t steps, struct letter *letters)
{
    uint32_t n = 0, at = 0;

    while (at < steps) {
        float before = skip_unspelt(path, steps, &at);
        bool to_last = at == steps;

        /* What stands before a space, and at the end, counts for the letter before. */
        if (at < steps && path[at]->character == LSTM_SPACE && path[at]->kind != LSTM_KIND_NONE)
            to_last = true;
        if (to_last && n > 0) {
            if (before < letters[n - 1].certainty)
                letters[n - 1].certainty = before;
            before = 0;
        }
        if (at < steps)
            letters[n++] = take_letter(path, steps, &at, before);
    }
    return n;
}

/* Bounds halfway between letters; the first begins at 0, the last ends with the line. */
static void
set_bounds(struct letter *letters, uint32_t n, uint32_t steps)
{
    for (uint32_t i = 0; i + 1 < n; i++) {
        uint32_t middle = letters[i].end + (letters[i + 1].begin - letters[i].end) / 2;

        letters[i].end = middle;
        letters[i + 1].begin = middle;
    }
    if (n > 0) {
        letters[0].begin = 0;
        letters[n - 1].end = steps;
    }
}

/* Whether letter, which is not the first, begins a word. */
static bool
begins_word(const struct lstm_charset *set, const struct lstm_node **path,
            const struct letter *letter)
{
    const struct lstm_node *node = path[letter->step];

    if (letter->character == LSTM_SPACE || node->starts_word)
        return true;
    return node->kind == LSTM_KIND_FREE &&
           (set->chars[letter[0].character].joins || set->chars[letter[-1].character].joins);
}

static const char *
join_text(struct arena *arena, const struct lstm_charset *set, const struct letter *letters,
          uint32_t n)
{
    size_t len = 0;
    char *text;

    for (uint32_t i = 0; i < n; i++)
        len += strlen(set->chars[letters[i].character].text);
    text = arena_alloc(arena, len + 1);
    for (uint32_t i = 0; i < n && text != NULL; i++)
        strcat(text, set->chars[letters[i].character].text);
    return text;
}

static float
to_confidence(float certainty)
{
    float c = 1 - certainty * certainty_scale / no_certainty;

    return c < 0 ? 0 : c > 1 ? 1 : c;
}

/* Letters [begin, end) as a word; space: the certainty of the spaces around it. */
static bool
add_word(struct arena *arena, const struct lstm_model *model, const struct lstm_node **path,
         const struct letter *letters, uint32_t n, float space, struct lstm_line *line,
         struct lstm_word **ret)
{
    struct lstm_word *word = &line->words[line->count];
    uint8_t kind = path[letters[n - 1].step]->kind;
    float certainty = space;

    for (uint32_t i = 0; i < n; i++)
        certainty = letters[i].certainty < certainty ? letters[i].certainty : certainty;
    word->text = join_text(arena, &model->charset, letters, n);
    if (word->text == NULL)
        return false;
    word->confidence = to_confidence(certainty);
    word->is_known =
        kind == LSTM_KIND_WORD || kind == LSTM_KIND_NUMBER || kind == LSTM_KIND_PUNCTUATION;
    line->count++;
    *ret = word;
    return true;
}

enum err_code
lstm_words_build(struct arena *arena, const struct lstm_model *model, const struct lstm_node **path,
                 uint32_t steps, float columns_per_step, float x0, struct lstm_line *ret_line,
                 struct err *err)
{
    struct letter *letters = arena_array(arena, steps, sizeof(*letters));
    struct lstm_line line = {.words = arena_array(arena, steps, sizeof(*line.words))};
    float space_before = 0;
    uint32_t n;

    if (letters == NULL || line.words == NULL)
        return err_set(err, ERR_LIMIT, "line: more memory than the page has");
    n = find_letters(path, steps, letters);
    set_bounds(letters, n, steps);
    for (uint32_t begin = 0, end; begin < n; begin = end) {
        bool after_space = begin > 0 && letters[begin - 1].character == LSTM_SPACE;
        struct lstm_word *word;
        float space_after = 0;

        end = begin + 1;
        if (letters[begin].character == LSTM_SPACE) {
            space_before = letters[begin].certainty;
            continue;
        }
        while (end < n && !begins_word(&model->charset, path, &letters[end]))
            end++;
        if (end < n && letters[end].character == LSTM_SPACE)
            space_after = letters[end].certainty;
        if (!add_word(arena, model, path, letters + begin, end - begin,
                      space_after < space_before ? space_after : space_before, &line, &word))
            return err_set(err, ERR_LIMIT, "line: more memory than the page has");
        word->x0 = x0 + floorf((float)letters[begin].begin * columns_per_step);
        word->x1 = x0 + ceilf((float)letters[end - 1].end * columns_per_step);
        word->has_leading_space = after_space;
        space_before = space_after;
    }
    line.inverted = ret_line->inverted;
    *ret_line = line;
    return ERR_OK;
}

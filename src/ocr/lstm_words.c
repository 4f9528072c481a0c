/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/lstm_words.c - turns the best path of a line into words with confidence and position. */
#include "ocr/lstm_others.h"

#include <math.h>
#include <string.h>

static const float certainty_scale = 7.0f; /* to Tesseract's scale, on which -20 is no confidence */
static const float no_certainty = -20.0f;

/* Words of a confidence under this may have been meant otherwise. */
static const float sure_least = 0.95f;

struct letter {
    int32_t character;
    float certainty;
    uint32_t step;       /* where it is completed */
    uint32_t begin, end; /* steps between the letters around it */
};

/* The lowest certainty of the nulls and unfinished codes from *at on. */
static float
skip_unspelt(const struct lstm_path *path, uint32_t *at)
{
    float certainty = 0;

    for (; *at < path->steps && path->nodes[*at]->character == LSTM_NO_CHAR; (*at)++)
        if (path->nodes[*at]->certainty < certainty)
            certainty = path->nodes[*at]->certainty;
    return certainty;
}

/* One letter and its repetitions; certainty is that of what stood before it. */
static struct letter
take_letter(const struct lstm_path *path, uint32_t *at, float certainty)
{
    const struct lstm_node *first = path->nodes[*at];
    bool is_space = first->character == LSTM_SPACE;
    struct letter letter = {.character = first->character, .step = *at, .begin = *at};

    do {
        const struct lstm_node *node = path->nodes[(*at)++];

        /* Before such a space there are nulls of a free path, which count for the word before it.
         */
        if (node->certainty < certainty || (is_space && node->kind == LSTM_KIND_NONE))
            certainty = node->certainty;
    } while (*at < path->steps && path->nodes[*at]->duplicate);
    letter.certainty = certainty;
    letter.end = *at;
    return letter;
}

static uint32_t
find_letters(const struct lstm_path *path, struct letter *letters)
{
    uint32_t n = 0, at = 0;

    while (at < path->steps) {
        float before = skip_unspelt(path, &at);
        bool to_last = at == path->steps;

        /* What stands before a space, and at the end, counts for the letter before. */
        if (!to_last && path->nodes[at]->character == LSTM_SPACE &&
            path->nodes[at]->kind != LSTM_KIND_NONE)
            to_last = true;
        if (to_last && n > 0) {
            if (before < letters[n - 1].certainty)
                letters[n - 1].certainty = before;
            before = 0;
        }
        if (at < path->steps)
            letters[n++] = take_letter(path, &at, before);
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
begins_word(const struct lstm_charset *set, const struct lstm_path *path,
            const struct letter *letter)
{
    const struct lstm_node *node = path->nodes[letter->step];

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

struct builder {
    struct arena *arena;
    const struct lstm_model *model;
    const struct lstm_charset *set;
    const struct lstm_output *output;
    const struct lstm_path *path;
    struct lstm_scale scale;
    struct lstm_line line;
};

/* n letters as a word; space: the lower certainty of the spaces around it. */
static bool
add_word(struct builder *b, const struct letter *letters, uint32_t n, float space, bool after_space)
{
    struct lstm_word *word = &b->line.words[b->line.count];
    uint8_t kind = b->path->nodes[letters[n - 1].step]->kind;
    float certainty = space;

    for (uint32_t i = 0; i < n; i++)
        certainty = letters[i].certainty < certainty ? letters[i].certainty : certainty;
    *word = (struct lstm_word){
        .text = join_text(b->arena, b->set, letters, n),
        .confidence = to_confidence(certainty),
        .x0 = b->scale.x0 + floorf((float)letters[0].begin * b->scale.width),
        .x1 = b->scale.x0 + ceilf((float)letters[n - 1].end * b->scale.width),
        .is_known =
            kind == LSTM_KIND_WORD || kind == LSTM_KIND_NUMBER || kind == LSTM_KIND_PUNCTUATION,
        .has_leading_space = after_space,
    };
    if (word->text == NULL)
        return false;
    b->line.count++;
    return word->confidence >= sure_least ||
           lstm_others_find(b->arena, b->model, b->output, letters[0].begin, letters[n - 1].end,
                            word->text, &word->others, &word->other_count);
}

static bool
add_words(struct builder *b, const struct letter *letters, uint32_t n)
{
    float space_before = 0;
    bool good = true;

    for (uint32_t begin = 0, end; begin < n && good; begin = end) {
        float space_after = 0;

        end = begin + 1;
        if (letters[begin].character == LSTM_SPACE) {
            space_before = letters[begin].certainty;
            continue;
        }
        while (end < n && !begins_word(b->set, b->path, &letters[end]))
            end++;
        if (end < n && letters[end].character == LSTM_SPACE)
            space_after = letters[end].certainty;
        good = add_word(b, letters + begin, end - begin,
                        space_after < space_before ? space_after : space_before,
                        begin > 0 && letters[begin - 1].character == LSTM_SPACE);
        space_before = space_after;
    }
    return good;
}

enum err_code
lstm_words_build(struct arena *arena, const struct lstm_model *model,
                 const struct lstm_output *output, const struct lstm_path *path,
                 struct lstm_scale scale, struct lstm_line *ret_line, struct err *err)
{
    struct builder b = {.arena = arena,
                        .model = model,
                        .set = &model->charset,
                        .output = output,
                        .path = path,
                        .scale = scale};
    struct letter *letters = arena_array(arena, path->steps, sizeof(*letters));
    uint32_t n;

    b.line.words = arena_array(arena, path->steps, sizeof(*b.line.words));
    if (letters == NULL || b.line.words == NULL)
        return err_set(err, ERR_LIMIT, "line: more memory than the page has");
    n = find_letters(path, letters);
    set_bounds(letters, n, path->steps);
    if (!add_words(&b, letters, n))
        return err_set(err, ERR_LIMIT, "line: more memory than the page has");
    ret_line->words = b.line.words;
    ret_line->count = b.line.count;
    return ERR_OK;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ocr/mixed.h"

#include <math.h>
#include <string.h>

/* How sure the Latin word is, if its list has it or not, and how unsure what it takes the place of.
 */
static const float sure_known = 0.8F, sure_other = 0.95F, unsure_most = 0.6F;
static const float share_least = 0.5F; /* of a word's width inside the Latin one's */

static bool
is_latin(const char *text)
{
    size_t letters = 0, others = 0;

    for (; *text != '\0'; text++) {
        bool letter = (*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z');
        letters += letter;
        others += !letter && !(*text >= '0' && *text <= '9');
    }
    return letters >= 2 && letters > others;
}

static bool
lies_in(const struct lstm_word *word, const struct lstm_word *latin)
{
    float shared = fminf(word->x1, latin->x1) - fmaxf(word->x0, latin->x0);

    return shared > share_least * (word->x1 - word->x0);
}

/* Whether the words [from, to) of the line, all that lie in the Latin one, give way to it. */
static bool
gives_way(const struct lstm_line *line, const struct lstm_word *latin, size_t *ret_from,
          size_t *ret_to)
{
    size_t from = 0;
    float surest = 0;

    if (latin->confidence < (latin->is_known ? sure_known : sure_other) || !is_latin(latin->text))
        return false;
    while (from < line->count && !lies_in(&line->words[from], latin))
        from++;
    size_t to = from;
    for (; to < line->count && lies_in(&line->words[to], latin); to++)
        surest = fmaxf(surest, line->words[to].confidence);
    *ret_from = from;
    *ret_to = to;
    return to > from && surest < unsure_most;
}

/* Models of scripts that are read from the right call an opening bracket what looks like a closing
 * one: the brackets at the word's ends are taken from the line's reading where it has some. */
static const char *
with_brackets(struct arena *arena, const char *latin, const char *first, const char *last)
{
    static const char marks[] = "()[]{}";
    size_t before = strspn(first, marks), after = 0, len = strlen(latin), all = strlen(last);

    while (after < all && strchr(marks, last[all - 1 - after]) != NULL)
        after++;
    size_t skip = before > 0 ? strspn(latin, marks) : 0;
    while (after > 0 && len > skip && strchr(marks, latin[len - 1]) != NULL)
        len--;
    char *text = arena_alloc(arena, before + len + after + 1);
    if (text == NULL)
        return NULL;
    memcpy(text, first, before);
    memcpy(text + before, latin + skip, len - skip);
    memcpy(text + before + len - skip, last + all - after, after + 1);
    return text;
}

bool
mixed_take_latin(struct arena *arena, struct lstm_line *line, const struct lstm_line *latin)
{
    bool copied = false;

    for (size_t i = 0; i < latin->count; i++) {
        size_t from, to;
        if (!gives_way(line, &latin->words[i], &from, &to))
            continue;
        if (!copied) {
            struct lstm_word *words = arena_array(arena, line->count + 1, sizeof(*words));
            if (words == NULL)
                return false;
            memcpy(words, line->words, line->count * sizeof(*words));
            line->words = words;
            copied = true;
        }
        bool spaced = line->words[from].has_leading_space || latin->words[i].has_leading_space;
        const char *text = with_brackets(arena, latin->words[i].text, line->words[from].text,
                                         line->words[to - 1].text);
        if (text == NULL)
            return false;
        line->words[from] = latin->words[i];
        line->words[from].text = text;
        line->words[from].has_leading_space = spaced;
        memmove(&line->words[from + 1], &line->words[to],
                (line->count - to) * sizeof(*line->words));
        line->count -= to - from - 1;
    }
    return true;
}

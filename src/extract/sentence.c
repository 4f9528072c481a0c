/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "extract/sentence.h"

#include <ctype.h>
#include <string.h>

enum { WORD_MAX = 32 };

/* The letters of a token in lower case, ASCII only; punctuation around it dropped. */
static const char *
word_of(const struct doc *doc, uint32_t i, char word[WORD_MAX])
{
    size_t n = 0;

    word[0] = '\0';
    if (i >= doc->token_count)
        return word;
    for (const char *s = doc->tokens[i].text; *s != '\0' && n + 1 < WORD_MAX; s++)
        if (isalnum((unsigned char)*s) || (unsigned char)*s >= 0x80)
            word[n++] = (char)tolower((unsigned char)*s);
    word[n] = '\0';
    return word;
}

bool
sentence_word_in(const struct doc *doc, uint32_t i, const char *words)
{
    char word[WORD_MAX];
    size_t len = strlen(word_of(doc, i, word));

    for (const char *at = words; len > 0 && (at = strstr(at, word)) != NULL; at += len)
        if ((at == words || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
            return true;
    return false;
}

bool
sentence_ends_with(const char *text, const char *marks)
{
    size_t len = strlen(text);

    return len > 0 && strchr(marks, text[len - 1]) != NULL;
}

/* One of the words in the tokens before i, at most reach back, in the same paragraph or so. */
bool
sentence_has_before(const struct doc *doc, uint32_t i, uint32_t reach, const char *words)
{
    for (uint32_t k = 1; k <= reach && k <= i; k++)
        if (sentence_word_in(doc, i - k, words))
            return true;
    return false;
}

bool
sentence_has_after(const struct doc *doc, uint32_t i, uint32_t reach, const char *words)
{
    for (uint32_t k = 0; k < reach && i + k < doc->token_count; k++)
        if (sentence_word_in(doc, i + k, words))
            return true;
    return false;
}

bool
sentence_is_large(const struct doc *doc, uint32_t i)
{
    const char *text = doc->tokens[i].text;

    while (*text != '\0' && strchr("\"'(", *text) != NULL)
        text++;
    if (strncmp(text, "“", 3) == 0)
        text += 3;
    return isupper((unsigned char)*text) || (unsigned char)*text >= 0xc3;
}

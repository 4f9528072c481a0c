/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Who is meant by a defined term of a contract: 'between Halvorsen Systems, Inc., a Delaware
 * corporation ("Provider"), and ...', "Frau Brosius, Lindenallee 4, - nachstehend Vermieterin
 * genannt -". */
#include "extract/parties.h"

#include <ctype.h>
#include <string.h>

enum { BACK_MAX = 60, NAME_MAX = 8, TERM_MAX = 3, KEY_MAX = 80 };

static const float defined_score = 0.86F;

static bool
opens(const char *text)
{
    text += *text == '(';
    return *text == '"' || strncmp(text, "“", 3) == 0 || strncmp(text, "„", 3) == 0 ||
           strncmp(text, "«", 2) == 0 || strncmp(text, "‘", 3) == 0;
}

static bool
closes(const char *text)
{
    return strchr(text, '"') != NULL || strstr(text, "”") != NULL || strstr(text, "“") != NULL ||
           strstr(text, "»") != NULL || strstr(text, "’") != NULL;
}

/* The term that is defined at the token, and where its definition begins: the bracket, or
 * "nachstehend". */
static bool
term_at(const struct doc *doc, uint32_t i, struct part *ret_term, uint32_t *ret_begin)
{
    static const char *const called[] = {"genannt", "bezelchnet", NULL};
    static const char *const below[] = {"nachstehend", "nachfolgend", "folgenden", "kunftlg", NULL};
    const struct token *token = &doc->tokens[i];

    if (word_in(token->key, called) && i > 1) {
        for (uint32_t k = i - 1; k > 0 && k + 5 > i; k--)
            if (word_in(doc->tokens[k].key, below)) {
                *ret_term = (struct part){i - 1, 1};
                *ret_begin = k;
                return true;
            }
        return false;
    }
    if (!opens(token->text))
        return false;
    uint32_t begin = i;
    for (uint32_t k = i; k > 0 && k + 6 > i; k--) /* "(hereinafter the "Client")" */
        if (doc->tokens[k].text[0] == '(') {
            begin = k;
            break;
        }
    if (doc->tokens[begin].text[0] != '(')
        return false;
    for (uint32_t n = 0; n < TERM_MAX && i + n < doc->token_count; n++)
        if (closes(doc->tokens[i + n].text + (n == 0 ? strspn(token->text, "(\"") : 0))) {
            *ret_term = (struct part){i, n + 1};
            *ret_begin = begin;
            return true;
        }
    return false;
}

/* The term names the field: its own words, or its role ("Vermieterin" too). */
static bool
names(const struct solve *solve, const struct field *field, struct part term)
{
    char key[KEY_MAX] = "";

    for (uint32_t i = term.first; i < term.first + term.count; i++) {
        const char *part = solve->doc->tokens[i].key;
        if (strcmp(part, "the") == 0 || strcmp(part, "der") == 0 || strcmp(part, "dle") == 0)
            continue;
        if (strlen(key) + strlen(part) + 1 > sizeof(key))
            return false;
        strcat(key, part);
    }
    if (field->own_key != NULL && strcmp(field->own_key, key) == 0)
        return true;
    size_t len = strlen(key);
    for (int cut = 0; cut < 2; cut++) {
        for (const struct phrase *phrase = lexicon_find(solve->lexicon, key); phrase != NULL;
             phrase = lexicon_next(solve->lexicon, phrase))
            if (field->role != 0 && phrase->concept == field->role && !phrase->kind)
                return true;
        if (len < 5 || strcmp(key + len - 2, "ln") != 0)
            return false;
        key[len - 2] = '\0';
    }
    return false;
}

/* The name that the definition is of: behind the last "between" or the first "and" since the one
 * before, up to a comma. */
static struct part
name_before(const struct solve *solve, uint32_t begin, uint32_t from)
{
    static const char *const between[] = {"between", "zwlschen", "entre",    "tra",
                                          "fra",     "tussen",   "pomledzy", NULL};
    static const char *const joints[] = {"and", "und", "et", "y", "e", "en", "l", "by", "", NULL};
    static const char *const residing[] = {"residing", "with", "whose", "having", "located",
                                           "wohnhaft", "a",    "an",    NULL};
    const struct doc *doc = solve->doc;
    uint32_t first = from;

    for (uint32_t i = from; i < begin; i++)
        if (word_in(doc->tokens[i].key, between))
            first = i + 1;
    while (first < begin &&
           (word_in(doc->tokens[first].key, joints) ||
            strspn(doc->tokens[first].text, "()0123456789.;:") == strlen(doc->tokens[first].text)))
        first++;
    struct part name = {first, 0};
    for (uint32_t i = first; i < begin && name.count < NAME_MAX; i++) {
        const char *text = doc->tokens[i].text;
        bool more = i + 1 < begin && isdigit((unsigned char)doc->tokens[i + 1].text[0]);
        if (name.count > 0 && (word_in(text, residing) || (more && strcmp(text, "of") == 0)))
            break;
        name.count++;
        if (text[strlen(text) - 1] != ',')
            continue;
        struct part law = {i + 1, 1}; /* "Systems, Inc." */
        if (i + 1 >= begin || !name_has_law(solve, law))
            break;
    }
    return name;
}

static bool
is_name(const struct solve *solve, struct part name)
{
    const struct doc *doc = solve->doc;

    if (name.count == 0 || name.count >= NAME_MAX)
        return false;
    for (uint32_t i = name.first; i < name.first + name.count; i++)
        if (strpbrk(doc->tokens[i].text, "0123456789(") != NULL)
            return false;
    unsigned char c = (unsigned char)doc->tokens[name.first].text[0];
    return (isupper(c) || c >= 0xc3) && !doc_is_prose(doc, name.first, name.count);
}

static void
offer_defined(struct solve *solve, struct part term, struct part name)
{
    for (uint32_t f = 0; f < solve->field_count && !solve->full; f++) {
        struct field *field = &solve->fields[f];
        bool suits = field->type == TYPE_NAME || field->type == TYPE_PERSON ||
                     field->type == TYPE_PARTY || field->type == TYPE_TEXT;
        if (field->item || field->many || field->node == NULL || !suits ||
            !names(solve, field, term))
            continue;
        offer(field, make_text(solve, field, name.first, name.count, defined_score), defined_score,
              name.first, name.count, NULL);
    }
}

void
find_defined(struct solve *solve)
{
    const struct doc *doc = solve->doc;
    uint32_t from = 0;

    for (uint32_t i = 0; i < doc->token_count && !solve->full; i++) {
        struct part term;
        uint32_t begin;
        if (!term_at(doc, i, &term, &begin))
            continue;
        uint32_t back = begin > BACK_MAX ? begin - BACK_MAX : 0;
        struct part name = name_before(solve, begin, from > back ? from : back);
        if (is_name(solve, name))
            offer_defined(solve, term, name);
        i = term.first + term.count - 1;
        if (i + 1 < doc->token_count && strcmp(doc->tokens[i + 1].key, "genannt") == 0)
            i++;
        from = i + 1;
    }
}

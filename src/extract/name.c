/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "extract/name.h"

#include <ctype.h>
#include <string.h>

/* "amt", "cust": what programmers write for words. */
static void
spell_out(char word[WORD_MAX])
{
    static const char *const short_for[][2] = {
        {"amt", "amount"},        {"dt", "date"},         {"pct", "percent"},
        {"cust", "customer"},     {"addr", "address"},    {"desc", "description"},
        {"pmt", "payment"},       {"bal", "balance"},     {"acct", "account"},
        {"nbr", "number"},        {"emp", "employee"},    {"tot", "total"},
        {"curr", "currency"},     {"inv", "invoice"},     {"supp", "supplier"},
        {"descr", "description"}, {"qnty", "quantity"},   {"vend", "vendor"},
        {"ord", "order"},         {"del", "delivery"},    {"stmt", "statement"},
        {"mfg", "manufacturer"},  {"bez", "bezeichnung"}, {"dob", "birthdate"}};

    for (size_t i = 0; i < ARRAY_LEN(short_for); i++)
        if (strcasecmp(word, short_for[i][0]) == 0) {
            strcpy(word, short_for[i][1]);
            return;
        }
}

/* snake_case, kebab-case, camelCase and plain words; digits stand alone. */
void
name_split(const char *name, struct name_words *words)
{
    size_t at = 0;

    words->count = 0;
    for (const char *s = name; *s != '\0' && words->count < NAME_WORDS_MAX; s++) {
        unsigned char c = (unsigned char)*s;
        bool part = isalnum(c) || c >= 0x80;
        bool begins =
            at > 0 && s > name &&
            ((isupper(c) && islower((unsigned char)s[-1])) ||
             (isupper(c) && isupper((unsigned char)s[-1]) && islower((unsigned char)s[1])) ||
             (isdigit(c) != 0) != (isdigit((unsigned char)s[-1]) != 0));
        if ((!part || begins) && at > 0) {
            words->word[words->count++][at] = '\0';
            at = 0;
        }
        if (part && words->count < NAME_WORDS_MAX && at + 1 < WORD_MAX)
            words->word[words->count][at++] = *s;
    }
    if (at > 0 && words->count < NAME_WORDS_MAX)
        words->word[words->count++][at] = '\0';
    for (size_t i = 0; i < words->count; i++)
        spell_out(words->word[i]);
}

/* Words that carry nothing: "the", "of", "value". */
bool
name_is_filler(const char *key)
{
    static const char *const fillers[] = {"the", "of", "a",     "an",  "value", "fleld",
                                          "as",  "ln", "der",   "des", "de",    "la",
                                          "le",  "el", "total", NULL};

    for (size_t i = 0; fillers[i] != NULL; i++)
        if (strcmp(key, fillers[i]) == 0)
            return strcmp(key, "total") != 0;
    return false;
}

/* "faelligAm", "empfaenger": names of properties write out what the page prints as one letter. */
bool
name_contract(char *key)
{
    size_t n = 0;
    bool any = false;

    for (const char *s = key; *s != '\0'; s++) {
        key[n++] = *s;
        if ((*s == 'a' || *s == 'o' || *s == 'u') && s[1] == 'e') {
            any = true;
            s++;
        }
    }
    key[n] = '\0';
    return any;
}

const char *
name_key(struct solve *solve, const char *text)
{
    char *key = text == NULL ? NULL : fold_key(solve->arena, text, strlen(text));

    if (key != NULL)
        fold_skeleton(key);
    return key;
}

/* One of the words of the name is in the list. */
static bool
says_one(struct solve *solve, const char *name, const char *const *list)
{
    struct name_words words;

    if (name == NULL)
        return false;
    name_split(name, &words);
    for (size_t i = 0; i < words.count; i++) {
        const char *key = name_key(solve, words.word[i]);
        for (size_t k = 0; key != NULL && list[k] != NULL; k++)
            if (strcmp(key, list[k]) == 0)
                return true;
    }
    return false;
}

bool
name_says_time(struct solve *solve, const char *name)
{
    static const char *const words[] = {"tlme", "uhrzelt", "zelt", "heure",   "hora",
                                        "ora",  "tlld",    "hour", "godzlna", NULL};

    return says_one(solve, name, words);
}

bool
name_says_money(struct solve *solve, const char *name)
{
    static const char *const words[] = {
        "amount",  "charge", "charges", "fee",     "cost",    "costs",   "prlce", "payment",
        "betrag",  "kosten", "gebuhr",  "gebuehr", "prels",   "montant", "prlx",  "frals",
        "lmporte", "preclo", "lmporto", "prezzo",  "costo",   "valor",   "preco", "bedrag",
        "prljs",   "kwota",  "cena",    "oplata",  "copay",   "balance", "saldo", "wages",
        "tax",     "salary", "rent",    "premlum", "deposlt", NULL};

    return says_one(solve, name, words);
}

bool
name_says_date(struct solve *solve, const char *name)
{
    static const char *const words[] = {
        "date", "datum", "fecha", "data",  "day",    "tag",    "dla",    "lour",  "on",    "am",
        "le",   "el",    "dob",   "start", "end",    "by",     "untll",  "begln", "tll",   "bls",
        "von",  "ab",    "from",  "to",    "od",     "do",     "du",     "au",    "desde", "hasta",
        "dal",  "al",    "van",   "tot",   "termln", "expiry", "explry", "since", "due",   NULL};

    return says_one(solve, name, words);
}

/* "cust_addr": where somebody is, not who. */
bool
name_says_place(struct solve *solve, const char *name)
{
    static const char *const words[] = {"address", "adresse", "anschrlft", "lndlrlzzo", "dlrecclon",
                                        "morada",  "adres",   "endereco",  NULL};

    return says_one(solve, name, words);
}

bool
name_ends_in_id(const char *name)
{
    static const char *const last[] = {"id", "number", "no", "nr", "num", "code"};
    struct name_words words;

    name_split(name, &words);
    for (size_t i = 0; words.count >= 2 && i < ARRAY_LEN(last); i++)
        if (strcasecmp(words.word[words.count - 1], last[i]) == 0)
            return true;
    return false;
}

bool
name_is_plain(const char *name)
{
    static const char *const names[] = {"name", "full_name", "fullName", "nome", "nombre",
                                        "nom",  "naam",      "value",    "text"};

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

/* "Number of the order" is the order number. */
const char *
name_turned(struct solve *solve, const char *text)
{
    const char *of = strcasestr(text, " of ");

    if (of == NULL || strcasestr(of + 4, " of ") != NULL)
        return text;
    const char *what = of + 4;
    if (strncasecmp(what, "the ", 4) == 0)
        what += 4;
    const char *both = arena_printf(solve->arena, "%s %.*s", what, (int)(of - text), text);
    return both == NULL ? text : both;
}

/* The name has a word of three letters at least. */
bool
name_is_spoken(const char *name)
{
    size_t letters = 0;

    for (; *name != '\0'; name++) {
        letters = isalpha((unsigned char)*name) || (unsigned char)*name >= 0x80 ? letters + 1 : 0;
        if (letters >= 3)
            return true;
    }
    return false;
}

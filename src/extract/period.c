/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "extract/period.h"

#include <ctype.h>
#include <string.h>

enum { TOKENS_MAX = 12, TEXT_MAX = 160, YEAR_LEAST = 1900, YEAR_MOST = 2100, KEY_MAX = 40 };

/* The text of some tokens, and where each begins in it. */
struct view {
    const struct solve *solve;
    char text[TEXT_MAX];
    size_t begin[TOKENS_MAX + 1];
    uint32_t first, count;
};

static void
make_view(const struct solve *solve, uint32_t token, uint32_t stop, struct view *view)
{
    size_t at = 0;

    *view = (struct view){.solve = solve, .first = token};
    while (view->count < TOKENS_MAX && token + view->count < stop) {
        const struct token *next = &solve->doc->tokens[token + view->count];
        size_t len = strlen(next->text);
        if (at + len + 2 > TEXT_MAX)
            break;
        if (view->count > 0 && !next->glued)
            view->text[at++] = ' ';
        view->begin[view->count++] = at;
        memcpy(view->text + at, next->text, len + 1);
        at += len;
    }
    view->begin[view->count] = at + 1;
}

static size_t
blanks(const char *s)
{
    return strspn(s, " ");
}

static size_t
digits(const char *s, int *ret)
{
    size_t n = 0;

    for (*ret = 0; n < 5 && isdigit((unsigned char)s[n]); n++)
        *ret = *ret * 10 + (s[n] - '0');
    return n;
}

/* A letter or digit; dashes and quotes begin with another byte than letters of Latin script do. */
static bool
in_word(const char *s)
{
    unsigned char c = (unsigned char)*s;

    return isalnum(c) || (c >= 0xc3 && c != 0xe2);
}

/* Letters, and apostrophes between them. */
static size_t
word_length(const char *s)
{
    size_t n = 0;

    while (isalpha((unsigned char)s[n]) || (in_word(s + n) && !isdigit((unsigned char)s[n])) ||
           ((unsigned char)s[n] >= 0x80 && (unsigned char)s[n] < 0xc0 && n > 0))
        n++;
    if (n > 0 && (s[n] == '\'' || strncmp(s + n, "’", 3) == 0)) {
        size_t mark = s[n] == '\'' ? 1 : 3;
        size_t more = isalpha((unsigned char)s[n + mark]) ? word_length(s + n + mark) : 0;
        n += more > 0 ? mark + more : 0;
    }
    return n;
}

/* The words from s on, two if both together are known, as one of a vocabulary; its length. */
static size_t
known_words(const struct view *view, const char *s, const char *name)
{
    size_t best = 0, n = 0;

    for (int words = 0; words < 2; words++) {
        size_t blank = words > 0 ? blanks(s + n) : 0;
        size_t len = word_length(s + n + blank);
        if (len == 0 || n + blank + len >= KEY_MAX)
            break;
        n += blank + len;
        char *key = fold_key(view->solve->arena, s, n);
        if (key == NULL)
            break;
        fold_skeleton(key);
        const char *group = lexicon_word(view->solve->lexicon, LEXICON_WORDS, key);
        if (group != NULL && strcmp(group, name) == 0)
            best = n;
    }
    return best;
}

static bool
is_year(size_t n, int value)
{
    return n == 4 && value >= YEAR_LEAST && value <= YEAR_MOST;
}

/* "2019", "2015/16" */
static size_t
year_length(const char *s)
{
    int year, more;
    size_t n = digits(s, &year);

    if (!is_year(n, year) || (in_word(s + n) && s[n] != '\0'))
        return 0;
    if (s[n] == '/') {
        size_t m = digits(s + n + 1, &more);
        if (m == 2 && more == (year + 1) % 100 && !isdigit((unsigned char)s[n + 1 + m]))
            return n + 1 + m;
    }
    return n;
}

/* "03/2019", "3.2019", "1.3.2019", "2019-03", "2019-03-01" */
static size_t
numeric_length(const char *s)
{
    int value[3] = {0};
    size_t width[3] = {0}, at = 0, n = 0;
    char mark = '\0';

    while (n < 3) {
        width[n] = digits(s + at, &value[n]);
        if (width[n] == 0)
            break;
        at += width[n++];
        if (n == 3 || strchr("./-", s[at]) == NULL || s[at] == '\0' ||
            (mark != '\0' && s[at] != mark) || !isdigit((unsigned char)s[at + 1]))
            break;
        mark = s[at++];
    }
    bool ends = !in_word(s + at);
    if (n == 2 && width[0] <= 2 && value[0] >= 1 && value[0] <= 12 && is_year(width[1], value[1]))
        return ends && mark != '-' ? at : 0;
    if (n == 2 && is_year(width[0], value[0]) && width[1] == 2 && value[1] >= 1 && value[1] <= 12)
        return ends ? at : 0;
    if (n == 3 && is_year(width[2], value[2]) && width[0] <= 2 && width[1] <= 2)
        return ends ? at : 0;
    if (n == 3 && is_year(width[0], value[0]) && width[1] <= 2 && width[2] <= 2)
        return ends ? at : 0;
    return 0;
}

/* "March 2019", "1. März 2019", "Sept. 2018", "Fall 2015", "WS 2015/16" */
static size_t
named_length(const struct view *view, const char *s)
{
    int day;
    size_t at = digits(s, &day);

    if (at > 2)
        return 0;
    if (at > 0) {
        at += s[at] == '.' ? 1 : 0;
        at += blanks(s + at);
    }
    size_t len = word_length(s + at), season = known_words(view, s + at, "season");
    if (season == 0) {
        char *key = len == 0 || len > KEY_MAX ? NULL : fold_key(view->solve->arena, s + at, len);
        if (key == NULL || month_of(key) == 0)
            return 0;
        at += len;
        at += s[at] == '.' ? 1 : 0;
    } else {
        at += season;
    }
    at += s[at] == ',' ? 1 : 0;
    at += blanks(s + at);
    size_t year = year_length(s + at);
    if (year > 0)
        return at + year;
    int value;
    size_t quote = s[at] == '\'' ? 1 : strncmp(s + at, "’", 3) == 0 ? 3 : 0;
    return quote > 0 && digits(s + at + quote, &value) == 2 ? at + quote + 2 : 0;
}

static size_t
moment_length(const struct view *view, const char *s, bool may_be_now)
{
    size_t n = may_be_now ? known_words(view, s, "present") : 0;

    n = n > 0 ? n : numeric_length(s);
    n = n > 0 ? n : year_length(s);
    return n > 0 ? n : named_length(view, s);
}

/* "March – May 2019", "03 – 05/2019": the year stands behind the second month only. */
static size_t
month_length(const struct view *view, const char *s)
{
    size_t n = word_length(s);
    char *key = n == 0 || n > KEY_MAX ? NULL : fold_key(view->solve->arena, s, n);
    int value;

    if (key != NULL && month_of(key) > 0)
        return n + (s[n] == '.' ? 1 : 0);
    n = digits(s, &value);
    return n == 2 && value >= 1 && value <= 12 && !in_word(s + n) ? n : 0;
}

/* A dash of any kind, or a word for "until"; blanks around it. */
static size_t
between_length(const struct view *view, const char *s)
{
    static const char *const dashes[] = {"–", "—", "-", "−", "‐", "→", "~"};
    size_t blank = blanks(s), n = 0;

    for (size_t i = 0; i < ARRAY_LEN(dashes) && n == 0; i++)
        if (strncmp(s + blank, dashes[i], strlen(dashes[i])) == 0)
            n = strlen(dashes[i]);
    if (n == 0 && blank > 0)
        n = known_words(view, s + blank, "until");
    return n == 0 ? 0 : blank + n + blanks(s + blank + n);
}

static struct moment
moment_of(const struct view *view, size_t from, size_t len)
{
    struct moment made = {.text = arena_strndup(view->solve->arena, view->text + from, len)};
    uint32_t i = 0;

    while (i + 1 < view->count && view->begin[i + 1] <= from)
        i++;
    made.first = view->first + i;
    while (i < view->count && view->begin[i] < from + len)
        i++;
    made.count = view->first + i - made.first;
    return made;
}

/* What may follow a single moment. */
static bool
is_apart(const char *s)
{
    s += blanks(s);
    return *s == '\0' || strchr(",;:|)]", *s) != NULL || strncmp(s, "–", 3) == 0 ||
           strncmp(s, "—", 3) == 0 || strncmp(s, "·", 2) == 0 || strncmp(s, "•", 3) == 0;
}

static void
close_period(const struct view *view, size_t end, struct period *ret)
{
    uint32_t i = 0;

    while (view->text[end] != '\0' && strchr(")],;:.", view->text[end]) != NULL)
        end++;
    while (i < view->count && view->begin[i] < end)
        i++;
    ret->first = view->first;
    ret->count = i;
}

bool
period_at(const struct solve *solve, uint32_t token, uint32_t stop, struct period *ret)
{
    struct view view;

    make_view(solve, token, stop, &view);
    bool bracket = view.text[0] == '(' || view.text[0] == '[';
    size_t at = bracket ? 1 : 0;
    size_t since = known_words(&view, view.text + at, "since");
    if (since > 0 &&
        moment_length(&view, view.text + at + since + blanks(view.text + at + since), false) > 0)
        at += since + blanks(view.text + at + since);
    else
        since = 0;
    size_t n = moment_length(&view, view.text + at, false);
    size_t month = n > 0 ? 0 : month_length(&view, view.text + at);
    if (n == 0 && month == 0)
        return false;
    *ret = (struct period){.start = moment_of(&view, at, n > 0 ? n : month)};
    size_t end = at + (n > 0 ? n : month);
    size_t between = between_length(&view, view.text + end);
    size_t second = between == 0 ? 0 : moment_length(&view, view.text + end + between, n > 0);
    if (second > 0) {
        ret->end = moment_of(&view, end + between, second);
        end += between + second;
        ret->range = true;
    } else if (n == 0) {
        return false;
    } else if (between > 0 && is_apart(view.text + end + between)) {
        end += between; /* "2019 –": it goes on */
        ret->range = true;
    } else if (since > 0) {
        ret->range = true;
    } else if (!bracket && !is_apart(view.text + end)) {
        return false;
    }
    close_period(&view, end, ret);
    return true;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "extract/values.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Longer runs of digits are identifiers; 2^53 is exact in a double. */
enum { DIGITS_MAX = 15 };

struct sign_code {
    const char *sign, *code;
};

/* Signs and everyday names of currencies; longest first where one begins another. */
static const struct sign_code currency_signs[] = {
    {"US$", "USD"},   {"CA$", "CAD"},  {"AU$", "AUD"},  {"A$", "AUD"},    {"C$", "CAD"},
    {"HK$", "HKD"},   {"S$", "SGD"},   {"R$", "BRL"},   {"NZ$", "NZD"},   {"$", "USD"},
    {"€", "EUR"},     {"£", "GBP"},    {"¥", "JPY"},    {"₹", "INR"},     {"zł", "PLN"},
    {"zl", "PLN"},    {"Kč", "CZK"},   {"RM", "MYR"},   {"Rs.", "INR"},   {"Rs", "INR"},
    {"Fr.", "CHF"},   {"SFr.", "CHF"}, {"Euro", "EUR"}, {"Euros", "EUR"}, {"euro", "EUR"},
    {"euros", "EUR"}, {"EURO", "EUR"}, {"₽", "RUB"},  {"₺", "TRY"},     {"₩", "KRW"},
    {"Rp", "IDR"},
};

static const char *const currency_codes[] = {
    "EUR", "USD", "GBP", "CHF", "JPY", "CNY", "INR", "MYR", "SGD", "AUD", "CAD", "NZD",
    "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RON", "BGN", "HRK", "RUB", "UAH", "TRY",
    "BRL", "MXN", "ARS", "CLP", "COP", "PEN", "ZAR", "KRW", "HKD", "TWD", "THB", "IDR",
    "PHP", "VND", "AED", "SAR", "ILS", "EGP", "MAD", "NGN", "KES", "ISK",
};

size_t
currency_at(const char *text, char ret_code[4])
{
    for (size_t i = 0; i < sizeof(currency_codes) / sizeof(*currency_codes); i++)
        if (strncmp(text, currency_codes[i], 3) == 0 && !isalpha((unsigned char)text[3])) {
            memcpy(ret_code, currency_codes[i], 4);
            return 3;
        }
    size_t best = 0;
    for (size_t i = 0; i < sizeof(currency_signs) / sizeof(*currency_signs); i++) {
        size_t len = strlen(currency_signs[i].sign);
        if (len <= best || strncmp(text, currency_signs[i].sign, len) != 0)
            continue;
        if (isalpha((unsigned char)currency_signs[i].sign[len - 1]) &&
            isalpha((unsigned char)text[len]))
            continue;
        memcpy(ret_code, currency_signs[i].code, 4);
        best = len;
    }
    return best;
}

/* "'" as Swiss thousands, in its two shapes. */
static size_t
apostrophe(const char *s)
{
    if (*s == '\'')
        return 1;
    return strncmp(s, "’", 3) == 0 ? 3 : 0;
}

struct core {
    char digits[DIGITS_MAX + 2];
    size_t digit_count;
    int points, commas, quotes;
    size_t after_last, before_first; /* digits behind the last separator, before the first */
    char last;
    bool groups; /* all separators but perhaps the last part groups of three */
};

/* Digits and separators; a separator counts only between digits. Returns the length. */
static size_t
take_core(const char *s, bool blanks, struct core *core)
{
    size_t at = 0, run = 0;

    *core = (struct core){.groups = true};
    while (core->digit_count <= DIGITS_MAX) {
        size_t quote = apostrophe(s + at);
        if (isdigit((unsigned char)s[at])) {
            core->digits[core->digit_count++] = s[at++];
            run++;
            continue;
        }
        size_t len = quote > 0 ? quote : 1;
        bool sep = quote > 0 || s[at] == '.' || s[at] == ',';
        if (!sep && blanks && s[at] == ' ')
            sep = true;
        if (!sep || run == 0 || !isdigit((unsigned char)s[at + len]))
            break;
        if (core->points + core->commas + core->quotes == 0)
            core->before_first = run;
        else if (run != 3)
            core->groups = false;
        if (s[at] == '.')
            core->points++;
        else if (s[at] == ',')
            core->commas++;
        else
            core->quotes++;
        core->last = s[at] == '.' || s[at] == ',' ? s[at] : '\'';
        run = 0;
        at += len;
    }
    core->after_last = run;
    core->digits[core->digit_count] = '\0';
    return core->digit_count > DIGITS_MAX ? 0 : at;
}

static void
set_reading(const struct core *core, int decimals, double *ret_value, char ret_text[24])
{
    size_t whole = core->digit_count - (size_t)decimals, lead = 0;

    while (lead + 1 < whole && core->digits[lead] == '0')
        lead++;
    if (whole == 0)
        snprintf(ret_text, 24, "0.%s", core->digits);
    else if (decimals > 0)
        snprintf(ret_text, 24, "%.*s.%s", (int)(whole - lead), core->digits + lead,
                 core->digits + whole);
    else
        snprintf(ret_text, 24, "%.*s", (int)(whole - lead), core->digits + lead);
    *ret_value = strtod(ret_text, NULL);
}

/* Which separator is the decimal one. False: no number (a date, a version, an address). */
static bool
decide(const struct core *core, struct number *ret)
{
    int kinds = (core->points > 0) + (core->commas > 0);
    int of_last = core->last == '.' ? core->points : core->last == ',' ? core->commas : 0;

    ret->style = 0;
    ret->decimals = 0;
    if (core->last == '\0' || core->last == '\'') {
        if (core->last == '\'' &&
            (!core->groups || core->after_last != 3 || core->before_first > 3))
            return false;
    } else if (of_last > 1) {
        if (!core->groups || core->before_first > 3)
            return false;
        if (core->after_last == 3)
            ret->style = core->last == '.' ? ',' : '.';
        else if (core->after_last == 2 && kinds == 1)
            ret->decimals = 2, ret->style = core->last;
        else
            return false;
    } else if (kinds == 2 || core->quotes > 0) {
        ret->decimals = (int)core->after_last;
        ret->style = core->last;
        if (!core->groups || core->before_first > 3)
            return false;
    } else if (core->after_last == 3 && core->before_first <= 3 && core->digits[0] != '0') {
        ret->style = '?';
        ret->sep = core->last;
        set_reading(core, 3, &ret->other, ret->other_text);
    } else {
        ret->decimals = (int)core->after_last;
        ret->style = core->last;
    }
    set_reading(core, ret->decimals, &ret->value, ret->text);
    return true;
}

/* A minus in its shapes. */
static size_t
minus_at(const char *s)
{
    if (*s == '-')
        return 1;
    return strncmp(s, "−", 3) == 0 || strncmp(s, "–", 3) == 0 ? 3 : 0;
}

static const char *
skip_front(const char *s, struct number *ret, bool *ret_open)
{
    for (;;) {
        size_t minus = minus_at(s), money;
        if (minus > 0 && s[minus] != ' ') {
            ret->negative = true;
            s += minus;
        } else if (*s == '(') {
            *ret_open = true;
            s++;
        } else if (*s == '+' || *s == '=' || *s == ':' || *s == ' ' || *s == '~' || *s == '*' ||
                   *s == '<' || *s == '_' || *s == '@') {
            s++;
        } else if (ret->currency[0] == '\0' && (money = currency_at(s, ret->currency)) > 0) {
            s += money;
        } else {
            return s;
        }
    }
}

size_t
number_parse(const char *text, struct number *ret)
{
    struct core core;
    bool open = false;

    *ret = (struct number){0};
    const char *s = skip_front(text, ret, &open);
    if (!isdigit((unsigned char)*s) && !(*s == '.' && isdigit((unsigned char)s[1])))
        return 0;
    bool bare = *s == '.';
    size_t len = take_core(bare ? s + 1 : s, true, &core);
    if (core.quotes == 0 || core.last != ',' || core.after_last != 2 || len == 0 ||
        !decide(&core, ret))
        len = take_core(bare ? s + 1 : s, false, &core);
    if (len == 0 || !decide(&core, ret))
        return 0;
    if (bare) {
        if (core.last != '\0' || core.digit_count < 2)
            return 0;
        set_reading(&core, (int)core.digit_count, &ret->value, ret->text);
        ret->decimals = (int)core.digit_count;
        ret->style = '.';
        len++;
    }
    ret->leading_zero = core.digits[0] == '0' && core.digit_count > 1 && ret->decimals == 0;
    ret->digits = (int)core.digit_count;
    s += len;
    if (open && *s == ')') {
        ret->negative = true;
        s++;
    }
    size_t minus = minus_at(s);
    if (minus == 0 && *s == ' ' && ret->decimals == 2 && minus_at(s + 1) > 0 &&
        (s[1 + minus_at(s + 1)] == '\0' || strchr("\t\n", s[1 + minus_at(s + 1)]) != NULL))
        minus = 1 + minus_at(s + 1); /* "118,00 -" at the end of a column */
    if (minus > 0 && !isalnum((unsigned char)s[minus])) {
        ret->negative = true;
        s += minus;
        if (*s == '-' || strncmp(s, "—", 3) == 0)
            ret->negative = false; /* "5,--": an even amount */
    }
    if (*s == ' ' && s[1] == '%')
        s++;
    if (*s == '%') {
        ret->percent = true;
        s++;
    } else if (ret->currency[0] == '\0') {
        const char *next = *s == ' ' ? s + 1 : s;
        size_t money = currency_at(next, ret->currency);
        if (money > 0)
            s = next + money;
    }
    if (ret->negative && ret->value == 0)
        ret->negative = false;
    if (ret->negative) {
        memmove(ret->text + 1, ret->text, sizeof(ret->text) - 1);
        ret->text[0] = '-';
        ret->text[sizeof(ret->text) - 1] = '\0';
        ret->value = -ret->value;
        if (ret->style == '?') {
            memmove(ret->other_text + 1, ret->other_text, sizeof(ret->other_text) - 1);
            ret->other_text[0] = '-';
            ret->other_text[sizeof(ret->other_text) - 1] = '\0';
            ret->other = -ret->other;
        }
    }
    return (size_t)(s - text);
}

/* SPDX-License-Identifier: AGPL-3.0-or-later
 * extract/values.h - recognises typed values in text: numbers, dates, times, durations and
 * identifiers with check digits.
 *
 * Parsers work on a terminated string and return how many bytes the value takes at its beginning;
 * 0: it is none. They judge form only; what is ambiguous in itself (1.234; 03/04/2018) comes with
 * both readings, and the whole document decides (values_find). */
#pragma once

#include "extract/extract_internal.h"

struct number {
    double value, other;           /* other: the second reading if style is '?' */
    char text[24], other_text[24]; /* canonical: "-1234.56" */
    char currency[4];              /* ISO 4217, or "" */
    char style; /* '.' or ',' is the decimal separator; '?' not known; 0 no separator */
    char sep;   /* the separator if style is '?' */
    int decimals, digits;
    bool negative, percent, leading_zero;
};

/* A currency sign or code at the beginning of text; its length. */
size_t currency_at(const char *text, char ret_code[4]);
size_t number_parse(const char *text, struct number *ret);

struct date {
    int year, month, day;
    int other_month, other_day; /* set if day and month could change places; else 0 */
    bool short_year, named_month, year_first;
};

size_t date_parse(const char *text, struct date *ret);
/* "12:42", "12.42 Uhr", "3:05 pm": minutes and seconds of the day. */
size_t time_parse(const char *text, int *ret_hour, int *ret_minute, int *ret_second);
/* "2 years", "two (2) years", "12 Monate": ret_text is "2 years" with the unit as printed. */
size_t duration_parse(const char *text, char *ret_text, size_t cap);
/* Month from its name in any of the languages, whole or cut; 0: none. key is folded. */
int month_of(const char *key);

/* ret_text gets the compact form, ret[cap]. The country or kind is checked as well as the digits.
 */
size_t iban_parse(const char *text, char *ret_text, size_t cap, bool *ret_proved);
/* As iban_parse for a country that has none by the registry; only where a label says so. */
size_t iban_shape(const char *text, char *ret_text, size_t cap, bool *ret_proved);
/* A Polish account number as printed at home: the 26 digits of its IBAN, only if they prove it. */
size_t nrb_parse(const char *text, char *ret_text, size_t cap);
size_t vat_parse(const char *text, char *ret_text, size_t cap, bool *ret_proved);
size_t bic_parse(const char *text, char *ret_text, size_t cap);
size_t email_parse(const char *text);
size_t url_recognise(const char *text);
size_t phone_parse(const char *text, int *ret_digits);
bool luhn_holds(const char *digits);

enum item_kind {
    ITEM_NUMBER,
    ITEM_DATE,
    ITEM_TIME,
    ITEM_DURATION,
    ITEM_IBAN,
    ITEM_VAT,
    ITEM_BIC,
    ITEM_EMAIL,
    ITEM_URL,
    ITEM_PHONE,
    ITEM_CODE /* a word with a digit that could be an identifier */
};

/* One recognised value. text is its canonical form. Items of different kinds may share tokens. */
struct item {
    uint8_t kind;
    uint32_t first, count; /* tokens */
    const char *text;
    struct number number;
    struct date date;
    bool proved; /* its check digits hold */
};

struct items {
    struct item *items; /* by first token */
    uint32_t count, cap;
    uint32_t *at;         /* [doc.token_count + 1]: first item that begins at or behind the token */
    char decimal;         /* '.' or ',' */
    bool month_first;     /* dates of this document */
    const char *currency; /* of most amounts; "" unknown */
};

/* Finds all items and decides what is ambiguous by the whole document; locale may be NULL. */
/* Whether one of that kind (enum item_kind) begins with one of the tokens. */
bool items_have(const struct items *items, uint32_t first, uint32_t count, uint8_t kind);

MUST_CHECK
enum err_code items_find(const struct doc *doc, const char *locale, struct items **ret_items,
                         struct err *err);

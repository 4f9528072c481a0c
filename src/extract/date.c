/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/utf8.h"
#include "extract/values.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Names by month, each in the eight languages, folded; the first three or more letters are enough
 * where no two months share them. */
/* NOLINTBEGIN(bugprone-suspicious-missing-comma): a row is as long as it has to be */
static const char *const month_names[12] = {
    "january januar janvier enero gennaio janeiro januari styczen stycznia jan janv jaen ene gen "
    "sty",
    "february februar fevrier febrero febbraio fevereiro februari luty lutego feb febr fev fevr",
    "march marz maerz mars marzo marco maart marzec marca mar mrz mrt",
    "april avril abril aprile abr kwiecien kwietnia apr avr kwi",
    "may mai mayo maggio maio mei maj maja mag",
    "june juni juin junio giugno junho czerwiec czerwca jun giu cze",
    "july juli juillet julio luglio julho lipiec lipca jul juil lug lip",
    "august aout agosto augustus sierpien sierpnia aug ago sie",
    "september septembre septiembre settembre setembro wrzesien wrzesnia sep sept set wrz",
    "october oktober octobre octubre ottobre outubro pazdziernik pazdziernika oct okt out ott paz",
    "november novembre noviembre novembro listopad listopada nov lis",
    "december dezember decembre diciembre dicembre dezembro grudzien grudnia dec dez dic gru",
};
/* NOLINTEND(bugprone-suspicious-missing-comma) */

static bool
has_word(const char *list, const char *word)
{
    size_t len = strlen(word);

    for (const char *at = list; (at = strstr(at, word)) != NULL; at += len)
        if ((at == list || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
            return true;
    return false;
}

int
month_of(const char *key)
{
    if (strlen(key) < 3)
        return 0;
    for (int i = 0; i < 12; i++)
        if (has_word(month_names[i], key))
            return i + 1;
    return 0;
}

/* A number word ("two", "zwei") up to twelve and tens; -1: none. */
static int
number_word(const char *key)
{
    static const struct {
        const char *words;
        int value;
    } words[] = {
        {"one ein eine einem einer un une uno una um uma een jeden", 1},
        {"two zwei deux dos due dois duas twee dwa", 2},
        {"three drei trois tres tre drie trzy", 3},
        {"four vier quatre cuatro quattro quatro cztery", 4},
        {"five funf cinq cinco cinque vijf piec", 5},
        {"six sechs seis sei zes szesc", 6},
        {"seven sieben sept siete sette sete zeven siedem", 7},
        {"eight acht huit ocho otto oito osiem", 8},
        {"nine neun neuf nueve nove negen dziewiec", 9},
        {"ten zehn dix diez dieci dez tien dziesiec", 10},
        {"eleven elf onze once undici elf jedenascie", 11},
        {"twelve zwolf douze doce dodici doze twaalf dwanascie", 12},
        {"fifteen", 15},
        {"sixteen", 16},
        {"eighteen achtzehn achttien dieciocho", 18},
        {"twenty zwanzig vingt veinte venti vinte twintig", 20},
        {"twentyfour", 24},
        {"thirty dreissig trente treinta trenta trinta dertig", 30},
        {"thirtysix", 36},
        {"forty", 40},
        {"fortyfive", 45},
        {"fortyeight", 48},
        {"fifty", 50},
        {"sixty sechzig", 60},
        {"seventytwo", 72},
        {"ninety neunzig", 90},
    };

    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (has_word(words[i].words, key))
            return words[i].value;
    return -1;
}

/* Up to most digits; the number of digits. */
static size_t
take_int(const char *s, size_t most, int *ret)
{
    size_t n = 0;
    int value = 0;

    while (n < most && isdigit((unsigned char)s[n]))
        value = value * 10 + (s[n++] - '0');
    *ret = value;
    return n;
}

static size_t
blanks(const char *s)
{
    size_t n = 0;

    while (s[n] == ' ')
        n++;
    return n;
}

static bool
in_month(int year, int month, int day)
{
    static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    if (month < 1 || month > 12 || day < 1 || day > days[month - 1])
        return false;
    return month != 2 || day < 29 || (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
}

static bool
full_year(size_t digits, int *year, struct date *ret)
{
    if (digits == 2) {
        ret->short_year = true;
        *year += *year < 70 ? 2000 : 1900;
        return true;
    }
    return digits == 4 && *year >= 1800 && *year <= 2199;
}

/* 2018-03-14, 2018/3/14, 2018.03.14; also 20180314. */
static size_t
year_first(const char *s, struct date *ret)
{
    int year, month, day;
    size_t n = take_int(s, 9, &year), at = n, k;

    if (n == 8) {
        day = year % 100;
        month = year / 100 % 100;
        year /= 10000;
        if (year < 1950 || year > 2100 || !in_month(year, month, day))
            return 0;
        *ret = (struct date){.year = year, .month = month, .day = day, .year_first = true};
        return 8;
    }
    if (n != 4 || year < 1800 || year > 2199 || strchr("-/.", s[at]) == NULL || s[at] == '\0')
        return 0;
    char sep = s[at++];
    k = take_int(s + at, 2, &month);
    if (k == 0 || s[at + k] != sep)
        return 0;
    at += k + 1;
    k = take_int(s + at, 2, &day);
    at += k;
    if (k == 0 || isdigit((unsigned char)s[at]) || !in_month(year, month, day))
        return 0;
    *ret = (struct date){.year = year, .month = month, .day = day, .year_first = true};
    return at;
}

/* 14.03.2018, 14/3/18, 14 - 03 - 2018. */
static size_t
day_first(const char *s, struct date *ret)
{
    int a, b, year;
    size_t at = take_int(s, 3, &a), k;

    if (at == 0 || at > 2)
        return 0;
    at += blanks(s + at);
    char sep = s[at];
    if (sep == '\0' || strchr("-/.", sep) == NULL)
        return 0;
    at++;
    at += blanks(s + at);
    k = take_int(s + at, 3, &b);
    if (k == 0 || k > 2)
        return 0;
    at += k;
    at += blanks(s + at);
    if (s[at] != sep)
        return 0;
    at++;
    at += blanks(s + at);
    k = take_int(s + at, 5, &year);
    *ret = (struct date){0};
    if (!full_year(k, &year, ret))
        return 0;
    at += k;
    if (strchr("-/.", s[at]) != NULL && s[at] != '\0' && isdigit((unsigned char)s[at + 1]))
        return 0;
    ret->year = year;
    bool dm = in_month(year, b, a), md = in_month(year, a, b);
    if (!dm && !md)
        return 0;
    ret->day = dm ? a : b;
    ret->month = dm ? b : a;
    if (dm && md && a != b) {
        ret->other_day = b;
        ret->other_month = a;
    } else if (!dm) {
        ret->other_day = 0;
        ret->other_month = -1; /* only month first is possible */
    }
    return at;
}

/* The next word of letters, folded into key[cap]; its length in bytes. */
static size_t
take_word(const char *s, char *key, size_t cap)
{
    size_t at = 0, used = 0, len = strlen(s);

    key[0] = '\0';
    while (at < len) {
        uint32_t c;
        size_t n = utf8_decode(s + at, len - at, &c);
        if (n == 0 || !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0xc0))
            break;
        static const struct {
            uint32_t from;
            char to;
        } plain[] = {{0xe4, 'a'},  {0xc4, 'a'}, {0xe9, 'e'}, {0xc9, 'e'},  {0xfb, 'u'},
                     {0xdb, 'u'},  {0xe7, 'c'}, {0xc7, 'c'}, {0x144, 'n'}, {0x17a, 'z'},
                     {0x15b, 's'}, {0xfc, 'u'}, {0xdc, 'u'}, {0xf6, 'o'},  {0xd6, 'o'}};
        char folded = '?';
        if (c < 0x80)
            folded = (char)tolower((int)c);
        else
            for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++)
                if (plain[i].from == c)
                    folded = plain[i].to;
        if (used + 1 < cap)
            key[used++] = folded;
        at += n;
    }
    key[used] = '\0';
    return at;
}

/* "st", "of", "de", "day of" and punctuation between day, month and year. */
static size_t
skip_joint(const char *s)
{
    static const char *const joints = "st nd rd th er of de del du day the den dia";
    size_t at = 0;
    char key[16];

    for (;;) {
        size_t n = take_word(s + at, key, sizeof(key));
        if (n > 0 && n <= 3 && has_word(joints, key) && !isalpha((unsigned char)s[at + n]))
            at += n;
        else if (s[at] == ' ' || s[at] == '.' || s[at] == ',' || s[at] == '-' || s[at] == '/' ||
                 s[at] == '\'')
            at++;
        else if (strncmp(s + at, "º", 2) == 0 || strncmp(s + at, "°", 2) == 0)
            at += 2;
        else
            return at;
    }
}

static size_t
named_end(const char *s, size_t at, int day, int month, struct date *ret)
{
    int year;

    at += skip_joint(s + at);
    size_t k = take_int(s + at, 5, &year);
    *ret = (struct date){.named_month = true};
    if (!full_year(k, &year, ret) || !in_month(year, month, day))
        return 0;
    if (k == 2 && s[at + k] == ':')
        return 0;
    ret->year = year;
    ret->month = month;
    ret->day = day;
    return at + k;
}

/* 14. März 2018, 14th day of March, 2018, 14MAR18. */
static size_t
day_month_name(const char *s, struct date *ret)
{
    char key[24];
    int day;
    size_t at = take_int(s, 3, &day);

    if (at == 0 || at > 2 || day < 1 || day > 31)
        return 0;
    at += skip_joint(s + at);
    size_t n = take_word(s + at, key, sizeof(key));
    int month = n > 0 ? month_of(key) : 0;
    return month == 0 ? 0 : named_end(s, at + n, day, month, ret);
}

/* March 14, 2018; Mar. 14th 2018. */
static size_t
month_name_day(const char *s, struct date *ret)
{
    char key[24];
    int day;
    size_t n = take_word(s, key, sizeof(key)), at = n;
    int month = n > 0 ? month_of(key) : 0;

    if (month == 0)
        return 0;
    while (s[at] == ' ' || s[at] == '.' || s[at] == '-')
        at++;
    n = take_int(s + at, 3, &day);
    if (n == 0 || n > 2 || day < 1 || day > 31)
        return 0;
    if (strchr(" ,-'snrt./", s[at + n]) == NULL)
        return 0;
    return named_end(s, at + n, day, month, ret);
}

size_t
date_parse(const char *text, struct date *ret)
{
    size_t n = year_first(text, ret);

    if (n == 0)
        n = day_month_name(text, ret);
    if (n == 0)
        n = day_first(text, ret);
    if (n == 0)
        n = month_name_day(text, ret);
    return n;
}

size_t
time_parse(const char *text, int *ret_hour, int *ret_minute, int *ret_second)
{
    int hour, minute, second = 0;
    size_t at = take_int(text, 2, &hour), k;

    if (at == 0 || text[at] != ':' || hour > 24)
        return 0;
    k = take_int(text + at + 1, 2, &minute);
    if (k != 2 || minute > 59)
        return 0;
    at += 3;
    if (text[at] == ':' && take_int(text + at + 1, 2, &second) == 2 && second < 60)
        at += 3;
    const char *half = text + at + blanks(text + at);
    if (strncasecmp(half, "pm", 2) == 0 || strncasecmp(half, "p.m", 3) == 0) {
        hour = hour < 12 ? hour + 12 : hour;
        at = (size_t)(half + 2 - text);
    } else if (strncasecmp(half, "am", 2) == 0 || strncasecmp(half, "a.m", 3) == 0) {
        hour = hour == 12 ? 0 : hour;
        at = (size_t)(half + 2 - text);
    }
    *ret_hour = hour;
    *ret_minute = minute;
    *ret_second = second;
    return at;
}

static bool
is_unit_of_time(const char *key)
{
    return has_word("year years month months day days week weeks hour hours minute minutes jahr "
                    "jahre jahren monat monate monaten tag tage tagen woche wochen stunde stunden "
                    "an ans annee annees mois jour jours semaine semaines ano anos mes meses dia "
                    "dias semana semanas anno anni mese mesi giorno giorni settimana settimane "
                    "jaar jaren maand maanden dag dagen weken rok lata lat miesiac miesiace "
                    "miesiecy dzien dni tydzien tygodni tygodnie",
                    key);
}

size_t
duration_parse(const char *text, char *ret_text, size_t cap)
{
    char key[32];
    int value = -1, inner;
    size_t at = take_int(text, 5, &value), k;

    if (at == 0) {
        at = take_word(text, key, sizeof(key));
        if (at == 0)
            return 0;
        if (text[at] == '-') { /* twenty-four */
            char more[16];
            k = take_word(text + at + 1, more, sizeof(more));
            if (k > 0 && strlen(key) + strlen(more) < sizeof(key)) {
                strcat(key, more);
                if (number_word(key) > 0)
                    at += 1 + k;
                else
                    key[strlen(key) - strlen(more)] = '\0';
            }
        }
        value = number_word(key);
        if (value < 0)
            return 0;
    } else if (at > 4) {
        return 0;
    }
    at += blanks(text + at);
    if (text[at] == '(') {
        k = take_int(text + at + 1, 5, &inner);
        if (k > 0 && text[at + 1 + k] == ')') {
            value = inner;
            at += k + 2;
        } else {
            k = take_word(text + at + 1, key, sizeof(key));
            if (k > 0 && text[at + 1 + k] == ')')
                at += k + 2;
        }
    }
    while (text[at] == ' ' || text[at] == '-')
        at++;
    k = take_word(text + at, key, sizeof(key));
    if (strcmp(key, "full") == 0 || strcmp(key, "calendar") == 0 || strcmp(key, "business") == 0 ||
        strcmp(key, "consecutive") == 0) {
        at += k;
        at += blanks(text + at);
        k = take_word(text + at, key, sizeof(key));
    }
    if (k == 0 || !is_unit_of_time(key))
        return 0;
    snprintf(ret_text, cap, "%d %.*s", value, (int)k, text + at);
    return at + k;
}

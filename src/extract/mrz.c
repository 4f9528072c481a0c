/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The machine-readable zone of passports, identity cards and visas: ICAO Doc 9303 (TD1 three lines
 * of 30 characters, TD2 two of 36, TD3 two of 44, visas MRV-A and MRV-B as TD3 and TD2). Its check
 * digits prove what was read; letters that stand for digits are put right only where they then do.
 */
#include "extract/solve.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { MRZ_LINE_MAX = 44, MRZ_LINES_MAX = 3, MRZ_TEXT_MAX = 64 };

static const float proved_score = 1.1F, plain_score = 0.9F, doubted_score = 0.55F;

struct mrz_line {
    char text[MRZ_LINE_MAX + 1];
    uint32_t first, count; /* tokens */
};

enum mrz_part {
    MRZ_NUMBER,
    MRZ_BIRTH,
    MRZ_EXPIRY,
    MRZ_SEX,
    MRZ_NATION,
    MRZ_STATE,
    MRZ_NAMES,
    MRZ_PARTS
};

/* Where a part stands: line, first character, length; check: its check digit follows. */
struct mrz_place {
    uint8_t line, at, len;
    bool check;
};

struct mrz_format {
    uint8_t lines, width;
    struct mrz_place part[MRZ_PARTS];
};

static const struct mrz_format formats[] = {
    {3,
     30,
     {{0, 5, 9, true},
      {1, 0, 6, true},
      {1, 8, 6, true},
      {1, 7, 1, false},
      {1, 15, 3, false},
      {0, 2, 3, false},
      {2, 0, 30, false}}},
    {2,
     36,
     {{1, 0, 9, true},
      {1, 13, 6, true},
      {1, 21, 6, true},
      {1, 20, 1, false},
      {1, 10, 3, false},
      {0, 2, 3, false},
      {0, 5, 31, false}}},
    {2,
     44,
     {{1, 0, 9, true},
      {1, 13, 6, true},
      {1, 21, 6, true},
      {1, 20, 1, false},
      {1, 10, 3, false},
      {0, 2, 3, false},
      {0, 5, 39, false}}},
};

static int
weight_of(char c)
{
    if (isdigit((unsigned char)c))
        return c - '0';
    return c == '<' ? 0 : c - 'A' + 10;
}

static char
check_digit(const char *text, size_t len)
{
    static const int weights[] = {7, 3, 1};
    int sum = 0;

    for (size_t i = 0; i < len; i++)
        sum += weight_of(text[i]) * weights[i % 3];
    return (char)('0' + sum % 10);
}

static bool
holds(const char *text, size_t len)
{
    /* An empty part may have a filler for its digit. */
    return text[len] == check_digit(text, len) || (text[len] == '<' && strspn(text, "<") >= len);
}

/* Characters of a zone: capital letters, digits and fillers; guillemets are read for two of them.
 */
static bool
take_text(const char *text, struct mrz_line *line)
{
    size_t n = strlen(line->text);

    for (const char *s = text; *s != '\0'; s++) {
        const char *more = isupper((unsigned char)*s) || isdigit((unsigned char)*s) || *s == '<'
                               ? NULL
                           : strncmp(s, "«", 2) == 0 ? "<<"
                                                     : "";
        if (more != NULL && *more == '\0')
            return false;
        for (size_t i = 0; i < (more == NULL ? 1 : 2); i++) {
            if (n == MRZ_LINE_MAX)
                return false;
            line->text[n++] = more == NULL ? *s : '<';
        }
        s += more != NULL;
    }
    line->text[n] = '\0';
    return true;
}

static bool
read_line(const struct doc *doc, uint32_t index, struct mrz_line *ret)
{
    const struct flow_line *line = &doc->lines[index];

    *ret = (struct mrz_line){.first = line->first, .count = line->count};
    for (uint32_t i = line->first; i < line->first + line->count; i++)
        if (!take_text(doc->tokens[i].text, ret))
            return false;
    return strlen(ret->text) >= 28 && strchr(ret->text, '<') != NULL;
}

/* Fillers at the end are often read as one less or more. */
static bool
fit(struct mrz_line *line, size_t width)
{
    size_t len = strlen(line->text);

    while (len > width && line->text[len - 1] == '<')
        line->text[--len] = '\0';
    if (len + 4 >= width && len < width && line->text[len - 1] == '<')
        while (len < width)
            line->text[len++] = '<';
    line->text[len] = '\0';
    return len == width;
}

static void
mend_digits(char *text, size_t len)
{
    static const char *const pairs[] = {"O0", "Q0", "D0", "I1", "L1", "Z2", "S5", "G6", "B8"};

    for (size_t i = 0; i < len; i++)
        for (size_t p = 0; p < ARRAY_LEN(pairs); p++)
            if (text[i] == pairs[p][0])
                text[i] = pairs[p][1];
}

/* The part; *ret_proved: its check digit holds. */
static bool
part_text(const struct mrz_line *lines, const struct mrz_place *place, bool digits,
          char ret[MRZ_TEXT_MAX], bool *ret_proved)
{
    char text[MRZ_LINE_MAX + 2] = "";

    memcpy(text, lines[place->line].text + place->at, (size_t)place->len + (place->check ? 1 : 0));
    *ret_proved = place->check && holds(text, place->len);
    if (place->check && !*ret_proved) {
        char mended[MRZ_LINE_MAX + 2];
        memcpy(mended, text, sizeof(mended));
        mend_digits(digits ? mended : mended + place->len, digits ? (size_t)place->len + 1 : 1);
        if (holds(mended, place->len)) {
            memcpy(text, mended, sizeof(text));
            *ret_proved = true;
        }
    }
    memcpy(ret, text, place->len);
    ret[place->len] = '\0';
    size_t len = strlen(ret);
    while (len > 0 && ret[len - 1] == '<')
        ret[--len] = '\0';
    return len > 0;
}

static int
two_digits(const char *text)
{
    return (text[0] - '0') * 10 + text[1] - '0';
}

/* YYMMDD as ISO 8601: nobody is born in the future, and documents expire in this century. */
static bool
date_of(const char *text, bool birth, char ret[40])
{
    enum { NEWEST = 30 };

    if (strspn(text, "0123456789") != 6)
        return false;
    int year = two_digits(text), month = two_digits(text + 2), day = two_digits(text + 4);
    if (month < 1 || month > 12 || day < 1 || day > 31)
        return false;
    year += birth && year >= NEWEST ? 1900 : 2000;
    snprintf(ret, 40, "%04d-%02d-%02d", year, month, day);
    return true;
}

/* "ERIKSSON<<ANNA<MARIA": family name before the double filler. */
static void
names_of(const char *text, char family[MRZ_TEXT_MAX], char given[MRZ_TEXT_MAX])
{
    const char *gap = strstr(text, "<<");
    size_t n = gap != NULL ? (size_t)(gap - text) : strlen(text);

    snprintf(family, MRZ_TEXT_MAX, "%.*s", (int)n, text);
    snprintf(given, MRZ_TEXT_MAX, "%s", gap != NULL ? gap + 2 : "");
    for (char *s = family; *s != '\0'; s++)
        *s = *s == '<' ? ' ' : *s;
    for (char *s = given; *s != '\0'; s++)
        *s = *s == '<' ? ' ' : *s;
    for (size_t len = strlen(given); len > 0 && given[len - 1] == ' '; len--)
        given[len - 1] = '\0';
}

/* --- the fields --- */

struct zone {
    const struct mrz_format *format;
    struct mrz_line lines[MRZ_LINES_MAX];
    bool proved; /* number, birth and expiry all hold */
};

static void
put(struct solve *solve, struct field *field, const struct zone *zone, enum mrz_part part,
    const char *text, bool proved)
{
    const struct mrz_line *line = &zone->lines[zone->format->part[part].line];
    float score = proved ? proved_score : zone->proved ? plain_score : doubted_score;

    if (*text == '\0')
        return;
    struct value *value = make_string(solve, field, arena_strdup(solve->arena, text), line->first,
                                      line->count, NORM_MRZ, score);
    if (value != NULL && proved)
        value->proof = "check digit of the machine-readable zone holds";
    offer(field, value, score, line->first, line->count, NULL);
}

static void
put_date(struct solve *solve, struct field *field, const struct zone *zone, enum mrz_part part)
{
    char text[MRZ_TEXT_MAX], iso[40];
    bool proved;

    if (field->type == TYPE_DATE &&
        part_text(zone->lines, &zone->format->part[part], true, text, &proved) &&
        date_of(text, part == MRZ_BIRTH, iso))
        put(solve, field, zone, part, iso, proved);
}

static void
put_field(struct solve *solve, struct field *field, const struct zone *zone)
{
    const char *name = solve->lexicon->concepts[field->concept].name;
    char text[MRZ_TEXT_MAX], family[MRZ_TEXT_MAX], given[MRZ_TEXT_MAX];
    bool proved;

    if (strcmp(name, "birth_date") == 0)
        put_date(solve, field, zone, MRZ_BIRTH);
    else if (strcmp(name, "period_end") == 0)
        put_date(solve, field, zone, MRZ_EXPIRY);
    else if ((strcmp(name, "identity_number") == 0 || strcmp(name, "document_number") == 0) &&
             part_text(zone->lines, &zone->format->part[MRZ_NUMBER], false, text, &proved))
        put(solve, field, zone, MRZ_NUMBER, text, proved);
    else if (strcmp(name, "sex") == 0 &&
             part_text(zone->lines, &zone->format->part[MRZ_SEX], false, text, &proved))
        put(solve, field, zone, MRZ_SEX, text, false);
    else if (strcmp(name, "nationality") == 0 &&
             part_text(zone->lines, &zone->format->part[MRZ_NATION], false, text, &proved))
        put(solve, field, zone, MRZ_NATION, text, false);
    else if ((strcmp(name, "country") == 0 || strcmp(name, "issuing_country") == 0) &&
             part_text(zone->lines, &zone->format->part[MRZ_STATE], false, text, &proved))
        put(solve, field, zone, MRZ_STATE, text, false);
    if (!part_text(zone->lines, &zone->format->part[MRZ_NAMES], false, text, &proved))
        return;
    names_of(text, family, given);
    if (strcmp(name, "last_name") == 0)
        put(solve, field, zone, MRZ_NAMES, family, false);
    else if (strcmp(name, "first_name") == 0)
        put(solve, field, zone, MRZ_NAMES, given, false);
    else if ((strcmp(name, "full_name") == 0 || strcmp(name, "name") == 0) && field->role == 0)
        put(solve, field, zone, MRZ_NAMES,
            *given == '\0' ? family : arena_printf(solve->arena, "%s %s", given, family), false);
}

static bool
zone_at(const struct doc *doc, uint32_t line, struct zone *ret)
{
    struct mrz_line lines[MRZ_LINES_MAX];
    uint32_t n = 0;

    while (n < MRZ_LINES_MAX && line + n < doc->line_count &&
           doc->lines[line + n].page == doc->lines[line].page &&
           read_line(doc, line + n, &lines[n]))
        n++;
    for (size_t f = 0; f < ARRAY_LEN(formats); f++) {
        const struct mrz_format *format = &formats[f];
        bool fits = n >= format->lines && strchr("PIACV", lines[0].text[0]) != NULL;
        struct zone zone = {.format = format, .proved = true};
        for (uint32_t i = 0; i < format->lines && fits; i++) {
            zone.lines[i] = lines[i];
            fits = fit(&zone.lines[i], format->width);
        }
        char text[MRZ_TEXT_MAX];
        for (int p = MRZ_NUMBER; fits && p <= MRZ_EXPIRY; p++) {
            bool proved = false;
            (void)part_text(zone.lines, &format->part[p], p != MRZ_NUMBER, text, &proved);
            zone.proved = zone.proved && proved;
        }
        if (fits) {
            *ret = zone;
            return true;
        }
    }
    return false;
}

void
find_in_mrz(struct solve *solve)
{
    struct zone zone;

    for (uint32_t l = 0; l + 1 < solve->doc->line_count; l++) {
        if (!zone_at(solve->doc, l, &zone))
            continue;
        if (zone.proved)
            solve->kind = "identity_document";
        for (uint32_t i = 0; i < solve->field_count && !solve->full; i++)
            if (!solve->fields[i].item && !solve->fields[i].many && !solve->fields[i].generic &&
                solve->fields[i].node != NULL)
                put_field(solve, &solve->fields[i], &zone);
        return;
    }
}

/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/markers.c - what the first words of a line say about it: bullets, numbers, captions, page
 * numbers. */
#include "layout/blocks_internal.h"

#include "page/chars.h"

#include <string.h>
#include <strings.h>

enum { NUMBER_DIGITS_MAX = 3, ROMAN_MAX = 5 };

static bool
is_bullet(const char *word)
{
    static const char *const bullets[] = {"\xe2\x80\xa2",
                                          "\xc2\xb7",
                                          "\xe2\x80\xa3",
                                          "\xe2\x97\xa6",
                                          "\xe2\x96\xaa",
                                          "\xe2\x96\xa0",
                                          "\xe2\x96\xab",
                                          "\xe2\x97\x8f",
                                          "\xe2\x97\x8b",
                                          "\xe2\x80\x93",
                                          "\xe2\x80\x94",
                                          "-",
                                          "*",
                                          "\xe2\x9e\xa2",
                                          "\xe2\x9c\x93",
                                          "\xe2\x9c\x94",
                                          "\xe2\x96\xa1",
                                          "\xe2\x97\x86",
                                          "\xe2\x97\x8a",
                                          "\xe2\x88\x99",
                                          "\xe2\x9d\x96",
                                          "\xe2\x97\xbe",
                                          "\xe2\x81\x83",
                                          "\xef\x82\xb7",
                                          "\xef\x82\xa7",
                                          "\xe2\x98\x90",
                                          "\xe2\x98\x91",
                                          "\xe2\x98\x92"};

    for (size_t i = 0; i < ARRAY_LEN(bullets); i++) {
        if (strcmp(word, bullets[i]) == 0)
            return true;
    }
    return false;
}

/* "a" in "a)", "(iv)", "B.": one letter, or a small Roman number. */
static bool
is_letters(const char *s, size_t len)
{
    if (len == 1)
        return char_is_letter((unsigned char)s[0]) && (unsigned char)s[0] < 0x80;
    return len >= 2 && len <= ROMAN_MAX && strspn(s, "ivx") >= len;
}

struct marker
marker_read(const char *word, uint32_t words)
{
    struct marker none = {.kind = MARKER_NONE, .text = ""};
    size_t len = strlen(word), from = 0;

    if (words < 2 || len == 0)
        return none;
    if (is_bullet(word))
        return (struct marker){.kind = MARKER_BULLET, .text = word};
    bool open = word[0] == '(';
    char last = word[len - 1];
    if (open)
        from = 1;
    if ((last != ')' && (open || last != '.')) || len < from + 2)
        return none;
    const char *core = word + from;
    size_t core_len = len - from - 1, digits = strspn(core, "0123456789");
    if (digits == core_len && digits <= NUMBER_DIGITS_MAX) {
        struct marker marker = {.kind = MARKER_NUMBER, .text = word};
        for (size_t i = 0; i < digits; i++)
            marker.number = marker.number * 10 + (uint32_t)(core[i] - '0');
        return marker;
    }
    /* "J. Smith" begins with no marker. */
    if (is_letters(core, core_len) && (last == ')' || char_is_lower((unsigned char)core[0])))
        return (struct marker){.kind = MARKER_LETTER, .text = word};
    return none;
}

/* Figures or a Roman or letter-and-figure number: "3", "3.1", "IV", "A-2". */
static bool
is_caption_number(const char *word)
{
    size_t digits = 0, len = strlen(word);

    for (size_t i = 0; i < len; i++)
        digits += char_is_digit((unsigned char)word[i]);
    if (digits > 0)
        return len <= 8;
    size_t roman = strspn(word, "IVXLivxl");
    return roman > 0 && roman <= 5 && (roman == len || strspn(word + roman, ".:") == len - roman);
}

/* What captions begin with, and what they speak of. */
static const struct {
    const char *name;
    enum caption_kind kind;
} caption_names[] = {
    {"figure", CAPTION_FIGURE},
    {"fig.", CAPTION_FIGURE},
    {"fig", CAPTION_FIGURE},
    {"figs.", CAPTION_FIGURE},
    {"table", CAPTION_TABLE},
    {"tab.", CAPTION_TABLE},
    {"chart", CAPTION_FIGURE},
    {"graph", CAPTION_FIGURE},
    {"diagram", CAPTION_FIGURE},
    {"scheme", CAPTION_FIGURE},
    {"plate", CAPTION_FIGURE},
    {"exhibit", CAPTION_ANY},
    {"box", CAPTION_OTHER},
    {"map", CAPTION_FIGURE},
    {"photo", CAPTION_FIGURE},
    {"listing", CAPTION_OTHER},
    {"algorithm", CAPTION_OTHER},
    {"illustration", CAPTION_FIGURE},
    {"abb.", CAPTION_FIGURE},
    {"abbildung", CAPTION_FIGURE},
    {"tabelle", CAPTION_TABLE},
    {"grafik", CAPTION_FIGURE},
    {"bild", CAPTION_FIGURE},
    {"schaubild", CAPTION_FIGURE},
    {"tableau", CAPTION_TABLE},
    {"graphique", CAPTION_FIGURE},
    {"sch\xc3\xa9ma", CAPTION_FIGURE},
    {"carte", CAPTION_FIGURE},
    {"figura", CAPTION_FIGURE},
    {"tabla", CAPTION_TABLE},
    {"cuadro", CAPTION_TABLE},
    {"gr\u00e1fico", CAPTION_FIGURE},
    {"gr\u00e1fica", CAPTION_FIGURE},
    {"ilustraci\xc3\xb3n", CAPTION_FIGURE},
    {"grafico", CAPTION_FIGURE},
    {"tabella", CAPTION_TABLE},
    {"tabela", CAPTION_TABLE},
    {"quadro", CAPTION_ANY},
    {"ilustra\xc3\xa7\xc3\xa3o", CAPTION_FIGURE},
    {"figuur", CAPTION_FIGURE},
    {"afbeelding", CAPTION_FIGURE},
    {"tabel", CAPTION_TABLE},
    {"grafiek", CAPTION_FIGURE},
    {"figur", CAPTION_FIGURE},
    {"tabell", CAPTION_TABLE},
    {"rysunek", CAPTION_FIGURE},
    {"rys.", CAPTION_FIGURE},
    {"wykres", CAPTION_FIGURE},
    {"\xd0\xa0\xd0\xb8\xd1\x81.", CAPTION_FIGURE},
    {"\xd0\xa0\xd0\xb8\xd1\x81\xd1\x83\xd0\xbd\xd0\xbe\xd0\xba", CAPTION_FIGURE},
    {"\xd0\xa2\xd0\xb0\xd0\xb1\xd0\xbb\xd0\xb8\xd1\x86\xd0\xb0", CAPTION_TABLE},
    {"\xe5\x9b\xb3", CAPTION_FIGURE},
    {"\xe8\xa1\xa8", CAPTION_TABLE},
};

enum caption_kind
marker_caption_kind(const char *first)
{
    for (size_t i = 0; i < ARRAY_LEN(caption_names); i++) {
        if (strcasecmp(first, caption_names[i].name) == 0)
            return caption_names[i].kind;
    }
    return CAPTION_ANY;
}

bool
marker_is_caption(const char *first, const char *second, const char *third)
{
    bool named = false;

    for (size_t i = 0; i < ARRAY_LEN(caption_names); i++)
        named |= strcasecmp(first, caption_names[i].name) == 0;
    if (!named || second == NULL || !is_caption_number(second))
        return false;
    size_t len = strlen(second);
    if (third == NULL || strchr(".:-", second[len - 1]) != NULL)
        return true;
    /* "Table 2 shows" is a sentence. */
    return !char_is_lower(chars_first(third, strlen(third)));
}

bool
marker_is_note(const char *first)
{
    static const char *const names[] = {"source",  "sources", "note",      "notes",    "quelle",
                                        "quellen", "fuente",  "fuentes",   "nota",     "notas",
                                        "fonte",   "fonti",   "anmerkung", "remarque", "bron"};
    size_t len = strlen(first);

    while (len > 0 && strchr(":.", first[len - 1]) != NULL)
        len--;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (strlen(names[i]) == len && strncasecmp(first, names[i], len) == 0)
            return true;
    }
    return first[0] == '*' && len > 0;
}

bool
marker_is_page_number(const char *text)
{
    static const char *const skipped[] = {"page", "seite", "of", "von", "de", "p.", "pg."};
    uint32_t numbers = 0;

    while (*text != '\0') {
        size_t len = strcspn(text, " ");
        size_t strip = strspn(text, "-[(|\xe2\x80\x93\x94");
        strip = strip < len ? strip : len;
        size_t digits = strspn(text + strip, "0123456789");
        size_t roman = strspn(text + strip, "ivxl");
        bool word = false;
        for (size_t i = 0; i < ARRAY_LEN(skipped); i++)
            word |= len == strlen(skipped[i]) && strncasecmp(text, skipped[i], len) == 0;
        if (digits > 0 && digits <= 4)
            numbers++, strip += digits;
        else if (roman > 0 && roman <= 6)
            numbers++, strip += roman;
        strip += strspn(text + strip, "-])|/.0123456789\xe2\x80\x93\x94");
        if (!word && strip < len)
            return false;
        text += len;
        text += strspn(text, " ");
    }
    return numbers >= 1 && numbers <= 2;
}

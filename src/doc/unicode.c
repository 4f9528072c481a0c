/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "doc/text_internal.h"

#include "base/utf8.h"
#include "doc/bigrams.h"

#include <string.h>
#include <utf8proc.h>

struct code_pair {
    uint32_t from, to;
};

/* Wingdings and Symbol, as fonts without a Unicode table give them: U+F000 + byte. Only shapes that
 * matter to a reader: bullets, ticks and boxes. */
static const struct code_pair private_codes[] = {
    {0xf020, ' '},    {0xf02d, '-'},    {0xf06e, 0x25a0}, {0xf06f, 0x25a1},
    {0xf071, 0x2751}, {0xf075, 0x25c6}, {0xf076, 0x2756}, {0xf0a7, 0x25aa},
    {0xf0a8, 0x25fb}, {0xf0b7, 0x2022}, {0xf0d8, 0x27a2}, {0xf0e0, 0x2192},
    {0xf0fb, 0x2717}, {0xf0fc, 0x2713}, {0xf0fd, 0x2612}, {0xf0fe, 0x2611},
};

/* Accents with a width of their own, as TeX and old encodings draw them over a letter. */
static const struct code_pair accents[] = {
    {0x5e, 0x302},  {0x60, 0x300},  {0x7e, 0x303},  {0xa8, 0x308},  {0xaf, 0x304},
    {0xb4, 0x301},  {0xb8, 0x327},  {0x2c6, 0x302}, {0x2c7, 0x30c}, {0x2d8, 0x306},
    {0x2d9, 0x307}, {0x2da, 0x30a}, {0x2db, 0x328}, {0x2dc, 0x303}, {0x2dd, 0x30b},
};

static uint32_t
look_up(const struct code_pair *table, size_t n, uint32_t code)
{
    for (size_t i = 0; i < n; i++)
        if (table[i].from == code)
            return table[i].to;
    return 0;
}

static bool
is_blank(uint32_t c)
{
    return c == '\t' || c == '\n' || c == '\r' || c == 0xa0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
           c == 0x205f || c == 0x3000;
}

static bool
is_private(uint32_t c)
{
    return (c >= 0xe000 && c <= 0xf8ff) || c >= 0xf0000;
}

static bool
is_lookless(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x200b && c <= 0x200f) ||
           (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
           (c >= 0xfff9 && c <= 0xfffb);
}

uint32_t
unicode_clean(uint32_t code, bool has_width)
{
    if (code >= 0x20 && code < 0x7f)
        return code;
    if (is_blank(code))
        return ' ';
    if (code == 0xad) /* a soft hyphen that was given room is one that shows */
        return has_width ? '-' : 0;
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
        return 0xfffd;
    if (code >= 0x80 && code < 0xa0 && has_width)
        return 0xfffd; /* something is drawn there, and not what the table says */
    if (is_lookless(code))
        return 0;
    if (is_private(code)) {
        uint32_t known = look_up(private_codes, ARRAY_LEN(private_codes), code);
        return known != 0 ? known : code;
    }
    return code;
}

bool
unicode_is_letter(uint32_t code)
{
    if (code < 0x80)
        return (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z');
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)code);
    return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
}

bool
unicode_is_spaceless(uint32_t code)
{
    return (code >= 0x2e80 && code <= 0x31ff) || (code >= 0x3400 && code <= 0x9fff) ||
           (code >= 0xf900 && code <= 0xfaff) || (code >= 0xff01 && code <= 0xff9f) ||
           (code >= 0x20000 && code <= 0x3ffff);
}

uint32_t
unicode_combining(uint32_t accent)
{
    return look_up(accents, ARRAY_LEN(accents), accent);
}

/* The letter under the accents; the code itself if it has none. */
static uint32_t
base_letter(uint32_t code)
{
    utf8proc_int32_t parts[8];

    if (code < 0x80 || code > 0x24f)
        return code;
    utf8proc_ssize_t n = utf8proc_decompose_char((utf8proc_int32_t)code, parts, ARRAY_LEN(parts),
                                                 UTF8PROC_DECOMPOSE, NULL);
    return n > 0 ? (uint32_t)parts[0] : code;
}

/* Letters of Vietnamese, Romanian, Azeri, West African languages, and the florin's. */
static bool
is_of_languages(uint32_t code)
{
    return code == 0x192 || code == 0x1a0 || code == 0x1a1 || code == 0x1af || code == 0x1b0 ||
           (code >= 0x1cd && code <= 0x1dc) || (code >= 0x218 && code <= 0x21b) || code == 0x18f ||
           code == 0x259 || code == 0x254 || code == 0x25b || code == 0x253 || code == 0x257 ||
           code == 0x199;
}

void
unicode_count(struct text_census *census, uint32_t code)
{
    if (code == ' ')
        return;
    census->glyphs++;
    if (code == 0 || code == 0xfffd || is_private(code) || is_lookless(code)) {
        census->bad++;
        return;
    }
    if (code == '.' || code == '-' || code == '_' || code == 0x2026 || code == 0xb7) {
        census->leaders++;
        return;
    }
    if (code >= '0' && code <= '9') {
        census->digits++;
        return;
    }
    if (!unicode_is_letter(code))
        return;
    census->letters++;
    census->strange += code >= 0x180 && code <= 0x2af && !is_of_languages(code);
    if (code > 0x24f)
        return;
    census->latin++;
    uint32_t base = base_letter(code);
    if (base < 0x80 && strchr("aeiouyAEIOUY", (int)base) != NULL)
        census->vowels++;
}

static void
count_pairs(struct text_census *census, const struct glyph *glyphs, uint32_t count)
{
    enum { EDGE = 26 };
    uint32_t last = EDGE, run = 0, small = 0;
    uint64_t sum = 0;

    /* Runs of one or two letters, and of a few capitals, are formulas, initials and labels: they
     * say nothing. */
    for (uint32_t i = 0; i <= count; i++) {
        uint32_t base = i < count ? base_letter(glyphs[i].code) | 0x20 : 0;
        bool is_letter = base >= 'a' && base <= 'z';
        uint32_t next = is_letter ? base - 'a' : EDGE;
        if (last != EDGE || next != EDGE)
            sum += bigrams[last][next];
        run += is_letter;
        small += is_letter && (glyphs[i].code & 0x20) != 0;
        last = next;
        if (is_letter)
            continue;
        census->runs += run > 0;
        if (run >= (small > 0 ? 3U : 5U)) {
            census->pairs += run + 1;
            census->surprise += sum;
        }
        run = small = 0;
        sum = 0;
    }
}

/* A sign that no word has between its letters: addresses have some of the others. */
static bool
is_odd_sign(uint32_t code)
{
    return code > ' ' && code < 0x7f && strchr("{}|~^\\[]<>=#$%`\"*+;!?", (int)code) != NULL;
}

/* A sign before a letter, with a letter or the word's start before it: "{obys", "th}". */
static bool
is_odd(const struct glyph *glyphs, uint32_t count)
{
    uint32_t letters = 0, signs = 0;

    for (uint32_t i = 1; i < count; i++) {
        bool before = unicode_is_letter(glyphs[i - 1].code),
             now = unicode_is_letter(glyphs[i].code);
        letters += now;
        signs += (is_odd_sign(glyphs[i].code) && before && i + 1 < count &&
                  unicode_is_letter(glyphs[i + 1].code)) ||
                 (now && glyphs[i - 1].code != '\"' && is_odd_sign(glyphs[i - 1].code) && i >= 2);
    }
    return letters >= 1 && signs >= 1;
}

/* Different signs one after the other: no ruler of stars or dots. */
static bool
is_of_signs(const struct glyph *glyphs, uint32_t count)
{
    uint32_t other = 0;

    for (uint32_t i = 0; i < count; i++) {
        uint32_t code = glyphs[i].code;
        if (code >= 0x7f || unicode_is_letter(code) || (code >= '0' && code <= '9'))
            return false;
        other += code != glyphs[0].code && code != '.' && code != '-';
    }
    return other > 0;
}

/* Modern Greek has an accent in nearly every word. */
static void
count_greek(struct text_census *census, const struct glyph *glyphs, uint32_t count)
{
    bool accented = false;

    for (uint32_t i = 0; i < count; i++) {
        uint32_t c = glyphs[i].code;
        if ((c < 0x3ac || c > 0x3ce) && (c < 0x1f00 || c > 0x1fff))
            return;
        accented = accented || c < 0x3b1 || c > 0x3c9;
    }
    census->greek++;
    census->accented += accented;
}

uint32_t
unicode_count_word(struct text_census *census, const struct glyph *glyphs, uint32_t count)
{
    uint32_t bad = 0, letters = 0;

    count_pairs(census, glyphs, count);
    for (uint32_t i = 0; i < count; i++) {
        bad += glyphs[i].code == 0xfffd || is_private(glyphs[i].code);
        letters += unicode_is_letter(glyphs[i].code);
    }
    if (count < 3)
        return bad;
    census->words++;
    census->bad_words += 2 * bad > count;
    census->holed_words += bad > 0 && letters >= 2;
    census->odd_words += is_odd(glyphs, count) || is_of_signs(glyphs, count);
    count_greek(census, glyphs, count);
    return bad;
}

/* Forms that stand for how a letter is joined, or for several at once, not for the letter. */
static bool
is_presentation_form(uint32_t c)
{
    return (c >= 0xfb00 && c <= 0xfdff) || (c >= 0xfe70 && c <= 0xfefc) ||
           (c >= 0x2f00 && c <= 0x2fd5);
}

/* The codes of the glyphs in text->codes, forms resolved; how many. */
static size_t
gather(struct text *text, const struct glyph *glyphs, uint32_t count, bool *ret_ascii)
{
    size_t n = 0;

    *ret_ascii = true;
    for (uint32_t i = 0; i < count && n + 1 < CODES_MAX; i++) {
        uint32_t code = glyphs[i].code;
        if (code >= 0x80)
            *ret_ascii = false;
        if (is_presentation_form(code)) {
            utf8proc_ssize_t got = utf8proc_decompose_char(
                (utf8proc_int32_t)code, text->codes + n, (utf8proc_ssize_t)(CODES_MAX - 1 - n),
                UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE, NULL);
            if (got > 0 && (size_t)got < CODES_MAX - 1 - n) {
                n += (size_t)got;
                continue;
            }
        }
        text->codes[n++] = (int32_t)code;
    }
    return n;
}

const char *
unicode_compose(struct text *text, const struct glyph *glyphs, uint32_t count)
{
    bool ascii;
    size_t n = gather(text, glyphs, count, &ascii);
    char *out = arena_alloc(text->arena, n * UTF8_MAX_BYTES + 1);
    size_t len = 0;

    if (out == NULL)
        return NULL;
    for (size_t i = 0; i < n; i++)
        len += utf8_encode((uint32_t)text->codes[i], out + len);
    out[len] = '\0';
    if (ascii)
        return out;
    /* NFC: decompose and sort the marks, then compose; both into the scratch that out was made of.
     */
    utf8proc_ssize_t got =
        utf8proc_decompose((const utf8proc_uint8_t *)out, (utf8proc_ssize_t)len, text->codes,
                           CODES_MAX - 1, (utf8proc_option_t)(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
    if (got < 0 || got >= CODES_MAX - 1)
        return out; /* cannot be for valid UTF-8 of this length; as it was is better than nothing */
    utf8proc_ssize_t bytes = utf8proc_reencode(
        text->codes, got, (utf8proc_option_t)(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
    if (bytes < 0)
        return out;
    return arena_strndup(text->arena, (const char *)text->codes, (size_t)bytes);
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "doc/identity.h"

#include "doc/type3.h"

#include <stdlib.h>
#include <string.h>

enum {
    NAME_MAX_BYTES = 64,
    SLOTS = 4096,      /* a power of two */
    SLOTS_FULL = 3072, /* beyond, what is new is not looked at */
    SLOTS_KEPT = 1024, /* with more of them from other pages, a page begins with none */
    SAMPLES = 64,      /* places of a font file that are looked at to tell it from others */
    EMS = 64,          /* Type 3 fonts whose em is remembered */
    FONTS = 16         /* others whose number is, for a page */
};

/* A letter or figure looks so much more like another one that it is another one. Of letters and
 * figures of typefaces that the network was not taught, 0.03 % do. */
static const float other_margin = 6;

/* Text is shown in the same few fonts again and again. */
struct numbered {
    const fz_font *font;
    const fz_buffer *buffer;
    size_t len;
    uint64_t number;
};

struct identities {
    struct identity slots[SLOTS];
    uint32_t count;
    uint32_t page;
    struct font_key ems[EMS]; /* by the number; 0: free */
    struct numbered fonts[FONTS];
};

struct identities *
identities_new(void)
{
    return calloc(1, sizeof(struct identities));
}

void
identities_drop(struct identities **identities)
{
    free(*identities);
    *identities = NULL;
}

void
identities_begin_page(struct identities *identities)
{
    identities->page++;
    memset(identities->fonts, 0, sizeof(identities->fonts));
    if (identities->count <= SLOTS_KEPT)
        return;
    memset(identities->slots, 0, sizeof(identities->slots));
    identities->count = 0;
}

static struct font_key
key_of_type3(fz_context *ctx, struct identities *all, fz_font *font, bool mirrored)
{
    uint64_t number = type3_hash(ctx, font, (uint64_t)(uintptr_t)font ^ mirrored) | 1;
    struct font_key *known = &all->ems[(number >> 1) % EMS];

    if (known->number != number)
        *known = (struct font_key){number, type3_em(ctx, font, mirrored), true};
    return *known;
}

static uint64_t
number_of(const fz_font *font, const fz_buffer *buffer)
{
    uint64_t hash = 0xcbf29ce484222325U ^ (uint64_t)(uintptr_t)font;
    size_t step = buffer != NULL ? buffer->len / SAMPLES : 0;

    hash = (hash ^ (buffer != NULL ? buffer->len : 0)) * 0x100000001b3U;
    for (size_t i = 0; i < SAMPLES && step > sizeof(uint64_t); i++) {
        uint64_t bytes;
        memcpy(&bytes, buffer->data + i * step, sizeof(bytes));
        hash = (hash ^ bytes) * 0x100000001b3U;
        hash ^= hash >> 29;
    }
    return hash | 1; /* 0 is a free slot */
}

struct font_key
identity_of_font(fz_context *ctx, struct identities *all, fz_font *font, bool mirrored)
{
    if (fz_font_t3_procs(ctx, font) != NULL)
        return key_of_type3(ctx, all, font, mirrored);
    const fz_buffer *buffer = font->buffer;
    size_t len = buffer != NULL ? buffer->len : 0;
    struct numbered *known = &all->fonts[((uintptr_t)font >> 6) % FONTS];

    if (known->font != font || known->buffer != buffer || known->len != len)
        *known = (struct numbered){font, buffer, len, number_of(font, buffer)};
    return (struct font_key){.number = known->number, .em = 1};
}

/* ---- what the glyph's name says ---- */

static bool
is_unknown(uint32_t code)
{
    return code == 0xfffd || code < 0x20 || code > 0x10ffff;
}

/* The character that the glyph's name means; 0 if it has none. "a.sc" is an a. */
static uint32_t
read_name(fz_context *ctx, fz_font *font, int glyph)
{
    char name[NAME_MAX_BYTES] = "";

    fz_get_glyph_name(ctx, font, glyph, name, sizeof(name));
    name[strcspn(name, ".")] = '\0';
    if (name[0] == '\0')
        return 0;
    int code = fz_unicode_from_glyph_name_strict(name);
    return code > 0 ? (uint32_t)code : 0;
}

static void
judge_name(struct identity *identity, uint32_t named)
{
    uint32_t code = identity->code;

    if (is_unknown(code)) {
        if (named != 0) {
            identity->taken = named;
            identity->name = GLYPH_MENDED;
        }
        return;
    }
    if (shape_is_plain(code) && shape_is_plain(named))
        identity->name = (named | 0x20) == (code | 0x20) ? GLYPH_AGREES : GLYPH_DIFFERS;
}

/* ---- what its outline says ---- */

/* Letters of the scripts that the network knows. */
static bool
is_shaped(uint32_t code)
{
    return shape_is_plain(code) || (code >= 0xc0 && code < 0x250 && code != 0xd7 && code != 0xf7) ||
           (code >= 0x370 && code < 0x530);
}

/* What old figures, and letters of many a typeface, have in common. */
static bool
is_lookalike(uint32_t a, uint32_t b)
{
    static const char *const groups[] = {"0Oo", "1IiJjlL", "2Zz", "5Ss", "6b", "8B", "9gq", "Vv"};

    for (size_t i = 0; i < ARRAY_LEN(groups); i++)
        if (a < 0x80 && b < 0x80 && strchr(groups[i], (int)a) != NULL &&
            strchr(groups[i], (int)b) != NULL)
            return true;
    return false;
}

static void
judge_shape(fz_context *ctx, struct identity *identity, struct font_key key, fz_font *font)
{
    uint8_t inputs[SHAPE_INPUTS];

    if (!is_shaped(identity->code))
        return;
    bool drawn = key.is_type3 ? type3_draw(ctx, font, identity->glyph, key.em, inputs)
                              : shape_draw(fz_font_ft_face(ctx, font), identity->glyph, inputs);
    if (!drawn)
        return;
    struct shape_verdict verdict = shape_judge(inputs, identity->code);
    identity->looks = verdict.looks;
    identity->shape = GLYPH_ALIKE;
    if (shape_is_plain(verdict.looks) && verdict.margin > other_margin &&
        !is_lookalike(identity->code, verdict.looks))
        identity->shape = GLYPH_UNLIKE;
}

/* ---- the cache ---- */

static struct identity *
find_slot(struct identities *all, uint64_t font, int glyph, uint32_t code)
{
    /* Neighbours in a font are neighbours here: less memory is touched. */
    size_t slot = (size_t)((font ^ (font >> 32)) * 64) + (size_t)glyph + code;

    for (slot &= SLOTS - 1; all->slots[slot].font != 0; slot = (slot + 1) & (SLOTS - 1)) {
        struct identity *found = &all->slots[slot];
        if (found->font == font && found->glyph == glyph && found->code == code)
            return found;
    }
    return &all->slots[slot];
}

struct identity *
identity_find(fz_context *ctx, struct identities *all, struct font_key key, fz_font *font,
              int glyph, uint32_t code)
{
    if (!is_unknown(code) && !is_shaped(code))
        return NULL;
    struct identity *found = find_slot(all, key.number, glyph, code);
    if (found->font != 0)
        return found;
    if (all->count >= SLOTS_FULL)
        return NULL;
    *found = (struct identity){.font = key.number, .glyph = glyph, .code = code, .taken = code};
    all->count++;
    if (!key.is_type3)
        judge_name(found, read_name(ctx, font, glyph));
    judge_shape(ctx, found, key, font);
    return found;
}

bool
identity_is_new(struct identities *all, struct identity *identity)
{
    bool is_new = identity->page != all->page;

    identity->page = all->page;
    return is_new;
}

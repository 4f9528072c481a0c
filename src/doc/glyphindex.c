/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/glyphindex.c - finds the glyphs of a font by their names.
 *
 * For each font of a page the PDF library asks for up to 256 names, and for each that the font does
 * not have for three or four more; FreeType looks for each among all names of the font. So the
 * linker gives us these calls (meson.build), and a font that is asked more than a few times gets a
 * table, which lives as long as it. The answers are FreeType's own. */
#include "base/fnv.h"
#include "doc/freetype_internal.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Questions before the table is worth making; fonts of more glyphs have none; longer names are
 * asked of FreeType. */
enum { ASKED_LEAST = 8, GLYPHS_MAX = 4096, NAME_BYTES = 64 };

struct slot {
    uint32_t hash;
    uint32_t glyph; /* 0: free. FreeType says 0 for glyph 0, too */
};

struct names {
    uint32_t asked, mask; /* mask 0: no table yet */
    struct slot *slots;   /* [mask + 1] */
};

FT_UInt __real_FT_Get_Name_Index(FT_Face face, const FT_String *name);
FT_UInt __wrap_FT_Get_Name_Index(FT_Face face, const FT_String *name);

static void
drop(void *object)
{
    FT_Face face = object;
    struct names *names = face->generic.data;

    free(names->slots);
    free(names);
    face->generic = (FT_Generic){0};
}

/* What is known of the font; NULL if there is no memory, or somebody else keeps something there. */
static struct names *
names_of(FT_Face face)
{
    if (face->generic.data == NULL && face->generic.finalizer == NULL) {
        struct names *names = calloc(1, sizeof(*names));
        if (names == NULL)
            return NULL;
        face->generic = (FT_Generic){.data = names, .finalizer = drop};
    }
    return face->generic.finalizer == drop ? face->generic.data : NULL;
}

static uint32_t
hash_of(const char *name)
{
    return fnv32_add(FNV32_BEGIN, name, strlen(name));
}

/* The name of a glyph as FreeType compares it; false if it has none, or one too long. */
static bool
read_name(FT_Face face, uint32_t glyph, char ret[NAME_BYTES])
{
    return FT_Get_Glyph_Name(face, glyph, ret, NAME_BYTES) == 0 && ret[0] != '\0' &&
           strlen(ret) + 1 < NAME_BYTES;
}

/* Glyphs in their order, so that of several with one name the first is found. */
static void
make_table(FT_Face face, struct names *names)
{
    uint32_t size = 2, count = (uint32_t)face->num_glyphs;
    char name[NAME_BYTES];

    while (size < 2 * count)
        size *= 2;
    names->slots = calloc(size, sizeof(*names->slots));
    if (names->slots == NULL)
        return;
    names->mask = size - 1;
    for (uint32_t glyph = 1; glyph < count; glyph++) {
        if (!read_name(face, glyph, name))
            continue;
        uint32_t hash = hash_of(name), at = hash & names->mask;
        while (names->slots[at].glyph != 0)
            at = (at + 1) & names->mask;
        names->slots[at] = (struct slot){hash, glyph};
    }
}

static FT_UInt
find(FT_Face face, const struct names *names, const char *wanted)
{
    uint32_t hash = hash_of(wanted);
    char name[NAME_BYTES];

    for (uint32_t at = hash & names->mask; names->slots[at].glyph != 0; at = (at + 1) & names->mask)
        if (names->slots[at].hash == hash && read_name(face, names->slots[at].glyph, name) &&
            strcmp(name, wanted) == 0)
            return names->slots[at].glyph;
    return 0;
}

FT_UInt
__wrap_FT_Get_Name_Index(FT_Face face, const FT_String *name)
{
    struct names *names = NULL;

    if (face != NULL && name != NULL && FT_HAS_GLYPH_NAMES(face) && face->num_glyphs > 1 &&
        face->num_glyphs <= GLYPHS_MAX && name[0] != '\0' && strlen(name) + 1 < NAME_BYTES)
        names = names_of(face);
    if (names != NULL && ++names->asked == ASKED_LEAST)
        make_table(face, names);
    if (names == NULL || names->mask == 0)
        return __real_FT_Get_Name_Index(face, name);
    return find(face, names, name);
}

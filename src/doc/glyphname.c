/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "doc/glyphname.h"

#include "base/attrs.h"

#include <stdlib.h>
#include <string.h>

struct entry {
    const char *name;
    uint32_t code;
};

/* Sorted by strcmp. */
static const struct entry entries[] = {
    {"angbracketleft", 0x27e8},
    {"angbracketright", 0x27e9},
    {"arrowvertexdbl", 0x2225},
    {"backslash", 0x5c},
    {"bardbl", 0x2225},
    {"braceex", 0x23aa},
    {"bracehtipdownleft", 0xfe37},
    {"bracehtipdownright", 0xfe37},
    {"bracehtipupleft", 0xfe38},
    {"bracehtipupright", 0xfe38},
    {"braceleft", 0x7b},
    {"braceleftbt", 0x23a9},
    {"braceleftmid", 0x23a8},
    {"bracelefttp", 0x23a7},
    {"braceright", 0x7d},
    {"bracerightbt", 0x23ad},
    {"bracerightmid", 0x23ac},
    {"bracerighttp", 0x23ab},
    {"bracketleft", 0x5b},
    {"bracketleftbt", 0x23a3},
    {"bracketleftex", 0x23a2},
    {"bracketlefttp", 0x23a1},
    {"bracketright", 0x5d},
    {"bracketrightbt", 0x23a6},
    {"bracketrightex", 0x23a5},
    {"bracketrighttp", 0x23a4},
    {"ceilingleft", 0x2308},
    {"ceilingright", 0x2309},
    {"circledot", 0x2a00},
    {"circlemultiply", 0x2a02},
    {"circleplus", 0x2a01},
    {"contintegral", 0x222e},
    {"coproduct", 0x2210},
    {"epsilon1", 0x3f5},
    {"floorleft", 0x230a},
    {"floorright", 0x230b},
    {"hatwide", 0x2c6},
    {"hatwider", 0x2c6},
    {"hatwidest", 0x2c6},
    {"integral", 0x222b},
    {"intersection", 0x22c2},
    {"logicaland", 0x22c0},
    {"logicalor", 0x22c1},
    {"mapsto", 0x21a6},
    {"negationslash", 0x338},
    {"parenleft", 0x28},
    {"parenleftbt", 0x239d},
    {"parenleftex", 0x239c},
    {"parenlefttp", 0x239b},
    {"parenright", 0x29},
    {"parenrightbt", 0x23a0},
    {"parenrightex", 0x239f},
    {"parenrighttp", 0x239e},
    {"phi1", 0x3c6},
    {"product", 0x220f},
    {"radical", 0x221a},
    {"slash", 0x2f},
    {"summation", 0x2211},
    {"tildewide", 0x2dc},
    {"tildewider", 0x2dc},
    {"tildewidest", 0x2dc},
    {"union", 0x22c3},
    {"unionmulti", 0x2a04},
    {"unionsq", 0x2a06},
    {"vextenddouble", 0x2225},
    {"vextendsingle", 0x2223},
};

static int
by_name(const void *key, const void *entry)
{
    return strcmp(key, ((const struct entry *)entry)->name);
}

/* What stands behind the name of a glyph that is cut in several sizes. */
static size_t
suffix_length(const char *name, size_t len)
{
    static const char *const suffixes[] = {"display", "text", "big", "Big", "bigg", "Bigg"};
    size_t best = 0;

    for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
        size_t n = strlen(suffixes[i]);
        if (n < len && n > best && strcmp(name + len - n, suffixes[i]) == 0)
            best = n;
    }
    return best;
}

uint32_t
glyphname_character(const char *name)
{
    char base[40];
    size_t len = strlen(name);

    if (len >= sizeof(base))
        return 0;
    memcpy(base, name, len + 1);
    for (int round = 0; round < 2; round++) {
        const struct entry *entry =
            bsearch(base, entries, ARRAY_LEN(entries), sizeof(*entries), by_name);
        if (entry != NULL)
            return entry->code;
        base[len - suffix_length(base, len)] = '\0';
    }
    return 0;
}

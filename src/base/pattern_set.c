/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/pattern_internal.h"

#include <string.h>
#include <utf8proc.h>

static void
set_add(struct parser *p, struct set *set, struct set_item item)
{
    struct set_item *made = parser_make(p, sizeof(*made));
    if (made == NULL)
        return;
    *made = item;
    made->next = set->items;
    set->items = made;
}

void
set_finish(struct set *set)
{
    for (uint32_t c = 0; c < 128; c++)
        if (set_searched(set, c))
            set->ascii[c / 64] |= UINT64_C(1) << (c % 64);
}

void
set_range(struct parser *p, struct set *set, uint32_t low, uint32_t high)
{
    set_add(p, set, (struct set_item){.kind = SET_RANGE, .low = low, .high = high});
}

void
set_shorthand(struct parser *p, struct set *set, char letter)
{
    static const struct {
        char letter;
        uint32_t low, high;
    } ranges[] = {
        {'d', '0', '9'},       {'w', '0', '9'},       {'w', 'A', 'Z'},       {'w', '_', '_'},
        {'w', 'a', 'z'},       {'s', 0x09, 0x0D},     {'s', ' ', ' '},       {'s', 0xA0, 0xA0},
        {'s', 0x1680, 0x1680}, {'s', 0x2000, 0x200A}, {'s', 0x2028, 0x2029}, {'s', 0x202F, 0x202F},
        {'s', 0x205F, 0x205F}, {'s', 0x3000, 0x3000}, {'s', 0xFEFF, 0xFEFF},
    };
    char lower = (char)(letter | 0x20);
    uint32_t from = 0;

    for (size_t i = 0; i < ARRAY_LEN(ranges); i++) {
        if (ranges[i].letter != lower)
            continue;
        if (letter == lower)
            set_range(p, set, ranges[i].low, ranges[i].high);
        else if (ranges[i].low > from)
            set_range(p, set, from, ranges[i].low - 1);
        from = ranges[i].high + 1;
    }
    if (letter != lower)
        set_range(p, set, from, 0x10FFFF);
}

/* The general categories of a name: "Lu" and "Uppercase_Letter", "L" and "Letter" ...; 0: unknown.
 */
static uint32_t
categories_named(const char *name, size_t len)
{
    static const char *const long_names[][2] = {
        {"Letter", "L"},
        {"Uppercase_Letter", "Lu"},
        {"Lowercase_Letter", "Ll"},
        {"Mark", "M"},
        {"Number", "N"},
        {"Decimal_Number", "Nd"},
        {"digit", "Nd"},
        {"Punctuation", "P"},
        {"punct", "P"},
        {"Symbol", "S"},
        {"Currency_Symbol", "Sc"},
        {"Separator", "Z"},
        {"Space_Separator", "Zs"},
        {"Other", "C"},
        {"Alphabetic", "L"},
        {"Uppercase", "Lu"},
        {"Lowercase", "Ll"},
    };
    static const char order[] = "CnLuLlLtLmLoMnMcMeNdNlNoPcPdPsPePiPfPoSmScSkSoZsZlZpCcCfCsCo";
    uint32_t found = 0;

    for (size_t i = 0; i < ARRAY_LEN(long_names); i++)
        if (strlen(long_names[i][0]) == len && memcmp(long_names[i][0], name, len) == 0)
            return categories_named(long_names[i][1], strlen(long_names[i][1]));
    for (uint32_t i = 0; (len == 1 || len == 2) && i < (sizeof(order) - 1) / 2; i++)
        if (memcmp(order + 2 * i, name, len) == 0)
            found |= UINT32_C(1) << i;
    return found;
}

/* {Name}, {General_Category=Name} or {gc=Name} after \p or \P. */
void
set_property(struct parser *p, struct set *set, bool negated)
{
    const char *start = p->text + p->at;
    const char *end = p->at < p->len && *start == '{' ? memchr(start, '}', p->len - p->at) : NULL;

    if (end == NULL) {
        parser_fail(p, "\\p needs a name in braces");
        return;
    }
    const char *name = start + 1;
    const char *equals = memchr(name, '=', (size_t)(end - name));
    if (equals != NULL && ((equals - name == 2 && memcmp(name, "gc", 2) == 0) ||
                           (equals - name == 16 && memcmp(name, "General_Category", 16) == 0)))
        name = equals + 1;
    uint32_t categories = categories_named(name, (size_t)(end - name));
    if (categories == 0) {
        parser_fail(p, "\\p of an unknown property; general categories are known");
        return;
    }
    p->at += (size_t)(end - start) + 1;
    set_add(
        p, set,
        (struct set_item){.kind = SET_CATEGORIES, .categories = categories, .negated = negated});
}

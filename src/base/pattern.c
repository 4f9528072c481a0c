/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/pattern_internal.h"

#include "base/utf8.h"

#include <string.h>
#include <utf8proc.h>

enum {
    GROUP_MAX_DEPTH = 64,
    REPEAT_MAX = 100000, /* larger counts are the same as none: they would not fit anyway */
    FOREVER = -1,
};

enum tree_kind { TREE_EMPTY, TREE_SET, TREE_CHECK, TREE_SEQUENCE, TREE_CHOICE, TREE_REPEAT };

struct tree {
    enum tree_kind kind;
    enum op check;         /* TREE_CHECK */
    const struct set *set; /* TREE_SET */
    long least, most;      /* TREE_REPEAT; most may be FOREVER */
    struct tree *first;    /* the parts of a SEQUENCE, CHOICE or REPEAT */
    struct tree *last;
    struct tree *next;
};

struct parser {
    struct arena *arena;
    const char *text;
    size_t len, at;
    int depth;
    struct err *err;
    enum err_code rc; /* the first error; parsing stops at it */
};

static void *
fail(struct parser *p, const char *what)
{
    if (p->rc == ERR_OK)
        p->rc = err_set(p->err, ERR_INPUT, "pattern, at byte %zu: %s", p->at + 1, what);
    return NULL;
}

static void *
make(struct parser *p, size_t size)
{
    void *made = arena_alloc(p->arena, size);
    if (made == NULL && p->rc == ERR_OK)
        p->rc = err_set(p->err, ERR_LIMIT, "pattern: it takes too much memory");
    return made;
}

static struct tree *
tree_make(struct parser *p, enum tree_kind kind)
{
    struct tree *tree = make(p, sizeof(*tree));
    if (tree != NULL)
        tree->kind = kind;
    return tree;
}

static void
tree_add(struct tree *tree, struct tree *part)
{
    if (tree->first == NULL)
        tree->first = part;
    else
        tree->last->next = part;
    tree->last = part;
}

static void
set_add(struct parser *p, struct set *set, struct set_item item)
{
    struct set_item *made = make(p, sizeof(*made));
    if (made == NULL)
        return;
    *made = item;
    made->next = set->items;
    set->items = made;
}

/* ASCII is looked up rather than searched. */
static void
set_finish(struct set *set)
{
    for (uint32_t c = 0; c < 128; c++)
        if (set_searched(set, c))
            set->ascii[c / 64] |= UINT64_C(1) << (c % 64);
}

static void
set_range(struct parser *p, struct set *set, uint32_t low, uint32_t high)
{
    set_add(p, set, (struct set_item){.kind = SET_RANGE, .low = low, .high = high});
}

/* \d \w \s, and by capitals their opposites, as ranges. */
static void
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
static void
set_property(struct parser *p, struct set *set, bool negated)
{
    const char *start = p->text + p->at;
    const char *end = p->at < p->len && *start == '{' ? memchr(start, '}', p->len - p->at) : NULL;

    if (end == NULL) {
        fail(p, "\\p needs a name in braces");
        return;
    }
    const char *name = start + 1;
    const char *equals = memchr(name, '=', (size_t)(end - name));
    if (equals != NULL && ((equals - name == 2 && memcmp(name, "gc", 2) == 0) ||
                           (equals - name == 16 && memcmp(name, "General_Category", 16) == 0)))
        name = equals + 1;
    uint32_t categories = categories_named(name, (size_t)(end - name));
    if (categories == 0) {
        fail(p, "\\p of an unknown property; general categories are known");
        return;
    }
    p->at += (size_t)(end - start) + 1;
    set_add(
        p, set,
        (struct set_item){.kind = SET_CATEGORIES, .categories = categories, .negated = negated});
}

static bool
hex_digits(struct parser *p, size_t count, uint32_t *ret_value)
{
    uint32_t value = 0;
    if (p->len - p->at < count)
        return false;
    for (size_t i = 0; i < count; i++) {
        char c = p->text[p->at + i];
        char l = (char)(c | 0x20);
        if (!((c >= '0' && c <= '9') || (l >= 'a' && l <= 'f')))
            return false;
        value = value * 16 + (uint32_t)(c <= '9' ? c - '0' : l - 'a' + 10);
    }
    p->at += count;
    *ret_value = value;
    return true;
}

/* After \u: {1F600}, 0041, or two escapes that make a surrogate pair. */
static uint32_t
unicode_escape(struct parser *p)
{
    uint32_t c = 0, low = 0;

    if (p->at < p->len && p->text[p->at] == '{') {
        size_t digits = strspn(p->text + p->at + 1, "0123456789abcdefABCDEF");
        p->at++;
        if (digits == 0 || digits > 6 || !hex_digits(p, digits, &c) || p->at >= p->len ||
            p->text[p->at] != '}' || c > 0x10FFFF)
            fail(p, "\\u{...} needs a code point in hexadecimal");
        p->at++;
        return c;
    }
    if (!hex_digits(p, 4, &c)) {
        fail(p, "\\u needs four hexadecimal digits");
        return 0;
    }
    size_t back = p->at;
    if (c >= 0xD800 && c < 0xDC00 && p->len - p->at > 2 && p->text[p->at] == '\\' &&
        p->text[p->at + 1] == 'u') {
        p->at += 2;
        if (hex_digits(p, 4, &low) && low >= 0xDC00 && low < 0xE000)
            return 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
        p->at = back;
    }
    return c;
}

/* An escape that stands for one character; p is behind the letter. */
static uint32_t
character_escape(struct parser *p, char letter)
{
    static const char letters[] = "tnvfr0";
    static const char values[] = "\t\n\v\f\r";
    const char *plain = letter != '\0' ? strchr(letters, letter) : NULL;
    uint32_t c = 0;

    if (plain != NULL)
        return (uint8_t)values[plain - letters];
    if (letter == 'x') {
        if (!hex_digits(p, 2, &c))
            fail(p, "\\x needs two hexadecimal digits");
        return c;
    }
    if (letter == 'u')
        return unicode_escape(p);
    if (letter == 'c' && p->at < p->len && ((p->text[p->at] | 0x20) >= 'a') &&
        ((p->text[p->at] | 0x20) <= 'z'))
        return (uint32_t)p->text[p->at++] & 31;
    if (letter >= '1' && letter <= '9')
        fail(p, "back references need more than linear time and are not taken");
    else if (letter == 'k')
        fail(p, "named references need more than linear time and are not taken");
    else if ((letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z'))
        fail(p, "an unknown escape");
    return (uint8_t)letter;
}

/* One character or escape of a class or of the pattern, the backslash included. Where it is a set
 * of its own (\d) it goes into set, and false is returned. */
static bool
read_character(struct parser *p, struct set *set, uint32_t *ret_character)
{
    if (p->text[p->at] != '\\') {
        size_t size = utf8_decode(p->text + p->at, p->len - p->at, ret_character);
        if (size == 0)
            fail(p, "not UTF-8");
        p->at += size;
        return true;
    }
    if (++p->at >= p->len) {
        fail(p, "ends in a backslash");
        return true;
    }
    char letter = p->text[p->at];
    if ((letter & 0x80) != 0) {
        fail(p, "an unknown escape");
        return true;
    }
    p->at++;
    if (memchr("dDwWsS", letter, 6) != NULL) {
        set_shorthand(p, set, letter);
        return false;
    }
    if (letter == 'p' || letter == 'P') {
        set_property(p, set, letter == 'P');
        return false;
    }
    *ret_character = character_escape(p, letter);
    return true;
}

/* \D, \W and \S with [^...] stay right because they are added as the ranges that they are. */
static struct tree *
parse_class(struct parser *p)
{
    struct tree *tree = tree_make(p, TREE_SET);
    struct set *set = make(p, sizeof(*set));
    uint32_t low = 0, high = 0;

    if (tree == NULL || set == NULL)
        return NULL;
    tree->set = set;
    p->at++;
    if (p->at < p->len && p->text[p->at] == '^') {
        set->negated = true;
        p->at++;
    }
    while (p->rc == ERR_OK && p->at < p->len && p->text[p->at] != ']') {
        bool escape_b = p->len - p->at > 1 && memcmp(p->text + p->at, "\\b", 2) == 0;
        bool single = true;
        if (escape_b) {
            p->at += 2;
            low = '\b';
        } else {
            single = read_character(p, set, &low);
        }
        bool range =
            single && p->len - p->at > 1 && p->text[p->at] == '-' && p->text[p->at + 1] != ']';
        if (range) {
            p->at++;
            if (!read_character(p, set, &high))
                return fail(p, "a range that ends in a class");
            if (high < low)
                return fail(p, "a range that runs backwards");
            set_range(p, set, low, high);
        } else if (single) {
            set_range(p, set, low, low);
        }
    }
    if (p->at >= p->len)
        return fail(p, "[ without ]");
    p->at++;
    set_finish(set);
    return tree;
}

static struct tree *parse_choice(struct parser *p);

static struct tree *
parse_group(struct parser *p)
{
    p->at++;
    if (p->at < p->len && p->text[p->at] == '?') {
        const char *rest = p->text + p->at;
        size_t left = p->len - p->at;
        if (left > 1 && rest[1] == ':') {
            p->at += 2;
        } else if (left > 2 && rest[1] == '<' && rest[2] != '=' && rest[2] != '!') {
            const char *end = memchr(rest, '>', left);
            if (end == NULL)
                return fail(p, "the name of a group without >");
            p->at += (size_t)(end - rest) + 1;
        } else {
            return fail(p, "look-around needs more than linear time and is not taken");
        }
    }
    if (++p->depth > GROUP_MAX_DEPTH)
        return fail(p, "groups nest too deep");
    struct tree *inner = parse_choice(p);
    p->depth--;
    if (p->rc == ERR_OK && (p->at >= p->len || p->text[p->at] != ')'))
        return fail(p, "( without )");
    p->at++;
    return inner;
}

static struct tree *
parse_check(struct parser *p, enum op check, size_t size)
{
    struct tree *tree = tree_make(p, TREE_CHECK);
    if (tree != NULL)
        tree->check = check;
    p->at += size;
    return tree;
}

static struct tree *
parse_atom(struct parser *p)
{
    char c = p->text[p->at];
    uint32_t character = 0;

    if (c == '(')
        return parse_group(p);
    if (c == '[')
        return parse_class(p);
    if (c == '^' || c == '$')
        return parse_check(p, c == '^' ? OP_START : OP_END, 1);
    if (c == '*' || c == '+' || c == '?')
        return fail(p, "nothing to repeat");
    if (c == '\\' && p->len - p->at > 1 && (p->text[p->at + 1] | 0x20) == 'b')
        return parse_check(p, p->text[p->at + 1] == 'b' ? OP_WORD_EDGE : OP_NO_WORD_EDGE, 2);

    struct tree *tree = tree_make(p, TREE_SET);
    struct set *set = make(p, sizeof(*set));
    if (tree == NULL || set == NULL)
        return NULL;
    tree->set = set;
    if (c == '.') {
        set->negated = true;
        set_range(p, set, '\n', '\n');
        set_range(p, set, '\r', '\r');
        set_range(p, set, 0x2028, 0x2029);
        p->at++;
    } else if (read_character(p, set, &character)) {
        set_range(p, set, character, character);
    }
    set_finish(set);
    return tree;
}

static bool
read_count(struct parser *p, long *ret_count)
{
    size_t start = p->at;
    long count = 0;
    while (p->at < p->len && p->text[p->at] >= '0' && p->text[p->at] <= '9') {
        count = count < REPEAT_MAX ? count * 10 + (p->text[p->at] - '0') : REPEAT_MAX;
        p->at++;
    }
    *ret_count = count;
    return p->at > start;
}

/* {n}, {n,} or {n,m}; false, and nothing read, where the brace is a character of its own. */
static bool
read_counts(struct parser *p, long *ret_least, long *ret_most)
{
    size_t start = p->at++;
    bool good = read_count(p, ret_least);

    *ret_most = *ret_least;
    if (good && p->at < p->len && p->text[p->at] == ',') {
        p->at++;
        if (!read_count(p, ret_most))
            *ret_most = FOREVER;
    }
    good = good && p->at < p->len && p->text[p->at] == '}';
    if (good)
        p->at++;
    else
        p->at = start;
    return good;
}

static struct tree *
parse_repeat(struct parser *p)
{
    struct tree *tree = parse_atom(p);

    while (p->rc == ERR_OK && p->at < p->len) {
        char c = p->text[p->at];
        long least = c == '+' ? 1 : 0;
        long most = c == '?' ? 1 : FOREVER;
        if (c == '*' || c == '+' || c == '?')
            p->at++;
        else if (c != '{' || !read_counts(p, &least, &most))
            break;
        if (most != FOREVER && most < least)
            return fail(p, "a repeat with its counts the wrong way round");
        if (p->at < p->len && p->text[p->at] == '?')
            p->at++; /* lazy: the same texts match */
        struct tree *repeat = tree_make(p, TREE_REPEAT);
        if (repeat == NULL)
            return NULL;
        repeat->least = least;
        repeat->most = most;
        tree_add(repeat, tree);
        tree = repeat;
        if (++p->depth > 2 * GROUP_MAX_DEPTH)
            return fail(p, "repeats nest too deep");
    }
    return tree;
}

static struct tree *
parse_sequence(struct parser *p)
{
    struct tree *sequence = tree_make(p, TREE_SEQUENCE);
    int depth = p->depth;

    while (sequence != NULL && p->rc == ERR_OK && p->at < p->len && p->text[p->at] != '|' &&
           p->text[p->at] != ')') {
        struct tree *part = parse_repeat(p);
        p->depth = depth;
        if (part != NULL)
            tree_add(sequence, part);
    }
    return sequence;
}

static struct tree *
parse_choice(struct parser *p)
{
    struct tree *choice = tree_make(p, TREE_CHOICE);

    while (choice != NULL && p->rc == ERR_OK) {
        struct tree *part = parse_sequence(p);
        if (part != NULL)
            tree_add(choice, part);
        if (p->at >= p->len || p->text[p->at] != '|')
            break;
        p->at++;
    }
    return choice;
}

/* Writes the program; past the limit only the count goes on, so that the end is noticed. */
struct writer {
    struct step *steps;
    size_t count;
};

static size_t
put(struct writer *w, struct step step)
{
    if (w->count < PATTERN_MAX_STEPS)
        w->steps[w->count] = step;
    return w->count++;
}

static void
aim(struct writer *w, size_t step, bool second, size_t to)
{
    if (step >= PATTERN_MAX_STEPS || to > PATTERN_MAX_STEPS)
        return;
    if (second)
        w->steps[step].y = (uint16_t)to;
    else
        w->steps[step].x = (uint16_t)to;
}

static void write_tree(struct writer *w, const struct tree *tree);

static void
write_choice(struct writer *w, const struct tree *tree)
{
    size_t last_jump = SIZE_MAX;

    for (const struct tree *part = tree->first; part != NULL; part = part->next) {
        size_t split = SIZE_MAX;
        if (part->next != NULL) {
            split = put(w, (struct step){.op = OP_SPLIT});
            aim(w, split, false, w->count);
        }
        write_tree(w, part);
        if (part->next == NULL)
            break;
        /* The jumps to the end are chained through x until the end is known. */
        size_t jump = put(w, (struct step){.op = OP_JUMP});
        aim(w, jump, false, last_jump < PATTERN_MAX_STEPS ? last_jump : PATTERN_MAX_STEPS);
        last_jump = jump;
        aim(w, split, true, w->count);
    }
    while (last_jump < PATTERN_MAX_STEPS) {
        size_t before = w->steps[last_jump].x;
        aim(w, last_jump, false, w->count);
        last_jump = before;
    }
}

static void
write_repeat(struct writer *w, const struct tree *tree)
{
    for (long i = 0; i < tree->least && w->count < PATTERN_MAX_STEPS; i++) {
        size_t before = w->count;
        write_tree(w, tree->first);
        if (w->count == before)
            break; /* an empty group, however often */
    }
    if (tree->most == FOREVER) {
        size_t split = put(w, (struct step){.op = OP_SPLIT});
        aim(w, split, false, w->count);
        write_tree(w, tree->first);
        aim(w, put(w, (struct step){.op = OP_JUMP}), false, split);
        aim(w, split, true, w->count);
        return;
    }
    size_t first = w->count;
    for (long i = tree->least; i < tree->most && w->count < PATTERN_MAX_STEPS; i++) {
        size_t split = put(w, (struct step){.op = OP_SPLIT, .y = UINT16_MAX});
        aim(w, split, false, w->count);
        write_tree(w, tree->first);
    }
    for (size_t i = first; i < w->count && i < PATTERN_MAX_STEPS; i++)
        if (w->steps[i].op == OP_SPLIT && w->steps[i].y == UINT16_MAX)
            aim(w, i, true, w->count);
}

static void
write_tree(struct writer *w, const struct tree *tree)
{
    switch (tree->kind) {
    case TREE_EMPTY:
        break;
    case TREE_SET:
        put(w, (struct step){.op = OP_SET, .set = tree->set});
        break;
    case TREE_CHECK:
        put(w, (struct step){.op = (uint8_t)tree->check});
        break;
    case TREE_SEQUENCE:
        for (const struct tree *part = tree->first; part != NULL; part = part->next)
            write_tree(w, part);
        break;
    case TREE_CHOICE:
        write_choice(w, tree);
        break;
    case TREE_REPEAT:
        write_repeat(w, tree);
        break;
    }
}

enum err_code
pattern_compile(struct arena *arena, const char *text, size_t len, struct pattern **ret_pattern,
                struct err *err)
{
    struct parser p = {.arena = arena, .text = text, .len = len, .err = err};

    if (len > PATTERN_MAX_BYTES)
        return err_set(err, ERR_LIMIT, "pattern: %zu bytes, the limit is %d", len,
                       PATTERN_MAX_BYTES);
    struct tree *tree = parse_choice(&p);
    if (p.rc == ERR_OK && p.at < len)
        fail(&p, ") without (");
    if (p.rc != ERR_OK || tree == NULL)
        return p.rc;
    struct step steps[PATTERN_MAX_STEPS];
    struct writer w = {.steps = steps};
    write_tree(&w, tree);
    put(&w, (struct step){.op = OP_MATCH});
    if (w.count > PATTERN_MAX_STEPS)
        return err_set(err, ERR_LIMIT, "pattern: it expands to more than %d steps",
                       PATTERN_MAX_STEPS);
    struct pattern *pattern = make(&p, sizeof(*pattern));
    struct step *copy = make(&p, w.count * sizeof(*copy));
    if (pattern == NULL || copy == NULL)
        return p.rc;
    memcpy(copy, steps, w.count * sizeof(*copy));
    *pattern = (struct pattern){.steps = copy, .count = w.count};
    *ret_pattern = pattern;
    return ERR_OK;
}

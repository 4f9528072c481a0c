/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/pattern_internal.h"
#include "base/utf8.h"

#include <string.h>

enum {
    GROUP_MAX_DEPTH = 64,
    REPEAT_MAX = 100000, /* larger counts are the same as none: they would not fit anyway */
};

void *
parser_fail(struct parser *p, const char *what)
{
    if (p->rc == ERR_OK)
        p->rc = err_set(p->err, ERR_INPUT, "pattern, at byte %zu: %s", p->at + 1, what);
    return NULL;
}

void *
parser_make(struct parser *p, size_t size)
{
    void *made = arena_alloc(p->arena, size);
    if (made == NULL && p->rc == ERR_OK)
        p->rc = err_set(p->err, ERR_LIMIT, "pattern: it takes too much memory");
    return made;
}

static struct tree *
tree_make(struct parser *p, enum tree_kind kind)
{
    struct tree *tree = parser_make(p, sizeof(*tree));
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
            parser_fail(p, "\\u{...} needs a code point in hexadecimal");
        p->at++;
        return c;
    }
    if (!hex_digits(p, 4, &c)) {
        parser_fail(p, "\\u needs four hexadecimal digits");
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
            parser_fail(p, "\\x needs two hexadecimal digits");
        return c;
    }
    if (letter == 'u')
        return unicode_escape(p);
    if (letter == 'c' && p->at < p->len && ((p->text[p->at] | 0x20) >= 'a') &&
        ((p->text[p->at] | 0x20) <= 'z'))
        return (uint32_t)p->text[p->at++] & 31;
    if (letter >= '1' && letter <= '9')
        parser_fail(p, "back references need more than linear time and are not taken");
    else if (letter == 'k')
        parser_fail(p, "named references need more than linear time and are not taken");
    else if ((letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z'))
        parser_fail(p, "an unknown escape");
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
            parser_fail(p, "not UTF-8");
        p->at += size;
        return true;
    }
    if (++p->at >= p->len) {
        parser_fail(p, "ends in a backslash");
        return true;
    }
    char letter = p->text[p->at];
    if ((letter & 0x80) != 0) {
        parser_fail(p, "an unknown escape");
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
    struct set *set = parser_make(p, sizeof(*set));
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
                return parser_fail(p, "a range that ends in a class");
            if (high < low)
                return parser_fail(p, "a range that runs backwards");
            set_range(p, set, low, high);
        } else if (single) {
            set_range(p, set, low, low);
        }
    }
    if (p->at >= p->len)
        return parser_fail(p, "[ without ]");
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
                return parser_fail(p, "the name of a group without >");
            p->at += (size_t)(end - rest) + 1;
        } else {
            return parser_fail(p, "look-around needs more than linear time and is not taken");
        }
    }
    if (++p->depth > GROUP_MAX_DEPTH)
        return parser_fail(p, "groups nest too deep");
    struct tree *inner = parse_choice(p);
    p->depth--;
    if (p->rc == ERR_OK && (p->at >= p->len || p->text[p->at] != ')'))
        return parser_fail(p, "( without )");
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
        return parser_fail(p, "nothing to repeat");
    if (c == '\\' && p->len - p->at > 1 && (p->text[p->at + 1] | 0x20) == 'b')
        return parse_check(p, p->text[p->at + 1] == 'b' ? OP_WORD_EDGE : OP_NO_WORD_EDGE, 2);

    struct tree *tree = tree_make(p, TREE_SET);
    struct set *set = parser_make(p, sizeof(*set));
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
            *ret_most = PATTERN_FOREVER;
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
        long most = c == '?' ? 1 : PATTERN_FOREVER;
        if (c == '*' || c == '+' || c == '?')
            p->at++;
        else if (c != '{' || !read_counts(p, &least, &most))
            break;
        if (most != PATTERN_FOREVER && most < least)
            return parser_fail(p, "a repeat with its counts the wrong way round");
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
            return parser_fail(p, "repeats nest too deep");
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

struct tree *
parser_run(struct parser *p)
{
    struct tree *tree = parse_choice(p);

    if (p->rc == ERR_OK && p->at < p->len)
        parser_fail(p, ") without (");
    return p->rc == ERR_OK ? tree : NULL;
}

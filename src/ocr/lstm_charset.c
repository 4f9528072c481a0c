/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/lstm_charset.c - the characters of a model and the codes that spell them.
 *
 * The set of characters is text: their number, then a line for each (the character, its properties
 * in hexadecimal, numbers of its shape, its script). The recoder gives each a sequence of codes,
 * which are what the network's outputs stand for; here they become a trie. */
#include "ocr/lstm_internal.h"

#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

enum { PROPERTY_DIGIT = 8, MAX_CODES = 65535 };

/* Scripts whose letters may begin a word without a space before. With one of the first three words
 * of the lists may follow each other directly. */
static const char *const joining_scripts[] = {"Han", "Katakana", "Thai", "Hangul", "Hiragana"};
enum { SCRIPTS_WITHOUT_SPACES = 3 };

static struct span
take_line(struct span *text)
{
    const uint8_t *newline = text->len > 0 ? memchr(text->data, '\n', text->len) : NULL;
    size_t len = newline == NULL ? text->len : (size_t)(newline - text->data);
    struct span line = {text->data, len};

    text->data += newline == NULL ? len : len + 1;
    text->len -= newline == NULL ? len : len + 1;
    return line;
}

static struct span
take_word(struct span *line)
{
    struct span word;

    while (line->len > 0 && (line->data[0] == ' ' || line->data[0] == '\t')) {
        line->data++;
        line->len--;
    }
    word = (struct span){line->data, 0};
    while (word.len < line->len && line->data[word.len] != ' ' && line->data[word.len] != '\t' &&
           line->data[word.len] != '\r')
        word.len++;
    line->data += word.len;
    line->len -= word.len;
    return word;
}

/* -1 if it is no number of the base or past the limit. */
static int64_t
to_number(struct span word, unsigned base, int64_t limit)
{
    int64_t value = 0;

    for (size_t i = 0; i < word.len; i++) {
        uint8_t c = word.data[i];
        unsigned digit = c >= '0' && c <= '9'   ? c - (unsigned)'0'
                         : c >= 'a' && c <= 'f' ? c - 'a' + 10u
                         : c >= 'A' && c <= 'F' ? c - 'A' + 10u
                                                : base;

        if (digit >= base)
            return -1;
        value = value * (int64_t)base + digit;
        if (value > limit)
            return -1;
    }
    return word.len == 0 ? -1 : value;
}

static bool
is_joining(struct span script, size_t n_scripts)
{
    for (size_t i = 0; i < n_scripts; i++)
        if (span_equal(script, span_of(joining_scripts[i])))
            return true;
    return false;
}

/* The script is the first word after the properties that does not consist of numbers. */
static struct span
find_script(struct span line)
{
    struct span word = take_word(&line);

    if (word.len > 0 && (word.data[0] == '-' || (word.data[0] >= '0' && word.data[0] <= '9')))
        word = take_word(&line);
    return word;
}

static enum err_code
parse_char(struct arena *arena, struct span line, uint32_t index, struct lstm_charset *set,
           struct err *err)
{
    struct lstm_char *ret = &set->chars[index];
    struct span text = take_word(&line);
    int64_t properties = to_number(take_word(&line), 16, 0xffff);

    if (text.len == 0 || properties < 0 || !utf8_valid(text.data, text.len))
        return err_set(err, ERR_FORMAT, "model: character %u is not described", index);
    if (span_equal(text, span_of("NULL")))
        text = span_of(" ");
    ret->text = arena_strndup(arena, (const char *)text.data, text.len);
    ret->is_digit = ((uint64_t)properties & PROPERTY_DIGIT) != 0;
    ret->joins = is_joining(find_script(line), ARRAY_LEN(joining_scripts));
    set->spaceless = set->spaceless || is_joining(find_script(line), SCRIPTS_WITHOUT_SPACES);
    if (ret->text == NULL)
        return err_set(err, ERR_MEMORY, "model: no memory for its characters");
    return ERR_OK;
}

static enum err_code
parse_chars(struct arena *arena, struct span text, struct lstm_charset *set, struct err *err)
{
    struct span first = take_line(&text);
    int64_t count = to_number(take_word(&first), 10, LSTM_MAX_CHARS);
    enum err_code rc = ERR_OK;

    if (count <= 0)
        return err_set(err, ERR_FORMAT, "model: the number of characters is missing or past %d",
                       LSTM_MAX_CHARS);
    set->count = (uint32_t)count;
    set->chars = arena_array(arena, set->count, sizeof(*set->chars));
    if (set->chars == NULL)
        return err_set(err, ERR_MEMORY, "model: no memory for %u characters", set->count);
    for (uint32_t i = 0; i < set->count && rc == ERR_OK; i++)
        rc = parse_char(arena, take_line(&text), i, set, err);
    return rc;
}

struct code {
    uint32_t len;
    uint32_t code[LSTM_MAX_CODE_LEN];
    int32_t character;
};

static int
compare_codes(const void *a, const void *b)
{
    const struct code *x = a, *y = b;

    for (uint32_t i = 0; i < x->len && i < y->len; i++)
        if (x->code[i] != y->code[i])
            return x->code[i] < y->code[i] ? -1 : 1;
    if (x->len != y->len)
        return x->len < y->len ? -1 : 1;
    return x->character < y->character ? -1 : x->character > y->character;
}

static enum err_code
parse_codes(struct span bytes, struct code *codes, uint32_t count, uint32_t *ret_range,
            struct err *err)
{
    struct lstm_cursor cursor = {bytes.data, bytes.len, false};
    uint32_t stored = lstm_cursor_u32(&cursor);
    uint32_t range = 0;

    if (stored != count)
        return err_set(err, ERR_FORMAT, "model: codes for %u characters, but it has %u", stored,
                       count);
    for (uint32_t i = 0; i < count; i++) {
        (void)lstm_cursor_u8(&cursor); /* whether others share the code: not needed */
        codes[i].len = lstm_cursor_u32(&cursor);
        codes[i].character = (int32_t)i;
        if (cursor.bad || codes[i].len == 0 || codes[i].len > LSTM_MAX_CODE_LEN)
            return err_set(err, ERR_FORMAT, "model: code of character %u is cut off or too long",
                           i);
        for (uint32_t k = 0; k < codes[i].len; k++) {
            codes[i].code[k] = lstm_cursor_u32(&cursor);
            if (codes[i].code[k] > MAX_CODES)
                return err_set(err, ERR_FORMAT, "model: code %u of character %u, limit %d",
                               codes[i].code[k], i, MAX_CODES);
            if (codes[i].code[k] >= range)
                range = codes[i].code[k] + 1;
        }
    }
    if (cursor.bad)
        return err_set(err, ERR_FORMAT, "model: codes are cut off");
    *ret_range = range;
    return ERR_OK;
}

/* One level of the trie: codes [begin, end) share their first depth codes, which led to node. */
static void
build_level(struct lstm_charset *set, const struct code *codes, uint32_t begin, uint32_t end,
            uint32_t depth, uint32_t node)
{
    uint32_t child;

    /* Of characters with one code the last counts. They come first, being the shortest. */
    while (begin < end && codes[begin].len == depth)
        set->nodes[node].character = codes[begin++].character;
    set->nodes[node].first = set->n_nodes;
    for (uint32_t i = begin; i < end; i++) {
        if (i > begin && codes[i].code[depth] == codes[i - 1].code[depth])
            continue;
        set->nodes[set->n_nodes++] =
            (struct lstm_code_node){.code = codes[i].code[depth], .character = LSTM_NO_CHAR};
        set->nodes[node].children++;
    }
    child = set->nodes[node].first;
    for (uint32_t i = begin; i < end; child++) {
        uint32_t next = i + 1;

        while (next < end && codes[next].code[depth] == codes[i].code[depth])
            next++;
        build_level(set, codes, i, next, depth + 1, child);
        i = next;
    }
}

static enum err_code
parse_recoder(struct arena *arena, struct span bytes, struct lstm_charset *set, struct err *err)
{
    struct code *codes = calloc(set->count, sizeof(*codes));
    size_t most = 1; /* nodes: the root, and one for each code at most */
    enum err_code rc;

    if (codes == NULL)
        return err_set(err, ERR_MEMORY, "model: no memory for its codes");
    rc = parse_codes(bytes, codes, set->count, &set->n_codes, err);
    if (rc != ERR_OK)
        goto out;
    for (uint32_t i = 0; i < set->count; i++) {
        most += codes[i].len;
        set->longest = codes[i].len > set->longest ? codes[i].len : set->longest;
    }
    set->nodes = arena_array(arena, most, sizeof(*set->nodes));
    if (set->nodes == NULL || most > UINT16_MAX) {
        rc = err_set(err, ERR_LIMIT, "model: codes make a trie of %zu nodes, limit %d", most,
                     UINT16_MAX);
        goto out;
    }
    qsort(codes, set->count, sizeof(*codes), compare_codes);
    set->nodes[0] = (struct lstm_code_node){.character = LSTM_NO_CHAR};
    set->n_nodes = 1;
    build_level(set, codes, 0, set->count, 0, 0);
out:
    free(codes);
    return rc;
}

enum err_code
lstm_charset_parse(struct arena *arena, struct span chars, struct span recoder,
                   struct lstm_charset *ret, struct err *err)
{
    struct lstm_charset set = {0};
    enum err_code rc = parse_chars(arena, chars, &set, err);
    const struct lstm_code_node *space;

    if (rc == ERR_OK)
        rc = parse_recoder(arena, recoder, &set, err);
    if (rc != ERR_OK)
        return rc;
    space = lstm_charset_step(&set, 0, LSTM_SPACE);
    if (space == NULL || space->character != LSTM_SPACE || set.chars[LSTM_SPACE].text[0] != ' ')
        return err_set(err, ERR_FORMAT, "model: its first character is not the space");
    *ret = set;
    return ERR_OK;
}

const struct lstm_code_node *
lstm_charset_step(const struct lstm_charset *set, uint32_t node, uint32_t code)
{
    const struct lstm_code_node *parent = &set->nodes[node];
    uint32_t low = parent->first, high = parent->first + parent->children;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (set->nodes[middle].code == code)
            return &set->nodes[middle];
        if (set->nodes[middle].code < code)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/lstm_dict.c - walks the word lists of a model, one character at a time.
 *
 * Each list is a directed acyclic word graph in one array of 64-bit edges: letter, three flags
 * (last of its node, backward, end of a word), index of the node that follows. The punctuation list
 * holds patterns in which the letter 0 stands for a whole word of another list; in the number list
 * 0 stands for any digit. Format: "squished dawg" of the Tesseract project (dawg, dict). */
#include "ocr/lstm_internal.h"

#include <ctype.h>
#include <endian.h>
#include <string.h>

enum { MAGIC = 42, FLAG_LAST = 1, FLAG_BACKWARD = 2, FLAG_END = 4, PATTERN = 0, PUNCTUATION = 0 };

static uint64_t
edge_flags(const struct lstm_dawg *dawg, int64_t edge)
{
    return dawg->edges[edge] >> dawg->letter_bits & 7;
}

static int64_t
edge_letter(const struct lstm_dawg *dawg, int64_t edge)
{
    return (int64_t)(dawg->edges[edge] & ((UINT64_C(1) << dawg->letter_bits) - 1));
}

static int64_t
edge_next(const struct lstm_dawg *dawg, int64_t edge)
{
    return (int64_t)(dawg->edges[edge] >> (dawg->letter_bits + 3));
}

/* Node 0 is sorted, and large in a word list. */
static int32_t
find_in_root(const struct lstm_dawg *dawg, int32_t letter)
{
    int32_t low = 0, high = (int32_t)dawg->n_root;

    while (low < high) {
        int32_t middle = low + (high - low) / 2;
        int64_t here = edge_letter(dawg, middle);

        if (here == letter)
            return middle;
        if (here < letter)
            low = middle + 1;
        else
            high = middle;
    }
    return LSTM_EDGE_NONE;
}

/* The edge by letter out of what follows edge from (LSTM_EDGE_NONE: out of node 0). */
static int32_t
find_edge(const struct lstm_dawg *dawg, int32_t from, int32_t letter)
{
    int64_t node = from == LSTM_EDGE_NONE ? 0 : edge_next(dawg, from);

    if (from == LSTM_EDGE_NONE)
        return find_in_root(dawg, letter);
    if (node == 0)
        return LSTM_EDGE_NONE; /* nothing follows */
    for (int64_t edge = node; edge < dawg->n_edges; edge++) {
        if (edge_letter(dawg, edge) == letter)
            return (int32_t)edge;
        if ((edge_flags(dawg, edge) & FLAG_LAST) != 0)
            break;
    }
    return LSTM_EDGE_NONE;
}

static bool
is_end(const struct lstm_dawg *dawg, int32_t edge)
{
    return edge != LSTM_EDGE_NONE && (edge_flags(dawg, edge) & FLAG_END) != 0;
}

/* Whether the list of words has these characters as a word. */
static bool
dict_has(const struct lstm_dict *dict, const int32_t *characters, size_t n)
{
    const struct lstm_dawg *words = NULL;
    int32_t edge = LSTM_EDGE_NONE;

    for (int i = 0; i < LSTM_DAWGS; i++)
        if (dict->dawgs[i].kind == LSTM_KIND_WORD && dict->dawgs[i].edges != NULL)
            words = &dict->dawgs[i];
    for (size_t i = 0; i < n && words != NULL; i++) {
        edge = find_edge(words, edge, characters[i]);
        if (edge == LSTM_EDGE_NONE)
            return false;
    }
    return words != NULL && n > 0 && is_end(words, edge);
}

/* Every edge must lead to an edge, and node 0 must have a last one. */
static enum err_code
check_edges(struct lstm_dawg *dawg, const char *what, struct err *err)
{
    uint64_t furthest = 0; /* without an exit from the loop: hundreds of thousands of edges */

    for (uint32_t i = 0; i < dawg->n_edges; i++) {
        uint64_t next = dawg->edges[i] >> (dawg->letter_bits + 3);
        furthest = next > furthest ? next : furthest;
    }
    if (furthest >= dawg->n_edges)
        return err_set(err, ERR_FORMAT, "model: the list of %s leads outside itself", what);
    while (dawg->n_root < dawg->n_edges) {
        uint64_t flags = edge_flags(dawg, dawg->n_root);

        if ((flags & FLAG_BACKWARD) != 0)
            break;
        dawg->n_root++;
        if ((flags & FLAG_LAST) != 0)
            break;
    }
    return ERR_OK;
}

static enum err_code
parse_dawg(struct arena *arena, struct span bytes, const char *what, uint32_t n_chars,
           struct lstm_dawg *dawg, struct err *err)
{
    struct lstm_cursor cursor = {bytes.data, bytes.len, false};
    uint16_t magic = lstm_cursor_u16(&cursor);
    uint32_t letters = lstm_cursor_u32(&cursor);
    uint32_t n_edges = lstm_cursor_u32(&cursor);
    uint64_t *edges;

    if (cursor.bad || magic != MAGIC || letters == 0 || letters > LSTM_MAX_CHARS)
        return err_set(err, ERR_FORMAT, "model: the list of %s has no header", what);
    if (letters > n_chars || n_edges == 0 || n_edges > cursor.left / sizeof(uint64_t))
        return err_set(err, ERR_FORMAT, "model: the list of %s is cut off or of other characters",
                       what);
    edges = arena_array(arena, n_edges, sizeof(*edges));
    if (edges == NULL)
        return err_set(err, ERR_MEMORY, "model: no memory for the list of %s", what);
    memcpy(edges, cursor.at, n_edges * sizeof(*edges));
    for (uint32_t i = 0; i < n_edges; i++)
        edges[i] = le64toh(edges[i]);
    dawg->edges = edges;
    dawg->n_edges = n_edges;
    /* The letters and one more, for "none", must be told apart. */
    while ((UINT64_C(1) << dawg->letter_bits) < (uint64_t)letters + 1)
        dawg->letter_bits++;
    return check_edges(dawg, what, err);
}

enum err_code
lstm_dict_parse(struct arena *arena, struct span file, uint32_t n_chars, struct lstm_dict *ret,
                struct err *err)
{
    static const struct {
        enum lstm_section section;
        enum lstm_kind kind;
        const char *what;
    } lists[LSTM_DAWGS] = {
        {LSTM_SECTION_PUNCTUATION, LSTM_KIND_PUNCTUATION, "punctuation"},
        {LSTM_SECTION_WORDS, LSTM_KIND_WORD, "words"},
        {LSTM_SECTION_NUMBERS, LSTM_KIND_NUMBER, "numbers"},
    };
    struct lstm_dict dict = {0};
    const struct lstm_dawg *punctuation = &dict.dawgs[PUNCTUATION];

    for (size_t i = 0; i < LSTM_DAWGS; i++) {
        struct span bytes;
        enum err_code rc = lstm_file_section(file, lists[i].section, &bytes, err);

        dict.dawgs[i].kind = lists[i].kind;
        if (rc == ERR_OK && bytes.len > 0)
            rc = parse_dawg(arena, bytes, lists[i].what, n_chars, &dict.dawgs[i], err);
        if (rc != ERR_OK)
            return rc;
        dict.any = dict.any || dict.dawgs[i].edges != NULL;
    }
    dict.wraps = punctuation->edges != NULL &&
                 is_end(punctuation, find_edge(punctuation, LSTM_EDGE_NONE, PATTERN));
    *ret = dict;
    return ERR_OK;
}

uint32_t
lstm_dict_start(const struct lstm_dict *dict, struct lstm_place *out)
{
    uint32_t n = 0;

    for (int i = 0; i < LSTM_DAWGS; i++) {
        bool is_punctuation = i == PUNCTUATION;

        if (dict->dawgs[i].edges == NULL || (!is_punctuation && dict->wraps))
            continue;
        out[n++] = (struct lstm_place){
            .core = (int8_t)(is_punctuation ? LSTM_DAWG_NONE : i),
            .in_punct = is_punctuation,
            .core_edge = LSTM_EDGE_NONE,
            .punct_edge = LSTM_EDGE_NONE,
        };
    }
    return n;
}

struct step {
    const struct lstm_dict *dict;
    int32_t character;
    bool is_digit;
    enum lstm_kind kind;
    struct lstm_dict_state state;
};

static void
add_place(struct step *step, struct lstm_place place, enum lstm_kind kind, bool end)
{
    if (kind > step->kind)
        step->kind = kind;
    step->state.ends_word = step->state.ends_word || end;
    for (uint32_t i = 0; i < step->state.count; i++) {
        const struct lstm_place *p = &step->state.at[i];

        if (p->core == place.core && p->core_edge == place.core_edge &&
            p->in_punct == place.in_punct && p->punct_edge == place.punct_edge &&
            p->after_core == place.after_core)
            return;
    }
    /* More places than that do not occur with one list of each kind; a hostile model loses some. */
    if (step->state.count < LSTM_MAX_PLACES)
        step->state.at[step->state.count++] = place;
}

static int32_t
letter_in(const struct step *step, int list)
{
    bool any_digit = step->dict->dawgs[list].kind == LSTM_KIND_NUMBER && step->is_digit;

    return any_digit ? PATTERN : step->character;
}

/* No core yet: the character opens one, or is more punctuation before it. */
static void
step_before_core(struct step *step, const struct lstm_place *from)
{
    const struct lstm_dawg *punct = &step->dict->dawgs[PUNCTUATION];
    int32_t pattern = find_edge(punct, from->punct_edge, PATTERN);
    int32_t edge;

    for (int i = 1; pattern != LSTM_EDGE_NONE && i < LSTM_DAWGS; i++) {
        const struct lstm_dawg *core = &step->dict->dawgs[i];

        if (core->edges == NULL)
            continue;
        edge = find_edge(core, LSTM_EDGE_NONE, letter_in(step, i));
        if (edge != LSTM_EDGE_NONE)
            add_place(step, (struct lstm_place){edge, pattern, (int8_t)i, true, false}, core->kind,
                      is_end(core, edge) && is_end(punct, pattern));
    }
    edge = find_edge(punct, from->punct_edge, step->character);
    if (edge != LSTM_EDGE_NONE)
        add_place(step, (struct lstm_place){LSTM_EDGE_NONE, edge, LSTM_DAWG_NONE, true, false},
                  LSTM_KIND_PUNCTUATION, is_end(punct, edge));
}

static void
step_in_core(struct step *step, const struct lstm_place *from)
{
    const struct lstm_dawg *punct = &step->dict->dawgs[PUNCTUATION];
    const struct lstm_dawg *core = &step->dict->dawgs[from->core];
    int32_t edge;

    if (from->in_punct && is_end(core, from->core_edge)) {
        edge = find_edge(punct, from->punct_edge, step->character);
        if (edge != LSTM_EDGE_NONE)
            add_place(step, (struct lstm_place){from->core_edge, edge, from->core, true, true},
                      core->kind, is_end(punct, edge));
    }
    if (from->after_core)
        return;
    edge = find_edge(core, from->core_edge, letter_in(step, from->core));
    if (edge != LSTM_EDGE_NONE)
        add_place(
            step, (struct lstm_place){edge, from->punct_edge, from->core, from->in_punct, false},
            core->kind, is_end(core, edge) && (!from->in_punct || is_end(punct, from->punct_edge)));
}

enum lstm_kind
lstm_dict_step(const struct lstm_dict *dict, const struct lstm_charset *set,
               const struct lstm_places *from, int32_t character, struct lstm_dict_state *ret)
{
    struct step step = {.dict = dict, .character = character};

    if (character == PATTERN || character == LSTM_NO_CHAR)
        return LSTM_KIND_NONE;
    step.is_digit = set->chars[character].is_digit;
    for (uint32_t i = 0; i < from->count; i++) {
        if (from->at[i].core == LSTM_DAWG_NONE)
            step_before_core(&step, &from->at[i]);
        else
            step_in_core(&step, &from->at[i]);
    }
    if (step.kind != LSTM_KIND_NONE)
        *ret = step.state;
    return step.kind;
}

/* Number of the character that the text begins with, of *ret_len bytes; -1: the model has none. */
static int32_t
find_character(const struct lstm_charset *set, const char *text, size_t *ret_len)
{
    int32_t best = -1;

    *ret_len = 0;
    for (uint32_t i = 0; i < set->count; i++) {
        size_t len = strlen(set->chars[i].text);
        if (len > *ret_len && strncmp(text, set->chars[i].text, len) == 0) {
            *ret_len = len;
            best = (int32_t)i;
        }
    }
    return best;
}

static bool
is_mark(char c)
{
    return (unsigned char)c < 0x80 && !isalnum((unsigned char)c);
}

bool
lstm_model_knows(const struct lstm_model *model, const char *text)
{
    enum { BYTES = 64 };
    char word[BYTES];
    int32_t characters[BYTES];
    size_t len = strlen(text), n = 0;

    while (len > 0 && is_mark(text[len - 1]))
        len--;
    while (len > 0 && is_mark(*text))
        text++, len--;
    if (len == 0 || len >= BYTES)
        return false;
    memcpy(word, text, len);
    word[len] = '\0';
    for (size_t at = 0, step; at < len; at += step) {
        characters[n] = find_character(&model->charset, word + at, &step);
        if (characters[n++] < 0)
            return false;
    }
    if (dict_has(&model->dict, characters, n))
        return true;
    char small[2] = {(char)tolower((unsigned char)word[0]), '\0'};
    size_t ignored;
    characters[0] = (unsigned char)word[0] < 0x80 ? find_character(&model->charset, small, &ignored)
                                                  : characters[0];
    return characters[0] >= 0 && dict_has(&model->dict, characters, n);
}

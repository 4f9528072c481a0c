/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/lstm_internal.h - what the files of the line reader share: the model and the stages.
 *
 * Stages of a line: lstm_image (pixels to the network's input) -> lstm_net (probability of each
 * code at each step) -> lstm_decode (best path through the lattice) -> lstm_words. */
#pragma once

#include "ocr/lstm.h"
#include "ocr/lstm_kernel.h"

#include <stdint.h>

/* ---- bytes of a model file; lstm_file.c ---- */

/* Little endian. Past the end every read gives 0 and sets bad; asked for once per section. */
struct lstm_cursor {
    const uint8_t *at;
    size_t left;
    bool bad;
};

const uint8_t *lstm_cursor_take(struct lstm_cursor *cursor, size_t len); /* NULL past the end */
uint8_t lstm_cursor_u8(struct lstm_cursor *cursor);
uint16_t lstm_cursor_u16(struct lstm_cursor *cursor);
uint32_t lstm_cursor_u32(struct lstm_cursor *cursor);
double lstm_cursor_f64(struct lstm_cursor *cursor);
struct span lstm_cursor_string(struct lstm_cursor *cursor); /* 32-bit length, bytes */

/* Numbers of the sections of a traineddata file that are used here. */
enum lstm_section {
    LSTM_SECTION_SETTINGS = 0,
    LSTM_SECTION_NETWORK = 17,
    LSTM_SECTION_PUNCTUATION = 18,
    LSTM_SECTION_WORDS = 19,
    LSTM_SECTION_NUMBERS = 20,
    LSTM_SECTION_CHARSET = 21,
    LSTM_SECTION_RECODER = 22,
    LSTM_SECTIONS_MAX = 64,
};

/* The section's bytes, empty if the file has none; ERR_FORMAT if the table of contents is broken.
 */
MUST_CHECK
enum err_code lstm_file_section(struct span file, enum lstm_section section, struct span *ret,
                                struct err *err);

/* ---- characters; lstm_charset.c ---- */

enum { LSTM_SPACE = 0, LSTM_NO_CHAR = -1, LSTM_MAX_CODE_LEN = 9, LSTM_MAX_CHARS = 65535 };

struct lstm_char {
    const char *text;
    bool is_digit;
    bool joins; /* a word may begin with it without a space before */
};

/* A node of the trie of codes: the network spells a character as one or more codes. */
struct lstm_code_node {
    uint32_t code;
    int32_t character; /* complete here, or LSTM_NO_CHAR */
    uint32_t first;    /* of its children, which lie side by side, ascending by code */
    uint32_t children;
};

struct lstm_charset {
    struct lstm_char *chars;
    uint32_t count;
    struct lstm_code_node *nodes; /* nodes[0]: the root */
    uint32_t n_nodes;
    uint32_t n_codes; /* codes are < n_codes */
    uint32_t longest; /* codes of a character */
    bool spaceless;   /* words of the lists may follow each other without a space */
};

MUST_CHECK
enum err_code lstm_charset_parse(struct arena *arena, struct span chars, struct span recoder,
                                 struct lstm_charset *ret, struct err *err);
/* Child of node by code, or NULL. */
const struct lstm_code_node *lstm_charset_step(const struct lstm_charset *set, uint32_t node,
                                               uint32_t code);

/* ---- word lists; lstm_dict.c ---- */

enum { LSTM_DAWGS = 3 };

/* What kind of word a path makes; values and their order are Tesseract's, as the search compares
 * them. */
enum lstm_kind {
    LSTM_KIND_NONE = 0,
    LSTM_KIND_PUNCTUATION = 1,
    LSTM_KIND_FREE = 2,
    LSTM_KIND_NUMBER = 6,
    LSTM_KIND_WORD = 8,
};

struct lstm_dawg {
    const uint64_t *edges; /* NULL: the file has no such list */
    uint32_t n_edges;
    uint32_t n_root;      /* edges of node 0 */
    uint32_t letter_bits; /* an edge: letter, three flags, next node */
    enum lstm_kind kind;
};

struct lstm_dict {
    struct lstm_dawg dawgs[LSTM_DAWGS]; /* punctuation, words, numbers */
    bool any;
    bool wraps; /* the punctuation list lets a bare word through */
};

enum { LSTM_DAWG_NONE = -1, LSTM_EDGE_NONE = -1, LSTM_MAX_PLACES = 16 };

/* Where a prefix stands in the lists: in a core list, inside the pattern of punctuation around it.
 */
struct lstm_place {
    int32_t core_edge;
    int32_t punct_edge;
    int8_t core;     /* index of the core list, or LSTM_DAWG_NONE */
    bool in_punct;   /* the punctuation list is being followed */
    bool after_core; /* the core is complete, punctuation follows */
};

struct lstm_places {
    uint32_t count;
    struct lstm_place at[];
};

/* What one more character leads to. */
struct lstm_dict_state {
    uint32_t count;
    bool ends_word; /* a word may end here */
    struct lstm_place at[LSTM_MAX_PLACES];
};

MUST_CHECK
enum err_code lstm_dict_parse(struct arena *arena, struct span file, uint32_t n_chars,
                              struct lstm_dict *ret, struct err *err);
/* The places of the empty prefix; out has LSTM_MAX_PLACES. */
uint32_t lstm_dict_start(const struct lstm_dict *dict, struct lstm_place *out);
/* LSTM_KIND_NONE if no word goes on so; ret is then not written. */
enum lstm_kind lstm_dict_step(const struct lstm_dict *dict, const struct lstm_charset *set,
                              const struct lstm_places *from, int32_t character,
                              struct lstm_dict_state *ret);

/* ---- the network; lstm_model.c, lstm_net.c ---- */

enum lstm_layer_type { LSTM_LAYER_CONV, LSTM_LAYER_LSTM, LSTM_LAYER_SOFTMAX };

struct lstm_layer {
    enum lstm_layer_type type;
    uint32_t n_in, n_out;
    struct lstm_matrix input;     /* weights of what comes in, with bias */
    struct lstm_matrix recurrent; /* LSTM: weights of the own output one step before */
    /* CONV: tanh over a window, then the maximum over pool_x * pool_y of its outputs */
    uint32_t window_x, window_y, pool_x, pool_y;
    /* LSTM */
    bool along_y;                   /* runs down each column instead of along each row */
    bool reversed;                  /* from the end to the beginning */
    bool summary;                   /* only the output of its last step is kept */
    bool same_input;                /* reads what the layer before read (layers side by side) */
    uint32_t out_offset, out_total; /* where its output stands among theirs */
};

enum { LSTM_MAX_LAYERS = 32 };

struct lstm_model {
    struct arena *arena;
    struct lstm_layer layers[LSTM_MAX_LAYERS];
    uint32_t n_layers;
    uint32_t input_height;
    uint32_t x_scale; /* input columns a step */
    uint32_t n_codes;
    uint32_t null_code;
    uint64_t seed;
    const char *spec;
    struct lstm_tables *tables;
    struct lstm_charset charset;
    struct lstm_dict dict;
};

/* Reads the network's section into model (layers, null code, seed, spec). */
MUST_CHECK
enum err_code lstm_network_parse(struct lstm_model *model, struct span bytes, struct err *err);

/* Input of the network: [height][width] values in -127..127. */
struct lstm_input {
    int8_t *values;
    uint32_t height, width;
};

/* A grey line scaled to the model's height. */
struct lstm_gray {
    uint8_t *pixels; /* [height][width] */
    uint32_t height, width;
    float factor; /* pixels of it for one of the page */
};

/* probs[steps][n_codes] */
struct lstm_output {
    float *probs;
    uint32_t steps;
    uint32_t n_codes;
};

MUST_CHECK
enum err_code lstm_image_scale(struct arena *arena, const struct pixmap *picture,
                               struct lstm_box box, uint32_t height, struct lstm_gray *ret,
                               struct err *err);
MUST_CHECK
enum err_code lstm_image_normalise(struct arena *arena, const struct lstm_gray *gray,
                                   struct lstm_input *ret, struct err *err);

MUST_CHECK
enum err_code lstm_net_run(struct arena *arena, const struct lstm_model *model,
                           const struct lstm_input *input, struct lstm_output *ret,
                           struct err *err);

/* ---- the search; lstm_decode.c, lstm_words.c ---- */

struct lstm_node {
    const struct lstm_node *prev;
    const struct lstm_node *base;     /* the last before this that completed a character */
    const struct lstm_places *places; /* NULL: not in a word list */
    uint64_t hash;                    /* of the codes so far */
    float certainty;                  /* log probability of this step */
    float score;                      /* sum along the path */
    int32_t character;                /* completed here, or LSTM_NO_CHAR */
    uint16_t code;
    uint16_t state; /* node of the code trie: codes of an unfinished character */
    uint8_t kind;
    bool starts_places; /* initial state of the lists: a word may start after it */
    bool starts_word;
    bool ends_word;
    bool duplicate; /* the same code as prev, to be folded */
};

/* The best path: a node for each step; steps is 0 if none spells anything whole. */
struct lstm_path {
    const struct lstm_node **nodes;
    uint32_t steps;
};

MUST_CHECK
enum err_code lstm_decode(struct arena *arena, const struct lstm_model *model,
                          const struct lstm_output *output, struct lstm_path *ret, struct err *err);

/* Where steps lie on the page. */
struct lstm_scale {
    float x0;    /* left edge of the first step, pixels of the picture */
    float width; /* of a step */
};

/* Sets words and count of ret_line. output: what path was found in. */
MUST_CHECK
enum err_code lstm_words_build(struct arena *arena, const struct lstm_model *model,
                               const struct lstm_output *output, const struct lstm_path *path,
                               struct lstm_scale scale, struct lstm_line *ret_line,
                               struct err *err);

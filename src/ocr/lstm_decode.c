/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/lstm_decode.c - finds the best path of codes through a line, with the help of the word lists.
 *
 * Beam search over the steps of the network's output (Graves et al. 2006: codes, a null between
 * them, repetitions folded). A transition between two codes often splits its probability over both,
 * so the probabilities of two neighbours may be summed where all the paths that this stands for
 * spell the same; what may follow a step says which: see enum follow. Paths in the word lists and
 * free paths are kept apart, else the lists would never win: free ones pay free_penalty. Beams,
 * widths and constants are those of Tesseract's recodebeam. */
#include "ocr/lstm_beam.h"
#include "ocr/lstm_rank.h"

#include <assert.h>
#include <string.h>

/* What may follow a node. */
enum follow {
    FOLLOW_ANY,      /* it used its own probability */
    FOLLOW_ONLY_DUP, /* it was summed without having stood alone: it has to, next */
    FOLLOW_NO_DUP,   /* it was summed after it stood alone: something else has to come */
    FOLLOW_COUNT
};

enum { LENGTHS = LSTM_MAX_CODE_LEN + 1 };

/* By codes of an unfinished character. */
static const uint8_t beam_width[LENGTHS] = {5, 10, 16, 16, 16, 16, 16, 16, 16, 16};
static_assert(LSTM_BEAM_MAX >= 16, "a beam holds the widest");

static const float free_penalty = 2.25f;       /* factor on certainties outside the lists */
static const float list_floor = -25.0f / 7.0f; /* a less certain step leaves the lists */

/* All beams at one step: in the lists or free, by what may follow, by codes of an unfinished
 * character. */
struct beams {
    struct lstm_beam at[2][FOLLOW_COUNT][LENGTHS];
    struct lstm_node start[FOLLOW_COUNT]; /* best node after which a listed word may begin */
    bool has_start[FOLLOW_COUNT];
};

struct search {
    struct arena *arena;
    const struct lstm_model *model;
    const struct lstm_dict *dict; /* NULL: the model has no word lists */
    const struct lstm_places *start;
    struct lstm_ranking codes; /* of this step */
    struct beams *now;
    uint32_t lengths; /* of beams in use */
    bool no_memory;
};

/* A path that is to go on: its last node and the beam that it stands in. */
struct source {
    const struct lstm_node *prev; /* NULL at the first step */
    enum follow follow;
    bool listed;
    uint32_t length; /* codes of an unfinished character */
};

/* How it goes on. */
struct move {
    const struct lstm_node *prev; /* NULL at the first step */
    enum follow follow;
    float certainty;
    uint32_t code;
    uint32_t state;
    int32_t character;
};

/* The last node that completed a character. */
static const struct lstm_node *
last_character(const struct lstm_node *node)
{
    if (node == NULL || (node->character != LSTM_NO_CHAR && !node->duplicate))
        return node;
    return node->base;
}

static uint64_t
hash_of(const struct search *s, const struct lstm_node *prev, uint32_t code, bool duplicate)
{
    uint64_t hash = prev == NULL ? 0 : prev->hash;
    uint64_t n = s->model->charset.n_codes;

    if (duplicate || code == s->model->null_code)
        return hash;
    return hash * n + ((hash >> 32) * n >> 32) + code;
}

static void
push(struct search *s, struct lstm_beam *beam, uint32_t width, const struct lstm_node *node)
{
    if (!lstm_beam_push(s->arena, beam, width, node))
        s->no_memory = true;
}

static struct lstm_node
node_of(const struct search *s, const struct move *move, enum lstm_kind kind)
{
    return (struct lstm_node){
        .prev = move->prev,
        .base = last_character(move->prev),
        .hash = hash_of(s, move->prev, move->code, false),
        .certainty = move->certainty,
        .score = move->prev == NULL ? move->certainty : move->certainty + move->prev->score,
        .character = move->character,
        .code = (uint16_t)move->code,
        .state = (uint16_t)move->state,
        .kind = (uint8_t)kind,
    };
}

static struct lstm_beam *
beam_of(struct search *s, bool listed, const struct move *move, uint32_t length)
{
    return &s->now->at[listed][move->follow][length];
}

/* A step that spells nothing new: a repetition, a null or a code inside a character. */
static void
push_plain(struct search *s, struct move move, uint32_t length, bool listed, bool duplicate)
{
    struct lstm_node node;

    if (listed) {
        if (move.certainty <= list_floor)
            return;
    } else {
        move.certainty *= free_penalty;
        if (move.certainty < lstm_certainty_floor && move.code != s->model->null_code)
            return;
    }
    node = node_of(s, &move,
                   move.prev != NULL ? (enum lstm_kind)move.prev->kind
                   : listed          ? LSTM_KIND_NONE
                                     : LSTM_KIND_FREE);
    node.duplicate = duplicate;
    node.hash = hash_of(s, move.prev, move.code, duplicate);
    push(s, beam_of(s, listed, &move, length), beam_width[length], &node);
}

/* A listed word may begin after this; only the best such node of a step is kept. */
static void
offer_start(struct search *s, const struct move *move, enum lstm_kind kind, bool starts_word,
            bool ends_word)
{
    struct lstm_node node = node_of(s, move, kind);

    if (s->now->has_start[move->follow] && node.score <= s->now->start[move->follow].score)
        return;
    node.places = s->start;
    node.starts_places = true;
    node.starts_word = starts_word;
    node.ends_word = ends_word;
    s->now->start[move->follow] = node;
    s->now->has_start[move->follow] = true;
}

static bool
joins(const struct search *s, int32_t character)
{
    return s->model->charset.chars[character].joins;
}

static void
continue_free(struct search *s, const struct move *move)
{
    struct move free_move = *move;
    struct lstm_node node;

    free_move.certainty = move->certainty * free_penalty;
    node = node_of(s, &free_move, LSTM_KIND_FREE);
    push(s, beam_of(s, false, move, 0), beam_width[0], &node);
    if (s->dict == NULL || move->character == LSTM_NO_CHAR)
        return;
    /* The space counts for the word on either side; the nulls before it are penalised already,
     * which LSTM_KIND_NONE tells lstm_words. */
    if (move->character == LSTM_SPACE && move->certainty > list_floor)
        offer_start(s, move, LSTM_KIND_NONE, false, false);
    else if (joins(s, move->character))
        offer_start(s, &free_move, LSTM_KIND_FREE, false, false);
}

/* A space ends a listed word that is complete. */
static void
continue_with_space(struct search *s, const struct move *move, const struct lstm_node *before)
{
    struct lstm_node node;

    if (before == NULL || !before->ends_word)
        return;
    offer_start(s, move, (enum lstm_kind)before->kind, false, false);
    node = node_of(s, move, (enum lstm_kind)before->kind);
    push(s, beam_of(s, false, move, 0), beam_width[0], &node);
}

static void
push_listed(struct search *s, const struct move *move, enum lstm_kind kind, bool starts_word,
            const struct lstm_dict_state *state)
{
    struct lstm_node node = node_of(s, move, kind);
    struct lstm_beam *beam = beam_of(s, true, move, 0);
    size_t size = state->count * sizeof(state->at[0]);

    node.starts_word = starts_word;
    node.ends_word = state->ends_word;
    if (!lstm_beam_refuses(beam, beam_width[0], node.score)) {
        struct lstm_places *places = arena_alloc(s->arena, sizeof(*places) + size);

        if (places == NULL) {
            s->no_memory = true;
            return;
        }
        places->count = state->count;
        memcpy(places->at, state->at, size);
        node.places = places;
        push(s, beam, beam_width[0], &node);
    }
    if (state->ends_word && s->model->charset.spaceless) {
        /* Without spaces the next word can begin at once, listed or not. */
        offer_start(s, move, kind, starts_word, true);
        node.places = NULL;
        push(s, beam_of(s, false, move, 0), beam_width[0], &node);
    }
}

static void
continue_listed(struct search *s, const struct move *move)
{
    const struct lstm_node *before = last_character(move->prev);
    const struct lstm_places *from = before == NULL ? s->start : before->places;
    float score = move->prev == NULL ? move->certainty : move->certainty + move->prev->score;
    struct lstm_dict_state state;
    enum lstm_kind kind;

    if (move->character == LSTM_NO_CHAR) {
        struct lstm_node node = node_of(s, move, LSTM_KIND_NONE);

        push(s, beam_of(s, true, move, 0), beam_width[0], &node);
        return;
    }
    if (lstm_beam_refuses(beam_of(s, true, move, 0), beam_width[0], score) &&
        lstm_beam_refuses(beam_of(s, false, move, 0), beam_width[0], score))
        return;
    if (move->character == LSTM_SPACE) {
        continue_with_space(s, move, before);
        return;
    }
    if (before != NULL && before->starts_places && before->character != LSTM_SPACE &&
        !joins(s, before->character) && !joins(s, move->character))
        return; /* no new word inside letters of a script with spaces */
    if (from == NULL)
        return;
    kind = lstm_dict_step(s->dict, &s->model->charset, from, move->character, &state);
    if (kind != LSTM_KIND_NONE)
        push_listed(s, move, kind, before == NULL || before->starts_places, &state);
}

static void
continue_character(struct search *s, const struct move *move, bool listed)
{
    if (!listed)
        continue_free(s, move);
    else if (move->certainty > list_floor)
        continue_listed(s, move);
}

/* The node before once more, and a null inside an unfinished character. */
static void
continue_same(struct search *s, const struct source *from, enum lstm_rank rank)
{
    const struct lstm_node *prev = from->prev;
    uint32_t null_code = s->model->null_code;
    struct move move = {.prev = prev,
                        .code = prev->code,
                        .state = prev->state,
                        .character = prev->character,
                        .follow = FOLLOW_ANY};

    if (s->codes.rank[prev->code] == rank && from->follow != FOLLOW_NO_DUP) {
        move.certainty = lstm_certainty(s->codes.probs[prev->code]);
        push_plain(s, move, from->length, from->listed, true);
    }
    if (s->codes.rank[prev->code] == rank && from->follow == FOLLOW_ANY && rank == LSTM_RANK_TOP2 &&
        prev->code != null_code) {
        move.follow = FOLLOW_NO_DUP;
        move.certainty = s->codes.certainty[prev->code].with_null;
        push_plain(s, move, from->length, from->listed, true);
    }
    if (from->follow != FOLLOW_ONLY_DUP && prev->code != null_code && from->length > 0 &&
        s->codes.rank[null_code] == rank) {
        move.follow = FOLLOW_ANY;
        move.code = null_code;
        move.character = LSTM_NO_CHAR;
        move.certainty = lstm_certainty(s->codes.probs[null_code]);
        push_plain(s, move, from->length, from->listed, false);
    }
}

/* The certainty of code summed with its neighbours, where that is allowed. */
static float
summed_certainty(const struct search *s, const struct source *from, uint32_t code)
{
    const struct lstm_node *prev = from->prev;
    bool rivals = prev != NULL && from->follow == FOLLOW_ANY && prev->code != s->model->null_code &&
                  ((prev->code == s->codes.top && code == s->codes.second) ||
                   (code == s->codes.top && prev->code == s->codes.second));

    return rivals ? s->codes.certainty[code].with_rival : s->codes.certainty[code].with_null;
}

/* Code completes a character. move has what is known of the step but the character. */
static void
complete_character(struct search *s, const struct source *from, struct move move,
                   const struct lstm_code_node *node, bool summable)
{
    bool is_null = from->length == 0 && move.code == s->model->null_code;

    move.character = is_null ? LSTM_NO_CHAR : node->character;
    continue_character(s, &move, from->listed);
    if (summable) {
        move.follow = FOLLOW_ONLY_DUP;
        move.certainty = summed_certainty(s, from, move.code);
        continue_character(s, &move, from->listed);
    }
}

/* Code is one of several that spell a character. */
static void
begin_character(struct search *s, const struct source *from, struct move move,
                const struct lstm_code_node *node, bool summable)
{
    move.character = LSTM_NO_CHAR;
    move.state = (uint32_t)(node - s->model->charset.nodes);
    push_plain(s, move, from->length + 1, from->listed, false);
    if (summable) {
        move.follow = FOLLOW_ONLY_DUP;
        move.certainty = summed_certainty(s, from, move.code);
        push_plain(s, move, from->length + 1, from->listed, false);
    }
}

static void
continue_code(struct search *s, const struct source *from, enum lstm_rank rank, uint32_t code)
{
    uint32_t state = from->length == 0 ? 0 : from->prev->state;
    const struct lstm_code_node *node = lstm_charset_step(&s->model->charset, state, code);
    bool is_null = code == s->model->null_code;
    bool summable = rank == LSTM_RANK_TOP2 && !is_null;
    struct move move = {.prev = from->prev, .code = code, .follow = FOLLOW_ANY};

    if (node == NULL || (from->prev != NULL && from->prev->code == code))
        return;
    move.certainty = rank == LSTM_RANK_REST ? lstm_certainty(s->codes.probs[code])
                                            : s->codes.certainty[code].alone;
    if (node->character != LSTM_NO_CHAR && (move.certainty >= lstm_certainty_floor || is_null))
        complete_character(s, from, move, node, summable);
    if (node->children > 0)
        begin_character(s, from, move, node, summable);
}

static void
continue_path(struct search *s, const struct source *from, enum lstm_rank rank)
{
    if (from->prev != NULL)
        continue_same(s, from, rank);
    if (from->follow == FOLLOW_ONLY_DUP)
        return;
    if (rank == LSTM_RANK_REST) {
        for (uint32_t code = 0; code < s->model->charset.n_codes; code++)
            if (s->codes.rank[code] == LSTM_RANK_REST)
                continue_code(s, from, rank, code);
        return;
    }
    for (uint32_t i = 0; i < s->codes.count[rank]; i++)
        continue_code(s, from, rank, s->codes.codes[rank][i]);
}

static bool
has_any(const struct beams *beams, uint32_t lengths)
{
    for (int listed = 0; listed < 2; listed++)
        for (uint32_t length = 0; length < lengths; length++)
            if (beams->at[listed][FOLLOW_ANY][length].count > 0)
                return true;
    return false;
}

static void
continue_beam(struct search *s, const struct lstm_beam *beam, struct source from,
              enum lstm_rank rank)
{
    for (uint32_t i = beam->count; i-- > 0;) {
        from.prev = &beam->nodes[beam->heap[i]];
        continue_path(s, &from, rank);
    }
}

static void
continue_all(struct search *s, const struct beams *before, enum lstm_rank rank)
{
    for (int listed = 0; listed < 2; listed++)
        for (int follow = 0; follow < FOLLOW_COUNT; follow++)
            for (uint32_t length = 0; length < s->lengths; length++)
                continue_beam(s, &before->at[listed][follow][length],
                              (struct source){NULL, (enum follow)follow, listed != 0, length},
                              rank);
}

static void
take_step(struct search *s, const struct beams *before, const float *probs)
{
    lstm_ranking_set(&s->codes, s->model, probs);
    if (before == NULL) {
        continue_path(s, &(struct source){.follow = FOLLOW_ANY}, LSTM_RANK_TOP2);
        if (s->dict != NULL)
            continue_path(s, &(struct source){.follow = FOLLOW_ANY, .listed = true},
                          LSTM_RANK_TOP2);
        return;
    }
    for (int rank = 0; rank < LSTM_RANK_COUNT && !has_any(s->now, s->lengths); rank++)
        continue_all(s, before, (enum lstm_rank)rank);
    for (int follow = 0; follow < FOLLOW_COUNT; follow++)
        if (s->now->has_start[follow])
            push(s, &s->now->at[1][follow][0], beam_width[0], &s->now->start[follow]);
}

/* The best node of the last step that completes what it began. */
static const struct lstm_node *
best_of(const struct beams *last)
{
    static const enum follow follows[] = {FOLLOW_ANY, FOLLOW_NO_DUP};
    const struct lstm_node *best = NULL;

    for (size_t f = 0; f < ARRAY_LEN(follows); f++)
        for (int listed = 0; listed < 2; listed++) {
            const struct lstm_beam *beam = &last->at[listed][follows[f]][0];

            for (uint32_t i = 0; i < beam->count; i++) {
                const struct lstm_node *node = &beam->nodes[beam->heap[i]];
                const struct lstm_node *character = last_character(node);

                if (listed && (character == NULL ||
                               (!character->ends_word && character->character != LSTM_SPACE)))
                    continue;
                if (best == NULL || node->score > best->score)
                    best = node;
            }
        }
    return best;
}

static bool
search_init(struct search *s)
{
    struct lstm_places *start =
        arena_alloc(s->arena, sizeof(*start) + LSTM_MAX_PLACES * sizeof(start->at[0]));

    if (start == NULL || !lstm_ranking_init(s->arena, s->model->n_codes, &s->codes))
        return false;
    start->count = lstm_dict_start(&s->model->dict, start->at);
    s->start = start;
    s->dict = s->model->dict.any ? &s->model->dict : NULL;
    s->lengths = s->model->charset.longest;
    return true;
}

enum err_code
lstm_decode(struct arena *arena, const struct lstm_model *model, const struct lstm_output *output,
            struct lstm_path *ret, struct err *err)
{
    struct search s = {.arena = arena, .model = model};
    const struct lstm_node **path;
    const struct lstm_node *node;
    struct beams *before = NULL, *now = arena_alloc(arena, sizeof(*now));
    struct beams *other = arena_alloc(arena, sizeof(*other));
    uint32_t left = output->steps;

    path = arena_array(arena, (size_t)output->steps + 1, sizeof(const struct lstm_node *));
    s.no_memory = path == NULL || now == NULL || other == NULL || !search_init(&s);
    for (uint32_t t = 0; t < output->steps && !s.no_memory; t++) {
        memset(now, 0, sizeof(*now));
        s.now = now;
        take_step(&s, before, output->probs + (size_t)t * output->n_codes);
        before = now;
        now = other;
        other = before;
    }
    if (s.no_memory)
        return err_set(err, ERR_LIMIT, "line: the search needs more memory than the page has");
    node = before == NULL ? NULL : best_of(before);
    for (; node != NULL && left > 0; node = node->prev)
        path[--left] = node;
    *ret = (struct lstm_path){path, left == 0 ? output->steps : 0};
    return ERR_OK;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/lstm_decode.c - finds the best path of codes through a line, with the help of the word lists.
 *
 * Beam search over the steps of the network's output (Graves et al. 2006: codes, a null between
 * them, repetitions folded). A transition between two codes often splits its probability over both,
 * so the probabilities of two neighbours may be summed where all the paths that this stands for
 * spell the same; what may follow a step says which: see enum follow. Paths in the word lists and
 * free paths are kept apart, else the lists would never win: free ones pay free_penalty. Beams,
 * widths and constants are those of Tesseract's recodebeam. */
#include "ocr/lstm_internal.h"

#include <math.h>
#include <string.h>

/* What may follow a node. */
enum follow {
    FOLLOW_ANY,      /* it used its own probability */
    FOLLOW_ONLY_DUP, /* it was summed without having stood alone: it has to, next */
    FOLLOW_NO_DUP,   /* it was summed after it stood alone: something else has to come */
    FOLLOW_COUNT
};

/* Rank of a code at a step. Lower ranks are tried only if a higher one continues no path. */
enum rank { RANK_TOP2, RANK_TOP5, RANK_REST, RANK_COUNT };

enum { TOP = 5, LENGTHS = LSTM_MAX_CODE_LEN + 1, MAX_WIDTH = 16 };

static const uint8_t beam_width[LENGTHS] = {5, 10, 16, 16, 16, 16, 16, 16, 16, 16};
static const float certainty_floor = -20.0f;
static const double offset = -0.085;           /* makes certain steps cost something */
static const float free_penalty = 2.25f;       /* factor on certainties outside the lists */
static const float list_floor = -25.0f / 7.0f; /* a less certain step leaves the lists */

/* The best nodes of a kind, as a heap with the worst on top. Where scores are equal the order
 * decides which path wins, so the heap is the textbook's binary one, as Tesseract has it. */
struct beam {
    struct lstm_node *nodes; /* beam_width of its length and one more; NULL while empty */
    uint32_t count;
    uint8_t heap[MAX_WIDTH + 1]; /* places in nodes */
    uint8_t spare;               /* the place not in use once count is the width */
};

/* All beams at one step: in the lists or free, by what may follow, by codes of an unfinished
 * character. */
struct beams {
    struct beam at[2][FOLLOW_COUNT][LENGTHS];
    struct lstm_node start[FOLLOW_COUNT]; /* best node after which a listed word may begin */
    bool has_start[FOLLOW_COUNT];
};

struct certainties {
    float alone, with_null, with_rival; /* rival: the other one of the top two */
};

struct search {
    struct arena *arena;
    const struct lstm_model *model;
    const struct lstm_dict *dict; /* NULL: the model has no word lists */
    const struct lstm_places *start;
    const float *probs;            /* of this step */
    uint8_t *rank;                 /* [n_codes] */
    struct certainties *certainty; /* [n_codes], valid for ranks above RANK_REST */
    uint32_t ranked[RANK_REST][TOP + 1], n_ranked[RANK_REST];
    uint32_t top, second;
    struct beams *now;
    uint32_t lengths; /* of beams in use */
    bool no_memory;
};

/* How a path goes on. */
struct move {
    const struct lstm_node *prev; /* NULL at the first step */
    enum follow follow;
    float certainty;
    uint32_t code;
    uint32_t state;
    int32_t character;
};

static float
certainty_of(float prob)
{
    /* Lowest probability that has a certainty: exp(certainty_floor). */
    static const float least = 2.061153622438558e-09f;

    return prob > least ? logf(prob) : certainty_floor;
}

static float
with_offset(float prob)
{
    return (float)((double)certainty_of(prob) + offset);
}

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

static float
score_at(const struct beam *beam, uint32_t at)
{
    return beam->nodes[beam->heap[at]].score;
}

/* Where place, of this score, belongs on the way up from the hole at. */
static uint32_t
sift_up(struct beam *beam, uint32_t at, float score)
{
    for (; at > 0 && score < score_at(beam, (at - 1) / 2); at = (at - 1) / 2)
        beam->heap[at] = beam->heap[(at - 1) / 2];
    return at;
}

static uint32_t
sift_down(struct beam *beam, uint32_t at, float score)
{
    for (;;) {
        uint32_t child = 2 * at + 1;

        if (child + 1 < beam->count && score_at(beam, child + 1) < score_at(beam, child))
            child++;
        if (child >= beam->count || !(score_at(beam, child) < score))
            return at;
        beam->heap[at] = beam->heap[child];
        at = child;
    }
}

static void
drop_worst(struct beam *beam)
{
    uint8_t place = beam->heap[--beam->count];

    beam->spare = beam->heap[0];
    beam->heap[sift_down(beam, 0, beam->nodes[place].score)] = place;
}

static void
replace(struct beam *beam, uint32_t at, const struct lstm_node *node)
{
    uint8_t place = beam->heap[at];

    beam->nodes[place] = *node;
    at = sift_down(beam, at, node->score);
    beam->heap[sift_up(beam, at, node->score)] = place;
}

static bool
is_too_bad(const struct beam *beam, uint32_t width, float score)
{
    return beam->count >= width && score <= score_at(beam, 0);
}

/* Keeps the width best of different paths; of equal ones the better. */
static void
push(struct search *s, struct beam *beam, uint32_t width, const struct lstm_node *node)
{
    uint8_t place;

    if (is_too_bad(beam, width, node->score))
        return;
    if (beam->nodes == NULL) {
        beam->nodes = arena_array(s->arena, width + 1, sizeof(*beam->nodes));
        beam->spare = (uint8_t)width;
    }
    if (beam->nodes == NULL) {
        s->no_memory = true;
        return;
    }
    for (uint32_t at = 0; at < beam->count; at++) {
        const struct lstm_node *old = &beam->nodes[beam->heap[at]];

        if (old->hash == node->hash && old->code == node->code && old->kind == node->kind &&
            old->starts_places == node->starts_places) {
            if (node->score > old->score)
                replace(beam, at, node);
            return;
        }
    }
    place = beam->count < width ? (uint8_t)beam->count : beam->spare;
    beam->nodes[place] = *node;
    beam->heap[sift_up(beam, beam->count, node->score)] = place;
    beam->count++;
    if (beam->count > width)
        drop_worst(beam);
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

static struct beam *
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
        if (move.certainty < certainty_floor && move.code != s->model->null_code)
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
            bool ends_word, const struct lstm_place *places, uint32_t n_places)
{
    struct lstm_node node = node_of(s, move, kind);
    struct beam *beam = beam_of(s, true, move, 0);
    struct lstm_places *copy;

    node.starts_word = starts_word;
    node.ends_word = ends_word;
    if (!is_too_bad(beam, beam_width[0], node.score)) {
        copy = arena_alloc(s->arena, sizeof(*copy) + n_places * sizeof(*places));
        if (copy == NULL) {
            s->no_memory = true;
            return;
        }
        copy->count = n_places;
        memcpy(copy->at, places, n_places * sizeof(*places));
        node.places = copy;
        push(s, beam, beam_width[0], &node);
    }
    if (ends_word && s->model->charset.has_joining) {
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
    struct lstm_place places[LSTM_MAX_PLACES];
    uint32_t n_places = 0;
    bool ends = false;
    enum lstm_kind kind;

    if (move->character == LSTM_NO_CHAR) {
        struct lstm_node node = node_of(s, move, LSTM_KIND_NONE);

        push(s, beam_of(s, true, move, 0), beam_width[0], &node);
        return;
    }
    if (is_too_bad(beam_of(s, true, move, 0), beam_width[0], score) &&
        is_too_bad(beam_of(s, false, move, 0), beam_width[0], score))
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
    kind = lstm_dict_step(s->dict, &s->model->charset, from->at, from->count, move->character,
                          places, &n_places, &ends);
    if (kind != LSTM_KIND_NONE)
        push_listed(s, move, kind, before == NULL || before->starts_places, ends, places, n_places);
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
continue_same(struct search *s, const struct lstm_node *prev, enum follow follow, bool listed,
              uint32_t length, enum rank rank)
{
    uint32_t null_code = s->model->null_code;
    struct move move = {.prev = prev,
                        .code = prev->code,
                        .state = prev->state,
                        .character = prev->character,
                        .follow = FOLLOW_ANY};

    if (s->rank[prev->code] == rank && follow != FOLLOW_NO_DUP) {
        move.certainty = with_offset(s->probs[prev->code]);
        push_plain(s, move, length, listed, true);
    }
    if (s->rank[prev->code] == rank && follow == FOLLOW_ANY && rank == RANK_TOP2 &&
        prev->code != null_code) {
        move.follow = FOLLOW_NO_DUP;
        move.certainty = s->certainty[prev->code].with_null;
        push_plain(s, move, length, listed, true);
    }
    if (follow != FOLLOW_ONLY_DUP && prev->code != null_code && length > 0 &&
        s->rank[null_code] == rank) {
        move.follow = FOLLOW_ANY;
        move.code = null_code;
        move.character = LSTM_NO_CHAR;
        move.certainty = with_offset(s->probs[null_code]);
        push_plain(s, move, length, listed, false);
    }
}

/* The certainty of code summed with its neighbours, where that is allowed. */
static float
summed_certainty(const struct search *s, const struct lstm_node *prev, enum follow follow,
                 uint32_t code)
{
    bool rivals = prev != NULL && follow == FOLLOW_ANY && prev->code != s->model->null_code &&
                  ((prev->code == s->top && code == s->second) ||
                   (code == s->top && prev->code == s->second));

    return rivals ? s->certainty[code].with_rival : s->certainty[code].with_null;
}

static void
continue_code(struct search *s, const struct lstm_node *prev, enum follow follow, bool listed,
              uint32_t length, enum rank rank, uint32_t code)
{
    const struct lstm_charset *set = &s->model->charset;
    uint32_t state = prev == NULL || length == 0 ? 0 : prev->state;
    const struct lstm_code_node *node = lstm_charset_step(set, state, code);
    bool is_null = code == s->model->null_code;
    bool summable = rank == RANK_TOP2 && !is_null;
    struct move move = {.prev = prev, .code = code, .follow = FOLLOW_ANY};

    if (node == NULL || (prev != NULL && prev->code == code))
        return;
    move.certainty = rank == RANK_REST ? with_offset(s->probs[code]) : s->certainty[code].alone;
    if (node->character != LSTM_NO_CHAR && (move.certainty >= certainty_floor || is_null)) {
        struct move summed = move;

        move.character = summed.character = length == 0 && is_null ? LSTM_NO_CHAR : node->character;
        continue_character(s, &move, listed);
        if (summable) {
            summed.follow = FOLLOW_ONLY_DUP;
            summed.certainty = summed_certainty(s, prev, follow, code);
            continue_character(s, &summed, listed);
        }
    }
    if (node->children > 0 && length + 1 < s->lengths) {
        move.character = LSTM_NO_CHAR;
        move.state = (uint32_t)(node - set->nodes);
        push_plain(s, move, length + 1, listed, false);
        if (summable) {
            move.follow = FOLLOW_ONLY_DUP;
            move.certainty = summed_certainty(s, prev, follow, code);
            push_plain(s, move, length + 1, listed, false);
        }
    }
}

static void
continue_path(struct search *s, const struct lstm_node *prev, enum follow follow, bool listed,
              uint32_t length, enum rank rank)
{
    if (prev != NULL)
        continue_same(s, prev, follow, listed, length, rank);
    if (follow == FOLLOW_ONLY_DUP)
        return;
    if (rank == RANK_REST) {
        for (uint32_t code = 0; code < s->model->charset.n_codes; code++)
            if (s->rank[code] == RANK_REST)
                continue_code(s, prev, follow, listed, length, rank, code);
        return;
    }
    for (uint32_t i = 0; i < s->n_ranked[rank]; i++)
        continue_code(s, prev, follow, listed, length, rank, s->ranked[rank][i]);
}

static void
rank_code(struct search *s, uint32_t code, enum rank rank)
{
    s->rank[code] = (uint8_t)rank;
    s->ranked[rank][s->n_ranked[rank]++] = code;
}

/* The TOP most probable codes in order; the null always counts as one of the top two. */
static void
rank_codes(struct search *s)
{
    uint32_t best[TOP] = {0}, n = 0;
    uint32_t n_codes = s->model->n_codes, null_code = s->model->null_code;
    float least = -1; /* to be among the best */

    for (uint32_t code = 0; code < n_codes; code++) {
        uint32_t at;

        if (s->probs[code] <= least)
            continue;
        at = n < TOP ? n++ : TOP - 1;
        for (; at > 0 && s->probs[best[at - 1]] < s->probs[code]; at--)
            best[at] = best[at - 1];
        best[at] = code;
        least = n < TOP ? -1 : s->probs[best[TOP - 1]];
    }
    memset(s->rank, RANK_REST, n_codes);
    s->n_ranked[RANK_TOP2] = s->n_ranked[RANK_TOP5] = 0;
    s->top = best[0];
    s->second = n > 1 ? best[1] : best[0];
    rank_code(s, null_code, RANK_TOP2);
    for (uint32_t i = 0; i < n; i++)
        if (best[i] != null_code)
            rank_code(s, best[i], i < 2 ? RANK_TOP2 : RANK_TOP5);
}

static void
weigh_codes(struct search *s)
{
    float null_prob = s->probs[s->model->null_code];

    for (int rank = RANK_TOP2; rank < RANK_REST; rank++)
        for (uint32_t i = 0; i < s->n_ranked[rank]; i++) {
            uint32_t code = s->ranked[rank][i];
            uint32_t rival = code == s->top ? s->second : s->top;
            struct certainties *c = &s->certainty[code];

            c->alone = with_offset(s->probs[code]);
            if (rank == RANK_TOP2) {
                c->with_null = with_offset(s->probs[code] + null_prob);
                c->with_rival = with_offset(s->probs[code] + null_prob + s->probs[rival]);
            }
        }
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
continue_all(struct search *s, const struct beams *before, enum rank rank)
{
    for (int listed = 0; listed < 2; listed++)
        for (int follow = 0; follow < FOLLOW_COUNT; follow++)
            for (uint32_t length = 0; length < s->lengths; length++) {
                const struct beam *beam = &before->at[listed][follow][length];

                for (uint32_t i = beam->count; i-- > 0;)
                    continue_path(s, &beam->nodes[beam->heap[i]], (enum follow)follow, listed != 0,
                                  length, rank);
            }
}

static void
take_step(struct search *s, const struct beams *before)
{
    rank_codes(s);
    weigh_codes(s);
    if (before == NULL) {
        continue_path(s, NULL, FOLLOW_ANY, false, 0, RANK_TOP2);
        if (s->dict != NULL)
            continue_path(s, NULL, FOLLOW_ANY, true, 0, RANK_TOP2);
        return;
    }
    for (int rank = 0; rank < RANK_COUNT && !has_any(s->now, s->lengths); rank++)
        continue_all(s, before, (enum rank)rank);
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
            const struct beam *beam = &last->at[listed][follows[f]][0];

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
    uint32_t n_codes = s->model->n_codes;
    struct lstm_places *start =
        arena_alloc(s->arena, sizeof(*start) + LSTM_MAX_PLACES * sizeof(start->at[0]));

    s->rank = arena_alloc(s->arena, n_codes);
    s->certainty = arena_array(s->arena, n_codes, sizeof(*s->certainty));
    if (start == NULL || s->rank == NULL || s->certainty == NULL)
        return false;
    start->count = lstm_dict_start(&s->model->dict, start->at);
    s->start = start;
    s->dict = s->model->dict.any ? &s->model->dict : NULL;
    s->lengths = s->model->charset.longest;
    return true;
}

enum err_code
lstm_decode(struct arena *arena, const struct lstm_model *model, const struct lstm_output *output,
            const struct lstm_node ***ret_path, struct err *err)
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
        s.probs = output->probs + (size_t)t * output->n_codes;
        take_step(&s, before);
        before = now;
        now = other;
        other = before;
    }
    if (s.no_memory)
        return err_set(err, ERR_LIMIT, "line: the search needs more memory than the page has");
    node = before == NULL ? NULL : best_of(before);
    for (; node != NULL && left > 0; node = node->prev)
        path[--left] = node;
    *ret_path = left == 0 && output->steps > 0 ? path : NULL;
    return ERR_OK;
}

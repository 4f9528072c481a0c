/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ocr/lstm_others.h"

#include <string.h>

enum {
    WIDTH = 12,                        /* prefixes kept after a step */
    BRANCHES = 6,                      /* codes by which a prefix may go on at a step */
    NODES_MAX = 1 << 16,               /* prefixes of a stretch, dead ones included */
    ROOM = WIDTH * (BRANCHES * 2 + 1), /* of what a step may make of them: see extend */
    NO_NODE = -1
};

/* A code less likely than this does not continue a prefix. */
static const float code_least = 1e-3F;

/* A reading has to be so likely beside the one that was taken. */
static const double share_least = 5e-3;

/* A code of a spelling, behind that of its parent. */
struct node {
    int32_t parent;
    uint32_t code;
    uint32_t state;    /* node of the code trie; 0: a character is complete */
    int32_t character; /* completed here, or LSTM_NO_CHAR */
    uint32_t step;     /* for which it was last put into next, from 1 */
    uint32_t place;    /* there */
};

/* A prefix with the probability of all the ways to have spelt it so far, relative to the likeliest
 * prefix of the step before: those that end in a null, and those that end in its last code. */
struct prefix {
    int32_t node; /* NO_NODE: nothing yet */
    double null, code;
};

struct search {
    struct arena *arena;
    const struct lstm_model *model;
    struct node *nodes;
    uint32_t n_nodes, node_cap;
    struct prefix now[ROOM], next[ROOM];
    uint32_t n_now, n_next;
    uint32_t codes[BRANCHES], n_codes; /* of this step */
    uint32_t step;                     /* its number, from 1 */
};

static double
total(const struct prefix *prefix)
{
    return prefix->null + prefix->code;
}

/* The likeliest codes of the step but the null. */
static void
rank_codes(struct search *s, const float *probs)
{
    s->n_codes = 0;
    for (uint32_t code = 0; code < s->model->charset.n_codes; code++) {
        uint32_t at;

        if (code == s->model->null_code || probs[code] < code_least ||
            (s->n_codes == BRANCHES && probs[code] <= probs[s->codes[BRANCHES - 1]]))
            continue;
        at = s->n_codes < BRANCHES ? s->n_codes++ : BRANCHES - 1;
        for (; at > 0 && probs[s->codes[at - 1]] < probs[code]; at--)
            s->codes[at] = s->codes[at - 1];
        s->codes[at] = code;
    }
}

/* The prefix's place in next; made if it is not there. NULL: no room. */
static struct prefix *
place_of(struct search *s, int32_t node)
{
    struct node *at = node == NO_NODE ? NULL : &s->nodes[node];

    if (at != NULL && at->step == s->step)
        return &s->next[at->place];
    if (s->n_next == ROOM)
        return NULL;
    if (at != NULL) {
        at->step = s->step;
        at->place = s->n_next;
    }
    s->next[s->n_next] = (struct prefix){.node = node};
    return &s->next[s->n_next++];
}

/* The node for code behind parent; made if it is not there. Only nodes of this step and of prefixes
 * that are alive can be met again: those lie among now. */
static int32_t
node_behind(struct search *s, int32_t parent, uint32_t code, uint32_t state, int32_t character)
{
    for (uint32_t i = 0; i < s->n_now; i++) {
        int32_t at = s->now[i].node;
        if (at != NO_NODE && s->nodes[at].parent == parent && s->nodes[at].code == code &&
            s->nodes[at].state == state)
            return at;
    }
    if (s->n_nodes == s->node_cap)
        return NO_NODE;
    s->nodes[s->n_nodes] = (struct node){parent, code, state, character, 0, 0};
    return (int32_t)s->n_nodes++;
}

static void
add(struct search *s, int32_t node, double null, double code)
{
    struct prefix *prefix = place_of(s, node);

    if (prefix != NULL) {
        prefix->null += null;
        prefix->code += code;
    }
}

/* The prefix with one more code. A code that completes a character may begin a longer one too. */
static void
extend(struct search *s, const struct prefix *from, uint32_t code, double share)
{
    const struct lstm_charset *set = &s->model->charset;
    uint32_t state = from->node == NO_NODE ? 0 : s->nodes[from->node].state;
    const struct lstm_code_node *to = lstm_charset_step(set, state, code);
    int32_t node;

    if (to == NULL || share <= 0)
        return;
    if (to->character != LSTM_NO_CHAR && to->character != LSTM_SPACE) {
        node = node_behind(s, from->node, code, 0, to->character);
        if (node != NO_NODE)
            add(s, node, 0, share);
    }
    if (to->children > 0) {
        node = node_behind(s, from->node, code, (uint32_t)(to - set->nodes), LSTM_NO_CHAR);
        if (node != NO_NODE)
            add(s, node, 0, share);
    }
}

static void
go_on(struct search *s, const struct prefix *from, const float *probs)
{
    double both = total(from);
    uint32_t last = from->node == NO_NODE ? s->model->null_code : s->nodes[from->node].code;

    add(s, from->node, both * (double)probs[s->model->null_code],
        from->node == NO_NODE ? 0 : from->code * (double)probs[last]);
    for (uint32_t i = 0; i < s->n_codes; i++) {
        uint32_t code = s->codes[i];
        /* The same code again is a new one only behind a null. */
        extend(s, from, code, (code == last ? from->null : both) * (double)probs[code]);
    }
}

/* Keeps the likeliest of next as now, in order; of equal ones the first made. */
static void
keep_best(struct search *s)
{
    double most = 0;

    s->n_now = 0;
    for (uint32_t i = 0; i < s->n_next; i++) {
        uint32_t at;

        if (s->n_now == WIDTH && total(&s->next[i]) <= total(&s->now[WIDTH - 1]))
            continue;
        at = s->n_now < WIDTH ? s->n_now++ : WIDTH - 1;
        for (; at > 0 && total(&s->now[at - 1]) < total(&s->next[i]); at--)
            s->now[at] = s->now[at - 1];
        s->now[at] = s->next[i];
    }
    most = s->n_now > 0 ? total(&s->now[0]) : 0;
    for (uint32_t i = 0; i < s->n_now && most > 0; i++) {
        s->now[i].null /= most;
        s->now[i].code /= most;
    }
    s->n_next = 0;
}

/* False if the arena is full. */
static bool
spell(const struct search *s, int32_t node, const char **ret)
{
    size_t len = 0;
    char *text;

    for (int32_t at = node; at != NO_NODE; at = s->nodes[at].parent)
        if (s->nodes[at].character != LSTM_NO_CHAR)
            len += strlen(s->model->charset.chars[s->nodes[at].character].text);
    text = arena_alloc(s->arena, len + 1);
    if (text == NULL)
        return false;
    text[len] = '\0';
    for (int32_t at = node; at != NO_NODE; at = s->nodes[at].parent) {
        if (s->nodes[at].character == LSTM_NO_CHAR)
            continue;
        const char *part = s->model->charset.chars[s->nodes[at].character].text;
        len -= strlen(part);
        memcpy(text + len, part, strlen(part));
    }
    *ret = text;
    return true;
}

/* The texts of what is left, but for that which was read, by their share of it. */
static bool
collect(const struct search *s, const char *text, struct lstm_other **ret, uint32_t *ret_count)
{
    struct lstm_other *others = arena_array(s->arena, WIDTH, sizeof(*others));
    double read = 0;
    uint32_t n = 0, kept = 0;

    if (others == NULL)
        return false;
    for (uint32_t i = 0; i < s->n_now; i++) {
        const struct prefix *prefix = &s->now[i];
        const char *spelt = "";
        bool again = false;

        if (prefix->node == NO_NODE || s->nodes[prefix->node].state != 0)
            continue;
        if (!spell(s, prefix->node, &spelt))
            return false;
        if (strcmp(spelt, text) == 0) {
            read += total(prefix);
            continue;
        }
        for (uint32_t k = 0; k < n && !again; k++)
            again = strcmp(others[k].text, spelt) == 0;
        if (!again)
            others[n++] = (struct lstm_other){spelt, (float)total(prefix)};
    }
    /* What was read with the help of a word list alone is as likely as the last one kept, at most.
     */
    if (read <= 0 && n > 0)
        read = (double)others[n - 1].share;
    while (kept < n && kept < LSTM_OTHERS_MAX && (double)others[kept].share >= share_least * read) {
        others[kept].share /= (float)read;
        kept++;
    }
    *ret = kept > 0 ? others : NULL;
    *ret_count = kept;
    return true;
}

bool
lstm_others_find(struct arena *arena, const struct lstm_model *model,
                 const struct lstm_output *output, uint32_t begin, uint32_t end, const char *text,
                 struct lstm_other **ret, uint32_t *ret_count)
{
    struct search s = {.arena = arena, .model = model};

    *ret = NULL;
    *ret_count = 0;
    if (end <= begin || end - begin > LSTM_OTHERS_STEPS_MAX)
        return true;
    s.node_cap = (end - begin) * WIDTH * BRANCHES;
    s.node_cap = s.node_cap > NODES_MAX ? NODES_MAX : s.node_cap;
    s.nodes = arena_array(arena, s.node_cap, sizeof(*s.nodes));
    if (s.nodes == NULL)
        return false;
    s.now[s.n_now++] = (struct prefix){.node = NO_NODE, .null = 1};
    for (uint32_t t = begin; t < end; t++) {
        const float *probs = output->probs + (size_t)t * output->n_codes;

        s.step++;
        rank_codes(&s, probs);
        for (uint32_t i = 0; i < s.n_now; i++)
            go_on(&s, &s.now[i], probs);
        keep_best(&s);
    }
    return collect(&s, text, ret, ret_count);
}

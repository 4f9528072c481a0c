/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/pattern_internal.h"

#include <string.h>

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
    if (tree->most == PATTERN_FOREVER) {
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
    struct tree *tree = parser_run(&p);
    if (tree == NULL)
        return p.rc;
    struct step steps[PATTERN_MAX_STEPS];
    struct writer w = {.steps = steps};
    write_tree(&w, tree);
    put(&w, (struct step){.op = OP_MATCH});
    if (w.count > PATTERN_MAX_STEPS)
        return err_set(err, ERR_LIMIT, "pattern: it expands to more than %d steps",
                       PATTERN_MAX_STEPS);
    struct pattern *pattern = parser_make(&p, sizeof(*pattern));
    struct step *copy = parser_make(&p, w.count * sizeof(*copy));
    if (pattern == NULL || copy == NULL)
        return p.rc;
    memcpy(copy, steps, w.count * sizeof(*copy));
    *pattern = (struct pattern){.steps = copy, .count = w.count};
    *ret_pattern = pattern;
    return ERR_OK;
}

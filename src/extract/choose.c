/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "extract/solve.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A value below it is a guess: the field stays empty, and the candidates are shown. */
static const float score_least = 0.30F;

/* Of a value that something speaks against. */
static const float doubted_most = 0.5F;

/* So much surer a field that nobody asked for must be to keep words from one that was. */
static const float rival_lead = 0.25F;

struct pair_of {
    uint32_t field, candidate;
    float score;
};

static int
by_score(const void *a, const void *b)
{
    const struct pair_of *p = a, *q = b;

    if (p->score != q->score)
        return p->score > q->score ? -1 : 1;
    if (p->field != q->field)
        return p->field < q->field ? -1 : 1;
    return p->candidate < q->candidate ? -1 : p->candidate > q->candidate;
}

/* Sums that are the same where nothing lies between them. */
static bool
same_sum(const struct solve *solve, const struct field *a, const struct field *b)
{
    static const char *const groups[][4] = {
        {"total_gross", "amount_due", "paid", "closing_balance"},
        {"total_net", "lines_total", "", ""}};

    for (size_t g = 0; g < 2; g++) {
        bool has_a = false, has_b = false;
        for (size_t i = 0; i < 4; i++) {
            has_a = has_a || field_is(solve, a, groups[g][i]);
            has_b = has_b || field_is(solve, b, groups[g][i]);
        }
        if (has_a && has_b)
            return true;
    }
    return false;
}

static bool
may_share(const struct solve *solve, const struct field *a, const struct candidate *x,
          const struct field *b)
{
    const struct candidate *y = b->chosen;

    if (x->value->norm == NORM_MRZ && y->value->norm == NORM_MRZ)
        return true; /* one line of a zone holds many */
    if (a->concept == b->concept && a->concept != 0)
        return a->role == b->role || a->role == 0 || b->role == 0;
    if (x->label != NULL && y->label != NULL && x->label->first == y->label->first)
        return true;
    if (a->type == TYPE_NAME && b->type == TYPE_NAME)
        return true;
    if (a->type == TYPE_CURRENCY || b->type == TYPE_CURRENCY || a->type == TYPE_ADDRESS ||
        b->type == TYPE_ADDRESS || a->type == TYPE_KIND || b->type == TYPE_KIND)
        return true;
    return same_sum(solve, a, b);
}

static bool
is_free(const struct solve *solve, const struct field *field, const struct candidate *candidate,
        const uint32_t *owner)
{
    for (uint32_t i = candidate->first; i < candidate->first + candidate->count; i++)
        if (owner[i] != NONE && !may_share(solve, field, candidate, &solve->fields[owner[i]]))
            return false;
    return true;
}

float
words_lessen(const struct solve *solve, const struct value *value, float sure)
{
    float words = 1;

    for (uint32_t i = 0; i < value->token_count; i++)
        words = fminf(words, solve->doc->tokens[value->tokens[i]].word->confidence);
    return sure * (0.5F + 0.5F * words);
}

/* No form tells where a name or an address begins and ends: measured, they are right less often
 * than their score says. */
static float
surest(enum concept_type type)
{
    switch (type) {
    case TYPE_NAME:
    case TYPE_PERSON:
    case TYPE_ADDRESS:
        return 0.84F;
    case TYPE_STREET:
        return 0.89F;
    default:
        return 0.99F;
    }
}

/* How sure: the score, lessened by a rival with another value, and by doubtful words. */
static float
confidence_of(const struct solve *solve, const struct field *field, const struct candidate *chosen)
{
    float rival = 0;

    for (uint32_t i = 0; i < field->candidate_count; i++) {
        const struct candidate *other = &field->candidates[i];
        if (strcmp(other->value->json, chosen->value->json) != 0)
            rival = fmaxf(rival, other->score);
    }
    float margin = fmaxf(chosen->score - rival, 0);
    float sure = chosen->score * (0.80F + 0.2F * fminf(margin / 0.25F, 1));
    return fminf(words_lessen(solve, chosen->value, sure), surest(field->type));
}

static void
settle(struct solve *solve, struct field *field, const struct candidate *candidate)
{
    field->chosen = candidate;
    candidate->value->confidence = confidence_of(solve, field, candidate);
    if (candidate->value->doubt != NULL)
        candidate->value->confidence = fminf(candidate->value->confidence, doubted_most);
    if (candidate->label != NULL && candidate->value->label == NULL)
        candidate->value->label =
            doc_text(solve->doc, candidate->label->first, candidate->label->count);
    for (uint32_t i = 0; i < field->candidate_count; i++) {
        const struct candidate *other = &field->candidates[i];
        if (other == candidate || candidate->value->other_count == EXTRACT_CANDIDATES_SHOWN ||
            strcmp(other->value->json, candidate->value->json) == 0 || other->score < 0.25F)
            continue;
        candidate->value->others[candidate->value->other_count++] = other->value;
    }
}

/* Ink that nobody could read, right of the box or below it. */
static const struct page_region *
unread_near(const struct page *page, struct box box)
{
    float height = fmaxf(box_height(box), 6);

    for (uint32_t i = 0; i < page->region_count; i++) {
        const struct page_region *region = &page->regions[i];
        if (region->kind != REGION_UNREAD && region->kind != REGION_MISSING &&
            region->kind != REGION_HANDWRITING)
            continue;
        bool beside = region->box.y0 < box.y1 && region->box.y1 > box.y0 &&
                      region->box.x1 > box.x1 && region->box.x0 < box.x1 + 40 * height;
        bool below = region->box.x0 < box.x1 && region->box.x1 > box.x0 &&
                     region->box.y0 > box.y0 && region->box.y0 < box.y1 + 2 * height;
        if (beside || below)
            return region;
    }
    return NULL;
}

/* The label is there, and where its value should stand is ink that could not be read. */
static void
mark_unreadable(const struct solve *solve, const struct field *field)
{
    const struct labels *labels = solve->labels;

    if (field->concept == 0 || field->generic)
        return;
    for (uint32_t k = labels->concept_first[field->concept];
         k < labels->concept_first[field->concept + 1]; k++) {
        const struct label *label = &labels->labels[labels->by_concept[k]];
        const struct token *token = &solve->doc->tokens[label->first + label->count - 1];
        const struct page_region *region =
            label->exact < 0.8F ? NULL
                                : unread_near(solve->doc->pages[token->page], token->word->box);
        if (region == NULL)
            continue;
        field->node->absence = ABSENT_UNREADABLE;
        field->node->region = region;
        field->node->region_page = token->page;
        return;
    }
}

static void
give(const struct solve *solve, struct field *field)
{
    struct node *node = field->node;

    if (node == NULL || field->item)
        return;
    if (field->chosen != NULL) {
        node->value = field->chosen->value;
        return;
    }
    for (uint32_t i = 0; i < field->candidate_count && i < EXTRACT_CANDIDATES_SHOWN; i++)
        node->candidates[node->candidate_count++] = field->candidates[i].value;
    if (node->candidate_count > 1)
        node->absence = ABSENT_AMBIGUOUS;
    if (node->candidate_count > 0 && node->candidates[0]->fails)
        node->absence = ABSENT_CHECK_DIGITS;
    mark_unreadable(solve, field);
}

/* The first words of another candidate that is as good: a short name of the same. */
static bool
is_part(const struct field *field, const struct candidate *candidate)
{
    const char *text = candidate->value->json;
    size_t len = strlen(text) - 1; /* without the closing quote */

    for (uint32_t i = 0; i < field->candidate_count; i++) {
        const struct candidate *other = &field->candidates[i];
        if (other->score >= candidate->score - 0.05F && strlen(other->value->json) > len + 2 &&
            strncasecmp(other->value->json, text, len) == 0)
            return true;
    }
    return false;
}

/* A list takes all good candidates, in the order of the page. */
static void
give_list(struct solve *solve, struct field *field)
{
    float best = field->candidate_count > 0 ? field->candidates[0].score : 0;
    bool used[CANDIDATES_MAX] = {false};

    for (;;) {
        uint32_t next = CANDIDATES_MAX;
        for (uint32_t i = 0; i < field->candidate_count; i++) {
            const struct candidate *c = &field->candidates[i];
            if (used[i] || c->score < score_least || c->score < best * 0.7F || c->value->fails)
                continue;
            if (next == CANDIDATES_MAX || c->first < field->candidates[next].first)
                next = i;
        }
        if (next == CANDIDATES_MAX)
            return;
        used[next] = true;
        const struct candidate *chosen = &field->candidates[next];
        bool known = false;
        for (uint32_t k = 0; k < field->node->child_count; k++)
            known =
                known || strcmp(field->node->children[k]->value->json, chosen->value->json) == 0;
        if (known || is_part(field, chosen))
            continue;
        struct node *node = node_add(solve->arena, field->node, NODE_LEAF, NULL);
        if (node == NULL) {
            solve->full = true;
            return;
        }
        node->shape = field->shape->items;
        chosen->value->confidence = words_lessen(solve, chosen->value, fminf(chosen->score, 0.97F));
        node->value = chosen->value;
    }
}

/* Seller and buyer want the same words, and nothing says whose they are. */
static bool
is_anybodys(const struct solve *solve, const struct field *field, const struct candidate *candidate)
{
    if (candidate->score >= 0.6F || field->node == NULL || field->concept == 0 || field->role == 0)
        return false;
    for (uint32_t i = 0; i < solve->field_count; i++) {
        const struct field *other = &solve->fields[i];
        if (other == field || other->node == NULL || other->concept != field->concept ||
            other->role == 0 || other->role == field->role || other->chosen != NULL)
            continue;
        for (uint32_t k = 0; k < other->candidate_count; k++)
            if (other->candidates[k].first == candidate->first &&
                fabsf(other->candidates[k].score - candidate->score) < 0.05F)
                return true;
    }
    return false;
}

/* Words that went to a field which nobody asked for, and that is no surer of them. */
static void
take_from_rivals(struct solve *solve, const uint32_t *owner)
{
    for (uint32_t i = 0; i < solve->field_count; i++) {
        struct field *field = &solve->fields[i];
        if (field->node == NULL || field->chosen != NULL || field->item || field->many ||
            field->candidate_count == 0 || field->candidates[0].score < 0.5F ||
            field->candidates[0].value->fails)
            continue;
        const struct candidate *candidate = &field->candidates[0];
        bool free = candidate->count > 0;
        for (uint32_t t = candidate->first; t < candidate->first + candidate->count; t++) {
            const struct field *other = owner[t] == NONE ? NULL : &solve->fields[owner[t]];
            free = free &&
                   (other == NULL ||
                    (other->node == NULL && other->chosen->score <= candidate->score + rival_lead));
        }
        if (free)
            settle(solve, field, candidate);
    }
}

void
choose(struct solve *solve)
{
    size_t n = 0, all = 0;

    for (uint32_t i = 0; i < solve->field_count; i++) {
        if (solve->fields[i].dropped)
            solve->fields[i].candidate_count = 0;
        all += solve->fields[i].candidate_count;
    }
    struct pair_of *pairs = arena_array(solve->arena, all + 1, sizeof(*pairs));
    uint32_t *owner = arena_array(solve->arena, solve->doc->token_count + 1, sizeof(*owner));
    if (pairs == NULL || owner == NULL) {
        solve->full = true;
        return;
    }
    memset(owner, 0xff, (solve->doc->token_count + 1) * sizeof(*owner));
    for (uint32_t i = 0; i < solve->field_count; i++)
        for (uint32_t k = 0; k < solve->fields[i].candidate_count; k++)
            if (!solve->fields[i].item && !solve->fields[i].many)
                pairs[n++] = (struct pair_of){i, k, solve->fields[i].candidates[k].score};
    qsort(pairs, n, sizeof(*pairs), by_score);
    for (size_t i = 0; i < n; i++) {
        struct field *field = &solve->fields[pairs[i].field];
        const struct candidate *candidate = &field->candidates[pairs[i].candidate];
        if (field->chosen != NULL || candidate->score < score_least || candidate->value->fails ||
            !is_free(solve, field, candidate, owner) || is_anybodys(solve, field, candidate))
            continue;
        settle(solve, field, candidate);
        for (uint32_t t = candidate->first; t < candidate->first + candidate->count; t++)
            if (owner[t] == NONE)
                owner[t] = pairs[i].field;
    }
    take_from_rivals(solve, owner);
    for (uint32_t i = 0; i < solve->field_count && !solve->full; i++) {
        if (solve->fields[i].many && solve->fields[i].node != NULL)
            give_list(solve, &solve->fields[i]);
        else
            give(solve, &solve->fields[i]);
    }
}

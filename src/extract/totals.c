/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Sums prove one another: of all candidates those are taken that satisfy net + tax = gross, with
 * the sum of the lines where there are lines. */
#include "extract/solve.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OF_EACH_MAX = 16 };

/* What a proof adds to the candidates that it holds for, and what they have then at least. */
static const float proof_bonus = 0.6F, proved_score = 0.94F;

struct sum {
    struct field *field; /* NULL: nobody has candidates for it */
    double value[OF_EACH_MAX];
    uint32_t count;
};

static struct field *
field_named(const struct solve *solve, const char *name)
{
    uint16_t concept = lexicon_concept(solve->lexicon, name);

    for (uint32_t i = 0; i < solve->field_count; i++) {
        struct field *field = &solve->fields[i];
        if (field->concept == concept && !field->item && !field->generic && !field->many)
            return field;
    }
    return NULL;
}

/* The number of a candidate: of the item that its tokens begin with. */
static double
number_of(const struct solve *solve, const struct candidate *candidate)
{
    const struct items *items = solve->items;

    if (candidate->reading)
        return candidate->number;
    for (uint32_t k = items->at[candidate->first]; k < items->at[candidate->first + 1]; k++)
        if (items->items[k].kind == ITEM_NUMBER)
            return items->items[k].number.value;
    return (double)NAN;
}

static struct sum
take(const struct solve *solve, const char *name)
{
    struct sum sum = {.field = field_named(solve, name)};

    if (sum.field == NULL)
        return sum;
    while (sum.count < sum.field->candidate_count && sum.count < OF_EACH_MAX) {
        sum.value[sum.count] = number_of(solve, &sum.field->candidates[sum.count]);
        sum.count++;
    }
    return sum;
}

/* Amounts in the lower part without a label of their own may take part in a proof. */
static void
offer_loose(struct solve *solve, const char *name)
{
    struct field *field = field_named(solve, name);
    const struct items *items = solve->items;
    uint32_t found = 0;

    if (field == NULL)
        return;
    for (uint32_t k = items->count; k > 0 && found < 10; k--) {
        const struct item *item = &items->items[k - 1];
        if (item->kind != ITEM_NUMBER || item->number.decimals != 2 || item->number.percent ||
            (solve->taken != NULL && solve->taken[item->first]))
            continue;
        offer(field, make_item(solve, field, item, 0.12F), 0.12F, item->first, item->count, NULL);
        found++;
    }
}

static double
lines_sum(const struct solve *solve)
{
    double sum = 0;
    bool any = false;

    for (uint32_t t = 0; t < solve->table_count; t++) {
        const struct node *rows = solve->tables[t].node;
        for (uint32_t i = 0; i < rows->child_count; i++)
            for (uint32_t k = 0; k < rows->children[i]->child_count; k++) {
                const struct node *leaf = rows->children[i]->children[k];
                const struct field *field = &solve->fields[solve->tables[t].first_field + k];
                if (leaf->value == NULL ||
                    strcmp(solve->lexicon->concepts[field->concept].name, "item_total") != 0)
                    continue;
                char *end;
                double number = strtod(leaf->value->json, &end);
                if (end == leaf->value->json)
                    continue;
                sum += number;
                any = true;
            }
        if (any)
            break;
    }
    return any ? sum : (double)NAN;
}

static bool
equal(double a, double b)
{
    return fabs(a - b) < 0.011;
}

static float
score_at(const struct sum *sum, int i)
{
    return i < 0 ? 0 : sum->field->candidates[i].score;
}

/* Moves a proved candidate to the front of its field. */
static void
prove(struct sum *sum, int at, const char *proof)
{
    struct field *field = sum->field;

    if (at < 0)
        return;
    struct candidate candidate = field->candidates[at];
    memmove(&field->candidates[1], &field->candidates[0], (size_t)at * sizeof(candidate));
    float own = candidate.score;
    candidate.score = fmaxf(own, proved_score);
    if (at > 0 && (candidate.reading || own >= 0.6F * field->candidates[1].score))
        /* a proof outweighs a better label */
        candidate.score = fmaxf(candidate.score, field->candidates[1].score + 0.01F);
    candidate.value->proof = proof;
    field->candidates[0] = candidate;
}

struct best {
    int net, tax, gross;
    float score;
    bool lines, rounded, trivial;
};

static void
try_three(const struct sum *net, const struct sum *tax, const struct sum *gross, double lines,
          double rounding, struct best *best)
{
    double largest = 0;

    for (uint32_t g = 0; g < gross->count; g++)
        largest = fmax(largest, fabs(gross->value[g]));
    for (int n = 0; n < (int)net->count; n++)
        for (int t = 0; t < (int)tax->count; t++)
            for (int g = 0; g < (int)gross->count; g++) {
                double sum = net->value[n] + tax->value[t];
                if (net->value[n] * tax->value[t] < 0)
                    continue; /* a discount, no tax */
                bool exact = equal(sum, gross->value[g]);
                bool rounded = !exact && !isnan(rounding) && equal(sum + rounding, gross->value[g]);
                if (!exact && !rounded)
                    continue;
                /* The same amount twice with no tax proves little. */
                bool trivial = tax->value[t] == 0 || net->value[n] == 0;
                float labelled = (float)((score_at(net, n) >= 0.3F) + (score_at(tax, t) >= 0.3F) +
                                         (score_at(gross, g) >= 0.3F));
                bool with_lines = !isnan(lines) && equal(lines, net->value[n]);
                if (labelled < (with_lines && !trivial ? 1 : 2))
                    continue;
                float score = score_at(net, n) + score_at(tax, t) + score_at(gross, g) +
                              (trivial ? 0.2F : proof_bonus) +
                              0.5F * (float)(fabs(gross->value[g]) / fmax(largest, 0.01));
                score += with_lines ? 0.4F : 0;
                if (score > best->score)
                    *best = (struct best){n, t, g, score, with_lines, rounded, trivial};
            }
}

/* The best sum is no multiple of five cents, and one that a label names is the nearest of them. */
static void
settle_five_cents(struct sum *gross)
{
    double nearest = gross->count > 0 ? round(gross->value[0] * 20) / 20 : 0;

    for (uint32_t b = 1; b < gross->count; b++)
        if (fabs(nearest - gross->value[0]) > 0.004 && fabs(gross->value[b] - nearest) < 0.001 &&
            score_at(gross, (int)b) >= 0.5F) {
            prove(gross, (int)b, "rounded to five cents");
            return;
        }
}

/* A sum and its rounding make the rounded sum; that is what was paid. */
static void
settle_rounding(struct solve *solve, struct sum *gross)
{
    struct sum rounding = take(solve, "rounding");

    if (rounding.count == 0 || score_at(&rounding, 0) < 0.5F || rounding.value[0] == 0 ||
        fabs(rounding.value[0]) > 0.06) {
        settle_five_cents(gross);
        return;
    }
    for (uint32_t a = 0; a < gross->count; a++)
        for (uint32_t b = 0; b < gross->count; b++) {
            bool sums =
                fabs(gross->value[a] + rounding.value[0] - gross->value[b]) < 0.004 && a != b;
            double cents = fabs(gross->value[b] * 20 - round(gross->value[b] * 20));
            if (sums && cents < 0.001 && score_at(gross, (int)b) >= 0.3F) {
                prove(gross, (int)b, "total + rounding = rounded total");
                return;
            }
        }
}

/* An amount that stands there more than once is more likely the sum; nothing costs nothing. */
static void
weigh_gross(struct solve *solve, struct field *field)
{
    const struct items *items = solve->items;

    for (uint32_t i = 0; i < field->candidate_count; i++) {
        struct candidate *candidate = &field->candidates[i];
        double value = number_of(solve, candidate);
        uint32_t same = 0, larger = 0, amounts = 0;
        for (uint32_t k = 0; k < items->count; k++) {
            const struct item *item = &items->items[k];
            if (item->kind != ITEM_NUMBER || item->number.decimals != 2)
                continue;
            same += equal(item->number.value, value);
            larger += item->number.value > value + 0.01;
            amounts++;
        }
        candidate->score += same > 1 ? 0.06F : 0;
        if (same == 0 && amounts > 3 && value == floor(value) && !candidate->reading)
            candidate->score *= 0.6F; /* a whole number among amounts counts something */
        if (value == 0)
            candidate->score *= 0.5F;
        else if (larger > 4)
            candidate->score *= 0.75F;
        else if (larger > 2)
            candidate->score *= 0.9F;
    }
    for (uint32_t i = 1; i < field->candidate_count; i++)
        for (uint32_t k = i; k > 0 && field->candidates[k].score > field->candidates[k - 1].score;
             k--) {
            struct candidate swap = field->candidates[k];
            field->candidates[k] = field->candidates[k - 1];
            field->candidates[k - 1] = swap;
        }
}

/* What was handed over less the change is what was paid for. */
static void
settle_change(struct solve *solve, struct sum *gross)
{
    struct sum paid = take(solve, "paid"), change = take(solve, "change");

    for (uint32_t g = 0; g < gross->count; g++)
        for (uint32_t p = 0; p < paid.count; p++)
            for (uint32_t c = 0; c < change.count; c++) {
                if (score_at(&paid, (int)p) < 0.4F || score_at(&change, (int)c) < 0.4F ||
                    !equal(paid.value[p] - change.value[c], gross->value[g]) ||
                    gross->value[g] <= 0 ||
                    /* with no change, what was paid proves itself */
                    gross->field->candidates[g].first == paid.field->candidates[p].first)
                    continue;
                prove(gross, (int)g, "paid - change = gross");
                return;
            }
}

/* What is due is the gross sum, less what was paid, where nothing says otherwise. */
static void
settle_due(struct solve *solve, const struct sum *gross)
{
    struct field *due = field_named(solve, "amount_due");

    if (due == NULL || gross->field == NULL || gross->field->candidate_count == 0)
        return;
    const struct candidate *total = &gross->field->candidates[0];
    const struct item *item = NULL;
    for (uint32_t k = solve->items->at[total->first]; k < solve->items->at[total->first + 1]; k++)
        if (solve->items->items[k].kind == ITEM_NUMBER)
            item = &solve->items->items[k];
    if (item != NULL && total->score >= 0.4F)
        offer(due, make_item(solve, due, item, 0.5F), fminf(total->score * 0.72F, 0.62F),
              item->first, item->count, NULL);
}

static void
copy_first(struct solve *solve, const struct sum *from, struct field *to)
{
    const struct candidate *candidate = &from->field->candidates[0];

    for (uint32_t k = solve->items->at[candidate->first];
         k < solve->items->at[candidate->first + 1]; k++)
        if (solve->items->items[k].kind == ITEM_NUMBER)
            offer(to, make_item(solve, to, &solve->items->items[k], 0.4F), 0.4F, candidate->first,
                  candidate->count, NULL);
}

/* A sum with no tax, of an amount that no label names, outweighs neither a label nor the change. */
static bool
is_worth(const struct best *best, const struct sum *gross)
{
    const struct candidate *first = &gross->field->candidates[0];
    bool other = best->gross > 0 && !equal(gross->value[best->gross], gross->value[0]);

    if (!other)
        return true;
    if (first->value->proof != NULL && best->trivial)
        return false;
    return !best->trivial || score_at(gross, best->gross) >= 0.6F * first->score;
}

void
find_totals(struct solve *solve)
{
    offer_loose(solve, "total_net");
    offer_loose(solve, "total_tax");
    offer_loose(solve, "total_gross");
    struct sum net = take(solve, "total_net"), tax = take(solve, "total_tax");
    struct sum gross = take(solve, "total_gross"), rounding = take(solve, "rounding");
    if (gross.field != NULL) {
        weigh_gross(solve, gross.field);
        gross = take(solve, "total_gross");
        settle_rounding(solve, &gross);
        gross = take(solve, "total_gross");
        settle_change(solve, &gross);
    }
    gross = take(solve, "total_gross");
    struct best best = {-1, -1, -1, 0, false, false, false};
    if (net.field == NULL || tax.field == NULL || gross.field == NULL)
        return;
    double round =
        rounding.count > 0 && score_at(&rounding, 0) > 0.5F ? rounding.value[0] : (double)NAN;
    try_three(&net, &tax, &gross, lines_sum(solve), round, &best);
    if (best.net >= 0 && is_worth(&best, &gross)) {
        const char *proof = best.lines     ? "net + tax = gross; sum of lines = net"
                            : best.rounded ? "net + tax + rounding = gross"
                                           : "net + tax = gross";
        if (!best.lines && !best.trivial)
            settle_lines(solve, net.value[best.net]);
        prove(&net, best.net, proof);
        prove(&tax, best.tax, proof);
        prove(&gross, best.gross, proof);
    }
    /* Receipts may print a subtotal only. */
    gross = take(solve, "total_gross");
    if (net.count > 0 && (gross.count == 0 || score_at(&gross, 0) < 0.3F) &&
        score_at(&net, 0) > 0.5F && solve->party_count < 2)
        copy_first(solve, &net, gross.field);
    settle_due(solve, &gross);
}

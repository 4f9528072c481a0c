/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What papers say without a label of its own: the rate in the label of the tax ("VAT 20 %"), the
 * terms of payment as a sentence ("Payable within 30 days"), the two ends of a period. */
#include "extract/solve.h"

#include <math.h>
#include <string.h>

enum { TERMS_TOKENS_MAX = 24, TERMS_REACH = 10, RATES_MAX = 8 };

static const float rate_most = 40; /* percent: more is no tax of goods */

static const struct item *
item_at(const struct solve *solve, uint32_t token, uint8_t kind)
{
    const struct items *items = solve->items;

    for (uint32_t k = items->at[token]; k < items->at[token + 1]; k++)
        if (items->items[k].kind == kind)
            return &items->items[k];
    return NULL;
}

/* --- the rate of the tax --- */

/* A label of the tax stands in the token's segment, or left of it in the row. */
static bool
is_taxed(const struct solve *solve, uint32_t token, float least)
{
    const struct doc *doc = solve->doc;
    const struct labels *labels = solve->labels;
    const uint32_t row = doc->segs[doc->tokens[token].seg].row;

    for (uint32_t i = 0; i < labels->label_count; i++) {
        const struct label *label = &labels->labels[i];
        const char *name = solve->lexicon->concepts[label->concept].name;
        bool beside = doc->tokens[label->first].seg == doc->tokens[token].seg;
        if (doc->segs[doc->tokens[label->first].seg].row != row ||
            label->exact < (beside ? least : 0.4F) || label->first > token + 3)
            continue;
        if (strcmp(name, "total_tax") == 0 || (beside && strcmp(name, "item_tax_rate") == 0) ||
            strcmp(name, "tax_rate") == 0)
            return true;
    }
    return false;
}

/* Several rates leave it open which one is meant: none is given, all are shown. */
static void
offer_rate(struct solve *solve, struct field *field)
{
    const struct item *found[RATES_MAX];
    uint32_t n = 0;
    bool one = true;

    for (int pass = 0; pass < 2 && n == 0; pass++) /* "VAT 20 %", then "State Meals Tax 9%" */
        for (uint32_t k = 0; k < solve->items->count && n < RATES_MAX; k++) {
            const struct item *item = &solve->items->items[k];
            if (item->kind != ITEM_NUMBER || !item->number.percent || item->number.value < 0 ||
                item->number.value > (double)rate_most ||
                !is_taxed(solve, item->first, pass == 0 ? 0.4F : 0.25F))
                continue;
            one = one && (n == 0 || fabs(found[0]->number.value - item->number.value) < 1e-9);
            found[n++] = item;
        }
    const float score = one ? 0.85F : 0.28F;
    for (uint32_t i = 0; i < n; i++)
        offer(field, make_item(solve, field, found[i], score), score, found[i]->first,
              found[i]->count, NULL);
}

/* --- the terms of payment --- */

/* Words that begin such a sentence, folded. */
static const char *const begins[] = {
    "payable",   "payment",  "zahlbar", "zahlung",   "zahlungszlel",  "paiement",  "palement",
    "reglement", "pagadero", "pago",    "pagamento", "betallng",      "tebetalen", "betaalbaar",
    "platne",    "platnosc", "net",     "netto",     "zahlungszlele", "pagablle",  NULL};
/* One of them, or a duration, has to follow. */
static const char *const follows[] = {
    "days",     "day",     "tage",     "tagen",     "tag",         "lours",    "dlas",
    "glornl",   "dagen",   "dnl",      "recelpt",   "lmmedlately", "sofort",   "skonto",
    "escompte", "advance", "vorkasse", "reception", "delivery",    "comptant", NULL};
/* Where and under which reference is another matter. */
static const char *const ends[] = {"lban", "blc", "konto", "account", "quotlng", "reference", NULL};
static const char *const small[] = {"to",    "auf",   "an",  "sur", "a",   "op",
                                    "na",    "the",   "das", "by",  "our", "unser",
                                    "unter", "under", "le",  "la",  NULL};

static uint32_t
sentence_end(const struct solve *solve, uint32_t first)
{
    const struct doc *doc = solve->doc;
    const struct flow_line *line = &doc->lines[doc->tokens[first].line];
    uint32_t i = first;

    for (; i < doc->token_count && i - first < TERMS_TOKENS_MAX; i++) {
        const struct token *token = &doc->tokens[i];
        size_t len = strlen(token->text);
        bool same = token->line == doc->tokens[first].line ||
                    (line->block_id != NONE && doc->lines[token->line].block_id == line->block_id);
        bool other = !same || token->page != line->page;
        if (other ||
            (token->line == doc->tokens[first].line && token->seg != doc->tokens[first].seg))
            break;
        if (word_in(token->key, ends))
            break;
        if (len > 2 && (token->text[len - 1] == '.' || token->text[len - 1] == ';'))
            return i + 1;
    }
    while (i > first + 1 && word_in(doc->tokens[i - 1].key, small))
        i--;
    return i;
}

static bool
says_when(const struct solve *solve, uint32_t first, uint32_t end)
{
    for (uint32_t i = first + 1; i < end && i <= first + TERMS_REACH; i++)
        if (word_in(solve->doc->tokens[i].key, follows) || item_at(solve, i, ITEM_DURATION) != NULL)
            return true;
    return false;
}

static void
offer_terms(struct solve *solve, struct field *field)
{
    const struct doc *doc = solve->doc;

    for (uint32_t i = 0; i < doc->token_count; i++) {
        bool net = strncmp(doc->tokens[i].key, "net", 3) == 0; /* "net 30 days" */
        if (!word_in(doc->tokens[i].key, begins) ||
            (net && (i + 1 == doc->token_count || item_at(solve, i + 1, ITEM_DURATION) == NULL)))
            continue;
        uint32_t end = sentence_end(solve, i);
        if (end < i + 2 || !says_when(solve, i, end))
            continue;
        char *text = doc_text(doc, i, end - i);
        size_t len = text == NULL ? 0 : strlen(text);
        while (len > 0 && strchr(".,;:", text[len - 1]) != NULL)
            text[--len] = '\0';
        offer(field, make_string(solve, field, text, i, end - i, NORM_TRIMMED, 0.62F), 0.62F, i,
              end - i, NULL);
        i = end;
    }
}

/* --- periods: "1 May 2026 to 31 May 2026" --- */

/* What stands between the two dates says that one runs to the other. */
static bool
is_range(const struct solve *solve, const struct item *from, const struct item *to)
{
    static const char *const joints[] = {"to", "bls", "au",    "al",    "tm",      "tot",  "do",
                                         "a",  "ate", "hasta", "untll", "through", "thru", NULL};
    const struct doc *doc = solve->doc;
    uint32_t end = from->first + from->count;

    if (to->first < end || to->first > end + 1 ||
        doc->tokens[from->first].line != doc->tokens[to->first].line)
        return false;
    if (to->first == end) { /* "01.01.2026-28.02.2026", in one word or with the dash at one */
        const char *last = doc->tokens[end - 1].text, *next = doc->tokens[end].text;
        return last[strlen(last) - 1] == '-' || next[0] == '-' || strncmp(next, "–", 3) == 0;
    }
    const struct token *joint = &doc->tokens[end];
    return strcmp(joint->text, "-") == 0 || strcmp(joint->text, "–") == 0 ||
           strcmp(joint->text, "—") == 0 || strcmp(joint->text, "/") == 0 ||
           word_in(joint->key, joints);
}

/* A label of a period stands before it in its row, or nothing else is known of it. */
static float
range_score(const struct solve *solve, const struct item *from)
{
    const struct doc *doc = solve->doc;
    const struct labels *labels = solve->labels;
    const uint32_t row = doc->segs[doc->tokens[from->first].seg].row;

    for (uint32_t i = 0; i < labels->label_count; i++) {
        const struct label *label = &labels->labels[i];
        const char *name = solve->lexicon->concepts[label->concept].name;
        const uint32_t at = doc->segs[doc->tokens[label->first].seg].row;
        if ((at == row || at + 1 == row) && label->first < from->first && label->exact >= 0.6F &&
            (strcmp(name, "period") == 0 || strcmp(name, "delivery_date") == 0))
            return at == row ? 0.97F : 0.8F;
    }
    return 0.62F;
}

static void
offer_period(struct solve *solve, struct field *field, bool end)
{
    const struct item *before = NULL;

    for (uint32_t k = 0; k < solve->items->count; k++) {
        const struct item *item = &solve->items->items[k];
        if (item->kind != ITEM_DATE)
            continue;
        if (before != NULL && is_range(solve, before, item) &&
            strcmp(before->text, item->text) <= 0) {
            const struct item *which = end ? item : before;
            float score = range_score(solve, before);
            offer(field, make_item(solve, field, which, score), score, which->first, which->count,
                  NULL);
        }
        before = item;
    }
}

void
find_remarks(struct solve *solve)
{
    for (uint32_t i = 0; i < solve->field_count && !solve->full; i++) {
        struct field *field = &solve->fields[i];
        const char *name = solve->lexicon->concepts[field->concept].name;
        if (field->item || field->generic || field->concept == 0)
            continue;
        if (strcmp(name, "period_start") == 0 || strcmp(name, "period_end") == 0)
            offer_period(solve, field, strcmp(name, "period_end") == 0);
        else if (strcmp(name, "tax_rate") == 0)
            offer_rate(solve, field);
        else if (strcmp(name, "payment_terms") == 0 && field->type == TYPE_TEXT)
            offer_terms(solve, field);
    }
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "extract/solve.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

enum { BODY_TOKENS_MAX = 20000 };

/* Values that need no label because their form says what they are. */
static void
offer_all(struct solve *solve, struct field *field, uint8_t kind, float score)
{
    uint32_t found = 0;

    for (uint32_t k = 0; k < solve->items->count && found < CANDIDATES_MAX; k++) {
        const struct item *item = &solve->items->items[k];
        if (item->kind != kind)
            continue;
        float s = score * (item->proved ? 1 : 0.9F) - 0.03F * (float)found;
        offer(field, make_item(solve, field, item, s), s, item->first, item->count, NULL);
        found++;
    }
}

/* Sums show best what is paid in; the capital of a company, in its small print, least. */
static int
currency_rank(const struct solve *solve, const struct item *item)
{
    static const char *const sums[] = {"total_gross", "amount_due", "total_net", "closing_balance"};
    const struct doc *doc = solve->doc;
    const struct labels *labels = solve->labels;
    const struct seg *seg = &doc->segs[doc->tokens[item->first].seg];
    const uint8_t block = doc->lines[doc->tokens[item->first].line].block;
    int rank = 1;

    for (uint32_t i = 0; i < labels->label_count; i++) {
        const struct label *label = &labels->labels[i];
        if (label->exact < 0.6F || doc->segs[doc->tokens[label->first].seg].row != seg->row)
            continue;
        for (size_t n = 0; n < ARRAY_LEN(sums); n++)
            if (strcmp(solve->lexicon->concepts[label->concept].name, sums[n]) == 0)
                rank = 2;
    }
    if (block == BLOCK_FOOTER || seg->count > 8 || seg->size < 0.8F * doc->size)
        rank--;
    return rank;
}

/* The document's currency by its most frequent sign, shown at the largest sum that bears it. */
static void
offer_currency(struct solve *solve, struct field *field)
{
    const struct items *items = solve->items;
    const struct item *best = NULL;
    int most = -1;

    for (uint32_t k = 0; k < items->count; k++) {
        const struct item *item = &items->items[k];
        if (item->kind != ITEM_NUMBER || item->number.currency[0] == '\0' ||
            strcmp(item->number.currency, items->currency) != 0)
            continue;
        int rank = currency_rank(solve, item);
        if (rank > most || (rank == most && fabs(item->number.value) > fabs(best->number.value))) {
            best = item;
            most = rank;
        }
    }
    if (best != NULL) {
        offer(field,
              make_string(solve, field, items->currency, best->first, best->count, NORM_CURRENCY,
                          0.9F),
              0.85F, best->first, best->count, NULL);
        return;
    }
    for (uint32_t i = 0; i < solve->doc->token_count; i++) {
        char code[4];
        const char *text = solve->doc->tokens[i].text;
        while (*text == '(' || *text == '[')
            text++;
        size_t n = currency_at(text, code);
        if (n > 0 && strspn(text + n, ").:]") == strlen(text + n)) {
            offer(field, make_string(solve, field, code, i, 1, NORM_CURRENCY, 0.8F), 0.7F, i, 1,
                  NULL);
            return;
        }
    }
}

/* All dates of the document are the same day. */
static bool
only_date(const struct solve *solve)
{
    const char *seen = NULL;

    for (uint32_t k = 0; k < solve->items->count; k++) {
        const struct item *item = &solve->items->items[k];
        if (item->kind != ITEM_DATE)
            continue;
        if (seen != NULL && strcmp(seen, item->text) != 0)
            return false;
        seen = item->text;
    }
    return true;
}

/* A label of another date stands right before it. */
static bool
is_labelled(const struct solve *solve, const struct item *item)
{
    const struct labels *labels = solve->labels;
    const struct doc *doc = solve->doc;
    const uint32_t own = doc->tokens[item->first].seg;
    const struct row *row = &doc->rows[doc->segs[own].row];
    uint32_t before = doc->segs[own].first < item->first ? item->first - 1 : NONE;

    for (uint32_t i = 1; before == NONE && i < row->count; i++)
        if (doc->row_segs[row->first + i] == own) {
            const struct seg *left = &doc->segs[doc->row_segs[row->first + i - 1]];
            before = left->first + left->count - 1;
        }
    uint32_t run = before == NONE ? NONE : labels->run_of[before];
    for (uint32_t i = 0; run != NONE && i < labels->label_count; i++) {
        const struct concept *concept = &solve->lexicon->concepts[labels->labels[i].concept];
        if (labels->labels[i].run == run && labels->labels[i].exact >= 0.7F && !concept->item &&
            concept->type == TYPE_DATE && strcmp(concept->name, "document_date") != 0)
            return true;
    }
    return false;
}

/* "Invoice 4711, 3 May 2026": the line of the title. */
static bool
is_in_title(const struct solve *solve, const struct item *item)
{
    const struct flow_line *line = &solve->doc->lines[solve->doc->tokens[item->first].line];

    for (uint32_t i = line->first; line->count <= 10 && i < line->first + 2; i++)
        if (i < item->first && is_kind_word(solve, solve->doc->tokens[i].key))
            return true;
    return false;
}

/* The first date of the first page, where no label says better. */
static void
offer_date(struct solve *solve, struct field *field)
{
    uint32_t found = 0;
    float first =
        field->node != NULL && field->candidate_count == 0 && only_date(solve) ? 0.78F : 0.5F;

    for (uint32_t k = 0; k < solve->items->count && found < 4; k++) {
        const struct item *item = &solve->items->items[k];
        if (item->kind != ITEM_DATE || item->date.year < 1970)
            continue;
        float s = (is_labelled(solve, item) ? 0.28F : first) - 0.05F * (float)found;
        if (is_in_title(solve, item))
            s = 0.75F;
        offer(field, make_item(solve, field, item, s), s, item->first, item->count, NULL);
        found++;
    }
}

/* "Hamburg, den 3. Juni 2026": where and when it was written, alone in its line. */
static void
offer_letter_date(struct solve *solve, struct field *field)
{
    const struct doc *doc = solve->doc;

    for (uint32_t k = 0; k < solve->items->count; k++) {
        const struct item *item = &solve->items->items[k];
        const struct seg *seg = &doc->segs[doc->tokens[item->first].seg];
        uint32_t before = item->first - seg->first;
        if (item->kind != ITEM_DATE || before == 0 || before > 4 ||
            item->first + item->count != seg->first + seg->count)
            continue;
        const char *place = doc->tokens[seg->first].text;
        uint32_t comma = NONE;
        for (uint32_t i = seg->first; i < item->first; i++)
            if (strchr(doc->tokens[i].text, ',') != NULL)
                comma = i;
        bool joint = comma != NONE &&
                     (comma + 1 == item->first ||
                      (comma + 2 == item->first && strlen(doc->tokens[comma + 1].text) <= 3));
        if (joint && isupper((unsigned char)place[0]))
            offer(field, make_item(solve, field, item, 0.7F), 0.7F, item->first, item->count, NULL);
    }
}

/* All words, as far as one value may reach. */
static void
offer_body(struct solve *solve, struct field *field)
{
    uint32_t n = solve->doc->token_count;

    if (n > BODY_TOKENS_MAX) {
        n = BODY_TOKENS_MAX;
        if (solve->warning_count < ARRAY_LEN(solve->warnings))
            solve->warnings[solve->warning_count++] = "the text of the document is longer than one "
                                                      "value may be: its first words are given";
    }
    if (n > 0)
        offer(field, make_text(solve, field, 0, n, 0.97F), 0.97F, 0, 0, NULL);
}

static bool
has_any(const struct solve *solve, uint8_t kind)
{
    for (uint32_t k = 0; k < solve->items->count; k++)
        if (solve->items->items[k].kind == kind)
            return true;
    return false;
}

/* "201/113/40209": how German tax offices number. */
static bool
is_tax_number(const char *text)
{
    size_t a = strspn(text, "0123456789");
    size_t b = text[a] == '/' ? strspn(text + a + 1, "0123456789") : 0;
    size_t c = b > 0 && text[a + 1 + b] == '/' ? strspn(text + a + b + 2, "0123456789") : 0;

    return a >= 2 && a <= 3 && b >= 3 && b <= 4 && c >= 4 && c <= 5 && text[a + b + c + 2] == '\0';
}

static void
offer_tax_number(struct solve *solve, struct field *field)
{
    for (uint32_t k = 0; k < solve->items->count; k++) {
        const struct item *item = &solve->items->items[k];
        if (item->kind == ITEM_CODE && is_tax_number(item->text))
            offer(field, make_item(solve, field, item, 0.5F), 0.5F, item->first, item->count, NULL);
    }
}

static const char *
concept_name(const struct solve *solve, const struct field *field)
{
    return solve->lexicon->concepts[field->concept].name;
}

void
find_by_type(struct solve *solve)
{
    for (uint32_t i = 0; i < solve->field_count && !solve->full; i++) {
        struct field *field = &solve->fields[i];
        if (field->item || field->generic)
            continue;
        float own = field->role == 0 ? 0.7F : 0.4F;
        switch (field->type) {
        case TYPE_IBAN:
            offer_all(solve, field, ITEM_IBAN, 0.9F);
            break;
        case TYPE_BIC:
            if (has_any(solve, ITEM_IBAN)) /* words in capitals have the form of one */
                offer_all(solve, field, ITEM_BIC, 0.5F);
            break;
        case TYPE_EMAIL:
            offer_all(solve, field, ITEM_EMAIL, own);
            break;
        case TYPE_URL:
            offer_all(solve, field, ITEM_URL, own);
            break;
        case TYPE_VAT:
            offer_all(solve, field, ITEM_VAT, own);
            break;
        case TYPE_CURRENCY:
            offer_currency(solve, field);
            break;
        case TYPE_ID:
            if (strcmp(concept_name(solve, field), "tax_number") == 0)
                offer_tax_number(solve, field);
            break;
        case TYPE_BODY:
            offer_body(solve, field);
            break;
        case TYPE_TIME:
            offer_all(solve, field, ITEM_TIME, 0.6F);
            break;
        case TYPE_DATE:
            if (strcmp(concept_name(solve, field), "document_date") == 0)
                offer_date(solve, field);
            if (strcmp(concept_name(solve, field), "issue_date") == 0 ||
                strcmp(concept_name(solve, field), "effective_date") == 0 ||
                strcmp(concept_name(solve, field), "document_date") == 0)
                offer_letter_date(solve, field);
            break;
        default:
            break;
        }
    }
}

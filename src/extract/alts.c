/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Where check digits or sums speak against what was read, the recogniser's other readings of the
 * word are tried: one that makes the proof hold is taken, with the proof. */
#include "extract/solve.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_MAX = 160, TOKENS_MAX = 10 };

/* Share of the score that an unproved other reading has; a proof lifts it. */
static const float reading_share = 0.3F;

static const struct page_alt *
alts_of(const struct solve *solve, uint32_t token, uint32_t *ret_count)
{
    const struct token *at = &solve->doc->tokens[token];

    *ret_count = at->text == at->word->text ? at->word->alt_count : 0;
    return *ret_count == 0 ? NULL : &solve->doc->pages[at->page]->alts[at->word->first_alt];
}

/* The tokens joined, the one at `which` in its other reading. False: too long. */
static bool
join(const struct solve *solve, uint32_t first, uint32_t count, uint32_t which, const char *other,
     char text[TEXT_MAX])
{
    size_t used = 0;

    text[0] = '\0';
    for (uint32_t i = first; i < first + count; i++) {
        const char *part = i == which ? other : solve->doc->tokens[i].text;
        size_t len = strlen(part);
        if (used + len + 2 > TEXT_MAX)
            return false;
        memcpy(text + used, part, len + 1);
        used += len;
        text[used++] = ' ';
        text[used] = '\0';
    }
    return true;
}

static size_t
parse(enum concept_type type, const char *text, char *ret_text, size_t cap, bool *ret_proved)
{
    return type == TYPE_IBAN ? iban_parse(text, ret_text, cap, ret_proved)
                             : vat_parse(text, ret_text, cap, ret_proved);
}

/* Tokens from first on as an identifier, with one of them read otherwise. */
static void
try_identifier(struct solve *solve, struct field *field, uint32_t first)
{
    uint32_t last =
        first + TOKENS_MAX < solve->doc->token_count ? first + TOKENS_MAX : solve->doc->token_count;

    for (uint32_t which = first;
         which < last && solve->doc->tokens[which].line == solve->doc->tokens[first].line;
         which++) {
        uint32_t n;
        const struct page_alt *alts = alts_of(solve, which, &n);
        for (uint32_t a = 0; a < n; a++) {
            char text[TEXT_MAX], compact[48];
            bool proved = false;
            if (!join(solve, first, last - first, which, alts[a].text, text))
                continue;
            size_t used = parse(field->type, text, compact, sizeof(compact), &proved);
            uint32_t count = 0;
            for (size_t at = 0; at < used && first + count < last; count++)
                at += strlen(first + count == which ? alts[a].text
                                                    : solve->doc->tokens[first + count].text) +
                      1;
            if (used == 0 || !proved || first + count <= which)
                continue;
            struct value *value =
                make_string(solve, field, compact, first, count, NORM_READING, 0.9F);
            if (value != NULL)
                value->proof = "check digits hold";
            offer(field, value, 1.2F, first, count, NULL); /* above any label */
            return;
        }
    }
}

static bool
is_proved(const struct solve *solve, const struct field *field)
{
    uint8_t kind = field->type == TYPE_IBAN ? ITEM_IBAN : ITEM_VAT;

    for (uint32_t k = 0; k < solve->items->count; k++)
        if (solve->items->items[k].kind == kind && solve->items->items[k].proved)
            return true;
    return false;
}

static void
alts_of_identifiers(struct solve *solve, struct field *field)
{
    if (is_proved(solve, field))
        return;
    for (uint32_t i = 0; i < solve->doc->token_count && !solve->full; i++) {
        const char *text = solve->doc->tokens[i].text;
        bool country = text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'A' && text[1] <= 'Z';
        if (country || solve->doc->tokens[i].word->alt_count > 0)
            try_identifier(solve, field, i);
    }
}

/* Each candidate of a sum in its other readings, low until a proof lifts it. */
static void
alts_of_amounts(struct solve *solve, struct field *field)
{
    uint32_t had = field->candidate_count;

    for (uint32_t i = 0; i < had && i < field->candidate_count; i++) {
        const struct candidate from = field->candidates[i];
        for (uint32_t t = from.first; t < from.first + from.count && !from.reading; t++) {
            uint32_t n;
            const struct page_alt *alts = alts_of(solve, t, &n);
            for (uint32_t a = 0; a < n; a++) {
                struct item item = {.kind = ITEM_NUMBER, .first = from.first, .count = from.count};
                if (number_parse(alts[a].text, &item.number) != strlen(alts[a].text) ||
                    item.number.style == '?')
                    continue;
                item.text = arena_strdup(solve->arena, item.number.text);
                struct value *value =
                    item.text == NULL ? NULL : make_item(solve, field, &item, 0.3F);
                if (value == NULL)
                    continue;
                value->norm = NORM_READING;
                offer_reading(field, value, from.score * reading_share, &from, item.number.value);
            }
        }
    }
}

void
find_in_alts(struct solve *solve)
{
    static const char *const sums[] = {"total_net", "total_tax", "total_gross"};

    for (uint32_t i = 0; i < solve->field_count && !solve->full; i++) {
        struct field *field = &solve->fields[i];
        if (field->item || field->many)
            continue;
        if ((field->type == TYPE_IBAN || field->type == TYPE_VAT) && field->node != NULL)
            alts_of_identifiers(solve, field);
        for (size_t n = 0; n < sizeof(sums) / sizeof(*sums); n++)
            if (field->concept != 0 &&
                strcmp(solve->lexicon->concepts[field->concept].name, sums[n]) == 0)
                alts_of_amounts(solve, field);
    }
}

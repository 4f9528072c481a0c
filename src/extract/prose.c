/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Contracts and letters say in sentences what forms say in fields: who agrees, from when, for how
 * long, under whose law. Cue words of the sentence stand for the label. */
#include "extract/sentence.h"
#include "extract/solve.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

enum { PREAMBLE_TOKENS = 260, LAW_REACH = 40 };
/* --- whose law --- */

static const char *const law_cues = "governed construed interpreted enforced governing unterliegt "
                                    "gilt anwendung anzuwenden maßgeblich maßgebend "
                                    "regido regida regira soumis régi regie regolato regulado";
static const char *const law_words = "law laws recht rechts droit lois loi ley leyes legge leggi "
                                     "lei leis legislación derecho diritto";
/* Whose law it is, as an adjective. */
static const char *const law_nations =
    "deutsches deutschem deutschen österreichisches österreichischem schweizerisches "
    "schweizerischem "
    "niederländisches französisches französischem français française belge suisse allemand "
    "luxembourgeois español española italiano italiana portuguesa português nederlands english "
    "french "
    "german";
static const char *const of_words = "of the state commonwealth province republic internal "
                                    "substantive de der des del di da do la le los las kingdom";

/* The name behind "laws of the State of"; the number of its tokens. */
static uint32_t
place_name(const struct doc *doc, uint32_t i)
{
    uint32_t n = 0;

    while (n < 4 && i + n < doc->token_count && sentence_is_large(doc, i + n)) {
        n++;
        if (sentence_ends_with(doc->tokens[i + n - 1].text, ",.;:)"))
            break;
        if (sentence_word_in(doc, i + n, "of") && i + n + 1 < doc->token_count &&
            sentence_is_large(doc, i + n + 1))
            n++;
    }
    return n;
}

static void
offer_place(struct solve *solve, struct field *field, uint32_t first, uint32_t count, float score)
{
    char *text = count == 0 ? NULL : doc_text(solve->doc, first, count);

    if (text == NULL)
        return;
    size_t len = strlen(text);
    while (len > 0 && strchr(",.;:)", text[len - 1]) != NULL)
        text[--len] = '\0';
    offer(field, make_string(solve, field, text, first, count, NORM_TRIMMED, score), score, first,
          count, NULL);
}

static void
find_law(struct solve *solve, struct field *field)
{
    const struct doc *doc = solve->doc;

    for (uint32_t i = 1; i + 1 < doc->token_count && !solve->full; i++) {
        if (!sentence_word_in(doc, i, law_words))
            continue;
        bool cue = sentence_has_before(doc, i, LAW_REACH, law_cues);
        bool organised = sentence_has_before(doc, i, 6,
                                             "organized organised existing incorporated formed "
                                             "corporation company");
        bool close = sentence_has_before(doc, i, 14, law_cues) && !organised;
        uint32_t at = i + 1;
        while (at < doc->token_count && at < i + 8 && sentence_word_in(doc, at, of_words) &&
               !(sentence_is_large(doc, at) && at > i + 1 &&
                 !sentence_word_in(doc, at,
                                   "state commonwealth "
                                   "province republic the "
                                   "kingdom")))
            at++;
        if (at > i + 1) {
            float score = close ? 0.92F : cue ? 0.6F : organised ? 0.1F : 0.35F;
            offer_place(solve, field, at, place_name(doc, at), score);
        }
        /* "le droit français", "deutsches Recht" */
        if (cue && i + 1 < doc->token_count && sentence_word_in(doc, i + 1, law_nations))
            offer_place(solve, field, i, 2, 0.85F);
        else if (sentence_word_in(doc, i - 1, law_nations) && !sentence_is_large(doc, i - 1))
            offer_place(solve, field, i - 1, 2, cue ? 0.85F : 0.5F);
        /* "governed by New York law" */
        uint32_t n = 0;
        while (n < 3 && i > n && sentence_is_large(doc, i - n - 1) &&
               !sentence_word_in(doc, i - n - 1, "governing applicable by the agreement federal") &&
               !sentence_ends_with(doc->tokens[i - n - 1].text, ".,;:"))
            n++;
        if (n > 0 && close)
            offer_place(solve, field, i - n, n, 0.8F);
    }
}

/* --- from when --- */

static void
find_effective(struct solve *solve, struct field *field)
{
    const struct doc *doc = solve->doc;
    const struct items *items = solve->items;
    uint32_t seen = 0;

    for (uint32_t k = 0; k < items->count; k++) {
        const struct item *item = &items->items[k];
        if (item->kind != ITEM_DATE || item->date.year < 1900)
            continue;
        float score = 0.42F - 0.04F * fminf((float)seen, 6);
        uint32_t i = item->first;
        if (sentence_has_before(doc, i, 10,
                                "effective wirksam effet vigor decorrenza ingangsdatum"))
            score += 0.28F;
        if (sentence_has_before(doc, i, 4, "dated date datum dato datee fecha"))
            score += 0.18F;
        if (sentence_has_before(doc, i, 3, "of") && sentence_has_before(doc, i, 4, "as"))
            score += 0.22F;
        if (sentence_has_before(doc, i, 14,
                                "made entered agreement geschlossen conclu celebrado stipulato"))
            score += 0.12F;
        if (sentence_has_after(doc, i + item->count, 6, "effective"))
            score += 0.2F;
        bool preamble = i < PREAMBLE_TOKENS;
        if (preamble && seen == 0)
            score += 0.2F;
        if (sentence_has_before(doc, i, 12, "reports filed amended act securities"))
            score -= 0.25F;
        /* Another agreement is dated so, not this one. */
        if (!preamble && sentence_has_before(doc, i, 10, "agreement merger plan letter certain"))
            score -= 0.3F;
        if (sentence_has_before(doc, i, 16, "duly witness executed signed"))
            score += 0.14F;
        if (doc->tokens[i].page > 0)
            score -= 0.12F;
        if (item->date.named_month)
            score += 0.04F;
        offer(field, make_item(solve, field, item, score), fminf(score, 0.95F), item->first,
              item->count, NULL);
        seen++;
    }
}

/* --- for how long --- */

/* How long before its end somebody has to say so. */
static bool
is_notice(const struct doc *doc, const struct item *item)
{
    return sentence_has_before(doc, item->first, 5,
                               "kündigungsfrist frist kündigung préavis preaviso preavviso aviso "
                               "opzegtermijn wypowiedzenia") ||
           sentence_has_after(doc, item->first + item->count, 5,
                              "notice préavis preaviso preavviso aviso") ||
           sentence_has_before(doc, item->first, 4, "notice");
}

static void
find_notice(struct solve *solve, struct field *field)
{
    const struct items *items = solve->items;

    for (uint32_t k = 0; k < items->count; k++) {
        const struct item *item = &items->items[k];
        if (item->kind == ITEM_DURATION && is_notice(solve->doc, item))
            offer(field, make_item(solve, field, item, 0.72F), 0.72F, item->first, item->count,
                  NULL);
    }
}

static void
find_term(struct solve *solve, struct field *field)
{
    const struct doc *doc = solve->doc;
    const struct items *items = solve->items;

    for (uint32_t k = 0; k < items->count; k++) {
        const struct item *item = &items->items[k];
        if (item->kind != ITEM_DURATION)
            continue;
        uint32_t i = item->first, end = i + item->count;
        float score = 0.25F;
        bool long_unit = strstr(item->text, "year") != NULL ||
                         strstr(item->text, "month") != NULL || strstr(item->text, "ahr") != NULL ||
                         strstr(item->text, "onat") != NULL || strstr(item->text, "an") != NULL ||
                         strstr(item->text, "mois") != NULL;
        if (long_unit)
            score += 0.12F;
        if (sentence_has_before(doc, i, 25,
                                "term expire expires terminate terminates remain continue effect "
                                "survive binding force obligations laufzeit durée vigencia durata"))
            score += 0.22F;
        if (sentence_has_before(doc, i, 6, "period term for until later"))
            score += 0.1F;
        if (sentence_has_before(doc, i, 40, "agreement"))
            score += 0.06F;
        if (sentence_has_after(doc, end, 8, "date effective hereof agreement execution"))
            score += 0.16F;
        if (sentence_has_after(doc, end, 5, "notice prior written") ||
            sentence_has_before(doc, i, 4, "least within") || is_notice(doc, item))
            score -= 0.3F;
        if (sentence_has_before(doc, i, 30, "solicit hire employ employment standstill"))
            score -= 0.12F;
        offer(field, make_item(solve, field, item, score), fminf(score, 0.9F), item->first,
              item->count, NULL);
    }
}
void
find_in_prose(struct solve *solve)
{
    for (uint32_t i = 0; i < solve->field_count && !solve->full; i++) {
        struct field *field = &solve->fields[i];
        const char *name = solve->lexicon->concepts[field->concept].name;
        if (field->item || field->node == NULL || field->concept == 0)
            continue;
        if (strcmp(name, "jurisdiction") == 0)
            find_law(solve, field);
        else if (strcmp(name, "effective_date") == 0)
            find_effective(solve, field);
        else if (strcmp(name, "term") == 0)
            find_term(solve, field);
        else if (strcmp(name, "notice_period") == 0)
            find_notice(solve, field);
        else if (field->type == TYPE_PARTY || strcmp(name, "parties") == 0)
            find_signers(solve, field);
    }
}

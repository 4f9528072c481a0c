/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Who concludes a contract: names behind "between", names that are defined as a party, those above
 * the lines of signature. */
#include "extract/sentence.h"
#include "extract/solve.h"

#include <ctype.h>
#include <string.h>

enum { NAME_TOKENS_MAX = 12, PREAMBLE_TOKENS = 260 };

static bool
is_suffix(const struct doc *doc, uint32_t i)
{
    return sentence_word_in(doc, i,
                            "inc llc ltd corp corporation lp llp plc sa ag gmbh co company nv bv "
                            "limited incorporated na pc jr sr ii iii iv ab oy as spa srl sarl");
}

/* A name from token i on: words in large letters with the small ones between them. */
static uint32_t
name_at(const struct doc *doc, uint32_t i)
{
    uint32_t n = 0;

    while (n < NAME_TOKENS_MAX && i + n < doc->token_count) {
        const char *text = doc->tokens[i + n].text;
        bool joint = (islower((unsigned char)text[0]) &&
                      sentence_word_in(doc, i + n, "of and the for de von van der und et y e")) ||
                     strcmp(text, "&") == 0;
        if (text[0] == '(' || text[0] == '_')
            break;
        if (joint && n > 0) {
            bool goes_on = i + n + 1 < doc->token_count && sentence_is_large(doc, i + n + 1);
            /* "X and Y" are two unless what follows ends the name: "Smith and Sons, Inc." */
            if (!goes_on)
                break;
            if (sentence_word_in(doc, i + n, "and und et y e")) {
                uint32_t rest = 1;
                bool suffix = false;
                while (rest < 5 && i + n + rest < doc->token_count &&
                       sentence_is_large(doc, i + n + rest)) {
                    suffix = suffix || is_suffix(doc, i + n + rest);
                    if (sentence_ends_with(doc->tokens[i + n + rest].text, ",;("))
                        break;
                    rest++;
                }
                bool had = false;
                for (uint32_t k = 0; k < n; k++)
                    had = had || is_suffix(doc, i + k);
                if (!suffix || had)
                    break;
            }
            n++;
            continue;
        }
        if (!sentence_is_large(doc, i + n) && !isdigit((unsigned char)text[0]))
            break;
        if (isdigit((unsigned char)text[0]) && n == 0)
            break;
        n++;
        if (sentence_ends_with(text, ";:)") ||
            (sentence_ends_with(text, ",") && !(i + n < doc->token_count && is_suffix(doc, i + n))))
            break;
        if (sentence_ends_with(text, ".") && is_suffix(doc, i + n - 1) &&
            !(i + n < doc->token_count && is_suffix(doc, i + n)))
            break;
    }
    while (n > 1 && sentence_word_in(doc, i + n - 1, "of and the for de"))
        n--;
    return n;
}

/* Words that stand for a party rather than name one. */
static bool
is_term(const struct doc *doc, uint32_t first, uint32_t count)
{
    for (uint32_t i = first; i < first + count; i++)
        if (sentence_word_in(doc, i,
                             "agreement agreements information plan obligations party section "
                             "exhibit article termination act purpose date securities"))
            return true;
    return count == 1 &&
           sentence_word_in(doc, first,
                            "company recipient discloser party parties employee executive "
                            "you the this agreement corporation consultant buyer seller "
                            "purchaser whereas now in each a an such representatives");
}

static void
offer_name(struct solve *solve, struct field *field, uint32_t first, uint32_t count, float score)
{
    const struct doc *doc = solve->doc;

    if (count == 0 || is_term(doc, first, count))
        return;
    char *text = doc_text(doc, first, count);
    if (text == NULL)
        return;
    size_t len = strlen(text);
    while (len > 0 && strchr(",;:)(\"", text[len - 1]) != NULL)
        text[--len] = '\0';
    while (*text == '"' || *text == '(')
        text++;
    len = strlen(text);
    if (len > 3 && text[len - 1] == '.' && !is_suffix(doc, first + count - 1) &&
        strchr(text + len - 4, ' ') == NULL)
        text[len - 1] = '\0'; /* the end of the sentence */
    if (strlen(text) < 3)
        return;
    offer(field, make_string(solve, field, text, first, count, NORM_TRIMMED, score), score, first,
          count, NULL);
}

/* Words in front of the name of a party that are no part of it. */
static const char *const party_openers =
    "the by der die das den dem la le les el los il lo société soussignés soussigné soussignées "
    "firma gesellschaft sociedad società empresa abajo firmantes herr herrn frau monsieur madame m "
    "mme señor señora signor signora dhr mevrouw";

/* From "between" on: names behind it and behind each "and" outside brackets. */
static uint32_t
names_after(struct solve *solve, struct field *field, uint32_t i, float score)
{
    const struct doc *doc = solve->doc;
    uint32_t found = 0, end = i + 150 < doc->token_count ? i + 150 : doc->token_count;
    int depth = 0;
    bool may_begin = true;

    for (uint32_t t = i + 1; t < end; t++) {
        const char *text = doc->tokens[t].text;
        if (sentence_word_in(doc, t,
                             "whereas witnesseth recitals background wherefore hereby agree agrees "
                             "purpose wird wurde präambel préambule présent"))
            break;
        if (may_begin && depth == 0 && text[0] != '(' && sentence_is_large(doc, t)) {
            uint32_t n = name_at(doc, t);
            while (n > 0 && sentence_word_in(doc, t, party_openers)) {
                if (n > 1 && is_suffix(doc, t + n - 1))
                    break;
                t++;
                n--;
            }
            if (n > 0) {
                offer_name(solve, field, t, n, score - 0.02F * (float)found);
                found++;
                t += n - 1;
                text = doc->tokens[t].text;
                may_begin = false;
            }
        }
        for (const char *c = text; *c != '\0'; c++)
            depth += *c == '(' ? 1 : *c == ')' && depth > 0 ? -1 : 0;
        if (depth == 0 && (sentence_word_in(doc, t, "and und et y e among between") ||
                           sentence_ends_with(text, ";") || strcmp(text, "&") == 0))
            may_begin = true;
        else if (!sentence_word_in(doc, t, party_openers) && strcmp(text, ":") != 0 &&
                 text[0] != '(' && depth == 0 && !sentence_ends_with(text, ")"))
            may_begin = false;
        if (found > 0 && depth == 0 && sentence_ends_with(text, ".") && !is_suffix(doc, t) &&
            strlen(text) > 4 && t + 1 < end && sentence_is_large(doc, t + 1) && !may_begin)
            break;
    }
    return found;
}

/* Lines of companies above "By:", where a contract is signed. */
static void
names_signing(struct solve *solve, struct field *field, float score)
{
    const struct doc *doc = solve->doc;

    for (uint32_t l = 1; l < doc->line_count; l++) {
        const struct flow_line *line = &doc->lines[l];
        if (!sentence_word_in(doc, line->first, "by") ||
            !sentence_ends_with(doc->tokens[line->first].text, ":"))
            continue;
        for (uint32_t k = 1; k <= 2 && k <= l; k++) {
            const struct flow_line *above = &doc->lines[l - k];
            uint32_t n = name_at(doc, above->first);
            bool suffix = false;
            for (uint32_t t = 0; t < n; t++)
                suffix = suffix || is_suffix(doc, above->first + t);
            if (n >= above->count && n > 0 && (suffix || k == 1) && above->count >= 2) {
                offer_name(solve, field, above->first, above->count,
                           suffix ? score : score - 0.15F);
                break;
            }
        }
    }
}

/* 'X, Inc., a Delaware corporation (the "Company")': who is given a name of his own is a party. */
static uint32_t
names_defined(struct solve *solve, struct field *field, float score)
{
    const struct doc *doc = solve->doc;
    uint32_t found = 0;

    for (uint32_t i = 2; i + 1 < doc->token_count && i < PREAMBLE_TOKENS * 2; i++) {
        if (doc->tokens[i].text[0] != '(')
            continue;
        uint32_t quote = i;
        while (quote < i + 6 && quote + 1 < doc->token_count &&
               strstr(doc->tokens[quote].text, "“") == NULL &&
               strchr(doc->tokens[quote].text, '"') == NULL)
            quote++;
        if (quote == i + 6 ||
            !sentence_word_in(doc, quote,
                              "company you employee executive recipient seller buyer purchaser "
                              "provider discloser employer consultant parent contractor "
                              "licensor licensee lender borrower landlord tenant customer "
                              "supplier bank corporation"))
            if (quote == i + 6 || sentence_word_in(doc, quote,
                                                   "agreement effective confidential parties "
                                                   "party transaction information evaluation "
                                                   "proposed possible representatives act "
                                                   "merger purpose"))
                continue;
        for (uint32_t back = 1; back < 26 && back < i; back++) {
            uint32_t at = i - back;
            if (!sentence_is_large(doc, at) ||
                (sentence_is_large(doc, at - 1) &&
                 !sentence_ends_with(doc->tokens[at - 1].text, ".,;:)")))
                continue;
            uint32_t n = name_at(doc, at);
            bool suffix = false;
            for (uint32_t t = 0; t < n; t++)
                suffix = suffix || is_suffix(doc, at + t);
            if (n >= 2 && (suffix || at + n == i)) {
                offer_name(solve, field, at, n, suffix ? score : score - 0.1F);
                found++;
                break;
            }
        }
    }
    return found;
}

/* "/s/ Jane Doe": who signed, where the contract names only one side otherwise. */
static void
names_signed(struct solve *solve, struct field *field, float score)
{
    const struct doc *doc = solve->doc;

    for (uint32_t i = 0; i + 2 < doc->token_count; i++) {
        if (strcmp(doc->tokens[i].text, "/s/") != 0)
            continue;
        uint32_t n = name_at(doc, i + 1);
        if (n < 2 || n > 5 || sentence_has_before(doc, i, 2, "by") ||
            sentence_has_after(doc, i + 1 + n, 14,
                               "title president secretary chief officer counsel director"))
            continue;
        offer_name(solve, field, i + 1, n, score);
    }
}

void
find_signers(struct solve *solve, struct field *field)
{
    const struct doc *doc = solve->doc;
    uint32_t found = 0;

    for (uint32_t i = 1; i + 2 < doc->token_count && i < PREAMBLE_TOKENS * 3 && found < 2; i++) {
        if (!sentence_word_in(doc, i, "between among zwischen entre tra pomiędzy tussen"))
            continue;
        if (sentence_word_in(doc, i + 1, "and among")) /* "by and between and among" */
            continue;
        bool made = sentence_has_before(doc, i, 60,
                                        "agreement agreements vertrag contrat contrato contratto "
                                        "vereinbarung overeenkomst umowa entered made");
        found = names_after(solve, field, i, made ? 0.85F : 0.6F);
    }
    if (found < 2)
        found += names_defined(solve, field, 0.7F);
    names_signing(solve, field, found >= 2 ? 0.4F : 0.62F);
    if (found < 2)
        names_signed(solve, field, 0.56F);
}

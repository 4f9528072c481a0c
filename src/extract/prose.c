/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Contracts and letters say in sentences what forms say in fields: who agrees, from when, for how
 * long, under whose law. Cue words of the sentence stand for the label. */
#include "extract/solve.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

enum { WORD_MAX = 32, NAME_TOKENS_MAX = 12, PREAMBLE_TOKENS = 260, LAW_REACH = 40 };

/* The letters of a token in lower case, ASCII only; punctuation around it dropped. */
static const char *
word_of(const struct doc *doc, uint32_t i, char word[WORD_MAX])
{
    size_t n = 0;

    word[0] = '\0';
    if (i >= doc->token_count)
        return word;
    for (const char *s = doc->tokens[i].text; *s != '\0' && n + 1 < WORD_MAX; s++)
        if (isalnum((unsigned char)*s) || (unsigned char)*s >= 0x80)
            word[n++] = (char)tolower((unsigned char)*s);
    word[n] = '\0';
    return word;
}

static bool
is_one_of(const struct doc *doc, uint32_t i, const char *words)
{
    char word[WORD_MAX];
    size_t len = strlen(word_of(doc, i, word));

    for (const char *at = words; len > 0 && (at = strstr(at, word)) != NULL; at += len)
        if ((at == words || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
            return true;
    return false;
}

static bool
ends_with(const char *text, const char *marks)
{
    size_t len = strlen(text);

    return len > 0 && strchr(marks, text[len - 1]) != NULL;
}

/* One of the words in the tokens before i, at most reach back, in the same paragraph or so. */
static bool
before(const struct doc *doc, uint32_t i, uint32_t reach, const char *words)
{
    for (uint32_t k = 1; k <= reach && k <= i; k++)
        if (is_one_of(doc, i - k, words))
            return true;
    return false;
}

static bool
after(const struct doc *doc, uint32_t i, uint32_t reach, const char *words)
{
    for (uint32_t k = 0; k < reach && i + k < doc->token_count; k++)
        if (is_one_of(doc, i + k, words))
            return true;
    return false;
}

static bool
is_large(const struct doc *doc, uint32_t i)
{
    const char *text = doc->tokens[i].text;

    while (*text != '\0' && strchr("\"'(", *text) != NULL)
        text++;
    if (strncmp(text, "“", 3) == 0)
        text += 3;
    return isupper((unsigned char)*text) || (unsigned char)*text >= 0xc3;
}

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

    while (n < 4 && i + n < doc->token_count && is_large(doc, i + n)) {
        n++;
        if (ends_with(doc->tokens[i + n - 1].text, ",.;:)"))
            break;
        if (is_one_of(doc, i + n, "of") && i + n + 1 < doc->token_count && is_large(doc, i + n + 1))
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
        if (!is_one_of(doc, i, law_words))
            continue;
        bool cue = before(doc, i, LAW_REACH, law_cues);
        bool organised = before(doc, i, 6,
                                "organized organised existing incorporated formed "
                                "corporation company");
        bool close = before(doc, i, 14, law_cues) && !organised;
        uint32_t at = i + 1;
        while (at < doc->token_count && at < i + 8 && is_one_of(doc, at, of_words) &&
               !(is_large(doc, at) && at > i + 1 &&
                 !is_one_of(doc, at,
                            "state commonwealth "
                            "province republic the "
                            "kingdom")))
            at++;
        if (at > i + 1) {
            float score = close ? 0.92F : cue ? 0.6F : organised ? 0.1F : 0.35F;
            offer_place(solve, field, at, place_name(doc, at), score);
        }
        /* "le droit français", "deutsches Recht" */
        if (cue && i + 1 < doc->token_count && is_one_of(doc, i + 1, law_nations))
            offer_place(solve, field, i, 2, 0.85F);
        else if (is_one_of(doc, i - 1, law_nations) && !is_large(doc, i - 1))
            offer_place(solve, field, i - 1, 2, cue ? 0.85F : 0.5F);
        /* "governed by New York law" */
        uint32_t n = 0;
        while (n < 3 && i > n && is_large(doc, i - n - 1) &&
               !is_one_of(doc, i - n - 1, "governing applicable by the agreement federal") &&
               !ends_with(doc->tokens[i - n - 1].text, ".,;:"))
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
        if (before(doc, i, 10, "effective wirksam effet vigor decorrenza ingangsdatum"))
            score += 0.28F;
        if (before(doc, i, 4, "dated date datum dato datee fecha"))
            score += 0.18F;
        if (before(doc, i, 3, "of") && before(doc, i, 4, "as"))
            score += 0.22F;
        if (before(doc, i, 14, "made entered agreement geschlossen conclu celebrado stipulato"))
            score += 0.12F;
        if (after(doc, i + item->count, 6, "effective"))
            score += 0.2F;
        bool preamble = i < PREAMBLE_TOKENS;
        if (preamble && seen == 0)
            score += 0.2F;
        if (before(doc, i, 12, "reports filed amended act securities"))
            score -= 0.25F;
        /* Another agreement is dated so, not this one. */
        if (!preamble && before(doc, i, 10, "agreement merger plan letter certain"))
            score -= 0.3F;
        if (before(doc, i, 16, "duly witness executed signed"))
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
    return before(doc, item->first, 5,
                  "kündigungsfrist frist kündigung préavis preaviso preavviso aviso "
                  "opzegtermijn wypowiedzenia") ||
           after(doc, item->first + item->count, 5, "notice préavis preaviso preavviso aviso") ||
           before(doc, item->first, 4, "notice");
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
        if (before(doc, i, 25,
                   "term expire expires terminate terminates remain continue effect "
                   "survive binding force obligations laufzeit durée vigencia durata"))
            score += 0.22F;
        if (before(doc, i, 6, "period term for until later"))
            score += 0.1F;
        if (before(doc, i, 40, "agreement"))
            score += 0.06F;
        if (after(doc, end, 8, "date effective hereof agreement execution"))
            score += 0.16F;
        if (after(doc, end, 5, "notice prior written") || before(doc, i, 4, "least within") ||
            is_notice(doc, item))
            score -= 0.3F;
        if (before(doc, i, 30, "solicit hire employ employment standstill"))
            score -= 0.12F;
        offer(field, make_item(solve, field, item, score), fminf(score, 0.9F), item->first,
              item->count, NULL);
    }
}

/* --- who --- */

static bool
is_suffix(const struct doc *doc, uint32_t i)
{
    return is_one_of(doc, i,
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
                      is_one_of(doc, i + n, "of and the for de von van der und et y e")) ||
                     strcmp(text, "&") == 0;
        if (text[0] == '(' || text[0] == '_')
            break;
        if (joint && n > 0) {
            bool goes_on = i + n + 1 < doc->token_count && is_large(doc, i + n + 1);
            /* "X and Y" are two unless what follows ends the name: "Smith and Sons, Inc." */
            if (!goes_on)
                break;
            if (is_one_of(doc, i + n, "and und et y e")) {
                uint32_t rest = 1;
                bool suffix = false;
                while (rest < 5 && i + n + rest < doc->token_count && is_large(doc, i + n + rest)) {
                    suffix = suffix || is_suffix(doc, i + n + rest);
                    if (ends_with(doc->tokens[i + n + rest].text, ",;("))
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
        if (!is_large(doc, i + n) && !isdigit((unsigned char)text[0]))
            break;
        if (isdigit((unsigned char)text[0]) && n == 0)
            break;
        n++;
        if (ends_with(text, ";:)") ||
            (ends_with(text, ",") && !(i + n < doc->token_count && is_suffix(doc, i + n))))
            break;
        if (ends_with(text, ".") && is_suffix(doc, i + n - 1) &&
            !(i + n < doc->token_count && is_suffix(doc, i + n)))
            break;
    }
    while (n > 1 && is_one_of(doc, i + n - 1, "of and the for de"))
        n--;
    return n;
}

/* Words that stand for a party rather than name one. */
static bool
is_term(const struct doc *doc, uint32_t first, uint32_t count)
{
    for (uint32_t i = first; i < first + count; i++)
        if (is_one_of(doc, i,
                      "agreement agreements information plan obligations party section "
                      "exhibit article termination act purpose date securities"))
            return true;
    return count == 1 && is_one_of(doc, first,
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
        if (is_one_of(doc, t,
                      "whereas witnesseth recitals background wherefore hereby agree agrees "
                      "purpose wird wurde präambel préambule présent"))
            break;
        if (may_begin && depth == 0 && text[0] != '(' && is_large(doc, t)) {
            uint32_t n = name_at(doc, t);
            while (n > 0 && is_one_of(doc, t, party_openers)) {
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
        if (depth == 0 && (is_one_of(doc, t, "and und et y e among between") ||
                           ends_with(text, ";") || strcmp(text, "&") == 0))
            may_begin = true;
        else if (!is_one_of(doc, t, party_openers) && strcmp(text, ":") != 0 && text[0] != '(' &&
                 depth == 0 && !ends_with(text, ")"))
            may_begin = false;
        if (found > 0 && depth == 0 && ends_with(text, ".") && !is_suffix(doc, t) &&
            strlen(text) > 4 && t + 1 < end && is_large(doc, t + 1) && !may_begin)
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
        if (!is_one_of(doc, line->first, "by") || !ends_with(doc->tokens[line->first].text, ":"))
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
            !is_one_of(doc, quote,
                       "company you employee executive recipient seller buyer purchaser "
                       "provider discloser employer consultant parent contractor "
                       "licensor licensee lender borrower landlord tenant customer "
                       "supplier bank corporation"))
            if (quote == i + 6 || is_one_of(doc, quote,
                                            "agreement effective confidential parties "
                                            "party transaction information evaluation "
                                            "proposed possible representatives act "
                                            "merger purpose"))
                continue;
        for (uint32_t back = 1; back < 26 && back < i; back++) {
            uint32_t at = i - back;
            if (!is_large(doc, at) ||
                (is_large(doc, at - 1) && !ends_with(doc->tokens[at - 1].text, ".,;:)")))
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
        if (n < 2 || n > 5 || before(doc, i, 2, "by") ||
            after(doc, i + 1 + n, 14, "title president secretary chief officer counsel director"))
            continue;
        offer_name(solve, field, i + 1, n, score);
    }
}

static void
find_names(struct solve *solve, struct field *field)
{
    const struct doc *doc = solve->doc;
    uint32_t found = 0;

    for (uint32_t i = 1; i + 2 < doc->token_count && i < PREAMBLE_TOKENS * 3 && found < 2; i++) {
        if (!is_one_of(doc, i, "between among zwischen entre tra pomiędzy tussen"))
            continue;
        if (is_one_of(doc, i + 1, "and among")) /* "by and between and among" */
            continue;
        bool made = before(doc, i, 60,
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
            find_names(solve, field);
    }
}

/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Receipts and letterheads: the first lines are the name of who issued them, then the address,
 * until something else begins. Needs no postal code. */
#include "extract/parties.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

enum { HEAD_LINES = 12, ADDRESS_LINES = 6 };

enum line_kind { LINE_NOISE, LINE_NUMBER, LINE_TEXT, LINE_ADDRESS, LINE_OTHER };

struct head_line {
    struct part part;
    enum line_kind kind;
    float size;
    struct box box;
    bool form; /* a legal form stands in it */
    bool postcode;
};

/* A label of something else: a phone, a date, a number, the title of the document. */
static bool
is_other(const struct solve *solve, struct part part)
{
    const struct labels *labels = solve->labels;
    uint32_t run = labels->run_of[part.first];

    if (line_has_item(solve, part, ITEM_EMAIL) || line_has_item(solve, part, ITEM_URL) ||
        line_has_item(solve, part, ITEM_DATE))
        return true;
    for (uint32_t i = 0; run != NONE && i < labels->label_count; i++) {
        const struct label *label = &labels->labels[i];
        const struct concept *concept = &solve->lexicon->concepts[label->concept];
        if (label->run != run || concept->type == TYPE_ROLE || concept->item)
            continue;
        bool place = concept->type == TYPE_ADDRESS || concept->type == TYPE_STREET ||
                     concept->type == TYPE_CITY || concept->type == TYPE_NAME ||
                     concept->type == TYPE_POSTCODE || concept->type == TYPE_TEXT;
        float least = labels->runs[run].colon ? 0.4F : 0.75F;
        bool street = !labels->runs[run].colon && address_has_word(solve, part);
        if (!place && !street && label->exact >= least && label->first == labels->runs[run].first)
            return true;
    }
    return false;
}

static uint32_t
letters_of(const struct solve *solve, struct part part, uint32_t *ret_digits)
{
    uint32_t letters = 0;

    *ret_digits = 0;
    for (uint32_t i = part.first; i < part.first + part.count; i++)
        for (const char *s = solve->doc->tokens[i].text; *s != '\0'; s++) {
            letters += isalpha((unsigned char)*s) || (unsigned char)*s >= 0xc3;
            *ret_digits += isdigit((unsigned char)*s) != 0;
        }
    return letters;
}

/* "TAX INVOICE": words that say what kind of document it is. */
static bool
is_title(const struct solve *solve, struct part part)
{
    char key[120] = "";

    if (part.count > 4)
        return false;
    for (uint32_t i = part.first; i < part.first + part.count; i++)
        if (strlen(key) + strlen(solve->doc->tokens[i].key) + 1 < sizeof(key))
            strcat(key, solve->doc->tokens[i].key);
    for (const struct phrase *phrase = lexicon_find(solve->lexicon, key); phrase != NULL;
         phrase = lexicon_next(solve->lexicon, phrase))
        if (phrase->kind)
            return true;
    return false;
}

/* Without a remark in brackets that holds a number: "(GST ID No: 000306020352)". */
static struct part
without_remark(const struct solve *solve, struct part part)
{
    for (uint32_t i = part.first + 1; i < part.first + part.count; i++)
        if (solve->doc->tokens[i].text[0] == '(')
            for (uint32_t k = i; k < part.first + part.count; k++)
                if (strspn(solve->doc->tokens[k].text, "(:0123456789") > 5) {
                    part.count = i - part.first;
                    return part;
                }
    return part;
}

static enum line_kind
kind_of(const struct solve *solve, struct part part)
{
    struct part code, city;
    uint32_t digits, letters = letters_of(solve, part, &digits);

    if (letters + digits < 3)
        return LINE_NOISE;
    if (is_other(solve, part) || doc_is_prose(solve->doc, part.first, part.count))
        return LINE_OTHER;
    if (address_find(solve, part, &code, &city))
        return LINE_ADDRESS;
    const char *text = solve->doc->tokens[part.first].text;
    if (part.count <= 3 && (text[0] == '(' || digits * 2 > letters) && digits > 3)
        return LINE_NUMBER;
    if (text[0] == '(' && digits >= 8)
        return LINE_NUMBER; /* of a register, in brackets */
    if (is_title(solve, part))
        return LINE_OTHER;
    bool comma = false;
    for (uint32_t i = part.first; i < part.first + part.count; i++)
        comma = comma || strchr(solve->doc->tokens[i].text, ',') != NULL;
    bool house = isdigit((unsigned char)text[0]) || strncasecmp(text, "no", 2) == 0;
    bool street = address_has_word(solve, part) || (part.count >= 3 && (comma || house));
    return digits > 0 && street ? LINE_ADDRESS : LINE_TEXT;
}

static uint32_t
take_lines(const struct solve *solve, struct head_line *ret)
{
    const struct doc *doc = solve->doc;
    uint32_t n = 0;

    for (uint32_t r = 0; r < doc->page_first_row[1] && n < HEAD_LINES; r++) {
        const struct row *row = &doc->rows[r];
        uint32_t widest = doc->row_segs[row->first];
        for (uint32_t i = 1; i < row->count; i++)
            if (doc->segs[doc->row_segs[row->first + i]].count > doc->segs[widest].count)
                widest = doc->row_segs[row->first + i];
        for (uint32_t i = 0; i < row->count && row->count > 1; i++) { /* the title stands beside */
            const struct seg *at = &doc->segs[doc->row_segs[row->first + i]];
            const struct seg *now = &doc->segs[widest];
            struct part own = {at->first, at->count}, other = {now->first, now->count};
            if (kind_of(solve, other) == LINE_OTHER && kind_of(solve, own) == LINE_TEXT)
                widest = doc->row_segs[row->first + i];
        }
        const struct seg *seg = &doc->segs[widest];
        struct part part = {seg->first, seg->count};
        struct part code, city;
        ret[n] = (struct head_line){.part = part,
                                    .kind = kind_of(solve, part),
                                    .size = seg->size,
                                    .box = seg->box,
                                    .form = name_has_form(solve, part),
                                    .postcode = address_find(solve, part, &code, &city)};
        n += ret[n].kind != LINE_NOISE;
    }
    return n;
}

static float
name_score(const struct solve *solve, const struct head_line *lines, uint32_t n, uint32_t at)
{
    const struct head_line *line = &lines[at];
    uint32_t digits, letters = letters_of(solve, line->part, &digits);

    if ((line->kind != LINE_TEXT && !(line->kind == LINE_ADDRESS && line->form)) || letters < 4 ||
        line->part.count > 9)
        return 0;
    float score = 0.44F - 0.035F * (float)at;
    if (line->form)
        score += 0.2F;
    if (name_has_law(solve, line->part))
        score += 0.08F;
    if (line->size > solve->doc->size * 1.25F)
        score += 0.07F;
    if (digits > letters / 3)
        score -= 0.15F;
    if (at + 1 < n && (lines[at + 1].kind == LINE_ADDRESS || lines[at + 1].kind == LINE_NUMBER))
        score += 0.12F;
    for (uint32_t k = 0; k < at; k++) /* behind an address stands no name */
        if (lines[k].kind == LINE_ADDRESS && !lines[k].form)
            score -= 0.12F;
    if (letters < 8 && !line->form)
        score -= 0.06F;
    if (doc_confidence(solve->doc, line->part.first, line->part.count) < 0.35F)
        score -= 0.1F;
    return score;
}

/* Somebody issued it: a letterhead, a receipt. Titles of other documents are no names. */
static bool
is_issued(const struct solve *solve)
{
    const struct items *items = solve->items;

    if (strcmp(solve->kind, "document") != 0 || solve->till || solve->party_count > 0)
        return true;
    for (uint32_t k = 0; k < items->count; k++)
        if (items->items[k].kind == ITEM_NUMBER && items->items[k].number.decimals == 2)
            return true;
    return false;
}

/* The line goes on with the end of a name: "Co. (M) Sdn Bhd" below "Popular Book". */
static bool
is_rest_of_name(const struct solve *solve, struct part part)
{
    static const char *const begins[] = {"sdn", "bhd",  "ltd", "llmlted", "gmbh", "co",
                                         "lnc", "llc",  "ag",  "kg",      "corp", "m",
                                         "srl", "sarl", "spa", "plc"};
    const char *key = solve->doc->tokens[part.first].key;

    for (size_t i = 0; part.count <= 4 && i < ARRAY_LEN(begins); i++)
        if (strcmp(key, begins[i]) == 0)
            return name_has_law(solve, part);
    return false;
}

static void
offer_name(struct solve *solve, struct field *field, const struct head_line *lines, uint32_t n)
{
    const bool issued = is_issued(solve);

    for (uint32_t i = 0; i < n; i++) {
        float score = name_score(solve, lines, n, i) * (issued || lines[i].form ? 1 : 0.4F);
        struct part part = name_clean(solve, lines[i].part);
        if (score <= 0.1F || part.count == 0)
            continue;
        if (i > 0 && lines[i - 1].kind == LINE_TEXT && !lines[i - 1].form &&
            is_rest_of_name(solve, part)) {
            const struct part both[] = {lines[i - 1].part, part};
            parts_offer(solve, field, both, 2, score + 0.1F);
        }
        if (field->role == 0)
            score *= 0.8F;
        offer(field, make_text(solve, field, part.first, part.count, score), score, part.first,
              part.count, NULL);
    }
}

/* The lines from the first that reads like an address to the last before something else. */
static void
offer_address(struct solve *solve, struct field *field, const struct head_line *lines, uint32_t n)
{
    struct part parts[ADDRESS_LINES];
    uint32_t first = 0, count = 0;
    bool postcode = false;

    while (first < n &&
           !(lines[first].kind == LINE_ADDRESS &&
             !(lines[first].form && (first == 0 || name_has_law(solve, lines[first].part)))))
        first++;
    /* A first line without a number: a building, a floor. */
    if (first >= 2 && first < n && lines[first - 1].kind == LINE_TEXT && !lines[first - 1].form &&
        address_has_word(solve, lines[first - 1].part))
        first--;
    for (uint32_t i = first; i < n && count < ADDRESS_LINES; i++) {
        if (lines[i].kind == LINE_OTHER || lines[i].kind == LINE_NUMBER ||
            (lines[i].form && i > first && !lines[i].postcode))
            break;
        if (i > first && lines[i].box.y0 - lines[i - 1].box.y1 > 1.6F * solve->doc->size)
            break;
        postcode = postcode || lines[i].postcode;
        parts[count++] = without_remark(solve, lines[i].part);
        bool more = i + 1 < n && lines[i + 1].postcode;
        if (postcode && !lines[i].postcode && !more)
            break; /* one line behind the place: its state */
    }
    if (count == 0)
        return;
    float score = (postcode ? 0.72F : 0.55F) - 0.02F * (float)first;
    /* It holds the address found by its code, and more. */
    const struct party *seller = solve->seller;
    for (uint32_t i = 0; seller != NULL && i < count; i++)
        if (seller->postcode.first >= parts[i].first &&
            seller->postcode.first < parts[i].first + parts[i].count && count > seller->line_count)
            score = 0.93F;
    if (field->role == 0)
        score *= 0.9F;
    parts_offer(solve, field, parts, count, score);
}

void
heading_offer(struct solve *solve, struct field *field)
{
    struct head_line lines[HEAD_LINES + 1];
    uint32_t n = take_lines(solve, lines);

    if (field->type == TYPE_NAME)
        offer_name(solve, field, lines, n);
    else
        offer_address(solve, field, lines, n);
}

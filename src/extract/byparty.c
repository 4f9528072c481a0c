/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "extract/parties.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

/* A postal code without the country in front of it, a place without the comma behind it. */
static struct value *
plain(struct solve *solve, const struct field *field, struct part part, float score)
{
    char *text = part.count == 0 ? NULL : doc_text(solve->doc, part.first, part.count);

    if (text == NULL)
        return NULL;
    char *whole = text;
    size_t n = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    if (field->type == TYPE_POSTCODE && n > 0 && n <= 3 && text[n] == '-')
        text += n + 1;
    size_t len = strlen(text);
    while (len > 0 && strchr(",;.:", text[len - 1]) != NULL &&
           (text[len - 1] != '.' || field->type == TYPE_POSTCODE || field->type == TYPE_CITY))
        text[--len] = '\0';
    enum normalization norm = whole != text || part.count == 0 ? NORM_TRIMMED : NORM_TEXT;
    return make_string(solve, field, text, part.first, part.count, norm, score);
}

/* Names lose what only recognition or a register added: brackets with a number at the end. */
struct part
name_clean(const struct solve *solve, struct part name)
{
    const struct doc *doc = solve->doc;

    for (uint32_t i = name.first + 1; i < name.first + name.count; i++) {
        const char *text = doc->tokens[i].text;
        if ((*text == '(' || *text == '[' || *text == '{') && strpbrk(text, "0123456789") != NULL) {
            name.count = i - name.first;
            break;
        }
    }
    for (uint32_t i = name.first + 1; i + 1 < name.first + name.count; i++)
        if ((strcmp(doc->tokens[i].key, "au") == 0 &&
             strcmp(doc->tokens[i + 1].key, "capltal") == 0) ||
            (strcmp(doc->tokens[i].key, "capltal") == 0 &&
             strcmp(doc->tokens[i + 1].key, "soclal") == 0)) {
            name.count = i - name.first; /* how much it is worth is no part of it */
            break;
        }
    while (name.count > 1) { /* marks, and numbers of registers */
        const char *last = doc->tokens[name.first + name.count - 1].text;
        if (doc->tokens[name.first + name.count - 1].key[0] != '\0' &&
            !(strlen(last) >= 6 && strspn(last, "0123456789-/.") == strlen(last)))
            break;
        name.count--;
    }
    return name;
}

static void
offer_part(struct solve *solve, struct field *field, struct part part, float score)
{
    if (part.count > 0)
        offer(field, plain(solve, field, part, score), score, part.first, part.count, NULL);
}

/* Inside a text a word stays whole, even if its first pieces looked like a label ("St:8503"): how
 * many of them stand before the token, from `least` on. */
static uint32_t
pieces_before(const struct doc *doc, uint32_t token, uint32_t least)
{
    uint32_t n = 0;

    while (token > n + least && doc->tokens[token - n].glued)
        n++;
    return n;
}

void
parts_offer(struct solve *solve, struct field *field, const struct part *parts, uint32_t count,
            float score)
{
    size_t n = 0;
    const struct doc *doc = solve->doc;

    for (uint32_t i = 0; i < count; i++)
        n += parts[i].count + pieces_before(doc, parts[i].first, 0);
    uint32_t *tokens = arena_array(solve->arena, n + 1, sizeof(*tokens));
    if (tokens == NULL)
        return;
    n = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t from = parts[i].first;
        if (n > 0 && parts[i].count > 0)
            from -= pieces_before(doc, from, tokens[n - 1] + 1);
        for (uint32_t t = from; t < parts[i].first + parts[i].count; t++)
            tokens[n++] = t;
    }
    if (n == 0)
        return;
    char *text = doc_join(doc, tokens, n);
    if (text == NULL) {
        solve->full = true;
        return;
    }
    size_t len = strlen(text);
    while (len > 0 && strchr(",; ", text[len - 1]) != NULL)
        text[--len] = '\0';
    struct value *value = make_string(solve, field, text, tokens[0], 1, NORM_LINES, score);
    if (value == NULL)
        return;
    value->tokens = tokens;
    value->token_count = (uint32_t)n;
    offer(field, value, score, tokens[0], 1, NULL);
}

static void
offer_party(struct solve *solve, struct field *field, const struct party *party, float score)
{
    if (party == NULL)
        return;
    switch (field->type) {
    case TYPE_NAME:
    case TYPE_PARTY:
    case TYPE_PERSON:
        if (party->name_head.count > 0) {
            const struct part both[] = {party->name_head, name_clean(solve, party->name)};
            parts_offer(solve, field, both, 2, score);
        } else {
            offer_part(solve, field, name_clean(solve, party->name), score);
        }
        break;
    case TYPE_STREET:
        offer_part(solve, field, party->street, score);
        break;
    case TYPE_POSTCODE:
        offer_part(solve, field, party->postcode, score);
        break;
    case TYPE_CITY:
        offer_part(solve, field, party->city, score);
        break;
    case TYPE_ADDRESS:
        parts_offer(solve, field, party->lines, party->line_count, score);
        break;
    case TYPE_COUNTRY: {
        const char *code = party->country.count > 0 ? country_of(solve, party->country) : NULL;
        bool as_code =
            field->shape->max_length == 2 ||
            (field->shape->description != NULL && strstr(field->shape->description, "ISO") != NULL);
        if (code != NULL && as_code)
            offer(field,
                  make_string(solve, field, code, party->country.first, party->country.count,
                              NORM_COUNTRY, score),
                  score, party->country.first, party->country.count, NULL);
        else
            offer_part(solve, field, party->country, score);
        break;
    }
    default:
        break;
    }
}

static bool
is_role(const struct solve *solve, uint16_t concept, const char *name)
{
    return strcmp(solve->lexicon->concepts[concept].name, name) == 0;
}

/* "(608) 555-0112", "+48 22 555 01 20": written as numbers are for calling, and nothing else in its
 * line. */
static bool
is_bare_phone(const struct solve *solve, const struct item *item)
{
    const struct flow_line *line = &solve->doc->lines[solve->doc->tokens[item->first].line];

    return (item->text[0] == '(' || item->text[0] == '+') && line->first == item->first &&
           line->count == item->count;
}

/* "Sun Prairie, WI 53590": two capitals before the code. */
static void
offer_state(struct solve *solve, struct field *field, const struct party *party, float score)
{
    const struct doc *doc = solve->doc;

    if (party == NULL || party->postcode.count == 0 || party->postcode.first == 0 ||
        !is_role(solve, field->concept, "state"))
        return;
    uint32_t at = party->postcode.first - 1;
    const char *text = doc->tokens[at].text;
    if (doc->tokens[at].line == doc->tokens[party->postcode.first].line && strlen(text) == 2 &&
        isupper((unsigned char)text[0]) && isupper((unsigned char)text[1]))
        offer(field, make_text(solve, field, at, 1, score), score, at, 1, NULL);
}

/* Contact and numbers that stand in the party's block. */
static void
offer_contact(struct solve *solve, struct field *field, const struct party *party, float score)
{
    const struct items *items = solve->items;

    if (party == NULL || (field->type != TYPE_EMAIL && field->type != TYPE_URL &&
                          field->type != TYPE_VAT && field->type != TYPE_PHONE))
        return;
    for (uint32_t k = 0; k < items->count; k++) {
        const struct item *item = &items->items[k];
        if (item->first < party->contact.first ||
            item->first >= party->contact.first + party->contact.count || !item_suits(field, item))
            continue;
        if ((field->type == TYPE_VAT && item->kind != ITEM_VAT) ||
            (field->type == TYPE_PHONE && !is_bare_phone(solve, item)))
            continue;
        offer(field, make_item(solve, field, item, score), score, item->first, item->count, NULL);
    }
}

static bool
holds(const struct party *party, uint32_t token)
{
    return party != NULL && token >= party->contact.first &&
           token < party->contact.first + party->contact.count;
}

/* What stands in the block of somebody else is not this one's. */
static void
lessen_others(struct field *field, const struct party *own, const struct party *other)
{
    if (field->type != TYPE_VAT && field->type != TYPE_EMAIL && field->type != TYPE_URL &&
        field->type != TYPE_PHONE)
        return;
    for (uint32_t i = 0; i < field->candidate_count; i++)
        if (holds(other, field->candidates[i].first) && !holds(own, field->candidates[i].first))
            field->candidates[i].score *= 0.5F;
}

/* How sure it is whose party this is. */
static float
strength(const struct party *party, enum party_role role)
{
    float said = party == NULL ? 0 : party->role[role];

    return said > 0.6F ? 0.92F : 0.66F + 0.4F * fmaxf(said, 0);
}

/* No label of the role stands anywhere: it is told by who wrote the paper, and to whom. */
static bool
is_unnamed(const struct solve *solve, uint16_t role)
{
    const struct labels *labels = solve->labels;

    for (uint32_t k = labels->concept_first[role]; k < labels->concept_first[role + 1]; k++)
        if (labels->labels[labels->by_concept[k]].exact >= 0.7F)
            return false;
    return true;
}

/* The employer writes payslips and the insurer cards, the bank statements. */
static void
offer_writer(struct solve *solve, struct field *field)
{
    static const char *const writers[] = {"employer", "insurer", "landlord"};
    static const char *const readers[] = {"employee", "patient", "tenant"};

    if (!is_unnamed(solve, field->role))
        return;
    for (size_t i = 0; i < ARRAY_LEN(writers); i++) {
        if (is_role(solve, field->role, writers[i])) {
            offer_party(solve, field, solve->seller, 0.62F);
            if (field->type == TYPE_NAME)
                heading_offer(solve, field);
        }
        if (is_role(solve, field->role, readers[i]))
            offer_party(solve, field, solve->buyer, 0.62F);
    }
}

/* A statement is written by the bank to whom the account belongs to. */
static void
offer_of_statement(struct solve *solve, struct field *field)
{
    if (strcmp(solve->kind, "bank_statement") != 0)
        return;
    if (is_role(solve, field->concept, "account_holder")) {
        for (uint32_t i = 0; i < field->candidate_count; i++)
            if (!field->candidates[i].by_label)
                field->candidates[i].score *= 0.5F;
        offer_party(solve, field, solve->buyer, 0.7F);
    } else if (is_role(solve, field->concept, "bank_name")) {
        enum concept_type type = field->type;
        field->type = TYPE_NAME;
        offer_party(solve, field, solve->seller, 0.6F);
        heading_offer(solve, field);
        field->type = type;
    }
}

void
find_by_party(struct solve *solve)
{
    for (uint32_t i = 0; i < solve->field_count && !solve->full; i++) {
        struct field *field = &solve->fields[i];
        if (field->item || field->many || field->generic)
            continue;
        bool seller = is_role(solve, field->role, "seller");
        bool buyer = is_role(solve, field->role, "buyer");
        bool ship_to = is_role(solve, field->role, "ship_to");
        bool free = field->role == 0;
        if (seller || (free && field->type != TYPE_NAME)) {
            float score = seller ? strength(solve->seller, PARTY_SELLER) : 0.6F;
            offer_party(solve, field, solve->seller, score);
            offer_contact(solve, field, solve->seller, score);
            offer_state(solve, field, solve->seller, score);
        }
        if (free && field->type != TYPE_NAME &&
            (solve->seller == NULL || solve->seller->postcode.count == 0))
            offer_party(solve, field, solve->buyer, 0.5F); /* the only address there is */
        if (buyer) {
            float score = strength(solve->buyer, PARTY_BUYER);
            offer_party(solve, field, solve->buyer, score);
            offer_contact(solve, field, solve->buyer, score - 0.05F);
            offer_state(solve, field, solve->buyer, score);
            lessen_others(field, solve->buyer, solve->seller);
        }
        if (ship_to) {
            offer_party(solve, field, solve->ship_to, 0.9F);
            offer_state(solve, field, solve->ship_to, 0.9F);
        }
        if (!seller && !buyer && !ship_to && field->role != 0)
            for (uint32_t k = 0; k < solve->party_count; k++)
                if (solve->parties[k].labelled == field->role)
                    offer_party(solve, field, &solve->parties[k], 0.85F);
        if (field->role != 0)
            offer_writer(solve, field);
        if ((seller || free) && (field->type == TYPE_NAME || field->type == TYPE_ADDRESS))
            heading_offer(solve, field);
        offer_of_statement(solve, field);
    }
}

/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Whose address is it? What stands at it decides; else its place on the sheet: letterhead and
 * footer are the sender's, the window of the envelope the recipient's. */
#include "extract/parties.h"

#include <math.h>
#include <string.h>

static enum party_role
role_index(const struct solve *solve, uint16_t concept)
{
    const char *name = solve->lexicon->concepts[concept].name;

    if (strcmp(name, "seller") == 0)
        return PARTY_SELLER;
    if (strcmp(name, "buyer") == 0)
        return PARTY_BUYER;
    if (strcmp(name, "ship_to") == 0)
        return PARTY_SHIP_TO;
    return PARTY_OTHER;
}

static uint8_t
block_of(const struct solve *solve, const struct party *party)
{
    return solve->doc->lines[solve->doc->tokens[party->city.first].line].block;
}

/* "Ms Harriet Olusoga": people are written to. */
static bool
is_addressed(const struct solve *solve, const struct party *party)
{
    static const char *const words[] = {"exma", "exmo",  "sr",    "mr",     "mrs",     "ms",
                                        "mlss", "herr",  "herrn", "frau",   "mme",     "mlle",
                                        "slg",  "slgra", "dhr",   "mevr",   "sra",     "dna",
                                        "don",  "pan",   "panl",  "madame", "monsleur"};
    struct part name = party->name_head.count > 0 ? party->name_head : party->name;
    const char *key = name.count == 0 ? "" : solve->doc->tokens[name.first].key;

    if (name.count > 1 && strcmp(solve->doc->tokens[name.first].text, "M.") == 0)
        return true;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strcmp(key, words[i]) == 0)
            return true;
    return false;
}

static void
by_place(const struct solve *solve, struct party *party)
{
    const struct page *page = solve->doc->pages[party->page];
    float top = party->box.y0 / fmaxf(page->height, 1);
    float left = party->box.x0 / fmaxf(page->width, 1);
    float later = party->page == 0 ? 1 : 0.4F;
    uint8_t block = block_of(solve, party);
    bool narrow = page->width < page->height * 0.6F; /* a receipt */

    if (solve->till) { /* who buys at a till is not named */
        party->role[PARTY_SELLER] += 0.5F;
        party->role[PARTY_BUYER] -= 0.5F;
    }
    if (!party->one_line && is_addressed(solve, party)) {
        party->role[PARTY_BUYER] += 0.35F;
        party->role[PARTY_SELLER] -= 0.35F;
    }
    if (party->one_line)
        party->role[PARTY_SELLER] += 0.5F * later;
    if (top < 0.13F)
        party->role[PARTY_SELLER] += 0.35F * later;
    else if (top > 0.8F)
        party->role[PARTY_SELLER] += 0.45F;
    if (narrow && top < 0.4F)
        party->role[PARTY_SELLER] += 0.4F;
    if (!narrow && !party->one_line && top > 0.09F && top < 0.5F)
        party->role[PARTY_BUYER] += (left < 0.45F ? 0.38F : 0.22F) * later;
    if (left > 0.5F && top < 0.4F)
        party->role[PARTY_SELLER] += 0.22F * later;
    if (block == BLOCK_HEADER || block == BLOCK_FOOTER)
        party->role[PARTY_SELLER] += 0.3F;
    if (party->has_contact) {
        party->role[PARTY_SELLER] += 0.3F;
        party->role[PARTY_BUYER] -= 0.15F;
    }
    if (party->name.count > 0 && name_has_form(solve, party->name))
        party->role[PARTY_SELLER] += 0.05F;
}

static void
by_label(const struct solve *solve, struct party *party)
{
    uint16_t near = party->labelled;
    float weight = 1.2F;

    if (near == 0) {
        uint32_t token = party->name.count > 0 ? party->name.first : party->city.first;
        near = section_role(solve, token, &weight);
        weight *= 0.95F;
    }
    if (near == 0)
        return;
    enum party_role role = role_index(solve, near);
    for (int i = 0; i < PARTY_ROLES; i++)
        party->role[i] += i == (int)role ? weight : -0.5F * weight;
}

/* The same name again: both share what is known, the best of each. */
static void
by_repetition(struct solve *solve)
{
    for (uint32_t i = 0; i < solve->party_count; i++) {
        struct party *a = &solve->parties[i];
        for (uint32_t k = 0; k < i; k++) {
            struct party *b = &solve->parties[k];
            if (a->key[0] == '\0' || strcmp(a->key, b->key) != 0)
                continue;
            if (a->page != b->page)
                b->role[PARTY_SELLER] += 0.15F;
            for (int r = 0; r < PARTY_ROLES; r++) {
                float best = fmaxf(a->role[r], b->role[r]);
                a->role[r] = fmaxf(a->role[r], best - 0.1F);
                b->role[r] = fmaxf(b->role[r], best - 0.1F);
            }
        }
    }
}

static bool
same(const struct party *a, const struct party *b)
{
    return a == b || (a->key[0] != '\0' && strcmp(a->key, b->key) == 0);
}

static float
worth(const struct party *party, enum party_role role)
{
    /* What is delivered to somebody is not his to sell. */
    if (role == PARTY_SELLER && (party->role[PARTY_SHIP_TO] > party->role[role] + 0.4F ||
                                 party->role[PARTY_OTHER] > party->role[role] + 0.4F))
        return -1;
    return party->role[role] - (party->name.count == 0 ? 0.35F : 0) -
           (party->street.count == 0 ? 0.2F : 0);
}

static const struct party *
best_for(const struct solve *solve, enum party_role role, const struct party *but, float least)
{
    const struct party *best = NULL;

    for (uint32_t i = 0; i < solve->party_count; i++) {
        const struct party *party = &solve->parties[i];
        if (but != NULL && same(party, but))
            continue;
        if (worth(party, role) >= least && (best == NULL || worth(party, role) > worth(best, role)))
            best = party;
    }
    return best;
}

/* Where nothing says whose it is, the one other party that has name and street bought. */
static const struct party *
only_other(const struct solve *solve, const struct party *seller)
{
    const struct party *other = NULL;

    for (uint32_t i = 0; i < solve->party_count; i++) {
        const struct party *party = &solve->parties[i];
        if (same(party, seller) || party->name.count == 0 || party->street.count == 0 ||
            party->one_line || party->page != seller->page || party->role[PARTY_SHIP_TO] > 0.3F ||
            party->role[PARTY_OTHER] > 0.3F)
            continue;
        if (other != NULL && !same(party, other))
            return NULL;
        other = other == NULL ? party : other;
    }
    return other;
}

/* Seller and buyer together: the pair with the highest sum. */
void
parties_rank(struct solve *solve)
{
    float best = 0;

    for (uint32_t i = 0; i < solve->party_count; i++) {
        by_place(solve, &solve->parties[i]);
        by_label(solve, &solve->parties[i]);
    }
    by_repetition(solve);
    for (uint32_t i = 0; i < solve->party_count; i++) {
        const struct party *seller = &solve->parties[i];
        for (uint32_t k = 0; k < solve->party_count; k++) {
            const struct party *buyer = &solve->parties[k];
            if (same(seller, buyer) || worth(seller, PARTY_SELLER) < 0.1F ||
                worth(buyer, PARTY_BUYER) < 0.1F)
                continue;
            float sum = worth(seller, PARTY_SELLER) + worth(buyer, PARTY_BUYER);
            if (sum <= best)
                continue;
            best = sum;
            solve->seller = seller;
            solve->buyer = buyer;
        }
    }
    if (solve->seller == NULL) {
        const struct party *seller = best_for(solve, PARTY_SELLER, NULL, 0.1F);
        const struct party *buyer = best_for(solve, PARTY_BUYER, NULL, 0.3F);
        if (buyer != NULL &&
            (seller == NULL ||
             (worth(buyer, PARTY_BUYER) > worth(seller, PARTY_SELLER) && same(seller, buyer))))
            solve->buyer = buyer, seller = NULL;
        solve->seller = seller;
    }
    if (solve->buyer == NULL)
        solve->buyer = best_for(solve, PARTY_BUYER, solve->seller, 0.2F);
    if (solve->buyer == NULL && solve->seller != NULL)
        solve->buyer = only_other(solve, solve->seller);
    solve->ship_to = best_for(solve, PARTY_SHIP_TO, NULL, 0.5F);
    if (solve->buyer == NULL && solve->ship_to != NULL && solve->ship_to != solve->seller)
        solve->buyer = solve->ship_to; /* most have it sent to themselves */
}

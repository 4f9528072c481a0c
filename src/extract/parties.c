/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * An address is found by its postal code; the lines above it in the same column are street and
 * name, those below it contact and numbers. */
#include "extract/parties.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

enum { LINES_UP = 7, LINES_DOWN = 7 };

/* "Name · Street 1 · 12345 Place": the parts before the postal code, split at marks. */
static uint32_t
split_parts(const struct solve *solve, struct part part, struct part *ret, uint32_t most)
{
    uint32_t n = 0, first = part.first;

    for (uint32_t i = part.first; i <= part.first + part.count; i++) {
        bool last = i == part.first + part.count;
        const char *text = last ? "" : solve->doc->tokens[i].text;
        size_t len = strlen(text);
        bool comma = len > 1 && (text[len - 1] == ',' || text[len - 1] == ';');
        if (!last && !line_is_bullet(text) && !comma)
            continue;
        uint32_t end = last ? i : comma ? i + 1 : i;
        if (end > first && n < most)
            ret[n++] = (struct part){first, end - first};
        first = i + 1;
    }
    return n;
}

/* Words before the postal code on its own line. */
static void
take_before(const struct solve *solve, struct party *party, struct part before)
{
    struct part parts[6];
    struct part where = line_trim(solve, before);

    if (where.count == 0 || country_of(solve, where) != NULL)
        return;
    const char *text = solve->doc->tokens[where.first].text;
    if (where.count == 1 && strlen(text) <= 3 && isupper((unsigned char)*text))
        return; /* letters in front of the code */
    uint32_t n = split_parts(solve, where, parts, 6);
    if (n >= 2 && !address_is_street(solve, parts[0]) && address_is_street(solve, parts[n - 1])) {
        party->name = parts[0];
        party->street = parts[n - 1];
        party->one_line = true;
    } else if (n >= 3) {
        party->name = parts[0];
        party->street = parts[n - 2];
        party->one_line = true;
    } else {
        party->street = n >= 2 && address_is_street(solve, parts[n - 1]) ? parts[0] : where;
        if (n >= 2)
            party->street = (struct part){where.first, where.count};
    }
}

static void
add_line(struct party *party, struct part line, bool front)
{
    if (line.count == 0 || party->line_count == PARTY_LINES_MAX)
        return;
    if (front)
        memmove(party->lines + 1, party->lines, party->line_count * sizeof(*party->lines));
    party->lines[front ? 0 : party->line_count] = line;
    party->line_count++;
}

/* The line above a labelled name, where the name begins one line higher than its label. */
static struct part
line_above(const struct solve *solve, uint32_t seg)
{
    const struct part none = {0, 0};
    float gap;
    uint32_t above = line_near(solve, seg, true, &gap);

    if (above == NONE || gap > 0.7F * solve->doc->segs[seg].size)
        return none;
    const struct seg *line = &solve->doc->segs[above];
    struct line_view view = line_view(solve, above);
    if (fabsf(line->box.x0 - solve->doc->segs[seg].box.x0) > 2 || view.labelled ||
        view.concept != 0 || view.role != 0 || line->count > 8)
        return none;
    return view.content;
}

/* "Name · Street · Place": the return address over the window belongs to somebody else. */
static bool
is_sender_line(const struct solve *solve, uint32_t seg)
{
    const struct doc *doc = solve->doc;
    const struct row *row = &doc->rows[doc->segs[seg].row];
    uint32_t marks = 0;

    for (uint32_t i = 0; i < row->count; i++) {
        const struct seg *part = &doc->segs[doc->row_segs[row->first + i]];
        for (uint32_t t = part->first; t < part->first + part->count; t++)
            marks += line_is_bullet(doc->tokens[t].text);
    }
    return marks >= 2;
}

/* The lines above: name at the top, street next to the place. */
static void
take_above(const struct solve *solve, struct party *party, uint32_t seg)
{
    struct part up[LINES_UP] = {{0, 0}};
    uint32_t n = 0;
    float size = solve->doc->segs[seg].size;
    struct part named = {0, 0};

    float gap, before = 100 * size;
    for (uint32_t at = line_near(solve, seg, true, &gap); at != NONE && n < LINES_UP;
         at = line_near(solve, at, true, &gap)) {
        struct line_view view = line_view(solve, at);
        float more = n < 2 && party->name.count == 0 ? 1.5F : 0.6F;
        if (gap > fmaxf(before, 0) + more * size && line_label_beside(solve, at) == NONE)
            break;
        if (is_sender_line(solve, at))
            break;
        if (n == 0 && gap > 1.5F * size && !view.labelled &&
            !address_is_street(solve, view.content))
            break;
        before = gap;
        if (view.head) {
            party->labelled = view.role;
            break;
        }
        if (view.closes || solve->doc->segs[at].size > 3 * size)
            break;
        if (line_is_type(solve, view.concept, TYPE_NAME) ||
            line_is_type(solve, view.concept, TYPE_PARTY)) {
            named = view.content;
            if (named.count > 0) {
                party->name_head = line_above(solve, at);
                break;
            }
        }
        bool address = line_is_type(solve, view.concept, TYPE_STREET) ||
                       line_is_type(solve, view.concept, TYPE_ADDRESS);
        if (view.labelled && !address)
            continue;
        if (address && view.content.count > 0 && party->street.count == 0) {
            party->street = view.content;
            add_line(party, view.content, true);
            continue;
        }
        if (view.concept != 0 && !address && view.role == 0) {
            struct part whole = {solve->doc->segs[at].first, solve->doc->segs[at].count};
            if (view.content.count == 0 || view.content.first != whole.first)
                continue; /* a number or contact: not of name or street */
            break;
        }
        if (view.content.count > 0 && line_has_letters(solve, view.content))
            up[n++] = view.content;
        if (view.role != 0) {
            party->labelled = view.role;
            break;
        }
        struct part place, code;
        if (address_find(solve, view.content, &code, &place)) { /* another address */
            n--;
            break;
        }
    }
    uint32_t top = n;
    if (named.count > 0) {
        party->name = named;
    } else if (top > 0 && party->name.count == 0 && (party->street.count > 0 || n > 1)) {
        uint32_t pick = top - 1;
        for (uint32_t i = 0; i < n; i++) /* a line with a legal form beats what stands above it */
            if (((name_has_form(solve, up[i]) && !name_has_form(solve, up[pick])) ||
                 (name_has_law(solve, up[i]) && !name_has_law(solve, up[pick]))) &&
                !(address_is_street(solve, up[i])))
                pick = i;
        party->name = up[pick];
        if (pick > 0 && line_is_salutation(solve, up[pick])) {
            party->name_head = up[pick];
            party->name = up[--pick];
        }
        top = pick;
    }
    for (uint32_t i = 0; i < top; i++)
        add_line(party, up[i], true);
    if (party->street.count == 0 && top > 0) {
        uint32_t street = 0;
        for (uint32_t i = 0; i < top; i++)
            if (address_is_street(solve, up[i])) {
                street = i;
                break;
            }
        party->street = up[street];
    }
}

/* "Name · Street 1 · 12345 Place" set so widely that each part is a segment of its own. */
static void
take_beside(const struct solve *solve, struct party *party, uint32_t seg)
{
    const struct doc *doc = solve->doc;
    const struct row *row = &doc->rows[doc->segs[seg].row];
    struct part parts[4];
    uint32_t n = 0, at = row->count;

    for (uint32_t i = 0; i < row->count; i++)
        if (doc->row_segs[row->first + i] == seg)
            at = i;
    const struct seg *own = &doc->segs[seg];
    if (party->street.count > 0 && party->name.count == 0 && at >= 1 && at < row->count &&
        line_is_bullet(doc->tokens[own->first].text)) { /* only the name is set apart */
        const struct seg *left = &doc->segs[doc->row_segs[row->first + at - 1]];
        party->name = (struct part){left->first, left->count};
        party->one_line = true;
        return;
    }
    while (party->street.count == 0 && at >= 2 && at < row->count && n < 4) {
        const struct seg *bullet = &doc->segs[doc->row_segs[row->first + at - 1]];
        const struct seg *part = &doc->segs[doc->row_segs[row->first + at - 2]];
        if (bullet->count != 1 || !line_is_bullet(doc->tokens[bullet->first].text))
            break;
        parts[n++] = (struct part){part->first, part->count};
        at -= 2;
    }
    if (n < 2)
        return;
    party->street = parts[0];
    party->name = parts[n - 1];
    party->one_line = true;
    add_line(party, parts[0], true);
}

static void
take_below(const struct solve *solve, struct party *party, uint32_t seg)
{
    uint32_t n = 0;
    float gap;

    for (uint32_t at = line_near(solve, seg, false, &gap); at != NONE && n < LINES_DOWN;
         at = line_near(solve, at, false, &gap), n++) {
        const struct seg *line = &solve->doc->segs[at];
        struct part whole = {line->first, line->count};
        struct line_view view = line_view(solve, at);
        struct part code, place;
        if (view.head || view.role != 0)
            break;
        if (n == 0 && party->country.count == 0 && country_of(solve, whole) != NULL) {
            party->country = whole;
            add_line(party, whole, false);
            continue;
        }
        if (address_find(solve, whole, &code, &place))
            break;
        if (line_has_item(solve, whole, ITEM_EMAIL) || line_has_item(solve, whole, ITEM_URL) ||
            line_has_item(solve, whole, ITEM_VAT) || line_has_item(solve, whole, ITEM_IBAN) ||
            line_is_type(solve, view.concept, TYPE_PHONE))
            party->has_contact = true;
        else if (view.closes)
            break;
        uint32_t end = whole.first + whole.count;
        if (end > party->contact.first + party->contact.count &&
            whole.first >= party->contact.first)
            party->contact.count = end - party->contact.first;
    }
}

static void
finish(struct solve *solve, struct party *party)
{
    struct doc *doc = solve->doc;

    party->box = doc_box(doc, party->city.first, party->city.count);
    if (party->name.count > 0)
        party->box = box_union(party->box, doc_box(doc, party->name.first, party->name.count));
    if (party->street.count > 0)
        party->box = box_union(party->box, doc_box(doc, party->street.first, party->street.count));
    char *name = party->name.count > 0 ? doc_text(doc, party->name.first, party->name.count) : NULL;
    char *key = name != NULL ? fold_key(solve->arena, name, strlen(name)) : NULL;
    party->key = key != NULL ? key : "";
}

/* An address in the seg from token `from` on. Returns where it ends; 0: there is none. */
static uint32_t
add_party(struct solve *solve, uint32_t seg, uint32_t from)
{
    const struct seg *at = &solve->doc->segs[seg];
    struct part where = {from, at->first + at->count - from};
    struct party party = {.page = at->page};

    if (solve->party_count == PARTIES_MAX ||
        !address_find(solve, where, &party.postcode, &party.city))
        return 0;
    uint32_t first =
        party.city.first < party.postcode.first ? party.city.first : party.postcode.first;
    uint32_t end = party.city.first + party.city.count;
    if (party.postcode.first + party.postcode.count > end)
        end = party.postcode.first + party.postcode.count;
    struct line_view view = line_view(solve, seg);
    struct part before = {where.first, first - where.first};
    if (view.content.first > before.first && view.content.first <= first)
        before = (struct part){view.content.first, first - view.content.first};
    if (view.role != 0)
        party.labelled = view.role;
    take_before(solve, &party, before);
    party.contact = (struct part){where.first, where.count};
    struct part line = {before.count > 0 ? line_trim(solve, before).first : first, 0};
    uint32_t last = end;
    struct part after = line_trim(solve, (struct part){end, at->first + at->count - end});
    if (after.count > 0 && after.count <= 4) {
        if (country_of(solve, after) != NULL)
            party.country = after;
        if (line_has_letters(solve, after) && !line_has_item(solve, after, ITEM_PHONE))
            last = after.first + after.count;
    }
    if (party.name.count > 0 && party.one_line)
        line.first = party.name.first + party.name.count;
    line.count = last > line.first ? last - line.first : 0;
    add_line(&party, line_trim(solve, line), true);
    take_beside(solve, &party, seg);
    if (!party.one_line)
        take_above(solve, &party, seg);
    take_below(solve, &party, seg);
    if (party.country.count == 0 && first > at->first) {
        struct part code = {first - 1, 1};
        if (country_of(solve, code) != NULL)
            party.country = code;
    }
    finish(solve, &party);
    solve->parties[solve->party_count++] = party;
    return end;
}

void
find_parties(struct solve *solve)
{
    solve->parties = arena_array(solve->arena, PARTIES_MAX, sizeof(*solve->parties));
    if (solve->parties == NULL) {
        solve->full = true;
        return;
    }
    for (uint32_t s = 0; s < solve->doc->seg_count; s++) {
        const struct seg *seg = &solve->doc->segs[s];
        uint32_t from = seg->first;
        for (int k = 0; k < 3 && from < seg->first + seg->count; k++) {
            uint32_t end = add_party(solve, s, from);
            if (end == 0)
                break;
            from = end;
        }
    }
    parties_rank(solve);
}

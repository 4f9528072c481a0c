/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * An address is found by its postal code; the lines above it in the same column are street and
 * name, those below it contact and numbers. */
#include "extract/parties.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

enum { LINES_UP = 7, LINES_DOWN = 7 };

/* Lines of one block follow at most so far, in letter heights. */
static const float gap_up_most = 2.6F, gap_down_most = 1.6F;

static bool
mark(const char *text)
{
    return text[0] != '\0' && !isalnum((unsigned char)text[0]) && (unsigned char)text[0] < 0x80 &&
           text[1] == '\0';
}

static bool
is_bullet(const char *text)
{
    static const char *const marks[] = {"–", "—", "·", "•", "●", "∙", "■",
                                        "|", "*", "-", "−", "+", "/", ","};

    for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++)
        if (strcmp(marks[i], text) == 0)
            return true;
    return false;
}

static struct part
part_trim(const struct solve *solve, struct part part)
{
    while (part.count > 0 && (is_bullet(solve->doc->tokens[part.first].text) ||
                              mark(solve->doc->tokens[part.first].text))) {
        part.first++;
        part.count--;
    }
    while (part.count > 0 && (is_bullet(solve->doc->tokens[part.first + part.count - 1].text) ||
                              mark(solve->doc->tokens[part.first + part.count - 1].text)))
        part.count--;
    return part;
}

/* The label to the left in the row, if the segment is its value; NONE: there is none. */
static uint32_t
label_beside(const struct solve *solve, uint32_t seg)
{
    const struct doc *doc = solve->doc;
    const struct row *row = &doc->rows[doc->segs[seg].row];

    for (uint32_t i = 1; i < row->count; i++) {
        if (doc->row_segs[row->first + i] != seg)
            continue;
        const struct seg *left = &doc->segs[doc->row_segs[row->first + i - 1]];
        uint32_t run = solve->labels->run_of[left->first + left->count - 1];
        return run != NONE && solve->labels->runs[run].colon ? run : NONE;
    }
    return NONE;
}

/* The seg next above (or below) in the same column: left edges or middles agree. Rows of a form
 * with labels at the left may stand further apart. NONE: there is none near enough. */
static uint32_t
seg_near(const struct solve *solve, uint32_t at, bool up, float *ret_gap)
{
    const struct doc *doc = solve->doc;
    const struct seg *seg = &doc->segs[at];
    uint32_t best = NONE;
    float size = fmaxf(seg->size, doc->size * 0.8F);
    float best_gap = (up ? gap_up_most : gap_down_most) * size;
    bool form = label_beside(solve, at) != NONE;

    for (uint32_t step = 1; step <= 4; step++) {
        if ((up && seg->row < step) || (!up && seg->row + step >= doc->row_count))
            break;
        const struct row *row = &doc->rows[up ? seg->row - step : seg->row + step];
        if (row->page != seg->page)
            break;
        for (uint32_t i = 0; i < row->count; i++) {
            uint32_t index = doc->row_segs[row->first + i];
            const struct seg *other = &doc->segs[index];
            float gap = up ? seg->box.y0 - other->box.y1 : other->box.y0 - seg->box.y1;
            float left = fabsf(other->box.x0 - seg->box.x0);
            float middle = fabsf(other->box.x0 + other->box.x1 - seg->box.x0 - seg->box.x1) / 2;
            float overlap = fminf(seg->box.x1, other->box.x1) - fmaxf(seg->box.x0, other->box.x0);
            float most = form || label_beside(solve, index) != NONE ? 2.8F * size : best_gap;
            if (gap > most || overlap <= 0 ||
                (left > 1.3F * seg->size && middle > 0.4F * seg->size))
                continue;
            best = index;
            best_gap = gap;
        }
        if (best != NONE) {
            *ret_gap = best_gap;
            return best;
        }
    }
    return NONE;
}

/* What a line is within a block. */
struct line_view {
    struct part content; /* without the label in front */
    uint16_t concept;    /* of that label; 0: none */
    uint16_t role;       /* a role that stands at it */
    bool head;           /* nothing but a role */
    bool labelled;       /* the label stands in a segment of its own */
    bool closes;         /* belongs to no block: a sentence, a title, a date */
};

static bool
has_item(const struct solve *solve, struct part part, uint8_t kind)
{
    const struct items *items = solve->items;

    for (uint32_t i = part.first; i < part.first + part.count; i++)
        for (uint32_t k = items->at[i]; k < items->at[i + 1]; k++)
            if (items->items[k].kind == kind)
                return true;
    return false;
}

static bool
is_type(const struct solve *solve, uint16_t concept, enum concept_type type)
{
    return concept != 0 && solve->lexicon->concepts[concept].type == type;
}

/* Of several meanings of a label the one that belongs to parties. */
static void
take_concept(const struct solve *solve, struct line_view *view, uint16_t concept)
{
    enum concept_type type = solve->lexicon->concepts[concept].type;

    if (type == TYPE_ROLE || solve->lexicon->concepts[concept].item)
        return;
    if (view->concept == 0 || type == TYPE_NAME || type == TYPE_STREET || type == TYPE_ADDRESS)
    view->concept = concept;
}

/* The number of a box in a form. */
static bool
is_box_number(const char *text)
{
    size_t digits = strspn(text, "0123456789");

    return digits >= 1 && digits <= 2 && (text[digits] == '\0' || strcmp(text + digits, ".") == 0);
}

static bool
names_role(const struct solve *solve, uint32_t run)
{
    const struct labels *labels = solve->labels;

    for (uint32_t i = 0; run != NONE && i < labels->label_count; i++)
        if (labels->labels[i].run == run && labels->labels[i].exact >= 0.85F &&
            solve->lexicon->concepts[labels->labels[i].concept].type == TYPE_ROLE)
            return true;
    return false;
}

static struct line_view
view_line(const struct solve *solve, uint32_t seg)
{
    const struct labels *labels = solve->labels;
    const struct seg *at = &solve->doc->segs[seg];
    struct line_view view = {.content = {at->first, at->count}};
    uint32_t run = labels->run_of[at->first], boxed = 0;

    if (run == NONE && at->count > 1 && is_box_number(solve->doc->tokens[at->first].text) &&
        names_role(solve, labels->run_of[at->first + 1])) {
        run = labels->run_of[at->first + 1]; /* "2 Consignee (name, address)" */
        boxed = 1;
    }
    if (run != NONE) {
        const struct run *r = &labels->runs[run];
        struct part whole = {at->first, at->count};
        bool street = address_is_street(solve, whole);
        float exact = 0;
        for (uint32_t i = 0; i < labels->label_count; i++) {
            const struct label *label = &labels->labels[i];
            if (label->run != run)
                continue;
            bool role = solve->lexicon->concepts[label->concept].type == TYPE_ROLE;
            bool sure = label->exact >= 0.6F || (r->colon && label->first == r->first);
            view.role = role && sure && view.role == 0 ? label->concept : view.role;
            if (role)
                exact = fmaxf(exact, label->exact);
            if (!role && (r->colon || (label->exact >= 0.9F && !street)))
                take_concept(solve, &view, label->concept);
        }
        if (r->colon) {
            view.content.first = r->first + r->count;
            view.content.count = at->first + at->count - view.content.first;
            view.head = view.content.count == 0 && view.role != 0;
        } else if (view.role != 0 && r->count + boxed == at->count && exact >= 0.85F) {
            view.head = true;
        }
    }
    uint32_t beside = label_beside(solve, seg);
    for (uint32_t i = 0; beside != NONE && i < labels->label_count; i++)
        if (labels->labels[i].run == beside && labels->labels[i].exact > 0.6F)
            take_concept(solve, &view, labels->labels[i].concept);
    view.labelled = beside != NONE;
    view.content = part_trim(solve, view.content);
    view.closes =
        at->count > 12 || (has_item(solve, view.content, ITEM_DATE) && view.content.count < 6);
    return view;
}

static bool
is_salutation(const struct solve *solve, struct part part)
{
    static const char *const words[] = {
        "flrma", "herrn",    "herr",   "frau",    "mr",    "mrs",        "ms",    "mme",
        "m",     "monsleur", "madame", "famllle", "spett", "spettablle", "exmo",  "exma",
        "exmos", "dhr",      "mevr",   "sr",      "sra",   "srs",        "lllmo", "lllma"};
    uint32_t said = 0;

    for (uint32_t t = part.first; t < part.first + part.count && part.count <= 2; t++)
        for (size_t i = 0; i < ARRAY_LEN(words); i++)
            said += strcmp(solve->doc->tokens[t].key, words[i]) == 0;
    return part.count > 0 && said == part.count;
}

static bool
has_letters(const struct solve *solve, struct part part)
{
    for (uint32_t i = part.first; i < part.first + part.count; i++) {
        unsigned char c = (unsigned char)solve->doc->tokens[i].text[0];
        if ((isalpha(c) || c >= 0x80) && strlen(solve->doc->tokens[i].key) > 1 &&
            strspn(solve->doc->tokens[i].key, "0123456789lobs") < strlen(solve->doc->tokens[i].key))
            return true;
    }
    return false;
}

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
        if (!last && !is_bullet(text) && !comma)
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
    struct part where = part_trim(solve, before);

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
    uint32_t above = seg_near(solve, seg, true, &gap);

    if (above == NONE || gap > 0.7F * solve->doc->segs[seg].size)
        return none;
    const struct seg *line = &solve->doc->segs[above];
    struct line_view view = view_line(solve, above);
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
            marks += is_bullet(doc->tokens[t].text);
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
    for (uint32_t at = seg_near(solve, seg, true, &gap); at != NONE && n < LINES_UP;
         at = seg_near(solve, at, true, &gap)) {
        struct line_view view = view_line(solve, at);
        float more = n < 2 && party->name.count == 0 ? 1.5F : 0.6F;
        if (gap > fmaxf(before, 0) + more * size && label_beside(solve, at) == NONE)
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
        if (is_type(solve, view.concept, TYPE_NAME) || is_type(solve, view.concept, TYPE_PARTY)) {
            named = view.content;
            if (named.count > 0) {
                party->name_head = line_above(solve, at);
                break;
            }
        }
        bool address =
            is_type(solve, view.concept, TYPE_STREET) || is_type(solve, view.concept, TYPE_ADDRESS);
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
        if (view.content.count > 0 && has_letters(solve, view.content))
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
        if (pick > 0 && is_salutation(solve, up[pick])) {
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
        is_bullet(doc->tokens[own->first].text)) { /* only the name is set apart */
        const struct seg *left = &doc->segs[doc->row_segs[row->first + at - 1]];
        party->name = (struct part){left->first, left->count};
        party->one_line = true;
        return;
    }
    while (party->street.count == 0 && at >= 2 && at < row->count && n < 4) {
        const struct seg *bullet = &doc->segs[doc->row_segs[row->first + at - 1]];
        const struct seg *part = &doc->segs[doc->row_segs[row->first + at - 2]];
        if (bullet->count != 1 || !is_bullet(doc->tokens[bullet->first].text))
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

    for (uint32_t at = seg_near(solve, seg, false, &gap); at != NONE && n < LINES_DOWN;
         at = seg_near(solve, at, false, &gap), n++) {
        const struct seg *line = &solve->doc->segs[at];
        struct part whole = {line->first, line->count};
        struct line_view view = view_line(solve, at);
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
        if (has_item(solve, whole, ITEM_EMAIL) || has_item(solve, whole, ITEM_URL) ||
            has_item(solve, whole, ITEM_VAT) || has_item(solve, whole, ITEM_IBAN) ||
            is_type(solve, view.concept, TYPE_PHONE))
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
    struct line_view view = view_line(solve, seg);
    struct part before = {where.first, first - where.first};
    if (view.content.first > before.first && view.content.first <= first)
        before = (struct part){view.content.first, first - view.content.first};
    if (view.role != 0)
        party.labelled = view.role;
    take_before(solve, &party, before);
    party.contact = (struct part){where.first, where.count};
    struct part line = {before.count > 0 ? part_trim(solve, before).first : first, 0};
    uint32_t last = end;
    struct part after = part_trim(solve, (struct part){end, at->first + at->count - end});
    if (after.count > 0 && after.count <= 4) {
        if (country_of(solve, after) != NULL)
            party.country = after;
        if (has_letters(solve, after) && !has_item(solve, after, ITEM_PHONE))
            last = after.first + after.count;
    }
    if (party.name.count > 0 && party.one_line)
        line.first = party.name.first + party.name.count;
    line.count = last > line.first ? last - line.first : 0;
    add_line(&party, part_trim(solve, line), true);
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

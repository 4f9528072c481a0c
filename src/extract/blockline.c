/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A line within a block of name and address: what it says, and which lines stand next to it. */
#include "extract/parties.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

/* Lines of one block follow at most so far, in letter heights. */
static const float gap_up_most = 2.6F, gap_down_most = 1.6F;

static bool
mark(const char *text)
{
    return text[0] != '\0' && !isalnum((unsigned char)text[0]) && (unsigned char)text[0] < 0x80 &&
           text[1] == '\0';
}

bool
line_is_bullet(const char *text)
{
    static const char *const marks[] = {"–", "—", "·", "•", "●", "∙", "■",
                                        "|", "*", "-", "−", "+", "/", ","};

    for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++)
        if (strcmp(marks[i], text) == 0)
            return true;
    return false;
}

struct part
line_trim(const struct solve *solve, struct part part)
{
    while (part.count > 0 && (line_is_bullet(solve->doc->tokens[part.first].text) ||
                              mark(solve->doc->tokens[part.first].text))) {
        part.first++;
        part.count--;
    }
    while (part.count > 0 &&
           (line_is_bullet(solve->doc->tokens[part.first + part.count - 1].text) ||
            mark(solve->doc->tokens[part.first + part.count - 1].text)))
        part.count--;
    return part;
}

/* The label to the left in the row, if the segment is its value; NONE: there is none. */
uint32_t
line_label_beside(const struct solve *solve, uint32_t seg)
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
uint32_t
line_near(const struct solve *solve, uint32_t at, bool up, float *ret_gap)
{
    const struct doc *doc = solve->doc;
    const struct seg *seg = &doc->segs[at];
    uint32_t best = NONE;
    float size = fmaxf(seg->size, doc->size * 0.8F);
    float best_gap = (up ? gap_up_most : gap_down_most) * size;
    bool form = line_label_beside(solve, at) != NONE;

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
            float most = form || line_label_beside(solve, index) != NONE ? 2.8F * size : best_gap;
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

bool
line_has_item(const struct solve *solve, struct part part, uint8_t kind)
{
    return items_have(solve->items, part.first, part.count, kind);
}

bool
line_is_type(const struct solve *solve, uint16_t concept, enum concept_type type)
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

struct line_view
line_view(const struct solve *solve, uint32_t seg)
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
    uint32_t beside = line_label_beside(solve, seg);
    for (uint32_t i = 0; beside != NONE && i < labels->label_count; i++)
        if (labels->labels[i].run == beside && labels->labels[i].exact > 0.6F)
            take_concept(solve, &view, labels->labels[i].concept);
    view.labelled = beside != NONE;
    view.content = line_trim(solve, view.content);
    view.closes =
        at->count > 12 || (line_has_item(solve, view.content, ITEM_DATE) && view.content.count < 6);
    return view;
}

bool
line_is_salutation(const struct solve *solve, struct part part)
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

bool
line_has_letters(const struct solve *solve, struct part part)
{
    for (uint32_t i = part.first; i < part.first + part.count; i++) {
        unsigned char c = (unsigned char)solve->doc->tokens[i].text[0];
        if ((isalpha(c) || c >= 0x80) && strlen(solve->doc->tokens[i].key) > 1 &&
            strspn(solve->doc->tokens[i].key, "0123456789lobs") < strlen(solve->doc->tokens[i].key))
            return true;
    }
    return false;
}

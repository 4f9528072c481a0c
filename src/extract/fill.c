/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The fields of a record, from its own words: behind labels, by type, as parts of its first lines,
 * and the rest as its text. Each word serves one field. */
#include "extract/blocks.h"
#include "extract/parties.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

enum { TOKENS_MAX = 1200 };

/* How sure a value is by the way it was found: set by hand, all of them under what is given where
 * being right was counted. */
static const float sure_label = 0.88F, sure_type = 0.82F, sure_period = 0.85F, sure_word = 0.8F,
                   sure_place = 0.68F, sure_rest = 0.7F;

struct filling {
    struct solve *solve;
    const struct table_field *table;
    const struct block_records *records;
    bool *used;            /* [token_count] */
    struct value **values; /* [records][fields] */
    uint32_t record;       /* that is being filled */
};

static const struct field *
field_at(const struct filling *filling, uint32_t f)
{
    return &filling->solve->fields[filling->table->first_field + f];
}

static const struct block_record *
record_of(const struct filling *filling)
{
    return &filling->records->records[filling->record];
}

static struct value **
value_at(const struct filling *filling, uint32_t f)
{
    return &filling->values[filling->record * filling->table->field_count + f];
}

static bool
is_typed(enum concept_type type)
{
    switch (type) {
    case TYPE_EMAIL:
    case TYPE_PHONE:
    case TYPE_URL:
    case TYPE_IBAN:
    case TYPE_BIC:
    case TYPE_VAT:
    case TYPE_MONEY:
    case TYPE_PERCENT:
    case TYPE_DATE:
    case TYPE_TIME:
    case TYPE_DURATION:
    case TYPE_ID:
        return true;
    default:
        return false;
    }
}

const char *
slot_of(const struct solve *solve, const struct field *field)
{
    const char *slot =
        field->own_key == NULL ? NULL : lexicon_word(solve->lexicon, LEXICON_SLOT, field->own_key);

    if (slot == NULL && field->title_key != NULL)
        slot = lexicon_word(solve->lexicon, LEXICON_SLOT, field->title_key);
    /* Of "article_number" the last word that is kept says less than its type. */
    for (uint32_t i = is_typed(field->type) ? 0 : field->word_count; slot == NULL && i > 0; i--)
        slot = lexicon_word(solve->lexicon, LEXICON_SLOT, field->words[i - 1]);
    return slot;
}

static bool
is_slot(const struct filling *filling, uint32_t f, const char *name)
{
    const char *slot = slot_of(filling->solve, field_at(filling, f));

    return slot != NULL && strcmp(slot, name) == 0;
}

static void
use(const struct filling *filling, uint32_t first, uint32_t count)
{
    for (uint32_t t = first; t < first + count; t++)
        filling->used[t] = true;
}

static void
put(const struct filling *filling, uint32_t f, struct value *value)
{
    if (value == NULL)
        return;
    *value_at(filling, f) = value;
    for (uint32_t i = 0; i < value->token_count; i++)
        filling->used[value->tokens[i]] = true;
}

/* --- behind labels --- */

static bool
is_textual(enum concept_type type)
{
    switch (type) {
    case TYPE_TEXT:
    case TYPE_NAME:
    case TYPE_PERSON:
    case TYPE_PARTY:
    case TYPE_ADDRESS:
    case TYPE_STREET:
    case TYPE_CITY:
    case TYPE_COUNTRY:
    case TYPE_ID:
    case TYPE_LANGUAGE:
    case TYPE_BODY:
        return true;
    default:
        return false;
    }
}

static struct value *
value_in(const struct filling *filling, const struct field *field, uint32_t first, uint32_t count)
{
    const struct items *items = filling->solve->items;

    for (uint32_t t = first; t < first + count; t++)
        for (uint32_t k = items->at[t]; k < items->at[t + 1]; k++)
            if (item_suits(field, &items->items[k]) &&
                items->items[k].first + items->items[k].count <= first + count &&
                field->type != TYPE_ID)
                return make_item(filling->solve, field, &items->items[k], sure_label);
    if (!is_textual(field->type) && (field->shape->types & SCHEMA_STRING) == 0)
        return NULL;
    return make_text(filling->solve, field, first, count, sure_label);
}

/* Words behind the label in its segment, up to the next label. */
static uint32_t
rest_of_seg(const struct filling *filling, uint32_t from, uint32_t stop)
{
    const struct labels *labels = filling->solve->labels;
    uint32_t end = from;

    while (end < stop) {
        uint32_t run = labels->run_of[end];
        bool label = run != NONE && labels->runs[run].colon && labels->runs[run].first == end;
        for (uint32_t f = 0; !label && run != NONE && f < filling->table->field_count; f++)
            label = labels->runs[run].colon &&
                    card_label(filling->solve, field_at(filling, f), end) > 0;
        if (end > from && label)
            break;
        end++;
    }
    while (end > from && strspn(filling->solve->doc->tokens[end - 1].text, "|•·;,") ==
                             strlen(filling->solve->doc->tokens[end - 1].text))
        end--;
    return end - from;
}

/* Lines that go on below the value, set in as far as it. */
static struct value *
with_lines(const struct filling *filling, const struct field *field, uint32_t band, uint32_t first,
           uint32_t count, float left)
{
    const struct doc *doc = filling->solve->doc;
    const struct block_record *record = record_of(filling);
    uint32_t tokens[TOKENS_MAX], n = 0;

    for (uint32_t t = first; t < first + count && n < TOKENS_MAX; t++)
        tokens[n++] = t;
    for (uint32_t b = band + 1; b < record->count; b++) {
        const struct band *next = &record->bands[b];
        const struct seg *seg = &doc->segs[next->segs[0]];
        if (next->labelled || next->seg_count != 1 || fabsf(seg->box.x0 - left) > 6 ||
            next->gap > next->size)
            break;
        for (uint32_t t = seg->first; t < seg->first + seg->count && n < TOKENS_MAX; t++)
            tokens[n++] = t;
    }
    return n == count ? value_in(filling, field, first, count)
                      : make_tokens(filling->solve, field, tokens, n, sure_label);
}

static bool
take_label(const struct filling *filling, uint32_t f, uint32_t band, uint32_t s, uint32_t token)
{
    const struct doc *doc = filling->solve->doc;
    const struct field *field = field_at(filling, f);
    const struct band *at = &record_of(filling)->bands[band];
    const struct seg *seg = &doc->segs[at->segs[s]];
    uint32_t stop = seg->first + seg->count;
    uint32_t from = card_label(filling->solve, field, token);

    if (from == 0 || filling->used[token])
        return false;
    uint32_t count = from < stop ? rest_of_seg(filling, from, stop) : 0;
    if (count == 0 && from >= stop && s + 1 < at->seg_count) {
        seg = &doc->segs[at->segs[s + 1]];
        from = seg->first;
        count = rest_of_seg(filling, from, seg->first + seg->count);
    } else if (count == 0 && band + 1 < record_of(filling)->count && !at[1].labelled &&
               at->seg_count == 1) { /* on the line below */
        seg = &doc->segs[at[1].segs[0]];
        from = seg->first;
        count = seg->count;
        band++;
    }
    if (count == 0)
        return false;
    float left = doc->tokens[from].box.x0;
    bool set_in = left > doc->tokens[token].box.x0 + 6;
    struct value *value = set_in && is_textual(field->type)
                              ? with_lines(filling, field, band, from, count, left)
                              : value_in(filling, field, from, count);
    if (value == NULL)
        return false;
    value->label = doc_text(doc, token, card_label(filling->solve, field, token) - token);
    use(filling, token, card_label(filling->solve, field, token) - token);
    put(filling, f, value);
    return true;
}

static void
by_labels(const struct filling *filling)
{
    const struct doc *doc = filling->solve->doc;
    const struct block_record *record = record_of(filling);

    for (uint32_t f = 0; f < filling->table->field_count; f++)
        for (uint32_t b = 0; b < record->count && *value_at(filling, f) == NULL; b++)
            for (uint32_t s = 0; s < record->bands[b].seg_count; s++) {
                const struct seg *seg = &doc->segs[record->bands[b].segs[s]];
                for (uint32_t t = seg->first;
                     t < seg->first + seg->count && *value_at(filling, f) == NULL; t++)
                    (void)take_label(filling, f, b, s, t);
            }
}

/* --- by type --- */

static bool
is_free(const struct filling *filling, const struct item *item)
{
    for (uint32_t t = item->first; t < item->first + item->count; t++)
        if (filling->used[t])
            return false;
    return true;
}

/* An amount has decimals or a currency; a code a digit and no form of something else. */
static bool
has_form(const struct filling *filling, const struct field *field, const struct item *item)
{
    const struct items *items = filling->solve->items;

    if (field->type == TYPE_MONEY)
        return item->number.decimals == 2 || item->number.currency[0] != '\0';
    if (field->type == TYPE_PERCENT)
        return item->number.percent;
    for (uint32_t k = items->at[item->first];
         field->type == TYPE_ID && k < items->at[item->first + 1]; k++)
        if (items->items[k].kind == ITEM_DATE || items->items[k].kind == ITEM_PHONE ||
            items->items[k].kind == ITEM_EMAIL || items->items[k].kind == ITEM_URL ||
            items->items[k].kind == ITEM_TIME ||
            (items->items[k].kind == ITEM_NUMBER &&
             (items->items[k].number.decimals == 2 || items->items[k].number.percent ||
              items->items[k].number.currency[0] != '\0')))
            return false;
    return true;
}

static void
take_typed(const struct filling *filling, uint32_t f, const struct seg *seg)
{
    const struct items *items = filling->solve->items;
    const struct field *field = field_at(filling, f);

    for (uint32_t t = seg->first; t < seg->first + seg->count; t++)
        for (uint32_t k = items->at[t]; k < items->at[t + 1]; k++) {
            const struct item *item = &items->items[k];
            if (*value_at(filling, f) != NULL || !item_suits(field, item) ||
                !is_free(filling, item) || !has_form(filling, field, item))
                continue;
            put(filling, f, make_item(filling->solve, field, item, sure_type));
        }
}

static void
by_type(const struct filling *filling)
{
    const struct block_record *record = record_of(filling);
    static const char *const words[] = {"start", "end",   "name", "title",
                                        "org",   "place", "body", "level"};

    for (uint32_t f = 0; f < filling->table->field_count; f++) {
        const struct field *field = field_at(filling, f);
        bool by_slot = false;
        for (size_t i = 0; i < ARRAY_LEN(words); i++)
            by_slot = by_slot || is_slot(filling, f, words[i]);
        if (*value_at(filling, f) != NULL || !is_typed(field->type) || by_slot)
            continue;
        for (uint32_t b = 0; b < record->count; b++)
            for (uint32_t s = 0; s < record->bands[b].seg_count; s++)
                take_typed(filling, f, &filling->solve->doc->segs[record->bands[b].segs[s]]);
    }
}

/* --- periods --- */

static const struct period *
period_of(const struct filling *filling)
{
    const struct block_record *record = record_of(filling);
    const struct period *first = NULL;

    for (uint32_t b = 0; b < record->count; b++) {
        const struct band *band = &record->bands[b];
        if (band->period.count == 0 || (b > 0 && (band->prose || band->bullet)))
            continue;
        if (band->period.range)
            return &band->period;
        first = first == NULL ? &band->period : first;
    }
    return first;
}

/* One end of a period in the form that the field wants: a full date, a year, or as printed. */
static struct value *
moment_value(const struct filling *filling, const struct field *field, const struct moment *moment)
{
    const struct items *items = filling->solve->items;
    const char *format = field->shape->format;

    if (moment->count == 0)
        return NULL;
    if (format != NULL && strncmp(format, "date", 4) == 0) {
        for (uint32_t t = moment->first; t < moment->first + moment->count; t++)
            for (uint32_t k = items->at[t]; k < items->at[t + 1]; k++)
                if (items->items[k].kind == ITEM_DATE)
                    return make_item(filling->solve, field, &items->items[k], sure_period);
        return NULL;
    }
    if ((field->shape->types & SCHEMA_STRING) != 0)
        return make_string(filling->solve, field, moment->text, moment->first, moment->count,
                           NORM_TRIMMED, sure_period);
    size_t len = strlen(moment->text), n = 0;
    while (n < len && isdigit((unsigned char)moment->text[len - 1 - n]))
        n++;
    if (n != 4)
        return NULL;
    return value_new(filling->solve->doc, moment->text + len - 4, moment->first, moment->count,
                     NORM_NUMBER, sure_period);
}

static struct value *
period_value(const struct filling *filling, const struct field *field, const struct period *period)
{
    bool dated = field->shape->format != NULL && strncmp(field->shape->format, "date", 4) == 0;

    if (!period->range || dated || (field->shape->types & SCHEMA_STRING) == 0)
        return moment_value(filling, field,
                            period->range && period->end.count > 0 ? &period->end : &period->start);
    char *text = doc_text(filling->solve->doc, period->first, period->count);
    if (text == NULL)
        return NULL;
    const char *from = strstr(text, period->start.text);
    text = from == NULL ? text : (char *)(uintptr_t)from;
    size_t len = strlen(text);
    while (len > 0 && strchr(")],;:|", text[len - 1]) != NULL)
        text[--len] = '\0';
    return make_string(filling->solve, field, text, period->first, period->count, NORM_TRIMMED,
                       sure_period);
}

static void
by_period(const struct filling *filling)
{
    const struct period *period = period_of(filling);

    if (period == NULL)
        return;
    for (uint32_t f = 0; f < filling->table->field_count; f++) {
        const struct field *field = field_at(filling, f);
        if (*value_at(filling, f) != NULL)
            continue;
        if (is_slot(filling, f, "start") && period->range)
            put(filling, f, moment_value(filling, field, &period->start));
        else if (is_slot(filling, f, "end"))
            put(filling, f,
                moment_value(filling, field, period->range ? &period->end : &period->start));
        else if (is_slot(filling, f, "period"))
            put(filling, f, period_value(filling, field, period));
    }
    use(filling, period->first, period->count);
}

/* --- what the first lines say --- */

static struct value *
part_value(const struct filling *filling, const struct field *field, const struct block_part *part,
           float confidence)
{
    char *text = doc_text(filling->solve->doc, part->first, part->count);

    if (text == NULL)
        return NULL;
    size_t before = strlen(text), len = before;
    while (len > 0 && strchr(",;:|)", text[len - 1]) != NULL &&
           !(text[len - 1] == ')' && strchr(text + 1, '(') != NULL))
        text[--len] = '\0';
    while (*text != '\0' && strchr("(,;:|", *text) != NULL)
        text++;
    return make_string(filling->solve, field, text, part->first, part->count,
                       strlen(text) < before ? NORM_TRIMMED : NORM_TEXT, confidence);
}

static void
take_part(const struct filling *filling, uint32_t f, const struct record_parts *parts,
          enum part_kind kind)
{
    int at = parts->chosen[kind];

    if (at < 0 || *value_at(filling, f) != NULL)
        return;
    const struct block_part *part = &parts->parts[at];
    float sure = part->kind[kind] > 0.5F ? sure_word : sure_place;
    put(filling, f, part_value(filling, field_at(filling, f), part, sure));
}

static bool
is_used(const struct filling *filling, const struct block_part *part)
{
    for (uint32_t t = part->first; t < part->first + part->count; t++)
        if (filling->used[t])
            return true;
    return false;
}

/* The first part that serves nothing else. */
static void
take_next(const struct filling *filling, uint32_t f, const struct record_parts *parts)
{
    for (uint32_t i = 0; i < parts->count && *value_at(filling, f) == NULL; i++)
        if (!is_used(filling, &parts->parts[i]))
            put(filling, f, part_value(filling, field_at(filling, f), &parts->parts[i], sure_rest));
}

/* "400 mg": a number and its unit. */
static void
take_dose(const struct filling *filling, uint32_t f)
{
    const struct doc *doc = filling->solve->doc;
    const struct block_record *record = record_of(filling);

    for (uint32_t b = 0; b < record->count; b++)
        for (uint32_t s = 0; s < record->bands[b].seg_count; s++) {
            const struct seg *seg = &doc->segs[record->bands[b].segs[s]];
            for (uint32_t t = seg->first; t < seg->first + seg->count; t++) {
                bool next = t + 1 < seg->first + seg->count;
                const char *unit = next ? lexicon_word(filling->solve->lexicon, LEXICON_WORDS,
                                                       doc->tokens[t + 1].key)
                                        : NULL;
                const char *text = doc->tokens[t].text;
                size_t n = strspn(text, "0123456789.,/");
                bool glued = n > 0 && text[n] != '\0' && isalpha((unsigned char)text[n]);
                if (*value_at(filling, f) != NULL || n == 0 || filling->used[t])
                    continue;
                if (unit != NULL && strcmp(unit, "unit") == 0 && text[n] == '\0')
                    put(filling, f,
                        make_text(filling->solve, field_at(filling, f), t, 2, sure_type));
                else if (glued && strlen(text + n) <= 3)
                    put(filling, f,
                        make_text(filling->solve, field_at(filling, f), t, 1, sure_type));
            }
        }
}

/* Lines of an address: street, and postal code with its place. */
static void
take_address(const struct filling *filling, uint32_t f)
{
    const struct solve *solve = filling->solve;
    const struct block_record *record = record_of(filling);
    uint32_t tokens[TOKENS_MAX], n = 0;

    for (uint32_t b = 0; b < record->count; b++)
        for (uint32_t s = 0; s < record->bands[b].seg_count; s++) {
            const struct seg *seg = &solve->doc->segs[record->bands[b].segs[s]];
            struct part line = {seg->first, seg->count}, code, city;
            bool street = address_is_street(solve, line);
            if (filling->used[seg->first] || (!street && !address_find(solve, line, &code, &city)))
                continue;
            for (uint32_t t = seg->first; t < seg->first + seg->count && n < TOKENS_MAX; t++)
                if (!filling->used[t])
                    tokens[n++] = t;
        }
    if (n > 1)
        put(filling, f, make_tokens(filling->solve, field_at(filling, f), tokens, n, sure_rest));
}

/* --- the rest --- */

static uint32_t
rest_of(const struct filling *filling, uint32_t from, uint32_t tokens[TOKENS_MAX])
{
    const struct block_record *record = record_of(filling);
    const struct doc *doc = filling->solve->doc;
    uint32_t n = 0;

    for (uint32_t b = from; b < record->count; b++)
        for (uint32_t s = 0; s < record->bands[b].seg_count; s++) {
            const struct seg *seg = &doc->segs[record->bands[b].segs[s]];
            bool mark = s == 0 && record->bands[b].marker > 0 && seg->count > 1;
            for (uint32_t t = seg->first + (mark ? record->bands[b].marker : 0);
                 t < seg->first + seg->count && n < TOKENS_MAX; t++)
                if (!filling->used[t])
                    tokens[n++] = t;
        }
    /* A mark between what was taken is no text. */
    while (n > 0 && doc->tokens[tokens[0]].key[0] == '\0') {
        memmove(tokens, tokens + 1, (n - 1) * sizeof(*tokens));
        n--;
    }
    while (n > 0 && doc->tokens[tokens[n - 1]].key[0] == '\0')
        n--;
    return n;
}

static void
take_body(const struct filling *filling, uint32_t f, const struct record_parts *parts)
{
    uint32_t tokens[TOKENS_MAX];
    uint32_t n = rest_of(filling, parts->head, tokens);

    if (n == 0)
        n = rest_of(filling, 0, tokens);
    if (n > 0)
        put(filling, f, make_tokens(filling->solve, field_at(filling, f), tokens, n, sure_rest));
}

static bool
is_list(const struct field *field)
{
    return (field->shape->types & SCHEMA_STRING) == 0 &&
           (field->shape->types & SCHEMA_ARRAY) != 0 && field->shape->items != NULL &&
           (field->shape->items->types & SCHEMA_STRING) != 0;
}

/* Each mark of a list in the record begins one text. */
static void
put_list(const struct filling *filling, const struct field *field, struct node *row, uint32_t head)
{
    const struct block_record *record = record_of(filling);
    struct node *list = node_add(filling->solve->arena, row, NODE_ARRAY, field->shape->name);
    struct field one = *field;
    uint32_t tokens[TOKENS_MAX];

    if (list == NULL) {
        filling->solve->full = true;
        return;
    }
    list->shape = field->shape;
    one.shape = field->shape->items;
    for (uint32_t b = head; b < record->count;) {
        uint32_t end = b + 1;
        while (end < record->count && !record->bands[end].bullet && record->bands[b].bullet)
            end++;
        struct filling part = *filling;
        struct block_record lines = {record->bands + b, end - b};
        struct block_records whole = {.records = &lines, .count = 1};
        part.records = &whole;
        part.record = 0;
        uint32_t n = rest_of(&part, 0, tokens);
        struct value *value =
            n == 0 ? NULL : make_tokens(filling->solve, &one, tokens, n, sure_rest);
        struct node *leaf =
            value == NULL ? NULL : node_add(filling->solve->arena, list, NODE_LEAF, NULL);
        if (leaf != NULL) {
            leaf->value = value;
            leaf->shape = one.shape;
        }
        b = end;
    }
}

static void
by_parts(const struct filling *filling, const struct record_parts *parts)
{
    static const char *const slots[PART_KINDS] = {"name", "title", "org", "place"};

    for (int k = 0; k < PART_KINDS; k++)
        for (uint32_t f = 0; f < filling->table->field_count; f++)
            if (is_slot(filling, f, slots[k]))
                take_part(filling, f, parts, (enum part_kind)k);
    for (uint32_t f = 0; f < filling->table->field_count; f++)
        if (is_slot(filling, f, "name") || is_slot(filling, f, "title") ||
            is_slot(filling, f, "level"))
            take_next(filling, f, parts);
    for (uint32_t f = 0; f < filling->table->field_count; f++)
        if (*value_at(filling, f) == NULL &&
            (is_slot(filling, f, "body") || is_slot(filling, f, "frequency")) &&
            !is_list(field_at(filling, f)))
            take_body(filling, f, parts);
}

static unsigned
wanted_parts(const struct filling *filling)
{
    static const char *const slots[PART_KINDS] = {"name", "title", "org", "place"};
    unsigned wanted = 0;

    for (uint32_t f = 0; f < filling->table->field_count; f++)
        for (int k = 0; k < PART_KINDS; k++)
            if (is_slot(filling, f, slots[k]))
                wanted |= 1U << k;
    return wanted;
}

static bool
put_row(const struct filling *filling, const struct record_parts *parts)
{
    struct solve *solve = filling->solve;
    uint32_t any = 0;

    for (uint32_t f = 0; f < filling->table->field_count; f++)
        any += *value_at(filling, f) != NULL;
    if (any == 0)
        return false;
    struct node *row = node_add(solve->arena, filling->table->node, NODE_OBJECT, NULL);
    for (uint32_t f = 0; row != NULL && f < filling->table->field_count; f++) {
        const struct field *field = field_at(filling, f);
        struct value *value = *value_at(filling, f);
        if (is_list(field)) {
            put_list(filling, field, row, parts->head);
            continue;
        }
        struct node *leaf = node_add(solve->arena, row, NODE_LEAF, field->shape->name);
        if (leaf == NULL) {
            solve->full = true;
            return false;
        }
        leaf->shape = field->shape;
        leaf->value = value;
        if (value != NULL)
            value->confidence = words_lessen(solve, value, value->confidence);
        for (uint32_t t = 0; value != NULL && t < value->token_count; t++)
            solve->taken[value->tokens[t]] = true;
    }
    if (row == NULL)
        solve->full = true;
    else
        row->shape = filling->table->shape->items;
    return row != NULL;
}

uint32_t
blocks_fill(struct solve *solve, const struct table_field *table,
            const struct block_records *records)
{
    struct filling filling = {.solve = solve, .table = table, .records = records};
    struct record_parts *parts = arena_array(solve->arena, records->count + 1, sizeof(*parts));
    uint32_t rows = 0;

    filling.used = arena_array(solve->arena, solve->doc->token_count + 1, sizeof(bool));
    filling.values =
        arena_array(solve->arena, (size_t)records->count * table->field_count + 1, sizeof(void *));
    if (parts == NULL || filling.used == NULL || filling.values == NULL) {
        solve->full = true;
        return 0;
    }
    for (filling.record = 0; filling.record < records->count; filling.record++) {
        for (uint32_t b = 0; b < records->records[filling.record].count; b++) {
            const struct band *band = &records->records[filling.record].bands[b];
            const struct seg *seg = &solve->doc->segs[band->segs[0]];
            if (band->marker < seg->count || band->seg_count > 1)
                use(&filling, seg->first, band->marker);
        }
        by_labels(&filling);
        by_period(&filling);
        by_type(&filling);
        for (uint32_t f = 0; f < table->field_count; f++) {
            if (*value_at(&filling, f) == NULL && is_slot(&filling, f, "dose"))
                take_dose(&filling, f);
            if (*value_at(&filling, f) == NULL && field_at(&filling, f)->type == TYPE_ADDRESS &&
                !is_slot(&filling, f, "place"))
                take_address(&filling, f);
        }
    }
    blockparts_read(solve, records, filling.used, wanted_parts(&filling), parts);
    for (filling.record = 0; filling.record < records->count && !solve->full; filling.record++) {
        by_parts(&filling, &parts[filling.record]);
        rows += put_row(&filling, &parts[filling.record]);
    }
    return rows;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "extract/name.h"

#include <string.h>

/* Below this share of understood letters a concept gives the type only, not the labels. */
static const float understood_least = 0.72F;

/* The words of a name as they would be on the page: contracted where only so they stand there. */
static const char *
key_on_page(struct solve *solve, const char *text)
{
    const char *key = name_key(solve, text);
    char *other = key == NULL ? NULL : arena_strdup(solve->arena, key);
    const struct labels *labels = solve->labels;
    bool met = false;

    if (other == NULL || !name_contract(other))
        return key;
    for (uint32_t i = 0; i < labels->run_count; i++) {
        if (strstr(labels->runs[i].key, key) != NULL)
            return key;
        met = met || strstr(labels->runs[i].key, other) != NULL;
    }
    return met ? other : key;
}

static bool
mentions(const char *text, const char *what)
{
    return text != NULL && strcasestr(text, what) != NULL;
}

/* What the schema itself says about the form. */
static void
read_wish(struct solve *solve, struct field *field)
{
    const char *about = field->shape->description;

    field->wish = solve->wish;
    if (mentions(about, "as printed") || mentions(about, "as shown") || mentions(about, "verbatim"))
        field->wish.printed = true;
    if (mentions(about, "decimal") || mentions(about, "digits"))
        field->wish.decimal = true;
    if (mentions(about, "YYYY-MM-DD") || mentions(about, "ISO 8601"))
        field->wish.date_format = NULL, field->wish.printed = false;
    else if (mentions(about, "DD.MM.YYYY"))
        field->wish.date_format = "DD.MM.YYYY";
    else if (mentions(about, "DD/MM/YYYY"))
        field->wish.date_format = "DD/MM/YYYY";
    else if (mentions(about, "MM/DD/YYYY"))
        field->wish.date_format = "MM/DD/YYYY";
    if (mentions(about, "upper case") || mentions(about, "uppercase"))
        field->wish.upper = true;
}

/* What the schema requires overrules what the name suggests. */
static void
set_type(struct solve *solve, struct field *field)
{
    const struct schema_shape *shape =
        field->many && field->shape->items != NULL ? field->shape->items : field->shape;
    unsigned types = shape->types & ~(unsigned)SCHEMA_NULL;
    const char *format = shape->format;
    enum concept_type type =
        field->concept != 0 ? solve->lexicon->concepts[field->concept].type : TYPE_TEXT;

    if ((types & SCHEMA_STRING) == 0 && (types & SCHEMA_INTEGER) != 0) {
        if (type != TYPE_MONEY && type != TYPE_PERCENT && type != TYPE_PAGES)
            type = name_says_money(solve, field->shape->name) && (types & SCHEMA_NUMBER) != 0
                       ? TYPE_MONEY
                       : TYPE_NUMBER;
    } else if (types == SCHEMA_BOOLEAN) {
        type = TYPE_BOOL;
    }
    if (format != NULL) {
        if (strcmp(format, "date") == 0 || strcmp(format, "date-time") == 0)
            type = TYPE_DATE;
        else if (strcmp(format, "time") == 0)
            type = TYPE_TIME;
        else if (strcmp(format, "email") == 0 || strcmp(format, "idn-email") == 0)
            type = TYPE_EMAIL;
        else if (strcmp(format, "uri") == 0 || strcmp(format, "iri") == 0)
            type = TYPE_URL;
    }
    bool text = (types & SCHEMA_STRING) != 0 && format == NULL;
    if (type == TYPE_DATE && text && name_says_time(solve, field->shape->name))
        type = TYPE_TIME; /* "departureTime" */
    else if (type == TYPE_DATE && text && field->generic &&
             !name_says_date(solve, field->shape->name))
        type = TYPE_TEXT; /* "departureStation" */
    field->type = type;
}

static struct field *
new_field(struct solve *solve)
{
    if (solve->field_count == solve->field_cap) {
        uint32_t cap = solve->field_cap * 2 + 32;
        void *more =
            arena_grow(solve->arena, solve->fields, solve->field_count, cap, sizeof(struct field));
        if (more == NULL || solve->field_count >= EXTRACT_FIELDS_MAX) {
            solve->full = true;
            return NULL;
        }
        solve->fields = more;
        solve->field_cap = cap;
    }
    struct field *field = &solve->fields[solve->field_count++];
    *field = (struct field){0};
    return field;
}

/* The words of the name one by one, without those that the type says anyway. */
static void
keep_words(struct solve *solve, struct field *field, const char *name)
{
    static const char *const of_type[] = {"date", "number", "amount", "value",  "name",  "ls",
                                          "has",  "no",     "numero", "nummer", "numer", "nr",
                                          "text", "fleld",  "lnfo",   "day"};
    struct name_words words;

    name_split(name, &words);
    for (size_t i = 0; i < words.count && field->word_count < FIELD_WORDS_MAX; i++) {
        const char *key = key_on_page(solve, words.word[i]);
        bool said = key == NULL || *key == '\0' || name_is_filler(key);
        for (size_t k = 0; words.count > 1 && k < sizeof(of_type) / sizeof(*of_type); k++)
            said = said || strcmp(key, of_type[k]) == 0;
        if (!said)
            field->words[field->word_count++] = key;
    }
}

/* "provider_id": a number of somebody is not that of the document. */
static bool
is_of_party(const struct solve *solve, const char *name, uint16_t concept, uint16_t role)
{
    struct name_words words;

    name_split(name, &words);
    return role != 0 && concept != 0 &&
           strcmp(solve->lexicon->concepts[concept].name, "document_number") == 0 &&
           words.count == 2 && name_ends_in_id(name);
}

/* Neither a concept nor a role nor a kind of document. */
static bool
is_unknown(const struct solve *solve, const char *name)
{
    uint16_t concept = 0, role = 0;
    float known = fields_meaning(solve, name, false, 0, &concept, &role);

    return role == 0 && known < understood_least;
}

/* "nome", "nombre" and "nom" of somebody are the whole name; alone they are a part of one. */
static bool
is_whole_name(const struct solve *solve, const char *name, uint16_t concept)
{
    static const char *const names[] = {"nome", "nombre", "nom", "nazwa", "naam", "nazwisko"};
    const char *is = solve->lexicon->concepts[concept].name;

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strcasecmp(name, names[i]) == 0)
    return concept == 0 || strcmp(is, "first_name") == 0 || strcmp(is, "last_name") == 0 ||
           strcmp(is, "full_name") == 0;
    return false;
}

bool
field_has_form(const struct field *field)
{
    switch (field->type) {
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

/* What a property of a record asks for; NULL: not known. */
static const char *
slot_of(const struct solve *solve, const struct field *field)
{
    const char *slot =
        field->own_key == NULL ? NULL : lexicon_word(solve->lexicon, LEXICON_SLOT, field->own_key);

    if (slot == NULL && field->title_key != NULL)
        slot = lexicon_word(solve->lexicon, LEXICON_SLOT, field->title_key);
    /* Of "article_number" the last word that is kept says less than its type. */
    for (uint32_t i = field_has_form(field) ? 0 : field->word_count; slot == NULL && i > 0; i--)
        slot = lexicon_word(solve->lexicon, LEXICON_SLOT, field->words[i - 1]);
    return slot;
}

static void
add_field(struct solve *solve, const struct schema_shape *shape, struct node *node, uint16_t role,
          const char *parent, bool item)
{
    struct field *field = new_field(solve);
    const char *name = shape->name != NULL ? shape->name : "";
    uint16_t concept = 0, own_role = 0;

    if (field == NULL)
        return;
    field->shape = shape;
    field->node = node;
    field->item = item;
    field->many = node->kind == NODE_ARRAY;
    float known = fields_meaning(solve, name, item, shape->types, &concept, &own_role);
    if (parent != NULL) {
        uint16_t with_concept = 0, with_role = 0;
        const char *both = arena_printf(solve->arena, "%s_%s", parent, name);
        float with = both == NULL ? 0
                                  : fields_meaning(solve, both, item, shape->types, &with_concept,
                                                   &with_role);
        const char *key = name_key(solve, both);
        bool whole = key != NULL && lexicon_find(solve->lexicon, key) != NULL;
        if (with_concept != 0 && (whole || (concept == 0 && with > known))) {
            concept = with_concept;
            known = with;
            own_role = own_role != 0 ? own_role : with_role;
        }
    }
    if (concept == 0 && shape->title != NULL)
        known = fields_meaning(solve, shape->title, item, shape->types, &concept, &own_role);
    if (concept == 0 && own_role == 0 && shape->description != NULL &&
        strlen(shape->description) < 80) {
        const char *about = name_turned(solve, shape->description);
        known = fields_meaning(solve, about, item, shape->types, &concept, &own_role);
        if (shape->title == NULL && !name_is_spoken(name))
            name = about; /* "f1" says nothing: the words are those of the description */
    }
    if (concept == 0 && own_role != 0) { /* "employeeId" is a number, "employee" a name */
        concept = lexicon_concept(solve->lexicon, name_ends_in_id(name)          ? "document_number"
                                                  : name_says_place(solve, name) ? "address"
                                                                                 : "name");
        known = 1;
    }
    bool whole_name = parent != NULL && role != 0 && is_whole_name(solve, name, concept);
    concept = whole_name ? lexicon_concept(solve->lexicon, "name") : concept;
    field->concept = concept;
    field->generic = known < understood_least || is_of_party(solve, name, concept, own_role);
    field->role = own_role != 0 ? own_role : role;
    field->context = role;
    if (parent != NULL && role == 0 && name_is_plain(name) && is_unknown(solve, parent)) {
        name = parent; /* {"emergencyContact": {"name"}}: the label is the object's */
        field->generic = true;
    }
    field->own_key = key_on_page(solve, name);
    keep_words(solve, field, name);
    field->title_key = name_key(solve, shape->title);
    read_wish(solve, field);
    set_type(solve, field);
    field->slot = item ? slot_of(solve, field) : NULL;
}

static bool
is_table(const struct schema_shape *shape)
{
    return (shape->types & SCHEMA_ARRAY) != 0 && shape->items != NULL &&
           (shape->items->types & SCHEMA_OBJECT) != 0 && shape->items->property_count > 0;
}

static void
add_table(struct solve *solve, const struct schema_shape *shape, struct node *node)
{
    if (solve->table_count == solve->table_cap) {
        uint32_t cap = solve->table_cap * 2 + 4;
        void *more = arena_grow(solve->arena, solve->tables, solve->table_count, cap,
                                sizeof(struct table_field));
        if (more == NULL) {
            solve->full = true;
            return;
        }
        solve->tables = more;
        solve->table_cap = cap;
    }
    uint32_t at = solve->table_count++;
    uint16_t subject = 0, role = 0;
    if (shape->name != NULL)
        (void)fields_meaning(solve, shape->name, false, 0, &subject, &role);
    uint32_t first = solve->field_count;
    /* Columns have no node of their own: rows get theirs when they are found. */
    for (size_t i = 0; i < shape->items->property_count && !solve->full; i++) {
        static struct node none;
        const struct schema_shape *column = shape->items->properties[i];
        add_field(solve, column, &none, 0, NULL, true);
    }
    solve->tables[at] = (struct table_field){.shape = shape,
                                             .node = node,
                                             .subject = subject,
                                             .first_field = first,
                                             .field_count = solve->field_count - first};
}

// NOLINTNEXTLINE(misc-no-recursion): ends with the depth of the schema
void
fields_make(struct solve *solve, const struct schema_shape *shape, struct node *node, uint16_t role,
            const char *parent, bool item)
{
    for (size_t i = 0; i < shape->property_count && !solve->full; i++) {
        const struct schema_shape *property = shape->properties[i];
        bool object = (property->types & SCHEMA_OBJECT) != 0 && property->property_count > 0;
        bool array = (property->types & SCHEMA_ARRAY) != 0 && property->types != SCHEMA_ANY;
        struct node *child = node_add(solve->arena, node,
                                      object  ? NODE_OBJECT
                                      : array ? NODE_ARRAY
                                              : NODE_LEAF,
                                      property->name);
        if (child == NULL) {
            solve->full = true;
            return;
        }
        child->shape = property;
        if (object) {
            uint16_t concept, own = 0;
            (void)fields_meaning(solve, property->name, false, 0, &concept, &own);
            fields_make(solve, property, child, own != 0 ? own : role, property->name, item);
        } else if (is_table(property)) {
            add_table(solve, property, child);
        } else {
            add_field(solve, property, child, role, parent, item);
        }
    }
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "extract/solve.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { NAME_WORDS_MAX = 12, WORD_MAX = 40 };

/* Below this share of understood letters a concept gives the type only, not the labels. */
static const float understood_least = 0.72F;

struct words {
    char word[NAME_WORDS_MAX][WORD_MAX];
    size_t count;
};

/* "amt", "cust": what programmers write for words. */
static void
spell_out(char word[WORD_MAX])
{
    static const char *const short_for[][2] = {
        {"amt", "amount"},        {"dt", "date"},         {"pct", "percent"},
        {"cust", "customer"},     {"addr", "address"},    {"desc", "description"},
        {"pmt", "payment"},       {"bal", "balance"},     {"acct", "account"},
        {"nbr", "number"},        {"emp", "employee"},    {"tot", "total"},
        {"curr", "currency"},     {"inv", "invoice"},     {"supp", "supplier"},
        {"descr", "description"}, {"qnty", "quantity"},   {"vend", "vendor"},
        {"ord", "order"},         {"del", "delivery"},    {"stmt", "statement"},
        {"mfg", "manufacturer"},  {"bez", "bezeichnung"}, {"dob", "birthdate"}};

    for (size_t i = 0; i < ARRAY_LEN(short_for); i++)
        if (strcasecmp(word, short_for[i][0]) == 0) {
            strcpy(word, short_for[i][1]);
            return;
        }
}

/* snake_case, kebab-case, camelCase and plain words; digits stand alone. */
static void
split(const char *name, struct words *words)
{
    size_t at = 0;

    words->count = 0;
    for (const char *s = name; *s != '\0' && words->count < NAME_WORDS_MAX; s++) {
        unsigned char c = (unsigned char)*s;
        bool part = isalnum(c) || c >= 0x80;
        bool begins =
            at > 0 && s > name &&
            ((isupper(c) && islower((unsigned char)s[-1])) ||
             (isupper(c) && isupper((unsigned char)s[-1]) && islower((unsigned char)s[1])) ||
             (isdigit(c) != 0) != (isdigit((unsigned char)s[-1]) != 0));
        if ((!part || begins) && at > 0) {
            words->word[words->count++][at] = '\0';
            at = 0;
        }
        if (part && words->count < NAME_WORDS_MAX && at + 1 < WORD_MAX)
            words->word[words->count][at++] = *s;
    }
    if (at > 0 && words->count < NAME_WORDS_MAX)
        words->word[words->count++][at] = '\0';
    for (size_t i = 0; i < words->count; i++)
        spell_out(words->word[i]);
}

/* Words that carry nothing: "the", "of", "value". */
static bool
is_filler(const char *key)
{
    static const char *const fillers[] = {"the", "of", "a",     "an",  "value", "fleld",
                                          "as",  "ln", "der",   "des", "de",    "la",
                                          "le",  "el", "total", NULL};

    for (size_t i = 0; fillers[i] != NULL; i++)
        if (strcmp(key, fillers[i]) == 0)
            return strcmp(key, "total") != 0;
    return false;
}

struct meaning {
    uint16_t concept, role;
    size_t concept_len, known, all;
    bool role_only;   /* one phrase was both */
    bool bare_number; /* "number" of something that is no kind of document */
};

/* The concept's values have the type that the schema asks for; 0: it does not say. */
static bool
suits(enum concept_type type, unsigned types)
{
    bool numeric =
        type == TYPE_MONEY || type == TYPE_NUMBER || type == TYPE_PERCENT || type == TYPE_PAGES;

    types &= ~(unsigned)SCHEMA_NULL;
    if (types == 0 || ((types & SCHEMA_STRING) != 0 && (types & SCHEMA_INTEGER) != 0))
        return true;
    return numeric == ((types & SCHEMA_INTEGER) != 0);
}

static bool
is_named(const struct solve *solve, uint16_t concept, const char *name)
{
    return strcmp(solve->lexicon->concepts[concept].name, name) == 0;
}

static bool
is_end(const struct solve *solve, uint16_t concept)
{
    return is_named(solve, concept, "period_start") || is_named(solve, concept, "period_end");
}

static void
take_phrase(const struct solve *solve, const struct phrase *phrase, bool item, unsigned types,
            struct meaning *meaning, size_t len)
{
    uint16_t best = 0, role = 0;
    int best_rank = -1;

    for (; phrase != NULL; phrase = lexicon_next(solve->lexicon, phrase)) {
        const struct concept *concept = &solve->lexicon->concepts[phrase->concept];
        if (phrase->kind)
            continue;
        if (concept->type == TYPE_ROLE) {
            role = role == 0 ? phrase->concept : role;
            continue;
        }
        int rank =
            (concept->item == item) * 8 + suits(concept->type, types) * 4 + phrase->prop * 2 + 1;
        if (concept->item && !item)
            rank = 0;
        if (rank > best_rank) {
            best_rank = rank;
            best = phrase->concept;
        }
    }
    if (role != 0 && meaning->role == 0)
        meaning->role = role;
    if (best != 0 && meaning->concept != 0) { /* "periodeFin": one end of it */
        if (is_named(solve, meaning->concept, "period") && is_end(solve, best))
            meaning->concept_len = 0;
        else if (is_named(solve, best, "period") && is_end(solve, meaning->concept))
            return;
    }
    if (best != 0 && best_rank > 0 && len >= meaning->concept_len) {
        meaning->concept = best;
        meaning->concept_len = len;
    }
}

/* "faelligAm", "empfaenger": names of properties write out what the page prints as one letter. */
static bool
contract(char *key)
{
    size_t n = 0;
    bool any = false;

    for (const char *s = key; *s != '\0'; s++) {
        key[n++] = *s;
        if ((*s == 'a' || *s == 'o' || *s == 'u') && s[1] == 'e') {
            any = true;
            s++;
        }
    }
    key[n] = '\0';
    return any;
}

static const struct phrase *
phrase_of(const struct solve *solve, const char *key)
{
    char other[NAME_WORDS_MAX * WORD_MAX];
    const struct phrase *phrase = lexicon_find(solve->lexicon, key);

    while (phrase != NULL && phrase->kind)
        phrase = lexicon_next(solve->lexicon, phrase);
    strcpy(other, key);
    if (phrase != NULL || !contract(other))
        return phrase;
    phrase = lexicon_find(solve->lexicon, other);
    while (phrase != NULL && phrase->kind)
        phrase = lexicon_next(solve->lexicon, phrase);
    return phrase;
}

/* "numeroConta", "dateNaissance": the page says "número de conta", "date de naissance". */
static const struct phrase *
with_joint(const struct solve *solve, const char *first, const char *rest)
{
    static const char *const joints[] = {"de", "dl", "da", "do", "du", "del", "della", "d"};
    char key[NAME_WORDS_MAX * WORD_MAX + 8];

    for (size_t i = 0; i < ARRAY_LEN(joints); i++) {
        snprintf(key, sizeof(key), "%s%s%s", first, joints[i], rest);
        const struct phrase *phrase = phrase_of(solve, key);
        if (phrase != NULL)
            return phrase;
    }
    return NULL;
}

static bool
is_kind(const struct solve *solve, const char *key)
{
    for (const struct phrase *phrase = lexicon_find(solve->lexicon, key); phrase != NULL;
         phrase = lexicon_next(solve->lexicon, phrase))
        if (phrase->kind)
            return true;
    return false;
}

static bool
is_number_word(const char *key)
{
    static const char *const words[] = {"number", "numero", "nummer", "numer", "no", "nr", "n"};

    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strcmp(key, words[i]) == 0)
            return true;
    return false;
}

float
fields_meaning(const struct solve *solve, const char *name, bool item, unsigned types,
               uint16_t *ret_concept, uint16_t *ret_role)
{
    struct words words;
    struct meaning meaning = {0};
    uint32_t numbers = 0, other = 0;
    char keys[NAME_WORDS_MAX][WORD_MAX];

    split(name, &words);
    for (size_t i = 0; i < words.count; i++) {
        char *key = fold_key(solve->arena, words.word[i], strlen(words.word[i]));
        keys[i][0] = '\0';
        if (key != NULL && strlen(key) < WORD_MAX) {
            fold_skeleton(key);
            memcpy(keys[i], key, strlen(key) + 1);
        }
        meaning.all += is_filler(keys[i]) ? 0 : strlen(keys[i]);
    }
    for (size_t i = 0; i < words.count;) {
        char key[NAME_WORDS_MAX * WORD_MAX] = "";
        const struct phrase *best = NULL;
        size_t taken = 0, len = 0;
        for (size_t n = 0; i + n < words.count; n++) {
            strcat(key, keys[i + n]);
            const struct phrase *phrase = phrase_of(solve, key);
            if (phrase == NULL && n > 0)
                phrase = with_joint(solve, keys[i], key + strlen(keys[i]));
            if (phrase != NULL) {
                best = phrase;
                taken = n + 1;
                len = strlen(key);
            }
        }
        if (best != NULL) {
            other += !is_number_word(best->key) && !is_kind(solve, best->key);
            numbers += is_number_word(best->key);
            take_phrase(solve, best, item, types, &meaning, len);
            meaning.known += len;
        } else if (is_kind(solve, keys[i])) { /* "numeroDevis": of the document itself */
            meaning.known += strlen(keys[i]);
        }
        i += taken > 0 ? taken : 1;
    }
    meaning.bare_number = numbers > 0 && other > 0 && meaning.role == 0 && meaning.concept != 0 &&
                          is_named(solve, meaning.concept, "document_number");
    *ret_concept = meaning.concept;
    *ret_role = meaning.role;
    if (meaning.bare_number) /* "numeroLigne": of something, but not of the document */
        return 0.5F;
    return meaning.all > 0 ? (float)meaning.known / (float)meaning.all : 0;
}

bool
field_is(const struct solve *solve, const struct field *field, const char *concept)
{
    return strcmp(solve->lexicon->concepts[field->concept].name, concept) == 0;
}

static const char *
key_of(struct solve *solve, const char *text)
{
    char *key = text == NULL ? NULL : fold_key(solve->arena, text, strlen(text));

    if (key != NULL)
        fold_skeleton(key);
    return key;
}

/* The words of a name as they would be on the page: contracted where only so they stand there. */
static const char *
key_on_page(struct solve *solve, const char *text)
{
    const char *key = key_of(solve, text);
    char *other = key == NULL ? NULL : arena_strdup(solve->arena, key);
    const struct labels *labels = solve->labels;
    bool met = false;

    if (other == NULL || !contract(other))
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

/* One of the words of the name is in the list. */
static bool
says_one(struct solve *solve, const char *name, const char *const *list)
{
    struct words words;

    if (name == NULL)
        return false;
    split(name, &words);
    for (size_t i = 0; i < words.count; i++) {
        const char *key = key_of(solve, words.word[i]);
        for (size_t k = 0; key != NULL && list[k] != NULL; k++)
            if (strcmp(key, list[k]) == 0)
                return true;
    }
    return false;
}

static bool
says_time(struct solve *solve, const char *name)
{
    static const char *const words[] = {"tlme", "uhrzelt", "zelt", "heure",   "hora",
                                        "ora",  "tlld",    "hour", "godzlna", NULL};

    return says_one(solve, name, words);
}

static bool
says_money(struct solve *solve, const char *name)
{
    static const char *const words[] = {
        "amount",  "charge", "charges", "fee",     "cost",    "costs",   "prlce", "payment",
        "betrag",  "kosten", "gebuhr",  "gebuehr", "prels",   "montant", "prlx",  "frals",
        "lmporte", "preclo", "lmporto", "prezzo",  "costo",   "valor",   "preco", "bedrag",
        "prljs",   "kwota",  "cena",    "oplata",  "copay",   "balance", "saldo", "wages",
        "tax",     "salary", "rent",    "premlum", "deposlt", NULL};

    return says_one(solve, name, words);
}

static bool
says_date(struct solve *solve, const char *name)
{
    static const char *const words[] = {
        "date", "datum", "fecha", "data",  "day",    "tag",    "dla",    "lour",  "on",    "am",
        "le",   "el",    "dob",   "start", "end",    "by",     "untll",  "begln", "tll",   "bls",
        "von",  "ab",    "from",  "to",    "od",     "do",     "du",     "au",    "desde", "hasta",
        "dal",  "al",    "van",   "tot",   "termln", "expiry", "explry", "since", "due",   NULL};

    return says_one(solve, name, words);
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
            type = says_money(solve, field->shape->name) && (types & SCHEMA_NUMBER) != 0
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
    if (type == TYPE_DATE && text && says_time(solve, field->shape->name))
        type = TYPE_TIME; /* "departureTime" */
    else if (type == TYPE_DATE && text && field->generic && !says_date(solve, field->shape->name))
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
    struct words words;

    split(name, &words);
    for (size_t i = 0; i < words.count && field->word_count < FIELD_WORDS_MAX; i++) {
        const char *key = key_on_page(solve, words.word[i]);
        bool said = key == NULL || *key == '\0' || is_filler(key);
        for (size_t k = 0; words.count > 1 && k < sizeof(of_type) / sizeof(*of_type); k++)
            said = said || strcmp(key, of_type[k]) == 0;
        if (!said)
            field->words[field->word_count++] = key;
    }
}

/* "cust_addr": where somebody is, not who. */
static bool
says_place(struct solve *solve, const char *name)
{
    static const char *const words[] = {"address", "adresse", "anschrlft", "lndlrlzzo", "dlrecclon",
                                        "morada",  "adres",   "endereco",  NULL};

    return says_one(solve, name, words);
}

static bool
ends_in_id(const char *name)
{
    static const char *const last[] = {"id", "number", "no", "nr", "num", "code"};
    struct words words;

    split(name, &words);
    for (size_t i = 0; words.count >= 2 && i < ARRAY_LEN(last); i++)
        if (strcasecmp(words.word[words.count - 1], last[i]) == 0)
            return true;
    return false;
}

/* "provider_id": a number of somebody is not that of the document. */
static bool
is_of_party(const struct solve *solve, const char *name, uint16_t concept, uint16_t role)
{
    struct words words;

    split(name, &words);
    return role != 0 && concept != 0 && is_named(solve, concept, "document_number") &&
           words.count == 2 && ends_in_id(name);
}

static bool
is_plain_name(const char *name)
{
    static const char *const names[] = {"name", "full_name", "fullName", "nome", "nombre",
                                        "nom",  "naam",      "value",    "text"};

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

/* Neither a concept nor a role nor a kind of document. */
static bool
is_unknown(const struct solve *solve, const char *name)
{
    uint16_t concept = 0, role = 0;
    float known = fields_meaning(solve, name, false, 0, &concept, &role);

    return role == 0 && known < understood_least;
}

/* "Number of the order" is the order number. */
static const char *
turned(struct solve *solve, const char *text)
{
    const char *of = strcasestr(text, " of ");

    if (of == NULL || strcasestr(of + 4, " of ") != NULL)
        return text;
    const char *what = of + 4;
    if (strncasecmp(what, "the ", 4) == 0)
        what += 4;
    const char *both = arena_printf(solve->arena, "%s %.*s", what, (int)(of - text), text);
    return both == NULL ? text : both;
}

/* The name has a word of three letters at least. */
static bool
is_spoken(const char *name)
{
    size_t letters = 0;

    for (; *name != '\0'; name++) {
        letters = isalpha((unsigned char)*name) || (unsigned char)*name >= 0x80 ? letters + 1 : 0;
        if (letters >= 3)
            return true;
    }
    return false;
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
        const char *key = key_of(solve, both);
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
        const char *about = turned(solve, shape->description);
        known = fields_meaning(solve, about, item, shape->types, &concept, &own_role);
        if (shape->title == NULL && !is_spoken(name))
            name = about; /* "f1" says nothing: the words are those of the description */
    }
    if (concept == 0 && own_role != 0) { /* "employeeId" is a number, "employee" a name */
        concept = lexicon_concept(solve->lexicon, ends_in_id(name)          ? "document_number"
                                                  : says_place(solve, name) ? "address"
                                                                            : "name");
        known = 1;
    }
    bool whole_name = parent != NULL && role != 0 && is_whole_name(solve, name, concept);
    concept = whole_name ? lexicon_concept(solve->lexicon, "name") : concept;
    field->concept = concept;
    field->generic = known < understood_least || is_of_party(solve, name, concept, own_role);
    field->role = own_role != 0 ? own_role : role;
    field->context = role;
    if (parent != NULL && role == 0 && is_plain_name(name) && is_unknown(solve, parent)) {
        name = parent; /* {"emergencyContact": {"name"}}: the label is the object's */
        field->generic = true;
    }
    field->own_key = key_on_page(solve, name);
    keep_words(solve, field, name);
    field->title_key = key_of(solve, shape->title);
    read_wish(solve, field);
    set_type(solve, field);
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

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "extract/lexicon.h"

#include "base/fnv.h"
#include "extract/extract_internal.h"
#include "extract/lexicon_text.h"

#include <string.h>

enum { CHAIN_COUNT = 8192, PHRASES_START = 8192 };

static const char *const type_names[TYPE_COUNT] = {
    [TYPE_TEXT] = "text",         [TYPE_ID] = "id",
    [TYPE_DATE] = "date",         [TYPE_TIME] = "time",
    [TYPE_MONEY] = "money",       [TYPE_NUMBER] = "number",
    [TYPE_PERCENT] = "percent",   [TYPE_NAME] = "name",
    [TYPE_PERSON] = "person",     [TYPE_PARTY] = "party",
    [TYPE_ADDRESS] = "address",   [TYPE_STREET] = "street",
    [TYPE_POSTCODE] = "postcode", [TYPE_CITY] = "city",
    [TYPE_COUNTRY] = "country",   [TYPE_EMAIL] = "email",
    [TYPE_PHONE] = "phone",       [TYPE_URL] = "url",
    [TYPE_IBAN] = "iban",         [TYPE_BIC] = "bic",
    [TYPE_VAT] = "vat",           [TYPE_CURRENCY] = "currency",
    [TYPE_DURATION] = "duration", [TYPE_BOOL] = "bool",
    [TYPE_KIND] = "kind",         [TYPE_LANGUAGE] = "language",
    [TYPE_PAGES] = "pages",       [TYPE_BODY] = "body",
    [TYPE_ROLE] = "role",
};

static uint32_t
hash(const char *key)
{
    return fnv32_add(FNV32_BEGIN, key, strlen(key)) % CHAIN_COUNT;
}

struct load {
    struct arena *arena;
    struct lexicon *lexicon;
    uint16_t concept; /* or kind, or group */
    bool kind;
    char group; /* enum lexicon_sort of "% sort name"; 0: none */
};

static enum err_code
full(struct err *err)
{
    return err_set(err, ERR_LIMIT, "no room for the lexicon");
}

static enum err_code
add_phrase(struct load *load, const char *text, size_t len, bool prop, struct err *err)
{
    struct lexicon *lexicon = load->lexicon;
    size_t blank = 0;

    while (blank < len && text[blank] == ' ')
        blank++;
    bool weak = blank < len && text[blank] == '~';
    char *key = fold_key(load->arena, text, len);
    if (key == NULL)
        return full(err);
    fold_skeleton(key);
    if (*key == '\0')
        return ERR_OK;
    if (load->group != 0) { /* apart from all other phrases */
        key = arena_printf(load->arena, "%c%s", load->group, key);
        if (key == NULL)
            return full(err);
    }
    uint32_t chain = hash(key);
    for (uint32_t i = lexicon->chains[chain]; i != UINT32_MAX; i = lexicon->phrases[i].next) {
        struct phrase *known = &lexicon->phrases[i];
        if (known->concept == load->concept && known->kind == load->kind &&
            strcmp(known->key, key) == 0) {
            known->prop = known->prop || (prop && load->group == 0);
            known->label = known->label || (!prop && load->group == 0);
            return ERR_OK;
        }
    }
    if (lexicon->phrase_count == lexicon->phrase_cap) {
        uint32_t cap = lexicon->phrase_cap * 2;
        void *more = arena_grow(load->arena, lexicon->phrases, lexicon->phrase_count, cap,
                                sizeof(*lexicon->phrases));
        if (more == NULL)
            return full(err);
        lexicon->phrases = more;
        lexicon->phrase_cap = cap;
    }
    lexicon->phrases[lexicon->phrase_count] = (struct phrase){
        .key = key,
        .concept = load->concept,
        .kind = load->kind,
        .prop = prop && load->group == 0,
        .weak = weak,
        .label = !prop && load->group == 0,
        .len = (uint16_t)strlen(key),
        .next = lexicon->chains[chain],
    };
    lexicon->chains[chain] = lexicon->phrase_count++;
    return ERR_OK;
}

static enum concept_type
type_of(const char *name)
{
    for (int i = 0; i < TYPE_COUNT; i++)
        if (strcmp(type_names[i], name) == 0)
            return (enum concept_type)i;
    return TYPE_TEXT;
}

/* "% section experience" */
static enum err_code
begin_group(struct load *load, const char *line, size_t len, struct err *err)
{
    struct lexicon *lexicon = load->lexicon;
    char *sort = arena_strndup(load->arena, line + 2, len - 2);
    char *name = sort == NULL ? NULL : strchr(sort, ' ');

    if (name == NULL || lexicon->group_count == LEXICON_GROUPS_MAX)
        return full(err);
    load->kind = false;
    load->group = *sort == 's' ? (sort[1] == 'e' ? LEXICON_SECTION : LEXICON_SLOT) : LEXICON_WORDS;
    load->concept = lexicon->group_count;
    lexicon->groups[lexicon->group_count++] = name + 1;
    return ERR_OK;
}

static enum err_code
begin_concept(struct load *load, const char *line, size_t len, struct err *err)
{
    struct lexicon *lexicon = load->lexicon;
    char *name = arena_strndup(load->arena, line + 2, len - 2);

    if (name == NULL || lexicon->concept_count == CONCEPTS_MAX ||
        lexicon->kind_count == sizeof(lexicon->kinds) / sizeof(*lexicon->kinds))
        return full(err);
    load->kind = *line == '!';
    load->group = 0;
    if (load->kind) {
        load->concept = lexicon->kind_count;
        lexicon->kinds[lexicon->kind_count++] = name;
        return ERR_OK;
    }
    char *type = strchr(name, ' ');
    if (type != NULL)
        *type++ = '\0';
    load->concept = lexicon->concept_count;
    lexicon->concepts[lexicon->concept_count++] =
        (struct concept){.name = name,
                         .type = type_of(type == NULL ? "" : type),
                         .item = strncmp(name, "item_", 5) == 0 && strcmp(name, "item_count") != 0};
    return ERR_OK;
}

static enum err_code
take_line(struct load *load, const char *line, size_t len, struct err *err)
{
    const char *colon = memchr(line, ':', len);
    enum err_code rc = ERR_OK;

    if (len < 3 || *line == '#')
        return ERR_OK;
    if (*line == '%')
        return begin_group(load, line, len, err);
    if (*line == '@' || *line == '!')
        return begin_concept(load, line, len, err);
    if (colon == NULL)
        return ERR_OK;
    bool prop = strncmp(line, "prop:", 5) == 0;
    const char *at = colon + 1, *end = line + len;
    while (at < end && rc == ERR_OK) {
        const char *stop = memchr(at, ';', (size_t)(end - at));
        if (stop == NULL)
            stop = end;
        rc = add_phrase(load, at, (size_t)(stop - at), prop, err);
        at = stop + 1;
    }
    return rc;
}

enum err_code
lexicon_load(struct arena *arena, struct lexicon **ret_lexicon, struct err *err)
{
    struct lexicon *lexicon = arena_alloc(arena, sizeof(*lexicon));
    enum err_code rc = ERR_OK;

    if (lexicon == NULL)
        return full(err);
    lexicon->concept_count = 1;
    lexicon->concepts[0].name = "";
    lexicon->phrase_cap = PHRASES_START;
    lexicon->phrases = arena_array(arena, PHRASES_START, sizeof(*lexicon->phrases));
    lexicon->chains = arena_array(arena, CHAIN_COUNT, sizeof(*lexicon->chains));
    if (lexicon->phrases == NULL || lexicon->chains == NULL)
        return full(err);
    memset(lexicon->chains, 0xff, CHAIN_COUNT * sizeof(*lexicon->chains));
    struct load load = {.arena = arena, .lexicon = lexicon};
    const char *at = (const char *)lexicon_text, *end = at + lexicon_text_size;
    while (at < end && rc == ERR_OK) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        if (stop == NULL)
            stop = end;
        rc = take_line(&load, at, (size_t)(stop - at), err);
        at = stop + 1;
    }
    if (rc == ERR_OK)
        *ret_lexicon = lexicon;
    return rc;
}

uint16_t
lexicon_concept(const struct lexicon *lexicon, const char *name)
{
    for (uint16_t i = 1; i < lexicon->concept_count; i++)
        if (strcmp(lexicon->concepts[i].name, name) == 0)
            return i;
    return CONCEPT_NONE;
}

static const struct phrase *
from(const struct lexicon *lexicon, uint32_t i, const char *key)
{
    for (; i != UINT32_MAX; i = lexicon->phrases[i].next)
        if (strcmp(lexicon->phrases[i].key, key) == 0)
            return &lexicon->phrases[i];
    return NULL;
}

const struct phrase *
lexicon_find(const struct lexicon *lexicon, const char *key)
{
    return from(lexicon, lexicon->chains[hash(key)], key);
}

const struct phrase *
lexicon_next(const struct lexicon *lexicon, const struct phrase *phrase)
{
    return from(lexicon, phrase->next, phrase->key);
}

const char *
lexicon_word(const struct lexicon *lexicon, enum lexicon_sort sort, const char *key)
{
    char text[LEXICON_KEY_MAX + 2] = {(char)sort};

    if (*key == '\0' || strlen(key) > LEXICON_KEY_MAX)
        return NULL;
    strcpy(text + 1, key);
    const struct phrase *phrase = lexicon_find(lexicon, text);
    return phrase == NULL ? NULL : lexicon->groups[phrase->concept];
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "extract/instruct.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SENTENCE_MAX = 400 };

struct cue {
    const char *words, *value;
};

static const struct cue languages[] = {
    {"german", "de"},
    {"deutsch", "de"},
    {"austria", "de"},
    {"germany", "de"},
    {"swiss", "de"},
    {"french", "fr"},
    {"français", "fr"},
    {"france", "fr"},
    {"spanish", "es"},
    {"español", "es"},
    {"spain", "es"},
    {"italian", "it"},
    {"italy", "it"},
    {"portuguese", "pt"},
    {"portugal", "pt"},
    {"dutch", "nl"},
    {"netherlands", "nl"},
    {"polish", "pl"},
    {"poland", "pl"},
    {"american", "en-US"},
    {"united states", "en-US"},
    {"british", "en-GB"},
    {"united kingdom", "en-GB"},
    {"english", "en"},
};

static const struct cue date_forms[] = {
    {"yyyy-mm-dd", ""},           {"iso", ""},
    {"dd.mm.yyyy", "DD.MM.YYYY"}, {"tt.mm.jjjj", "DD.MM.YYYY"},
    {"dd/mm/yyyy", "DD/MM/YYYY"}, {"mm/dd/yyyy", "MM/DD/YYYY"},
    {"jj/mm/aaaa", "DD/MM/YYYY"}, {"dd/mm/aaaa", "DD/MM/YYYY"},
};

static bool
has(const char *sentence, const char *words)
{
    return strstr(sentence, words) != NULL;
}

static bool
has_any(const char *sentence, const char *const *list)
{
    for (size_t i = 0; list[i] != NULL; i++)
        if (has(sentence, list[i]))
            return true;
    return false;
}

/* "page 2", "pages 2-4", "pages 2 to 4", "first page", "last page", "from page 3". */
static bool
read_pages(const char *s, struct instructions *ret)
{
    static const char *const words[] = {"page", "seite", "página", "pagina", "stron", NULL};
    static const char *const first[] = {
        "first page",   "erste seite", "ersten seite", "première page", "primera página",
        "prima pagina", NULL};
    static const char *const last[] = {"last page",
                                       "letzte seite",
                                       "letzten seite",
                                       "dernière page",
                                       "última página",
                                       "ultima pagina",
                                       NULL};
    const char *at = NULL;

    if (has_any(s, first)) {
        ret->first_page = ret->last_page = 0;
        return true;
    }
    if (has_any(s, last)) {
        ret->last_only = true;
        return true;
    }
    for (size_t i = 0; words[i] != NULL && at == NULL; i++)
        at = strstr(s, words[i]);
    if (at == NULL)
        return false;
    at += strcspn(at, "0123456789");
    if (*at == '\0')
        return false;
    char *end;
    unsigned long from = strtoul(at, &end, 10), to = from;
    const char *rest = end + strspn(end, " ");
    bool range = *rest == '-' || strncmp(rest, "–", 3) == 0 || strncmp(rest, "to ", 3) == 0 ||
                 strncmp(rest, "bis", 3) == 0 || strncmp(rest, "through", 7) == 0 ||
                 strncmp(rest, "à", 2) == 0 || strncmp(rest, "and ", 4) == 0;
    if (range && rest[strcspn(rest, "0123456789")] != '\0')
        to = strtoul(rest + strcspn(rest, "0123456789"), NULL, 10);
    if (from == 0 || to < from || to > EXTRACT_PAGES_MAX)
        return false;
    static const char *const skips[] = {"skip", "ignore", "without", "exclude", "except", NULL};
    static const char *const onward[] = {"from page", "ab seite", "starting",
                                         "onward",    "after",    NULL};
    if (has_any(s, skips)) {
        if (from != 1)
            return false; /* pages in the middle cannot be left out */
        ret->first_page = (uint32_t)to;
        return true;
    }
    ret->first_page = (uint32_t)from - 1;
    ret->last_page = !range && has_any(s, onward) ? UINT32_MAX : (uint32_t)to - 1;
    return true;
}

static bool
read_forms(const char *s, struct instructions *ret)
{
    static const char *const without_currency[] = {
        "ohne währung",  "sans devise",   "sin moneda", "sin divisa",   "senza valuta",
        "sem moeda",     "zonder valuta", "bez waluty", "sans symbole", "currency symbol",
        "currency sign", "ohne €",        NULL};
    bool any = false;

    for (size_t i = 0; i < sizeof(date_forms) / sizeof(*date_forms); i++)
        if (has(s, date_forms[i].words) &&
            (date_forms[i].words[0] != 'i' || has(s, "date") || has(s, "datum"))) {
            ret->wish.date_format = date_forms[i].value[0] == '\0' ? NULL : date_forms[i].value;
            ret->wish.printed = false;
            return true;
        }
    if (has(s, "as printed") || has(s, "verbatim") || has(s, "exactly as") || has(s, "wörtlich") ||
        has(s, "tel quel")) {
        ret->wish.printed = true;
        any = true;
    }
    if (has(s, "upper case") || has(s, "uppercase") || has(s, "großbuchstaben") ||
        has(s, "majuscules") || has(s, "capital letters")) {
        ret->wish.upper = true;
        any = true;
    }
    if (has(s, "lower case") || has(s, "lowercase") || has(s, "kleinbuchstaben")) {
        ret->wish.lower = true;
        any = true;
    }
    if (has(s, "decimal point") || has(s, "plain number") || has(s, "without currency") ||
        has(s, "numbers only") || has(s, "no currency") || has(s, "dezimalpunkt") ||
        has_any(s, without_currency)) {
        ret->wish.decimal = true;
        any = true;
    }
    return any;
}

static bool
read_language(const char *s, struct instructions *ret)
{
    static const char *const cues[] = {"document", "invoice", "label",  "language", "written",
                                       "receipt",  "is in",   "are in", "dokument", "sprache",
                                       "langue",   "idioma",  NULL};

    if (has(s, "day first") || has(s, "day-first") || has(s, "day comes first")) {
        ret->locale = "en-GB";
        return true;
    }
    if (has(s, "month first") || has(s, "month-first")) {
        ret->locale = "en-US";
        return true;
    }
    if (!has_any(s, cues) || has(s, "translate"))
        return false;
    for (size_t i = 0; i < sizeof(languages) / sizeof(*languages); i++)
        if (has(s, languages[i].words)) {
            ret->locale = languages[i].value;
            return true;
        }
    return false;
}

/* What holds anyway. */
static bool
is_rule(const char *s)
{
    static const char *const rules[] = {"null if",
                                        "null when",
                                        "leave null",
                                        "leave blank",
                                        "leave empty",
                                        "if missing",
                                        "not found",
                                        "do not guess",
                                        "don't guess",
                                        "do not invent",
                                        "no guess",
                                        "if absent",
                                        "if unknown",
                                        "leer lassen",
                                        "si absent",
                                        "if not present",
                                        "be accurate",
                                        "carefully",
                                        "iso 4217",
                                        "json",
                                        "hallucinate",
                                        "null setzen",
                                        "nicht vorhanden",
                                        "laisser vide",
                                        "dejar vacío",
                                        "si no existe",
                                        "lasciare vuoto",
                                        "deixar vazio",
                                        "leeg laten",
                                        "null als",
                                        NULL};

    return has_any(s, rules);
}

/* Names behind the cue, split at commas and "and". */
static uint32_t
take_names(struct arena *arena, const char *s, const char **names, uint32_t have)
{
    char part[96];
    size_t n = 0;

    for (;; s++) {
        bool joint = strncmp(s, " and ", 5) == 0 || strncmp(s, " und ", 5) == 0 ||
                     strncmp(s, " et ", 4) == 0 || strncmp(s, " or ", 4) == 0;
        if (*s != '\0' && *s != ',' && *s != ';' && !joint) {
            if (n + 1 < sizeof(part) && *s != ':')
                part[n++] = *s;
            continue;
        }
        part[n] = '\0';
        const char *name = part + strspn(part, " ");
        for (bool more = true; more;) {
            static const char *const fillers[] = {
                "the ",     "a ",        "any ",    "all ",    "and ",    "field ",     "fields ",
                "die ",     "das ",      "den ",    "le ",     "la ",     "les ",       "value of ",
                "section ", "sections ", "named ",  "called ", "headed ", "abschnitt ", "chapter ",
                "kapitel ", "clause ",   "values ", "\"",      "'",       "following "};
            more = false;
            for (size_t i = 0; i < sizeof(fillers) / sizeof(*fillers); i++)
                if (strncmp(name, fillers[i], strlen(fillers[i])) == 0) {
                    name += strlen(fillers[i]);
                    more = true;
                }
        }
        static const char *const tails[] = {" section", " sections", " field", " fields",
                                            " only",    "\"",        "'"};
        for (size_t i = 0; i < sizeof(tails) / sizeof(*tails); i++) {
            size_t len = strlen(name), cut = strlen(tails[i]);
            if (len > cut && strcmp(name + len - cut, tails[i]) == 0)
                part[(size_t)(name - part) + len - cut] = '\0';
        }
        char *key = *name == '\0' ? NULL : arena_strdup(arena, name);
        if (key != NULL && have < INSTRUCT_NAMES_MAX)
            names[have++] = key;
        n = 0;
        if (*s == '\0')
            return have;
        if (joint)
            s += strcspn(s + 1, " ");
    }
}

/* Names behind the cue: of sections where the word stands before or behind them, else of fields. */
static bool
take_list(struct arena *arena, const char *s, bool only, struct instructions *ret)
{
    static const char *const words[] = {"section", "abschnitt", "chapter",   "kapitel",
                                        "clause",  "heading",   "seccion",   "sección",
                                        "sezione", "secção",    "paragraph", NULL};
    bool sections = has_any(s, words);
    uint32_t *count = sections ? only ? &ret->only_section_count : &ret->without_section_count
                      : only   ? &ret->only_count
                               : &ret->without_count;
    const char **names = sections ? only ? ret->only_sections : ret->without_sections
                         : only   ? ret->only
                                  : ret->without;
    uint32_t before = *count;

    *count = take_names(arena, s, names, before);
    return *count > before;
}

static bool
read_fields(struct arena *arena, const char *s, struct instructions *ret)
{
    static const char *const only[] = {"only extract", "extract only",
                                       "only return",  "return only",
                                       "only include", "include only",
                                       "only need",    "only want",
                                       "only use",     "use only",
                                       "only look at", "look only at",
                                       "just extract", "only the",
                                       "just the",     "only ",
                                       "nur ",         "seulement ",
                                       "uniquement ",  "solo ",
                                       "solamente ",   NULL};
    static const char *const without[] = {"do not extract",
                                          "don't extract",
                                          "do not include",
                                          "don't include",
                                          "do not use",
                                          "don't use",
                                          "exclude",
                                          "ignore",
                                          "skip",
                                          "leave out",
                                          "omit",
                                          "without",
                                          "ohne ",
                                          "ignoriere",
                                          "sans ",
                                          "ignorer",
                                          "ignora",
                                          "omitir",
                                          NULL};
    static const char *const wanted[] = {"extract ",    "return ",   "get ",    "find ",
                                         "extrahiere ", "extraire ", "extrae ", NULL};

    for (size_t i = 0; without[i] != NULL; i++) {
        const char *at = strstr(s, without[i]);
        if (at != NULL)
            return take_list(arena, at + strlen(without[i]), false, ret);
    }
    for (size_t i = 0; only[i] != NULL; i++) {
        const char *at = strstr(s, only[i]);
        if (at != NULL)
            return take_list(arena, at + strlen(only[i]), true, ret);
    }
    /* "Extract the invoice number and the total": what is wanted, said without excluding. */
    for (size_t i = 0; wanted[i] != NULL; i++)
        if (strncmp(s, wanted[i], strlen(wanted[i])) == 0) {
            ret->wanted_count =
                take_names(arena, s + strlen(wanted[i]), ret->wanted, ret->wanted_count);
            return true;
        }
    return false;
}

void
instructions_warn(struct arena *arena, struct instructions *ret, const char *format, ...)
{
    char text[SENTENCE_MAX + 120];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    char *copy = arena_strdup(arena, text);
    if (copy != NULL && ret->warning_count < INSTRUCT_WARNINGS_MAX)
        ret->warnings[ret->warning_count++] = copy;
}

/* Nobody here can do these; a sentence that asks for one is not obeyed in full. */
static const char *
beyond(const char *s)
{
    static const char *const verbs[] = {
        "translat",  "übersetz", "tradui",   "traduc",   "summar",     "zusammenfass",
        "calculat",  "berechne", "estimate", "schätze",  "convert",    "umrechne",
        "round ",    "runde ",   "sort ",    "sortiere", "infer ",     "guess the",
        "classify",  "explain",  "rewrite",  "shorten",  "combine",    "merge ",
        "count the", "deduce",   "fill in",  "correct ", "korrigiere", NULL};

    for (size_t i = 0; verbs[i] != NULL; i++)
        if (has(s, verbs[i]))
            return verbs[i];
    return NULL;
}

static void
obey(struct arena *arena, const char *said, const char *s, struct instructions *ret)
{
    bool rule = is_rule(s);
    /* "ISO dates, day first": one sentence may say several things. */
    bool pages = read_pages(s, ret), forms = read_forms(s, ret), language = read_language(s, ret);

    if (beyond(s) != NULL && !has(s, "do not ") && !has(s, "don't ")) {
        instructions_warn(arena, ret,
                          pages || forms || language
                              ? "instruction obeyed in part only: \"%s\""
                              : "instruction not obeyed: \"%s\"; values are taken from the page, "
                                "never made from it",
                          said);
        return;
    }
    if (pages || forms || language || rule || read_fields(arena, s, ret))
        return;
    instructions_warn(arena, ret, "instruction not understood, and so not obeyed: \"%s\"", said);
}

/* A part of a sentence that asks for something by itself: "ignore the terms", "only page 2". */
static bool
asks(const char *s)
{
    static const char *const cues[] = {
        "only ",    "ignore",   "skip ",      "exclude", "do not ",  "don't ",   "omit ",
        "leave ",   "extract ", "return ",    "use ",    "nur ",     "ohne ",    "ignoriere",
        "lass ",    "ignorer",  "seulement ", "sans ",   "ignora",   "omitir",   "solo ",
        "without ", "give ",    "please ",    "treat ",  "add ",     "include ", "nicht ",
        "negeer",   "alleen ",  "pomiń ",     "tylko ",  "ignorar ", "apenas ",  "keep "};
    struct instructions scratch = {.last_page = UINT32_MAX};

    for (size_t i = 0; i < ARRAY_LEN(cues); i++)
        if (strncmp(s, cues[i], strlen(cues[i])) == 0)
            return true;
    return is_rule(s) || beyond(s) != NULL || read_pages(s, &scratch) || read_forms(s, &scratch) ||
           read_language(s, &scratch);
}

/* "Dates as DD.MM.YYYY, only pages 2-3, ignore the terms": each part that asks for something is
 * obeyed, or named, by itself; a list of names stays whole. */
static void
obey_parts(struct arena *arena, char *said, char *lower, struct instructions *ret)
{
    size_t first = 0;

    for (size_t i = 0;; i++) {
        size_t next = i + 1 + strspn(lower + i + (lower[i] != '\0'), " ");
        if (strncmp(lower + next, "and ", 4) == 0 || strncmp(lower + next, "und ", 4) == 0)
            next += 4;
        if (lower[i] != '\0' && (lower[i] != ',' || !asks(lower + next)))
            continue;
        bool end = lower[i] == '\0';
        said[i] = lower[i] = '\0';
        if (i > first + 2)
            obey(arena, said + first, lower + first, ret);
        if (end)
            return;
        first = next;
        i = next - 1;
    }
}

/* Sentences end at line ends, semicolons, and full stops before a blank. */
enum err_code
instructions_read(struct arena *arena, const char *text, struct instructions *ret_instructions,
                  struct err *err)
{
    char said[SENTENCE_MAX], lower[SENTENCE_MAX];
    size_t n = 0;

    *ret_instructions = (struct instructions){.last_page = UINT32_MAX};
    if (text == NULL)
        return ERR_OK;
    if (strlen(text) > EXTRACT_INSTRUCTIONS_MAX)
        return err_set(err, ERR_LIMIT, "instructions: %zu bytes, limit %d", strlen(text),
                       EXTRACT_INSTRUCTIONS_MAX);
    for (const char *s = text;; s++) {
        bool end = *s == '\0' || *s == '\n' || *s == '\r' || *s == ';' ||
                   ((*s == '.' || *s == '!') && (s[1] == ' ' || s[1] == '\0' || s[1] == '\n'));
        if (!end && n + 5 < SENTENCE_MAX) {
            if (n > 0 || (*s != ' ' && *s != '-' && *s != '*' && *s != '\t'))
                said[n++] = *s;
            continue;
        }
        if (!end)
            continue;
        said[n] = '\0';
        for (size_t i = 0; i <= n; i++)
            lower[i] = (char)tolower((unsigned char)said[i]);
        if (n > 2)
            obey_parts(arena, said, lower, ret_instructions);
        n = 0;
        if (*s == '\0')
            return ERR_OK;
    }
}

/* The name means the field: the same words, or the same concept. */
static bool
names(const struct solve *solve, const char *name, const struct field *field)
{
    uint16_t concept = 0, role = 0;
    char *key = fold_key(solve->arena, name, strlen(name));

    if (key == NULL)
        return false;
    fold_skeleton(key);
    if ((field->own_key != NULL && strcmp(key, field->own_key) == 0) ||
        (field->title_key != NULL && strcmp(key, field->title_key) == 0))
        return true;
    float known = fields_meaning(solve, name, field->item, field->shape->types, &concept, &role);
    if (known < 0.7F)
        return false;
    bool same = concept != 0 && concept == field->concept && !field->generic;
    return role == 0 ? same : role == field->role && (concept == 0 || same);
}

/* The field is among the names; *met: of those that meant one. */
static bool
among(const struct solve *solve, const char *const *list, uint32_t count, bool *met,
      const struct field *field)
{
    bool any = false;

    for (uint32_t i = 0; i < count; i++)
        if (names(solve, list[i], field)) {
            met[i] = true;
            any = true;
        }
    return any;
}

bool
instructions_drop(const struct solve *solve, struct instructions *told, const struct field *field)
{
    bool only = among(solve, told->only, told->only_count, told->only_met, field);
    bool without = among(solve, told->without, told->without_count, told->without_met, field);

    (void)among(solve, told->wanted, told->wanted_count, told->wanted_met, field);
    return (told->only_count > 0 && !only) || without;
}

static void
check_names(struct arena *arena, struct instructions *told, const char *const *list, uint32_t count,
            const bool *met)
{
    for (uint32_t i = 0; i < count; i++)
        if (!met[i])
            instructions_warn(arena, told,
                              "the instructions speak of \"%s\", which is no field here", list[i]);
}

void
instructions_check_names(struct arena *arena, struct instructions *told)
{
    check_names(arena, told, told->only, told->only_count, told->only_met);
    check_names(arena, told, told->without, told->without_count, told->without_met);
    check_names(arena, told, told->wanted, told->wanted_count, told->wanted_met);
}

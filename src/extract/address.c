/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "extract/parties.h"

#include <ctype.h>
#include <string.h>

static bool
is_in(const char *const *list, const char *key)
{
    for (size_t i = 0; list[i] != NULL; i++)
        if (strcmp(list[i], key) == 0)
            return true;
    return false;
}

static bool
is_letter(unsigned char c)
{
    return isalpha(c) || c >= 0x80;
}

/* Digits at the beginning of a word; what follows them goes to *ret_rest. */
static size_t
digits_of(const char *s, const char **ret_rest)
{
    size_t n = strspn(s, "0123456789");

    *ret_rest = s + n;
    return n;
}

static bool
ends_word(const char *rest)
{
    return rest[strspn(rest, ",.;")] == '\0';
}

/* Skips "D-", "DE-", "A-" and so on. */
static const char *
skip_country(const char *s)
{
    size_t n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

    return n > 0 && n <= 3 && s[n] == '-' && isdigit((unsigned char)s[n + 1]) ? s + n + 1 : s;
}

/* A place's name: begins with a letter, large unless a small word of a longer name. */
static bool
is_place_word(const struct solve *solve, uint32_t i, bool first)
{
    const char *text = solve->doc->tokens[i].text;

    if (*text == '(' || *text == '/')
        text++;
    if (!is_letter((unsigned char)*text) || strpbrk(text, "0123456789@:=") != NULL)
        return false;
    return !first || isupper((unsigned char)*text) || (unsigned char)*text >= 0x80;
}

static bool
is_separator(const char *text)
{
    static const char *const marks[] = {"-", "–", "—", "·", "•", "|", "*",
                                        "/", ",", "−", "●", "∙", "+", NULL};

    return is_in(marks, text);
}

static uint32_t
place_after(const struct solve *solve, uint32_t i, uint32_t end)
{
    uint32_t n = 0;

    while (i + n < end && n < 5 && is_place_word(solve, i + n, n == 0)) {
        const char *text = solve->doc->tokens[i + n].text;
        size_t len = strlen(text);
        n++;
        if (len > 0 && (text[len - 1] == ',' || text[len - 1] == ';' || text[len - 1] == '.'))
            break;
    }
    return n;
}

/* How much a word looks like a postal code: its form by country. 0: no. */
static int
postcode_form(const struct solve *solve, uint32_t i, uint32_t end, uint32_t *ret_count)
{
    const char *text = solve->doc->tokens[i].text, *rest;
    const char *s = skip_country(text);
    size_t n = digits_of(s, &rest);

    *ret_count = 1;
    if (n == 5 && ends_word(rest))
        return 3;
    if (n == 5 && *rest == '-' && strspn(rest + 1, "0123456789") == 4)
        return 3;
    if (n == 2 && *rest == '-' && strspn(rest + 1, "0123456789") == 3 && ends_word(rest + 4))
        return 3;
    if (n == 4 && *rest == '-' && strspn(rest + 1, "0123456789") == 3 && ends_word(rest + 4))
        return 3;
    if (n == 4 && isupper((unsigned char)rest[0]) && isupper((unsigned char)rest[1]) &&
        ends_word(rest + 2))
        return 3;
    if (n == 4 && *rest == '\0' && i + 1 < end) {
        const char *next = solve->doc->tokens[i + 1].text;
        if (isupper((unsigned char)next[0]) && isupper((unsigned char)next[1]) &&
            ends_word(next + 2) && i + 2 < end && is_place_word(solve, i + 2, true)) {
            *ret_count = 2;
            return 3;
        }
        return s != text ? 3 : 1;
    }
    if (n == 6 && ends_word(rest))
        return 1;
    return 0;
}

static const char *const us_states[] = {
    "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "FL", "GA", "HI", "ID", "IL",
    "IN", "IA", "KS", "KY", "LA", "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT",
    "NE", "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH", "OK", "OR", "PA", "RI",
    "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY", "DC", NULL};

/* "Fremont CA 94538", "Fremont, CA 94538": the place stands before. */
static bool
american(const struct solve *solve, struct part where, uint32_t code, struct part *ret_city)
{
    char state[3] = {0};
    uint32_t i = code;

    if (code < where.first + 2)
        return false;
    const char *text = solve->doc->tokens[code - 1].text;
    if (strlen(text) < 2 || !ends_word(text + 2))
        return false;
    memcpy(state, text, 2);
    if (!is_in(us_states, state))
        return false;
    i = code - 1;
    while (i > where.first && code - 1 - i < 4 && is_place_word(solve, i - 1, false)) {
        const char *before = solve->doc->tokens[i - 1].text;
        if (i < code - 1 && before[strlen(before) - 1] == ',')
            break;
        if (is_separator(before) && i < code - 1)
            break;
        i--;
    }
    if (i == code - 1)
        return false;
    *ret_city = (struct part){i, code - 1 - i};
    while (ret_city->count > 1 &&
           is_separator(solve->doc->tokens[ret_city->first + ret_city->count - 1].text))
        ret_city->count--;
    return true;
}

/* "London SW1A 1AA". */
static bool
british(const struct solve *solve, struct part where, uint32_t i, struct part *ret_postcode,
        struct part *ret_city)
{
    const char *a = solve->doc->tokens[i].text;
    size_t n = strspn(a, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

    if (i + 1 >= where.first + where.count || n == 0 || n > 2 || strlen(a) > 4 ||
        !isdigit((unsigned char)a[n]))
        return false;
    const char *b = solve->doc->tokens[i + 1].text;
    if (!isdigit((unsigned char)b[0]) || !isupper((unsigned char)b[1]) ||
        !isupper((unsigned char)b[2]) || !ends_word(b + 3))
        return false;
    *ret_postcode = (struct part){i, 2};
    uint32_t k = i;
    while (k > where.first && i - k < 3 && is_place_word(solve, k - 1, true) &&
           !is_separator(solve->doc->tokens[k - 1].text)) {
        if (k < i && strchr(solve->doc->tokens[k - 1].text, ',') != NULL)
            break;
        k--;
    }
    *ret_city = (struct part){k, i - k};
    return true;
}

bool
address_find(const struct solve *solve, struct part where, struct part *ret_postcode,
             struct part *ret_city)
{
    uint32_t end = where.first + where.count;

    for (uint32_t i = where.first; i < end; i++) {
        uint32_t count;
        int form = postcode_form(solve, i, end, &count);
        if (form == 0) {
            if (british(solve, where, i, ret_postcode, ret_city))
                return true;
            continue;
        }
        if (form == 3 && american(solve, where, i, ret_city)) {
            *ret_postcode = (struct part){i, count};
            return true;
        }
        uint32_t place = place_after(solve, i + count, end);
        /* Four or six digits alone are an address only at the beginning of a part. */
        bool begins = i == where.first || strchr(solve->doc->tokens[i - 1].text, ',') != NULL ||
                      is_separator(solve->doc->tokens[i - 1].text) ||
                      (strlen(solve->doc->tokens[i - 1].text) <= 3 && i == where.first + 1);
        struct part named = {i + count, place};
        if (place == 0 || (form == 1 && (!begins || address_is_street(solve, named))))
            continue;
        *ret_postcode = (struct part){i, count};
        *ret_city = (struct part){i + count, place};
        return true;
    }
    return false;
}

/* Beginnings and ends of words that streets have, folded. */
static bool
scan_street(const struct solve *solve, struct part line, bool *ret_digit, uint32_t *ret_letters)
{
    static const char *const words[] = {
        "street",   "st",       "road",      "rd",       "avenue", "ave",      "lane",   "ln",
        "drlve",    "dr",       "boulevard", "blvd",     "way",    "square",   "court",  "plaza",
        "hlghway",  "hwy",      "rue",       "chemln",   "allee",  "place",    "qual",   "lmpasse",
        "calle",    "avenlda",  "avda",      "carrera",  "plaza",  "paseo",    "vla",    "vlale",
        "plazza",   "corso",    "rua",       "travessa", "largo",  "estrada",  "ul",     "ulaca",
        "al",       "plac",     "lalan",     "lln",      "taman",  "persaran", "lorong", "lot",
        "postfach", "po",       "straat",    "laan",     "weg",    "pleln",    "gracht", "strasse",
        "str",      "platz",    "gasse",     "ring",     "damm",   "sulte",    "floor",  "bulldlng",
        "unlt",     "kawasan",  "bandar",    "batu",     "pob",    "box",      "bp",     "zl",
        "za",       "polygono", "km",        "block",    "blk",    NULL};
    static const char *const ends[] = {"strasse", "str",   "weg",  "platz",  "gasse", "allee",
                                       "ring",    "damm",  "ufer", "straat", "laan",  "steg",
                                       "pfad",    "markt", "hof",  NULL};
    bool digit = false, word = false;
    uint32_t letters = 0;

    for (uint32_t i = line.first; i < line.first + line.count; i++) {
        const struct token *token = &solve->doc->tokens[i];
        digit = digit || strpbrk(token->text, "0123456789") != NULL;
        letters += is_letter((unsigned char)token->text[0]);
        word = word || is_in(words, token->key);
        size_t len = strlen(token->key);
        for (size_t k = 0; ends[k] != NULL; k++) {
            size_t n = strlen(ends[k]);
            word = word || (len > n && strcmp(token->key + len - n, ends[k]) == 0);
        }
    }
    *ret_digit = digit;
    *ret_letters = letters;
    return word;
}

bool
address_is_street(const struct solve *solve, struct part line)
{
    bool digit;
    uint32_t letters;
    bool word = scan_street(solve, line, &digit, &letters);

    return letters > 0 && line.count <= 12 && (digit || word);
}

bool
address_has_word(const struct solve *solve, struct part line)
{
    bool digit;
    uint32_t letters;

    return line.count <= 14 && scan_street(solve, line, &digit, &letters);
}

struct country {
    const char *code, *names; /* folded as fold_skeleton does */
};

static const struct country countries[] = {
    {"DE", "germany deutschland allemagne alemanla germanla alemanha dultsland nlemcy"},
    {"FR", "france frankrelch francla franca franklk francla frankrllk"},
    {"GB", "unltedklngdom greatbrltaln england scotland wales uk grossbrltannlen"},
    {"US", "unltedstates usa unltedstatesofamerlca etatsunls estadosunldos"},
    {"AT", "austrla osterrelch autrlche oostenrllk"},
    {"CH", "swltzerland schwelz sulsse svlzzera sulza zwltserland"},
    {"IT", "ltaly ltallen ltalle ltalla"},
    {"ES", "spaln spanlen espagne espana spagna"},
    {"PT", "portugal"},
    {"NL", "netherlands nlederlande paysbas nederland holland thenetherlands"},
    {"BE", "belglum belglen belglque belgle"},
    {"LU", "luxembourg luxemburg"},
    {"PL", "poland polen pologne polska"},
    {"DK", "denmark danemark danmark"},
    {"SE", "sweden schweden sverlge suede"},
    {"NO", "norway norwegen norge"},
    {"FI", "flnland flnnland"},
    {"IE", "lreland lrland"},
    {"CZ", "czechrepubllc tschechlen"},
    {"MY", "malaysla"},
    {"SG", "slngapore slngapur"},
    {"IN", "lndla lndlen"},
    {"CN", "chlna"},
    {"JP", "lapan"},
    {"CA", "canada kanada"},
    {"AU", "australla australlen"},
    {"BR", "brazll brasll"},
    {"MX", "mexlco"},
    {"GR", "greece grlechenland"},
    {"HU", "hungary ungarn"},
};

const char *
country_of(const struct solve *solve, struct part where)
{
    char key[40] = "";

    for (uint32_t i = where.first; i < where.first + where.count; i++) {
        if (strlen(key) + strlen(solve->doc->tokens[i].key) + 1 > sizeof(key))
            return NULL;
        strcat(key, solve->doc->tokens[i].key);
    }
    if (key[0] == '\0')
        return NULL;
    for (size_t k = 0; k < sizeof(countries) / sizeof(*countries); k++) {
        const char *at = strstr(countries[k].names, key);
        size_t n = strlen(key);
        if (at != NULL && n >= 2 && (at == countries[k].names || at[-1] == ' ') &&
            (at[n] == ' ' || at[n] == '\0'))
            return countries[k].code;
        const char *text = solve->doc->tokens[where.first].text;
        if (where.count == 1 && strncmp(text, countries[k].code, 2) == 0 && ends_word(text + 2))
            return countries[k].code;
    }
    return NULL;
}

static bool
has_key_of(const struct solve *solve, struct part where, const char *const *list)
{
    for (uint32_t i = where.first; i < where.first + where.count; i++)
        if (is_in(list, solve->doc->tokens[i].key))
            return true;
    return false;
}

bool
name_has_law(const struct solve *solve, struct part where)
{
    static const char *const forms[] = {
        "gmbh",    "ag",       "kg",   "ohg",          "ug",   "mbh", "ltd",
        "llmlted", "llc",      "lnc",  "corp",         "plc",  "llp", "sarl",
        "sas",     "srl",      "spa",  "lda",          "bv",   "bhd", "corporatlon",
        "sdnbhd",  "gmbhcokg", "kgaa", "lncorporated", "eurl", "sdn", NULL};

    return has_key_of(solve, where, forms);
}

bool
name_has_form(const struct solve *solve, struct part where)
{
    static const char *const forms[] = {"gmbh",
                                        "ag",
                                        "kg",
                                        "ohg",
                                        "ug",
                                        "ek",
                                        "mbh",
                                        "se",
                                        "ltd",
                                        "llmlted",
                                        "llc",
                                        "lnc",
                                        "corp",
                                        "corporatlon",
                                        "company",
                                        "plc",
                                        "llp",
                                        "lp",
                                        "sarl",
                                        "sas",
                                        "sa",
                                        "eurl",
                                        "sl",
                                        "srl",
                                        "spa",
                                        "lda",
                                        "bv",
                                        "nv",
                                        "zoo",
                                        "bhd",
                                        "sdnbhd",
                                        "enterprlse",
                                        "enterprlses",
                                        "tradlng",
                                        "pty",
                                        "oy",
                                        "ab",
                                        "aps",
                                        "ev",
                                        "gbr",
                                        "vvag",
                                        "lncorporated",
                                        "verlag",
                                        "holdlngs",
                                        "group",
                                        "restaurant",
                                        "mart",
                                        "supermarket",
                                        "hardware",
                                        "statlonery",
                                        "co",
                                        "sarlu",
                                        "slu",
                                        "snc",
                                        "sapa",
                                        "cle",
                                        "gmbhcokg",
                                        "kgaa",
                                        "genossenschaft",
                                        "stlftung",
                                        "vereln",
                                        "bank",
                                        "sparkasse",
                                        "hotel",
                                        "bakery",
                                        "cafe",
                                        "pharmacy",
                                        "store",
                                        "stores",
                                        "shop",
                                        "perniagaan",
                                        "pemlagaan",
                                        "syarlkat",
                                        "kedal",
                                        NULL};

    return has_key_of(solve, where, forms);
}

/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The document as one text with a position for each token; the parsers try at each token. */
#include "extract/values.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct scan {
    const struct doc *doc;
    struct items *found;
    char *text;
    size_t *offset;            /* [token_count + 1] */
    uint32_t number_free_from; /* tokens before it are part of a number already */
    bool full;
};

static enum err_code
full(struct err *err)
{
    return err_set(err, ERR_LIMIT, "the document has too many words");
}

/* What stands between two tokens: nothing, a blank where the text runs on, a tab across a gap, a
 * new line between blocks. */
static const char *
joint(const struct doc *doc, const struct token *a, const struct token *b)
{
    if (b->line == a->line)
        return b->glued ? "" : b->seg == a->seg ? " " : "\t";
    const struct flow_line *x = &doc->lines[a->line], *y = &doc->lines[b->line];
    if (a->page == b->page && x->block_id == y->block_id && x->block_id != NONE &&
        (x->block == BLOCK_PARAGRAPH || x->block == BLOCK_LIST_ITEM))
        return " ";
    return "\n";
}

static bool
write_text(struct scan *scan)
{
    const struct doc *doc = scan->doc;
    size_t len = 1;

    for (uint32_t i = 0; i < doc->token_count; i++)
        len += strlen(doc->tokens[i].text) + 1;
    scan->text = arena_alloc(doc->arena, len);
    scan->offset = arena_array(doc->arena, doc->token_count + 1, sizeof(size_t));
    if (scan->text == NULL || scan->offset == NULL)
        return false;
    char *at = scan->text;
    for (uint32_t i = 0; i < doc->token_count; i++) {
        if (i > 0)
            at = stpcpy(at, joint(doc, &doc->tokens[i - 1], &doc->tokens[i]));
        scan->offset[i] = (size_t)(at - scan->text);
        at = stpcpy(at, doc->tokens[i].text);
    }
    scan->offset[doc->token_count] = (size_t)(at - scan->text) + 1;
    return true;
}

/* How many tokens from first on the bytes up to end take. */
static uint32_t
tokens_to(const struct scan *scan, uint32_t first, size_t end)
{
    uint32_t n = 1;

    while (first + n < scan->doc->token_count && scan->offset[first + n] < end)
        n++;
    return n;
}

static struct item *
add(struct scan *scan, uint8_t kind, uint32_t first, uint32_t count, const char *text)
{
    struct items *found = scan->found;

    if (found->count == found->cap) {
        void *more = arena_grow(scan->doc->arena, found->items, found->count, found->cap * 2 + 64,
                                sizeof(*found->items));
        if (more == NULL) {
            scan->full = true;
            return NULL;
        }
        found->items = more;
        found->cap = found->cap * 2 + 64;
    }
    char *copy = arena_strdup(scan->doc->arena, text);
    if (copy == NULL) {
        scan->full = true;
        return NULL;
    }
    struct item *item = &found->items[found->count++];
    *item = (struct item){.kind = kind, .first = first, .count = count, .text = copy};
    return item;
}

/* What may follow a number in its own word: punctuation, or a short unit or code. */
static bool
ends_well(const char *rest)
{
    size_t letters = 0;

    for (; *rest > ' '; rest++) {
        if (isdigit((unsigned char)*rest) || *rest == '/' || *rest == ':' || *rest == '-' ||
            *rest == '@' || *rest == '_')
            return false;
        letters += isalpha((unsigned char)*rest) || (unsigned char)*rest >= 0x80;
    }
    return letters <= 4;
}

static size_t
skip_quotes(const char *s)
{
    size_t n = 0;

    for (;;) {
        if (s[n] != '\0' && strchr("\"'[|<>!", s[n]) != NULL)
            n++;
        else if (strncmp(s + n, "“", 3) == 0 || strncmp(s + n, "„", 3) == 0 ||
                 strncmp(s + n, "‘", 3) == 0)
            n += 3;
        else
            return n;
    }
}

static void
try_number(struct scan *scan, uint32_t i)
{
    const char *s = scan->text + scan->offset[i];
    struct number number;
    size_t lead = skip_quotes(s), n;

    if (i < scan->number_free_from || (n = number_parse(s + lead, &number)) == 0)
        return;
    n += lead;
    if (!ends_well(s + n))
        return;
    struct item *item =
        add(scan, ITEM_NUMBER, i, tokens_to(scan, i, scan->offset[i] + n), number.text);
    if (item == NULL)
        return;
    item->number = number;
    if (item->count > 1)
        scan->number_free_from = i + item->count;
}

/* "16. 50": recognition saw a blank behind the point. */
static bool
try_torn_number(struct scan *scan, uint32_t i)
{
    const struct doc *doc = scan->doc;
    struct number number;
    char text[48];

    if (i + 1 >= doc->token_count || i < scan->number_free_from ||
        doc->tokens[i].word->witness == WITNESS_LAYER ||
        doc->tokens[i].seg != doc->tokens[i + 1].seg)
        return false;
    const char *a = doc->tokens[i].text, *b = doc->tokens[i + 1].text;
    size_t len = strlen(a);
    if (len < 2 || len > 24 || (a[len - 1] != '.' && a[len - 1] != ',') ||
        !isdigit((unsigned char)a[len - 2]) || strspn(b, "0123456789") != 2 || strlen(b) > 2)
        return false;
    snprintf(text, sizeof(text), "%s%s", a, b);
    if (number_parse(text, &number) != strlen(text))
        return false;
    struct item *item = add(scan, ITEM_NUMBER, i, 2, number.text);
    if (item != NULL)
        item->number = number;
    scan->number_free_from = i + 2;
    return true;
}

static void
try_date(struct scan *scan, uint32_t i)
{
    const char *s = scan->text + scan->offset[i];
    size_t lead = skip_quotes(s), n;
    struct date date;
    char text[16];

    lead += s[lead] == '(' || s[lead] == ':';
    n = date_parse(s + lead, &date);
    if (n == 0 || isdigit((unsigned char)s[lead + n]))
        return;
    snprintf(text, sizeof(text), "%04d-%02d-%02d", date.year, date.month, date.day);
    struct item *item =
        add(scan, ITEM_DATE, i, tokens_to(scan, i, scan->offset[i] + lead + n), text);
    if (item != NULL)
        item->date = date;
}

static void
try_time(struct scan *scan, uint32_t i)
{
    const char *s = scan->text + scan->offset[i];
    int hour, minute, second;
    size_t n = time_parse(s, &hour, &minute, &second);
    char text[16];

    if (n == 0 || isdigit((unsigned char)s[n]))
        return;
    snprintf(text, sizeof(text), "%02d:%02d:%02d", hour, minute, second);
    (void)add(scan, ITEM_TIME, i, tokens_to(scan, i, scan->offset[i] + n), text);
}

static void
try_duration(struct scan *scan, uint32_t i)
{
    const char *s = scan->text + scan->offset[i];
    size_t lead = skip_quotes(s), n;
    char text[48];

    lead += s[lead] == '(';
    n = duration_parse(s + lead, text, sizeof(text));
    if (n > 0)
        (void)add(scan, ITEM_DURATION, i, tokens_to(scan, i, scan->offset[i] + lead + n), text);
}

static void
try_identifiers(struct scan *scan, uint32_t i)
{
    const char *s = scan->text + scan->offset[i];
    bool proved = false;
    char text[128];
    int digits;
    size_t lead = 0, n;

    while (s[lead] != '\0' && strchr("(:[,;*|", s[lead]) != NULL)
        lead++;
    s += lead;
    size_t base = scan->offset[i] + lead;
    n = iban_parse(s, text, sizeof(text), &proved);
    if (n == 0 && i > 0 && strcmp(scan->doc->tokens[i - 1].key, "lban") == 0)
        n = iban_shape(s, text, sizeof(text), &proved);
    if (n == 0 && (n = nrb_parse(s, text, sizeof(text))) > 0)
        proved = true;
    if (n > 0) {
        struct item *item = add(scan, ITEM_IBAN, i, tokens_to(scan, i, base + n), text);
        if (item != NULL)
            item->proved = proved;
        return;
    }
    if ((n = vat_parse(s, text, sizeof(text), &proved)) > 0) {
        struct item *item = add(scan, ITEM_VAT, i, tokens_to(scan, i, base + n), text);
        if (item != NULL)
            item->proved = proved;
    }
    if ((n = bic_parse(s, text, sizeof(text))) > 0)
        (void)add(scan, ITEM_BIC, i, tokens_to(scan, i, base + n), text);
    if ((n = email_parse(s)) > 0 && n < sizeof(text)) {
        snprintf(text, sizeof(text), "%.*s", (int)n, s);
        (void)add(scan, ITEM_EMAIL, i, tokens_to(scan, i, base + n), text);
    }
    if ((n = url_recognise(s)) > 0 && n < sizeof(text)) {
        snprintf(text, sizeof(text), "%.*s", (int)n, s);
        (void)add(scan, ITEM_URL, i, tokens_to(scan, i, base + n), text);
    }
    if (lead > 0 && s[-1] == '(' && strchr(scan->doc->tokens[i].text, ')') != NULL) {
        s--; /* "(218) 555-0176" */
        base--;
    }
    if ((n = phone_parse(s, &digits)) > 0 && n < sizeof(text)) {
        while (n > 0 && (s[n - 1] == ' ' || s[n - 1] == '.'))
            n--;
        snprintf(text, sizeof(text), "%.*s", (int)n, s);
        (void)add(scan, ITEM_PHONE, i, tokens_to(scan, i, base + n), text);
    }
}

/* A word with a digit, without the punctuation around it. */
static void
try_code(struct scan *scan, uint32_t i)
{
    const char *s = scan->doc->tokens[i].text;
    size_t len = strlen(s), from = 0;
    bool any = false;
    char text[96];

    while (from < len && strchr("(:#[,;*|'\"=", s[from]) != NULL)
        from++;
    if ((s[from] == 'n' || s[from] == 'N') &&
        (strncmp(s + from + 1, "°", 2) == 0 || strncmp(s + from + 1, "º", 2) == 0))
        from += 3; /* "n°4711" */
    while (len > from && strchr("):],;.*|'\"", s[len - 1]) != NULL && s[len - 1] != '\0') {
        if (s[len - 1] == ')' && memchr(s + from, '(', len - from) != NULL)
            break;
        len--;
    }
    for (size_t k = from; k < len; k++)
        any = any || isdigit((unsigned char)s[k]);
    if (!any || len - from >= sizeof(text))
        return;
    snprintf(text, sizeof(text), "%.*s", (int)(len - from), s + from);
    (void)add(scan, ITEM_CODE, i, 1, text);
}

/* --- what the whole document says --- */

static bool
is_language(const struct doc *doc, const char *names)
{
    for (uint32_t i = 0; i < doc->page_count; i++)
        if (doc->pages[i]->language != NULL && doc->pages[i]->language[0] != '\0')
            return strstr(names, doc->pages[i]->language) != NULL;
    return false;
}

static void
decide_decimal(const struct doc *doc, struct items *found, const char *locale)
{
    int point = 0, comma = 0;

    for (uint32_t i = 0; i < found->count; i++) {
        const struct item *item = &found->items[i];
        if (item->kind != ITEM_NUMBER)
            continue;
        int weight = item->number.decimals == 2 ? 3 : item->number.percent ? 1 : 2;
        point += item->number.style == '.' ? weight : 0;
        comma += item->number.style == ',' ? weight : 0;
    }
    found->decimal = '.';
    if (comma > point || (comma == point && ((locale != NULL && strstr("de fr es it pt nl pl da sv "
                                                                       "nb cs hu ro fi",
                                                                       locale) != NULL) ||
                                             is_language(doc, "deu fra spa ita por nld pol"))))
        found->decimal = ',';
    for (uint32_t i = 0; i < found->count; i++) {
        struct item *item = &found->items[i];
        if (item->kind == ITEM_NUMBER && item->number.style == '?' &&
            item->number.sep == found->decimal) {
            item->text = item->number.other_text;
            item->number.value = item->number.other;
            item->number.decimals = 3;
        }
    }
}

static void
decide_currency(struct items *found)
{
    struct {
        const char *code;
        int count;
    } seen[24];
    size_t n = 0, best = 0;

    found->currency = "";
    for (uint32_t i = 0; i < found->count; i++) {
        const struct item *item = &found->items[i];
        if (item->kind != ITEM_NUMBER || item->number.currency[0] == '\0')
            continue;
        size_t k = 0;
        while (k < n && strcmp(seen[k].code, item->number.currency) != 0)
            k++;
        if (k == n && n < sizeof(seen) / sizeof(*seen)) {
            seen[n].code = item->number.currency;
            seen[n++].count = 0;
        }
        if (k < n && ++seen[k].count > seen[best].count)
            best = k;
    }
    if (n > 0)
        found->currency = seen[best].code;
}

/* "Tacoma, WA 98402": a state and a code of five digits. */
static bool
has_us_address(const struct doc *doc)
{
    static const char states[] =
        "AL AK AZ AR CA CO CT DC DE FL GA HI IA ID IL IN KS KY LA MA MD ME MI MN MO MS MT NC ND NE "
        "NH NJ NM NV NY OH OK OR PA RI SC SD TN TX UT VA VT WA WI WV WY";

    for (uint32_t i = 1; i + 1 < doc->token_count; i++) {
        const char *text = doc->tokens[i].text, *code = doc->tokens[i + 1].text;
        const char *before = doc->tokens[i - 1].text, *state = strstr(states, text);
        if (strlen(text) == 2 && state != NULL && (state - states) % 3 == 0 &&
            before[strlen(before) - 1] == ',' && strspn(code, "0123456789") == 5 &&
            (code[5] == '\0' || code[5] == '-' || code[5] == ','))
            return true;
    }
    return false;
}

/* Letter paper is North American. */
static bool
is_american(const struct doc *doc, const struct items *found)
{
    const struct page *page = doc->pages[0];
    bool letter =
        page->width > 608 && page->width < 616 && page->height > 780 && page->height < 800;

    for (uint32_t i = 0; i + 1 < doc->token_count; i++) /* "the laws of the State of" */
        if (strcmp(doc->tokens[i].text, "State") == 0 &&
            strcmp(doc->tokens[i + 1].text, "of") == 0 && strcmp(found->currency, "EUR") != 0)
            return true;
    if (has_us_address(doc) && strcmp(found->currency, "EUR") != 0)
        return true;
    return letter && (strcmp(found->currency, "USD") == 0 || found->currency[0] == '\0');
}

static void
decide_dates(const struct doc *doc, struct items *found, const char *locale)
{
    int day = 0, month = 0;

    for (uint32_t i = 0; i < found->count; i++) {
        const struct item *item = &found->items[i];
        if (item->kind != ITEM_DATE || item->date.named_month || item->date.year_first)
            continue;
        month += item->date.other_month == -1;
        day += item->date.other_month == 0 && item->date.day > 12;
    }
    found->month_first = month > day ||
                         (month == day && locale == NULL && is_american(doc, found)) ||
                         (month == day && locale != NULL && strstr(locale, "US") != NULL);
    if (!found->month_first)
        return;
    for (uint32_t i = 0; i < found->count; i++) {
        struct item *item = &found->items[i];
        if (item->kind != ITEM_DATE || item->date.other_month <= 0)
            continue;
        int d = item->date.day;
        item->date.day = item->date.other_day;
        item->date.month = item->date.other_month;
        item->date.other_day = d;
        char *text = arena_printf(doc->arena, "%04d-%02d-%02d", item->date.year, item->date.month,
                                  item->date.day);
        item->text = text != NULL ? text : item->text;
    }
}

static bool
index_items(const struct doc *doc, struct items *found)
{
    uint32_t k = 0;

    found->at = arena_array(doc->arena, doc->token_count + 2, sizeof(*found->at));
    if (found->at == NULL)
        return false;
    for (uint32_t i = 0; i <= doc->token_count; i++) {
        while (k < found->count && found->items[k].first < i)
            k++;
        found->at[i] = k;
    }
    found->at[doc->token_count + 1] = found->count;
    return true;
}

enum err_code
items_find(const struct doc *doc, const char *locale, struct items **ret_items, struct err *err)
{
    struct items *found = arena_alloc(doc->arena, sizeof(*found));
    struct scan scan = {.doc = doc, .found = found};

    if (found == NULL || !write_text(&scan))
        return full(err);
    for (uint32_t i = 0; i < doc->token_count && !scan.full; i++) {
        const char *text = doc->tokens[i].text;
        bool digit = strpbrk(text, "0123456789") != NULL;
        if (!digit || !try_torn_number(&scan, i))
            try_number(&scan, i);
        try_date(&scan, i);
        if (digit)
            try_time(&scan, i);
        try_duration(&scan, i);
        try_identifiers(&scan, i);
        if (digit)
            try_code(&scan, i);
    }
    if (scan.full || !index_items(doc, found))
        return full(err);
    decide_decimal(doc, found, locale);
    decide_currency(found);
    decide_dates(doc, found, locale);
    *ret_items = found;
    return ERR_OK;
}

bool
items_have(const struct items *items, uint32_t first, uint32_t count, uint8_t kind)
{
    for (uint32_t i = first; i < first + count; i++)
        for (uint32_t k = items->at[i]; k < items->at[i + 1]; k++)
            if (items->items[k].kind == kind)
                return true;
    return false;
}

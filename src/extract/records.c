/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "extract/records.h"

#include "extract/labels.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* What one page says of where it belongs. */
struct page_signs {
    unsigned number, of;  /* "page 1 of 3"; 0: not said */
    const char *document; /* its number; "": none */
    bool title;           /* a title of a kind that is numbered stands in its upper half */
    bool goes_on;         /* begins with more of the table that the page before ends with */
};

static bool
is_page_word(const char *key)
{
    static const char *const words[] = {"page",  "selte",  "paglna", "strona", "bladzljde", "pag",
                                        "blatt", "paglne", "hoja",   "folha",  "bladzllde"};

    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (strcmp(key, words[i]) == 0)
            return true;
    return false;
}

/* The number that the text begins with, if it is whole: no amount; else 0. */
static unsigned long
whole_number(const char *text)
{
    char *end;
    unsigned long number = isdigit((unsigned char)*text) ? strtoul(text, &end, 10) : 0;

    return number > 0 && strpbrk(end, "0123456789") == NULL ? number : 0;
}

/* "Page 1 of 3", "Seite 1/3", "Page: 1 / 1". */
static void
read_number(const struct doc *doc, uint32_t i, struct page_signs *ret)
{
    uint32_t t = i + 1;
    char *end;

    while (t < doc->token_count && t < i + 3 && !isdigit((unsigned char)doc->tokens[t].text[0]))
        t++;
    if (t >= doc->token_count || !isdigit((unsigned char)doc->tokens[t].text[0]))
        return;
    unsigned long number = strtoul(doc->tokens[t].text, &end, 10), of = 0;
    if (*end == '/' || *end == '\0') {
        const char *rest = *end == '/' ? end + 1 : "";
        uint32_t k = t + 1;
        while (*rest == '\0' && k < doc->token_count && k < t + 3) {
            const char *text = doc->tokens[k++].text;
            bool digit = isdigit((unsigned char)*text);
            if (digit && k == t + 2)
                break; /* "from page 1   3 045,20": something has to stand between */
            rest = digit ? text : *text == '/' ? text + 1 : "";
        }
        of = whole_number(rest);
    }
    if (number >= 1 && number <= of && of < 10000) {
        ret->number = (unsigned)number;
        ret->of = (unsigned)of;
    }
}

static bool
is_numbered_kind(const struct lexicon *lexicon, uint16_t kind)
{
    static const char *const kinds[] = {"invoice",        "credit_note",   "receipt",
                                        "purchase_order", "delivery_note", "quotation"};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
        if (strcmp(lexicon->kinds[kind], kinds[i]) == 0)
            return true;
    return false;
}

/* The identifier right behind a label of a document's number, in its segment or the next. */
static const char *
number_after(const struct doc *doc, const struct items *items, uint32_t token, uint32_t end)
{
    for (uint32_t i = token; i < end && i < token + 4; i++)
        for (uint32_t k = items->at[i]; k < items->at[i + 1]; k++)
            if (items->items[k].kind == ITEM_CODE && strlen(items->items[k].text) >= 2 &&
                doc->tokens[i].text[0] != '(')
                return items->items[k].text;
    return "";
}

/* One word or two name a kind that is numbered: "Invoice", "Credit note". */
static bool
is_title(const struct lexicon *lexicon, const char *first, const char *second)
{
    char key[80];

    if (strlen(first) + strlen(second) + 1 > sizeof(key))
        return false;
    strcpy(stpcpy(key, first), second);
    for (const struct phrase *phrase = lexicon_find(lexicon, key); phrase != NULL;
         phrase = lexicon_next(lexicon, phrase))
        if (phrase->kind && is_numbered_kind(lexicon, phrase->concept))
            return true;
    return false;
}

static void
read_title(const struct doc *doc, const struct items *items, const struct labels *labels,
           const struct lexicon *lexicon, struct page_signs *ret)
{
    uint16_t concept = lexicon_concept(lexicon, "document_number");
    float half = doc->pages[0]->height / 2;

    for (uint32_t i = 0; i < doc->token_count; i++) {
        if (doc->tokens[i].box.y0 > half)
            continue;
        ret->title = ret->title || is_title(lexicon, doc->tokens[i].key, "");
        if (i + 1 < doc->token_count && doc->tokens[i + 1].line == doc->tokens[i].line)
            ret->title =
                ret->title || is_title(lexicon, doc->tokens[i].key, doc->tokens[i + 1].key);
    }
    for (uint32_t k = labels->concept_first[concept]; k < labels->concept_first[concept + 1]; k++) {
        const struct label *label = &labels->labels[labels->by_concept[k]];
        const struct seg *seg = &doc->segs[doc->tokens[label->first].seg];
        if (label->exact < 0.8F || seg->box.y0 > half || ret->document[0] != '\0')
            continue;
        uint32_t end = seg->first + seg->count, from = label->first + label->count;
        ret->document = number_after(doc, items, from, end);
        const struct row *row = &doc->rows[seg->row];
        for (uint32_t s = 0; ret->document[0] == '\0' && s + 1 < row->count; s++)
            if (&doc->segs[doc->row_segs[row->first + s]] == seg) {
                const struct seg *next = &doc->segs[doc->row_segs[row->first + s + 1]];
                ret->document = number_after(doc, items, next->first, next->first + next->count);
            }
    }
}

static bool
continues_table(const struct page *page)
{
    for (uint32_t i = 0; i < page->table_count; i++)
        if (page->tables[i].continues)
            return true;
    return false;
}

static enum err_code
read_signs(struct arena *arena, const struct lexicon *lexicon, struct page *const *page,
           struct page_signs *ret, struct err *err)
{
    struct doc *doc = NULL;
    struct items *items = NULL;
    struct labels *labels = NULL;
    enum err_code rc = doc_build(arena, page, 1, &doc, err);

    *ret = (struct page_signs){.document = ""};
    if (rc == ERR_OK)
        rc = items_find(doc, NULL, &items, err);
    if (rc == ERR_OK)
        rc = labels_find(doc, items, lexicon, &labels, err);
    if (rc != ERR_OK)
        return rc;
    for (uint32_t i = 0; i < doc->token_count && ret->number == 0; i++)
        if (is_page_word(doc->tokens[i].key))
            read_number(doc, i, ret);
    read_title(doc, items, labels, lexicon, ret);
    ret->goes_on = continues_table(*page);
    return ERR_OK;
}

/* A new document begins: its pages are counted anew, or a title bears another number and the page
 * does not go on with the table before. */
static bool
begins(const struct page_signs *now, const struct page_signs *before, const char *current)
{
    if (now->number == 1 && before->number >= 1)
        return true;
    if (now->number > 1 || now->goes_on)
        return false;
    return now->title && now->document[0] != '\0' && current[0] != '\0' &&
           strcmp(now->document, current) != 0;
}

enum err_code
records_split(struct arena *arena, const struct lexicon *lexicon, struct page *const *pages,
              uint32_t page_count, struct page_range **ret_ranges, uint32_t *ret_count,
              struct err *err)
{
    struct page_range *ranges = arena_array(arena, page_count, sizeof(*ranges));
    struct page_signs before = {.document = ""};
    const char *current = "";
    uint32_t n = 0;

    if (ranges == NULL)
        return err_set(err, ERR_LIMIT, "the document has too many pages");
    for (uint32_t i = 0; i < page_count; i++) {
        struct page_signs now = {.document = ""};
        enum err_code rc =
            page_count == 1 ? ERR_OK : read_signs(arena, lexicon, &pages[i], &now, err);
        if (rc != ERR_OK)
            return rc;
        if (i == 0 || begins(&now, &before, current)) {
            ranges[n++] = (struct page_range){i, 1};
            current = now.document;
        } else {
            ranges[n - 1].count++;
            if (current[0] == '\0' && now.title)
                current = now.document;
        }
        before = now;
    }
    *ret_ranges = ranges;
    *ret_count = n;
    return ERR_OK;
}

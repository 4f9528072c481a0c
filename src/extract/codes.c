/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Bar codes say again, without error, what the words say: numbers of articles and documents, web
 * addresses, the account of a payment (EPC069-12 "BCD", Swiss "SPC"). Their content stands in the
 * evidence in place of words, with the box of the code. */
#include "extract/solve.h"

#include <string.h>

enum { CODE_LINE_MAX = 512 };

static const float code_score = 0.9F, guess_score = 0.55F;

/* The code as what a form holds in place of words. NULL: the arena is full. */
static const struct page_field *
as_field(struct solve *solve, const struct page_code *code)
{
    struct page_field *field = arena_alloc(solve->arena, sizeof(*field));

    if (field == NULL) {
        solve->full = true;
        return NULL;
    }
    *field = (struct page_field){
        .box = code->box, .name = code->symbology, .value = code->text, .kind = FIELD_TEXT};
    return field;
}

static void
put(struct solve *solve, struct field *field, uint32_t page, const struct page_code *code,
    const char *text, enum normalization norm, float score)
{
    const struct page_field *source = as_field(solve, code);
    struct value *value =
        source == NULL ? NULL : make_string(solve, field, text, 0, 0, norm, score);

    if (value == NULL)
        return;
    value->field = source;
    value->field_page = page;
    value->label = code->symbology;
    offer(field, value, score, 0, 0, NULL);
}

/* Line n (from 0) of a code's content. */
static bool
line_of(const char *text, uint32_t n, char ret[CODE_LINE_MAX])
{
    for (; n > 0; n--) {
        text = strchr(text, '\n');
        if (text == NULL)
            return false;
        text++;
    }
    size_t len = strcspn(text, "\r\n");
    if (len == 0 || len >= CODE_LINE_MAX)
        return false;
    memcpy(ret, text, len);
    ret[len] = '\0';
    return true;
}

/* The account in a code of payment: where the standards put it. */
static bool
account_of(const char *text, char ret[CODE_LINE_MAX])
{
    bool proved = false;
    char line[CODE_LINE_MAX];
    uint32_t at = strncmp(text, "BCD", 3) == 0 ? 6 : strncmp(text, "SPC", 3) == 0 ? 3 : 0;

    return at > 0 && line_of(text, at, line) && iban_parse(line, ret, CODE_LINE_MAX, &proved) > 0 &&
           proved;
}

static bool
is_article(const char *symbology)
{
    return strncmp(symbology, "EAN", 3) == 0 || strncmp(symbology, "UPC", 3) == 0 ||
           strncmp(symbology, "ISBN", 4) == 0;
}

/* Numbers of articles are columns of line items; asked for on their own they have no concept. */
static bool
asks_article(const struct field *field)
{
    static const char *const keys[] = {"gtln", "ean", "upc", "lsbn", "eancode", "eannumber"};

    for (size_t i = 0; field->own_key != NULL && i < ARRAY_LEN(keys); i++)
        if (strcmp(field->own_key, keys[i]) == 0)
            return true;
    return false;
}

/* What the words said already is proved by the code. */
static void
prove(struct solve *solve, struct field *field, const struct page_code *code)
{
    const char *quoted = value_quote(solve->arena, code->text);

    for (uint32_t i = 0; quoted != NULL && i < field->candidate_count; i++) {
        struct candidate *candidate = &field->candidates[i];
        if (candidate->value->field != NULL || strcmp(candidate->value->json, quoted) != 0)
            continue;
        candidate->value->proof = "a bar code says the same";
        candidate->score = candidate->score > 0.4F ? candidate->score + 0.3F : candidate->score;
    }
}

static void
use(struct solve *solve, struct field *field, uint32_t page, const struct page_code *code)
{
    const char *name = solve->lexicon->concepts[field->concept].name;
    char text[CODE_LINE_MAX];

    if (strcmp(name, "code_content") == 0)
        put(solve, field, page, code, code->text, NORM_TEXT, code_score);
    else if (asks_article(field) && is_article(code->symbology))
        put(solve, field, page, code, code->text, NORM_TEXT, code_score);
    else if (field->type == TYPE_IBAN && account_of(code->text, text))
        put(solve, field, page, code, arena_strdup(solve->arena, text), NORM_COMPACT, code_score);
    else if (field->type == TYPE_URL && url_recognise(code->text) == strlen(code->text))
        put(solve, field, page, code, code->text, NORM_TEXT, guess_score);
    else if (field->type == TYPE_ID)
        prove(solve, field, code);
}

void
find_in_codes(struct solve *solve)
{
    for (uint32_t p = 0; p < solve->doc->page_count; p++)
        for (uint32_t c = 0; c < solve->doc->pages[p]->code_count; c++)
            for (uint32_t i = 0; i < solve->field_count && !solve->full; i++) {
                struct field *field = &solve->fields[i];
                if (!field->item && field->node != NULL)
                    use(solve, field, p, &solve->doc->pages[p]->codes[c]);
            }
}

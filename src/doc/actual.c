/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "doc/actual.h"

/* The characters of a text; 0: none, too many, or some that are no text. */
static uint32_t
decode(const char *text, uint32_t codes[ACTUAL_MAX])
{
    uint32_t n = 0;

    while (*text != '\0') {
        int rune = 0;
        text += fz_chartorune(&rune, text);
        if (n == ACTUAL_MAX || rune <= ' ' || rune == FZ_REPLACEMENT_CHARACTER)
            return 0;
        codes[n++] = (uint32_t)rune;
    }
    return n;
}

void
actual_begin(fz_context *ctx, struct actual *actual, pdf_obj *dict, uint32_t depth)
{
    pdf_obj *text = pdf_dict_gets(ctx, dict, "ActualText");

    if (actual->count > 0 || !pdf_is_string(ctx, text))
        return;
    actual->count = decode(pdf_to_text_string(ctx, text), actual->codes);
    actual->depth = depth;
}

void
actual_end(struct actual *actual, uint32_t depth)
{
    if (depth <= actual->depth)
        actual->count = 0;
}

void
actual_start_text(struct actual *actual, const fz_text *text)
{
    actual->glyphs = actual->past = 0;
    if (actual->count == 0)
        return;
    for (const fz_text_span *span = text->head; span != NULL; span = span->next)
        for (int i = 0; i < span->len; i++)
            actual->glyphs += span->items[i].gid >= 0 && span->items[i].ucs != -1;
}

static bool
is_nothing(uint32_t code)
{
    return code == FZ_REPLACEMENT_CHARACTER || code < ' ' || (code >= 0xe000 && code <= 0xf8ff);
}

const uint32_t *
actual_next(struct actual *actual, uint32_t code, uint32_t *ret_count)
{
    uint32_t at = actual->past++;

    if (actual->count == 0 || !is_nothing(code))
        return NULL;
    if (actual->glyphs == actual->count && at < actual->count) {
        *ret_count = 1;
        return &actual->codes[at];
    }
    if (actual->glyphs != 1)
        return NULL;
    *ret_count = actual->count;
    return actual->codes;
}

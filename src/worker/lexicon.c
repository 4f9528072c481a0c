/* SPDX-License-Identifier: AGPL-3.0-or-later
 * worker/lexicon.c - the words of a page's language, for those who weigh readings. */
#include "worker/worker_internal.h"

#include <string.h>

static bool
knows(void *ctx, const char *word)
{
    const struct page_lexicon *of = ctx;

    return ocr_knows(of->ocr, of->language, word);
}

const struct witness_lexicon *
page_lexicon(const struct page_reader *reader, const struct page *page, struct page_lexicon *room)
{
    /* Other scripts have words without spaces between, or endings that no list has. */
    if (reader->ocr == NULL || page->language == NULL || page->language[0] == '\0' ||
        page->script == NULL || strcmp(page->script, "Latn") != 0)
        return NULL;
    *room = (struct page_lexicon){
        .words = {.knows = knows, .ctx = room}, .ocr = reader->ocr, .language = page->language};
    return &room->words;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later
 * raw_words.c - what bench/calibrate fits on: the words of scanned pages as the recogniser gives
 * them, with the features of ledger/confidence.h.
 *
 * usage: raw_words LANGUAGES FILE...     prints "= FILE", then a word a line: text, features */
#include "base/arena.h"
#include "ledger/confidence.h"
#include "scan.h"

#include <stdio.h>
#include <string.h>

struct knower {
    struct ocr *ocr;
    const char *language;
};

static bool
knows(void *ctx, const char *word)
{
    const struct knower *knower = ctx;

    return ocr_knows(knower->ocr, knower->language, word);
}

static void
print_words(struct ocr *ocr, const struct page *page)
{
    struct knower knower = {ocr, page->language};
    const struct witness_lexicon lexicon = {knows, &knower};
    bool latin = page->script != NULL && strcmp(page->script, "Latn") == 0;
    struct confidence_reading reading =
        confidence_look(page, 0, page->dpi, latin ? &lexicon : NULL);

    for (uint32_t l = 0; l < page->line_count; l++) {
        const struct page_line *line = &page->lines[l];
        for (uint32_t i = line->first_word; i < line->first_word + line->word_count; i++) {
            float features[CONFIDENCE_FEATURES];
            confidence_features(page, line, i, &reading, features);
            printf("%s", page->words[i].text);
            for (size_t f = 0; f < CONFIDENCE_FEATURES; f++)
                printf("\t%.4f", (double)features[f]);
            printf("\n");
        }
    }
}

static enum err_code
read_page_of(const struct scan *scan, struct ocr *ocr, uint32_t index, struct err *err)
{
    struct arena *arena = arena_new(MiB(512)), *pixels = arena_new(MiB(512));
    struct page *page;
    enum err_code rc = arena == NULL || pixels == NULL
                           ? err_set(err, ERR_MEMORY, "no memory")
                           : scan_read(scan, ocr, index, arena, pixels, &page, err);

    if (rc == ERR_OK)
        print_words(ocr, page);
    arena_drop(&arena);
    arena_drop(&pixels);
    return rc;
}

static enum err_code
read_file(struct ocr *ocr, const char *path, struct err *err)
{
    struct scan scan;
    enum err_code rc = scan_open(path, &scan, err);

    printf("= %s\n", path);
    for (uint32_t i = 0; rc == ERR_OK && i < doc_page_count(scan.doc); i++)
        rc = read_page_of(&scan, ocr, i, err);
    scan_close(&scan);
    return rc;
}

int
main(int argc, char **argv)
{
    const struct ocr_config config = {.languages = argc > 1 ? argv[1] : NULL};
    struct ocr *ocr;
    struct err err;

    if (argc < 3 || ocr_open(&config, &ocr, &err) != ERR_OK) {
        (void)fprintf(stderr, "usage: raw_words LANGUAGES FILE...\n");
        return 1;
    }
    for (int i = 2; i < argc; i++)
        if (read_file(ocr, argv[i], &err) != ERR_OK)
            (void)fprintf(stderr, "%s: %s\n", argv[i], err.msg);
    ocr_close(&ocr);
    return 0;
}

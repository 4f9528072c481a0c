/* SPDX-License-Identifier: AGPL-3.0-or-later
 * verdict_words.c - what bench/verdict fits on: the words of scanned pages with all their readings
 * and the features of ocr/verdict.h, before one is chosen.
 *
 * usage: verdict_words FILE...    prints "= FILE", then a line a reading: its number (-1: the one
 * that the search took), text, features; those of sure words have none */
#include "base/arena.h"
#include "ocr/languages.h"
#include "ocr/verdict.h"
#include "scan.h"

#include <stdio.h>
#include <string.h>

static const char folder[] = "/usr/share/tesseract-ocr/5/tessdata";

struct reader {
    struct ocr *ocr;
    struct languages *languages;
    struct arena *arena;
};

static const struct lstm_model *
model_of(struct languages *languages, const char *name)
{
    size_t i = languages_count(languages);

    while (i > 1 && (name == NULL || strcmp(name, languages_name(languages, i - 1)) != 0))
        i--;
    return languages_model(languages, i - 1);
}

static void
print_word(const struct lstm_model *model, const struct verdict_seen *seen, const struct page *page,
           const struct page_line *line, const struct page_word *word)
{
    for (int32_t i = -1; i < (int32_t)word->alt_count; i++) {
        float features[VERDICT_FEATURES];
        printf("%d\t%s", i, i < 0 ? word->text : page->alts[word->first_alt + (uint32_t)i].text);
        verdict_features(model, seen, page, line, word, i, features);
        for (size_t f = 0; word->alt_count > 0 && f < VERDICT_FEATURES; f++)
            printf("\t%.4f", (double)features[f]);
        printf("\n");
    }
}

static enum err_code
print_words(struct reader *r, const struct page *page, struct err *err)
{
    const struct lstm_model *model = model_of(r->languages, page->language);
    const struct verdict_seen *seen = verdict_look(r->arena, page, 0);

    if (model == NULL || seen == NULL)
        return err_set(err, ERR_MEMORY, "no memory");
    for (uint32_t l = 0; l < page->line_count; l++)
        for (uint32_t i = 0; i < page->lines[l].word_count; i++)
            print_word(model, seen, page, &page->lines[l],
                       &page->words[page->lines[l].first_word + i]);
    return ERR_OK;
}

static enum err_code
read_file(struct reader *r, const char *path, struct err *err)
{
    struct scan scan;
    enum err_code rc = scan_open(path, &scan, err);

    printf("= %s\n", path);
    for (uint32_t i = 0; rc == ERR_OK && i < doc_page_count(scan.doc); i++) {
        struct page *page;
        r->arena = arena_new(MiB(512));
        rc = r->arena == NULL ? err_set(err, ERR_MEMORY, "no memory")
                              : scan_read(&scan, r->ocr, i, r->arena, r->arena, &page, err);
        if (rc == ERR_OK)
            rc = print_words(r, page, err);
        arena_drop(&r->arena);
    }
    scan_close(&scan);
    return rc;
}

int
main(int argc, char **argv)
{
    const struct ocr_config config = {
        .model_dir = folder, .languages = "auto", .as_searched = true};
    struct reader r = {0};
    struct err err = {0};

    if (argc < 2 || ocr_open(&config, &r.ocr, &err) != ERR_OK ||
        languages_open(folder, "auto", &r.languages, &err) != ERR_OK) {
        (void)fprintf(stderr, "usage: verdict_words FILE... %s\n", err.msg);
        return 1;
    }
    for (int i = 1; i < argc; i++)
        if (read_file(&r, argv[i], &err) != ERR_OK)
            (void)fprintf(stderr, "%s: %s\n", argv[i], err.msg);
    languages_close(&r.languages);
    ocr_close(&r.ocr);
    return 0;
}

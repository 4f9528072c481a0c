/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "extract/sections.h"

#include "extract/extract_internal.h"

#include <string.h>

enum { KEY_MAX = 160, HEADING_WORDS_MAX = 14 };

struct cut {
    struct arena *arena;
    const struct instructions *told;
    bool inside; /* below a heading that was named */
    int level;   /* of that heading */
    bool seen_only[INSTRUCT_NAMES_MAX], seen_without[INSTRUCT_NAMES_MAX];
    bool full;
};

/* The heading's words without its number: "3. Payment terms" is "payment terms". */
static const char *
heading_key(struct cut *cut, const struct page *page, const struct page_block *block)
{
    char text[KEY_MAX * 2] = "";
    uint32_t words = 0;

    for (uint32_t l = 0; l < block->line_count; l++) {
        const struct page_line *line = &page->lines[block->first_line + l];
        for (uint32_t i = 0; i < line->word_count; i++) {
            const char *word = page->words[line->first_word + i].text;
            if (words == 0 && strspn(word, "0123456789.()§") == strlen(word))
                continue;
            words++;
            if (strlen(text) + strlen(word) + 1 < sizeof(text))
                strcat(text, word);
        }
    }
    char *key =
        words == 0 || words > HEADING_WORDS_MAX ? NULL : fold_key(cut->arena, text, strlen(text));
    if (key != NULL)
        fold_skeleton(key);
    return key;
}

static bool
is_named(struct cut *cut, const char *const *names, uint32_t count, const char *key, bool *seen)
{
    bool any = false;

    for (uint32_t i = 0; i < count; i++) {
        char *name = fold_key(cut->arena, names[i], strlen(names[i]));
        if (name == NULL)
            continue;
        fold_skeleton(name);
        size_t n = strlen(name);
        if (n < 3 || strncmp(key, name, n) != 0 || strlen(key) > n + n / 2 + 4)
            continue;
        seen[i] = true;
        any = true;
    }
    return any;
}

/* A heading opens a named section, or closes the one that it stands no deeper than. */
static void
at_heading(struct cut *cut, const struct page *page, const struct page_block *block)
{
    const struct instructions *told = cut->told;
    const char *key = heading_key(cut, page, block);
    bool only = told->only_section_count > 0;

    if (key == NULL)
        return;
    if (is_named(cut, only ? told->only_sections : told->without_sections,
                 only ? told->only_section_count : told->without_section_count, key,
                 only ? cut->seen_only : cut->seen_without)) {
        cut->inside = true;
        cut->level = block->level;
    } else if (cut->inside && block->level <= cut->level) {
        cut->inside = false;
    }
}

/* A copy of the page whose lines outside what is wanted have no words. */
static struct page *
cut_page(struct cut *cut, const struct page *page)
{
    bool only = cut->told->only_section_count > 0;
    struct page *copy = arena_alloc(cut->arena, sizeof(*copy));
    struct page_line *lines = arena_array(cut->arena, page->line_count + 1, sizeof(*lines));
    bool *keep = arena_array(cut->arena, page->line_count + 1, sizeof(*keep));

    if (copy == NULL || lines == NULL || keep == NULL) {
        cut->full = true;
        return NULL;
    }
    *copy = *page;
    if (page->line_count > 0)
        memcpy(lines, page->lines, page->line_count * sizeof(*lines));
    copy->lines = lines;
    memset(keep, cut->inside == only, page->line_count);
    for (uint32_t b = 0; b < page->block_count; b++) {
        const struct page_block *block = &page->blocks[b];
        if (block->kind == BLOCK_HEADING)
            at_heading(cut, page, block);
        /* Lines of tables stand in cells, not in their block: all lines up to the next block. */
        uint32_t next = page->line_count;
        for (uint32_t k = b + 1; k < page->block_count && next == page->line_count; k++)
            if (page->blocks[k].line_count > 0)
                next = page->blocks[k].first_line;
        for (uint32_t l = block->first_line; l < next && l < page->line_count; l++)
            keep[l] = cut->inside == only;
    }
    for (uint32_t l = 0; l < page->line_count; l++)
        if (!keep[l])
            lines[l].word_count = 0;
    return copy;
}

static void
note_missing(struct cut *cut, struct instructions *told, const char *const *names, uint32_t count,
             const bool *seen)
{
    for (uint32_t i = 0; i < count; i++)
        if (!seen[i])
            instructions_warn(cut->arena, told, "there is no section headed \"%s\"", names[i]);
}

enum err_code
sections_cut(struct arena *arena, struct instructions *told, struct page *const *pages,
             uint32_t count, struct page *const **ret_pages, struct err *err)
{
    struct cut cut = {.arena = arena, .told = told};

    *ret_pages = pages;
    if (told->only_section_count == 0 && told->without_section_count == 0)
        return ERR_OK;
    struct page **copies = arena_array(arena, count, sizeof(void *));
    for (uint32_t i = 0; copies != NULL && i < count && !cut.full; i++)
        copies[i] = cut_page(&cut, pages[i]);
    if (copies == NULL || cut.full)
        return err_set(err, ERR_LIMIT, "the document is too large for one extraction");
    bool any = false;
    for (uint32_t i = 0; i < told->only_section_count; i++)
        any = any || cut.seen_only[i];
    note_missing(&cut, told, told->only_sections, told->only_section_count, cut.seen_only);
    note_missing(&cut, told, told->without_sections, told->without_section_count, cut.seen_without);
    if (told->only_section_count == 0 || any) /* else nothing would be left */
        *ret_pages = copies;
    return ERR_OK;
}

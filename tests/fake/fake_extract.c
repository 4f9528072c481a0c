/* SPDX-License-Identifier: AGPL-3.0-or-later
 * In place of extract/: one record over all pages, or one a page, with the first word of each. */
#include "extract/extract.h"

static enum err_code
make_record(struct arena *arena, const struct extract_input *input, uint32_t first, uint32_t count,
            struct extract_record *ret, struct err *err)
{
    const struct page *page = input->pages[first];
    const char *word = page->word_count > 0 ? page->words[0].text : "";

    *ret = (struct extract_record){
        .first_page = first,
        .page_count = count,
        .kind = "document",
        .confidence = 0.5,
        .result = arena_printf(arena, "{\"word\":\"%s\"}", word),
        .evidence = arena_printf(arena, "{\"/word\":{\"page\":%u}}", page->index + 1),
        .review = "[]"};
    return ret->result != NULL && ret->evidence != NULL ? ERR_OK
                                                        : err_set(err, ERR_LIMIT, "arena full");
}

enum err_code
extract_run(struct arena *arena, const struct extract_input *input,
            struct extract_output *ret_output, struct err *err)
{
    uint32_t count = input->options.per_page ? input->page_count : 1;
    struct extract_record *records = arena_array(arena, count, sizeof(*records));
    enum err_code rc = records != NULL ? ERR_OK : err_set(err, ERR_LIMIT, "arena full");

    for (uint32_t i = 0; rc == ERR_OK && i < count; i++)
        rc = make_record(arena, input, i, input->options.per_page ? 1 : input->page_count,
                         &records[i], err);
    *ret_output = (struct extract_output){
        .records = records,
        .record_count = count,
        .warnings = input->instructions != NULL ? "[\"instructions\"]" : "[]"};
    return rc;
}

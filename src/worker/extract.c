/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/fdio.h"
#include "page/codec.h"
#include "schema/schema.h"
#include "worker/worker_internal.h"

#include <stdlib.h>
#include <unistd.h>

/* The whole of what the first descriptor holds; heap. */
static enum err_code
load(int fd, uint64_t most, struct span *ret, struct err *err)
{
    off_t size = lseek(fd, 0, SEEK_END);

    if (size <= 0 || (uint64_t)size > most || lseek(fd, 0, SEEK_SET) != 0)
        return err_set(err, ERR_LIMIT, "the pages take %lld bytes, the limit is %llu",
                       (long long)size, (unsigned long long)most);
    uint8_t *bytes = malloc((size_t)size);
    if (bytes == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %lld bytes of pages", (long long)size);
    enum err_code rc = fd_read_exact(fd, bytes, (size_t)size, err);
    *ret = (struct span){bytes, (size_t)size};
    return rc;
}

static enum err_code
decode_pages(struct arena *arena, struct wire_fields *fields, struct extraction *x, struct err *err)
{
    uint32_t last = 0;

    if (x->ask.page_count == 0 || x->ask.page_count > EXTRACT_PAGES_MAX)
        return err_set(err, ERR_LIMIT, "%u pages to extract from, the limit is %d",
                       x->ask.page_count, EXTRACT_PAGES_MAX);
    x->pages = arena_array(arena, x->ask.page_count, sizeof(struct page *));
    if (x->pages == NULL)
        return err_set(err, ERR_MEMORY, "no memory for pages");
    for (uint32_t i = 0; i < x->ask.page_count; i++) {
        struct span tree = wire_take_bytes(fields, WIRE_PAGE_BYTES_MAX);
        enum err_code rc = page_decode(arena, tree, &x->pages[i], err);
        if (rc != ERR_OK)
            return rc;
        if (i > 0 && x->pages[i]->index <= last)
            return err_set(err, ERR_FORMAT, "page %u comes after page %u", x->pages[i]->index + 1,
                           last + 1);
        last = x->pages[i]->index;
    }
    return wire_fields_end(fields, "pages to extract from", err);
}

static const char *
text_of(struct arena *arena, struct span text)
{
    return text.len > 0 ? arena_strndup(arena, (const char *)text.data, text.len) : NULL;
}

enum err_code
extraction_run(int fd, const struct wire_limits *limits, struct arena *arena,
               struct extraction *ret, struct err *err)
{
    struct extraction x = {.page_count = 0};
    struct schema *schema = NULL;
    struct span bytes = {NULL, 0};
    enum err_code rc = load(fd, limits->memory_bytes, &bytes, err);

    if (rc != ERR_OK)
        return rc;
    struct wire_fields fields = wire_fields_of(bytes);
    rc = wire_take_ask(&fields, &x.ask, err);
    if (rc == ERR_OK)
        rc = decode_pages(arena, &fields, &x, err);
    if (rc == ERR_OK && x.ask.schema.len > 0)
        rc = schema_compile(arena, x.ask.schema, &schema, err);
    if (rc != ERR_OK)
        return rc;
    const struct extract_input input = {
        .pages = x.pages,
        .page_count = x.ask.page_count,
        .schema = schema,
        .instructions = text_of(arena, x.ask.instructions),
        .proposal = text_of(arena, x.ask.proposal),
        .options = {.per_page = x.ask.per_page, .min_confidence = x.ask.min_confidence}};
    x.page_count = input.page_count;
    rc = extract_run(arena, &input, &x.output, err);
    if (rc == ERR_OK)
        *ret = x;
    return rc; /* the bytes go with the process: strings of the request point into them */
}

void
extraction_record(const struct extraction *x, uint32_t index, struct wire_record *ret)
{
    const struct extract_record *record = &x->output.records[index];
    uint32_t last = record->first_page + record->page_count - 1;

    *ret = (struct wire_record){.page_from = x->pages[record->first_page]->index,
                                .page_to = x->pages[last]->index + 1,
                                .confidence = record->confidence,
                                .kind = span_of(record->kind),
                                .result = span_of(record->result),
                                .evidence = span_of(record->evidence),
                                .review = span_of(record->review)};
}

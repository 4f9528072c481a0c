/* SPDX-License-Identifier: AGPL-3.0-or-later
 * bench/extract_main.c - extraction from stored page trees, for bench/extract.
 *
 *   bench_extract SCHEMA|- [--instructions TEXT] [--proposal JSON] [--repeat N] FILE.trees...
 * A file of trees is a run of (uint32 length, little-endian; encoded page). One JSON line a file:
 * {"file","pages","ms","text","sizes"
 * (points),"warnings","records":[{"first_page","page_count","kind","confidence",
 * "result","evidence","review"}]}. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/fdio.h"
#include "base/jsonw.h"
#include "extract/extract.h"
#include "page/codec.h"
#include "schema/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const size_t file_bytes_max = MiB(512);

static struct span
read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    struct buf buf;
    char part[65536];
    size_t n;

    buf_init(&buf, file_bytes_max);
    if (file == NULL) {
        fprintf(stderr, "bench_extract: %s: cannot be opened\n", path);
        exit(1);
    }
    while ((n = fread(part, 1, sizeof(part), file)) > 0)
        buf_append(&buf, part, n);
    fclose(file);
    return buf_span(&buf);
}

static double
cpu_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void
put(const char *path, const struct extract_output *output, struct page *const *pages, uint32_t n,
    double ms)
{
    struct buf out;
    struct jsonw w = {.out = &out};

    buf_init(&out, file_bytes_max);
    jsonw_object(&w, NULL);
    jsonw_string(&w, "file", path);
    jsonw_int(&w, "pages", n);
    jsonw_real(&w, "ms", ms, 3);
    jsonw_raw(&w, "warnings", output->warnings);
    struct buf text;
    buf_init(&text, file_bytes_max);
    for (uint32_t p = 0; p < n; p++)
        for (uint32_t l = 0; l < pages[p]->line_count; l++)
            for (uint32_t i = 0; i < pages[p]->lines[l].word_count; i++)
                buf_printf(&text, "%s ", pages[p]->words[pages[p]->lines[l].first_word + i].text);
    jsonw_string(&w, "text", buf_text(&text));
    buf_fini(&text);
    jsonw_array(&w, "sizes");
    for (uint32_t p = 0; p < n; p++) {
        jsonw_array(&w, NULL);
        jsonw_real(&w, NULL, (double)pages[p]->width, 2);
        jsonw_real(&w, NULL, (double)pages[p]->height, 2);
        jsonw_end(&w);
    }
    jsonw_end(&w);
    jsonw_array(&w, "records");
    for (uint32_t i = 0; i < output->record_count; i++) {
        const struct extract_record *record = &output->records[i];
        jsonw_object(&w, NULL);
        jsonw_int(&w, "first_page", record->first_page);
        jsonw_int(&w, "page_count", record->page_count);
        jsonw_string(&w, "kind", record->kind);
        jsonw_real(&w, "confidence", record->confidence, 3);
        jsonw_raw(&w, "result", record->result);
        jsonw_raw(&w, "evidence", record->evidence);
        jsonw_raw(&w, "review", record->review);
        jsonw_end(&w);
    }
    jsonw_end(&w);
    jsonw_end(&w);
    printf("%s\n", buf_text(&out));
    buf_fini(&out);
}

int
main(int argc, char **argv)
{
    struct arena *lasting = arena_new(MiB(64));
    struct schema *schema = NULL;
    struct err err = {0};
    const char *instructions = NULL, *proposal = NULL;
    int repeat = 1, at = 2;

    if (argc < 3 || lasting == NULL)
        return 1;
    if (strcmp(argv[1], "-") != 0 &&
        schema_compile(lasting, read_file(argv[1]), &schema, &err) != ERR_OK) {
        fprintf(stderr, "bench_extract: %s: %s\n", argv[1], err.msg);
        return 1;
    }
    for (; at + 1 < argc && strncmp(argv[at], "--", 2) == 0; at += 2) {
        if (strcmp(argv[at], "--instructions") == 0)
            instructions = argv[at + 1];
        else if (strcmp(argv[at], "--proposal") == 0)
            proposal = argv[at + 1];
        else
            repeat = (int)strtol(argv[at + 1], NULL, 10);
    }
    for (; at < argc; at++) {
        struct arena *arena = arena_new(MiB(1024));
        struct span bytes = read_file(argv[at]);
        struct page **pages = arena_array(arena, EXTRACT_PAGES_MAX, sizeof(struct page *));
        uint32_t n = 0, length;
        for (size_t i = 0; i + 4 < bytes.len && n < EXTRACT_PAGES_MAX; i += 4 + length) {
            memcpy(&length, bytes.data + i, 4);
            struct span part = {bytes.data + i + 4, length};
            if (page_decode(arena, part, &pages[n], &err) != ERR_OK) {
                fprintf(stderr, "%s: %s\n", argv[at], err.msg);
                break;
            }
            n++;
        }
        struct extract_input input = {.pages = pages,
                                      .page_count = n,
                                      .schema = schema,
                                      .instructions = instructions,
                                      .proposal = proposal};
        struct extract_output output;
        double start = cpu_ms();
        enum err_code rc = ERR_OK;
        for (int k = 0; k < repeat && rc == ERR_OK; k++)
            rc = extract_run(arena, &input, &output, &err);
        if (rc != ERR_OK)
            fprintf(stderr, "%s: %s\n", argv[at], err.msg);
        else
            put(argv[at], &output, pages, n, (cpu_ms() - start) / repeat);
        arena_drop(&arena);
        free((void *)(uintptr_t)bytes.data);
    }
    arena_drop(&lasting);
    return 0;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/extracted.h"
#include "base/json.h"
#include "cmd/convert_extract.h"
#include "cmd/outlet.h"
#include "page/codec.h"

#include <stdio.h>
#include <string.h>

static const size_t page_bytes_max = MiB(512);
static const size_t svg_bytes_max = MiB(64);

/* Fields in turn, told apart by colour. */
static const char *const colours[] = {"#d81b60", "#1e88e5", "#43a047",
                                      "#fb8c00", "#8e24aa", "#00897b"};

struct drawing {
    struct buf svg;
    uint32_t page; /* from 1 */
    size_t fields, shown;
};

static void
put_text(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '<' || *text == '&')
            buf_string(out, *text == '<' ? "&lt;" : "&amp;");
        else
            buf_char(out, *text);
    }
}

/* The boxes of one value on this page, its pointer above the first of them. */
static void
put_field(struct drawing *d, const char *pointer, const json_t *evidence)
{
    const char *colour = colours[d->fields++ % ARRAY_LEN(colours)];
    size_t i;
    json_t *box;

    if (json_integer_value(json_object_get(evidence, "page")) != d->page)
        return;
    json_array_foreach(json_object_get(evidence, "boxes"), i, box)
    {
        double x0 = json_number_value(json_array_get(box, 0));
        double y0 = json_number_value(json_array_get(box, 1));
        double width = json_number_value(json_array_get(box, 2)) - x0;
        double height = json_number_value(json_array_get(box, 3)) - y0;
        buf_printf(&d->svg,
                   "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" fill=\"%s\" "
                   "fill-opacity=\"0.15\" stroke=\"%s\" stroke-width=\"0.8\"/>\n",
                   x0, y0, width, height, colour, colour);
        if (i > 0)
            continue;
        buf_printf(&d->svg, "<text x=\"%.2f\" y=\"%.2f\" font-size=\"5\" fill=\"%s\">", x0, y0 - 1,
                   colour);
        put_text(&d->svg, pointer);
        buf_string(&d->svg, "</text>\n");
        d->shown++;
    }
}

static enum err_code
begin_page(struct drawing *d, const char *name, const struct reading_file *file, struct err *err)
{
    struct arena *arena = arena_new(page_bytes_max);
    struct page *page = NULL;
    float width, height;
    struct span tree;
    struct buf hold;

    buf_init(&hold, WIRE_PAGE_BYTES_MAX);
    enum err_code rc =
        arena == NULL ? err_set(err, ERR_MEMORY, "no memory")
                      : spool_load(&file->spool, file->pages[d->page - 1].tree, &hold, &tree, err);
    if (rc == ERR_OK)
        rc = page_decode(arena, tree, &page, err);

    if (rc == ERR_OK) {
        page_size_as_seen(page, &width, &height);
        buf_printf(&d->svg,
                   "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.2f %.2f\" "
                   "font-family=\"sans-serif\">\n<image href=\"",
                   (double)width, (double)height);
        put_text(&d->svg, name);
        buf_printf(&d->svg, "-%u.png\" width=\"%.2f\" height=\"%.2f\"/>\n", d->page, (double)width,
                   (double)height);
    }
    arena_drop(&arena);
    buf_fini(&hold);
    return rc;
}

static enum err_code
put_records(struct drawing *d, const struct extracted *x, struct err *err)
{
    enum err_code rc = ERR_OK;

    for (size_t i = 0; rc == ERR_OK && i < x->count; i++) {
        json_t *evidence = NULL, *value;
        const char *pointer;
        rc = json_read(x->records[i].evidence, &evidence, err);
        if (rc == ERR_OK)
            json_object_foreach(evidence, pointer, value) put_field(d, pointer, value);
        json_decref(evidence);
    }
    buf_string(&d->svg, "</svg>\n");
    return rc == ERR_OK ? buf_check(&d->svg, "drawing of the fields", err) : rc;
}

static enum err_code
draw_page(const struct extracted *x, const char *folder, const char *name, uint32_t index,
          const struct reading_file *file, struct err *err)
{
    struct drawing d = {.page = index + 1};
    char path[4096];

    buf_init(&d.svg, svg_bytes_max);
    enum err_code rc = begin_page(&d, name, file, err);
    if (rc == ERR_OK)
        rc = put_records(&d, x, err);
    if (rc == ERR_OK && (size_t)snprintf(path, sizeof(path), "%s/%s-%u.svg", folder, name,
                                         index + 1) >= sizeof(path))
        rc = err_set(err, ERR_INPUT, "--overlay: the path is too long");
    if (rc == ERR_OK && d.shown > 0)
        rc = outlet_put_file(path, buf_span(&d.svg), err);
    buf_fini(&d.svg);
    return rc;
}

enum err_code
convert_extract_draw(const struct convert_extract *x, const char *folder, const char *name,
                     const struct reading_file *file, struct err *err)
{
    struct extracted extracted = {
        .row = {.format = x->format, .records = file->record_count, .bytes = file->records.len}};
    enum err_code rc = ERR_OK;

    if (file->record_count == 0)
        return ERR_OK;
    rc = extracted_read(buf_span(&file->records), &extracted, err);
    for (uint32_t i = 0; rc == ERR_OK && i < file->page_count; i++)
        if (file->pages[i].why.code == ERR_OK)
            rc = draw_page(&extracted, folder, name, i, file, err);
    extracted_fini(&extracted);
    return rc;
}

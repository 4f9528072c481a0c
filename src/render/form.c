/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "render/form.h"

#include "base/jsonw.h"
#include "base/xml.h"
#include "render/names.h"
#include "render/render.h"

#include <stdio.h>
#include <string.h>

const struct form forms[FORM_COUNT] = {
    [FORM_MARKDOWN] = {"markdown", "md", "text/markdown; charset=utf-8"},
    [FORM_TEXT] = {"text", "txt", "text/plain; charset=utf-8"},
    [FORM_HTML] = {"html", "html", "text/html; charset=utf-8"},
    [FORM_HOCR] = {"hocr", "hocr", "application/xhtml+xml; charset=utf-8"},
    [FORM_ALTO] = {"alto", "xml", "application/xml; charset=utf-8"},
    [FORM_JSON] = {"json", "json", "application/vnd.leapocr.page-tree+json"},
    [FORM_SVG] = {"svg", "svg", "image/svg+xml; charset=utf-8"},
};

enum form_id
form_find(struct span name)
{
    int id = 0;

    while (id < FORM_COUNT && !span_equal(name, span_of(forms[id].name)))
        id++;
    return (enum form_id)id;
}

static const char html_head[] =
    "<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"generator\" content=\"leapocr " LEAPOCR_VERSION "\">\n<title>";
static const char html_style[] =
    "</title>\n<style>\n"
    ":root { color-scheme: light dark }\n"
    "body { font: 16px/1.5 sans-serif; max-width: 50em; margin: 2em auto; padding: 0 1em }\n"
    ".page { overflow-x: auto } .page + .page { border-top: 1px solid #999 } "
    "pre { overflow-x: auto }\n"
    "table { border-collapse: collapse } td, th { border: 1px solid #999; padding: .2em .5em; "
    "text-align: start; vertical-align: top }\n"
    "caption, figcaption, .caption, .footnote { font-size: .9em } caption { text-align: start }\n"
    ".lost { color: #d33 } figure { margin: 1em 0 } figure:empty { display: none }\n"
    "</style>\n</head>\n<body>\n";

static const char hocr_head[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Transitional//EN\" "
    "\"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd\">\n"
    "<html xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n"
    "<meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\"/>\n"
    "<meta name=\"ocr-system\" content=\"leapocr " LEAPOCR_VERSION "\"/>\n"
    "<meta name=\"ocr-capabilities\" content=\"ocr_page ocr_carea ocr_par ocr_line ocr_header "
    "ocr_footer ocr_caption ocr_table ocr_photo ocrx_word ocrp_wconf\"/>\n<title>";

static const char alto_head[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<alto xmlns=\"http://www.loc.gov/standards/alto/ns-v4#\" "
    "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
    "xsi:schemaLocation=\"http://www.loc.gov/standards/alto/ns-v4# "
    "http://www.loc.gov/standards/alto/v4/alto-4-4.xsd\" SCHEMAVERSION=\"4.4\">\n<Description>\n"
    "<MeasurementUnit>pixel</MeasurementUnit>\n<sourceImageInformation><fileName>";
static const char alto_software[] =
    "</fileName></sourceImageInformation>\n<Processing ID=\"processing_1\">"
    "<processingSoftware><softwareName>leapocr</softwareName><softwareVersion>" LEAPOCR_VERSION
    "</softwareVersion></processingSoftware></Processing>\n</Description>\n";

static const char svg_head[] = "<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\"";
static const char svg_style[] =
    ">\n<style>\n"
    "rect { fill: none; stroke-width: .5 } .page { stroke: #ccc }\n"
    "[class^=block] { stroke: #188a33; stroke-width: 1 } .block-heading { stroke: #d91a1a } "
    ".block-table, .cell { stroke: #0073bf } .block-list_item { stroke: #7326bf } "
    ".block-figure { stroke: #cc7300 } .block-header, .block-footer { stroke: #737373 }\n"
    "[class^=word] { fill: #fff; fill-opacity: 0; stroke: #5999f2; stroke-width: .3 } "
    ".word-pixels { stroke: #faa640 } .word-both { stroke: #2a9d8f } .word-conflict { stroke: "
    "#e63946 }\n"
    "[class^=region] { stroke: #33b3b3 } .region-unread, .region-missing { stroke: #f20000; "
    "stroke-width: 1.5 } "
    ".hidden { stroke: #999; stroke-dasharray: 2 } .code { stroke: #000 }\n"
    "</style>\n";

/* Room for ' viewBox="0 0 W H"', filled in when the size is known; blanks are harmless there. */
enum { SVG_SIZE_ROOM = 48 };

static void
put_size(struct form_writer *w)
{
    char size[SVG_SIZE_ROOM + 1];
    int len = snprintf(size, sizeof(size), " viewBox=\"0 0 %.2f %.2f\"", (double)w->width,
                       (double)w->height);

    if (!w->out->spoilt && len > 0 && (size_t)len < sizeof(size))
        memcpy(w->out->data + w->size_at, size, (size_t)len);
}

static void
begin_svg(struct form_writer *w)
{
    buf_string(w->out, svg_head);
    w->size_at = w->out->len;
    for (int i = 0; i < SVG_SIZE_ROOM; i++)
        buf_char(w->out, ' ');
    buf_string(w->out, svg_style);
}

static void
begin_json(struct form_writer *w, const char *name)
{
    struct jsonw json = {.out = w->out};

    buf_string(w->out, "{\"file\":");
    jsonw_string(&json, NULL, name);
    buf_string(w->out, ",\"pages\":[");
}

static void
begin_titled(struct form_writer *w, const char *head, const char *name, const char *rest)
{
    buf_string(w->out, head);
    xml_put_string(w->out, name);
    buf_string(w->out, rest);
}

void
form_begin(struct form_writer *w, enum form_id id, const char *name, struct buf *out)
{
    *w = (struct form_writer){.out = out, .id = id};
    switch (id) {
    case FORM_HTML:
        begin_titled(w, html_head, name, html_style);
        break;
    case FORM_HOCR:
        begin_titled(w, hocr_head, name, "</title>\n</head>\n<body>\n");
        break;
    case FORM_ALTO:
        begin_titled(w, alto_head, name, alto_software);
        alto_put_tags(out);
        buf_string(out, "<Layout>\n");
        break;
    case FORM_JSON:
        begin_json(w, name);
        break;
    case FORM_SVG:
        begin_svg(w);
        break;
    case FORM_MARKDOWN:
    case FORM_TEXT:
    case FORM_COUNT:
        break;
    }
}

/* What parts a page from those before it: an empty line of Markdown, a form feed in text. */
static void
part(struct form_writer *w)
{
    static const char *const between[FORM_COUNT] = {
        [FORM_MARKDOWN] = "\n", [FORM_TEXT] = "\f", [FORM_JSON] = ","};

    if (w->pages++ > 0 && between[w->id] != NULL)
        buf_string(w->out, between[w->id]);
}

/* The pages stand one below the other. Returns the page's height. */
static float
measure_svg(struct form_writer *w, const struct page *page, bool count)
{
    float width, height;

    page_size_as_seen(page, &width, &height);
    if (count) {
        w->width = width > w->width ? width : w->width;
        w->height += height;
    }
    return height;
}

static void
put_svg(struct form_writer *w, const struct page *page)
{
    render_svg(page, w->y, w->out);
    w->y += measure_svg(w, page, !w->measured);
}

bool
form_wants_measures(enum form_id id)
{
    return id == FORM_SVG;
}

void
form_measure(struct form_writer *w, const struct page *page)
{
    if (!form_wants_measures(w->id))
        return;
    w->measured = true;
    (void)measure_svg(w, page, true);
    put_size(w);
}

void
form_page(struct form_writer *w, const struct page *page)
{
    size_t before = w->out->len;

    part(w);
    size_t content = w->out->len;
    switch (w->id) {
    case FORM_MARKDOWN:
        render_markdown(page, w->out);
        if (w->out->len == content)
            buf_cut(w->out, before); /* an empty page leaves no empty lines */
        break;
    case FORM_TEXT:
        render_text(page, w->out);
        break;
    case FORM_HTML:
        render_html(page, w->out);
        break;
    case FORM_HOCR:
        render_hocr(page, w->out);
        break;
    case FORM_ALTO:
        render_alto(page, w->out);
        break;
    case FORM_JSON:
        render_json(page, w->out);
        break;
    case FORM_SVG:
        put_svg(w, page);
        break;
    case FORM_COUNT:
        break;
    }
}

void
form_markdown(struct form_writer *w, struct span markdown)
{
    size_t before = w->out->len;

    part(w);
    if (markdown.len == 0)
        buf_cut(w->out, before);
    else
        buf_append(w->out, markdown.data, markdown.len);
}

/* Text of a comment may not hold two hyphens in a row. */
static void
put_comment(struct buf *out, uint32_t number, const char *reason, const char *message)
{
    buf_printf(out, "<!-- page %u could not be read: %s: ", number, reason);
    for (const char *c = message; *c != '\0'; c++) {
        const char piece[] = {*c, '\0'};
        bool doubled = *c == '-' && c[1] == '-';
        xml_put_string(out, doubled ? "- " : (unsigned char)*c < 0x80 ? piece : "?");
    }
    buf_string(out, " -->\n");
}

void
form_lost(struct form_writer *w, uint32_t number, const char *reason, const char *message)
{
    part(w);
    switch (w->id) {
    case FORM_MARKDOWN:
    case FORM_HOCR:
    case FORM_ALTO:
    case FORM_SVG:
        put_comment(w->out, number, reason, message);
        break;
    case FORM_HTML:
        buf_printf(
            w->out,
            "<section class=\"page\" data-page=\"%u\"><p class=\"lost\">Page %u could not be "
            "read: ",
            number, number);
        xml_put_string(w->out, message);
        buf_string(w->out, "</p></section>\n");
        break;
    case FORM_JSON: {
        struct jsonw json = {.out = w->out};
        jsonw_object(&json, NULL);
        jsonw_int(&json, "page_number", number);
        jsonw_string(&json, "error", reason);
        jsonw_string(&json, "error_message", message);
        jsonw_end(&json);
        break;
    }
    case FORM_TEXT:
    case FORM_COUNT:
        break;
    }
}

static void
end_svg(struct form_writer *w)
{
    buf_string(w->out, "</svg>\n");
    if (!w->measured)
        put_size(w);
}

void
form_end(struct form_writer *w)
{
    static const char *const tails[FORM_COUNT] = {[FORM_HTML] = "</body>\n</html>\n",
                                                  [FORM_HOCR] = "</body>\n</html>\n",
                                                  [FORM_ALTO] = "</Layout>\n</alto>\n",
                                                  [FORM_JSON] = "]}\n"};

    if (w->id == FORM_SVG)
        end_svg(w);
    else if (w->id < FORM_COUNT && tails[w->id] != NULL)
        buf_string(w->out, tails[w->id]);
}

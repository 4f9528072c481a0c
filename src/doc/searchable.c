/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "doc/searchable.h"

#include "base/fnv.h"
#include "base/utf8.h"
#include "doc/glyphless.h"
#include "doc/pdfout.h"
#include "page/bidi.h"
#include "page/warp.h"

#include <math.h>
#include <string.h>

/* Smallest box that is given text, pt: below it the letters' scale means nothing. */
static const float side_least = 0.5F;

struct writing {
    struct doc *doc;
    const struct searchable *how;
    fz_context *ctx;
    pdf_document *pdf; /* the document's own, or one that is being made */
    struct glyphless fonts;
    pdf_obj *open; /* content "q": saves the state that the page's own content leaves behind */
    struct err *err;
    enum err_code rc; /* of the caller's functions */
    struct pdfout out;
    uint64_t digest; /* of what is laid over the pages, and of their sizes */
};

/* --- one page's invisible text; everything here throws --- */

struct layer {
    struct writing *w;
    const struct page *page;
    fz_buffer *content;
    fz_matrix to_user; /* from the tree's frame (y down) to the page's user space */
    int64_t font;      /* that is set; -1: none */
    bool used[GLYPHLESS_FONTS_MAX];
};

static fz_matrix
quarter_turns_back(const struct page *page)
{
    switch (page->turned) {
    case 90:
        return fz_make_matrix(0, -1, 1, 0, 0, page->width);
    case 180:
        return fz_make_matrix(-1, 0, 0, -1, page->width, page->height);
    case 270:
        return fz_make_matrix(0, 1, -1, 0, page->height, 0);
    default:
        return fz_identity;
    }
}

/* From the page as it was read to the page as it is seen. */
static fz_matrix
turn_back(const struct page *page)
{
    fz_matrix lean = fz_translate(-page->width / 2, -page->height / 2);

    lean = fz_concat(lean, fz_rotate(-page->skew)); /* y runs down: against the clock */
    lean = fz_concat(lean, fz_translate(page->width / 2, page->height / 2));
    return fz_concat(lean, quarter_turns_back(page));
}

static void
set_font(struct layer *layer, uint32_t font)
{
    char name[16];

    if (layer->font == (int64_t)font)
        return;
    glyphless_name(font, name);
    fz_append_printf(layer->w->ctx, layer->content, "/%s 1 Tf\n", name);
    layer->font = font;
    layer->used[font] = true;
}

static void
show_text(struct layer *layer, const char *text, bool space)
{
    fz_context *ctx = layer->w->ctx;
    size_t left = strlen(text);
    bool open = false;

    while (left > 0 || space) {
        uint32_t c = ' ';
        size_t n = 0;
        if (left > 0 && (n = utf8_decode(text, left, &c)) == 0)
            break;
        space = left > 0 && space;
        struct glyphless_place place = glyphless_find(&layer->w->fonts, c);
        if (layer->font != (int64_t)place.font) {
            if (open)
                fz_append_string(ctx, layer->content, ">Tj\n");
            set_font(layer, place.font);
            open = false;
        }
        if (!open)
            fz_append_string(ctx, layer->content, "<");
        open = true;
        fz_append_printf(ctx, layer->content, "%02x", (int)place.code);
        text += n;
        left -= n;
    }
    if (open)
        fz_append_string(ctx, layer->content, ">Tj\n");
}

static bool
reads_from_right(const char *text)
{
    uint32_t c;

    for (size_t left = strlen(text), n; left > 0 && (n = utf8_decode(text, left, &c)) > 0;
         text += n, left -= n)
        if (bidi_is_right(c))
            return true;
    return false;
}

/* The place of a word (along it, of which it goes on for length; up; its corner) before its page
 * was straightened. */
static fz_matrix
bend(const struct page_warp *warp, fz_matrix place, float length)
{
    float x, y, x1, y1, x2, y2;

    if (warp == NULL)
        return place;
    warp_there(warp, place.e, place.f, &x, &y);
    warp_there(warp, place.e + place.a * length, place.f + place.b * length, &x1, &y1);
    warp_there(warp, place.e + place.c, place.f + place.d, &x2, &y2);
    return fz_make_matrix((x1 - x) / length, (y1 - y) / length, x2 - x, y2 - y, x, y);
}

/* The text's letters, each as wide as the next, over the word's box. Those that are read from the
 * right run to the left, mirrored: viewers that go by the places of letters find them in order. */
static void
put_word(struct layer *layer, const struct page_line *line, const struct page_word *word, bool last)
{
    struct box box = word->box;
    bool upright = line->vertical && box_height(box) > box_width(box);
    float length = upright ? box_height(box) : box_width(box);
    float height = upright ? box_width(box) : box_height(box);
    size_t n = utf8_length(word->text, strlen(word->text));

    if (n == 0 || !(length >= side_least && height >= side_least))
        return;
    float stretch = length / ((float)n * glyphless_advance);
    float baseline = line->baseline > box.y0 && line->baseline < box.y1 + height
                         ? line->baseline
                         : box.y1 - height / 4;
    bool left = !upright && reads_from_right(word->text);
    fz_matrix place = upright ? fz_make_matrix(0, stretch, height, 0, box.x0 + height / 4, box.y0)
                      : left  ? fz_make_matrix(-stretch, 0, 0, -height, box.x1, baseline)
                              : fz_make_matrix(stretch, 0, 0, -height, box.x0, baseline);
    place = fz_concat(bend(layer->page->warp, place, (float)n * glyphless_advance), layer->to_user);
    fz_append_printf(layer->w->ctx, layer->content, "%g %g %g %g %g %g Tm\n", (double)place.a,
                     (double)place.b, (double)place.c, (double)place.d, (double)place.e,
                     (double)place.f);
    show_text(layer, word->text, !last);
}

static bool
is_from_pixels(const struct page_word *word)
{
    return word->witness != WITNESS_LAYER && word->text[0] != '\0';
}

static void
put_words(struct layer *layer)
{
    const struct page *page = layer->page;

    fz_append_string(layer->w->ctx, layer->content, "\nQ\nBT 3 Tr\n");
    for (uint32_t i = 0; i < page->line_count; i++) {
        const struct page_line *line = &page->lines[i];
        for (uint32_t k = 0; k < line->word_count; k++) {
            const struct page_word *word = &page->words[line->first_word + k];
            bool glued = k + 1 < line->word_count && word[1].glued;
            if (is_from_pixels(word))
                put_word(layer, line, word, glued || k + 1 == line->word_count);
        }
    }
    fz_append_string(layer->w->ctx, layer->content, "ET\n");
}

/* The page's own fonts and the used ones of ours. */
static void
put_resources(struct layer *layer, pdf_obj *page)
{
    fz_context *ctx = layer->w->ctx;
    pdf_obj *resources = pdf_dict_get_inheritable(ctx, page, PDF_NAME(Resources));

    if (!pdf_is_dict(ctx, resources))
        resources = pdf_dict_put_dict(ctx, page, PDF_NAME(Resources), 1);
    pdf_obj *fonts = pdf_dict_get(ctx, resources, PDF_NAME(Font));
    if (!pdf_is_dict(ctx, fonts))
        fonts = pdf_dict_put_dict(ctx, resources, PDF_NAME(Font), 1);
    for (uint32_t i = 0; i < GLYPHLESS_FONTS_MAX; i++) {
        char name[16];
        glyphless_name(i, name);
        if (layer->used[i])
            pdf_dict_puts(ctx, fonts, name, layer->w->fonts.fonts[i]);
    }
}

/* Contents: q, what was there, Q and our text. */
static void
put_contents(struct layer *layer, pdf_obj *page)
{
    struct writing *w = layer->w;
    fz_context *ctx = w->ctx;
    pdf_obj *before = pdf_dict_get(ctx, page, PDF_NAME(Contents));
    pdf_obj *contents = pdf_new_array(ctx, w->pdf, 3);
    unsigned char *text;
    size_t len = fz_buffer_storage(ctx, layer->content, &text);

    w->digest = fnv_add(w->digest, text, len);
    fz_try(ctx)
    {
        pdf_array_push(ctx, contents, w->open);
        if (pdf_is_array(ctx, before))
            for (int i = 0; i < pdf_array_len(ctx, before); i++)
                pdf_array_push(ctx, contents, pdf_array_get(ctx, before, i));
        else if (before != NULL)
            pdf_array_push(ctx, contents, before);
        pdf_array_push_drop(ctx, contents, pdfout_add_stream(ctx, w->pdf, layer->content));
        pdf_dict_put(ctx, page, PDF_NAME(Contents), contents);
    }
    fz_always(ctx) pdf_drop_obj(ctx, contents);
    fz_catch(ctx) fz_rethrow(ctx);
}

static bool
has_words(const struct page *page)
{
    for (uint32_t i = 0; i < page->word_count; i++)
        if (is_from_pixels(&page->words[i]))
            return true;
    return false;
}

/* ctm: from the page's user space to the page as it is seen. */
static void
add_layer(struct writing *w, pdf_obj *object, fz_matrix ctm, const struct page *page)
{
    fz_context *ctx = w->ctx;
    struct layer layer = {.w = w, .page = page, .font = -1};

    layer.to_user = fz_concat(turn_back(page), fz_invert_matrix(ctm));
    layer.content = fz_new_buffer(ctx, 4096);
    fz_try(ctx)
    {
        put_words(&layer);
        put_resources(&layer, object);
        put_contents(&layer, object);
    }
    fz_always(ctx) fz_drop_buffer(ctx, layer.content);
    fz_catch(ctx) fz_rethrow(ctx);
}

/* --- pages; throws --- */

/* Asks the caller; an error of his is kept and ends the writing. */
static const struct page *
tree_of(struct writing *w, uint32_t index)
{
    const struct page *page = NULL;

    w->rc = w->how->tree(w->how->tree_ctx, index, &page, w->err);
    if (w->rc != ERR_OK)
        fz_throw(w->ctx, FZ_ERROR_ABORT, "no tree of the page");
    return page != NULL && has_words(page) ? page : NULL;
}

static void
add_to_pdf_page(struct writing *w, uint32_t index)
{
    const struct page *page = tree_of(w, index);
    fz_context *ctx = w->ctx;
    pdf_page *loaded = NULL;
    fz_rect mediabox;
    fz_matrix ctm;

    if (page == NULL)
        return;
    loaded = pdf_load_page(ctx, w->pdf, (int)index);
    fz_try(ctx)
    {
        pdf_page_transform(ctx, loaded, &mediabox, &ctm);
        add_layer(w, loaded->obj, ctm, page);
    }
    fz_always(ctx) fz_drop_page(ctx, &loaded->super);
    fz_catch(ctx) fz_rethrow(ctx);
}

/* A new page with the picture on it. */
static void
add_picture_page(struct writing *w, uint32_t index)
{
    fz_context *ctx = w->ctx;
    float width, height, dpi;
    struct {
        pdf_obj *resources, *object;
        fz_buffer *contents;
        fz_device *dev;
    } made = {NULL, NULL, NULL, NULL};

    image_doc_measure(w->doc, index, &width, &height, &dpi);
    fz_rect mediabox = fz_make_rect(0, 0, width, height);
    w->digest = fnv_add(w->digest, &mediabox, sizeof(mediabox));
    fz_var(made);
    fz_try(ctx)
    {
        made.dev = pdf_page_write(ctx, w->pdf, mediabox, &made.resources, &made.contents);
        image_doc_run(w->doc, index, false, made.dev, fz_identity);
        fz_close_device(ctx, made.dev);
        made.object = pdf_add_page(ctx, w->pdf, mediabox, 0, made.resources, made.contents);
        const struct page *page = tree_of(w, index);
        if (page != NULL)
            add_layer(w, made.object, fz_make_matrix(1, 0, 0, -1, 0, height), page);
        pdf_insert_page(ctx, w->pdf, -1, made.object);
    }
    fz_always(ctx)
    {
        fz_drop_device(ctx, made.dev);
        fz_drop_buffer(ctx, made.contents);
        pdf_drop_obj(ctx, made.resources);
        pdf_drop_obj(ctx, made.object);
    }
    fz_catch(ctx) fz_rethrow(ctx);
}

/* --- the file --- */

static void
write_all(struct writing *w)
{
    fz_context *ctx = w->ctx;
    static const unsigned char save[] = "q\n";
    bool is_pdf = w->doc->kind == DOC_PDF;
    fz_buffer *q = fz_new_buffer_from_copied_data(ctx, save, sizeof(save) - 1);

    fz_try(ctx)
    {
        pdfout_begin(&w->out);
        w->open = pdf_add_stream(ctx, w->pdf, q, NULL, 0);
        for (uint32_t i = 0; i < w->doc->page_count; i++) {
            if (is_pdf)
                add_to_pdf_page(w, i);
            else
                add_picture_page(w, i);
            pdfout_pass(&w->out);
        }
        glyphless_finish(&w->fonts);
        w->digest = fnv_add(w->digest, &w->doc->page_count, sizeof(w->doc->page_count));
        pdfout_end(&w->out, w->digest);
    }
    fz_always(ctx) fz_drop_buffer(ctx, q);
    fz_catch(ctx) fz_rethrow(ctx);
}

enum err_code
doc_write_searchable(struct doc *doc, const struct searchable *how, struct err *err)
{
    fz_context *ctx = doc->ctx;
    struct writing w = {
        .doc = doc, .how = how, .ctx = ctx, .err = err, .rc = ERR_OK, .digest = FNV_BEGIN};
    bool is_pdf = doc->kind == DOC_PDF;
    enum err_code rc = ERR_OK;

    w.out =
        (struct pdfout){.ctx = ctx, .made = !is_pdf, .sink = how->sink, .sink_ctx = how->sink_ctx};
    fz_var(w);
    fz_try(ctx)
    {
        w.pdf = is_pdf ? doc->pdf : pdf_create_document(ctx);
        w.out.pdf = w.pdf;
        glyphless_init(&w.fonts, ctx, w.pdf);
        write_all(&w);
    }
    fz_always(ctx)
    {
        glyphless_fini(&w.fonts);
        pdfout_fini(&w.out);
        pdf_drop_obj(ctx, w.open);
        if (!is_pdf)
            pdf_drop_document(ctx, w.pdf);
    }
    fz_catch(ctx)
    {
        if (w.out.full)
            rc = err_set(err, ERR_OUTPUT, "the searchable PDF is larger than it may be");
        else
            rc = w.rc != ERR_OK ? w.rc : mupdf_error(ctx, err, "the PDF cannot be written");
    }
    return rc;
}

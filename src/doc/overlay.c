/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/overlay.c - the page as a picture with the boxes of its tree drawn on it, for people.
 *
 * Words have a thin frame in the colour of their witness, those of little confidence are shaded,
 * blocks have a thick one in the colour of their kind with its name at the corner, cells a thin
 * one. Of the ink that is no word, what nobody could read is filled red, what was ignored is framed
 * in the colour of its kind; text that nobody can see is framed in magenta. A legend of the kinds
 * that occur stands at the foot of the page. */
#include "doc/mupdf_internal.h"
#include "page/warp.h"

#include <math.h>
#include <string.h>

struct colour {
    float rgb[3];
};

struct kind_look {
    const char *name;
    struct colour colour;
};

static const struct kind_look block_looks[BLOCK_KIND_COUNT] = {
    [BLOCK_PARAGRAPH] = {"paragraph", {{0.10F, 0.55F, 0.20F}}},
    [BLOCK_HEADING] = {"heading", {{0.85F, 0.10F, 0.10F}}},
    [BLOCK_LIST_ITEM] = {"list item", {{0.45F, 0.15F, 0.75F}}},
    [BLOCK_TABLE] = {"table", {{0.00F, 0.45F, 0.75F}}},
    [BLOCK_FIGURE] = {"figure", {{0.80F, 0.45F, 0.00F}}},
    [BLOCK_CAPTION] = {"caption", {{0.65F, 0.50F, 0.10F}}},
    [BLOCK_HEADER] = {"header", {{0.45F, 0.45F, 0.45F}}},
    [BLOCK_FOOTER] = {"footer", {{0.45F, 0.45F, 0.45F}}},
    [BLOCK_FOOTNOTE] = {"footnote", {{0.30F, 0.40F, 0.50F}}},
    [BLOCK_CODE] = {"code", {{0.10F, 0.10F, 0.45F}}},
    [BLOCK_FORM_FIELD] = {"form field", {{0.80F, 0.10F, 0.55F}}},
    [BLOCK_QUOTE] = {"quote", {{0.35F, 0.55F, 0.45F}}},
    [BLOCK_FORMULA] = {"formula", {{0.60F, 0.30F, 0.20F}}},
    [BLOCK_WATERMARK] = {"watermark", {{0.55F, 0.65F, 0.80F}}},
};

static const struct kind_look word_looks[] = {
    [WITNESS_LAYER] = {"word: text layer", {{0.35F, 0.60F, 0.95F}}},
    [WITNESS_PIXELS] = {"word: pixels", {{0.98F, 0.65F, 0.25F}}},
    [WITNESS_BOTH] = {"word: both", {{0.25F, 0.75F, 0.35F}}},
    [WITNESS_CONFLICT] = {"word: they differ", {{0.80F, 0.20F, 0.60F}}},
};

static const struct kind_look region_looks[] = {
    [REGION_RULE] = {"rule", {{0.20F, 0.70F, 0.70F}}},
    [REGION_PICTURE] = {"picture", {{0.55F, 0.60F, 0.20F}}},
    [REGION_STAMP] = {"stamp", {{0.55F, 0.35F, 0.80F}}},
    [REGION_NOISE] = {"noise", {{0.65F, 0.65F, 0.65F}}},
    [REGION_UNREAD] = {"unread", {{0.95F, 0.00F, 0.00F}}},
    [REGION_MISSING] = {"missing", {{0.50F, 0.00F, 0.00F}}},
    [REGION_HANDWRITING] = {"handwriting", {{0.85F, 0.20F, 0.60F}}},
    [REGION_DRAWING] = {"drawing", {{0.80F, 0.60F, 0.20F}}},
};

static const struct kind_look hidden_look = {"hidden text", {{0.90F, 0.00F, 0.90F}}};
static const struct kind_look unsure_look = {"word: unsure", {{0.95F, 0.75F, 0.10F}}};

/* Words of less are shaded. */
static const float unsure_confidence = 0.6F;

static const float label_size = 6; /* pt */

struct canvas {
    fz_context *ctx;
    fz_device *dev;
    fz_matrix ctm;
    fz_font *font;
    const struct page_warp *warp; /* of the page: boxes are drawn where they were seen */
};

/* The box's edges; throws. */
static void
put_outline(struct canvas *c, fz_path *path, struct box box)
{
    enum { STEPS = 8 };

    if (c->warp == NULL) {
        fz_rectto(c->ctx, path, box.x0, box.y0, box.x1, box.y1);
        return;
    }
    for (int i = 0; i < 2 * (STEPS + 1); i++) { /* along its upper edge, and back along the lower */
        bool lower = i > STEPS;
        float share = (float)(lower ? 2 * STEPS + 1 - i : i) / STEPS, x, y;
        warp_there(c->warp, box.x0 + share * (box.x1 - box.x0), lower ? box.y1 : box.y0, &x, &y);
        if (i == 0)
            fz_moveto(c->ctx, path, x, y);
        else
            fz_lineto(c->ctx, path, x, y);
    }
    fz_closepath(c->ctx, path);
}

/* A frame of thick points around the box; throws. */
static void
draw_frame(struct canvas *c, struct box box, float thick, struct colour colour)
{
    fz_path *path = fz_new_path(c->ctx);
    fz_stroke_state *stroke = NULL;

    fz_var(stroke);
    fz_try(c->ctx)
    {
        stroke = fz_new_stroke_state(c->ctx);
        stroke->linewidth = thick;
        put_outline(c, path, box);
        fz_stroke_path(c->ctx, c->dev, path, stroke, c->ctm, fz_device_rgb(c->ctx), colour.rgb, 1,
                       fz_default_color_params);
    }
    fz_always(c->ctx)
    {
        fz_drop_stroke_state(c->ctx, stroke);
        fz_drop_path(c->ctx, path);
    }
    fz_catch(c->ctx) fz_rethrow(c->ctx);
}

static void
fill_box(struct canvas *c, struct box box, struct colour colour, float alpha)
{
    fz_path *path = fz_new_path(c->ctx);

    fz_try(c->ctx)
    {
        put_outline(c, path, box);
        fz_fill_path(c->ctx, c->dev, path, 0, c->ctm, fz_device_rgb(c->ctx), colour.rgb, alpha,
                     fz_default_color_params);
    }
    fz_always(c->ctx) fz_drop_path(c->ctx, path);
    fz_catch(c->ctx) fz_rethrow(c->ctx);
}

/* White letters on a plate of the colour, its lower left corner at (x, y); returns its width. */
static float
draw_label(const struct canvas *canvas, float x, float y, const char *words, struct colour colour)
{
    struct canvas plain = *canvas, *c = &plain;
    static const struct colour white = {{1, 1, 1}};
    fz_matrix trm = fz_make_matrix(label_size, 0, 0, -label_size, x + 1.5F, y - 1.5F);
    fz_text *text = fz_new_text(c->ctx);
    float width = 0;

    plain.warp = NULL;

    fz_var(width);
    fz_try(c->ctx)
    {
        fz_matrix end = fz_show_string(c->ctx, text, c->font, trm, words, 0, 0, FZ_BIDI_LTR, 0);
        width = end.e - x + 1.5F;
        fill_box(c, (struct box){x, y - label_size - 1, x + width, y}, colour, 1);
        fz_fill_text(c->ctx, c->dev, text, c->ctm, fz_device_rgb(c->ctx), white.rgb, 1,
                     fz_default_color_params);
    }
    fz_always(c->ctx) fz_drop_text(c->ctx, text);
    fz_catch(c->ctx) fz_rethrow(c->ctx);
    return width;
}

/* What occurs on the page, for the legend. */
struct legend {
    bool blocks[BLOCK_KIND_COUNT], words[ARRAY_LEN(word_looks)], regions[ARRAY_LEN(region_looks)];
    bool unsure, hidden;
};

static void
draw_words(struct canvas *c, const struct page *page, struct legend *legend)
{
    for (uint32_t i = 0; i < page->word_count; i++) {
        const struct page_word *word = &page->words[i];
        if (word->confidence < unsure_confidence) {
            fill_box(c, word->box, unsure_look.colour, 0.3F);
            legend->unsure = true;
        }
        draw_frame(c, word->box, 0.3F, word_looks[word->witness & 3].colour);
        legend->words[word->witness & 3] = true;
    }
    for (uint32_t i = 0; i < page->hidden_count; i++) {
        draw_frame(c, page->hiddens[i].box, 0.5F, hidden_look.colour);
        legend->hidden = true;
    }
}

static void
draw_regions(struct canvas *c, const struct page *page, struct legend *legend)
{
    for (uint32_t i = 0; i < page->region_count; i++) {
        const struct page_region *region = &page->regions[i];
        if (region->kind >= ARRAY_LEN(region_looks))
            continue;
        if (region->kind == REGION_UNREAD || region->kind == REGION_HANDWRITING)
            fill_box(c, region->box, region_looks[region->kind].colour, 0.25F);
        draw_frame(c, region->box, region->kind == REGION_UNREAD ? 1 : 0.6F,
                   region_looks[region->kind].colour);
        legend->regions[region->kind] = true;
    }
}

static void
draw_blocks(struct canvas *c, const struct page *page, struct legend *legend)
{
    for (uint32_t i = 0; i < page->cell_count; i++)
        draw_frame(c, page->cells[i].box, 0.5F, block_looks[BLOCK_TABLE].colour);
    for (uint32_t i = 0; i < page->block_count; i++) {
        const struct page_block *block = &page->blocks[i];
        if (block->kind >= BLOCK_KIND_COUNT)
            continue;
        char label[40];
        const struct kind_look *look = &block_looks[block->kind];
        if (block->kind == BLOCK_HEADING)
            (void)snprintf(label, sizeof(label), "%u %s %u", i + 1, look->name, block->level);
        else
            (void)snprintf(label, sizeof(label), "%u %s", i + 1, look->name);
        draw_frame(c, block->box, 1, look->colour);
        struct box at = c->warp != NULL ? warp_box_there(c->warp, block->box) : block->box;
        (void)draw_label(c, at.x0, fmaxf(at.y0, label_size + 1), label, look->colour);
        legend->blocks[block->kind] = true;
    }
}

static void
draw_plates(struct canvas *c, const struct page *page, float at[2], const struct kind_look *looks,
            const bool *occurs, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        if (!occurs[k])
            continue;
        at[0] += draw_label(c, at[0], at[1], looks[k].name, looks[k].colour) + 3;
        if (at[0] > page->width - 60) { /* the next row, above */
            at[0] = 4;
            at[1] -= label_size + 3;
        }
    }
}

static void
draw_legend(struct canvas *c, const struct page *page, const struct legend *legend)
{
    float at[2] = {4, page->height - 3};

    draw_plates(c, page, at, word_looks, legend->words, ARRAY_LEN(word_looks));
    draw_plates(c, page, at, &unsure_look, &legend->unsure, 1);
    draw_plates(c, page, at, &hidden_look, &legend->hidden, 1);
    draw_plates(c, page, at, region_looks, legend->regions, ARRAY_LEN(region_looks));
    draw_plates(c, page, at, block_looks, legend->blocks, BLOCK_KIND_COUNT);
}

/* From the page as seen to the page as it was read. */
static fz_matrix
quarter_turns(const struct page *page)
{
    switch (page->turned) {
    case 90:
        return fz_make_matrix(0, 1, -1, 0, page->width, 0);
    case 180:
        return fz_make_matrix(-1, 0, 0, -1, page->width, page->height);
    case 270:
        return fz_make_matrix(0, -1, 1, 0, 0, page->height);
    default:
        return fz_identity;
    }
}

static fz_matrix
upright(const struct page *page)
{
    fz_matrix level = fz_translate(-page->width / 2, -page->height / 2);

    level = fz_concat(level, fz_rotate(page->skew)); /* y runs down: clockwise */
    level = fz_concat(level, fz_translate(page->width / 2, page->height / 2));
    return fz_concat(quarter_turns(page), level);
}

/* Throws. */
static void
draw_all(struct doc *doc, uint32_t index, const struct page *page, fz_pixmap *pixmap, float scale)
{
    fz_context *ctx = doc->ctx;
    struct canvas canvas = {.ctx = ctx, .ctm = fz_scale(scale, scale), .warp = page->warp};
    struct legend legend = {0};

    fz_var(canvas);
    fz_try(ctx)
    {
        canvas.font = fz_new_base14_font(ctx, "Helvetica");
        canvas.dev = fz_new_draw_device(ctx, fz_identity, pixmap);
        doc_run(doc, index, canvas.dev, fz_concat(upright(page), canvas.ctm));
        draw_regions(&canvas, page, &legend);
        draw_words(&canvas, page, &legend);
        draw_blocks(&canvas, page, &legend);
        draw_legend(&canvas, page, &legend);
        fz_close_device(ctx, canvas.dev);
    }
    fz_always(ctx)
    {
        fz_drop_device(ctx, canvas.dev);
        fz_drop_font(ctx, canvas.font);
    }
    fz_catch(ctx) fz_rethrow(ctx);
}

/* Throws. */
static void
write_png(struct doc *doc, uint32_t index, const struct page *page, float scale, int width,
          int height, struct buf *out)
{
    fz_context *ctx = doc->ctx;
    fz_pixmap *pixmap = NULL;
    fz_buffer *png = NULL;

    fz_var(pixmap);
    fz_var(png);
    fz_try(ctx)
    {
        pixmap = fz_new_pixmap(ctx, fz_device_rgb(ctx), width, height, NULL, 0);
        fz_clear_pixmap_with_value(ctx, pixmap, 255);
        draw_all(doc, index, page, pixmap, scale);
        png = fz_new_buffer_from_pixmap_as_png(ctx, pixmap, fz_default_color_params);
        buf_append(out, png->data, png->len);
    }
    fz_always(ctx)
    {
        fz_drop_buffer(ctx, png);
        fz_drop_pixmap(ctx, pixmap);
    }
    fz_catch(ctx) fz_rethrow(ctx);
}

enum err_code
doc_draw_overlay(struct doc *doc, uint32_t index, float dpi, const struct page *page,
                 struct buf *out, struct err *err)
{
    fz_context *ctx = doc->ctx;
    enum err_code rc = doc_check_index(doc, index, err);
    double width = ceil((double)page->width * dpi / 72);
    double height = ceil((double)page->height * dpi / 72);

    if (rc != ERR_OK)
        return rc;
    if (!(width >= 1 && height >= 1 && width * height <= (double)doc->limits.pixels_max))
        return err_set(err, ERR_PIXELS, "page %u at %.0f dpi is over the limit of %llu pixels",
                       index + 1, (double)dpi, (unsigned long long)doc->limits.pixels_max);
    fz_try(ctx) write_png(doc, index, page, dpi / 72, (int)width, (int)height, out);
    fz_catch(ctx) rc = mupdf_error(ctx, err, "the page cannot be drawn");
    return rc == ERR_OK ? buf_check(out, "picture of the page", err) : rc;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/pdf.c - opens a PDF file and reads the text layer of its pages.
 *
 * The page count that a file claims is not believed: the page tree is walked once, within limits,
 * and if it is not what its counts say, a flat one is put in its place, so that every page that
 * exists is found and none is invented. */
#include "doc/device.h"
#include "doc/fields.h"
#include "doc/structure.h"
#include "doc/trust.h"

#include <string.h>

enum {
    TREE_DEPTH_MAX = 64,
    TREE_NODES_PER_PAGE = 4, /* intermediate nodes looked at for each page allowed */
};

/* A picture over this share of the page makes it a scan; its text is then somebody's OCR layer. */
static const float scan_share = 0.8F;
/* Characters that a stamp, a Bates number or a page number on a scan may have. */
static const uint32_t stamp_glyphs_max = 120;

/* ---- the page tree ---- */

struct tree_walk {
    pdf_obj *pages; /* array of the leaves found */
    uint32_t limit; /* of leaves */
    uint32_t nodes, nodes_max;
    bool too_many;
    bool odd; /* not as its counts and types say */
};

static bool
is_inner(fz_context *ctx, pdf_obj *node)
{
    pdf_obj *type = pdf_dict_get(ctx, node, PDF_NAME(Type));

    if (type != NULL)
        return pdf_name_eq(ctx, type, PDF_NAME(Pages));
    return pdf_dict_get(ctx, node, PDF_NAME(Kids)) != NULL &&
           pdf_dict_get(ctx, node, PDF_NAME(MediaBox)) == NULL;
}

/* Collects the leaves under node; throws. */
static void
walk_tree(fz_context *ctx, struct tree_walk *walk, pdf_obj *node, int depth)
{
    pdf_obj *kids = pdf_dict_get(ctx, node, PDF_NAME(Kids));
    int before = pdf_array_len(ctx, walk->pages), n = pdf_array_len(ctx, kids);

    if (depth > TREE_DEPTH_MAX || pdf_mark_obj(ctx, node) != 0) {
        walk->odd = true; /* too deep, or a node above itself: what hangs on it is no page */
        return;
    }
    fz_try(ctx)
    {
        for (int i = 0; i < n && !walk->too_many; i++) {
            pdf_obj *kid = pdf_array_get(ctx, kids, i);
            if (++walk->nodes > walk->nodes_max) {
                walk->too_many = true;
            } else if (!pdf_is_dict(ctx, kid)) {
                walk->odd = true;
            } else if (is_inner(ctx, kid)) {
                walk_tree(ctx, walk, kid, depth + 1);
            } else if ((uint32_t)pdf_array_len(ctx, walk->pages) == walk->limit) {
                walk->too_many = true;
            } else {
                pdf_array_push(ctx, walk->pages, kid);
            }
        }
        if (pdf_dict_get_int(ctx, node, PDF_NAME(Count)) !=
            pdf_array_len(ctx, walk->pages) - before)
            walk->odd = true;
    }
    fz_always(ctx) pdf_unmark_obj(ctx, node);
    fz_catch(ctx) fz_rethrow(ctx);
}

/* Puts a tree of one level in place of the one in the file; throws. */
static void
flatten_tree(fz_context *ctx, pdf_document *pdf, pdf_obj *pages)
{
    pdf_obj *root = pdf_dict_get(ctx, pdf_trailer(ctx, pdf), PDF_NAME(Root));
    pdf_obj *tree = NULL;
    int n = pdf_array_len(ctx, pages);

    fz_var(tree);
    fz_try(ctx)
    {
        for (int i = 0; i < n; i++)
            pdf_flatten_inheritable_page_items(ctx, pdf_array_get(ctx, pages, i));
        tree = pdf_new_dict(ctx, pdf, 3);
        pdf_dict_put(ctx, tree, PDF_NAME(Type), PDF_NAME(Pages));
        pdf_dict_put_int(ctx, tree, PDF_NAME(Count), n);
        pdf_dict_put(ctx, tree, PDF_NAME(Kids), pages);
        pdf_dict_put(ctx, root, PDF_NAME(Pages), tree);
    }
    fz_always(ctx) pdf_drop_obj(ctx, tree);
    fz_catch(ctx) fz_rethrow(ctx);
}

/* How many pages there are; throws. *ret_too_many if more than the limit. */
static uint32_t
count_pages(struct doc *doc, bool *ret_too_many)
{
    fz_context *ctx = doc->ctx;
    struct tree_walk walk = {.limit = doc->limits.pages_max,
                             .nodes_max = TREE_NODES_PER_PAGE * (doc->limits.pages_max + 64)};
    uint32_t count = 0;

    fz_var(walk);
    fz_var(count);
    fz_try(ctx)
    {
        walk.pages = pdf_new_array(ctx, doc->pdf, 16);
        pdf_obj *tree = pdf_dict_getp(ctx, pdf_trailer(ctx, doc->pdf), "Root/Pages");
        if (is_inner(ctx, tree)) {
            walk_tree(ctx, &walk, tree, 0);
        } else if (pdf_is_dict(ctx, tree)) { /* a single page without a tree */
            pdf_array_push(ctx, walk.pages, tree);
            walk.odd = true;
        }
        count = (uint32_t)pdf_array_len(ctx, walk.pages);
        if ((walk.odd || pdf_count_pages(ctx, doc->pdf) != (int)count) && !walk.too_many)
            flatten_tree(ctx, doc->pdf, walk.pages);
    }
    fz_always(ctx) pdf_drop_obj(ctx, walk.pages);
    fz_catch(ctx) fz_rethrow(ctx);
    *ret_too_many = walk.too_many;
    return count;
}

/* ---- opening ---- */

static enum err_code
check_pages(struct doc *doc, struct err *err)
{
    fz_context *ctx = doc->ctx;
    bool too_many = false;
    enum err_code rc = ERR_OK;

    fz_var(rc);
    fz_try(ctx) doc->page_count = count_pages(doc, &too_many);
    fz_catch(ctx) rc = mupdf_error(ctx, err, "the list of pages cannot be read");
    if (rc != ERR_OK)
        return rc;
    if (too_many)
        return err_set(err, ERR_PAGES, "the document has more than %u pages, the limit",
                       doc->limits.pages_max);
    if (doc->page_count == 0)
        return err_set(err, ERR_FORMAT, "the document has no pages");
    return ERR_OK;
}

/* What the library says where it knows of encryption but not of the kind used. */
static bool
speaks_of_encryption(const char *message)
{
    return strcasestr(message, "encrypt") != NULL || strcasestr(message, "crypt handler") != NULL ||
           strcasestr(message, "crypt filter") != NULL;
}

enum err_code
pdf_doc_open(struct doc *doc, int fd, uint64_t size, struct err *err)
{
    static const char *const encrypted = "the document is protected by a password";
    fz_context *ctx = doc->ctx;
    fz_stream *stream = NULL;
    enum err_code rc = ERR_OK;

    doc->identities = identities_new();
    doc->sketch = sketch_new();
    doc->text_room = text_room_new();
    if (doc->identities == NULL || doc->sketch == NULL || doc->text_room == NULL)
        return err_set(err, ERR_MEMORY, "no memory to open the document");
    fz_var(stream);
    fz_var(rc);
    fz_try(ctx)
    {
        stream = mupdf_stream(ctx, fd, size);
        doc->pdf = pdf_open_document_with_stream(ctx, stream);
        pdf_disable_js(ctx, doc->pdf);
        if (pdf_needs_password(ctx, doc->pdf) && !pdf_authenticate_password(ctx, doc->pdf, ""))
            rc = err_set(err, ERR_ENCRYPTED, "%s", encrypted);
        char version[16] = "";
        (void)pdf_lookup_metadata(ctx, doc->pdf, "format", version, sizeof(version));
        (void)snprintf(doc->type_name, sizeof(doc->type_name), "%.15s",
                       strncmp(version, "PDF ", 4) == 0 ? version : "PDF");
    }
    fz_always(ctx) fz_drop_stream(ctx, stream);
    fz_catch(ctx)
    {
        if (speaks_of_encryption(fz_caught_message(ctx)))
            rc = err_set(err, ERR_ENCRYPTED, "%s in a way that is not supported", encrypted);
        else
            rc = mupdf_error(ctx, err, "the PDF file cannot be read");
    }
    if (rc == ERR_OK)
        rc = check_pages(doc, err);
    return rc;
}

void
pdf_doc_close(struct doc *doc)
{
    structure_close(doc);
    identities_drop(&doc->identities);
    sketch_drop(doc->ctx, &doc->sketch);
    text_room_drop(&doc->text_room);
    pdf_drop_document(doc->ctx, doc->pdf);
    doc->pdf = NULL;
    /* What the document left in the shared cache goes too. */
    fz_empty_store(doc->ctx);
}

/* ---- text ---- */

struct reading {
    struct doc *doc;
    pdf_page *source;
    struct page *page;
    struct text *text;
    struct marks *marks;
    struct title_page at; /* where the outline may lead to */
    bool failed;          /* the content broke off; what came before it is kept */
};

/* Runs contents, annotations and fields through the device; throws. */
static void
interpret(struct reading *r)
{
    fz_context *ctx = r->doc->ctx;
    fz_device *dev = NULL;

    fz_var(dev);
    fz_try(ctx)
    {
        struct tags tags = structure_tags(ctx, r->doc->pdf, r->source->obj);
        tags.known = tags.parents != NULL ? elements_new(r->page->arena, r->page) : NULL;
        struct reading_device_setup setup = {r->page,        r->text, r->marks, r->doc->identities,
                                             r->doc->sketch, tags};
        sketch_begin(ctx, r->doc->sketch, r->page->index);
        dev = reading_device_new(ctx, &setup);
        contents_run(ctx, r->doc->pdf, r->source, dev);
        text_break(r->text);
        pdf_run_page_annots(ctx, r->source, dev, fz_identity, NULL);
        text_break(r->text);
        fields_read(ctx, r->source, dev, r->page, r->text);
        sketch_end(r->doc->sketch);
        fz_close_device(ctx, dev);
    }
    fz_always(ctx) fz_drop_device(ctx, dev);
    fz_catch(ctx) fz_rethrow(ctx);
}

/* Which fonts are in doubt; all of them, where none is to blame for a page that makes no sense. */
static void
doubt_fonts(struct reading *r)
{
    struct doc_layer *layer = &r->doc->layer;
    struct text_census all = text_census_all(r->text);
    bool any = false;

    for (int i = 0; i < DOC_FONTS_MAX; i++) {
        layer->doubts[i] = (uint8_t)trust_judge_font(text_census(r->text, (uint8_t)i));
        any = any || layer->doubts[i] != DOUBT_NONE;
    }
    if (!any && trust_is_garbled(&all))
        memset(layer->doubts, DOUBT_TEXT, sizeof(layer->doubts));
}

/* Decides what the text is worth; *ret_keep_hidden: the hidden words are all there is. */
static enum doc_trust
judge(const struct reading *r, bool *ret_keep_hidden)
{
    uint32_t visible, hidden;
    bool scan = marks_picture_share(r->marks) >= scan_share;
    struct text_census all = text_census_all(r->text);

    text_count(r->text, &visible, &hidden);
    *ret_keep_hidden = scan && hidden > visible;
    if (*ret_keep_hidden)
        return TRUST_DOUBT;
    if (visible == 0)
        return TRUST_NONE;
    if (r->failed)
        return TRUST_DOUBT;
    /* A stamp on a scan is no text layer of what was scanned. */
    return scan && all.glyphs <= stamp_glyphs_max ? TRUST_DOUBT : TRUST_LAYER;
}

/* NULL: none, or no memory: then the pixels decide. */
static const bool *
find_shown(const struct reading *r)
{
    const struct page *page = r->page;
    const uint8_t *hidden = text_hidden(r->text), *fonts = text_fonts(r->text);
    bool *shown = r->failed ? NULL : arena_array(page->arena, page->word_count, sizeof(*shown));

    for (uint32_t i = 0; shown != NULL && i < page->word_count; i++)
        shown[i] = hidden[i] == 0 && r->doc->layer.doubts[fonts[i]] == DOUBT_NONE;
    return shown;
}

static enum err_code
finish(struct reading *r, enum doc_trust *ret_trust, struct err *err)
{
    bool keep_hidden;

    text_break(r->text);
    text_settle_tiny(r->text);
    doubt_fonts(r);
    enum doc_trust trust = judge(r, &keep_hidden);
    enum err_code rc = text_finish(r->text, keep_hidden, err);
    if (rc != ERR_OK)
        return rc;
    struct doc_layer *layer = &r->doc->layer;
    layer->word_count = r->page->word_count;
    layer->fonts = text_fonts(r->text);
    layer->invisible = keep_hidden;
    if (marks_picture_share(r->marks) >= scan_share)
        layer->shown = find_shown(r);
    layer->swaps = text_swaps(r->text, &layer->swap_count);
    layer->outlines = marks_outlines(r->marks, &layer->outline_count);
    rc = marks_finish(r->marks, r->page, err);
    if (rc != ERR_OK)
        return rc;
    links_attach(r->page);
    structure_mark_titles(r->doc, &r->at, r->page);
    r->page->from_layer = r->page->word_count > 0;
    r->doc->dpi_page = r->page->index;
    r->doc->dpi_known = true;
    r->doc->dpi_value = marks_picture_share(r->marks) >= 0.5F ? marks_picture_dpi(r->marks) : 0;
    *ret_trust = r->page->word_count == 0 ? TRUST_NONE : trust;
    return ERR_OK;
}

enum content { CONTENT_WHOLE, CONTENT_PARTS_MISSING, CONTENT_MISSING };

/* In a file that had to be repaired, a content stream that is referred to and not there was lost
 * with a part of the file: the page is not blank, it is unknown. Throws. */
static enum content
look_at_content(fz_context *ctx, pdf_document *pdf, pdf_obj *page)
{
    pdf_obj *contents = pdf_dict_get(ctx, page, PDF_NAME(Contents));
    int n = pdf_array_len(ctx, contents), missing = 0;

    if (contents == NULL || !pdf_was_repaired(ctx, pdf))
        return CONTENT_WHOLE;
    if (!pdf_is_array(ctx, contents))
        return pdf_is_null(ctx, contents) ? CONTENT_MISSING : CONTENT_WHOLE;
    for (int i = 0; i < n; i++)
        missing += pdf_is_null(ctx, pdf_array_get(ctx, contents, i));
    return missing == 0 ? CONTENT_WHOLE : missing < n ? CONTENT_PARTS_MISSING : CONTENT_MISSING;
}

/* Opens the page, and what its content is noted in; throws. */
static void
begin(struct reading *r, uint32_t index, struct arena *arena)
{
    fz_context *ctx = r->doc->ctx;

    r->source = doc_open_page(r->doc, index);
    r->at = structure_title_page(ctx, r->source);
    fz_rect bounds = pdf_bound_page(ctx, r->source);
    r->page = page_new(arena, index, bounds.x1 - bounds.x0, bounds.y1 - bounds.y0);
    if (r->page == NULL)
        return;
    r->text = text_new(arena, r->page, r->doc->text_room);
    r->marks = marks_new(arena, r->page);
}

enum err_code
pdf_doc_text(struct doc *doc, uint32_t index, struct arena *arena, struct page **ret_page,
             enum doc_trust *ret_trust, struct err *err)
{
    fz_context *ctx = doc->ctx;
    struct reading r = {.doc = doc};
    enum err_code rc = ERR_OK;

    doc->layer = (struct doc_layer){0};
    fz_var(r);
    fz_var(rc);
    fz_try(ctx)
    {
        begin(&r, index, arena);
        enum content content = look_at_content(ctx, doc->pdf, r.source->obj);
        r.failed = content == CONTENT_PARTS_MISSING;
        if (r.text == NULL || r.marks == NULL)
            rc = err_set(err, ERR_LIMIT, "page %u: no room for its text", index + 1);
        else if (content == CONTENT_MISSING)
            rc = err_set(err, ERR_FORMAT,
                         "the file is damaged: the content of page %u is missing from it",
                         index + 1);
        else
            interpret(&r);
        if (rc == ERR_OK)
            links_read(ctx, r.source, r.page);
    }
    fz_catch(ctx)
    {
        rc = mupdf_error(ctx, err, "the page cannot be read");
        /* What a broken page gave before it broke is worth more than nothing. */
        if (rc == ERR_FORMAT && r.text != NULL && r.page->word_count > 0) {
            rc = ERR_OK;
            r.failed = true;
        }
    }
    if (rc == ERR_OK)
        rc = finish(&r, ret_trust, err);
    if (rc == ERR_OK)
        *ret_page = r.page;
    return rc;
}

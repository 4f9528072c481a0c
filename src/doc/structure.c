/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "doc/structure.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

enum {
    TITLES_MAX = 2000,
    DEPTH_MAX = 6, /* of titles that are headings; below it is too fine */
    TITLE_BYTES = 300,
    TITLE_LEAST = 3, /* letters and figures */
    TITLE_LINES = 3,
    NUMBER_BYTES = 12, /* of "Chapter 3" before the title, on the page or in the outline alone */
    ABOVE_MAX = 32     /* elements above a tag that are asked */
};

/* A title leads to a place somewhat above its line, or to the top of its page. */
static const float above_max = 100, below_max = 20;

struct title {
    const char *text; /* small letters and figures only */
    int page;         /* object number */
    float y;          /* from the page's foot; NAN: not said */
    uint8_t level;
};

struct outline {
    struct arena *arena;
    struct title *titles; /* room for TITLES_MAX */
    uint32_t count;
};

/* --- tags --- */

struct tags
structure_tags(fz_context *ctx, pdf_document *pdf, pdf_obj *contents)
{
    pdf_obj *tree = pdf_dict_getp(ctx, pdf_trailer(ctx, pdf), "Root/StructTreeRoot");
    struct tags tags = {.role_map = pdf_dict_gets(ctx, tree, "RoleMap"),
                        .parents = pdf_dict_gets(ctx, tree, "ParentTree"),
                        .tagged = pdf_is_dict(ctx, tree) != 0};

    tags.elements = structure_elements(ctx, &tags, contents);
    return tags;
}

pdf_obj *
structure_elements(fz_context *ctx, const struct tags *tags, pdf_obj *contents)
{
    pdf_obj *key = pdf_dict_gets(ctx, contents, "StructParents");

    if (tags->parents == NULL || !pdf_is_int(ctx, key))
        return NULL;
    pdf_obj *elements = pdf_lookup_number(ctx, tags->parents, pdf_to_int(ctx, key));
    return pdf_is_array(ctx, elements) ? elements : NULL;
}

static uint8_t
role_of_standard(const char *tag)
{
    static const struct {
        const char *name;
        uint8_t role;
    } roles[] = {
        {"Artifact", ROLE_ARTIFACT}, {"Title", ROLE_HEADING_1}, {"BlockQuote", ROLE_QUOTE},
        {"Code", ROLE_CODE},         {"Caption", ROLE_CAPTION}, {"Formula", ROLE_FORMULA},
        {"Note", ROLE_NOTE},         {"FENote", ROLE_NOTE},
    };

    if (tag[0] == 'H' && tag[1] >= '1' && tag[1] <= '6' && tag[2] == '\0')
        return (uint8_t)(ROLE_HEADING_1 + (tag[1] - '1'));
    for (size_t i = 0; i < ARRAY_LEN(roles); i++)
        if (strcmp(tag, roles[i].name) == 0)
            return roles[i].role;
    return ROLE_NONE;
}

static bool
is_role(const char *tag)
{
    return role_of_standard(tag) != ROLE_NONE;
}

/* By the file's own names for the standard ones. */
static uint8_t
role_of_name(fz_context *ctx, const struct tags *tags, const char *tag)
{
    return role_of_standard(elements_standard_name(ctx, tags->role_map, tag, is_role));
}

/* Of the nearest element from this one up that says something. The file may be a circle. */
static uint8_t
role_of_element(fz_context *ctx, const struct tags *tags, pdf_obj *element)
{
    for (int i = 0; i < ABOVE_MAX && pdf_is_dict(ctx, element); i++) {
        uint8_t role =
            role_of_name(ctx, tags, pdf_to_name(ctx, pdf_dict_get(ctx, element, PDF_NAME(S))));
        if (role != ROLE_NONE)
            return role;
        element = pdf_dict_get(ctx, element, PDF_NAME(P));
    }
    return ROLE_NONE;
}

uint8_t
structure_role(fz_context *ctx, const struct tags *tags, const char *tag, int number, uint8_t outer)
{
    uint8_t role;

    if (!tags->tagged)
        return ROLE_NONE;
    role = role_of_name(ctx, tags, tag);
    if (role == ROLE_NONE && number != TAG_UNNUMBERED && tags->elements != NULL)
        role = role_of_element(ctx, tags, pdf_array_get(ctx, tags->elements, number));
    return role != ROLE_NONE ? role : outer;
}

bool
structure_is_watermark(fz_context *ctx, const char *tag, pdf_obj *properties)
{
    return tag != NULL && strcmp(tag, "Artifact") == 0 &&
           strcmp(pdf_to_name(ctx, pdf_dict_get(ctx, properties, PDF_NAME(Subtype))),
                  "Watermark") == 0;
}

pdf_obj *
structure_element(fz_context *ctx, const struct tags *tags, int number)
{
    if (number == TAG_UNNUMBERED || tags->elements == NULL)
        return NULL;
    pdf_obj *element = pdf_array_get(ctx, tags->elements, number);
    return pdf_is_dict(ctx, element) ? element : NULL;
}

uint16_t
structure_tag(fz_context *ctx, const struct tags *tags, int number, uint16_t outer)
{
    pdf_obj *element = structure_element(ctx, tags, number);

    return tags->known != NULL && element != NULL
               ? elements_tag(ctx, tags->known, tags->role_map, element)
               : outer;
}

/* --- the outline --- */

/* Appends the letters and figures of a text in small letters; false: no room. */
static bool
fold(char *out, size_t size, size_t *len, const char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (c < 0x80 && !isalnum(c))
            continue;
        if (*len + 1 >= size)
            return false;
        out[(*len)++] = (char)(c < 0x80 ? tolower(c) : c);
    }
    out[*len] = '\0';
    return true;
}

/* The array that says where an item leads; NULL: to no place of the file. */
static pdf_obj *
find_dest(fz_context *ctx, pdf_document *pdf, pdf_obj *item)
{
    pdf_obj *dest = pdf_dict_get(ctx, item, PDF_NAME(Dest));
    pdf_obj *action = pdf_dict_get(ctx, item, PDF_NAME(A));

    if (dest == NULL && pdf_name_eq(ctx, pdf_dict_get(ctx, action, PDF_NAME(S)), PDF_NAME(GoTo)))
        dest = pdf_dict_get(ctx, action, PDF_NAME(D));
    if (pdf_is_name(ctx, dest) || pdf_is_string(ctx, dest))
        dest = pdf_lookup_dest(ctx, pdf, dest);
    if (pdf_is_dict(ctx, dest))
        dest = pdf_dict_get(ctx, dest, PDF_NAME(D));
    return pdf_is_array(ctx, dest) ? dest : NULL;
}

static float
height_of(fz_context *ctx, pdf_obj *dest)
{
    pdf_obj *how = pdf_array_get(ctx, dest, 1);
    int at = pdf_name_eq(ctx, how, PDF_NAME(XYZ))    ? 3
             : pdf_name_eq(ctx, how, PDF_NAME(FitH)) ? 2
                                                     : 0;
    pdf_obj *y = at > 0 ? pdf_array_get(ctx, dest, at) : NULL;

    return pdf_is_number(ctx, y) ? pdf_to_real(ctx, y) : NAN;
}

static void
add_title(struct doc *doc, struct outline *outline, pdf_obj *item, int depth)
{
    fz_context *ctx = doc->ctx;
    pdf_obj *dest = find_dest(ctx, doc->pdf, item);
    char text[TITLE_BYTES];
    size_t len = 0;

    if (dest == NULL ||
        !fold(text, sizeof(text), &len, pdf_dict_get_text_string(ctx, item, PDF_NAME(Title))) ||
        len < TITLE_LEAST)
        return;
    struct title *title = &outline->titles[outline->count];
    *title = (struct title){.page = pdf_to_num(ctx, pdf_array_get(ctx, dest, 0)),
                            .y = height_of(ctx, dest),
                            .level = (uint8_t)(depth + 1),
                            .text = arena_strndup(outline->arena, text, len)};
    outline->count += title->page > 0 && title->text != NULL;
}

/* Walks the items level by level of the file's own chain, which a limit ends if it has no end. */
static void
read_outline(struct doc *doc, struct outline *outline)
{
    fz_context *ctx = doc->ctx;
    pdf_obj *root = pdf_dict_getp(ctx, pdf_trailer(ctx, doc->pdf), "Root/Outlines");
    pdf_obj *path[DEPTH_MAX] = {pdf_dict_get(ctx, root, PDF_NAME(First))};
    int depth = 0;

    for (int seen = 0; depth >= 0 && seen < TITLES_MAX;) {
        pdf_obj *item = path[depth];
        if (!pdf_is_dict(ctx, item)) {
            depth--;
            continue;
        }
        seen++;
        add_title(doc, outline, item, depth);
        path[depth] = pdf_dict_get(ctx, item, PDF_NAME(Next));
        if (depth + 1 < DEPTH_MAX)
            path[++depth] = pdf_dict_get(ctx, item, PDF_NAME(First));
    }
}

/* Read once for a document; an outline that cannot be read is none. */
static const struct outline *
outline_of(struct doc *doc)
{
    fz_context *ctx = doc->ctx;
    struct arena *arena;

    if (doc->outline != NULL)
        return doc->outline;
    arena = arena_new(TITLES_MAX * sizeof(struct title) + MiB(2));
    if (arena == NULL)
        return NULL;
    struct outline *outline = arena_alloc(arena, sizeof(*outline));
    struct title *titles = arena_room(arena, TITLES_MAX, sizeof(*titles));
    if (outline == NULL || titles == NULL) {
        arena_drop(&arena);
        return NULL;
    }
    outline->arena = arena;
    outline->titles = titles;
    doc->outline = outline;
    fz_try(ctx) read_outline(doc, outline);
    fz_catch(ctx)(void) mupdf_error(ctx, NULL, "outline");
    return doc->outline;
}

void
structure_close(struct doc *doc)
{
    if (doc->outline != NULL) {
        struct arena *arena = doc->outline->arena;
        arena_drop(&arena);
    }
    doc->outline = NULL;
}

/* Lines that a title stands on from line first on; 0: it does not. A number may stand before it on
 * the page, or in the outline, alone. */
static uint32_t
title_lines(const struct page *page, uint32_t first, const char *title)
{
    char text[TITLE_BYTES] = "";
    size_t len = 0, wanted = strlen(title);

    for (uint32_t n = 0; n < TITLE_LINES && first + n < page->line_count; n++) {
        const struct page_line *line = &page->lines[first + n];
        for (uint32_t k = 0; k < line->word_count; k++)
            if (!fold(text, sizeof(text), &len, page->words[line->first_word + k].text))
                return 0;
        const char *longer = len > wanted ? text : title, *shorter = len > wanted ? title : text;
        size_t before = strlen(longer) - strlen(shorter);
        if (strlen(shorter) >= TITLE_LEAST && strcmp(longer + before, shorter) == 0 &&
            (before == 0 || (before <= NUMBER_BYTES && strcspn(longer, "0123456789") < before)))
            return n + 1;
        if (len > wanted + NUMBER_BYTES)
            return 0;
    }
    return 0;
}

static void
mark_title(struct page *page, const struct title *title, float y)
{
    uint32_t best = 0, lines = 0, found = 0;
    float nearest = INFINITY;

    for (uint32_t i = 0; i < page->line_count; i++) {
        float away = isnan(y) ? 0 : page->lines[i].box.y0 - y;
        if (page->lines[i].vertical || away > above_max || away < -below_max)
            continue;
        uint32_t n = title_lines(page, i, title->text);
        if (n == 0)
            continue;
        found++;
        if (fabsf(away) < nearest) {
            nearest = fabsf(away);
            best = i;
            lines = n;
        }
    }
    if (found == 0 || (found > 1 && isnan(y)))
        return;
    for (uint32_t i = best; i < best + lines; i++)
        for (uint32_t k = 0; k < page->lines[i].word_count; k++)
            page->words[page->lines[i].first_word + k].role =
                (uint8_t)(ROLE_HEADING_1 + title->level - 1);
}

struct title_page
structure_title_page(fz_context *ctx, pdf_page *source)
{
    struct title_page at = {.number = pdf_to_num(ctx, source->obj)};
    fz_rect media;

    pdf_page_transform(ctx, source, &media, &at.ctm);
    return at;
}

void
structure_mark_titles(struct doc *doc, const struct title_page *at, struct page *page)
{
    const struct outline *outline = outline_of(doc);

    for (uint32_t i = 0; outline != NULL && i < outline->count; i++) {
        const struct title *title = &outline->titles[i];
        if (title->page != at->number)
            continue;
        fz_point point = fz_make_point(0, isnan(title->y) ? 0 : title->y);
        mark_title(page, title, isnan(title->y) ? NAN : fz_transform_point(point, at->ctm).y);
    }
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "doc/elements.h"

#include <string.h>

enum {
    SLOTS = 8192, /* a power of two, more than ELEMENTS_MAX */
    ABOVE_MAX = 64,
    CELLS_MAX = 200, /* of a row */
    SPAN_MAX = 500,
    MAPPED_MAX = 4, /* steps from a name of the file's to a standard one */
    ALT_BYTES_MAX = 1000,
};

struct elements {
    struct arena *arena;
    struct page *page;
    int numbers[SLOTS]; /* of objects; 0: free */
    uint16_t tags[SLOTS];
    uint32_t count;
};

struct elements *
elements_new(struct arena *arena, struct page *page)
{
    struct elements *elements = arena_alloc(arena, sizeof(*elements));

    if (elements == NULL)
        return NULL;
    elements->arena = arena;
    elements->page = page;
    return elements;
}

/* ---- what is known already ---- */

static size_t
slot_of(const struct elements *e, int number)
{
    size_t slot = (size_t)number * 2654435761U;

    for (slot &= SLOTS - 1; e->numbers[slot] != 0 && e->numbers[slot] != number;)
        slot = (slot + 1) & (SLOTS - 1);
    return slot;
}

static void
remember(struct elements *e, int number, uint16_t tag)
{
    size_t slot = slot_of(e, number);

    e->count += e->numbers[slot] == 0;
    e->numbers[slot] = number;
    e->tags[slot] = tag;
}

/* ---- kinds ---- */

static const struct {
    const char *name;
    uint8_t kind;
    bool header;
} kinds[] = {
    {"L", TAG_LIST, false},      {"LI", TAG_ITEM, false},       {"Lbl", TAG_LABEL, false},
    {"Table", TAG_TABLE, false}, {"TR", TAG_ROW, false},        {"TD", TAG_CELL, false},
    {"TH", TAG_CELL, true},      {"Figure", TAG_FIGURE, false},
};

static size_t
find_kind(const char *name)
{
    size_t i = 0;

    while (i < ARRAY_LEN(kinds) && strcmp(kinds[i].name, name) != 0)
        i++;
    return i;
}

static bool
is_kind(const char *name)
{
    return find_kind(name) < ARRAY_LEN(kinds);
}

const char *
elements_standard_name(fz_context *ctx, pdf_obj *role_map, const char *name, elements_known known)
{
    for (int i = 0; i < MAPPED_MAX && !known(name); i++) {
        const char *mapped = pdf_to_name(ctx, pdf_dict_gets(ctx, role_map, name));
        if (mapped[0] == '\0' || strcmp(mapped, name) == 0)
            break;
        name = mapped;
    }
    return name;
}

static const char *
name_of(fz_context *ctx, pdf_obj *role_map, pdf_obj *element, elements_known known)
{
    const char *name = pdf_to_name(ctx, pdf_dict_get(ctx, element, PDF_NAME(S)));

    return elements_standard_name(ctx, role_map, name, known);
}

static bool
is_head_name(const char *name)
{
    return strcmp(name, "THead") == 0;
}

/* ---- attributes ---- */

/* A span of a cell, from its attributes: a dictionary, or an array of such and of numbers. */
static uint16_t
read_span(fz_context *ctx, pdf_obj *element, const char *name)
{
    pdf_obj *attributes = pdf_dict_get(ctx, element, PDF_NAME(A));
    int n = pdf_is_array(ctx, attributes) ? pdf_array_len(ctx, attributes) : 1, span = 0;

    for (int i = 0; i < n && i < CELLS_MAX && span == 0; i++) {
        pdf_obj *one =
            pdf_is_array(ctx, attributes) ? pdf_array_get(ctx, attributes, i) : attributes;
        span = pdf_to_int(ctx, pdf_dict_gets(ctx, one, name));
    }
    return (uint16_t)(span < 1 ? 1 : span > SPAN_MAX ? SPAN_MAX : span);
}

/* What a figure shows, as the file says it. */
static const char *
alt_of(fz_context *ctx, struct arena *arena, pdf_obj *element)
{
    const char *alt = pdf_dict_get_text_string(ctx, element, PDF_NAME(Alt));
    size_t len = strlen(alt);

    if (len > ALT_BYTES_MAX)
        len = ALT_BYTES_MAX;
    while (alt[len] != '\0' && len > 0 && ((unsigned char)alt[len] & 0xc0) == 0x80)
        len--; /* no half characters */
    char *copy = arena_strndup(arena, alt, len);
    for (char *c = copy; c != NULL && *c != '\0'; c++) {
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = ' ';
    }
    return copy != NULL ? copy : "";
}

/* ---- tags ---- */

static uint16_t
add_tag(fz_context *ctx, struct elements *e, pdf_obj *element, size_t kind, uint16_t parent)
{
    struct page_tag *tag = page_add_tag(e->page);

    if (tag == NULL)
        return parent;
    tag->kind = kinds[kind].kind;
    tag->header = kinds[kind].header;
    tag->parent = parent;
    if (tag->kind == TAG_CELL) {
        tag->row_span = read_span(ctx, element, "RowSpan");
        tag->column_span = read_span(ctx, element, "ColSpan");
    }
    if (tag->kind == TAG_FIGURE)
        tag->alt = alt_of(ctx, e->arena, element);
    return (uint16_t)e->page->tag_count;
}

/* The cells of a row, in their order, those without text too. */
static void
add_cells(fz_context *ctx, struct elements *e, pdf_obj *role_map, pdf_obj *element, uint16_t row)
{
    pdf_obj *kids = pdf_dict_get(ctx, element, PDF_NAME(K));
    int n = pdf_is_array(ctx, kids) ? pdf_array_len(ctx, kids) : 1;

    for (int i = 0; i < n && i < CELLS_MAX && e->count < ELEMENTS_MAX; i++) {
        pdf_obj *kid = pdf_is_array(ctx, kids) ? pdf_array_get(ctx, kids, i) : kids;
        int number = pdf_to_num(ctx, kid);
        if (!pdf_is_dict(ctx, kid))
            continue;
        size_t kind = find_kind(name_of(ctx, role_map, kid, is_kind));
        if (kind == ARRAY_LEN(kinds) || kinds[kind].kind != TAG_CELL)
            continue;
        uint16_t tag = add_tag(ctx, e, kid, kind, row);
        if (number > 0)
            remember(e, number, tag);
    }
}

static uint16_t
find_tag(fz_context *ctx, struct elements *e, pdf_obj *role_map, pdf_obj *element, int depth)
{
    int number = pdf_to_num(ctx, element);
    size_t slot = slot_of(e, number);

    if (depth > ABOVE_MAX || number <= 0 || !pdf_is_dict(ctx, element))
        return 0;
    if (e->numbers[slot] == number)
        return e->tags[slot];
    if (e->count >= ELEMENTS_MAX)
        return 0;
    pdf_obj *above = pdf_dict_get(ctx, element, PDF_NAME(P));
    uint16_t parent = find_tag(ctx, e, role_map, above, depth + 1);
    size_t kind = find_kind(name_of(ctx, role_map, element, is_kind));
    slot = slot_of(e, number);
    if (e->numbers[slot] == number) /* a cell, known since its row is */
        return e->tags[slot];
    if (e->count >= ELEMENTS_MAX)
        return 0;
    uint16_t tag = kind < ARRAY_LEN(kinds) ? add_tag(ctx, e, element, kind, parent) : parent;
    remember(e, number, tag);
    if (tag != parent && e->page->tags[tag - 1].kind == TAG_ROW) {
        e->page->tags[tag - 1].header =
            strcmp(name_of(ctx, role_map, above, is_head_name), "THead") == 0;
        add_cells(ctx, e, role_map, element, tag);
    }
    return tag;
}

uint16_t
elements_tag(fz_context *ctx, struct elements *elements, pdf_obj *role_map, pdf_obj *element)
{
    return find_tag(ctx, elements, role_map, element, 0);
}

void
elements_add_picture(struct elements *elements, uint16_t tag, struct box box)
{
    struct page *page = elements->page;
    uint16_t figure = page_tag_above(page, tag, TAG_FIGURE);

    if (figure == 0)
        return;
    struct box *all = &page->tags[figure - 1].box;
    *all = box_area(*all) > 0 ? box_union(*all, box) : box;
}

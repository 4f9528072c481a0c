/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/glyphs.c - the glyphs of text that is drawn, as characters with their place and font. */
#include "doc/device_internal.h"
#include "doc/glyphname.h"
#include "doc/type3.h"

#include <math.h>
#include <string.h>

/* Farther out is no place; what follows relies on finite boxes. */
static const float length_max = 20000;

/* So much of its size a letter may reach over what its font says it takes. */
static const float overshoot = 0.25F;

static bool
name_has(const char *name, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcasestr(name, words[i]) != NULL)
            return true;
    return false;
}

/* Flags of a font are often missing where its name tells. */
static uint8_t
style_of_font(fz_context *ctx, fz_font *font)
{
    static const char *const bold[] = {"bold", "black", "heavy", "demi"};
    static const char *const italic[] = {"italic", "oblique", "slanted"};
    static const char *const mono[] = {"courier", "mono", "consol", "typewriter", "cmtt", "fixed"};
    const char *name = fz_font_name(ctx, font);
    uint8_t style = 0;

    if (fz_font_is_bold(ctx, font) || name_has(name, bold, ARRAY_LEN(bold)))
        style |= STYLE_BOLD;
    if (fz_font_is_italic(ctx, font) || name_has(name, italic, ARRAY_LEN(italic)))
        style |= STYLE_ITALIC;
    if (fz_font_is_monospaced(ctx, font) || name_has(name, mono, ARRAY_LEN(mono)))
        style |= STYLE_MONO;
    if (fz_font_is_serif(ctx, font))
        style |= STYLE_SERIF;
    return style;
}

static uint8_t
number_font(fz_context *ctx, struct reading_device *dev, fz_font *font)
{
    uint8_t i = 0;

    while (i < dev->font_count && dev->fonts[i] != font)
        i++;
    if (i >= TEXT_FONTS_MAX)
        return TEXT_FONTS_MAX - 1;
    if (i == dev->font_count)
        dev->fonts[dev->font_count++] = fz_keep_font(ctx, font);
    return i;
}

static void
note_font(fz_context *ctx, struct reading_device *dev, fz_font *font, bool mirrored)
{
    uint8_t known = dev->font_count;

    if (font == dev->font && mirrored == dev->font_mirrored)
        return;
    fz_drop_font(ctx, dev->font);
    dev->font_mirrored = mirrored;
    dev->font = fz_keep_font(ctx, font);
    dev->font_number = number_font(ctx, dev, font);
    /* The number of those past the last is shared. */
    bool is_known = dev->font_number < known && dev->fonts[dev->font_number] == font;
    dev->font_key = identity_of_font(ctx, dev->identities, font, mirrored);
    dev->font_style = is_known ? dev->styles[dev->font_number] : style_of_font(ctx, font);
    if (!is_known && dev->font_key.is_type3 && type3_is_mono(ctx, font, dev->font_key.em))
        dev->font_style |= STYLE_MONO;
    if (dev->fonts[dev->font_number] == font)
        dev->styles[dev->font_number] = dev->font_style;
    dev->signs = signs_of_font(fz_font_name(ctx, font));
    dev->ascent = fz_font_ascender(ctx, font);
    dev->descent = fz_font_descender(ctx, font);
    /* Fonts lie about these, and layout lives by boxes. */
    if (!(dev->ascent >= 0.5F && dev->ascent <= 1.1F))
        dev->ascent = 0.8F;
    if (!(dev->descent <= 0 && dev->descent >= -0.5F))
        dev->descent = -0.2F;
    if (dev->font_key.is_type3 && dev->font_key.em != 0) {
        dev->ascent *= dev->font_key.em;
        dev->descent *= dev->font_key.em;
    }
}

/* Brighter type is pale. */
static const float pale_luma_least = 0.6F;

/* Smaller type is not seen, pt: see text_settle_tiny. */
static const float size_seen_least = 1;

/* Box of the parallelogram from the glyph's origin: advance along (a, b), height along (c, d). */
static struct box
glyph_box(fz_matrix trm, float advance, float low, float high)
{
    float ax = advance * trm.a, ay = advance * trm.b;
    float lx = low * trm.c, ly = low * trm.d, hx = high * trm.c, hy = high * trm.d;
    float left = fminf(0, ax) + fminf(lx, hx), right = fmaxf(0, ax) + fmaxf(lx, hx);
    float top = fminf(0, ay) + fminf(ly, hy), bottom = fmaxf(0, ay) + fmaxf(ly, hy);

    return (struct box){trm.e + left, trm.f + top, trm.e + right, trm.f + bottom};
}

static bool
is_sane(float v)
{
    return v > -length_max && v < length_max; /* false for NaN too */
}

/* How a glyph is drawn, and what is known of it. */
struct drawn {
    fz_matrix trm;
    float advance;
    fz_rect seen;  /* the area that can be */
    bool leftward; /* mirrored, as invisible text that is read from the right is */
    struct colour colour;
    struct identity *known; /* NULL: nothing */
};

/* What the font itself says counts where it can be seen, of the outline once a page. */
static void
note_identity(struct reading_device *dev, struct identity *known, struct glyph *g)
{
    g->identity = known->name;
    if (g->hidden != 0 || known->shape == GLYPH_UNSEEN || !identity_is_new(dev->identities, known))
        return;
    g->shape = known->shape;
    g->looks = known->looks;
}

static void
add_glyph(struct reading_device *dev, const struct glyph *proto, const struct drawn *drawn)
{
    struct glyph g = *proto;
    fz_matrix trm = drawn->trm;
    float advance = drawn->advance;
    fz_rect seen = drawn->seen;

    if (g.upright) {
        g.ex = trm.e;
        g.ey = trm.f;
        g.x = trm.e + advance * trm.c;
        g.y = trm.f + advance * trm.d;
        g.box = glyph_box(trm, 1, dev->descent, dev->ascent);
    } else {
        g.x = trm.e;
        g.y = trm.f;
        g.ex = trm.e + advance * trm.a;
        g.ey = trm.f + advance * trm.b;
        g.box = glyph_box(trm, advance, dev->descent, dev->ascent);
    }
    if (drawn->leftward) {
        g.ex = trm.e;
        g.ey = trm.f;
        g.x = trm.e + advance * trm.a;
        g.y = trm.f + advance * trm.b;
    }
    float x = (g.box.x0 + g.box.x1) / 2, y = (g.box.y0 + g.box.y1) / 2;
    if (g.size < size_seen_least && g.hidden == 0)
        g.hidden = TEXT_TINY;
    if (!is_sane(g.box.x0) || !is_sane(g.box.y0) || !is_sane(g.box.x1) || !is_sane(g.box.y1))
        return;
    if (!(x >= 0 && y >= 0 && x <= dev->width && y <= dev->height))
        g.hidden = 1 + HIDDEN_OFF_PAGE;
    else if (g.hidden == 0 &&
             (g.box.x1 < seen.x0 || g.box.x0 > seen.x1 || g.box.y1 < seen.y0 || g.box.y0 > seen.y1))
        g.hidden = 1 + HIDDEN_COVERED;
    else if (g.hidden == 0 && marks_is_lost(dev->marks, x, y, drawn->colour))
        g.hidden = 1 + HIDDEN_WHITE;
    if (drawn->known != NULL)
        note_identity(dev, drawn->known, &g);
    text_add(dev->text, &g);
}

/* The character of a glyph for which the document names none: by the glyph's name. */
static uint32_t
named_character(fz_context *ctx, fz_font *font, int gid)
{
    char name[64] = "";

    fz_get_glyph_name(ctx, font, gid, name, sizeof(name));
    uint32_t code = glyphname_character(name);
    if (code != 0)
        return code;
    int listed = fz_unicode_from_glyph_name_strict(name);
    return listed > 0 && listed != FZ_REPLACEMENT_CHARACTER ? (uint32_t)listed
                                                            : FZ_REPLACEMENT_CHARACTER;
}

/* Of the innermost tag that says something. */
uint8_t
device_role(const struct reading_device *dev)
{
    uint32_t depth = dev->tag_depth < TAGS_MAX ? dev->tag_depth : TAGS_MAX;

    return depth > 0 ? dev->roles[depth - 1] : ROLE_NONE;
}

uint16_t
device_place(const struct reading_device *dev)
{
    uint32_t depth = dev->tag_depth < TAGS_MAX ? dev->tag_depth : TAGS_MAX;

    return depth > 0 ? dev->places[depth - 1] : 0;
}

/* What is known of a glyph; next: what follows it, or NULL. The outline of several characters says
 * nothing of the first. */
static struct identity *
identify(fz_context *ctx, struct reading_device *dev, const fz_text_item *item,
         const fz_text_item *next)
{
    if (item->gid < 0 || (next != NULL && next->gid < 0 && next->ucs > 0))
        return NULL;
    return identity_find(ctx, dev->identities, dev->font_key, dev->font, item->gid,
                         (uint32_t)item->ucs);
}

/* The character of a glyph; *ret_known: what is known of it, or NULL. */
static uint32_t
character_of(fz_context *ctx, struct reading_device *dev, const fz_text_span *span, int i,
             struct identity **ret_known)
{
    const fz_text_item *item = &span->items[i];
    uint32_t code = (uint32_t)item->ucs;

    *ret_known = identify(ctx, dev, item, i + 1 < span->len ? item + 1 : NULL);
    if (*ret_known != NULL)
        code = (*ret_known)->taken;
    if (code == FZ_REPLACEMENT_CHARACTER && item->gid > 0 && !dev->font_key.is_type3)
        code = named_character(ctx, span->font, item->gid);
    return dev->signs != NULL ? signs_character(dev->signs, code) : code;
}

/* The run of glyphs at hand is ink. */
static void
end_run(struct reading_device *dev)
{
    if (box_area(dev->run) > 0)
        device_ink(&dev->super, dev->run);
    dev->run = (struct box){0};
}

/* Ink of a glyph; those that follow each other in a line are one run. */
static void
note_run(struct reading_device *dev, struct box glyph, float size)
{
    float over = overshoot * size;
    struct box box = {glyph.x0 - over, glyph.y0 - over, glyph.x1 + over, glyph.y1 + over};

    if (fabsf(box.y0 - dev->run.y0) > over || box_area(box_cut(box, dev->run)) <= 0)
        end_run(dev);
    dev->run = box_area(dev->run) > 0 ? box_union(dev->run, box) : box;
}

/* The glyph, or what the file says that stands for it. */
static void
add_characters(struct reading_device *dev, struct glyph *proto, const struct drawn *drawn)
{
    uint32_t count = 0;
    const uint32_t *codes = proto->follows ? NULL : actual_next(&dev->actual, proto->code, &count);

    for (uint32_t k = 0; k < count; k++) {
        proto->code = codes[k];
        proto->follows = k > 0;
        add_glyph(dev, proto, drawn);
    }
    if (count == 0)
        add_glyph(dev, proto, drawn);
}

static bool
is_pale(const struct reading_device *dev, const struct manner *manner)
{
    for (int i = 0; i < dev->super.container_len; i++)
        if ((dev->super.container[i].user & VEIL) != 0)
            return true;
    return manner->alpha <= veil_most || device_luma(manner->colour) >= pale_luma_least;
}

static void
add_span(fz_context *ctx, struct reading_device *dev, const fz_text_span *span, fz_matrix ctm,
         const struct manner *manner)
{
    fz_matrix tm = span->trm;
    fz_rect seen = device_visible_area(ctx, &dev->super);
    fz_matrix flat = fz_concat(tm, ctm);
    float dx = span->wmode ? -flat.c : flat.a, dy = span->wmode ? -flat.d : flat.b;
    float length = hypotf(dx, dy), size = fz_matrix_expansion(flat);

    note_font(ctx, dev, span->font, flat.a * flat.d > flat.b * flat.c);
    if (dev->font_key.em != 0)
        size *= fabsf(dev->font_key.em);
    if (!(length > 0 && size > 0 && isfinite(length) && isfinite(size)))
        return;
    bool leftward = (manner->hidden || dev->font_key.is_type3) && dev->font_key.em >= 0 &&
                    !span->wmode && flat.a < 0 && flat.a * flat.d > flat.b * flat.c;
    struct glyph proto = {.dx = (leftward ? -dx : dx) / length,
                          .dy = (leftward ? -dy : dy) / length,
                          .size = size,
                          .style = dev->font_style,
                          .font = dev->font_number,
                          .hidden =
                              manner->hidden && !dev->font_key.is_type3 ? 1 + HIDDEN_INVISIBLE : 0,
                          .role = device_role(dev),
                          .tag = device_place(dev),
                          .pale = is_pale(dev, manner),
                          .upright = span->wmode};
    float advance = 0;
    for (int i = 0; i < span->len; i++) {
        const fz_text_item *item = &span->items[i];
        struct identity *known;
        tm.e = item->x;
        tm.f = item->y;
        /* Further characters of a ligature stand in its place, all of it. */
        if (item->gid >= 0)
            advance = fz_advance_glyph(ctx, span->font, item->gid, span->wmode);
        if (item->gid >= 0 && manner->colour.r >= 0)
            note_run(
                dev,
                glyph_box(fz_concat(tm, ctm), span->wmode ? 1 : advance, dev->descent, dev->ascent),
                size);
        if (item->ucs == -1)
            continue; /* one character of several glyphs: the first has it */
        proto.follows = item->gid < 0;
        proto.code = character_of(ctx, dev, span, i, &known);
        proto.number = proto.follows ? 0 : (uint16_t)(item->gid + 1);
        struct drawn drawn = {fz_concat(tm, ctm), advance, seen, leftward, manner->colour, known};
        add_characters(dev, &proto, &drawn);
    }
}

void
device_add_text(fz_context *ctx, fz_device *super, const fz_text *text, fz_matrix ctm,
                struct manner manner)
{
    struct reading_device *dev = (struct reading_device *)super;

    if (dev->mute) {
        fz_rect all = fz_bound_text(ctx, text, NULL, ctm);
        device_ink(super, (struct box){all.x0, all.y0, all.x1, all.y1});
    }
    if (dev->mute || text == dev->last_text)
        return;
    actual_start_text(&dev->actual, text);
    for (const fz_text_span *span = text->head; span != NULL; span = span->next)
        add_span(ctx, dev, span, ctm, &manner);
    end_run(dev);
    fz_drop_text(ctx, dev->last_text);
    dev->last_text = fz_keep_text(ctx, text);
}

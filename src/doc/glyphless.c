/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "doc/glyphless.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const float glyphless_advance = 0.5F;

static const uint32_t replacement = 0xfffd;

void
glyphless_init(struct glyphless *g, fz_context *ctx, pdf_document *pdf)
{
    *g = (struct glyphless){.ctx = ctx, .pdf = pdf};
}

void
glyphless_fini(struct glyphless *g)
{
    for (size_t i = 0; i < GLYPHLESS_BLOCKS; i++)
        fz_free(g->ctx, g->blocks[i]);
    fz_free(g->ctx, g->characters);
    for (size_t i = 0; i < GLYPHLESS_FONTS_MAX; i++)
        pdf_drop_obj(g->ctx, g->fonts[i]);
}

static uint16_t *
slot_of(struct glyphless *g, uint32_t character)
{
    uint16_t **block = &g->blocks[character / 256];

    if (*block == NULL)
        *block = fz_calloc(g->ctx, 256, sizeof(**block));
    return &(*block)[character % 256];
}

static void
add(struct glyphless *g, uint16_t *slot, uint32_t character)
{
    uint32_t font = g->count / GLYPHLESS_CODES;

    if (g->count == g->cap) {
        uint32_t cap = g->cap == 0 ? GLYPHLESS_CODES : g->cap * 2;
        g->characters = fz_realloc_array(g->ctx, g->characters, cap, uint32_t);
        g->cap = cap;
    }
    if (g->fonts[font] == NULL)
        g->fonts[font] = pdf_add_new_dict(g->ctx, g->pdf, 8);
    g->characters[g->count++] = character;
    *slot = (uint16_t)g->count;
}

struct glyphless_place
glyphless_find(struct glyphless *g, uint32_t character)
{
    const uint32_t full = GLYPHLESS_FONTS_MAX * GLYPHLESS_CODES;

    if (character > 0x10ffff || (g->count + 1 == full && *slot_of(g, character) == 0))
        character = replacement; /* the last slot is kept for it */
    uint16_t *slot = slot_of(g, character);
    if (*slot == 0)
        add(g, slot, character);
    uint32_t index = *slot - 1U;
    return (struct glyphless_place){index / GLYPHLESS_CODES, index % GLYPHLESS_CODES + 1};
}

void
glyphless_name(uint32_t font, char out[16])
{
    (void)snprintf(out, 16, "LeapOcr%u", font);
}

/* The map to Unicode (Adobe Technical Note 5411) of n characters from code 1 on. */
static fz_buffer *
make_cmap(struct glyphless *g, const uint32_t *characters, uint32_t n)
{
    fz_context *ctx = g->ctx;
    fz_buffer *out = fz_new_buffer(ctx, 1024);

    fz_try(ctx)
    {
        fz_append_string(ctx, out,
                         "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
                         "/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n"
                         "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
                         "1 begincodespacerange\n<00> <FF>\nendcodespacerange\n");
        for (uint32_t i = 0; i < n; i++) {
            uint32_t c = characters[i];
            if (i % 100 == 0) /* no more stand in one list */
                fz_append_printf(ctx, out, "%d beginbfchar\n", n - i < 100 ? (int)(n - i) : 100);
            if (c >= 0x10000)
                fz_append_printf(ctx, out, "<%02x> <%04x%04x>\n", (int)i + 1,
                                 (int)(0xd800 + ((c - 0x10000) >> 10)),
                                 (int)(0xdc00 + ((c - 0x10000) & 0x3ff)));
            else
                fz_append_printf(ctx, out, "<%02x> <%04x>\n", (int)i + 1, (int)c);
            if (i % 100 == 99 || i + 1 == n)
                fz_append_string(ctx, out, "endbfchar\n");
        }
        fz_append_string(ctx, out,
                         "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n");
    }
    fz_catch(ctx)
    {
        fz_drop_buffer(ctx, out);
        fz_rethrow(ctx);
    }
    return out;
}

static void
put_stream(struct glyphless *g, pdf_obj *dict, const char *key, fz_buffer *bytes)
{
    fz_context *ctx = g->ctx;

    fz_try(ctx) pdf_dict_puts_drop(ctx, dict, key, pdf_add_stream(ctx, g->pdf, bytes, NULL, 0));
    fz_always(ctx) fz_drop_buffer(ctx, bytes);
    fz_catch(ctx) fz_rethrow(ctx);
}

/* One glyph with nothing in it serves every code. */
static void
put_glyphs(struct glyphless *g, pdf_obj *font, uint32_t n)
{
    fz_context *ctx = g->ctx;
    static const unsigned char nothing[] = "500 0 0 0 500 750 d1\n";
    pdf_obj *glyphs = pdf_dict_put_dict(ctx, font, PDF_NAME(CharProcs), 1);
    pdf_obj *encoding = pdf_dict_put_dict(ctx, font, PDF_NAME(Encoding), 2);
    pdf_obj *names = pdf_dict_put_array(ctx, encoding, PDF_NAME(Differences), (int)n + 1);
    pdf_obj *widths = pdf_dict_put_array(ctx, font, PDF_NAME(Widths), (int)n);

    put_stream(g, glyphs, "g", fz_new_buffer_from_copied_data(ctx, nothing, sizeof(nothing) - 1));
    pdf_dict_put(ctx, encoding, PDF_NAME(Type), PDF_NAME(Encoding));
    pdf_array_push_int(ctx, names, 1);
    for (uint32_t i = 0; i < n; i++) {
        pdf_array_push_drop(ctx, names, pdf_new_name(ctx, "g"));
        pdf_array_push_int(ctx, widths, 500);
    }
}

void
glyphless_finish(struct glyphless *g)
{
    fz_context *ctx = g->ctx;

    for (uint32_t first = 0, k = 0; first < g->count; first += GLYPHLESS_CODES, k++) {
        uint32_t n = g->count - first < GLYPHLESS_CODES ? g->count - first : GLYPHLESS_CODES;
        pdf_obj *font = g->fonts[k];
        pdf_dict_put(ctx, font, PDF_NAME(Type), PDF_NAME(Font));
        pdf_dict_put(ctx, font, PDF_NAME(Subtype), PDF_NAME(Type3));
        pdf_dict_put_rect(ctx, font, PDF_NAME(FontBBox), fz_make_rect(0, -250, 500, 750));
        pdf_dict_put_matrix(ctx, font, PDF_NAME(FontMatrix),
                            fz_make_matrix(0.001F, 0, 0, 0.001F, 0, 0));
        pdf_dict_put_int(ctx, font, PDF_NAME(FirstChar), 1);
        pdf_dict_put_int(ctx, font, PDF_NAME(LastChar), (int)n);
        put_glyphs(g, font, n);
        put_stream(g, font, "ToUnicode", make_cmap(g, g->characters + first, n));
    }
}

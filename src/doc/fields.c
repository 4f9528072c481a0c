/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "doc/fields.h"

#include "base/utf8.h"
#include "doc/device.h"

#include <string.h>

enum {
    FIELDS_MAX = 5000,
    LINKS_MAX = 5000,
    VALUE_MAX = 16384, /* bytes of a value or name that are kept */
    URI_MAX = 2048
};

static struct box
box_of(fz_rect r)
{
    return (struct box){r.x0, r.y0, r.x1, r.y1};
}

/* s cut to max bytes at a character, without what is no UTF-8; "" for NULL. */
static const char *
keep_text(struct page *page, const char *s, size_t max)
{
    size_t len = s == NULL ? 0 : strnlen(s, max);
    char *kept = arena_alloc(page->arena, len + 1);
    size_t n = 0;

    if (kept == NULL)
        return "";
    for (size_t i = 0; i < len;) {
        uint32_t code;
        size_t step = utf8_decode(s + i, len - i, &code);
        if (step > 0 && code >= 0x20) {
            memcpy(kept + n, s + i, step);
            n += step;
        } else if (step > 0) {
            kept[n++] = ' ';
        }
        i += step > 0 ? step : 1;
    }
    kept[n] = '\0';
    return kept;
}

static enum field_kind
kind_of(enum pdf_widget_type type)
{
    switch (type) {
    case PDF_WIDGET_TYPE_CHECKBOX:
        return FIELD_CHECK;
    case PDF_WIDGET_TYPE_RADIOBUTTON:
        return FIELD_RADIO;
    case PDF_WIDGET_TYPE_COMBOBOX:
    case PDF_WIDGET_TYPE_LISTBOX:
        return FIELD_CHOICE;
    case PDF_WIDGET_TYPE_SIGNATURE:
        return FIELD_SIGNATURE;
    default:
        return FIELD_TEXT;
    }
}

/* The appearance state in force, "" for Off or none. */
static const char *
state_of(fz_context *ctx, pdf_annot *widget)
{
    pdf_obj *state = pdf_dict_get(ctx, pdf_annot_obj(ctx, widget), PDF_NAME(AS));
    const char *name = pdf_to_name(ctx, state);

    return strcmp(name, "Off") == 0 ? "" : name;
}

static void
add_mark_word(struct text *text, const struct page_field *field)
{
    float height = box_height(field->box);
    struct glyph mark = {.code = field->checked ? 0x2611 : 0x2610,
                         .x = field->box.x0,
                         .y = field->box.y1,
                         .ex = field->box.x1,
                         .ey = field->box.y1,
                         .dx = 1,
                         .size = height,
                         .box = field->box};

    text_break(text);
    text_add(text, &mark);
    text_break(text);
}

static void
read_field(fz_context *ctx, pdf_annot *widget, struct page *page, struct text *text)
{
    enum pdf_widget_type type = pdf_widget_type(ctx, widget);
    pdf_obj *obj = pdf_annot_obj(ctx, widget);

    if (type == PDF_WIDGET_TYPE_BUTTON || type == PDF_WIDGET_TYPE_UNKNOWN ||
        page->field_count == FIELDS_MAX)
        return;
    struct page_field *field = page_add_field(page);
    if (field == NULL)
        return; /* the words are on the page all the same */
    field->kind = kind_of(type);
    field->box = box_of(pdf_bound_widget(ctx, widget));
    char *name = pdf_field_name(ctx, obj);
    field->name = keep_text(page, name, VALUE_MAX);
    fz_free(ctx, name);
    if (field->kind == FIELD_CHECK || field->kind == FIELD_RADIO) {
        const char *state = state_of(ctx, widget);
        field->checked = state[0] != '\0';
        field->value = keep_text(page, state, VALUE_MAX);
        add_mark_word(text, field);
    } else if (field->kind != FIELD_SIGNATURE &&
               (pdf_field_flags(ctx, obj) & PDF_TX_FIELD_IS_PASSWORD) == 0) {
        field->value = keep_text(page, pdf_field_value(ctx, obj), VALUE_MAX);
    }
}

static bool
is_mark(fz_context *ctx, pdf_annot *widget)
{
    enum pdf_widget_type type = pdf_widget_type(ctx, widget);

    return type == PDF_WIDGET_TYPE_CHECKBOX || type == PDF_WIDGET_TYPE_RADIOBUTTON;
}

/* NeedAppearances says that the looks in the file are not up to date with the values: those of
 * fields with a value are made anew. Throws. */
static void
renew_looks(fz_context *ctx, pdf_page *source)
{
    pdf_document *pdf = source->doc;
    pdf_annot *any = NULL;

    if (!pdf_to_bool(ctx,
                     pdf_dict_getp(ctx, pdf_trailer(ctx, pdf), "Root/AcroForm/NeedAppearances")))
        return;
    for (pdf_annot *widget = pdf_first_widget(ctx, source); widget != NULL;
         widget = pdf_next_widget(ctx, widget)) {
        enum field_kind kind = kind_of(pdf_widget_type(ctx, widget));
        const char *value = pdf_field_value(ctx, pdf_annot_obj(ctx, widget));
        if ((kind != FIELD_TEXT && kind != FIELD_CHOICE) || value == NULL || value[0] == '\0')
            continue;
        pdf_dict_del(ctx, pdf_annot_obj(ctx, widget), PDF_NAME(AP));
        any = widget;
    }
    if (any == NULL)
        return;
    pdf->resynth_required = 1;
    (void)pdf_update_annot(ctx, any); /* all of the page's; whether it changed does not matter */
}

void
fields_read(fz_context *ctx, pdf_page *source, fz_device *dev, struct page *page, struct text *text)
{
    static const int unseen = PDF_ANNOT_IS_INVISIBLE | PDF_ANNOT_IS_HIDDEN | PDF_ANNOT_IS_NO_VIEW;

    renew_looks(ctx, source);
    for (pdf_annot *widget = pdf_first_widget(ctx, source); widget != NULL;
         widget = pdf_next_widget(ctx, widget)) {
        if ((pdf_annot_flags(ctx, widget) & unseen) != 0)
            continue;
        text_break(text);
        reading_device_mute(dev, is_mark(ctx, widget));
        pdf_run_annot(ctx, widget, dev, fz_identity, NULL);
        reading_device_mute(dev, false);
        read_field(ctx, widget, page, text);
    }
    text_break(text);
}

/* ---- links ---- */

static bool
leads_out(const char *uri)
{
    static const char *const schemes[] = {"http://", "https://", "ftp://", "mailto:", "tel:"};

    for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
        if (strncasecmp(uri, schemes[i], strlen(schemes[i])) == 0)
            return true;
    return false;
}

static void
add_link(struct page *page, const fz_link *source)
{
    if (source->uri == NULL || !leads_out(source->uri) || strlen(source->uri) > URI_MAX ||
        page->link_count == LINKS_MAX)
        return;
    struct page_link *link = page_add_link(page);
    if (link == NULL)
        return;
    link->box = box_of(source->rect);
    link->uri = keep_text(page, source->uri, URI_MAX);
}

void
links_read(fz_context *ctx, pdf_page *source, struct page *page)
{
    fz_link *links = pdf_load_links(ctx, source);

    for (const fz_link *link = links; link != NULL; link = link->next)
        add_link(page, link);
    fz_drop_link(ctx, links);
}

void
links_attach(struct page *page)
{
    for (uint32_t l = 0; l < page->link_count; l++) {
        struct box area = page->links[l].box;
        for (uint32_t i = 0; i < page->word_count; i++) {
            struct box word = page->words[i].box;
            float x = (word.x0 + word.x1) / 2, y = (word.y0 + word.y1) / 2;
            if (x >= area.x0 && x <= area.x1 && y >= area.y0 && y <= area.y1)
                page->words[i].link = (int32_t)l;
        }
    }
}

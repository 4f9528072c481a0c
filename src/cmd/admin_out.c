/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/clock.h"
#include "cmd/admin_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { CELL_WIDTH = 12 };

void
admin_row(struct admin *a)
{
    if (a->out.json)
        jsonw_object(&a->out.w, NULL);
}

/* Columns are as wide as their first cell needs, so that most rows stand below each other. */
static void
put_cell(struct buf *line, const char *text, int width)
{
    buf_printf(line, "%-*s ", width, text);
}

static void
cell(struct admin *a, const char *name, const char *text)
{
    int width = (int)strlen(text);

    width = width > (int)strlen(name) ? width : (int)strlen(name);
    width = width > CELL_WIDTH ? width : CELL_WIDTH;
    if (!a->out.head_done)
        put_cell(&a->out.head, name, width);
    put_cell(&a->out.line, text, width);
}

void
admin_text(struct admin *a, const char *name, const char *text)
{
    if (a->out.json)
        jsonw_string(&a->out.w, name, text);
    else
        cell(a, name, text != NULL ? text : "-");
}

void
admin_int(struct admin *a, const char *name, int64_t value)
{
    char text[24];

    snprintf(text, sizeof(text), "%" PRId64, value);
    if (a->out.json)
        jsonw_int(&a->out.w, name, value);
    else
        cell(a, name, text);
}

void
admin_bool(struct admin *a, const char *name, bool value)
{
    if (a->out.json)
        jsonw_bool(&a->out.w, name, value);
    else
        cell(a, name, value ? "yes" : "no");
}

void
admin_time(struct admin *a, const char *name, int64_t utc_ms)
{
    char text[CLOCK_TEXT_SIZE];

    if (a->out.json) {
        jsonw_time(&a->out.w, name, utc_ms);
        return;
    }
    clock_rfc3339(utc_ms, text);
    cell(a, name, utc_ms != 0 ? text : "-");
}

static void
put_line(struct buf *out, struct buf *line)
{
    while (line->len > 0 && buf_text(line)[line->len - 1] == ' ')
        buf_cut(line, line->len - 1);
    buf_append(out, buf_text(line), line->len);
    buf_char(out, '\n');
    buf_clear(line);
}

void
admin_row_end(struct admin *a)
{
    struct admin_out *out = &a->out;

    if (out->json) {
        jsonw_end(&out->w);
        return;
    }
    if (!out->head_done)
        put_line(&out->text, &out->head);
    out->head_done = true;
    put_line(&out->text, &out->line);
}

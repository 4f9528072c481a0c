/* SPDX-License-Identifier: AGPL-3.0-or-later
 * render/inline.h - running text of a page as GFM inline content: bold and italic runs, links,
 * superscripts. Emphasis begins and ends at white space only, so that its marks always count. */
#pragma once

#include "base/buf.h"
#include "render/flow.h"

struct inline_style {
    bool emphasis;          /* write bold and italics */
    bool code;              /* write a typewriter's letters as code */
    const char *line_break; /* for FLOW_BREAK: "\n", "<br>" or " " */
    unsigned place;         /* enum escape_place bits; ESCAPE_LINE_START: the text begins a line */
};

/* Writes all that is left of the flow; nothing for an empty one. */
void inline_put(struct flow *flow, const struct inline_style *style, struct buf *out);

/* SPDX-License-Identifier: AGPL-3.0-or-later
 * render/flow.h - the words of consecutive lines as running text.
 *
 * Decides how each word joins the one before it. Inside a line: glued or a space. Over a line's
 * end:
 *   - a hyphen after a letter with a small letter behind it goes, and the parts are joined, unless
 *     the compound stands with its hyphen elsewhere nearby, or its first part has a hyphen already
 *     ("state-of-the-" "art"), or is one of a few words that compounds begin with ("well-");
 *   - a hyphen between capitals only goes as well; before digits and capitals it stays, glued;
 *   - a soft hyphen goes always; dashes glue; ideographs join without a space;
 *   - a line that had ample room for the next word was ended on purpose, and so were all lines of
 * addresses and the like (verse.h), entries with a row of dots, and lines with wide gaps between
 * their words, but for the one behind a number: FLOW_BREAK. Words without visible characters are
 * passed over. */
#pragma once

#include "base/buf.h"
#include "page/page.h"

enum flow_join { FLOW_GLUED, FLOW_SPACE, FLOW_BREAK };

struct flow_piece {
    const char *text; /* not terminated: a hyphen may have been cut off, spaces around it too */
    size_t len;       /* > 0 */
    const struct page_word *word;
    enum flow_join join; /* to the piece before it; FLOW_BREAK for the first */
};

struct flow {
    const struct page *page;
    uint32_t line_first;     /* of the lines that are being read */
    uint32_t line, line_end; /* lines that are left */
    uint32_t word, word_end; /* words that are left of the line before `line` */
    uint32_t block;          /* the block that is being read; block_count: none */
    float width;             /* of the widest line */
    bool verse;              /* each line was ended on purpose (verse.h) */
    bool past_figures;       /* a paragraph goes on behind figures and captions; as set by
                              * flow_init_block */
    enum flow_join pending;
    bool started, line_began;
};

/* The lines of one block, without its marker, and of the blocks that it continues in. */
void flow_init_block(struct flow *flow, const struct page *page, uint32_t block);

void flow_init_lines(struct flow *flow, const struct page *page, uint32_t first_line,
                     uint32_t line_count);

/* Whether the block k is a figure or a caption that the paragraph `block` passed over because it
 * goes on behind: whoever writes it out does so after the paragraph. */
bool flow_passes(const struct page *page, uint32_t block, uint32_t k);

/* False at the end. */
bool flow_next(struct flow *flow, struct flow_piece *ret);

/* The whole flow as plain text; breaks and spaces as given. */
void flow_put(struct flow *flow, const char *line_break, struct buf *out);

/* SPDX-License-Identifier: AGPL-3.0-or-later
 * render/escape.h - text of a page inside GFM, so that it never turns into markup by accident.
 *
 * Escapes a character only where it could matter: "a_b", "C#", "1,234.50", "a < b" and "AT&T" stay
 * as they are. Reference: GitHub Flavored Markdown 0.29. */
#pragma once

#include "base/buf.h"

enum escape_place {
    ESCAPE_LINE_START = 1,  /* the chain stands first in its line: block markers count */
    ESCAPE_HEADING = 2,     /* a chain of # only would close the heading */
    ESCAPE_TABLE = 4,       /* pipes end a cell */
    ESCAPE_LINK_TEXT = 8,   /* brackets must balance */
    ESCAPE_EMPHASIS = 16,   /* our own marks of emphasis stand around it */
    ESCAPE_BEFORE_LINK = 32 /* a link's bracket follows right after it */
};

/* Writes bytes [from, to) of a chain (characters between two white spaces, len bytes of valid
 * UTF-8), seen as part of the whole chain. place: enum escape_place bits. */
void escape_chain(const char *chain, size_t len, size_t from, size_t to, unsigned place,
                  struct buf *out);

/* A whole text with spaces, as inline text that does not begin a line. */
void escape_text(const char *text, unsigned place, struct buf *out);

/* An address as a link's destination in angle brackets' stead: spaces, brackets and controls are
 * percent-encoded. */
void escape_uri(const char *uri, struct buf *out);

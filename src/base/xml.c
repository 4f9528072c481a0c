/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/xml.h"

#include "base/utf8.h"

static const char replacement[] = "\xef\xbf\xbd";

/* XML 1.0, production Char, without the control characters that no text needs. */
static bool
xml_can_carry(uint32_t c)
{
    if (c == '\t' || c == '\n' || c == '\r')
        return true;
    return c >= 0x20 && c != 0x7f && c != 0xfffe && c != 0xffff;
}

static const char *
reference_of(uint32_t c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&apos;";
    default:
        return NULL;
    }
}

void
xml_put_text(struct buf *out, struct span text)
{
    size_t at = 0;

    while (at < text.len) {
        uint32_t c = 0;
        size_t n = utf8_decode(text.data + at, text.len - at, &c);
        if (n == 0 || !xml_can_carry(c))
            buf_string(out, replacement);
        else if (reference_of(c) != NULL)
            buf_string(out, reference_of(c));
        else
            buf_append(out, text.data + at, n);
        at += n == 0 ? 1 : n;
    }
}

void
xml_put_string(struct buf *out, const char *text)
{
    xml_put_text(out, span_of(text));
}

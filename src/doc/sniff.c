/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "doc/sniff.h"

#include "base/utf8.h"

#include <string.h>

struct magic {
    const char *bytes;
    size_t len;
    size_t at;
    enum sniff_type type;
    const char *name;
};

#define MAGIC(text, at, type, name)                                                                \
    {                                                                                              \
        text, sizeof(text) - 1, at, type, name                                                     \
    }

/* First match wins. */
static const struct magic table[] = {
    MAGIC("\x89PNG\r\n\x1a\n", 0, SNIFF_PNG, "PNG"),
    MAGIC("\xff\xd8\xff", 0, SNIFF_JPEG, "JPEG"),
    MAGIC("II*\0", 0, SNIFF_TIFF, "TIFF"),
    MAGIC("MM\0*", 0, SNIFF_TIFF, "TIFF"),
    MAGIC("GIF87a", 0, SNIFF_GIF, "GIF"),
    MAGIC("GIF89a", 0, SNIFF_GIF, "GIF"),
    MAGIC("WEBP", 8, SNIFF_WEBP, "WebP"), /* after RIFF and a length; checked below */
    MAGIC("II+\0", 0, SNIFF_OTHER, "a BigTIFF image"),
    MAGIC("MM\0+", 0, SNIFF_OTHER, "a BigTIFF image"),
    MAGIC("%!PS", 0, SNIFF_OTHER, "PostScript"),
    MAGIC("PK\x03\x04", 0, SNIFF_OTHER, "a ZIP file (an Office document, an e-book or an archive)"),
    MAGIC("PK\x05\x06", 0, SNIFF_OTHER, "an empty ZIP file"),
    MAGIC("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0, SNIFF_OTHER, "an old Office document"),
    MAGIC("{\\rtf", 0, SNIFF_OTHER, "an RTF document"),
    MAGIC("\x1f\x8b", 0, SNIFF_OTHER, "a gzip file"),
    MAGIC("7z\xbc\xaf\x27\x1c", 0, SNIFF_OTHER, "a 7-Zip archive"),
    MAGIC("Rar!", 0, SNIFF_OTHER, "a RAR archive"),
    MAGIC("\0\0\0\x0cjP  ", 0, SNIFF_OTHER, "a JPEG 2000 image"),
    MAGIC("\xff\x4f\xff\x51", 0, SNIFF_OTHER, "a JPEG 2000 image"),
    MAGIC("ftyphei", 4, SNIFF_OTHER, "a HEIC image"),
    MAGIC("ftypmif1", 4, SNIFF_OTHER, "a HEIC image"),
    MAGIC("ftypavif", 4, SNIFF_OTHER, "an AVIF image"),
    MAGIC("ftyp", 4, SNIFF_OTHER, "an MP4 film"),
    MAGIC("\x97JB2\r\n", 0, SNIFF_OTHER, "a JBIG2 image"),
    MAGIC("AT&TFORM", 0, SNIFF_OTHER, "a DjVu document"),
    MAGIC("\x7f"
          "ELF",
          0, SNIFF_OTHER, "a program"),
    MAGIC("MZ", 0, SNIFF_OTHER, "a program"),
};

static bool
has(struct span head, size_t at, const char *bytes, size_t len)
{
    return head.len >= at + len && memcmp(head.data + at, bytes, len) == 0;
}

static bool
contains(struct span head, const char *needle)
{
    return head.len > 0 && memmem(head.data, head.len, needle, strlen(needle)) != NULL;
}

/* BM, and a header length that some version of the format has: "BM" alone is too little. */
static bool
is_bmp(struct span head)
{
    if (!has(head, 0, "BM", 2) || head.len < 18)
        return false;
    uint32_t header = head.data[14] | (uint32_t)head.data[15] << 8 | (uint32_t)head.data[16] << 16 |
                      (uint32_t)head.data[17] << 24;
    return header == 12 || (header >= 16 && header <= 124);
}

static bool
is_text(struct span head)
{
    for (size_t i = 0; i < head.len; i++) {
        uint8_t c = head.data[i];
        if (c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f')
            return false;
    }
    size_t len = head.len; /* the head may end inside a character */
    for (size_t cut = 0; cut < UTF8_MAX_BYTES && cut < len; cut++)
        if (utf8_valid(head.data, len - cut))
            return true;
    return false;
}

static const char *
describe_other(struct span head)
{
    if (head.len == 0)
        return "an empty file";
    if (!is_text(head))
        return "data of an unknown kind";
    if (head.data[0] == '<' || contains(head, "<!DOCTYPE") || contains(head, "<html"))
        return contains(head, "<svg") ? "an SVG drawing" : "an HTML or XML file";
    if (head.data[0] == '{' || head.data[0] == '[')
        return "a JSON file";
    return "a plain text file";
}

enum sniff_type
sniff(struct span head, const char **ret_name)
{
    if (has(head, 0, "%PDF-", 5)) {
        *ret_name = "PDF";
        return SNIFF_PDF;
    }
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        const struct magic *row = &table[i];
        if (!has(head, row->at, row->bytes, row->len))
            continue;
        if (row->type == SNIFF_WEBP && !has(head, 0, "RIFF", 4))
            continue;
        *ret_name = row->name;
        return row->type;
    }
    if (is_bmp(head)) {
        *ret_name = "BMP";
        return SNIFF_BMP;
    }
    /* Mail gateways and web servers put lines before the header; readers accept that. */
    if (contains(head, "%PDF-")) {
        *ret_name = "PDF";
        return SNIFF_PDF;
    }
    *ret_name = describe_other(head);
    return SNIFF_OTHER;
}

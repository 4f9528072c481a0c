/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "doc/tiff.h"

enum {
    TAG_SUBFILE = 254,
    TAG_WIDTH = 256,
    TAG_HEIGHT = 257,
    TAG_ORIENTATION = 274,
    TAG_X_RESOLUTION = 282,
    TAG_Y_RESOLUTION = 283,
    TAG_UNIT = 296,
    TAG_STRIPS = 273,
    TAG_STRIP_ROWS = 278,
    TAG_STRIP_LENGTHS = 279,
    TAG_COLOURS = 320,
    TAG_TILE_WIDTH = 322,
    TAG_TILE_ROWS = 323,
    TAG_TILES = 324,
    TAG_TILE_LENGTHS = 325,
    TYPE_BYTE = 1,
    TYPE_SHORT = 3,
    TYPE_LONG = 4,
    TYPE_RATIONAL = 5,
    ENTRY_BYTES = 12,
    UNIT_CENTIMETRE = 3
};

struct reader {
    struct span bytes;
    bool big_endian;
};

static uint32_t
read_short(const struct reader *r, size_t at)
{
    if (at > r->bytes.len || r->bytes.len - at < 2)
        return 0;
    const uint8_t *b = r->bytes.data + at;
    return r->big_endian ? (uint32_t)b[0] << 8 | b[1] : (uint32_t)b[1] << 8 | b[0];
}

static uint32_t
read_long(const struct reader *r, size_t at)
{
    uint32_t first = read_short(r, at), second = read_short(r, at + 2);

    return r->big_endian ? first << 16 | second : second << 16 | first;
}

/* Value of a one-number entry of any integer type. */
static uint32_t
entry_number(const struct reader *r, size_t entry)
{
    switch (read_short(r, entry + 2)) {
    case TYPE_BYTE:
        return entry + 8 < r->bytes.len ? r->bytes.data[entry + 8] : 0;
    case TYPE_SHORT:
        return read_short(r, entry + 8);
    case TYPE_LONG:
        return read_long(r, entry + 8);
    default:
        return 0;
    }
}

static float
entry_rational(const struct reader *r, size_t entry)
{
    if (read_short(r, entry + 2) != TYPE_RATIONAL)
        return (float)entry_number(r, entry);
    size_t at = read_long(r, entry + 8);
    uint32_t under = read_long(r, at + 4);
    return under == 0 ? 0 : (float)read_long(r, at) / (float)under;
}

/* Where the numbers of an entry stand: in it, if they fit. */
static struct tiff_list
entry_list(const struct reader *r, size_t entry)
{
    uint32_t type = read_short(r, entry + 2), count = read_long(r, entry + 4);
    uint8_t bytes = type == TYPE_SHORT ? 2 : type == TYPE_LONG ? 4 : 0;
    uint32_t at = (uint64_t)bytes * count <= 4 ? (uint32_t)entry + 8 : read_long(r, entry + 8);

    return (struct tiff_list){.at = at, .count = count, .bytes = bytes};
}

static void
read_entry(const struct reader *r, size_t entry, struct tiff_page *page, uint32_t *unit)
{
    switch (read_short(r, entry)) {
    case TAG_SUBFILE:
        page->reduced = (entry_number(r, entry) & 1) != 0;
        break;
    case TAG_WIDTH:
        page->width = entry_number(r, entry);
        break;
    case TAG_HEIGHT:
        page->height = entry_number(r, entry);
        break;
    case TAG_ORIENTATION:
        page->orientation = (uint8_t)entry_number(r, entry);
        break;
    case TAG_X_RESOLUTION:
        page->x_dpi = entry_rational(r, entry);
        break;
    case TAG_Y_RESOLUTION:
        page->y_dpi = entry_rational(r, entry);
        break;
    case TAG_UNIT:
        *unit = entry_number(r, entry);
        break;
    case TAG_COLOURS:
        if (read_short(r, entry + 2) == TYPE_SHORT) {
            page->colours = read_long(r, entry + 4);
            page->colours_at = read_long(r, entry + 8);
        }
        break;
    case TAG_STRIPS:
    case TAG_TILES:
        page->strips = entry_list(r, entry);
        break;
    case TAG_STRIP_LENGTHS:
    case TAG_TILE_LENGTHS:
        page->lengths = entry_list(r, entry);
        break;
    case TAG_STRIP_ROWS:
    case TAG_TILE_ROWS:
        page->strip_rows = entry_number(r, entry);
        break;
    case TAG_TILE_WIDTH:
        page->tile_width = entry_number(r, entry);
        break;
    default:
        break;
    }
}

/* Reads the directory at offset; returns the next one's, 0 at the end. */
static uint32_t
read_directory(const struct reader *r, uint32_t offset, struct tiff_page *page)
{
    static const float cm_per_inch = 2.54F;
    uint32_t entries = read_short(r, offset), unit = 2;

    *page = (struct tiff_page){.orientation = 1};
    for (uint32_t i = 0; i < entries; i++) {
        size_t entry = (size_t)offset + 2 + (size_t)i * ENTRY_BYTES;
        if (entry + ENTRY_BYTES > r->bytes.len)
            return 0;
        read_entry(r, entry, page, &unit);
    }
    if (page->orientation < 1 || page->orientation > 8)
        page->orientation = 1;
    if (unit == UNIT_CENTIMETRE) {
        page->x_dpi *= cm_per_inch;
        page->y_dpi *= cm_per_inch;
    }
    return read_long(r, (size_t)offset + 2 + (size_t)entries * ENTRY_BYTES);
}

enum err_code
tiff_list(struct arena *arena, struct span bytes, uint32_t max, struct tiff_page **ret_pages,
          uint32_t *ret_count, bool *ret_more, struct err *err)
{
    struct reader r = {.bytes = bytes, .big_endian = bytes.len > 0 && bytes.data[0] == 'M'};
    struct tiff_page *pages = NULL;
    uint32_t *offsets = NULL;
    uint32_t count = 0, cap = 0, offset = read_long(&r, 4);

    while (offset >= 8 && offset < bytes.len && count < max) {
        for (uint32_t i = 0; i < count; i++)
            if (offsets[i] == offset)
                goto done; /* a chain that bites its tail */
        if (count == cap) {
            uint32_t wanted = cap == 0 ? 16 : cap * 2;
            pages = arena_grow(arena, pages, count, wanted, sizeof(*pages));
            offsets = arena_grow(arena, offsets, count, wanted, sizeof(*offsets));
            if (pages == NULL || offsets == NULL)
                return err_set(err, ERR_MEMORY, "no memory for the list of %u TIFF pages", wanted);
            cap = wanted;
        }
        offsets[count] = offset;
        offset = read_directory(&r, offset, &pages[count]);
        count++;
    }
done:
    if (count == 0 && offset >= bytes.len)
        return err_set(err, ERR_FORMAT,
                       "the TIFF file is cut off: it ends at byte %zu, before its list of pages",
                       bytes.len);
    if (count == 0)
        return err_set(err, ERR_FORMAT, "the TIFF file has no page");
    *ret_pages = pages;
    *ret_count = count;
    *ret_more = offset != 0 && offset < bytes.len && count == max;
    return ERR_OK;
}

void
tiff_mend_colours(uint8_t *bytes, size_t len, const struct tiff_page *page)
{
    struct reader r = {.bytes = {bytes, len}, .big_endian = len > 0 && bytes[0] == 'M'};
    size_t upper = r.big_endian ? 0 : 1;
    bool wide = false;

    if (page->colours_at >= len || page->colours > (len - page->colours_at) / 2)
        return;
    for (uint32_t i = 0; i < page->colours && !wide; i++)
        wide = read_short(&r, page->colours_at + (size_t)i * 2) > UINT8_MAX;
    for (uint32_t i = 0; i < page->colours && wide; i++) {
        uint8_t *colour = bytes + page->colours_at + (size_t)i * 2;
        colour[1 - upper] = colour[upper];
    }
}

static uint32_t
list_number(const struct reader *r, const struct tiff_list *list, uint32_t i)
{
    size_t at = list->at + (size_t)i * list->bytes;

    return list->bytes == 2 ? read_short(r, at) : read_long(r, at);
}

static void
write_number(uint8_t *bytes, bool big_endian, const struct tiff_list *list, uint32_t i,
             uint32_t value)
{
    uint8_t *at = bytes + list->at + (size_t)i * list->bytes;

    for (unsigned k = 0; k < list->bytes; k++) {
        unsigned shift = 8 * (big_endian ? list->bytes - 1U - k : k);
        at[k] = (uint8_t)(value >> shift);
    }
}

static bool
is_inside(const struct tiff_list *list, size_t len)
{
    return list->bytes > 0 && list->at <= len && list->count <= (len - list->at) / list->bytes;
}

uint32_t
tiff_mend_strips(uint8_t *bytes, size_t len, const struct tiff_page *page)
{
    struct reader r = {.bytes = {bytes, len}, .big_endian = len > 0 && bytes[0] == 'M'};
    uint32_t tall =
        page->strip_rows > 0 && page->strip_rows < page->height ? page->strip_rows : page->height;
    uint32_t across = page->tile_width > 0 ? (page->width - 1) / page->tile_width + 1 : 1;
    double first = page->height; /* missing row */

    if (page->width == 0 || !is_inside(&page->strips, len) || !is_inside(&page->lengths, len) ||
        page->strips.count != page->lengths.count)
        return 0;
    for (uint32_t i = 0; i < page->strips.count; i++) {
        size_t at = list_number(&r, &page->strips, i), n = list_number(&r, &page->lengths, i);
        size_t there = at < len ? len - at : 0;
        if (n <= there)
            continue;
        if (there == 0)
            write_number(bytes, r.big_endian, &page->strips, i, 0);
        write_number(bytes, r.big_endian, &page->lengths, i, (uint32_t)there);
        double share = page->tile_width > 0 ? 0 : (double)there / (double)n;
        double row = ((double)(i / across) + share) * tall;
        first = row < first ? row : first;
    }
    return page->height - (uint32_t)first;
}

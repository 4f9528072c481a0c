/* SPDX-License-Identifier: AGPL-3.0-or-later
 * fake_codec.c - page/codec.h with what the tests of the processes need: index, size, confidence.
 */
#include "page/codec.h"

#include <string.h>

struct image {
    char magic[4];
    uint32_t index;
    float width, height, confidence;
};

void
page_encode(const struct page *page, struct buf *out)
{
    struct image image = {"TREE", page->index, page->width, page->height, page->confidence};

    buf_append(out, &image, sizeof(image));
}

enum err_code
page_decode(struct arena *arena, struct span bytes, struct page **ret_page, struct err *err)
{
    struct image image;

    if (bytes.len != sizeof(image) || memcmp(bytes.data, "TREE", 4) != 0)
        return err_set(err, ERR_PROTOCOL, "no tree");
    memcpy(&image, bytes.data, sizeof(image));
    *ret_page = page_new(arena, image.index, image.width, image.height);
    if (*ret_page == NULL)
        return err_set(err, ERR_LIMIT, "no room");
    (*ret_page)->confidence = image.confidence;
    return ERR_OK;
}

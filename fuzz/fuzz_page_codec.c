/* SPDX-License-Identifier: AGPL-3.0-or-later
 * A page tree from a hostile child: decoded, and where that is let through, encoded and rendered in
 * every form. Links page and render. */
#include "page/codec.h"
#include "render/form.h"
#include "render/render.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new(MiB(64));
    struct page *page;
    struct buf out;

    buf_init(&out, MiB(64));
    if (arena != NULL && page_decode(arena, (struct span){data, size}, &page, NULL) == ERR_OK) {
        page_encode(page, &out);
        if (!out.spoilt && (out.len != size || memcmp(out.data, data, size) != 0))
            abort();
        buf_clear(&out);
        for (int form = 0; form < FORM_COUNT; form++) {
            struct form_writer w;
            form_begin(&w, (enum form_id)form, "a.pdf", &out);
            form_page(&w, page);
            form_end(&w);
        }
        render_boxes(page, render_api_dpi, &out);
    }
    buf_fini(&out);
    arena_drop(&arena);
    return 0;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later
 * resettle.c - the ink account of scanned pages made anew over words that are kept, so that the
 * account can be worked on without a reading: bench/ledger --kept.
 *
 * usage: resettle [--draw] (FILE TREES OUT)...   TREES from `convert --to trees`; writes OUT.json,
 * and with --draw OUT-PAGE.png as `convert --overlay` draws it. Pages that were not read from
 * pixels, whole, are passed on as they are. */
#include "base/arena.h"
#include "base/buf.h"
#include "ledger/ledger.h"
#include "page/codec.h"
#include "render/render.h"
#include "scan.h"

#include <stdio.h>
#include <string.h>

static const float overlay_dpi = 100;
static const size_t bytes_most = MiB(256);

/* What the account adds; rules and pictures that it found stay, as if the layout had noted them. */
static void
forget_account(struct page *page)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < page->region_count; i++) {
        struct page_region region = page->regions[i];
        if (region.kind == REGION_STAMP || region.kind == REGION_NOISE ||
            region.kind == REGION_UNREAD || region.kind == REGION_HANDWRITING)
            continue;
        region.ink = 0;
        page->regions[kept++] = region;
    }
    page->region_count = kept;
}

static enum err_code
settle_anew(struct doc *doc, struct page *page, struct arena *pixels, struct err *err)
{
    struct pixmap picture;
    bool writing;
    struct ledger *ledger = ledger_new(page);

    if (ledger == NULL)
        return err_set(err, ERR_MEMORY, "no memory");
    forget_account(page);
    enum err_code rc = doc_render(doc, page->index, page->dpi, NULL, pixels, &picture, err);
    if (rc == ERR_OK)
        rc = ledger_see(ledger, &picture, pixels, &writing, err);
    arena_reset(pixels);
    return rc == ERR_OK ? ledger_settle(ledger, page, pixels, err) : rc;
}

static enum err_code
write_file(const char *path, const struct buf *bytes, struct err *err)
{
    FILE *file = fopen(path, "wb");
    enum err_code rc = ERR_OK;

    if (file == NULL)
        return err_sys(err, path);
    if (fwrite(bytes->data, 1, bytes->len, file) != bytes->len)
        rc = err_sys(err, path);
    if (fclose(file) != 0 && rc == ERR_OK)
        rc = err_sys(err, path);
    return rc;
}

static enum err_code
draw(struct doc *doc, const struct page *page, const char *out, struct err *err)
{
    char path[4096];
    struct buf png;

    buf_init(&png, bytes_most);
    (void)snprintf(path, sizeof(path), "%s-%u.png", out, page->index + 1);
    enum err_code rc = doc_draw_overlay(doc, page->index, overlay_dpi, page, &png, err);
    if (rc == ERR_OK)
        rc = write_file(path, &png, err);
    buf_fini(&png);
    return rc;
}

static enum err_code
do_page(struct doc *doc, struct span tree, const char *drawn, struct buf *json, struct err *err)
{
    struct arena *arena = arena_new(MiB(512)), *pixels = arena_new(MiB(512));
    struct page *page = NULL;
    enum err_code rc = arena == NULL || pixels == NULL ? err_set(err, ERR_MEMORY, "no memory")
                                                       : page_decode(arena, tree, &page, err);

    if (rc == ERR_OK && page->from_pixels && !page->from_layer && page->dpi > 0)
        rc = settle_anew(doc, page, pixels, err);
    if (rc == ERR_OK && drawn != NULL)
        rc = draw(doc, page, drawn, err);
    if (rc == ERR_OK) {
        buf_string(json, json->len > 1 ? ",\n" : "");
        render_json(page, json);
    }
    arena_drop(&arena);
    arena_drop(&pixels);
    return rc;
}

static enum err_code
load(const char *path, struct buf *ret, struct err *err)
{
    FILE *file = fopen(path, "rb");
    char part[65536];
    size_t n;

    if (file == NULL)
        return err_sys(err, path);
    while ((n = fread(part, 1, sizeof(part), file)) > 0)
        buf_append(ret, part, n);
    (void)fclose(file);
    return buf_check(ret, path, err);
}

/* A file of trees is a run of (uint32 length, little-endian; encoded page). */
static enum err_code
do_file(const char *path, const struct buf *trees, const char *out, bool drawn, struct err *err)
{
    char to[4096];
    struct buf json;
    struct scan scan;
    enum err_code rc = scan_open(path, &scan, err);

    buf_init(&json, bytes_most);
    buf_char(&json, '[');
    for (size_t at = 0; rc == ERR_OK && at + 4 <= trees->len;) {
        const uint8_t *p = trees->data + at;
        size_t len = p[0] | (size_t)p[1] << 8 | (size_t)p[2] << 16 | (size_t)p[3] << 24;
        if (len > trees->len - at - 4)
            rc = err_set(err, ERR_FORMAT, "%s: trees that end too early", path);
        else
            rc = do_page(scan.doc, (struct span){p + 4, len}, drawn ? out : NULL, &json, err);
        at += 4 + len;
    }
    buf_char(&json, ']');
    (void)snprintf(to, sizeof(to), "%s.json", out);
    if (rc == ERR_OK)
        rc = write_file(to, &json, err);
    buf_fini(&json);
    scan_close(&scan);
    return rc;
}

int
main(int argc, char **argv)
{
    bool drawn = argc > 1 && strcmp(argv[1], "--draw") == 0;
    struct err err;

    for (int i = drawn ? 2 : 1; i + 2 < argc; i += 3) {
        struct buf trees;
        buf_init(&trees, bytes_most);
        enum err_code rc = load(argv[i + 1], &trees, &err);
        if (rc == ERR_OK)
            rc = do_file(argv[i], &trees, argv[i + 2], drawn, &err);
        if (rc != ERR_OK)
            (void)fprintf(stderr, "%s: %s\n", argv[i], err.msg);
        buf_fini(&trees);
    }
    return 0;
}

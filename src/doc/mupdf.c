/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "doc/mupdf_internal.h"

#include "base/utf8.h"

#include <malloc.h>
#include <stdlib.h>
#include <unistd.h>

/* MuPDF's own cache of fonts, images and glyphs; it gives way before an allocation fails. */
static const size_t store_bytes = MiB(48);
enum { PICTURE_BYTES = 4 }; /* of a pixel in it, at most as a rule */

/* Of a picture: a part of it that is as good as all of it. */
static const double whole_share = 0.9;

struct memory {
    size_t used;
    size_t limit;
};

/* One context lives as long as the process: made in the reader before it forks, so that each child
 * finds fonts and tables ready. The children are single-threaded, hence no locks. */
static struct memory memory = {.limit = SIZE_MAX};
static fz_context *context;

static void *
limited_malloc(void *user, size_t size)
{
    struct memory *mem = user;

    if (size > mem->limit || mem->used > mem->limit - size)
        return NULL;
    void *block = malloc(size);
    if (block != NULL)
        mem->used += malloc_usable_size(block);
    return block;
}

static void
limited_free(void *user, void *block)
{
    struct memory *mem = user;

    if (block == NULL)
        return;
    mem->used -= malloc_usable_size(block);
    free(block);
}

static void *
limited_realloc(void *user, void *block, size_t size)
{
    struct memory *mem = user;
    size_t before = block == NULL ? 0 : malloc_usable_size(block);

    if (size > before && (size > mem->limit || mem->used - before > mem->limit - size))
        return NULL;
    void *grown = realloc(block, size);
    if (grown != NULL)
        mem->used = mem->used - before + malloc_usable_size(grown);
    return grown;
}

fz_context *
mupdf_context(void)
{
    return context;
}

void
mupdf_limit_memory(size_t bytes)
{
    memory.limit = bytes;
}

enum err_code
mupdf_error(fz_context *ctx, struct err *err, const char *what)
{
    char reason[120];
    const char *said = fz_caught_message(ctx);
    size_t n = 0;

    if (fz_caught(ctx) == FZ_ERROR_MEMORY)
        return err_set(err, ERR_MEMORY, "%s: more than the %zu MiB of memory allowed are needed",
                       what, memory.limit >> 20);
    for (; *said != '\0' && n + 1 < sizeof(reason); said++)
        reason[n++] = *said >= 0x20 && *said < 0x7f ? *said : '?';
    reason[n] = '\0';
    return err_set(err, ERR_FORMAT, "%s: %s", what, reason);
}

/* ---- the document as a stream ---- */

struct fd_stream {
    int fd;
    uint64_t size;
    uint64_t start; /* file offset of block[0] */
    size_t len;
    uint8_t block[16384];
};

static int
stream_next(fz_context *ctx, fz_stream *stm, size_t wanted)
{
    struct fd_stream *state = stm->state;

    (void)wanted; /* a hint */
    state->start = (uint64_t)stm->pos;
    ssize_t n = pread(state->fd, state->block, sizeof(state->block), (off_t)state->start);
    if (n < 0)
        fz_throw(ctx, FZ_ERROR_GENERIC, "the document cannot be read");
    state->len = (size_t)n;
    stm->rp = state->block;
    stm->wp = state->block + n;
    stm->pos += n;
    return n == 0 ? EOF : *stm->rp++;
}

/* Most seeks of a PDF reader are short: a target inside the block at hand costs no read. */
static void
stream_seek(fz_context *ctx, fz_stream *stm, int64_t offset, int whence)
{
    struct fd_stream *state = stm->state;
    int64_t target = whence == SEEK_END ? (int64_t)state->size + offset : offset;

    (void)ctx;
    if (target < 0)
        target = 0;
    if ((uint64_t)target > state->size)
        target = (int64_t)state->size;
    if ((uint64_t)target >= state->start && (uint64_t)target < state->start + state->len) {
        stm->rp = state->block + ((uint64_t)target - state->start);
        stm->wp = state->block + state->len;
        stm->pos = (int64_t)(state->start + state->len);
        return;
    }
    stm->pos = target;
    stm->rp = stm->wp = state->block;
}

static void
stream_drop(fz_context *ctx, void *state)
{
    fz_free(ctx, state);
}

fz_stream *
mupdf_stream(fz_context *ctx, int fd, uint64_t size)
{
    struct fd_stream *state = fz_malloc(ctx, sizeof(*state));

    state->fd = fd;
    state->size = size;
    state->start = 0;
    state->len = 0;
    fz_stream *stm = fz_new_stream(ctx, state, stream_next, stream_drop);
    stm->seek = stream_seek;
    return stm;
}

/* Pictures are decoded whole, where that leaves room for others in the cache or is little more than
 * the part: parts of a page are drawn several times, and a part of a compressed picture takes about
 * as long as all of it. */
static void
decode_whole(void *user, int w, int h, int l2factor, fz_irect *part)
{
    size_t bytes = (size_t)(w >> l2factor) * (size_t)(h >> l2factor) * PICTURE_BYTES;
    double share = ((double)part->x1 - part->x0) * ((double)part->y1 - part->y0) / w / h;

    (void)user;
    if (bytes <= store_bytes / 2 || share >= whole_share)
        *part = (fz_irect){0, 0, w, h};
}

static void
load_fonts(fz_context *ctx)
{
    static const char *const names[] = {
        "Helvetica", "Helvetica-Bold", "Times-Roman",  "Times-Bold",        "Times-Italic",
        "Courier",   "Symbol",         "ZapfDingbats", "Helvetica-Oblique", "Times-BoldItalic"};

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        fz_drop_font(ctx, fz_new_base14_font(ctx, names[i]));
}

enum err_code
doc_warm(struct err *err)
{
    fz_alloc_context alloc = {&memory, limited_malloc, limited_realloc, limited_free};

    if (context != NULL)
        return ERR_OK;
    fz_context *ctx = fz_new_context(&alloc, NULL, store_bytes);
    if (ctx == NULL)
        return err_set(err, ERR_MEMORY, "no memory for the PDF library");
    fz_set_error_callback(ctx, NULL, NULL);
    fz_set_warning_callback(ctx, NULL, NULL);
    /* Colour management is for eyes: we render grey. It is slow, and profiles are one more parser.
     */
    fz_disable_icc(ctx);
    fz_tune_image_decode(ctx, decode_whole, NULL);
    context = ctx;
    return ERR_OK;
}

enum err_code
doc_warm_fonts(struct err *err)
{
    enum err_code rc = doc_warm(err);

    if (rc != ERR_OK)
        return rc;
    fz_var(rc);
    fz_try(context) load_fonts(context);
    fz_catch(context) rc = mupdf_error(context, err, "embedded fonts");
    return rc;
}

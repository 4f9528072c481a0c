/* SPDX-License-Identifier: AGPL-3.0-or-later
 * fake_doc.c - doc/doc.h over a script instead of a document, so that a test can make the parser do
 * what a hostile file would make it do.
 *
 *   FAKE 3                    three pages; "FAKE encrypted" and anything else do not open
 *   0 layer Hello world       a sound text layer            0 doubt ...   a doubtful one
 *   0 garbled Khoor           one in a font whose characters are in doubt
 *   0 picture Some text       a picture with text in its pixels; photo: one without a background
 *   0 tiny Some text          a picture too small to matter
 *   0 scan Some text          a picture that is the whole page, 300 dpi
 *   0 big 100000              a layer of so many bytes
 *   0 wait 500                takes so many milliseconds, of no processor
 *   0 crash | abort | spin | stop | socket | eat | bad | huge | open     what the page does to us
 */
#include "doc/doc.h"
#include "doc/searchable.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { SCRIPT_MAX = 65536, REST_MAX = 4000 };

struct doc {
    char script[SCRIPT_MAX];
    uint32_t pages;
    struct doc_limits limits;
    struct doc_layer layer;
};

static const uint8_t fonts[1000]; /* all of one */

static const float page_width = 612, page_height = 792;
static const struct box picture_box = {100, 300, 400, 500};
static const struct box tiny_box = {10, 10, 60, 60};

enum err_code
doc_warm(struct err *err)
{
    (void)err;
    return ERR_OK;
}

enum err_code
doc_warm_fonts(struct err *err)
{
    (void)err;
    return ERR_OK;
}

enum err_code
doc_open(int fd, const struct doc_limits *limits, struct doc **ret, struct err *err)
{
    struct doc *doc = calloc(1, sizeof(*doc));

    if (doc == NULL)
        return err_set(err, ERR_MEMORY, "no memory");
    if (pread(fd, doc->script, SCRIPT_MAX - 1, 0) < 0)
        return err_sys(err, "read");
    if (strncmp(doc->script, "FAKE encrypted", 14) == 0)
        return err_set(err, ERR_ENCRYPTED, "the document needs a password");
    if (sscanf(doc->script, "FAKE %u", &doc->pages) != 1)
        return err_set(err, ERR_MEDIA, "no known type of document");
    if (doc->pages > limits->pages_max)
        return err_set(err, ERR_PAGES, "%u pages, limit %u", doc->pages, limits->pages_max);
    doc->limits = *limits;
    *ret = doc;
    return ERR_OK;
}

void
doc_close(struct doc **doc)
{
    free(*doc);
    *doc = NULL;
}

enum doc_kind
doc_kind(const struct doc *doc)
{
    (void)doc;
    return DOC_PDF;
}

const char *
doc_type_name(const struct doc *doc)
{
    (void)doc;
    return "FAKE 1.0";
}

uint32_t
doc_page_count(const struct doc *doc)
{
    return doc->pages;
}

/* What follows "<index> <verb> " in the script; false if there is no such line. */
static bool
find_line(const struct doc *doc, uint32_t index, const char *verb, char rest[REST_MAX])
{
    char wanted[64];

    snprintf(wanted, sizeof(wanted), "\n%u %s", index, verb);
    const char *at = strstr(doc->script, wanted);
    if (at == NULL)
        return false;
    at += strlen(wanted);
    at += *at == ' ';
    snprintf(rest, REST_MAX, "%.*s", (int)strcspn(at, "\n"), at);
    return true;
}

static void
eat_memory(void)
{
    for (;;) {
        char *block =
            mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (block == MAP_FAILED)
            abort(); /* as a C++ library does that cannot allocate */
        block[0] = 1;
    }
}

/* By the one call that a confined child has for it. */
static void
wait_for(int64_t ms)
{
    const struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    uint32_t nobody = 0;

    (void)syscall(SYS_futex, &nobody, FUTEX_WAIT_PRIVATE, 0, &left, NULL, 0);
}

static enum err_code
misbehave(const struct doc *doc, uint32_t index, struct err *err)
{
    char rest[REST_MAX];

    if (find_line(doc, index, "wait", rest))
        wait_for(atoi(rest));
    if (find_line(doc, index, "crash", rest))
        raise(SIGSEGV);
    if (find_line(doc, index, "abort", rest))
        abort();
    if (find_line(doc, index, "stop", rest))
        raise(SIGSTOP);
    if (find_line(doc, index, "socket", rest))
        (void)!socket(AF_INET, SOCK_STREAM, 0);
    if (find_line(doc, index, "eat", rest))
        eat_memory();
    if (find_line(doc, index, "open", rest) && open("/etc/passwd", O_RDONLY) >= 0)
        raise(SIGSEGV);
    for (volatile bool spin = find_line(doc, index, "spin", rest); spin;)
        ;
    if (find_line(doc, index, "bad", rest))
        return err_set(err, ERR_FORMAT, "page %u cannot be interpreted", index + 1);
    return ERR_OK;
}

static void
add_words(struct page *page, const char *text)
{
    struct page_line *line = page_add_line(page);
    float x = 50;

    while (*text != '\0') {
        size_t len = strcspn(text, " ");
        struct page_word *word = page_add_word(page);
        word->text = arena_strndup(page->arena, text, len);
        word->box = (struct box){x, 100, x + 40, 112};
        word->confidence = 1;
        line->word_count++;
        x += 50;
        text += len + (text[len] == ' ');
    }
    line->box = (struct box){50, 100, x, 112};
}

static void
add_picture(struct page *page, struct box box)
{
    struct page_region *region = page_add_region(page);

    region->box = box;
    region->kind = REGION_PICTURE;
}

enum err_code
doc_load_text(struct doc *doc, uint32_t index, struct arena *arena, struct page **ret_page,
              enum doc_trust *ret_trust, struct err *err)
{
    char rest[REST_MAX];
    bool huge = find_line(doc, index, "huge", rest);
    struct page *page = page_new(arena, index, huge ? 100000 : page_width, page_height);
    enum err_code rc = misbehave(doc, index, err);

    if (rc != ERR_OK)
        return rc;
    *ret_trust = TRUST_NONE;
    doc->layer = (struct doc_layer){0};
    if (find_line(doc, index, "layer", rest) || find_line(doc, index, "doubt", rest) ||
        find_line(doc, index, "garbled", rest)) {
        add_words(page, rest);
        doc->layer.fonts = fonts;
        doc->layer.word_count = page->word_count;
        doc->layer.doubts[0] = find_line(doc, index, "garbled", rest) ? DOUBT_TEXT : DOUBT_NONE;
        *ret_trust = find_line(doc, index, "doubt", rest) ? TRUST_DOUBT : TRUST_LAYER;
    }
    if (find_line(doc, index, "big", rest)) {
        for (int left = atoi(rest); left > 0; left -= 1000) {
            struct page_word *word = page_add_word(page);
            char *text = arena_alloc(arena, 1001);
            memset(text, 'x', 999);
            word->text = text;
        }
        page_add_line(page)->word_count = page->word_count;
        *ret_trust = TRUST_LAYER;
    }
    if (find_line(doc, index, "picture", rest) || find_line(doc, index, "photo", rest))
        add_picture(page, picture_box);
    if (find_line(doc, index, "tiny", rest))
        add_picture(page, tiny_box);
    if (find_line(doc, index, "scan", rest))
        add_picture(page, (struct box){0, 0, page_width, page_height});
    *ret_page = page;
    return ERR_OK;
}

const struct doc_layer *
doc_layer(const struct doc *doc)
{
    return &doc->layer;
}

enum err_code
doc_native_dpi(struct doc *doc, uint32_t index, float *ret_dpi, struct err *err)
{
    char rest[REST_MAX];

    (void)err;
    *ret_dpi = find_line(doc, index, "scan", rest) ? 300 : 0;
    return ERR_OK;
}

/* The text stands in the first row as bytes; fake_ocr.c reads it there. Below it, blocks as large
 * as letters. */
static void
draw(struct pixmap *map, const char *text, bool photo)
{
    for (uint32_t y = 0; y < map->height; y++)
        for (uint32_t x = 0; x < map->width; x++) {
            bool ink = text[0] != '\0' && y % 40 >= 24 && x % 18 >= 8;
            map->pixels[y * map->stride + x] = photo ? (uint8_t)(x + y) : ink ? 0 : 255;
        }
    for (uint32_t x = 0; text[x] != '\0' && x < map->width; x++)
        map->pixels[x] = (uint8_t)text[x];
}

enum err_code
doc_render(struct doc *doc, uint32_t index, float dpi, const struct box *clip, struct arena *arena,
           struct pixmap *ret, struct err *err)
{
    char rest[REST_MAX] = "";
    struct box box = clip != NULL ? *clip : (struct box){0, 0, page_width, page_height};
    bool photo = find_line(doc, index, "photo", rest);
    bool found = photo || find_line(doc, index, "scan", rest) ||
                 find_line(doc, index, "picture", rest) || find_line(doc, index, "tiny", rest);

    ret->width = (uint32_t)ceilf(box_width(box) / 72 * dpi);
    ret->height = (uint32_t)ceilf(box_height(box) / 72 * dpi);
    ret->stride = ret->width;
    ret->dpi = dpi;
    ret->x0 = box.x0;
    ret->y0 = box.y0;
    if ((uint64_t)ret->width * ret->height > doc->limits.pixels_max)
        return err_set(err, ERR_PIXELS, "%u x %u pixels", ret->width, ret->height);
    ret->pixels = arena_array(arena, ret->height, ret->stride);
    if (ret->pixels == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a picture");
    draw(ret, found ? rest : "", photo);
    return ERR_OK;
}

enum err_code
doc_draw_overlay(struct doc *doc, uint32_t index, float dpi, const struct page *page,
                 struct buf *out, struct err *err)
{
    (void)doc;
    (void)dpi;
    (void)page;
    (void)err;
    buf_printf(out, "picture of page %u", index);
    return ERR_OK;
}

enum err_code
doc_write_searchable(struct doc *doc, const struct searchable *how, struct err *err)
{
    char text[64];

    for (uint32_t i = 0; i < doc_page_count(doc); i++) {
        const struct page *page = NULL;
        enum err_code rc = how->tree(how->tree_ctx, i, &page, err);
        if (rc != ERR_OK)
            return rc;
        int len = snprintf(text, sizeof(text), "page %u: %u words\n", i + 1,
                           page != NULL ? page->word_count : 0);
        if (!how->sink(how->sink_ctx, text, (size_t)len))
            return err_set(err, ERR_OUTPUT, "the sink is full");
    }
    return ERR_OK;
}

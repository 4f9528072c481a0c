/* SPDX-License-Identifier: AGPL-3.0-or-later
 * worker/worker_internal.h - what the files of worker/ share. */
#pragma once

#include "base/err.h"
#include "doc/doc.h"
#include "extract/extract.h"

#include "ledger/ledger.h"
#include "ledger/witness.h"
#include "ocr/ocr.h"
#include "sandbox/sandbox.h"
#include "wire/extract.h"

/* --- child.c --- */
struct child_start {
    const struct wire_run *run;
    int doc_fd;    /* read-only */
    int result_fd; /* write end of the result pipe */
    int trees_fd;  /* SEARCHABLE; else -1 */
    struct ocr *ocr;
    struct sandbox *sandbox;
};
/* The whole life of a child, from right behind the fork. */
NO_RETURN void child_main(const struct child_start *start);

/* --- read_page.c --- */
struct page_reader {
    struct doc *doc;
    struct ocr *ocr;      /* NULL: without models */
    struct arena *pixels; /* for one picture at a time */
    uint64_t pixels_max;
    struct ledger *ledger; /* of the page read last: lives in its arena */
    struct again *again;   /* NULL: no picture was read yet */
};
/* Words, lines and regions of a page from its text layer, its pixels or both: before layout. The
 * page lies in arena; its ink is noted in reader->ledger. */
MUST_CHECK
enum err_code read_page(struct page_reader *reader, uint32_t index, struct arena *arena,
                        struct page **ret_page, struct err *err);

/* Renders clip (NULL: the page), notes its ink and reads it into seen. native: dpi of the picture
 * there, 0 unknown. */
MUST_CHECK
enum err_code read_pixels(struct page_reader *reader, const struct box *clip, float native,
                          struct page *seen, struct err *err);
/* The same in two steps: the picture in reader->pixels, with its ink noted, and whether it looks
 * like writing and may have codes; then what is written and coded in it. */
struct drawn_picture {
    struct pixmap picture;
    bool writing, coded;
};
MUST_CHECK
enum err_code draw_pixels(struct page_reader *reader, const struct box *clip, float native,
                          const struct page *seen, struct drawn_picture *ret, struct err *err);
MUST_CHECK
enum err_code read_drawn(struct page_reader *reader, struct drawn_picture *drawn, struct page *seen,
                         struct err *err);
/* ERR_UNAVAILABLE if the page cannot be read further, because there are no models. Asked before
 * much is done that would have to be done again. */
MUST_CHECK
enum err_code want_models(const struct page_reader *reader, const struct page *page,
                          struct err *err);
/* --- lexicon.c --- */
struct page_lexicon {
    struct witness_lexicon words;
    struct ocr *ocr;
    const char *language;
};
/* The words of the page's language, in room, as long as the page lives; NULL: none are known. */
const struct witness_lexicon *page_lexicon(const struct page_reader *reader,
                                           const struct page *page, struct page_lexicon *room);

/* --- read_page.c --- */
/* dpi, or as much less as a picture of that many points takes to be within the limit of pixels. */
float dpi_that_fits(const struct page_reader *reader, float dpi, float width, float height);
/* The page at the resolution at which it would be read, in reader->pixels. */
MUST_CHECK
enum err_code render_page(struct page_reader *reader, const struct page *page, struct pixmap *ret,
                          struct err *err);
MUST_CHECK
enum err_code read_whole(struct page_reader *reader, struct page *page, struct err *err);

/* --- again.c --- */
/* Before a page: what was kept goes when it is too much. */
void again_begin_page(struct page_reader *reader);
void again_drop(struct again **again);
/* Where what is read of a picture has to lie to be kept; otherwise, if there is no memory. */
struct arena *again_arena(struct page_reader *reader, struct arena *otherwise);
enum again_use { AGAIN_READ, AGAIN_CODES };
uint64_t again_hash(const struct pixmap *picture, enum again_use use);
/* What was read of a picture with that hash in the box of a page before, or NULL; valid until the
 * next page begins. */
const struct page *again_find(const struct page_reader *reader, uint64_t hash, struct box box);
void again_keep(struct page_reader *reader, uint64_t hash, struct box box, const struct page *seen);

/* --- pictures.c --- */
MUST_CHECK
enum err_code read_pictures(struct page_reader *reader, struct page *page, struct err *err);
/* Reads where filled shapes look like writing. */
MUST_CHECK
enum err_code read_outlines(struct page_reader *reader, struct page *page, struct err *err);

/* Mean of its words. */
float line_confidence(const struct page *page, const struct page_line *line);
/* Appends a line of seen to page, without words at whose place one of the page's first words is. */
MUST_CHECK
enum err_code append_line(struct page *page, uint32_t first_words, const struct page *seen,
                          const struct page_line *line, struct err *err);

/* --- left.c: reads once more what the ledger finds unread --- */
MUST_CHECK
enum err_code read_left(struct page_reader *reader, struct page *page, struct err *err);

/* --- askew.c: reads stamps, watermarks, labels and margins that do not run with the page --- */
MUST_CHECK
enum err_code read_askew(struct page_reader *reader, struct page *page, struct err *err);

/* --- doubt.c: a layer that may not be what one sees --- */

/* Reads the lines of fonts in doubt, if there are such, and settles who is right. */
MUST_CHECK
enum err_code read_doubted(struct page_reader *reader, struct page *page, struct err *err);
/* A page whose whole layer is in doubt. */
MUST_CHECK
enum err_code settle_doubt(struct page_reader *reader, struct page *page, struct err *err);

/* --- extract.c: structured data out of page trees --- */
struct extraction {
    struct wire_ask ask;
    struct page **pages;
    uint32_t page_count;
    struct extract_output output;
};
/* Reads request and trees from the descriptor (wire/extract.h) and extracts; all in the arena. */
MUST_CHECK
enum err_code extraction_run(int fd, const struct wire_limits *limits, struct arena *arena,
                             struct extraction *ret, struct err *err);
/* The index-th record as it is told; borrows. */
void extraction_record(const struct extraction *x, uint32_t index, struct wire_record *ret);

/* --- searchable.c --- */
/* Writes the document with the words of its trees as a searchable PDF; send is given its bytes, at
 * most 64 KiB at a time. scratch: for one tree at a time. */
MUST_CHECK
enum err_code searchable_write(struct doc *doc, int trees_fd, struct arena *scratch,
                               void (*send)(void *ctx, struct span bytes), void *ctx,
                               struct err *err);

/* --- bind.c --- */
/* Trees as WIRE_RUN_BIND takes them: in a file, or, fd -1, here. */
struct bind_trees {
    int fd;
    struct span bytes;
};
/* Reads the trees, and tells each page that was asked for and that its neighbours changed; the page
 * is gone afterwards. Called once in a process. */
typedef enum err_code (*bind_tell)(void *ctx, const struct page *page, struct err *err);
MUST_CHECK
enum err_code bind_run(const struct bind_trees *trees, const struct wire_run *run, bind_tell tell,
                       void *ctx, struct err *err);

/* --- codes.c --- */
/* Bar codes in pictures and rows of bars on a page that was not read from its pixels. */
MUST_CHECK
enum err_code codes_find(struct page_reader *reader, struct page *page, struct err *err);
/* Appends the codes of what was seen of the page to the page, those that it has left out. */
MUST_CHECK
enum err_code codes_take(struct page *page, const struct page *seen, struct err *err);

/* --- look.c: what a cheap look at a picture tells --- */
/* No ink: everything has the same brightness but for noise. */
bool look_is_blank(const struct pixmap *picture);
/* Mostly one background, and on it the share of ink that writing has. Photographs have not. */
bool look_may_hold_text(const struct pixmap *picture);

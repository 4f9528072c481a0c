/* SPDX-License-Identifier: AGPL-3.0-or-later
 * wire/message.h - what runner, reader and confined child say to each other.
 *
 *   runner -> reader   RUN (with two descriptors: document, write end of the result pipe), KILL
 *   reader -> runner   READY once, ENDED after each RUN
 *   child  -> runner   on the result pipe: PROBE and perhaps HINT, or PAGE / PAGE_FAILED for each
 *                      page in order (BIND: for some), or RECORDs and WARNINGS (wire/extract.h);
 *                      WHOLE: PROBE, then these for the pages, then PAGE for some of them again;
 * then DONE; or FAILED instead, at any place
 *
 * put functions append a whole frame; the caller checks the buffer once. take functions get the
 * payload and check every field for range and meaning: ERR_PROTOCOL. */
#pragma once

#include "wire/frame.h"

/* What one run may use; the times are no longer than this. */
enum { WIRE_TIME_MAX_MS = 24 * 3600 * 1000 };

struct wire_limits {
    uint64_t memory_bytes; /* address space on top of the warm reader's */
    uint64_t pixels_max;   /* of one rendered page or source image */
    uint64_t batch_bytes;  /* of all frames of the run */
    uint32_t page_bytes;   /* markdown and tree of one page, <= WIRE_PAGE_BYTES_MAX */
    uint32_t pages_max;    /* of a document */
    uint32_t cpu_s;
    uint32_t wall_ms;
};

/* SEARCHABLE: with a third descriptor, the trees of all pages in order, each a run of bytes behind
 * its u32 length; length 0: the page was not read. Answered by DATA frames, the file's bytes. */
enum wire_run_kind {
    WIRE_RUN_PROBE,
    WIRE_RUN_PAGES,
    WIRE_RUN_EXTRACT,
    WIRE_RUN_SEARCHABLE,
    WIRE_RUN_BIND,
    WIRE_RUN_WHOLE
};

/* BIND: the first descriptor holds trees in place of a document, as SEARCHABLE takes them, from
 * WIRE_BIND_BACK pages before the first one asked for to WIRE_BIND_AHEAD behind the last, as far as
 * there are such. Answered by a PAGE for each page asked for that its neighbours change. A document
 * is bound WIRE_BIND_PAGES at a time, from its first page on, by whoever reads it. */
enum { WIRE_BIND_BACK = 8, WIRE_BIND_AHEAD = 3, WIRE_BIND_PAGES = 200 };

/* WHOLE: a short document in one child, which is opened once: PROBE, then its pages as far as the
 * range goes, which begins at 0; and where that is all of them and more than one, a PAGE for each
 * that its neighbours change, as BIND answers. */

struct wire_run {
    uint64_t id; /* chosen by the runner, comes back in ENDED */
    enum wire_run_kind kind;
    /* From 0; one past the last. Both 0 for a probe; all of the document's pages for EXTRACT and
     * SEARCHABLE. */
    uint32_t page_from, page_to;
    bool overlay; /* pages: draw each with its boxes too */
    struct wire_limits limits;
};

struct wire_ready {
    char engine[WIRE_TEXT_SIZE]; /* "tesseract 5.3.0, eng" */
    uint32_t layers;             /* sandbox layers of the reader, sandbox/sandbox.h */
};

/* Exit statuses of the child that say more than "crashed". */
enum wire_exit { WIRE_EXIT_OK = 0, WIRE_EXIT_CONFINE = 111, WIRE_EXIT_MEMORY = 112 };

struct wire_ended {
    uint64_t id;
    int32_t exit_status; /* -1 if it was ended by a signal */
    uint32_t signal;     /* 0 if it exited */
    bool timed_out;      /* the reader killed it at its wall-clock limit */
    bool killed;         /* the reader killed it because of KILL */
    uint64_t cpu_ms;
    uint64_t peak_kib;
};

struct wire_probe {
    uint32_t pages; /* >= 1 */
    bool is_pdf;
    char type_name[64];
};

/* For planning only, and a message of its own: finding it out interprets pages, which may end the
 * child, and a page that does so must not cost the whole document. */
enum { WIRE_HINT_PAGES = 33 }; /* shorter documents are cut alike with it and without */
struct wire_hint {
    bool has_text; /* one of the first pages has a sound text layer */
};

struct wire_page {
    uint32_t index;
    uint32_t cpu_us;
    uint32_t width_px, height_px; /* in the API's pixel unit */
    uint8_t flags;                /* enum wire_page_flag */
    struct span markdown;         /* borrowed; UTF-8 without NUL */
    struct span tree;             /* borrowed; opaque here (page/codec.h) */
    struct span picture;          /* borrowed; PNG of the overlay, empty unless asked for */
};
enum wire_page_flag { WIRE_PAGE_OCR = 1, WIRE_PAGE_LAYER = 2, WIRE_PAGE_FLAGS = 3 };

/* What was extracted from some pages of the document; JSON texts, borrowed. */
struct wire_record {
    uint32_t page_from, page_to; /* from 0; one past the last */
    double confidence;           /* 0..1 */
    struct span kind;
    struct span result, evidence, review;
};

struct wire_failure {
    uint32_t index; /* PAGE_FAILED only */
    struct err why; /* a code that a child may report */
};

void wire_put_run(struct buf *out, const struct wire_run *run);
void wire_put_kill(struct buf *out, uint64_t id);
void wire_put_ready(struct buf *out, const struct wire_ready *ready);
void wire_put_ended(struct buf *out, const struct wire_ended *ended);
void wire_put_probe(struct buf *out, const struct wire_probe *probe);
void wire_put_hint(struct buf *out, const struct wire_hint *hint);
void wire_put_page(struct buf *out, const struct wire_page *page);
void wire_put_page_failed(struct buf *out, uint32_t index, const struct err *why);
void wire_put_data(struct buf *out, struct span bytes);
void wire_put_failed(struct buf *out, const struct err *why);
void wire_put_done(struct buf *out);

MUST_CHECK
enum err_code wire_take_run(struct span payload, struct wire_run *ret, struct err *err);
MUST_CHECK
enum err_code wire_take_kill(struct span payload, uint64_t *ret_id, struct err *err);
MUST_CHECK
enum err_code wire_take_ready(struct span payload, struct wire_ready *ret, struct err *err);
MUST_CHECK
enum err_code wire_take_ended(struct span payload, struct wire_ended *ret, struct err *err);
MUST_CHECK
enum err_code wire_take_probe(struct span payload, struct wire_probe *ret, struct err *err);
MUST_CHECK
enum err_code wire_take_hint(struct span payload, struct wire_hint *ret, struct err *err);
MUST_CHECK
enum err_code wire_take_page(struct span payload, struct wire_page *ret, struct err *err);
MUST_CHECK
enum err_code wire_take_page_failed(struct span payload, struct wire_failure *ret, struct err *err);
MUST_CHECK
enum err_code wire_take_failed(struct span payload, struct wire_failure *ret, struct err *err);

/* True for the codes that a child may report: the document's fault, a limit, memory, no models
 * (UNAVAILABLE), or its own failure. A child that names another (a lost lease, say) breaks the
 * protocol. */
bool wire_code_allowed(enum err_code code);

/* SPDX-License-Identifier: AGPL-3.0-or-later
 * tests/unit/doc/sample.h - small documents made in memory for the tests of doc/. */
#pragma once

#include "base/buf.h"
#include "doc/doc.h"

/* A descriptor with these bytes, to be closed by the caller. */
int sample_fd(const void *bytes, size_t len);

/* A PDF of numbered objects: object i + 1 is "objects[i]"; object 1 is the catalogue. Where an
 * object starts with "stream:", the rest is the content of a stream. */
void sample_pdf(struct buf *out, const char *const *objects, size_t n, const char *trailer_extra);

/* One page of 200 x 300 pt with Helvetica as /F1 and this content. page_extra goes into the page
 * dictionary, more[] follow as objects 6, 7, ... */
void sample_page(struct buf *out, const char *content, const char *page_extra,
                 const char *const *more, size_t more_count);

/* 24-bit BMP, grey value of each pixel from shade(x, y). dpi 0: none given. */
typedef uint8_t sample_shade(uint32_t x, uint32_t y);
void sample_bmp(struct buf *out, uint32_t width, uint32_t height, uint32_t dpi,
                sample_shade *shade);

/* Opens with generous limits; the test fails if that fails. *ret_fd is the caller's to close. */
struct doc *sample_open(const struct buf *bytes, int *ret_fd);

/* The code that opening gives. */
enum err_code sample_refusal(const void *bytes, size_t len, const struct doc_limits *limits,
                             struct err *err);

extern const struct doc_limits sample_limits;

/* Text of a page: its lines, each ended by '|'. In the arena. */
const char *sample_text(struct doc *doc, uint32_t index, struct arena *arena,
                        struct page **ret_page, enum doc_trust *ret_trust);

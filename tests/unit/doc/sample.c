/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

const struct doc_limits sample_limits = {
    .memory_bytes = MiB(128), .pages_max = 100, .pixels_max = 4000000};

int
sample_fd(const void *bytes, size_t len)
{
    int fd = memfd_create("sample", MFD_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, len), len);
    return fd;
}

void
sample_pdf(struct buf *out, const char *const *objects, size_t n, const char *trailer_extra)
{
    static const char mark[] = "stream:";
    size_t offsets[64];

    assert_true(n < ARRAY_LEN(offsets));
    buf_string(out, "%PDF-1.7\n");
    for (size_t i = 0; i < n; i++) {
        offsets[i] = out->len;
        buf_printf(out, "%zu 0 obj\n", i + 1);
        if (strncmp(objects[i], mark, strlen(mark)) == 0) {
            const char *content = objects[i] + strlen(mark);
            buf_printf(out, "<</Length %zu>>\nstream\n%s\nendstream", strlen(content), content);
        } else {
            buf_string(out, objects[i]);
        }
        buf_string(out, "\nendobj\n");
    }
    size_t xref = out->len;
    buf_printf(out, "xref\n0 %zu\n0000000000 65535 f \n", n + 1);
    for (size_t i = 0; i < n; i++)
        buf_printf(out, "%010zu 00000 n \n", offsets[i]);
    buf_printf(out, "trailer\n<</Size %zu/Root 1 0 R%s>>\nstartxref\n%zu\n%%%%EOF\n", n + 1,
               trailer_extra, xref);
}

void
sample_page(struct buf *out, const char *content, const char *page_extra, const char *const *more,
            size_t more_count)
{
    const char *objects[32] = {0};
    char page[1024], stream[8192];

    assert_true(more_count + 5 < ARRAY_LEN(objects));
    (void)snprintf(page, sizeof(page),
                   "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 300]/Contents 4 0 R"
                   "/Resources<</Font<</F1 5 0 R>>/XObject<</Im 6 0 R>>"
                   "/ExtGState<</Faint<</ca 0>>>>>>%s>>",
                   page_extra);
    (void)snprintf(stream, sizeof(stream), "stream:%s", content);
    objects[0] = "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[6 0 R 7 0 R 8 0 R]"
                 "/DA(/F1 10 Tf 0 g)/DR<</Font<</F1 5 0 R>>>>/NeedAppearances true>>>>";
    objects[1] = "<</Type/Pages/Kids[3 0 R]/Count 1>>";
    objects[2] = page;
    objects[3] = stream;
    objects[4] = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>";
    for (size_t i = 0; i < more_count; i++)
        objects[5 + i] = more[i];
    sample_pdf(out, objects, 5 + more_count, "");
}

static void
put_le(struct buf *out, uint32_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        buf_char(out, (char)((uint64_t)value >> (8 * i)));
}

void
sample_bmp(struct buf *out, uint32_t width, uint32_t height, uint32_t dpi, sample_shade *shade)
{
    uint32_t row = (width * 3 + 3) / 4 * 4, per_metre = (uint32_t)((double)dpi / 0.0254 + 0.5);

    buf_string(out, "BM");
    put_le(out, 54 + row * height, 4);
    put_le(out, 0, 4);
    put_le(out, 54, 4);
    put_le(out, 40, 4);
    put_le(out, width, 4);
    put_le(out, height, 4);
    put_le(out, 1, 2);
    put_le(out, 24, 2);
    put_le(out, 0, 4);
    put_le(out, row * height, 4);
    put_le(out, per_metre, 4);
    put_le(out, per_metre, 4);
    put_le(out, 0, 8);
    for (uint32_t y = height; y-- > 0;) { /* bottom row first */
        for (uint32_t x = 0; x < width; x++)
            put_le(out, shade(x, y) * 0x010101U, 3);
        put_le(out, 0, (int)(row - width * 3));
    }
}

struct doc *
sample_open(const struct buf *bytes, int *ret_fd)
{
    struct doc *doc = NULL;
    struct err err = {0};

    assert_false(bytes->spoilt);
    *ret_fd = sample_fd(bytes->data, bytes->len);
    enum err_code rc = doc_open(*ret_fd, &sample_limits, &doc, &err);
    if (rc != ERR_OK)
        fail_msg("not opened: %s", err.msg);
    return doc;
}

enum err_code
sample_refusal(const void *bytes, size_t len, const struct doc_limits *limits, struct err *err)
{
    struct doc *doc = NULL;
    int fd = sample_fd(bytes, len);
    enum err_code rc = doc_open(fd, limits, &doc, err);

    doc_close(&doc);
    close(fd);
    return rc;
}

const char *
sample_text(struct doc *doc, uint32_t index, struct arena *arena, struct page **ret_page,
            enum doc_trust *ret_trust)
{
    struct err err = {0};
    const char *all = "";

    if (doc_load_text(doc, index, arena, ret_page, ret_trust, &err) != ERR_OK)
        fail_msg("no text: %s", err.msg);
    for (uint32_t i = 0; i < (*ret_page)->line_count; i++)
        all = arena_printf(arena, "%s%s|", all,
                           page_line_text(arena, *ret_page, &(*ret_page)->lines[i]));
    return all;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/doc.h: what is opened as which type, with how many pages, within which limits; damage. */
#include "opened.h"

static void
page_counts_are_not_believed(void **state)
{
    (void)state;
    static const char *const objects[] = {
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R 2 0 R 4 0 R]/Count 1410065407/MediaBox[0 0 100 100]>>",
        "<</Type/Page/Parent 2 0 R>>",
        "<</Type/Pages/Parent 2 0 R/Count -5/Kids[5 0 R 6 0 R]>>",
        "<</Type/Page/Parent 4 0 R/MediaBox[0 0 50 60]>>",
        "<</Type/Page/Parent 4 0 R/MediaBox[0 0 70 80]>>",
    };
    sample_pdf(&fixture.bytes, objects, ARRAY_LEN(objects), "");
    fixture.doc = sample_open(&fixture.bytes, &fixture.fd);

    assert_int_equal(doc_page_count(fixture.doc), 3);
    (void)sample_text(fixture.doc, 2, fixture.arena, &fixture.page, &fixture.trust);
    assert_true(fixture.page->width == 70 && fixture.page->height == 80);
    (void)sample_text(fixture.doc, 0, fixture.arena, &fixture.page, &fixture.trust);
    assert_true(fixture.page->width == 100);
    struct err err;
    assert_int_equal(
        doc_load_text(fixture.doc, 3, fixture.arena, &fixture.page, &fixture.trust, &err),
        ERR_INPUT);
}

static void
limits_are_kept(void **state)
{
    (void)state;
    struct doc_limits few = sample_limits;
    struct err err = {0};
    static const char *const objects[] = {
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R 3 0 R 3 0 R]/Count 3/MediaBox[0 0 100 100]>>",
        "<</Type/Page/Parent 2 0 R>>",
    };

    few.pages_max = 2;
    sample_pdf(&fixture.bytes, objects, ARRAY_LEN(objects), "");
    assert_int_equal(sample_refusal(fixture.bytes.data, fixture.bytes.len, &few, &err), ERR_PAGES);
    assert_non_null(strstr(err.msg, "more than 2 pages"));
    few.pages_max = 3;
    assert_int_equal(sample_refusal(fixture.bytes.data, fixture.bytes.len, &few, &err), ERR_OK);
    few.memory_bytes = 1000;
    assert_int_equal(sample_refusal(fixture.bytes.data, fixture.bytes.len, &few, &err), ERR_MEMORY);

    struct pixmap picture;
    fixture.doc = sample_open(&fixture.bytes, &fixture.fd);
    assert_int_equal(doc_render(fixture.doc, 0, 1e6F, NULL, fixture.arena, &picture, &err),
                     ERR_PIXELS);
    assert_int_equal(doc_render(fixture.doc, 0, 72, NULL, fixture.arena, &picture, &err), ERR_OK);
    assert_int_equal(picture.width, 100);
}

static void
encrypted_documents_are_refused(void **state)
{
    (void)state;
    static const char *const objects[] = {
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 100 100]>>",
        "<</Type/Page/Parent 2 0 R>>",
    };
    /* A user entry that no password was made for. */
    static const char locked[] =
        "/Encrypt<</Filter/Standard/V 1/R 2/P -4/Length 40"
        "/O<0000000000000000000000000000000000000000000000000000000000000000>"
        "/U<1111111111111111111111111111111111111111111111111111111111111111>>>"
        "/ID[<00><00>]";
    struct err err = {0};

    sample_pdf(&fixture.bytes, objects, ARRAY_LEN(objects), locked);
    assert_int_equal(sample_refusal(fixture.bytes.data, fixture.bytes.len, &sample_limits, &err),
                     ERR_ENCRYPTED);
    assert_non_null(strstr(err.msg, "password"));
}

static void
types_are_told_by_content(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
        const char *says;
    } rows[] = {
        {"", 0, "an empty file"},
        {"PK\x03\x04 word/document.xml", 22, "ZIP"},
        {"<!DOCTYPE html><html>", 21, "HTML"},
        {"just a few words\n", 17, "plain text"},
        {"\x00\x01\x02\x03", 4, "unknown"},
        {"{\"a\":1}", 7, "JSON"},
        {"BM but no picture of any sort", 29, "plain text"},
        {"RIFF\x04\0\0\0WAVEfmt ", 16, "unknown"},
    };
    struct err err = {0};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(sample_refusal(rows[i].bytes, rows[i].len, &sample_limits, &err),
                         ERR_MEDIA);
        assert_non_null(strstr(err.msg, rows[i].says));
    }
    assert_int_equal(sample_refusal("%PDF-1.4 but nothing more", 25, &sample_limits, &err),
                     ERR_FORMAT);
}

static void
a_header_may_stand_behind_other_lines(void **state)
{
    (void)state;
    struct buf *bytes = &fixture.bytes;
    struct buf whole;

    sample_page(bytes, "BT /F1 10 Tf 20 250 Td (late) Tj ET", "", NULL, 0);
    buf_init(&whole, MiB(1));
    buf_string(&whole, "X-Mailer: something\r\n\r\n");
    buf_append(&whole, bytes->data, bytes->len);
    fixture.doc = sample_open(&whole, &fixture.fd);
    buf_fini(&whole);
    assert_string_equal(sample_text(fixture.doc, 0, fixture.arena, &fixture.page, &fixture.trust),
                        "late|");
}

/* Every byte of a good file damaged once, and the file cut at every place: never a crash, and an
 * error always says something. */
static void
damage_ends_in_an_error_or_a_page(void **state)
{
    (void)state;
    struct buf *bytes = &fixture.bytes;

    sample_page(bytes, "BT /F1 10 Tf 20 250 Td (frail) Tj ET", "", NULL, 0);
    for (size_t i = 0; i < 2 * bytes->len; i++) {
        struct buf hurt;
        struct err err = {0};
        struct doc *doc = NULL;
        buf_init(&hurt, MiB(1));
        buf_append(&hurt, bytes->data, i < bytes->len ? bytes->len : i - bytes->len);
        if (i < bytes->len)
            hurt.data[i] ^= 0x55;
        int fd = sample_fd(hurt.data, hurt.len);
        enum err_code rc = doc_open(fd, &sample_limits, &doc, &err);
        if (rc == ERR_OK) {
            arena_reset(fixture.arena);
            rc = doc_load_text(doc, 0, fixture.arena, &fixture.page, &fixture.trust, &err);
        }
        assert_true(rc == ERR_OK || err.msg[0] != '\0');
        doc_close(&doc);
        close(fd);
        buf_fini(&hurt);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(page_counts_are_not_believed),          TEST(limits_are_kept),
        TEST(encrypted_documents_are_refused),       TEST(types_are_told_by_content),
        TEST(a_header_may_stand_behind_other_lines), TEST(damage_ends_in_an_error_or_a_page),
    };

    return cmocka_run_group_tests_name("opening", tests, NULL, NULL);
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "http/multipart.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* What was called, as text: "<name|file|type>data</>" for each part. */
static enum err_code
write_part(void *ctx, const struct multipart_part *part, struct err *err)
{
    (void)err;
    buf_printf(ctx, "<%s|%s|%s>", part->name, part->file_name == NULL ? "-" : part->file_name,
               part->content_type == NULL ? "-" : part->content_type);
    return ERR_OK;
}

static enum err_code
write_data(void *ctx, struct span piece, struct err *err)
{
    (void)err;
    assert_true(piece.len > 0);
    buf_append(ctx, piece.data, piece.len);
    return ERR_OK;
}

static enum err_code
write_end(void *ctx, struct err *err)
{
    (void)err;
    buf_string(ctx, "</>");
    return ERR_OK;
}

static const struct multipart_calls writers = {write_part, write_data, write_end};

static enum err_code
read_form(const char *text, size_t len, size_t step, struct buf *out, struct err *err)
{
    struct multipart *mp = NULL;
    enum err_code rc =
        multipart_new(span_of("multipart/form-data; boundary=AaB"), 4, &writers, out, &mp, err);

    buf_clear(out);
    for (size_t at = 0; rc == ERR_OK && at < len; at += step) {
        size_t n = len - at < step ? len - at : step;
        uint8_t *piece = malloc(n); /* its own, so that a look past the end is seen */
        assert_non_null(piece);
        memcpy(piece, text + at, n);
        rc = multipart_feed(mp, (struct span){piece, n}, err);
        free(piece);
    }
    if (rc == ERR_OK)
        rc = multipart_end(mp, err);
    multipart_drop(&mp);
    assert_null(mp);
    return rc;
}

#define D   "Content-Disposition: form-data; "
#define END "\r\n--AaB--\r\n"
#define A   "--AaB\r\n" D "name=a\r\n\r\n"

static void
forms_read_alike_in_any_pieces(void **state)
{
    (void)state;
    static const struct {
        const char *text, *calls;
    } cases[] = {
        {A "one" END, "<a|-|->one</>"},
        {A END, "<a|-|-></>"},
        {"--AaB--", ""},
        {"preamble --AaB\r\n" A "one" END "epilogue --AaB\r\n", "<a|-|->one</>"},
        {"\r\n" A "one\r\n--AaB \t\r\n" D "name=\"b\"\r\n\r\ntwo\r\n--AaB--",
         "<a|-|->one</><b|-|->two</>"},
        {A "\r\n--Aa\r\n-\r\r\n--AaC" END, "<a|-|->\r\n--Aa\r\n-\r\r\n--AaC</>"},
        {A "--AaB\n--AaB" END, "<a|-|->--AaB\n--AaB</>"},
        {A "\r\r\r\n\n" END, "<a|-|->\r\r\r\n\n</>"},
        {"--AaB\r\ncontent-type: image/png\r\nX-Other: a\r\n" D
         "name=\"f\"; filename=\"a b.png\"\r\n\r\n\x89PNG" END,
         "<f|a b.png|image/png>\x89PNG</>"},
        {"--AaB\r\n" D "filename=\"C:\\a\\\"b\\\\c%22d.pdf\";name=f;\r\n\r\n" END,
         "<f|C:\\a\"b\\c\"d.pdf|-></>"},
        {"--AaB\r\n" D "name=f; filename=\"\"\r\n\r\n" END, "<f||-></>"},
        {"--AaB\r\n" D "name=f; filename*=UTF-8''%e2%82%ac%20x.pdf\r\n\r\n" END,
         "<f|\xe2\x82\xac x.pdf|-></>"},
        {"--AaB\r\n" D "name=f; filename=x.pdf; filename*=UTF-8''y.pdf\r\n\r\n" END,
         "<f|x.pdf|-></>"},
        {"--AaB\r\n" D "name=f; filename*=latin1''%e4\r\n\r\n" END, "<f|-|-></>"},
        {"--AaB\r\n" D "name=f; filename*=UTF-8''%0d%0a\r\n\r\n" END, "<f|-|-></>"},
    };
    struct buf out;

    buf_init(&out, KiB(4));
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        for (size_t step = 1; step < 140; step++) {
            struct err err = {0};
            if (read_form(cases[i].text, strlen(cases[i].text), step, &out, &err) != ERR_OK ||
                strcmp(buf_text(&out), cases[i].calls) != 0)
                fail_msg("case %zu by %zu: %s\n%s", i, step, err.msg, buf_text(&out));
        }
    }
    buf_fini(&out);
}

static void
malformed_forms_are_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",
        "--AaB",
        "--AaB-",
        "no boundary at all",
        A "one",
        A "one\r\n--AaB",
        A "one\r\n--AaB\r\n",
        A "one\r\n--AaBx\r\n",
        A "one\r\n--AaB-x",
        A "one\r\n--AaB\n",
        "--AaB\r\n\r\none" END,
        "--AaB\r\nContent-Type: a/b\r\n\r\none" END,
        "--AaB\r\n" D "\r\n\r\n" END,
        "--AaB\r\n" D "filename=x\r\n\r\n" END,
        "--AaB\r\nContent-Disposition: attachment; name=a\r\n\r\n" END,
        "--AaB\r\nContent-Disposition: form-datax; name=a\r\n\r\n" END,
        "--AaB\r\n" D "name=\"a\r\n\r\n" END,
        "--AaB\r\n" D "name=a\"b\r\n\r\n" END,
        "--AaB\r\n" D "name=a b\r\n\r\n" END,
        "--AaB\r\n" D "name=a; name=b\r\n\r\n" END,
        "--AaB\r\n" D "name=a; filename=b; filename=c\r\n\r\n" END,
        "--AaB\r\n" D "name=\"\xff\"\r\n\r\n" END,
        "--AaB\r\n" D "name=\"\t\"\r\n\r\n" END,
        "--AaB\r\n" D "name=a\r\n" D "name=b\r\n\r\n" END,
        "--AaB\r\n" D "name=a\n\r\n" END,
        "--AaB\r\n" D "name=a\r\n folded\r\n\r\n" END,
        "--AaB\r\n" D "name=a\r\nX : y\r\n\r\n" END,
        "--AaB\r\n" D "name=a\r\nX: \x01\r\n\r\n" END,
        "--AaB\r\n" D "name=a\rb\r\n\r\n" END,
    };
    struct buf out;

    buf_init(&out, KiB(4));
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        for (size_t step = 1; step < 100; step += 11) {
            struct err err = {0};
            if (read_form(cases[i], strlen(cases[i]), step, &out, &err) != ERR_SYNTAX)
                fail_msg("case %zu by %zu was taken: %s", i, step, cases[i]);
            assert_true(err.msg[0] != '\0');
        }
    }
    buf_fini(&out);
}

static void
parts_and_their_headers_are_limited(void **state)
{
    (void)state;
    struct buf text, out;
    struct err err;

    buf_init(&text, MiB(1));
    buf_init(&out, MiB(1));
    for (int i = 0; i < 5; i++)
        buf_string(&text, A "x\r\n");
    buf_string(&text, "--AaB--");
    assert_int_equal(read_form(buf_text(&text), text.len, 64, &out, &err), ERR_LIMIT);
    buf_clear(&text);
    buf_string(&text, "--AaB\r\nX: ");
    for (int i = 0; i < 8200; i++)
        buf_char(&text, 'y');
    assert_int_equal(read_form(buf_text(&text), text.len, 64, &out, &err), ERR_LIMIT);
    buf_fini(&text);
    buf_fini(&out);
}

static void
content_types_are_checked(void **state)
{
    (void)state;
    static const struct {
        enum err_code code;
        const char *type;
    } cases[] = {
        {ERR_OK, "multipart/form-data; boundary=x"},
        {ERR_OK, "Multipart/Form-Data;charset=utf-8; BOUNDARY=\"a b:c\""},
        {ERR_OK, "multipart/form-data; boundary=----=_Part_1_2.3; "},
        {ERR_OK, "multipart/form-data; "
                 "boundary=1234567890123456789012345678901234567890123456789012345678901234567890"},
        {ERR_MEDIA,
         "multipart/form-data; "
         "boundary=12345678901234567890123456789012345678901234567890123456789012345678901"},
        {ERR_MEDIA, "multipart/form-data"},
        {ERR_MEDIA, "multipart/form-data; boundary="},
        {ERR_MEDIA, "multipart/form-data; boundary=\"\""},
        {ERR_MEDIA, "multipart/form-data; boundary=\"a \""},
        {ERR_MEDIA, "multipart/form-data; boundary=a; boundary=b"},
        {ERR_MEDIA, "multipart/form-data; boundary=a@b"},
        {ERR_MEDIA, "multipart/form-data; boundary=\"a"},
        {ERR_MEDIA, "multipart/form-data boundary=a"},
        {ERR_MEDIA, "multipart/form-dataa; boundary=a"},
        {ERR_MEDIA, "multipart/mixed; boundary=a"},
        {ERR_MEDIA, "application/json"},
        {ERR_MEDIA, ""},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct multipart *mp = NULL;
        struct err err;
        enum err_code rc = multipart_new(span_of(cases[i].type), 1, &writers, NULL, &mp, &err);
        if (rc != cases[i].code)
            fail_msg("%s: %d", cases[i].type, rc);
        multipart_drop(&mp);
    }
}

static enum err_code
refuse_data(void *ctx, struct span piece, struct err *err)
{
    (void)ctx;
    (void)piece;
    return err_set(err, ERR_STORAGE_FULL, "full");
}

static void
an_error_of_a_call_ends_the_reading(void **state)
{
    (void)state;
    static const struct multipart_calls calls = {write_part, refuse_data, write_end};
    struct multipart *mp = NULL;
    struct buf out;
    struct err err;

    buf_init(&out, KiB(1));
    assert_int_equal(
        multipart_new(span_of("multipart/form-data; boundary=AaB"), 1, &calls, &out, &mp, &err),
        ERR_OK);
    assert_int_equal(multipart_feed(mp, span_of(A "one"), &err), ERR_STORAGE_FULL);
    assert_string_equal(err.msg, "full");
    assert_int_equal(multipart_feed(mp, span_of(END), &err), ERR_STORAGE_FULL);
    assert_int_equal(multipart_end(mp, &err), ERR_SYNTAX);
    assert_string_equal(buf_text(&out), "<a|-|->");
    multipart_drop(&mp);
    buf_fini(&out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_read_alike_in_any_pieces),
        cmocka_unit_test(malformed_forms_are_refused),
        cmocka_unit_test(parts_and_their_headers_are_limited),
        cmocka_unit_test(content_types_are_checked),
        cmocka_unit_test(an_error_of_a_call_ends_the_reading),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

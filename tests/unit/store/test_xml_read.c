/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "store/xml_read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

/* "path=text;" of all that was seen. */
static enum err_code
note(void *ctx, const char *path, const char *text, struct err *err)
{
    struct buf *seen = ctx;

    (void)err;
    buf_printf(seen, "%s=%s;", path, text);
    return ERR_OK;
}

static enum err_code
read_text(const char *xml, size_t len, struct buf *seen)
{
    struct err err;

    buf_init(seen, 1 << 20);
    return xml_read((struct span){(const uint8_t *)xml, len}, note, seen, &err);
}

static void
what_services_write_is_read(void **state)
{
    (void)state;
    static const struct {
        const char *xml, *seen;
    } cases[] = {
        {"<a/>", "/a=;"},
        {"<a></a >", "/a=;"},
        {"\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a> x </a>\n", "/a=x;"},
        {"<a xmlns=\"http://s3/\" b='>'><s3:b>1</s3:b><b c=\"/\">2</b></a>", "/a/b=1;/a/b=2;/a=;"},
        {"<a><b>1</b> tail <c/></a>", "/a/b=1;/a/c=;/a=;"},
        {"<a>&lt;&amp;&gt;&quot;&apos;&#65;&#x42;&#xfc;&#x20ac;&#x1F600;</a>",
         "/a=<&>\"'AB\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80;"},
        {"<a><!-- <b> --><![CDATA[<x>&amp;]]></a>", "/a=<x>&amp;;"},
        {"<E><Code>NoSuchKey</Code><Message>&quot;x&quot;</Message></E>",
         "/E/Code=NoSuchKey;/E/Message=\"x\";/E=;"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf seen;
        assert_int_equal(read_text(cases[i].xml, strlen(cases[i].xml), &seen), ERR_OK);
        assert_string_equal(buf_text(&seen), cases[i].seen);
        buf_fini(&seen);
    }
}

static void
what_is_no_xml_or_too_much_of_it_is_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",
        " ",
        "x",
        "<",
        "<a",
        "<a>",
        "</a>",
        "<a></b>",
        "<a><b></a></b>",
        "<a/><b/>",
        "<a/>x",
        "x<a/>",
        "<a>&x;</a>",
        "<a>&#0;</a>",
        "<a>&#xD800;</a>",
        "<a>&#x110000;</a>",
        "<a>&#;</a>",
        "<a>&#12",
        "<a>&amp</a>",
        "<a b=\"></a>",
        "<a <b/></a>",
        "<!-- ",
        "<?x ",
        "<a><![CDATA[",
        "<![CDATA[x]]><a/>",
        "<>",
        "< a/>",
        "<:/>",
        "<a:/>",
        "<!DOCTYPE a [<!ENTITY b \"cc\">]><a>&b;</a>",
        "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>",
        "<a><b><c><d><e><f><g><h><i/></h></g></f></e></d></c></b></a>",
        "<aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/>",
    };
    static char large[XML_TEXT_MAX + 64];
    struct buf seen;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(read_text(cases[i], strlen(cases[i]), &seen), ERR_SYNTAX);
        buf_fini(&seen);
    }
    assert_int_equal(read_text("<a>x\0y</a>", 10, &seen), ERR_SYNTAX);
    buf_fini(&seen);
    int n = snprintf(large, sizeof(large), "<a>%0*d</a>", XML_TEXT_MAX + 1, 0);
    assert_int_equal(read_text(large, (size_t)n, &seen), ERR_SYNTAX);
    buf_fini(&seen);
}

static void
every_cut_of_a_document_is_an_error(void **state)
{
    (void)state;
    static const char whole[] =
        "<?xml version=\"1.0\"?><ListPartsResult xmlns=\"x\"><Part><PartNumber>1</PartNumber>"
        "<ETag>&quot;0a&quot;</ETag></Part><!-- end --><IsTruncated>false</IsTruncated>"
        "</ListPartsResult>";

    for (size_t len = 0; len < sizeof(whole) - 1; len++) {
        struct buf seen;
        assert_int_equal(read_text(whole, len, &seen), ERR_SYNTAX);
        buf_fini(&seen);
    }
}

static enum err_code
stop(void *ctx, const char *path, const char *text, struct err *err)
{
    int *calls = ctx;

    (void)path;
    (void)text;
    ++*calls;
    return err_set(err, ERR_STALE, "enough");
}

static void
the_first_error_of_the_caller_ends_it(void **state)
{
    (void)state;
    struct err err;
    int calls = 0;

    assert_int_equal(xml_read(span_of("<a><b/><c/></a>"), stop, &calls, &err), ERR_STALE);
    assert_int_equal(calls, 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_services_write_is_read),
        cmocka_unit_test(what_is_no_xml_or_too_much_of_it_is_refused),
        cmocka_unit_test(every_cut_of_a_document_is_an_error),
        cmocka_unit_test(the_first_error_of_the_caller_ends_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

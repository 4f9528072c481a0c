/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "store/s3_error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void
an_error_is_written_as_s3_writes_it(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 4096);
    s3_error_put(&out, &(struct s3_error){.code = "NoSuchUpload",
                                          .message = "The specified upload does not exist.",
                                          .resource = span_of("/uploads/x"),
                                          .request_id = "r-1"});
    assert_string_equal(buf_text(&out), "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>"
                                        "<Code>NoSuchUpload</Code><Message>The specified upload "
                                        "does not exist.</Message><Resource>/uploads/x</Resource>"
                                        "<RequestId>r-1</RequestId></Error>");
    buf_fini(&out);
}

static void
an_expired_url_tells_when(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 4096);
    s3_error_put(&out, &(struct s3_error){.code = "AccessDenied",
                                          .message = "Request has expired",
                                          .expired = true,
                                          .expires_s = 600,
                                          .expires_ms = INT64_C(1369353600000),
                                          .server_ms = INT64_C(1369353601999)});
    assert_non_null(strstr(buf_text(&out), "<X-Amz-Expires>600</X-Amz-Expires>"
                                           "<Expires>2013-05-24T00:00:00Z</Expires>"
                                           "<ServerTime>2013-05-24T00:00:01Z</ServerTime>"
                                           "<Resource></Resource><RequestId></RequestId>"));
    buf_fini(&out);
}

static void
no_text_breaks_out_of_its_element(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 4096);
    static const char hostile[] = "</Resource>&\"'\x01\xff\xef\xbf\xbf]]>\xe2\x82\xac";
    s3_error_put(&out, &(struct s3_error){.code = "X", .resource = span_of(hostile)});
    assert_non_null(strstr(buf_text(&out),
                           "<Resource>&lt;/Resource&gt;&amp;&quot;&apos;\xef\xbf\xbd\xef\xbf\xbd"
                           "\xef\xbf\xbd]]&gt;\xe2\x82\xac</Resource>"));
    buf_fini(&out);
}

static void
errors_of_ours_have_codes_of_s3(void **state)
{
    (void)state;
    assert_string_equal(s3_error_code(ERR_NOT_FOUND), "NoSuchUpload");
    assert_string_equal(s3_error_code(ERR_LIMIT), "EntityTooLarge");
    assert_string_equal(s3_error_code(ERR_LENGTH), "MissingContentLength");
    for (int code = ERR_OK; code <= ERR_CODE_COUNT; code++)
        assert_non_null(s3_error_code((enum err_code)code));
    assert_string_equal(s3_error_code(ERR_CRASH), "InternalError");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_is_written_as_s3_writes_it),
        cmocka_unit_test(an_expired_url_tells_when),
        cmocka_unit_test(no_text_breaks_out_of_its_element),
        cmocka_unit_test(errors_of_ours_have_codes_of_s3),
    };
    return cmocka_run_group_tests_name("s3_error", tests, NULL, NULL);
}

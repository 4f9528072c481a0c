/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "store/s3_error.h"

#include "base/clock.h"
#include "base/xml.h"

#include <string.h>

static void
put_element(struct buf *out, const char *name, struct span text)
{
    buf_printf(out, "<%s>", name);
    xml_put_text(out, text);
    buf_printf(out, "</%s>", name);
}

/* S3 writes these times without fractions. */
static void
put_time(struct buf *out, const char *name, int64_t utc_ms)
{
    char text[CLOCK_TEXT_SIZE];

    clock_rfc3339(utc_ms, text);
    buf_printf(out, "<%s>%.19sZ</%s>", name, text, name);
}

static struct span
span_or_empty(const char *s)
{
    return span_of(s != NULL ? s : "");
}

void
s3_error_put(struct buf *out, const struct s3_error *error)
{
    buf_string(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>");
    put_element(out, "Code", span_or_empty(error->code));
    put_element(out, "Message", span_or_empty(error->message));
    if (error->expired) {
        buf_printf(out, "<X-Amz-Expires>%lld</X-Amz-Expires>", (long long)error->expires_s);
        put_time(out, "Expires", error->expires_ms);
        put_time(out, "ServerTime", error->server_ms);
    }
    put_element(out, "Resource", error->resource);
    put_element(out, "RequestId", span_or_empty(error->request_id));
    buf_string(out, "</Error>");
}

const char *
s3_error_code(enum err_code code)
{
    switch (code) {
    case ERR_INPUT:
    case ERR_SYNTAX:
        return "InvalidRequest";
    case ERR_AUTH:
    case ERR_FORBIDDEN:
        return "AccessDenied";
    case ERR_NOT_FOUND:
        return "NoSuchUpload";
    case ERR_METHOD:
        return "MethodNotAllowed";
    case ERR_REQUEST_TIME:
        return "RequestTimeout";
    case ERR_CONFLICT:
    case ERR_STALE:
        return "OperationAborted";
    case ERR_LENGTH:
        return "MissingContentLength";
    case ERR_LIMIT:
        return "EntityTooLarge";
    case ERR_URI:
        return "URITooLong";
    case ERR_RATE:
    case ERR_UNAVAILABLE:
        return "SlowDown";
    case ERR_HEADERS:
        return "MetadataTooLarge";
    case ERR_NOT_IMPLEMENTED:
        return "NotImplemented";
    case ERR_STORAGE_FULL:
        return "ServiceUnavailable";
    default:
        return "InternalError";
    }
}

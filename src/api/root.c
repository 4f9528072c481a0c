/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/root.c - GET /: a page for people who open the server's address in a browser. */
#include "api/call.h"
#include "api/handlers.h"
#include "api/source.h"
#include "base/xml.h"

#include <string.h>

const char *
source_url(const struct api *api)
{
    const char *url = api->config.source_url;

    return url != NULL ? url : "";
}

void
root_show(struct call *call)
{
    struct buf *out = &call->api->scratch;
    const char *source = source_url(call->api);

    buf_clear(out);
    buf_string(out, "<!DOCTYPE html>\n<html lang=\"en\"><meta charset=\"utf-8\">"
                    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
                    "<meta name=\"color-scheme\" content=\"light dark\">"
                    "<title>leapocr</title>\n<h1>leapocr " LEAPOCR_VERSION "</h1>\n"
                    "<p>A self-hosted document-reading service: PDF and pictures in, "
                    "Markdown out.</p>\n"
                    "<p>Documents go in and results come out by the API, with a key that "
                    "<code>leapocr key new NAME</code> makes on the server: "
                    "<code>leapocr process FILE</code>, any LeapOCR SDK with this address as its "
                    "base URL, or <code>curl -H \"X-API-Key: KEY\" -F file=@FILE "
                    "\xe2\x80\xa6/api/v1/ocr/uploads/direct</code>.</p>\n"
                    "<p>API: <a href=\"/api/v1/docs/openapi.json\">openapi.json</a>, "
                    "<a href=\"/health\">health</a></p>\n"
                    "<p>Free software under " SOURCE_LICENCE ". Source: ");
    /* Only what a browser takes for a web address becomes a link. */
    if (strncmp(source, "https://", 8) == 0 || strncmp(source, "http://", 7) == 0) {
        buf_string(out, "<a href=\"");
        xml_put_string(out, source);
        buf_string(out, "\">");
        xml_put_string(out, source);
        buf_string(out, "</a>");
    } else {
        xml_put_string(out, source);
    }
    buf_string(out, "</p>\n</html>\n");
    call_header(call, "Content-Security-Policy", "default-src 'none'");
    call_reply(call, 200, "text/html; charset=utf-8", buf_span(out));
}

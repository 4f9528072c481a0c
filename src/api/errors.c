/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/errors.h"

#include "api/call.h"
#include "base/clock.h"
#include "base/log.h"

/* Seconds after which trying again makes sense. */
static const char retry_rate[] = "10", retry_fault[] = "5";

/* What the client reads: the message, unless it is about the inside of the server. */
static const char *
public_message(const struct err *err)
{
    switch (err->code) {
    case ERR_NOT_IMPLEMENTED:
    case ERR_VERSION:
        return err->msg;
    case ERR_UNAVAILABLE:
        return "the server cannot take this now, try again shortly";
    case ERR_STORAGE_FULL:
        return "the server's storage is full";
    default:
        return err_http_status(err->code) >= 500
                   ? "internal error; X-Request-Id names it in the server's log"
                   : err->msg;
    }
}

static void
put_body(struct jsonw *w, const struct err *err)
{
    jsonw_object(w, NULL);
    jsonw_string(w, "code", err_api_code(err->code));
    jsonw_null(w, "details");
    jsonw_object(w, "error");
    jsonw_string(w, "message", public_message(err));
    jsonw_end(w);
    jsonw_end(w);
}

static void
log_fault(const struct call *call, const struct err *err)
{
    char text[LOG_QUOTE_SIZE];

    api_heed(call->api, err);
    if (err_http_status(err->code) >= 500)
        log_line(LOG_ERROR, "request failed", "request=%s%s%.32s reason=%s err=%s", call->id,
                 call->trace[0] != '\0' ? " trace=" : "", call->trace, err_reason(err->code),
                 log_quote(text, err->msg));
}

static void
reply_with(struct call *call, const struct err *err, const char *retry_after)
{
    log_fault(call, err);
    if (retry_after != NULL)
        call_header(call, "Retry-After", retry_after);
    if (err->code == ERR_AUTH)
        call_header(call, "WWW-Authenticate", "Bearer realm=\"leapocr\"");
    struct jsonw w = call_json(call);
    put_body(&w, err);
    call_reply(call, err_http_status(err->code), "application/json", buf_span(w.out));
}

void
reply_error(struct call *call, const struct err *err)
{
    const char *retry = NULL;

    if (err->code == ERR_RATE)
        retry = retry_rate;
    else if (err->code == ERR_UNAVAILABLE || err->code == ERR_STORAGE_FULL)
        retry = retry_fault;
    reply_with(call, err, retry);
}

void
reply_error_later(struct call *call, const struct err *err, int seconds)
{
    const char *text = arena_printf(call->arena, "%d", seconds);

    reply_with(call, err, text != NULL ? text : retry_rate);
}

void
reply_s3_error(struct call *call, int status, const struct s3_error *error)
{
    struct s3_error whole = *error;

    whole.request_id = call->id;
    whole.resource = http_path(call->http);
    buf_clear(&call->api->scratch);
    s3_error_put(&call->api->scratch, &whole);
    call_reply(call, status, S3_ERROR_CONTENT_TYPE, buf_span(&call->api->scratch));
}

void
reply_s3_err(struct call *call, const struct err *err)
{
    log_fault(call, err);
    if (err->code == ERR_UNAVAILABLE || err->code == ERR_STORAGE_FULL)
        call_header(call, "Retry-After", retry_fault);
    reply_s3_error(
        call, err_http_status(err->code),
        &(struct s3_error){.code = s3_error_code(err->code), .message = public_message(err)});
}

void
error_body(const struct err *err, struct buf *out)
{
    struct jsonw w = {.out = out};

    put_body(&w, err);
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/clock.h"
#include "store/sigv4_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Longest parts of a request that are looked at; a genuine URL stays far below. */
enum { METHOD_MAX = 16, PATH_MAX_BYTES = 3072, QUERY_MAX = 4096, HOST_MAX = 262 };

static const int64_t future_tolerance_ms = 15 * 60 * 1000; /* clocks of signer and server differ */

static const char mismatch_text[] =
    "The request signature we calculated does not match the signature you provided. Check your key "
    "and signing method.";

enum param {
    PART_NUMBER,
    UPLOAD_ID,
    ALGORITHM,
    CREDENTIAL,
    DATE,
    EXPIRES,
    SIGNED_HEADERS,
    SIGNATURE,
    PARAM_COUNT
};

/* In the order in which they stand in a URL. */
static const char *const param_names[PARAM_COUNT] = {
    [PART_NUMBER] = "partNumber",
    [UPLOAD_ID] = "uploadId",
    [ALGORITHM] = "X-Amz-Algorithm",
    [CREDENTIAL] = "X-Amz-Credential",
    [DATE] = "X-Amz-Date",
    [EXPIRES] = "X-Amz-Expires",
    [SIGNED_HEADERS] = "X-Amz-SignedHeaders",
    [SIGNATURE] = "X-Amz-Signature",
};

struct url {
    struct span values[PARAM_COUNT]; /* still escaped; data NULL: missing */
    char date[SIGV4_DATE_SIZE];
    int64_t signed_ms;
    int64_t expires_s;
    int64_t part_number;
    const char *upload_id;
};

/* Always false, so that a check can end with `return refuse(...)`. */
static bool PRINTF_LIKE(4, 5)
    refuse(struct sigv4_refusal *refusal, int status, const char *code, const char *fmt, ...)
{
    va_list args;

    refusal->code = code;
    refusal->http_status = status;
    va_start(args, fmt);
    (void)vsnprintf(refusal->message, sizeof(refusal->message), fmt, args);
    va_end(args);
    return false;
}

static bool
refuse_mismatch(struct sigv4_refusal *refusal)
{
    return refuse(refusal, 403, "SignatureDoesNotMatch", "%s", mismatch_text);
}

static bool
refuse_parameters(struct sigv4_refusal *refusal, const char *message)
{
    return refuse(refusal, 400, "AuthorizationQueryParametersError", "%s", message);
}

/* --- form --- */

static struct span
part_of(struct span text, size_t from, size_t to)
{
    return (struct span){text.data + from, to - from};
}

static size_t
find_byte(struct span text, size_t from, uint8_t byte)
{
    const uint8_t *at = from < text.len ? memchr(text.data + from, byte, text.len - from) : NULL;

    return at != NULL ? (size_t)(at - text.data) : text.len;
}

static bool
take_param(struct span pair, size_t position, int *last, struct url *url)
{
    size_t equals = find_byte(pair, 0, '=');
    int slot = 0;

    if (equals >= pair.len - 1) /* no '=', or nothing after it */
        return false;
    struct span name = part_of(pair, 0, equals);
    while (slot < PARAM_COUNT && !span_equal(name, span_of(param_names[slot])))
        slot++;
    if (slot == PARAM_COUNT || url->values[slot].data != NULL)
        return false;
    if (slot <= UPLOAD_ID ? position > 1 : slot <= *last)
        return false;
    if (slot > UPLOAD_ID)
        *last = slot;
    url->values[slot] = part_of(pair, equals + 1, pair.len);
    return sigv4_is_canonical(url->values[slot], "");
}

static bool
split_query(struct span query, struct url *url, struct sigv4_refusal *refusal)
{
    int last = UPLOAD_ID;
    size_t position = 0;

    if (query.len == 0 || memmem(query.data, query.len, "X-Amz-", 6) == NULL)
        return refuse(refusal, 403, "AccessDenied", "Access Denied");
    for (size_t at = 0; at <= query.len; position++) {
        size_t end = find_byte(query, at, '&');
        if (end == at || !take_param(part_of(query, at, end), position, &last, url))
            return refuse_mismatch(refusal);
        at = end + 1;
    }
    for (int slot = ALGORITHM; slot < PARAM_COUNT; slot++)
        if (url->values[slot].data == NULL)
            return refuse_parameters(
                refusal, "Query-string authentication version 4 requires the X-Amz-Algorithm, "
                         "X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and "
                         "X-Amz-Expires parameters.");
    if (url->values[PART_NUMBER].data == NULL || url->values[UPLOAD_ID].data == NULL)
        return refuse(refusal, 403, "AccessDenied", "Access Denied");
    return true;
}

static bool
is_host(struct span host)
{
    if (host.len == 0 || host.len > HOST_MAX)
        return false;
    for (size_t i = 0; i < host.len; i++)
        if (host.data[i] <= ' ' || host.data[i] > '~')
            return false;
    return true;
}

static bool
check_request(const struct sigv4_request *request, struct sigv4_refusal *refusal)
{
    if (request->has_authorization)
        return refuse(refusal, 400, "InvalidArgument",
                      "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, "
                      "Signature query string parameter or the Authorization header should be "
                      "specified");
    if (request->has_amz_fields)
        return refuse(refusal, 403, "AccessDenied",
                      "There were headers present in the request which were not signed");
    if (request->method.len == 0 || request->method.len > METHOD_MAX ||
        !sigv4_is_canonical(request->method, "") || !is_host(request->host) ||
        request->path.len > PATH_MAX_BYTES || !sigv4_is_canonical_path(request->path) ||
        request->query.len > QUERY_MAX)
        return refuse_mismatch(refusal);
    return true;
}

/* A decimal number without sign or leading zero; 0 for anything else, or past six digits. */
static int64_t
small_number(struct span text)
{
    int64_t value = 0;

    if (text.len == 0 || text.len > 6 || text.data[0] == '0')
        return 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return 0;
        value = value * 10 + (text.data[i] - '0');
    }
    return value;
}

/* The text behind canonical escapes; NULL if it is too long or holds control characters. */
static const char *
decode(struct arena *arena, struct span text, size_t max)
{
    char *decoded = text.len <= 3 * max ? arena_alloc(arena, text.len + 1) : NULL;
    size_t at = 0;

    if (decoded == NULL)
        return NULL;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];
        if (c == '%') {
            (void)hash_unhex((const char *)text.data + i + 1, 2, &c, 1); /* checked as canonical */
            i += 2;
        }
        if (c < 0x20 || c == 0x7f || at == max)
            return NULL;
        decoded[at++] = (char)c;
    }
    decoded[at] = '\0';
    return decoded;
}

static bool
check_part(struct arena *arena, struct url *url, struct sigv4_refusal *refusal)
{
    url->part_number = small_number(url->values[PART_NUMBER]);
    if (url->part_number < 1 || url->part_number > SIGV4_PART_MAX)
        return refuse(refusal, 400, "InvalidArgument",
                      "Part number must be an integer between 1 and 10000, inclusive");
    url->upload_id = decode(arena, url->values[UPLOAD_ID], SIGV4_UPLOAD_ID_MAX);
    if (url->upload_id == NULL)
        return refuse(refusal, 404, "NoSuchUpload",
                      "The specified upload does not exist. The upload ID may be invalid, or the "
                      "upload may have been aborted or completed.");
    return true;
}

/* --- dates --- */

static bool
check_dates(struct url *url, int64_t now_ms, struct sigv4_refusal *refusal)
{
    struct span date = url->values[DATE];

    url->signed_ms = clock_parse_basic8601((const char *)date.data, date.len);
    if (url->signed_ms < 0)
        return refuse_parameters(refusal, "X-Amz-Date must be in the ISO8601 Long Format "
                                          "\"yyyyMMdd'T'HHmmss'Z'\"");
    memcpy(url->date, date.data, SIGV4_DATE_SIZE - 1);
    url->date[SIGV4_DATE_SIZE - 1] = '\0';
    url->expires_s = small_number(url->values[EXPIRES]);
    if (url->expires_s < 1 || url->expires_s > SIGV4_EXPIRES_MAX_S)
        return refuse_parameters(refusal, "X-Amz-Expires must be between 1 and 604800 seconds");
    if (url->signed_ms > now_ms + future_tolerance_ms)
        return refuse(refusal, 403, "AccessDenied", "Request is not valid yet");
    return true;
}

/* --- who signed --- */

/* Takes the next of the five fields, which are separated by an escaped '/'. */
static struct span
next_field(struct span *rest)
{
    const uint8_t *slash = memmem(rest->data, rest->len, "%2F", 3);
    size_t len = slash != NULL ? (size_t)(slash - rest->data) : rest->len;
    size_t skip = slash != NULL ? len + 3 : len;
    struct span field = {rest->data, len};

    *rest = (struct span){rest->data + skip, rest->len - skip};
    return field;
}

static bool
check_credential(const struct sigv4_key *key, const struct url *url, struct sigv4_refusal *refusal)
{
    struct span rest = url->values[CREDENTIAL];
    struct span access_id = next_field(&rest), day = next_field(&rest);
    struct span region = next_field(&rest), service = next_field(&rest);

    if (!span_equal(service, span_of("s3")) || !span_equal(rest, span_of("aws4_request")))
        return refuse_parameters(
            refusal, "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; "
                     "expecting \"<YOUR-AKID>/YYYYMMDD/REGION/s3/aws4_request\".");
    if (!span_equal(access_id, span_of(key->access_id)))
        return refuse(refusal, 403, "InvalidAccessKeyId",
                      "The AWS Access Key Id you provided does not exist in our records.");
    if (!span_equal(region, span_of(key->region)))
        return refuse(refusal, 400, "AuthorizationQueryParametersError",
                      "Error parsing the X-Amz-Credential parameter; the region is wrong; "
                      "expecting '%s'",
                      key->region);
    if (day.len != 8 || memcmp(day.data, url->date, 8) != 0)
        return refuse_parameters(
            refusal, "Invalid credential date. This date is not the same as X-Amz-Date.");
    return true;
}

static bool
check_scheme(const struct url *url, struct sigv4_refusal *refusal)
{
    if (!span_equal(url->values[ALGORITHM], span_of(SIGV4_ALGORITHM)))
        return refuse_parameters(refusal, "X-Amz-Algorithm only supports \"" SIGV4_ALGORITHM "\"");
    if (!span_equal(url->values[SIGNED_HEADERS], span_of("host")))
        return refuse_parameters(refusal, "X-Amz-SignedHeaders must be \"host\"");
    return true;
}

static const char *
canonical_query(struct arena *arena, const struct url *url)
{
#define VALUE(slot) (int)url->values[slot].len, (const char *)url->values[slot].data
    return arena_printf(arena,
                        "X-Amz-Algorithm=%.*s&X-Amz-Credential=%.*s&X-Amz-Date=%.*s&X-Amz-Expires="
                        "%.*s&X-Amz-SignedHeaders=%.*s&partNumber=%.*s&uploadId=%.*s",
                        VALUE(ALGORITHM), VALUE(CREDENTIAL), VALUE(DATE), VALUE(EXPIRES),
                        VALUE(SIGNED_HEADERS), VALUE(PART_NUMBER), VALUE(UPLOAD_ID));
#undef VALUE
}

static bool
check_signature(struct arena *arena, const struct sigv4_key *key,
                const struct sigv4_request *request, const struct url *url,
                struct sigv4_refusal *refusal)
{
    char expected[SIGV4_SIGNATURE_SIZE];
    const char *query = canonical_query(arena, url);
    struct sigv4_message message = {
        .method = request->method, .path = request->path, .host = request->host, .date = url->date};

    if (query != NULL)
        message.query = span_of(query);
    if (query == NULL || sigv4_sign(arena, key, &message, expected, NULL) != ERR_OK)
        return refuse(refusal, 503, "SlowDown", "Please reduce your request rate.");
    struct span given = url->values[SIGNATURE];
    bool equal = given.len == SIGV4_SIGNATURE_SIZE - 1 &&
                 hash_equal(given.data, expected, SIGV4_SIGNATURE_SIZE - 1);
    hash_wipe(expected, sizeof(expected));
    return equal || refuse_mismatch(refusal);
}

static bool
check_expiry(const struct url *url, int64_t now_ms, struct sigv4_refusal *refusal)
{
    int64_t expires_ms = url->signed_ms + url->expires_s * 1000;

    if (now_ms < expires_ms)
        return true;
    refusal->expired = true;
    refusal->expires_ms = expires_ms;
    refusal->expires_s = url->expires_s;
    return refuse(refusal, 403, "AccessDenied", "Request has expired");
}

void
sigv4_verify(struct arena *arena, const struct sigv4_key *key, const struct sigv4_request *request,
             int64_t now_ms, struct sigv4_claims *ret_claims, struct sigv4_refusal *ret_refusal)
{
    struct sigv4_refusal refusal = {0};
    struct url url = {0};

    *ret_refusal = (struct sigv4_refusal){0};
    if (!check_request(request, &refusal) || !split_query(request->query, &url, &refusal) ||
        !check_scheme(&url, &refusal) || !check_part(arena, &url, &refusal) ||
        !check_dates(&url, now_ms, &refusal) || !check_credential(key, &url, &refusal) ||
        !check_signature(arena, key, request, &url, &refusal) ||
        !check_expiry(&url, now_ms, &refusal)) {
        *ret_refusal = refusal;
        return;
    }
    const char *path = arena_strndup(arena, (const char *)request->path.data, request->path.len);
    if (path == NULL) {
        (void)refuse(ret_refusal, 503, "SlowDown", "Please reduce your request rate.");
        return;
    }
    *ret_claims = (struct sigv4_claims){.path = path,
                                        .upload_id = url.upload_id,
                                        .part_number = url.part_number,
                                        .expires_ms = url.signed_ms + url.expires_s * 1000};
}

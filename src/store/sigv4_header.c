/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/clock.h"
#include "store/sigv4_internal.h"

/* "name:value" lines, an empty one, and the names. */
static void
put_fields(struct buf *out, const struct sigv4_call *call)
{
    for (size_t i = 0; i < call->n; i++)
        buf_printf(out, "%s:%s\n", call->fields[i].name, call->fields[i].value);
    buf_char(out, '\n');
    for (size_t i = 0; i < call->n; i++)
        buf_printf(out, "%s%s", i > 0 ? ";" : "", call->fields[i].name);
}

enum err_code
sigv4_authorize(struct arena *arena, const struct sigv4_key *key, const struct sigv4_call *call,
                const char **ret_value, struct err *err)
{
    char date[CLOCK_TEXT_SIZE], signature[SIGV4_SIGNATURE_SIZE];
    struct buf request, names;

    clock_basic8601(call->now_ms, date);
    buf_init(&request, KiB(64));
    buf_init(&names, KiB(8));
    buf_printf(&request, "%s\n%s\n%s\n", call->method, call->path, call->query);
    put_fields(&request, call);
    buf_printf(&request, "\n%s", call->payload_sha256);
    for (size_t i = 0; i < call->n; i++)
        buf_printf(&names, "%s%s", i > 0 ? ";" : "", call->fields[i].name);
    enum err_code rc = buf_check(&request, "request to be signed", err);
    if (rc == ERR_OK)
        rc = buf_check(&names, "request to be signed", err);
    if (rc == ERR_OK)
        rc = sigv4_sign_text(arena, key, date, buf_text(&request), signature, err);
    if (rc == ERR_OK) {
        const char *value =
            arena_printf(arena,
                         SIGV4_ALGORITHM " Credential=%s/%.8s/%s/s3/aws4_request,"
                                         "SignedHeaders=%s,Signature=%s",
                         key->access_id, date, key->region, buf_text(&names), signature);
        if (value != NULL)
            *ret_value = value;
        else
            rc = err_set(err, ERR_LIMIT, "no room to sign a request");
    }
    hash_wipe(request.data, request.len); /* a token may be among the fields */
    buf_fini(&request);
    buf_fini(&names);
    return rc;
}

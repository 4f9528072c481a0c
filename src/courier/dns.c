/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "courier/dns.h"

#include <ctype.h>
#include <string.h>

enum {
    HEADER_SIZE = 12,
    CLASS_IN = 1,
    TYPE_OPT = 41,
    FLAG_ANSWER = 0x8000,
    FLAG_CUT = 0x0200,
    FLAG_RECURSE = 0x0100,
    CODE_NO_NAME = 3,
    LABEL_MAX = 63,
    RECORDS_MAX = 200
};

struct reader {
    const uint8_t *at;
    size_t left;
    bool bad;
};

static uint8_t *
put16(uint8_t *at, unsigned v)
{
    at[0] = (uint8_t)(v >> 8);
    at[1] = (uint8_t)v;
    return at + 2;
}

size_t
dns_write_query(const struct dns_question *question, uint8_t out[DNS_QUERY_MAX])
{
    uint8_t *at = out;
    const char *host = question->host;

    if (strlen(host) > 253 || host[0] == '\0')
        return 0;
    at = put16(at, question->id);
    at = put16(at, FLAG_RECURSE);
    at = put16(at, 1); /* questions */
    at = put16(at, 0);
    at = put16(at, 0);
    at = put16(at, 1); /* additional: how long an answer may be */
    while (*host != '\0') {
        size_t len = strcspn(host, ".");
        if (len == 0 || len > LABEL_MAX)
            return 0;
        *at++ = (uint8_t)len;
        memcpy(at, host, len);
        at += len;
        host += len + (host[len] == '.');
    }
    *at++ = 0;
    at = put16(at, question->type);
    at = put16(at, CLASS_IN);
    *at++ = 0; /* the root's name */
    at = put16(at, TYPE_OPT);
    at = put16(at, DNS_ANSWER_MAX);
    memset(at, 0, 6); /* version, flags, no options */
    return (size_t)(at + 6 - out);
}

static unsigned
take16(struct reader *r)
{
    if (r->bad || r->left < 2) {
        r->bad = true;
        return 0;
    }
    unsigned v = (unsigned)r->at[0] << 8 | r->at[1];
    r->at += 2;
    r->left -= 2;
    return v;
}

static const uint8_t *
take_bytes(struct reader *r, size_t len)
{
    const uint8_t *at = r->at;

    if (r->bad || r->left < len) {
        r->bad = true;
        return NULL;
    }
    r->at += len;
    r->left -= len;
    return at;
}

/* A name ends with the root or with a pointer, which is not followed: nothing depends on whose
 * record it is. */
static void
skip_name(struct reader *r)
{
    while (!r->bad) {
        const uint8_t *len = take_bytes(r, 1);
        if (len == NULL || *len == 0)
            return;
        if ((*len & 0xc0) == 0xc0) {
            (void)take_bytes(r, 1);
            return;
        }
        if (*len > LABEL_MAX)
            r->bad = true;
        (void)take_bytes(r, *len);
    }
}

/* The question comes back as it was asked, uncompressed; case is free. */
static bool
same_question(struct reader *r, const struct dns_question *question)
{
    const char *host = question->host;

    for (;;) {
        const uint8_t *len = take_bytes(r, 1);
        size_t want = strcspn(host, ".");
        if (len == NULL || *len != want)
            return false;
        if (want == 0)
            break;
        const uint8_t *label = take_bytes(r, want);
        if (label == NULL)
            return false;
        for (size_t i = 0; i < want; i++)
            if (tolower(label[i]) != tolower((unsigned char)host[i]))
                return false;
        host += want + (host[want] == '.');
    }
    bool same = take16(r) == question->type;
    return take16(r) == CLASS_IN && same && !r->bad;
}

static void
add_address(uint16_t type, const uint8_t *data, size_t len, struct netaddr *ret, size_t *n)
{
    static const uint8_t v4_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

    if (*n == DNS_ADDRESSES_MAX)
        return;
    if (type == DNS_TYPE_A && len == 4) {
        memcpy(ret[*n].bytes, v4_prefix, sizeof(v4_prefix));
        memcpy(ret[(*n)++].bytes + sizeof(v4_prefix), data, len);
    } else if (type == DNS_TYPE_AAAA && len == 16) {
        memcpy(ret[(*n)++].bytes, data, len);
    }
}

static void
read_records(struct reader *r, unsigned count, uint16_t type, struct netaddr *ret, size_t *n,
             uint32_t *ret_ttl_s)
{
    for (unsigned i = 0; i < count && i < RECORDS_MAX && !r->bad; i++) {
        skip_name(r);
        unsigned found = take16(r), class_in = take16(r);
        uint32_t ttl_s = take16(r) << 16;
        ttl_s |= take16(r);
        unsigned len = take16(r);
        const uint8_t *data = take_bytes(r, len);
        if (data == NULL)
            return;
        if (ttl_s < *ret_ttl_s)
            *ret_ttl_s = ttl_s;
        if (found == type && class_in == CLASS_IN)
            add_address(type, data, len, ret, n);
    }
}

enum dns_verdict
dns_read_answer(const struct dns_question *question, struct span message, struct netaddr *ret,
                size_t *ret_n, uint32_t *ret_ttl_s)
{
    struct reader r = {message.data, message.len, false};
    size_t n = 0;
    uint32_t ttl_s = UINT32_MAX;
    unsigned id = take16(&r), flags = take16(&r), questions = take16(&r), answers = take16(&r);

    (void)take_bytes(&r, 4); /* the other sections */
    if (r.bad || id != question->id || (flags & FLAG_ANSWER) == 0 || questions != 1 ||
        !same_question(&r, question))
        return DNS_STRANGE;
    unsigned code = flags & 0xf;
    if (code != 0 && code != CODE_NO_NAME)
        return DNS_TROUBLE;
    read_records(&r, code == 0 ? answers : 0, question->type, ret, &n, &ttl_s);
    /* Of an answer that was cut, what came is as good as any part of it. */
    if (n == 0 && (r.bad || (flags & FLAG_CUT) != 0))
        return DNS_TROUBLE;
    *ret_n = n;
    *ret_ttl_s = ttl_s;
    return DNS_FOUND;
}

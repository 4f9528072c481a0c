/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/netaddr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { V4_OFFSET = 12, V4_BITS = 96 };

static const uint8_t v4_prefix[V4_OFFSET] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
static const uint8_t nat64_prefix[V4_OFFSET] = {0, 0x64, 0xff, 0x9b};

struct block {
    uint8_t first[4];
    unsigned bits;
};

/* What of IPv4 nobody outside may be reached at. */
static const struct block v4_special[] = {
    {{0, 0, 0, 0}, 8},      {{10, 0, 0, 0}, 8},     {{100, 64, 0, 0}, 10}, {{127, 0, 0, 0}, 8},
    {{169, 254, 0, 0}, 16}, {{172, 16, 0, 0}, 12},  {{192, 0, 0, 0}, 24},  {{192, 0, 2, 0}, 24},
    {{192, 88, 99, 0}, 24}, {{192, 168, 0, 0}, 16}, {{198, 18, 0, 0}, 15}, {{198, 51, 100, 0}, 24},
    {{203, 0, 113, 0}, 24}, {{224, 0, 0, 0}, 3},
};

struct block6 {
    uint8_t first[4];
    unsigned bits;
};

/* Inside 2000::/3, which is all of IPv6 that is given out. */
static const struct block6 v6_special[] = {
    {{0x20, 0x01, 0x00, 0x00}, 23}, /* protocols: Teredo, ORCHID, benchmark, ... */
    {{0x20, 0x01, 0x0d, 0xb8}, 32}, /* documentation */
    {{0x20, 0x02, 0x00, 0x00}, 16}, /* 6to4: an IPv4 address behind a relay */
    {{0x3f, 0xff, 0x00, 0x00}, 20}, /* documentation */
};

static bool
same_bits(const uint8_t *a, const uint8_t *b, unsigned bits)
{
    if (memcmp(a, b, bits / 8) != 0)
        return false;
    unsigned rest = bits % 8;
    return rest == 0 || ((a[bits / 8] ^ b[bits / 8]) >> (8 - rest)) == 0;
}

static struct netaddr
from_v4(const uint8_t bytes[4])
{
    struct netaddr address;

    memcpy(address.bytes, v4_prefix, V4_OFFSET);
    memcpy(address.bytes + V4_OFFSET, bytes, 4);
    return address;
}

/* The IPv4 address that this one leads to is put in its place. */
static struct netaddr
look_through(const struct netaddr *address)
{
    return memcmp(address->bytes, nat64_prefix, V4_OFFSET) == 0
               ? from_v4(address->bytes + V4_OFFSET)
               : *address;
}

bool
netaddr_parse(const char *text, struct netaddr *ret)
{
    uint8_t v4[4];

    /* inet_pton takes four decimal numbers without leading zeros, and nothing else. */
    if (inet_pton(AF_INET, text, v4) == 1) {
        *ret = from_v4(v4);
        return true;
    }
    return inet_pton(AF_INET6, text, ret->bytes) == 1;
}

bool
netaddr_of(const struct sockaddr *address, struct netaddr *ret)
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, address, sizeof(in));
        uint8_t v4[4];
        memcpy(v4, &in.sin_addr, sizeof(v4));
        *ret = from_v4(v4);
        return true;
    }
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 in6;
        memcpy(&in6, address, sizeof(in6));
        memcpy(ret->bytes, &in6.sin6_addr, sizeof(ret->bytes));
        return true;
    }
    return false;
}

void
netaddr_text(const struct netaddr *address, char ret_text[NETADDR_TEXT_SIZE])
{
    bool v4 = netaddr_is_v4(address);
    const void *bytes = v4 ? address->bytes + V4_OFFSET : address->bytes;

    if (inet_ntop(v4 ? AF_INET : AF_INET6, bytes, ret_text, NETADDR_TEXT_SIZE) == NULL)
        ret_text[0] = '\0';
}

bool
netaddr_is_v4(const struct netaddr *address)
{
    return memcmp(address->bytes, v4_prefix, V4_OFFSET) == 0;
}

bool
netaddr_is_public(const struct netaddr *given)
{
    struct netaddr address = look_through(given);
    const uint8_t *bytes = address.bytes;

    if (netaddr_is_v4(&address)) {
        for (size_t i = 0; i < ARRAY_LEN(v4_special); i++)
            if (same_bits(bytes + V4_OFFSET, v4_special[i].first, v4_special[i].bits))
                return false;
        return true;
    }
    if ((bytes[0] & 0xe0) != 0x20)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(v6_special); i++)
        if (same_bits(bytes, v6_special[i].first, v6_special[i].bits))
            return false;
    return true;
}

bool
netaddr_in(const struct netaddr *given, const struct netaddr_range *range)
{
    struct netaddr address = look_through(given);

    return same_bits(address.bytes, range->first.bytes, range->bits) ||
           same_bits(given->bytes, range->first.bytes, range->bits);
}

static bool
parse_bits(const char *text, unsigned most, unsigned *ret)
{
    char *end;

    if (text[0] < '0' || text[0] > '9')
        return false;
    unsigned long bits = strtoul(text, &end, 10);
    if (*end != '\0' || bits > most)
        return false;
    *ret = (unsigned)bits;
    return true;
}

enum err_code
netaddr_range_parse(const char *text, struct netaddr_range *ret, struct err *err)
{
    char address[NETADDR_TEXT_SIZE];
    const char *slash = strchr(text, '/');
    size_t len = slash != NULL ? (size_t)(slash - text) : strlen(text);
    struct netaddr_range range;
    unsigned bits;

    if (len >= sizeof(address))
        return err_set(err, ERR_INPUT, "'%.60s' is no address range", text);
    memcpy(address, text, len);
    address[len] = '\0';
    if (!netaddr_parse(address, &range.first))
        return err_set(err, ERR_INPUT, "'%.60s' is no address range such as 10.0.0.0/8", text);
    bool v4 = netaddr_is_v4(&range.first) && strchr(address, ':') == NULL;
    unsigned most = v4 ? 32 : 128;
    bits = most;
    if (slash != NULL && !parse_bits(slash + 1, most, &bits))
        return err_set(err, ERR_INPUT, "'%.60s': the prefix has 0 to %u bits", text, most);
    range.bits = v4 ? V4_BITS + bits : bits;
    for (unsigned bit = range.bits; bit < 128; bit++)
        if ((range.first.bytes[bit / 8] & (0x80 >> (bit % 8))) != 0)
            return err_set(err, ERR_INPUT, "'%.60s' has bits set behind its prefix", text);
    *ret = range;
    return ERR_OK;
}

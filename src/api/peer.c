/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/peer.h"

#include <string.h>

enum { LIST_MAX = 2048 };

enum err_code
peer_proxies_parse(const char *list, struct peer_proxies *ret, struct err *err)
{
    struct peer_proxies proxies = {.count = 0};
    char text[LIST_MAX], *rest = text;
    const char *each;
    enum err_code rc = ERR_OK;

    if (list == NULL)
        list = "";
    if (strlen(list) >= sizeof(text))
        return err_set(err, ERR_INPUT, "trusted proxies: more than %d bytes", LIST_MAX - 1);
    memcpy(text, list, strlen(list) + 1);
    while (rc == ERR_OK && (each = strsep(&rest, ", ")) != NULL) {
        if (each[0] == '\0')
            continue;
        if (proxies.count == PEER_PROXIES_MAX)
            return err_set(err, ERR_INPUT, "trusted proxies: more than %d", PEER_PROXIES_MAX);
        rc = netaddr_range_parse(each, &proxies.ranges[proxies.count++], err);
    }
    if (rc == ERR_OK)
        *ret = proxies;
    return rc;
}

static bool
is_trusted(const struct peer_proxies *proxies, const char *text)
{
    struct netaddr address;

    if (!netaddr_parse(text, &address))
        return false;
    for (size_t i = 0; i < proxies->count; i++)
        if (netaddr_in(&address, &proxies->ranges[i]))
            return true;
    return false;
}

/* The last of "a, b, c", and what stands before it; false at the beginning. */
static bool
take_last(struct span *rest, struct span *ret)
{
    size_t end = rest->len;

    if (rest->data == NULL || end == 0)
        return false;
    size_t begin = end;
    while (begin > 0 && rest->data[begin - 1] != ',')
        begin--;
    rest->len = begin > 0 ? begin - 1 : 0;
    while (begin < end && (rest->data[begin] == ' ' || rest->data[begin] == '\t'))
        begin++;
    while (end > begin && (rest->data[end - 1] == ' ' || rest->data[end - 1] == '\t'))
        end--;
    *ret = (struct span){rest->data + begin, end - begin};
    return true;
}

const char *
peer_of(struct arena *arena, const struct peer_proxies *proxies, const char *connected,
        struct span forwarded)
{
    const char *peer = connected;
    struct netaddr address;
    struct span text;

    while (is_trusted(proxies, peer) && take_last(&forwarded, &text)) {
        const char *before = text.len < NETADDR_TEXT_SIZE
                                 ? arena_strndup(arena, (const char *)text.data, text.len)
                                 : NULL;
        if (before == NULL || !netaddr_parse(before, &address))
            break;
        peer = before;
    }
    return peer;
}

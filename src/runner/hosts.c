/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "runner/hosts.h"

#include "base/fnv.h"
#include "base/url.h"

#include <string.h>

static const int64_t full_milli = HOSTS_A_SECOND * INT64_C(1000);

uint64_t
hosts_number(const char *text)
{
    struct url url;

    if (url_parse(text, &url, NULL) != ERR_OK)
        return 0;
    return fnv_add(FNV_BEGIN, url.host, strlen(url.host));
}

size_t
hosts_take(struct hosts *hosts, uint64_t host, size_t wanted, int64_t now_ms)
{
    int64_t *at_ms = &hosts->places[host % HOSTS_PLACES].at_ms;
    int64_t *tokens = &hosts->places[host % HOSTS_PLACES].tokens_milli;

    if (*at_ms == 0 || now_ms - *at_ms > 1000)
        *tokens = full_milli;
    else
        *tokens += (now_ms - *at_ms) * HOSTS_A_SECOND;
    if (*tokens > full_milli)
        *tokens = full_milli;
    *at_ms = now_ms;
    size_t n = (size_t)(*tokens / 1000);
    if (n > wanted)
        n = wanted;
    *tokens -= (int64_t)n * 1000;
    return n;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later
 * fuzz/fuzz_url.c - URLs and address ranges of tenants. What is accepted has to be accepted again
 * as it was written, and to mean the same. Links base_dep. */
#include "base/netpolicy.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
read_url(const char *text)
{
    struct url url, again;
    struct netpolicy policy;
    struct err err;
    char name[300];

    if (url_parse(text, &url, &err) != ERR_OK) {
        if (err.code != ERR_INPUT)
            abort();
        return;
    }
    if (strlen(url.text) > URL_MAX || url.port == 0 || url.host[0] == '\0')
        abort();
    if (url_parse(url.text, &again, &err) != ERR_OK || strcmp(url.text, again.text) != 0 ||
        strcmp(url.host, again.host) != 0 || url.port != again.port || url.https != again.https ||
        url.is_literal != again.is_literal)
        abort();
    url_file_name(&url, name, sizeof(name));
    if (netpolicy_parse("10.0.0.0/8", "80,443", &policy, &err) != ERR_OK)
        abort();
    if (netpolicy_check_webhook(&policy, &url, &err) == ERR_OK && url.is_literal &&
        !netpolicy_is_allowed(&policy, &url.literal))
        abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct netaddr_range range;
    struct err err;
    char *text = malloc(size + 1);

    if (text == NULL)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    read_url(text);
    (void)!netaddr_range_parse(text, &range, &err);
    free(text);
    return 0;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later
 * fuzz/fuzz_dns.c - answers of name servers. The input's first byte chooses the question, the rest
 * is the answer, with the question's own id put into it so that most are looked at. Links
 * courier_dep. */
#include "courier/dns.h"
#include "courier/system.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
read_files(const uint8_t *data, size_t size)
{
    struct system_names names = {.hosts = calloc(SYSTEM_HOSTS_MAX, sizeof(*names.hosts))};
    char *text = malloc(size + 1);

    if (names.hosts != NULL && text != NULL) {
        memcpy(text, data, size);
        text[size] = '\0';
        system_read_resolv(text, &names);
        system_read_hosts(text, &names);
        if (names.server_count > SYSTEM_SERVERS_MAX || names.host_count > SYSTEM_HOSTS_MAX)
            abort();
    }
    free(text);
    free(names.hosts);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dns_question question = {0x4142, DNS_TYPE_A, "a.example"};
    struct netaddr addresses[DNS_ADDRESSES_MAX];
    uint8_t message[DNS_ANSWER_MAX];
    size_t n = 0;
    uint32_t ttl_s;

    if (size < 1 || size > sizeof(message))
        return 0;
    if (data[0] & 1)
        question.type = DNS_TYPE_AAAA;
    if (data[0] & 2)
        read_files(data + 1, size - 1);
    memcpy(message, data + 1, size - 1);
    if (size > 3)
        memcpy(message, "AB", 2);
    enum dns_verdict verdict =
        dns_read_answer(&question, (struct span){message, size - 1}, addresses, &n, &ttl_s);
    if (n > DNS_ADDRESSES_MAX || (verdict == DNS_STRANGE && n != 0))
        abort();
    return 0;
}

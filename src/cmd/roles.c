/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cmd/roles.h"

#include "base/attrs.h"
#include "base/random.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct {
    const char *name;
    unsigned bits;
} words[] = {
    {"all", ROLES_ALL}, {"api", ROLES_API}, {"runner", ROLES_RUNNER}, {"courier", ROLES_COURIER}};

static const char name_letters[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

static unsigned
find_bits(const char *word, size_t len)
{
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strlen(words[i].name) == len && memcmp(words[i].name, word, len) == 0)
            return words[i].bits;
    return 0;
}

enum err_code
roles_parse(const char *text, unsigned *ret, struct err *err)
{
    unsigned found = text[0] == '\0' ? ROLES_ALL : 0;
    const char *at = text;

    while (*at != '\0') {
        size_t len = strcspn(at, ",");
        unsigned bits = find_bits(at, len);
        if (bits == 0)
            return err_set(err, ERR_INPUT, "--role: '%.*s' is none of all, api, runner, courier",
                           (int)(len < 40 ? len : 40), at);
        found |= bits;
        at += len + (at[len] == ',');
    }
    *ret = found;
    return ERR_OK;
}

enum err_code
roles_name_node(const struct options *options, char ret[NODE_NAME_SIZE], struct err *err)
{
    const char *given = options->text[OPTION_NODE];
    char host[NODE_NAME_SIZE - 8] = "", end[7];

    if (strlen(given) >= NODE_NAME_SIZE || strspn(given, name_letters) != strlen(given))
        return err_set(err, ERR_INPUT,
                       "--node: a name has at most %d characters: letters, digits, '.', '_', '-'",
                       NODE_NAME_SIZE - 1);
    if (given[0] != '\0') {
        snprintf(ret, NODE_NAME_SIZE, "%s", given);
        return ERR_OK;
    }
    if (gethostname(host, sizeof(host) - 1) != 0 || host[0] == '\0' ||
        strspn(host, name_letters) != strlen(host))
        snprintf(host, sizeof(host), "node");
    random_text(end, sizeof(end) - 1);
    snprintf(ret, NODE_NAME_SIZE, "%s-%s", host, end);
    return ERR_OK;
}

void
roles_text(int64_t roles, char ret[32])
{
    size_t at = 0;

    ret[0] = '\0';
    for (size_t i = 1; i < ARRAY_LEN(words); i++)
        if ((roles & words[i].bits) != 0)
            at += (size_t)snprintf(ret + at, 32 - at, "%s%s", at > 0 ? "," : "", words[i].name);
}

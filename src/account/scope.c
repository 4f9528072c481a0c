/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "account/account.h"

#include <string.h>

static const char *const words[] = {"read", "write", "admin"};

const char *
scope_name(enum scope scope)
{
    for (unsigned i = 0; i < ARRAY_LEN(words); i++)
        if (((unsigned)scope & 1u << i) != 0)
            return words[i];
    return "none";
}

const char *
scopes_text(unsigned scopes)
{
    static const char *const texts[] = {"",      "read",       "write",       "read,write",
                                        "admin", "read,admin", "write,admin", "read,write,admin"};

    return texts[scopes % ARRAY_LEN(texts)];
}

bool
scopes_parse(const char *text, unsigned *ret)
{
    unsigned scopes = 0;

    for (;;) {
        size_t len = strcspn(text, ",");
        unsigned found = 0;
        for (unsigned i = 0; i < ARRAY_LEN(words); i++)
            if (strlen(words[i]) == len && memcmp(words[i], text, len) == 0)
                found = 1u << i;
        if (found == 0)
            return false;
        scopes |= found;
        if (text[len] == '\0')
            break;
        text += len + 1;
    }
    *ret = scopes;
    return true;
}

unsigned
role_scopes(const char *role)
{
    if (strcmp(role, "owner") == 0 || strcmp(role, "admin") == 0)
        return SCOPE_ALL;
    if (strcmp(role, "member") == 0)
        return SCOPE_READ | SCOPE_WRITE;
    return strcmp(role, "viewer") == 0 ? SCOPE_READ : SCOPE_NONE;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/hash.h"
#include "template/template_internal.h"

#include <ctype.h>
#include <string.h>

void
slug_of(const char *name, char ret[TEMPLATE_SLUG_MAX + 1])
{
    size_t n = 0;

    for (const char *c = name; *c != '\0' && n < TEMPLATE_SLUG_MAX; c++) {
        if (isalnum((unsigned char)*c) && (unsigned char)*c < 128)
            ret[n++] = (char)tolower((unsigned char)*c);
        else if (n > 0 && ret[n - 1] != '-' && *c != '\'')
            ret[n++] = '-';
    }
    while (n > 0 && ret[n - 1] == '-')
        n--;
    ret[n] = '\0';
    if (n == 0)
        memcpy(ret, "template", sizeof("template"));
}

void
template_checksum(const struct template_spec *spec, char *ret)
{
    const char *const texts[] = {spec->model, spec->instructions, spec->schema_json};
    struct buf all;
    uint8_t digest[SHA256_SIZE];

    buf_init(&all, MiB(1));
    buf_printf(&all, "%d %d", spec->format, spec->bounding_boxes);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        buf_char(&all, '\n'); /* none of them has one: JSON is compact, the others come last */
        buf_string(&all, texts[i] != NULL ? texts[i] : "-");
    }
    hash_sha256(all.data, all.len, digest);
    hash_hex(digest, sizeof(digest), ret);
    buf_fini(&all);
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli_names.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { NAME_MAX_BYTES = 200 }; /* leaves room for "-123456.json" in a file name of 255 */

bool
cli_is_url(const char *input)
{
    return strncasecmp(input, "http://", 7) == 0 || strncasecmp(input, "https://", 8) == 0;
}

void
cli_defuse(char *text)
{
    for (unsigned char *c = (unsigned char *)text; *c != '\0'; c++) {
        if (*c < 0x20 || *c == 0x7f) {
            *c = '?';
        } else if (*c == 0xc2 && c[1] >= 0x80 && c[1] <= 0x9f) {
            c[0] = '?';
            c[1] = '?';
        }
    }
}

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* In place. */
static void
decode_escapes(char *text)
{
    char *to = text;

    for (const char *from = text; *from != '\0'; from++, to++) {
        *to = *from;
        if (*from == '%' && hex_digit(from[1]) >= 0 && hex_digit(from[2]) >= 0) {
            *to = (char)(hex_digit(from[1]) << 4 | hex_digit(from[2]));
            from += 2;
        }
    }
    *to = '\0';
}

/* Cut to the limit at the start of a character, so that the ending may go but no half is left. */
static void
cut(char *text, size_t max)
{
    size_t len = strlen(text);

    if (len <= max)
        return;
    while (max > 0 && ((unsigned char)text[max] & 0xc0) == 0x80)
        max--;
    text[max] = '\0';
}

/* Makes any bytes a name: valid UTF-8, no slashes, no control characters, not hidden. */
static void
make_harmless(char *name)
{
    json_t *probe = json_string(name); /* NULL for what is no UTF-8 */

    for (char *c = name; *c != '\0'; c++)
        if (*c == '/' || (probe == NULL && ((unsigned char)*c & 0x80) != 0))
            *c = '_';
    json_decref(probe);
    cli_defuse(name);
    if (name[0] == '.')
        name[0] = '_';
    cut(name, NAME_MAX_BYTES);
}

static char *
name_of_file(const char *path)
{
    size_t end = strlen(path);

    while (end > 1 && path[end - 1] == '/')
        end--;
    size_t start = end;
    while (start > 0 && path[start - 1] != '/')
        start--;
    return strndup(path + start, end - start);
}

static char *
name_of_url(const char *url)
{
    const char *path = strstr(url, "://") + 3;
    size_t host = strcspn(path, "/?#");
    size_t end = host + strcspn(path + host, "?#");
    size_t start = end;

    while (start > host && path[start - 1] != '/')
        start--;
    if (start == end || start == host)
        return strdup("document");
    char *name = strndup(path + start, end - start);
    if (name != NULL)
        decode_escapes(name);
    return name;
}

static bool
is_taken(const struct cli_item *items, size_t n, const char *name)
{
    /* Without case, for file systems that know none. */
    for (size_t i = 0; i < n; i++)
        if (strcasecmp(items[i].output_name, name) == 0)
            return true;
    return false;
}

static char *
unique_name(const struct cli_item *items, size_t before, const char *name)
{
    const char *dot = strrchr(name, '.');
    int stem = dot != NULL && dot != name ? (int)(dot - name) : (int)strlen(name);
    char *made = strndup(name, (size_t)stem);

    for (size_t k = 2; made != NULL && is_taken(items, before, made); k++) {
        free(made);
        if (asprintf(&made, "%.*s-%zu", stem, name, k) < 0)
            return NULL;
    }
    return made;
}

static char *
shown_name(const struct cli_item *items, size_t n, const struct cli_item *item)
{
    size_t same = 0;

    for (size_t i = 0; i < n; i++)
        same += strcmp(items[i].name, item->name) == 0;
    char *shown = strdup(same > 1 ? item->input : item->name);
    if (shown != NULL)
        cli_defuse(shown);
    return shown;
}

bool
cli_name_items(struct cli_item *items, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct cli_item *item = &items[i];
        item->is_url = cli_is_url(item->input);
        item->name = item->is_url ? name_of_url(item->input) : name_of_file(item->input);
        if (item->name == NULL)
            return false;
        make_harmless(item->name);
        item->output_name = unique_name(items, i, item->name);
        if (item->output_name == NULL)
            return false;
    }
    for (size_t i = 0; i < n; i++) {
        items[i].shown = shown_name(items, n, &items[i]);
        if (items[i].shown == NULL)
            return false;
    }
    return true;
}

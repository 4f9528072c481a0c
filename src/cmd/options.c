/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cmd/options.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct option_row {
    const char *flag;
    enum option_type type;
    const char *value;
    int64_t min, max;
    const char *argument;
    const char *help;
};

static const struct option_row rows[OPTION_COUNT] = {
#define X(id, flag, type, value, min, max, argument, help)                                         \
    [OPTION_##id] = {flag, type, value, min, max, argument, help},
    OPTION_TABLE(X)
#undef X
};

static void
variable_name(enum option_id id, char *out, size_t cap)
{
    size_t used = (size_t)snprintf(out, cap, "LEAPOCR_");

    for (const char *c = rows[id].flag; *c != '\0' && used + 1 < cap; c++)
        out[used++] = *c == '-' ? '_' : (char)toupper((unsigned char)*c);
    out[used] = '\0';
}

/* origin: "--flag" or "LEAPOCR_FLAG", for the message. */
static enum err_code
assign(struct options *options, enum option_id id, const char *value, const char *origin,
       struct err *err)
{
    const struct option_row *row = &rows[id];

    options->text[id] = value;
    if (row->type == OPTION_TEXT)
        return ERR_OK;
    char *end;
    errno = 0;
    long long number = strtoll(value, &end, 10);
    if (errno != 0 || end == value || *end != '\0' || number < row->min || number > row->max)
        return err_set(err, ERR_INPUT, "%s: '%.60s' is not a whole number from %lld to %lld",
                       origin, value, (long long)row->min, (long long)row->max);
    options->number[id] = row->type == OPTION_MS ? number * 1000 : number;
    return ERR_OK;
}

enum err_code
options_init(struct options *options, struct err *err)
{
    enum err_code rc = ERR_OK;

    for (int id = 0; id < OPTION_COUNT && rc == ERR_OK; id++) {
        char name[64];
        variable_name(id, name, sizeof(name));
        const char *value = getenv(name);
        rc = assign(options, id, value != NULL ? value : rows[id].value, name, err);
    }
    return rc;
}

static enum err_code
find_flag(const enum option_id *allowed, size_t n, const char *name, size_t len,
          enum option_id *ret_id, struct err *err)
{
    for (size_t i = 0; i < n; i++) {
        const char *flag = rows[allowed[i]].flag;
        if (strlen(flag) == len && memcmp(flag, name, len) == 0) {
            *ret_id = allowed[i];
            return ERR_OK;
        }
    }
    return err_set(err, ERR_INPUT, "unknown option --%.*s", (int)len, name);
}

enum err_code
options_parse(struct options *options, const enum option_id *allowed, size_t n, int argc,
              char **argv, int *ret_rest, struct err *err)
{
    int rest = 0;
    bool only_names = false;

    for (int i = 0; i < argc; i++) {
        char *arg = argv[i];
        if (only_names || strncmp(arg, "--", 2) != 0) {
            argv[rest++] = arg;
            continue;
        }
        if (strcmp(arg, "--") == 0) {
            only_names = true;
            continue;
        }
        if (strcmp(arg, "--help") == 0)
            return err_set(err, ERR_NOT_FOUND, "%s", "");
        size_t len = strcspn(arg + 2, "=");
        enum option_id id = OPTION_COUNT;
        enum err_code rc = find_flag(allowed, n, arg + 2, len, &id, err);
        if (rc != ERR_OK)
            return rc;
        const char *value = arg[2 + len] == '=' ? arg + 3 + len : NULL;
        if (value == NULL) {
            if (++i == argc)
                return err_set(err, ERR_INPUT, "%s needs a value: %s", arg, rows[id].argument);
            value = argv[i];
        }
        char origin[64];
        snprintf(origin, sizeof(origin), "--%s", rows[id].flag);
        rc = assign(options, id, value, origin, err);
        if (rc != ERR_OK)
            return rc;
    }
    *ret_rest = rest;
    return ERR_OK;
}

void
options_help(const enum option_id *ids, size_t n, struct buf *out)
{
    for (size_t i = 0; i < n; i++) {
        const struct option_row *row = &rows[ids[i]];
        char left[64];
        snprintf(left, sizeof(left), "--%s %s", row->flag, row->argument);
        buf_printf(out, "  %-30s %s", left, row->help);
        if (row->value[0] != '\0')
            buf_printf(out, " (default %s)", row->value);
        buf_char(out, '\n');
    }
}

void
options_markdown(struct buf *out)
{
    buf_string(out, "| flag | environment | default | least | most | meaning |\n"
                    "|---|---|---|---|---|---|\n");
    for (int id = 0; id < OPTION_COUNT; id++) {
        const struct option_row *row = &rows[id];
        char name[64];
        variable_name(id, name, sizeof(name));
        buf_printf(out, "| `--%s %s` | `%s` | %s |", row->flag, row->argument, name,
                   row->value[0] != '\0' ? row->value : "-");
        if (row->type == OPTION_TEXT)
            buf_string(out, " | |");
        else
            buf_printf(out, " %lld | %lld |", (long long)row->min, (long long)row->max);
        buf_printf(out, " %s |\n", row->help);
    }
}

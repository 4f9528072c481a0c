/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cmd/options.h"

#include "base/arena.h"
#include "base/fdio.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
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

/* LEAPOCR_TO is convert's alone: an installation is not moved by what happens to be set. */
static bool
has_variable(enum option_id id)
{
    return id != OPTION_MOVE_TO;
}

static void
variable_name(enum option_id id, char *out, size_t cap)
{
    size_t used = (size_t)snprintf(out, cap, "LEAPOCR_");

    for (const char *c = rows[id].flag; *c != '\0' && used + 1 < cap; c++)
        out[used++] = *c == '-' ? '_' : (char)toupper((unsigned char)*c);
    out[used] = '\0';
}

/* Which of "one|two|three" it is; -1: none of them. */
static int64_t
choice_index(const char *choices, const char *value)
{
    size_t len = strlen(value);
    int64_t index = 0;

    for (const char *at = choices;; index++) {
        size_t word = strcspn(at, "|");
        if (word == len && memcmp(at, value, len) == 0)
            return index;
        if (at[word] == '\0')
            return -1;
        at += word + 1;
    }
}

static enum err_code
assign_choice(struct options *options, enum option_id id, const char *value, const char *origin,
              struct err *err)
{
    char words[96];
    int64_t index = choice_index(rows[id].argument, value);

    if (index >= 0) {
        options->number[id] = index;
        return ERR_OK;
    }
    snprintf(words, sizeof(words), "%s", rows[id].argument);
    for (char *c = words; *c != '\0'; c++)
        *c = *c == '|' ? ' ' : *c;
    return err_set(err, ERR_INPUT, "%s: '%.60s' is none of: %s", origin, value, words);
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
    if (row->type == OPTION_CHOICE)
        return assign_choice(options, id, value, origin, err);
    char *end;
    errno = 0;
    long long number = strtoll(value, &end, 10);
    if (errno != 0 || end == value || *end != '\0' || number < row->min || number > row->max)
        return err_set(err, ERR_INPUT, "%s: '%.60s' is not a whole number from %lld to %lld",
                       origin, value, (long long)row->min, (long long)row->max);
    options->number[id] = row->type == OPTION_MS ? number * 1000 : number;
    return ERR_OK;
}

/* --- a file of settings --- */

enum { CONFIG_BYTES_MAX = 1 << 20, CONFIG_TEXT_MAX = 2 << 20 };

/* Settings point into it, so it stays as long as the process. */
static struct arena *config_texts;

static char *
trim(char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    for (char *end = text + strlen(text); end > text && isspace((unsigned char)end[-1]);)
        *--end = '\0';
    return text;
}

static enum err_code
take_line(struct options *options, char *line, const char *origin, struct err *err)
{
    char *equals = strchr(line, '=');

    if (equals == NULL)
        return err_set(err, ERR_INPUT, "%s: '%.60s' is no `name = value`", origin, line);
    *equals = '\0';
    const char *name = trim(line);
    for (int id = 0; id < OPTION_COUNT; id++)
        if (strcmp(rows[id].flag, name) == 0 && id != OPTION_CONFIG)
            return assign(options, id, trim(equals + 1), origin, err);
    return err_set(err, ERR_INPUT, "%s: there is no setting '%.60s'", origin, name);
}

static enum err_code
read_lines(struct options *options, char *text, const char *file, struct err *err)
{
    enum err_code rc = ERR_OK;
    char *rest = text;
    char origin[160];

    for (int number = 1; rest != NULL && rc == ERR_OK; number++) {
        char *line = trim(strsep(&rest, "\n"));
        snprintf(origin, sizeof(origin), "%.120s:%d", file, number);
        if (*line != '\0' && *line != '#')
            rc = take_line(options, line, origin, err);
    }
    return rc;
}

static enum err_code
read_file(struct options *options, const char *file, struct err *err)
{
    struct span bytes;

    if (config_texts == NULL)
        config_texts = arena_new(CONFIG_TEXT_MAX);
    if (config_texts == NULL)
        return err_set(err, ERR_MEMORY, "no memory");
    enum err_code rc = fd_load_file(config_texts, AT_FDCWD, file, CONFIG_BYTES_MAX, &bytes, err);
    if (rc != ERR_OK)
        return rc;
    char *text = arena_strndup(config_texts, (const char *)bytes.data, bytes.len);
    if (text == NULL)
        return err_set(err, ERR_LIMIT, "%.120s: too large", file);
    if (memchr(text, '\0', bytes.len) != NULL)
        return err_set(err, ERR_INPUT, "%.120s: not a text", file);
    return read_lines(options, text, file, err);
}

/* What is set in the environment. */
static enum err_code
read_environment(struct options *options, struct err *err)
{
    enum err_code rc = ERR_OK;

    for (int id = 0; id < OPTION_COUNT && rc == ERR_OK; id++) {
        char name[64];
        variable_name(id, name, sizeof(name));
        const char *value = has_variable(id) ? getenv(name) : NULL;
        if (value != NULL && value[0] != '\0')
            rc = assign(options, id, value, name, err);
    }
    return rc;
}

enum err_code
options_init(struct options *options, struct err *err)
{
    const char *file = getenv("LEAPOCR_CONFIG");
    enum err_code rc = ERR_OK;

    for (int id = 0; id < OPTION_COUNT && rc == ERR_OK; id++)
        rc = assign(options, id, rows[id].value, rows[id].flag, err);
    if (rc == ERR_OK && file != NULL && file[0] != '\0')
        rc = read_file(options, file, err);
    return rc == ERR_OK ? read_environment(options, err) : rc;
}

static enum err_code
find_flag(const enum option_id *allowed, size_t n, const char *name, size_t len,
          enum option_id *ret_id, struct err *err)
{
    if (len == strlen(rows[OPTION_CONFIG].flag) &&
        memcmp(rows[OPTION_CONFIG].flag, name, len) == 0) {
        *ret_id = OPTION_CONFIG;
        return ERR_OK;
    }
    for (size_t i = 0; i < n; i++) {
        const char *flag = rows[allowed[i]].flag;
        if (strlen(flag) == len && memcmp(flag, name, len) == 0) {
            *ret_id = allowed[i];
            return ERR_OK;
        }
    }
    return err_set(err, ERR_INPUT, "unknown option --%.*s", (int)(len < 60 ? len : 60), name);
}

/* "--name" or "--name=": where the value begins behind '=', or NULL. */
static const char *
value_inside(const char *arg)
{
    const char *equals = strchr(arg, '=');

    return equals != NULL ? equals + 1 : NULL;
}

/* postgres://user:password@host/..., or ...?password=... */
static bool
has_password(const char *address)
{
    const char *user = strstr(address, "://");
    size_t host = user != NULL ? strcspn(user + 3, "/?") : 0;
    const char *at = user != NULL ? memchr(user + 3, '@', host) : NULL;

    return (at != NULL && memchr(user + 3, ':', (size_t)(at - user - 3)) != NULL) ||
           strstr(address, "password=") != NULL;
}

/* argv[*i] is a flag; takes its value, which may be the next argument. */
static enum err_code
take_flag(struct options *options, const enum option_id *allowed, size_t n, int argc, char **argv,
          int *i, struct err *err)
{
    const char *arg = argv[*i];
    const char *value = value_inside(arg);
    enum option_id id = OPTION_COUNT;
    char origin[64];
    enum err_code rc = find_flag(allowed, n, arg + 2, strcspn(arg + 2, "="), &id, err);

    if (rc != ERR_OK)
        return rc;
    if (value == NULL && rows[id].type == OPTION_FLAG)
        value = "1";
    if (value == NULL && (*i + 1 == argc || strncmp(argv[*i + 1], "--", 2) == 0))
        return err_set(err, ERR_INPUT, "%s needs a value: %s", arg, rows[id].argument);
    if (value == NULL)
        value = argv[++*i];
    snprintf(origin, sizeof(origin), "--%s", rows[id].flag);
    bool database = id == OPTION_DATABASE || id == OPTION_FROM || id == OPTION_MOVE_TO;
    if (database && has_password(value))
        return err_set(err, ERR_INPUT,
                       "%s: no password here, where every user of the machine may read it; use "
                       "PGPASSWORD, PGPASSFILE%s",
                       origin,
                       id == OPTION_DATABASE ? ", LEAPOCR_DATABASE or a file of settings" : "");
    return assign(options, id, value, origin, err);
}

/* The file that a flag names comes below the environment: all is read anew. */
static enum err_code
read_config_flag(struct options *options, int argc, char **argv, struct err *err)
{
    const char *file = NULL;

    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strncmp(argv[i], "--config=", 9) == 0)
            file = argv[i] + 9;
        else if (strcmp(argv[i], "--config") == 0 && i + 1 < argc)
            file = argv[i + 1];
    }
    if (file == NULL)
        return ERR_OK;
    enum err_code rc = read_file(options, file, err);
    return rc == ERR_OK ? read_environment(options, err) : rc;
}

enum err_code
options_parse(struct options *options, const enum option_id *allowed, size_t n, int argc,
              char **argv, int *ret_rest, struct err *err)
{
    int rest = 0;
    bool only_names = false;
    enum err_code rc = read_config_flag(options, argc, argv, err);

    for (int i = 0; i < argc && rc == ERR_OK; i++) {
        char *arg = argv[i];
        if (only_names || arg[0] != '-' || arg[1] == '\0' || isdigit((unsigned char)arg[1]))
            argv[rest++] = arg;
        else if (strcmp(arg, "--") == 0)
            only_names = true;
        else if (strcmp(arg, "--help") == 0 || strcmp(arg, "-h") == 0)
            rc = err_set(err, ERR_NOT_FOUND, "%s", "");
        else if (arg[1] != '-')
            rc = err_set(err, ERR_INPUT, "unknown option %.60s", arg);
        else
            rc = take_flag(options, allowed, n, argc, argv, &i, err);
    }
    if (rc == ERR_OK)
        *ret_rest = rest;
    return rc;
}

/* Text in lines that end before the given column; those after the first begin at indent. */
static void
wrap(const char *text, size_t indent, size_t columns, struct buf *out)
{
    size_t at = indent;

    while (*text != '\0') {
        size_t word = strcspn(text, " ");
        if (at > indent && at + 1 + word > columns) {
            buf_printf(out, "\n%*s", (int)indent, "");
            at = indent;
        } else if (at > indent) {
            buf_char(out, ' ');
            at++;
        }
        buf_append(out, text, word);
        at += word;
        text += word;
        text += strspn(text, " ");
    }
    buf_char(out, '\n');
}

void
options_help(const enum option_id *ids, size_t n, struct buf *out)
{
    enum { INDENT = 34, COLUMNS = 100 };

    for (size_t i = 0; i < n; i++) {
        const struct option_row *row = &rows[ids[i]];
        char left[80], text[320];
        snprintf(left, sizeof(left), "--%s %s", row->flag, row->argument);
        snprintf(text, sizeof(text), row->value[0] != '\0' ? "%s (default %s)" : "%s", row->help,
                 row->value);
        buf_printf(out, "  %-*s", INDENT - 2, left);
        if (strlen(left) > INDENT - 3)
            buf_printf(out, "\n%*s", INDENT, "");
        wrap(text, INDENT, COLUMNS, out);
    }
}

/* In a cell a '|' would end it. */
static void
put_cell(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '|')
            buf_char(out, '\\');
        buf_char(out, *text);
    }
}

void
options_markdown(struct buf *out)
{
    buf_string(out, "| flag, or name in a file | environment | default | least | most | meaning |\n"
                    "|---|---|---|---|---|---|\n");
    for (int id = 0; id < OPTION_COUNT; id++) {
        const struct option_row *row = &rows[id];
        char name[64];
        variable_name(id, name, sizeof(name));
        buf_printf(out, "| `--%s ", row->flag);
        put_cell(out, row->argument);
        buf_string(out, has_variable(id) ? "` | `" : "` | ");
        buf_string(out, has_variable(id) ? name : "none");
        buf_string(out, has_variable(id) ? "` | " : " | ");
        buf_printf(out, "%s |", row->value[0] != '\0' ? row->value : "-");
        if (row->type == OPTION_TEXT || row->type == OPTION_CHOICE)
            buf_string(out, " | |");
        else
            buf_printf(out, " %lld | %lld |", (long long)row->min, (long long)row->max);
        buf_printf(out, " %s |\n", row->help);
    }
}

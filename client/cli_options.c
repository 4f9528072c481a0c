/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli_options.h"

#include "leapocr.h"

#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const size_t schema_max_bytes = 1 << 20;

static const char help_text[] =
    "usage: leapocr process [options] FILE|URL ...\n"
    "\n"
    "Hands documents to a LeapOCR server and prints what it read. A URL (http, https) is "
    "downloaded\n"
    "here and handed over as a file.\n"
    "\n"
    "  --format F         markdown, structured or per_page_structured (default: the server's)\n"
    "  --output DIR       write NAME.md or NAME.json for each document instead of printing\n"
    "  --json             the whole result as JSON, one line for each document\n"
    "  --model M          model to read with\n"
    "  --instructions T   what to do with the text\n"
    "  --schema FILE      JSON Schema of the values wanted\n"
    "  --template SLUG    template to use\n"
    "  --boxes            ask for bounding boxes (seen with --json)\n"
    "  --timeout S        wait at most S seconds for each document after its upload\n"
    "  --delete           delete each job on the server once its result is here\n"
    "  --server URL       default: $LEAPOCR_BASE_URL, else " LEAPOCR_DEFAULT_URL "\n"
    "  --api-key KEY      default: $LEAPOCR_API_KEY, which other users of the machine cannot see\n"
    "  --quiet            say nothing but errors\n"
    "  --help             this text\n"
    "\n"
    "Results go to standard output in the order of the arguments, several with a line\n"
    "\"==> NAME <==\" before each; progress goes to standard error.\n"
    "\n"
    "exit codes:\n"
    "  0  every document was read\n"
    "  1  the command line is wrong\n"
    "  2  a document failed; its reason was printed\n"
    "  3  the server cannot be reached\n"
    "  4  the API key is missing or refused\n"
    "  5  not enough credits\n"
    "  6  a document was read only in part\n"
    "  7  the time was up for a document\n"
    "  130  interrupted\n"
    "Where several apply, the first of 130, 4, 3, 5, 7, 2, 6 is given.\n";

enum {
    OPT_FORMAT = 256,
    OPT_OUTPUT,
    OPT_JSON,
    OPT_MODEL,
    OPT_INSTRUCTIONS,
    OPT_SCHEMA,
    OPT_TEMPLATE,
    OPT_BOXES,
    OPT_TIMEOUT,
    OPT_DELETE,
    OPT_SERVER,
    OPT_KEY,
    OPT_QUIET,
    OPT_HELP
};

static const struct option long_options[] = {
    {"format", required_argument, NULL, OPT_FORMAT},
    {"output", required_argument, NULL, OPT_OUTPUT},
    {"json", no_argument, NULL, OPT_JSON},
    {"model", required_argument, NULL, OPT_MODEL},
    {"instructions", required_argument, NULL, OPT_INSTRUCTIONS},
    {"schema", required_argument, NULL, OPT_SCHEMA},
    {"template", required_argument, NULL, OPT_TEMPLATE},
    {"boxes", no_argument, NULL, OPT_BOXES},
    {"timeout", required_argument, NULL, OPT_TIMEOUT},
    {"delete", no_argument, NULL, OPT_DELETE},
    {"server", required_argument, NULL, OPT_SERVER},
    {"api-key", required_argument, NULL, OPT_KEY},
    {"quiet", no_argument, NULL, OPT_QUIET},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

static bool __attribute__((format(printf, 1, 2))) complain(const char *fmt, ...)
{
    va_list args;

    fputs("leapocr process: ", stderr);
    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);
    fputs("; see leapocr process --help\n", stderr);
    return false;
}

static const char *
environment(const char *name)
{
    const char *value = getenv(name);

    return value != NULL && value[0] != '\0' ? value : NULL;
}

static bool
read_schema(const char *path, struct cli_options *options)
{
    json_error_t where;
    FILE *file = fopen(path, "re");
    char *text = malloc(schema_max_bytes + 2);
    size_t len = 0;
    bool ok = false;

    if (file == NULL) {
        (void)complain("--schema %s: %s", path, strerror(errno));
        goto out;
    }
    if (text != NULL)
        len = fread(text, 1, schema_max_bytes + 1, file);
    if (text == NULL || ferror(file) || len > schema_max_bytes) {
        (void)complain("--schema %s: cannot be read, or larger than %zu bytes", path,
                       schema_max_bytes);
        goto out;
    }
    text[len] = '\0';
    json_t *value = json_loadb(text, len, JSON_REJECT_DUPLICATES, &where);
    ok = json_is_object(value);
    if (value == NULL)
        (void)complain("--schema %s: line %d: %s", path, where.line, where.text);
    else if (!ok)
        (void)complain("--schema %s: a JSON object is wanted", path);
    json_decref(value);
    if (ok) {
        free(options->schema_json);
        options->schema_json = text;
        text = NULL;
    }
out:
    if (file != NULL)
        fclose(file);
    free(text);
    return ok;
}

static bool
read_timeout(const char *text, struct cli_options *options)
{
    char *end;
    errno = 0;
    double seconds = strtod(text, &end);

    if (errno != 0 || end == text || *end != '\0' || !(seconds > 0 && seconds <= 1e7))
        return complain("--timeout %s: seconds above 0 are wanted", text);
    options->timeout_ms = (int64_t)(seconds * 1000) + (seconds < 0.001);
    return true;
}

static bool
read_format(const char *text, struct cli_options *options)
{
    if (strcmp(text, "markdown") != 0 && strcmp(text, "structured") != 0 &&
        strcmp(text, "per_page_structured") != 0)
        return complain("--format %s: markdown, structured or per_page_structured is wanted", text);
    options->format = text;
    return true;
}

static bool
take_option(int option, char *value, char **argv, struct cli_options *options)
{
    switch (option) {
    case OPT_FORMAT:
        return read_format(value, options);
    case OPT_OUTPUT:
        options->output_dir = value;
        return true;
    case OPT_JSON:
        options->json = true;
        return true;
    case OPT_MODEL:
        options->model = value;
        return true;
    case OPT_INSTRUCTIONS:
        options->instructions = value;
        return true;
    case OPT_SCHEMA:
        return read_schema(value, options);
    case OPT_TEMPLATE:
        options->template_slug = value;
        return true;
    case OPT_BOXES:
        options->boxes = true;
        return true;
    case OPT_TIMEOUT:
        return read_timeout(value, options);
    case OPT_DELETE:
        options->delete_jobs = true;
        return true;
    case OPT_SERVER:
        options->server = value;
        return true;
    case OPT_KEY:
        options->api_key = value;
        return true;
    case OPT_QUIET:
        options->quiet = true;
        return true;
    case ':':
        return complain("%s: a value is missing", argv[optind - 1]);
    default:
        return complain("%s: no such option", argv[optind - 1]);
    }
}

bool
cli_options_read(int argc, char **argv, struct cli_options *ret, int *ret_exit)
{
    struct cli_options options = {.server = environment("LEAPOCR_BASE_URL"),
                                  .api_key = environment("LEAPOCR_API_KEY")};
    int option;
    bool ok = true;

    if (options.server == NULL)
        options.server = LEAPOCR_DEFAULT_URL;
    *ret_exit = CLI_USAGE;
    optind = 0; /* start over: the caller may have used getopt before */
    opterr = 0;
    while (ok && (option = getopt_long(argc, argv, ":h", long_options, NULL)) != -1) {
        if (option == OPT_HELP || option == 'h') {
            fputs(help_text, stdout);
            *ret_exit = CLI_OK;
            ok = false;
        } else {
            ok = take_option(option, optarg, argv, &options);
        }
    }
    if (ok && optind == argc)
        ok = complain("no document is named");
    if (!ok) {
        cli_options_fini(&options);
        return false;
    }
    options.inputs = argv + optind;
    options.input_count = (size_t)(argc - optind);
    *ret = options;
    return true;
}

void
cli_options_fini(struct cli_options *options)
{
    free(options->schema_json);
    *options = (struct cli_options){0};
}

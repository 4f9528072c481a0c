/* SPDX-License-Identifier: AGPL-3.0-or-later
 * cmd/convert.c - `leapocr convert`: reads files without a server. */
#include "base/arena.h"
#include "cmd/cmd.h"
#include "cmd/convert_extract.h"
#include "cmd/outlet.h"
#include "cmd/reading.h"
#include "cmd/role.h"
#include "cmd/usage.h"
#include "page/codec.h"
#include "render/form.h"
#include "wire/frame.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EXIT_PARTIAL = 6 };

static const enum option_id allowed[] = {
    OPTION_TO,         OPTION_OUTPUT,         OPTION_OVERLAY,   OPTION_MODELS,
    OPTION_LANGUAGES,  OPTION_READERS,        OPTION_FILE_MAX,  OPTION_PAGES_MAX,
    OPTION_PIXELS_MAX, OPTION_MEMORY_MAX,     OPTION_PAGE_TIME, OPTION_LOG_LEVEL,
    OPTION_FORMAT,     OPTION_SCHEMA,         OPTION_TEMPLATE,  OPTION_INSTRUCTIONS,
    OPTION_JSON,       OPTION_MIN_CONFIDENCE,
};

static const struct usage usage = {
    .command = "convert",
    .synopsis =
        "usage: leapocr convert FILE... [OPTIONS]      FILE may be - for standard input\n"
        "\nReads PDF, PNG, JPEG, TIFF, WebP, BMP and GIF here, without a server, in confined\n"
        "processes. One file goes to standard output; several go there one after another.\n"
        "With --format structured (or --schema, --template, --instructions) the result is the\n"
        "API's: pages with result and evidence; --overlay then shows each field, NAME-PAGE.svg.\n"
        "exit status: 0 all read, 1 wrong usage, 2 a file could not be read, 6 some pages could "
        "not\n",
    .allowed = allowed,
    .allowed_count = ARRAY_LEN(allowed),
};

/* What --to names behind the forms. */
enum { TO_PDF = FORM_COUNT, TO_TREES };

struct convert {
    int to; /* enum form_id, TO_PDF or TO_TREES */
    struct convert_extract extract;
    const char *output, *overlay; /* "" : none */
    size_t file_count, files_given;
    int status;
    /* Names given so far, so that a/x.pdf and b/x.pdf do not meet in one folder. */
    char **names;
    size_t name_count;
};

/* Page size of a tree that this program's own child made but that is checked like any other. */
static const size_t page_arena_bytes = MiB(512);

/* What is at hand while a file is written. */
struct writing {
    const struct reading_file *file;
    struct outlet outlet;
    struct buf hold; /* for what comes out of the spool */
};

static enum err_code
with_tree(struct form_writer *writer, void (*form)(struct form_writer *, const struct page *),
          struct span tree, struct err *err)
{
    struct arena *arena = arena_new(page_arena_bytes);
    struct page *page;

    if (arena == NULL)
        return err_set(err, ERR_MEMORY, "no memory");
    enum err_code rc = page_decode(arena, tree, &page, err);
    if (rc == ERR_OK)
        form(writer, page);
    arena_drop(&arena);
    return rc;
}

/* The API's result instead of one of the forms of --to. */
static bool
is_result(const struct convert *convert)
{
    return convert->extract.json || convert->extract.format != JOB_MARKDOWN;
}

/* The encoded page trees as they are stored, each behind its length: for bench/extract. */
static enum err_code
put_trees(struct writing *w, struct err *err)
{
    enum err_code rc = ERR_OK;

    for (uint32_t i = 0; rc == ERR_OK && i < w->file->page_count; i++) {
        struct span tree;
        if (w->file->pages[i].why.code != ERR_OK)
            continue;
        rc = spool_load(&w->file->spool, w->file->pages[i].tree, &w->hold, &tree, err);
        if (rc == ERR_OK) {
            wire_put_bytes(&w->outlet.out, tree);
            rc = outlet_pass(&w->outlet, err);
        }
    }
    return rc;
}

static enum err_code
put_page(struct writing *w, struct form_writer *writer, uint32_t index, struct err *err)
{
    const struct reading_page *page = &w->file->pages[index];
    bool ready = writer->id == FORM_MARKDOWN;
    struct span bytes;

    if (page->why.code != ERR_OK) {
        form_lost(writer, index + 1, err_reason(page->why.code), page->why.msg);
        return ERR_OK;
    }
    enum err_code rc =
        spool_load(&w->file->spool, ready ? page->markdown : page->tree, &w->hold, &bytes, err);
    if (rc != ERR_OK)
        return rc;
    if (!ready)
        return with_tree(writer, form_page, bytes, err);
    form_markdown(writer, bytes);
    return ERR_OK;
}

/* So that not all has to be held back until the head can be written. */
static enum err_code
measure_pages(struct writing *w, struct form_writer *writer, struct err *err)
{
    enum err_code rc = ERR_OK;

    for (uint32_t i = 0; i < w->file->page_count && rc == ERR_OK; i++) {
        struct span tree;
        if (w->file->pages[i].why.code != ERR_OK)
            continue;
        rc = spool_load(&w->file->spool, w->file->pages[i].tree, &w->hold, &tree, err);
        if (rc == ERR_OK)
            rc = with_tree(writer, form_measure, tree, err);
    }
    return rc;
}

static enum err_code
put_file(const struct convert *convert, struct writing *w, struct err *err)
{
    enum err_code rc = ERR_OK;
    struct form_writer writer;

    if (is_result(convert))
        return convert_extract_put(&convert->extract, w->file, &w->outlet.out, err);
    if (convert->to == TO_TREES)
        return put_trees(w, err);
    form_begin(&writer, (enum form_id)convert->to, w->file->path, &w->outlet.out);
    if (form_wants_measures(writer.id))
        rc = measure_pages(w, &writer, err);
    for (uint32_t i = 0; i < w->file->page_count && rc == ERR_OK; i++) {
        rc = put_page(w, &writer, i, err);
        if (rc == ERR_OK)
            rc = outlet_pass(&w->outlet, err);
    }
    form_end(&writer);
    return rc;
}

/* File name without folders and extension, made unique among this run's files. */
static const char *
name_of(struct convert *convert, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *base = strcmp(path, "-") == 0 ? "stdin" : slash != NULL ? slash + 1 : path;
    const char *dot = strrchr(base, '.');
    int len = dot != NULL && dot != base ? (int)(dot - base) : (int)strlen(base);
    char *name = NULL;

    for (int n = 1;; n++) {
        bool taken = false;
        free(name);
        if ((n == 1 ? asprintf(&name, "%.*s", len, base)
                    : asprintf(&name, "%.*s-%d", len, base, n)) < 0)
            return NULL;
        for (size_t i = 0; i < convert->name_count; i++)
            taken = taken || strcmp(convert->names[i], name) == 0;
        if (!taken)
            break;
    }
    convert->names[convert->name_count++] = name;
    return name;
}

static enum err_code
write_pictures(const struct convert *convert, const char *name, const struct reading_file *file,
               struct err *err)
{
    enum err_code rc = ERR_OK;
    char path[4096];
    struct buf hold;
    struct span picture;

    buf_init(&hold, WIRE_PAGE_BYTES_MAX);
    for (uint32_t i = 0; i < file->page_count && rc == ERR_OK; i++) {
        if (file->pages[i].picture.len == 0)
            continue;
        if ((size_t)snprintf(path, sizeof(path), "%s/%s-%u.png", convert->overlay, name, i + 1) >=
            sizeof(path))
            rc = err_set(err, ERR_INPUT, "--overlay: the path is too long");
        if (rc == ERR_OK)
            rc = spool_load(&file->spool, file->pages[i].picture, &hold, &picture, err);
        if (rc == ERR_OK)
            rc = outlet_put_file(path, picture, err);
    }
    buf_fini(&hold);
    return rc;
}

static const char *
extension_of(const struct convert *convert)
{
    if (is_result(convert))
        return "json";
    if (convert->to == TO_PDF)
        return "pdf";
    return convert->to == TO_TREES ? "trees" : forms[convert->to].extension;
}

static enum err_code
open_output(const struct convert *convert, const char *name, struct writing *w, struct err *err)
{
    char path[4096];

    if (convert->output[0] != '\0') {
        if ((size_t)snprintf(path, sizeof(path), "%s/%s.%s", convert->output, name,
                             extension_of(convert)) >= sizeof(path))
            return err_set(err, ERR_INPUT, "--output: the path is too long");
        return outlet_open(&w->outlet, path, err);
    }
    enum err_code rc = outlet_open(&w->outlet, NULL, err);
    if (convert->file_count > 1 && convert->to <= FORM_TEXT && !is_result(convert))
        buf_printf(&w->outlet.out, "%s==> %s <==\n", convert->files_given > 1 ? "\n" : "",
                   w->file->path);
    return rc;
}

static enum err_code
put_piece(void *ctx, struct span bytes, struct err *err)
{
    return outlet_write(ctx, bytes, err);
}

static enum err_code
write_file(const struct convert *convert, const char *name, const struct reading_file *file,
           struct err *err)
{
    struct writing w = {.file = file, .outlet = {.draft = {.fd = -1}}};

    buf_init(&w.hold, WIRE_PAGE_BYTES_MAX);
    enum err_code rc = open_output(convert, name, &w, err);
    if (rc == ERR_OK)
        rc = convert->to == TO_PDF ? spool_each(&file->pdf, put_piece, &w.outlet, err)
                                   : put_file(convert, &w, err);
    if (rc == ERR_OK)
        rc = outlet_end(&w.outlet, err);
    outlet_close(&w.outlet);
    buf_fini(&w.hold);
    return rc;
}

static void
note_status(struct convert *convert, const struct reading_file *file)
{
    for (uint32_t i = 0; i < file->page_count; i++)
        if (file->pages[i].why.code != ERR_OK) {
            fprintf(stderr, "leapocr convert: %s: page %u: %s: %s\n", file->path, i + 1,
                    err_reason(file->pages[i].why.code), file->pages[i].why.msg);
            if (convert->status == EXIT_DONE)
                convert->status = EXIT_PARTIAL;
        }
}

static void
give(void *ctx, const struct reading_file *file)
{
    struct convert *convert = ctx;
    struct err err = file->why;

    convert->files_given++;
    const char *name = name_of(convert, file->path);
    if (err.code == ERR_OK && name == NULL)
        err_set(&err, ERR_MEMORY, "no memory");
    if (err.code == ERR_OK)
        err.code = write_file(convert, name, file, &err);
    if (err.code == ERR_OK && convert->overlay[0] != '\0')
        err.code = write_pictures(convert, name, file, &err);
    if (err.code == ERR_OK && convert->overlay[0] != '\0' && is_result(convert))
        err.code = convert_extract_draw(&convert->extract, convert->overlay, name, file, &err);
    if (err.code != ERR_OK) {
        fprintf(stderr, "leapocr convert: %s: %s: %s\n", file->path, err_reason(err.code), err.msg);
        convert->status = EXIT_FAILED;
        return;
    }
    note_status(convert, file);
}

/* Makes the folder that the option names, if it is not there; files can be written there then. */
static enum err_code
make_folder(const char *option, const char *path, struct err *err)
{
    struct stat found;

    if (path[0] == '\0')
        return ERR_OK;
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        return err_sys(err, "%s: folder '%.100s' cannot be made", option, path);
    if (stat(path, &found) != 0)
        return err_sys(err, "%s: folder '%.100s'", option, path);
    if (!S_ISDIR(found.st_mode))
        return err_set(err, ERR_INPUT, "%s: '%.100s' is a file, not a folder", option, path);
    if (access(path, W_OK | X_OK) != 0)
        return err_sys(err, "%s: cannot write to folder '%.100s'", option, path);
    return ERR_OK;
}

int
cmd_convert(int argc, char **argv)
{
    struct options options;
    struct err err = {0};
    int rest, status;

    if (!usage_begin(&usage, argc, argv, &options, &rest, &status))
        return status;
    struct convert convert = {
        .to = (int)options.number[OPTION_TO],
        .output = options.text[OPTION_OUTPUT],
        .overlay = options.text[OPTION_OVERLAY],
        .file_count = (size_t)rest,
    };
    if (rest == 0)
        return usage_mistake(&usage, "name at least one file, or - for standard input");
    if (convert_extract_init(&convert.extract, &options, &err) != ERR_OK) {
        convert_extract_fini(&convert.extract);
        return usage_mistake(&usage, err.msg);
    }
    if (convert.to != FORM_MARKDOWN && is_result(&convert)) {
        convert_extract_fini(&convert.extract);
        return usage_mistake(&usage, "--to is for text: structured data and --json are JSON "
                                     "already; leave one of them out");
    }
    if (rest > 1 && convert.to == TO_PDF && convert.output[0] == '\0')
        return usage_mistake(&usage, "several PDF files need --output DIR");
    log_init("convert", role_log_level(&options) > LOG_WARN ? LOG_ERROR : LOG_WARN);
    struct reading reading = {
        .files = calloc((size_t)rest, sizeof(struct reading_file)),
        .count = (size_t)rest,
        .overlay = convert.overlay[0] != '\0',
        .ask = convert.extract.format != JOB_MARKDOWN ? &convert.extract.ask : NULL,
        .searchable = convert.to == TO_PDF,
        .on_file = give,
        .ctx = &convert,
    };
    convert.names = calloc((size_t)rest, sizeof(*convert.names));
    enum err_code rc = reading.files == NULL || convert.names == NULL
                           ? err_set(&err, ERR_MEMORY, "no memory")
                           : ERR_OK;
    for (int i = 0; i < rest && rc == ERR_OK; i++)
        reading.files[i].path = argv[i + 1];
    if (rc == ERR_OK)
        rc = make_folder("--output", convert.output, &err);
    if (rc == ERR_OK)
        rc = make_folder("--overlay", convert.overlay, &err);
    if (rc == ERR_OK)
        rc = reading_run(&reading, &options, &err);
    for (size_t i = 0; i < convert.name_count; i++)
        free(convert.names[i]);
    free(convert.names);
    free(reading.files);
    convert_extract_fini(&convert.extract);
    return rc == ERR_OK ? convert.status : cmd_fail("convert", &err);
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cmd/convert_extract.h"

#include "api/extracted.h"
#include "api/wanted.h"
#include "base/fdio.h"
#include "base/json.h"
#include "page/codec.h"
#include "render/render.h"
#include "schema/schema.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

static const size_t ask_bytes_max = MiB(2);
static const size_t page_bytes_max = MiB(512); /* of one decoded page tree */

static enum err_code
read_schema(struct convert_extract *x, const char *path, struct job_spec *spec, struct err *err)
{
    struct span text;
    json_t *json = NULL;
    struct err why = {0};

    if (path[0] == '\0')
        return ERR_OK;
    enum err_code rc = fd_load_file(x->arena, AT_FDCWD, path, SCHEMA_MAX_BYTES, &text, &why);
    if (rc == ERR_OK)
        rc = json_read(text, &json, &why);
    if (rc == ERR_OK)
        rc = wanted_schema(x->arena, json, &spec->schema_json, &why);
    json_decref(json);
    bool named = strncmp(why.msg, path, strlen(path)) == 0;
    return rc == ERR_OK ? ERR_OK
           : named      ? err_set(err, ERR_INPUT, "--schema: %s", why.msg)
                        : err_set(err, ERR_INPUT, "--schema %.60s: %s", path, why.msg);
}

static enum err_code
read_share(const char *text, double *ret, struct err *err)
{
    char *end;

    *ret = strtod(text, &end);
    if (end == text || *end != '\0' || !(*ret >= 0 && *ret <= 1))
        return err_set(err, ERR_INPUT, "--min-confidence must be a number from 0 to 1");
    return ERR_OK;
}

/* A template's own instructions first, then those of the command line. */
static void
add_instructions(struct arena *arena, struct job_spec *spec, const char *more)
{
    if (more[0] == '\0' || spec->instructions == more)
        return;
    spec->instructions = spec->instructions == NULL || *spec->instructions == '\0'
                             ? more
                             : arena_printf(arena, "%s\n%s", spec->instructions, more);
}

static struct span
span_or_none(const char *text)
{
    return text != NULL ? span_of(text) : (struct span){(const uint8_t *)"", 0};
}

enum err_code
convert_extract_init(struct convert_extract *x, const struct options *options, struct err *err)
{
    struct job_spec spec = {.format = (enum job_format)options->number[OPTION_FORMAT]};
    const char *slug = options->text[OPTION_TEMPLATE];
    const char *instructions = options->text[OPTION_INSTRUCTIONS];
    const char *schema = options->text[OPTION_SCHEMA];
    double share = 0;
    enum err_code rc;

    *x = (struct convert_extract){.arena = arena_new(ask_bytes_max),
                                  .json = options->number[OPTION_JSON] != 0};
    if (x->arena == NULL)
        return err_set(err, ERR_MEMORY, "no memory");
    rc = read_share(options->text[OPTION_MIN_CONFIDENCE], &share, err);
    if (spec.format == JOB_MARKDOWN && (schema[0] != '\0' || instructions[0] != '\0' || share > 0))
        spec.format = JOB_STRUCTURED;
    /* Beside a template they are added to its own. */
    spec.instructions = instructions[0] != '\0' && slug[0] == '\0' ? instructions : NULL;
    spec.template_slug = slug[0] != '\0' ? slug : NULL;
    if (rc == ERR_OK)
        rc = read_schema(x, schema, &spec, err);
    if (rc == ERR_OK)
        rc = wanted_template(x->arena, NULL, NULL, &spec, err);
    add_instructions(x->arena, &spec, instructions);
    x->format = spec.format;
    x->set_aside = spec.set_aside;
    x->ask = (struct wire_ask){.per_page = spec.format == JOB_PER_PAGE_STRUCTURED,
                               .min_confidence = share,
                               .schema = span_or_none(spec.schema_json),
                               .instructions = span_or_none(spec.instructions),
                               .proposal = span_or_none(NULL)};
    return rc;
}

void
convert_extract_fini(struct convert_extract *x)
{
    arena_drop(&x->arena);
}

/* The page's own facts, which stand in its tree. */
static enum err_code
put_facts(struct span tree, struct jsonw *w, struct err *err)
{
    struct arena *arena = arena_new(page_bytes_max);
    struct page *page = NULL;
    uint32_t width, height;
    enum err_code rc = arena == NULL ? err_set(err, ERR_MEMORY, "no memory")
                                     : page_decode(arena, tree, &page, err);

    if (rc == ERR_OK) {
        render_dimensions(page, render_api_dpi, &width, &height);
        jsonw_real(w, "confidence", (double)page->confidence, 4);
        jsonw_object(w, "dimensions");
        jsonw_int(w, "width", width);
        jsonw_int(w, "height", height);
        jsonw_end(w);
        jsonw_null(w, "error_message");
    }
    arena_drop(&arena);
    return rc;
}

static enum err_code
put_page(const struct extracted *x, const struct reading_file *file, uint32_t index,
         struct buf *hold, struct jsonw *w, struct err *err)
{
    const struct reading_page *page = &file->pages[index];
    bool is_read = page->why.code == ERR_OK;
    struct span shown, kept;
    enum err_code rc = spool_load(&file->spool, page->markdown, hold, &kept, err);

    if (rc != ERR_OK)
        return rc;

    jsonw_int(w, "page_number", index + 1);
    if (x != NULL)
        extracted_put_page(x, index + 1, is_read, w, &shown);
    else if (is_read)
        jsonw_bytes(w, "result", kept.data, kept.len);
    else
        jsonw_null(w, "result");
    if (is_read) {
        rc = spool_load(&file->spool, page->tree, hold, &kept, err);
        return rc == ERR_OK ? put_facts(kept, w, err) : rc;
    }
    jsonw_null(w, "confidence");
    jsonw_null(w, "dimensions");
    jsonw_string(w, "error_message", page->why.msg);
    return ERR_OK;
}

static enum err_code
read_extraction(const struct convert_extract *x, const struct reading_file *file,
                struct extracted *ret, struct err *err)
{
    *ret = (struct extracted){
        .row = {.format = x->format, .records = file->record_count, .bytes = file->records.len}};
    memcpy(ret->row.id, "convert", sizeof("convert"));
    return extracted_read(buf_span(&file->records), ret, err);
}

/* The warnings of the extraction behind what is known without it. */
static enum err_code
add_set_aside(const struct convert_extract *x, struct extracted *extracted, struct buf *all,
              struct err *err)
{
    struct jsonw w = {.out = all};
    const struct span rest = extracted->warnings;

    buf_init(all, rest.len + KiB(4));
    if (x->set_aside == NULL)
        return ERR_OK;
    jsonw_array(&w, NULL);
    jsonw_string(&w, NULL, x->set_aside);
    jsonw_end(&w);
    buf_cut(all, all->len - 1);
    buf_printf(all, "%s", rest.len > 2 ? "," : "");
    buf_append(all, rest.data + 1, rest.len - 1); /* behind its bracket */
    extracted->warnings = buf_span(all);
    return buf_check(all, "warnings", err);
}

enum err_code
convert_extract_put(const struct convert_extract *x, const struct reading_file *file,
                    struct buf *out, struct err *err)
{
    struct extracted extracted = {.count = 0};
    struct jsonw w = {.out = out};
    bool structured = x->format != JOB_MARKDOWN && file->record_count > 0;
    struct buf warnings = {.data = NULL}, hold;
    enum err_code rc = structured ? read_extraction(x, file, &extracted, err) : ERR_OK;

    if (structured && rc == ERR_OK)
        rc = add_set_aside(x, &extracted, &warnings, err);
    buf_init(&hold, WIRE_PAGE_BYTES_MAX);
    jsonw_object(&w, NULL);
    jsonw_string(&w, "file_name", file->path);
    jsonw_string(&w, "result_format", job_format_name(x->format));
    jsonw_int(&w, "total_pages", file->page_count);
    jsonw_array(&w, "pages");
    for (uint32_t i = 0; rc == ERR_OK && i < file->page_count; i++) {
        jsonw_object(&w, NULL);
        rc = put_page(structured ? &extracted : NULL, file, i, &hold, &w, err);
        jsonw_end(&w);
    }
    jsonw_end(&w);
    if (structured)
        extracted_put_records(&extracted, &w);
    jsonw_end(&w);
    buf_char(out, '\n');
    buf_fini(&hold);
    buf_fini(&warnings);
    extracted_fini(&extracted);
    return rc == ERR_OK ? buf_check(out, "output", err) : rc;
}

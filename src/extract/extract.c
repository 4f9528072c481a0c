/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "extract/extract.h"

#include "base/jsonw.h"
#include "extract/free.h"
#include "extract/instruct.h"
#include "extract/records.h"
#include "extract/sections.h"
#include "extract/solve.h"

#include <string.h>

enum { WARNINGS_MAX = 64 };

/* Concepts that are looked for even if nobody asks: so that a delivery date is not taken for the
 * date of the invoice. */
static const char *const rivals[] = {
    "document_date",
    "due_date",
    "delivery_date",
    "order_date",
    "payment_date",
    "birth_date",
    "arrival_date",
    "departure_date",
    "period_start",
    "period_end",
    "document_number",
    "order_number",
    "sales_order_number",
    "customer_number",
    "supplier_number",
    "delivery_note_number",
    "contract_number",
    "project_number",
    "phone",
    "fax",
    "bank_code",
    "account_number",
    "total_net",
    "total_tax",
    "total_gross",
    "amount_due",
    "paid",
    "change",
    "rounding",
    "discount",
    "shipping_cost",
    "lines_total",
    "service_charge",
    "table_number",
    "room_number",
    "seat_number",
    "trip_number",
    "booking_number",
    "plate_number",
    "serial_number",
    "meter_number",
    "tracking_number",
    "card_number",
    "reference",
    "gln",
    "item_count",
};

static const struct schema_shape any_shape = {
    .pointer = "", .types = SCHEMA_STRING, .nullable = true, .max_length = SIZE_MAX};

static void
add_rivals(struct solve *solve)
{
    uint32_t asked = solve->field_count;

    for (size_t i = 0; i < sizeof(rivals) / sizeof(*rivals) && !solve->full; i++) {
        uint16_t concept = lexicon_concept(solve->lexicon, rivals[i]);
        bool known = concept == 0;
        for (uint32_t k = 0; k < asked; k++)
            known = known || (solve->fields[k].concept == concept && !solve->fields[k].item &&
                              !solve->fields[k].generic);
        if (known)
            continue;
        if (solve->field_count == solve->field_cap) {
            void *more = arena_grow(solve->arena, solve->fields, solve->field_count,
                                    solve->field_cap + 64, sizeof(struct field));
            if (more == NULL) {
                solve->full = true;
                return;
            }
            solve->fields = more;
            solve->field_cap += 64;
        }
        solve->fields[solve->field_count++] =
            (struct field){.shape = &any_shape,
                           .concept = concept,
                           .type = solve->lexicon->concepts[concept].type};
    }
}

static void
solve_fields(struct solve *solve)
{
    add_rivals(solve);
    find_choices(solve);
    find_tables(solve);
    find_in_forms(solve);
    find_by_labels(solve);
    find_by_type(solve);
    find_parties(solve);
    find_by_party(solve);
    find_labelled(solve);
    find_remarks(solve);
    find_in_mrz(solve);
    find_in_prose(solve);
    find_defined(solve);
    find_in_alts(solve);
    find_in_codes(solve);
    find_totals(solve);
    choose(solve);
}

struct work {
    struct arena *arena;
    const struct extract_input *input;
    const struct lexicon *lexicon;
    struct instructions told;
    struct page *const *pages; /* as the instructions leave them */
    const char *warnings[WARNINGS_MAX];
    uint32_t warning_count;
};

static void
warn(struct work *work, const char *text)
{
    for (uint32_t i = 0; i < work->warning_count; i++)
        if (strcmp(work->warnings[i], text) == 0)
            return;
    if (text != NULL && work->warning_count < WARNINGS_MAX)
        work->warnings[work->warning_count++] = text;
}

static enum err_code
full(struct err *err)
{
    return err_set(err, ERR_LIMIT, "the document and its schema are too large for one extraction");
}

static enum err_code
read_document(struct work *work, struct solve *solve, uint32_t first, uint32_t count,
              struct err *err)
{
    const char *locale =
        work->told.locale != NULL ? work->told.locale : work->input->options.locale;
    enum err_code rc = doc_build(work->arena, work->pages + first, count, &solve->doc, err);

    if (rc == ERR_OK)
        rc = items_find(solve->doc, locale, &solve->items, err);
    if (rc == ERR_OK)
        rc = labels_find(solve->doc, solve->items, work->lexicon, &solve->labels, err);
    return rc;
}

static enum err_code
read_record(struct work *work, struct page_range range, struct extract_record *record,
            struct err *err)
{
    struct solve solve = {.arena = work->arena,
                          .input = work->input,
                          .lexicon = work->lexicon,
                          .kind = "document",
                          .wish = work->told.wish};
    const struct schema *schema = work->input->schema;
    const struct schema_shape *shape =
        schema != NULL ? schema_root(schema) : free_shape(work->arena);
    struct node *root = node_add(work->arena, NULL, NODE_OBJECT, NULL);
    struct node *fields = schema != NULL ? root : node_add(work->arena, NULL, NODE_OBJECT, NULL);
    const char *unmet = NULL;
    enum err_code rc = read_document(work, &solve, range.first, range.count, err);

    if (rc != ERR_OK)
        return rc;
    if (root == NULL || fields == NULL || shape == NULL)
        return full(err);
    fields_make(&solve, shape, fields, 0, NULL, false);
    for (uint32_t i = 0; i < solve.field_count; i++)
        solve.fields[i].dropped = instructions_drop(&solve, &work->told, &solve.fields[i]);
    solve_fields(&solve);
    *record = (struct extract_record){
        .first_page = range.first, .page_count = range.count, .kind = solve.kind};
    if (!solve.full && schema == NULL)
        free_write(&solve, root, fields);
    if (!solve.full && schema != NULL && work->input->proposal != NULL)
        proposal_ground(&solve, root, work->input->proposal);
    if (solve.full)
        return full(err);
    if (schema == NULL)
        rc = record_write(solve.doc, root, work->input->options.min_confidence, record, err);
    else
        rc = check_result(&solve, root, record, &unmet, err);
    for (uint32_t i = 0; i < solve.warning_count; i++)
        warn(work, solve.warnings[i]);
    if (solve.format_wins)
        warn(work, "dates of the schema's format \"date\" stay YYYY-MM-DD, whatever the "
                   "instructions say: the schema goes first");
    if (unmet != NULL)
        warn(work, unmet);
    return rc;
}

/* The pages that the instructions speak of. */
static struct page_range
told_pages(struct work *work)
{
    uint32_t all = work->input->page_count;
    struct page_range range = {work->told.first_page, all};

    if (work->told.last_only)
        return (struct page_range){all - 1, 1};
    if (range.first >= all) {
        warn(work, "the instructions name pages that the document does not have");
        return (struct page_range){0, all};
    }
    range.count = all - range.first;
    if (work->told.last_page != UINT32_MAX && work->told.last_page >= range.first &&
        work->told.last_page - range.first + 1 < range.count)
        range.count = work->told.last_page - range.first + 1;
    return range;
}

static enum err_code
find_ranges(struct work *work, struct page_range **ret_ranges, uint32_t *ret_count, struct err *err)
{
    struct page_range told = told_pages(work);
    enum err_code rc = ERR_OK;

    if (!work->input->options.per_page) {
        rc = records_split(work->arena, work->lexicon, work->input->pages + told.first, told.count,
                           ret_ranges, ret_count, err);
    } else {
        struct page_range *ranges = arena_array(work->arena, told.count, sizeof(*ranges));
        if (ranges == NULL)
            return full(err);
        for (uint32_t i = 0; i < told.count; i++)
            ranges[i] = (struct page_range){i, 1};
        *ret_ranges = ranges;
        *ret_count = told.count;
    }
    for (uint32_t i = 0; rc == ERR_OK && i < *ret_count; i++)
        (*ret_ranges)[i].first += told.first;
    return rc;
}

static enum err_code
write_warnings(const struct work *work, const char **ret, struct err *err)
{
    struct buf out;
    struct jsonw w = {.out = &out};

    buf_init(&out, MiB(1));
    jsonw_array(&w, NULL);
    for (uint32_t i = 0; i < work->warning_count; i++)
        jsonw_string(&w, NULL, work->warnings[i]);
    jsonw_end(&w);
    *ret = out.spoilt ? NULL : arena_strdup(work->arena, buf_text(&out));
    buf_fini(&out);
    return *ret == NULL ? full(err) : ERR_OK;
}

enum err_code
extract_run(struct arena *arena, const struct extract_input *input,
            struct extract_output *ret_output, struct err *err)
{
    struct work work = {.arena = arena, .input = input};
    struct lexicon *lexicon = NULL;
    struct page_range *ranges = NULL;
    const char *warnings = NULL;
    uint32_t n = 0;

    if (input->page_count == 0 || input->page_count > EXTRACT_PAGES_MAX)
        return err_set(err, ERR_INPUT, "%u pages; an extraction takes 1 to %d", input->page_count,
                       EXTRACT_PAGES_MAX);
    enum err_code rc = lexicon_load(arena, &lexicon, err);
    work.lexicon = lexicon;
    if (rc == ERR_OK)
        rc = instructions_read(arena, input->instructions, &work.told, err);
    if (rc == ERR_OK)
        rc = sections_cut(arena, &work.told, input->pages, input->page_count, &work.pages, err);
    if (rc == ERR_OK)
        rc = find_ranges(&work, &ranges, &n, err);
    if (rc != ERR_OK)
        return rc;
    struct extract_record *records = arena_array(arena, n, sizeof(*records));
    if (records == NULL)
        return full(err);
    for (uint32_t i = 0; i < n && rc == ERR_OK; i++)
        rc = read_record(&work, ranges[i], &records[i], err);
    if (rc == ERR_OK) {
        instructions_check_names(arena, &work.told);
        for (uint32_t i = 0; i < work.told.warning_count; i++)
            warn(&work, work.told.warnings[i]);
    }
    if (rc == ERR_OK)
        rc = write_warnings(&work, &warnings, err);
    if (rc == ERR_OK)
        *ret_output =
            (struct extract_output){.records = records, .record_count = n, .warnings = warnings};
    return rc;
}

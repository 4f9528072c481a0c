/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "extract/extract.h"

#include "extract/solve.h"

#include <string.h>

/* Concepts that are looked for even if nobody asks: so that a delivery date is not taken for the
 * date of the invoice. */
static const char *const rivals[] = {
    "document_date",
    "due_date",
    "delivery_date",
    "order_date",
    "payment_date",
    "birth_date",
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
    find_tables(solve);
    find_by_labels(solve);
    find_by_type(solve);
    find_parties(solve);
    find_by_party(solve);
    find_in_prose(solve);
    find_totals(solve);
    choose(solve);
}

static enum err_code
read_record(struct arena *arena, const struct extract_input *input, const struct lexicon *lexicon,
            uint32_t first, uint32_t count, struct extract_record *record, struct err *err)
{
    struct solve solve = {.arena = arena, .input = input, .lexicon = lexicon, .kind = "document"};
    enum err_code rc = doc_build(arena, input->pages + first, count, &solve.doc, err);

    if (rc == ERR_OK)
        rc = items_find(solve.doc, input->options.locale, &solve.items, err);
    if (rc == ERR_OK)
        rc = labels_find(solve.doc, solve.items, lexicon, &solve.labels, err);
    struct node *root = rc == ERR_OK ? node_add(arena, NULL, NODE_OBJECT, NULL) : NULL;
    if (rc != ERR_OK)
        return rc;
    if (root == NULL)
        return err_set(err, ERR_LIMIT, "the document has too many words");
    if (input->schema != NULL)
        fields_make(&solve, schema_root(input->schema), root, 0, NULL, false);
    solve_fields(&solve);
    if (solve.full)
        return err_set(err, ERR_LIMIT, "the document and its schema are too large");
    *record = (struct extract_record){.first_page = first, .page_count = count, .kind = solve.kind};
    return record_write(solve.doc, root, input->options.min_confidence, record, err);
}

enum err_code
extract_run(struct arena *arena, const struct extract_input *input,
            struct extract_output *ret_output, struct err *err)
{
    uint32_t n = input->options.per_page ? input->page_count : 1;
    struct lexicon *lexicon = NULL;

    if (input->page_count == 0 || input->page_count > EXTRACT_PAGES_MAX)
        return err_set(err, ERR_INPUT, "%u pages; an extraction takes 1 to %d", input->page_count,
                       EXTRACT_PAGES_MAX);
    struct extract_record *records = arena_array(arena, n, sizeof(*records));
    if (records == NULL)
        return err_set(err, ERR_LIMIT, "the document has too many pages");
    enum err_code rc = lexicon_load(arena, &lexicon, err);
    for (uint32_t i = 0; i < n && rc == ERR_OK; i++)
        rc = read_record(arena, input, lexicon, input->options.per_page ? i : 0,
                         input->options.per_page ? 1 : input->page_count, &records[i], err);
    if (rc == ERR_OK)
        *ret_output =
            (struct extract_output){.records = records, .record_count = n, .warnings = "[]"};
    return rc;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later
 * Extraction from an encoded page tree, with the instructions in front of it: the first byte is
 * their length; its lowest bits say whether there is a schema and whether each page is one record.
 */
#include "extract/extract.h"
#include "page/codec.h"
#include "schema/schema.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char schema_text[] =
    "{\"invoice_number\":\"string\",\"date\":\"string\",\"total\":\"number\",\"paid\":\"boolean\","
    "\"seller\":{\"name\":\"string\",\"address\":\"string\"},\"party\":[\"string\"],"
    "\"jurisdiction\":\"string\",\"effective_date\":\"string\",\"iban\":\"string\","
    "\"surname\":\"string\",\"date_of_birth\":\"date\",\"document_number\":\"string\","
    "\"buyer\":{\"name\":\"string\",\"address\":\"string\",\"vat_id\":\"string\"},"
    "\"qr_code\":\"string\",\"payment_terms\":\"string\",\"vat_rate\":\"number\",\"text\":"
    "\"string\","
    "\"notice_period\":\"string\",\"time\":{\"type\":\"string\",\"format\":\"time\"},"
    "\"taxes\":[{\"rate\":\"number\",\"base\":\"number\",\"amount\":\"number\",\"name\":\"string\"}"
    "],"
    "\"items\":[{\"name\":\"string\",\"qty\":\"number\",\"price\":\"number\",\"amount\":\"number\"}"
    "]}";

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new(MiB(256));
    struct schema *schema = NULL;
    struct extract_output output;
    struct page *page = NULL;
    struct err err;

    if (size < 2 || arena == NULL || size < 1 + (size_t)(data[0] >> 1))
        goto out;
    size_t told = data[0] >> 1;
    struct span tree = {data + 1 + told, size - 1 - told};
    char *instructions = arena_strndup(arena, (const char *)data + 1, told);
    if (instructions == NULL || page_decode(arena, tree, &page, &err) != ERR_OK)
        goto out;
    if ((data[0] & 1) != 0 && schema_compile(arena, span_of(schema_text), &schema, &err) != ERR_OK)
        abort();
    struct page *pages[] = {page, page};
    struct extract_input input = {
        .pages = pages, .page_count = 2, .schema = schema, .instructions = instructions};
    (void)!extract_run(arena, &input, &output, &err);
out:
    arena_drop(&arena);
    return 0;
}

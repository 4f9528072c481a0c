/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "template/preset.h"

#include "base/attrs.h"

enum { MARKDOWN, STRUCTURED };

const struct preset presets[] = {
    {"plain-text", "Plain text", "Every page as Markdown, as it stands", MARKDOWN, "[\"text\"]",
     NULL},
    {"invoice-extraction", "Invoice", "Numbers, dates, parties, lines and totals of an invoice",
     STRUCTURED, "[\"finance\"]",
     "{\"invoice_number\":\"string\",\"invoice_date\":\"date\",\"due_date\":\"date\","
     "\"seller\":{\"name\":\"string\",\"address\":\"string\",\"tax_id\":\"string\"},"
     "\"buyer\":{\"name\":\"string\",\"address\":\"string\",\"tax_id\":\"string\"},"
     "\"currency\":\"string\",\"subtotal\":\"number\",\"tax_amount\":\"number\","
     "\"total_amount\":\"number\",\"line_items\":[{\"description\":\"string\","
     "\"quantity\":\"number\",\"unit_price\":\"number\",\"amount\":\"number\"}]}"},
    {"receipt-template", "Receipt", "Shop, date, items and total of a receipt", STRUCTURED,
     "[\"finance\"]",
     "{\"merchant\":\"string\",\"address\":\"string\",\"date\":\"date\",\"currency\":\"string\","
     "\"tax_amount\":\"number\",\"total_amount\":\"number\",\"items\":[{\"description\":"
     "\"string\",\"quantity\":\"number\",\"price\":\"number\"}]}"},
    {"contract-template", "Contract", "Parties, dates and terms of a contract", STRUCTURED,
     "[\"legal\"]",
     "{\"title\":\"string\",\"parties\":[{\"name\":\"string\",\"role\":\"string\"}],"
     "\"effective_date\":\"date\",\"end_date\":\"date\",\"governing_law\":\"string\"}"},
};
const size_t preset_count = ARRAY_LEN(presets);

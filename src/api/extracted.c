/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/extracted.h"

#include "base/fdio.h"

#include <stdlib.h>

/* Of one extraction; the runner keeps to less. */
static const uint64_t bytes_max = (uint64_t)1 << 30;

enum err_code
extracted_read(struct span bytes, struct extracted *x, struct err *err)
{
    struct record_reader reader = {.left = bytes};
    size_t room = (size_t)x->row.records;
    bool found = true;
    enum err_code rc = ERR_OK;

    x->records = calloc(room > 0 ? room : 1, sizeof(*x->records));
    if (x->records == NULL)
        return err_set(err, ERR_UNAVAILABLE, "no memory to read an extraction into");
    while (rc == ERR_OK && found) {
        struct record record;
        rc = record_next(&reader, &record, &found, err);
        if (rc == ERR_OK && found && x->count == room)
            rc = err_set(err, ERR_SYSTEM, "extraction %s has more records than told", x->row.id);
        if (rc == ERR_OK && found)
            x->records[x->count++] = record;
    }
    x->warnings = reader.warnings;
    return rc == ERR_PROTOCOL ? err_set(err, ERR_SYSTEM, "extraction %s is broken", x->row.id) : rc;
}

enum err_code
extracted_load(struct store *store, struct extracted *x, struct err *err)
{
    uint64_t size = 0;
    int fd = -1;
    enum err_code rc = store_fetch(store, x->row.object_id, &fd, &size, err);

    if (rc == ERR_OK && (size != x->row.bytes || size > bytes_max))
        rc = err_set(err, ERR_SYSTEM, "extraction %s: its object has another size", x->row.id);
    else if (rc != ERR_OK)
        rc = err_set(err, ERR_SYSTEM, "extraction %s: its object is missing", x->row.id);
    if (rc == ERR_OK && (x->bytes = malloc((size_t)size + 1)) == NULL)
        rc = err_set(err, ERR_UNAVAILABLE, "no memory to read an extraction into");
    if (rc == ERR_OK)
        rc = fd_read_exact(fd, x->bytes, (size_t)size, err);
    fd_close(&fd);
    return rc == ERR_OK ? extracted_read((struct span){x->bytes, (size_t)size}, x, err) : rc;
}

void
extracted_fini(struct extracted *x)
{
    free(x->bytes);
    free(x->records);
    x->bytes = NULL;
    x->records = NULL;
    x->count = 0;
}

/* The record that stands on that page; NULL: none. */
static const struct record *
record_on(const struct extracted *x, int64_t number)
{
    if (number == 1 && x->count > 0 && x->row.format == JOB_STRUCTURED)
        return &x->records[0];
    for (size_t i = 0; i < x->count; i++) {
        bool first = i == 0 && x->row.format == JOB_STRUCTURED;
        if (!first && x->records[i].page_from + 1 == number)
            return &x->records[i];
    }
    return NULL;
}

static void
put_head(const struct extracted *x, const struct record *record, struct jsonw *w)
{
    jsonw_int(w, "index", record - x->records);
    jsonw_bytes(w, "kind", record->kind.data, record->kind.len);
    jsonw_int(w, "first_page", record->page_from + 1);
    jsonw_int(w, "last_page", record->page_to);
    jsonw_real(w, "confidence", record->confidence, 4);
}

void
extracted_put_page(const struct extracted *x, int64_t number, bool is_read, struct jsonw *w,
                   struct span *ret_json)
{
    const struct record *record = record_on(x, number);
    const struct span none = is_read ? span_of("{}") : span_of("null");

    *ret_json = record != NULL ? record->result : none;
    jsonw_raw_span(w, "result", *ret_json);
    if (record == NULL) {
        jsonw_null(w, "record");
        jsonw_raw(w, "evidence", "{}");
        jsonw_raw(w, "review", "[]");
        return;
    }
    jsonw_object(w, "record");
    put_head(x, record, w);
    jsonw_end(w);
    jsonw_raw_span(w, "evidence", record->evidence);
    jsonw_raw_span(w, "review", record->review);
}

void
extracted_put_whole(const struct extracted *x, struct jsonw *w)
{
    jsonw_string(w, "extraction_id", x->row.id);
    extracted_put_records(x, w);
}

void
extracted_put_records(const struct extracted *x, struct jsonw *w)
{
    jsonw_array(w, "records");
    for (size_t i = 0; i < x->count; i++) {
        jsonw_object(w, NULL);
        put_head(x, &x->records[i], w);
        jsonw_end(w);
    }
    jsonw_end(w);
    jsonw_raw_span(w, "warnings", x->warnings);
}

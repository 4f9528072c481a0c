/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cmd/reading_internal.h"

#include "base/fdio.h"
#include "page/records.h"

#include <sys/mman.h>
#include <unistd.h>

static const size_t records_bytes_max = MiB(512);

/* As the runner does it from its store (runner/filing.c). */
enum err_code
reading_pages_fd(const struct wire_ask *wanted, const struct reading_file *file, int *ret_fd,
                 struct err *err)
{
    struct wire_ask ask = *wanted;
    struct buf piece, hold;
    struct span tree;
    int fd = memfd_create("pages", MFD_CLOEXEC);

    if (fd < 0)
        return err_sys(err, "memory for page trees");
    ask.page_count = 0;
    for (uint32_t i = 0; i < file->page_count; i++)
        ask.page_count += file->pages[i].why.code == ERR_OK;
    buf_init(&piece, (size_t)WIRE_PAGE_BYTES_MAX + 64);
    buf_init(&hold, WIRE_PAGE_BYTES_MAX);
    wire_put_ask(&piece, &ask);
    enum err_code rc = fd_write_all(fd, piece.data, piece.len, err);
    for (uint32_t i = 0; rc == ERR_OK && i < file->page_count; i++) {
        const struct reading_page *page = &file->pages[i];
        if (page->why.code != ERR_OK)
            continue;
        buf_clear(&piece);
        rc = spool_load(&file->spool, page->tree, &hold, &tree, err);
        if (rc != ERR_OK)
            break;
        wire_put_bytes(&piece, tree);
        rc = piece.spoilt ? err_set(err, ERR_MEMORY, "no memory for page trees")
                          : fd_write_all(fd, piece.data, piece.len, err);
    }
    buf_fini(&piece);
    buf_fini(&hold);
    if (rc == ERR_OK)
        *ret_fd = fd;
    else
        fd_close(&fd);
    return rc;
}

enum err_code
reading_take_record(struct reading_file *file, const struct wire_record *record, struct err *err)
{
    const struct record kept = {.page_from = record->page_from,
                                .page_to = record->page_to,
                                .confidence = record->confidence,
                                .kind = record->kind,
                                .result = record->result,
                                .evidence = record->evidence,
                                .review = record->review};
    enum err_code rc = record_check(&kept, err);

    if (file->records.limit == 0)
        buf_init(&file->records, records_bytes_max);
    if (rc == ERR_OK) {
        record_put(&file->records, &kept);
        file->record_count++;
        rc = buf_check(&file->records, "extraction", err);
    }
    return rc;
}

enum err_code
reading_take_warnings(struct reading_file *file, struct span warnings, struct err *err)
{
    enum err_code rc = record_check_warnings(warnings, err);

    if (rc == ERR_OK) {
        record_put_end(&file->records, warnings);
        rc = buf_check(&file->records, "extraction", err);
    }
    return rc;
}

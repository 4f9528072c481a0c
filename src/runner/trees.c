/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "runner/trees.h"

#include "base/arena.h"
#include "base/fdio.h"

#include <sys/mman.h>
#include <unistd.h>

/* Pictures that PDF has no coding for grow. */
static const uint64_t pdf_bytes_least = MiB(256), pdf_growth_most = 4;

enum err_code
trees_open(int *ret_fd, struct err *err)
{
    int fd = memfd_create("trees", MFD_CLOEXEC);

    if (fd < 0)
        return err_set(err, ERR_MEMORY, "no memory for page trees");
    *ret_fd = fd;
    return ERR_OK;
}

enum err_code
trees_begin_one(int fd, uint32_t len, struct err *err)
{
    const uint8_t bytes[] = {(uint8_t)len, (uint8_t)(len >> 8), (uint8_t)(len >> 16),
                             (uint8_t)(len >> 24)};

    return fd_write_all(fd, bytes, sizeof(bytes), err);
}

enum err_code
trees_put(int fd, struct span tree, struct err *err)
{
    enum err_code rc = tree.len <= UINT32_MAX
                           ? trees_begin_one(fd, (uint32_t)tree.len, err)
                           : err_set(err, ERR_LIMIT, "a page's tree has %zu bytes", tree.len);

    return rc == ERR_OK && tree.len > 0 ? fd_write_all(fd, tree.data, tree.len, err) : rc;
}

enum err_code
trees_end(int fd, struct err *err)
{
    return lseek(fd, 0, SEEK_SET) == 0 ? ERR_OK : err_sys(err, "seek");
}

uint64_t
trees_pdf_bytes(uint64_t document_bytes)
{
    return pdf_bytes_least + pdf_growth_most * document_bytes;
}

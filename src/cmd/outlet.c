/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cmd/outlet.h"

#include <fcntl.h>
#include <unistd.h>

/* Of what has not been sent on: at most, and from which on it is. */
static const size_t out_bytes_max = (size_t)4 << 30, piece_bytes = KiB(256);

enum err_code
outlet_open(struct outlet *outlet, const char *path, struct err *err)
{
    buf_init(&outlet->out, out_bytes_max);
    outlet->draft.fd = -1;
    outlet->is_file = path != NULL;
    return outlet->is_file ? fd_draft_open(&outlet->draft, AT_FDCWD, path, 0666, err) : ERR_OK;
}

enum err_code
outlet_write(struct outlet *outlet, struct span bytes, struct err *err)
{
    int fd = outlet->is_file ? outlet->draft.fd : STDOUT_FILENO;
    enum err_code rc = buf_check(&outlet->out, "output", err);

    if (rc == ERR_OK && outlet->out.len > 0)
        rc = fd_write_all(fd, outlet->out.data, outlet->out.len, err);
    if (rc == ERR_OK && bytes.len > 0)
        rc = fd_write_all(fd, bytes.data, bytes.len, err);
    if (rc == ERR_OK)
        buf_clear(&outlet->out);
    return rc;
}

enum err_code
outlet_pass(struct outlet *outlet, struct err *err)
{
    if (outlet->out.len < piece_bytes && !outlet->out.spoilt)
        return ERR_OK;
    return outlet_write(outlet, (struct span){0}, err);
}

enum err_code
outlet_end(struct outlet *outlet, struct err *err)
{
    enum err_code rc = outlet_write(outlet, (struct span){0}, err);

    return rc == ERR_OK && outlet->is_file ? fd_draft_keep(&outlet->draft, err) : rc;
}

void
outlet_close(struct outlet *outlet)
{
    fd_draft_drop(&outlet->draft);
    buf_fini(&outlet->out);
}

enum err_code
outlet_put_file(const char *path, struct span bytes, struct err *err)
{
    struct outlet outlet;
    enum err_code rc = outlet_open(&outlet, path, err);

    if (rc == ERR_OK)
        rc = outlet_write(&outlet, bytes, err);
    if (rc == ERR_OK)
        rc = outlet_end(&outlet, err);
    outlet_close(&outlet);
    return rc;
}

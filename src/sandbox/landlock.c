/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Landlock by its raw system calls, with the numbers of the kernel's documentation up to ABI 6:
 * distributions' headers are older than the kernels they run on. */
#include "sandbox/sandbox_internal.h"

#include "base/fdio.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The same on every architecture. */
static const long call_create_ruleset = 444;
static const long call_restrict_self = 446;
static const unsigned flag_version = 1;

struct ruleset {
    uint64_t handled_fs;
    uint64_t handled_net; /* ABI 4: bind and connect TCP */
    uint64_t scoped;      /* ABI 6: abstract Unix sockets, signals */
};

/* All file rights that an ABI knows: handled and granted to nothing means refused. */
static uint64_t
fs_rights(long abi)
{
    if (abi >= 5)
        return 0xffff; /* ioctl on devices */
    if (abi >= 3)
        return 0x7fff; /* truncate */
    if (abi == 2)
        return 0x3fff; /* rename and link between folders */
    return 0x1fff;
}

enum err_code
landlock_enter(bool networked, bool *ret_done, struct err *err)
{
    const uint64_t bind_tcp = 1, connect_tcp = 2;
    long abi = syscall(call_create_ruleset, NULL, 0, flag_version);

    *ret_done = false;
    if (abi < 1)
        return ERR_OK;
    struct ruleset rules = {.handled_fs = fs_rights(abi),
                            .handled_net = abi < 4     ? 0
                                           : networked ? bind_tcp
                                                       : bind_tcp | connect_tcp,
                            .scoped = abi >= 6 ? 3 : 0};
    size_t size = abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
    int fd = (int)syscall(call_create_ruleset, &rules, size, 0);
    if (fd < 0)
        return err_sys(err, "Landlock rules");
    long restricted = syscall(call_restrict_self, fd, 0);
    if (restricted != 0) {
        enum err_code rc = err_sys(err, "Landlock");
        fd_close(&fd);
        return rc;
    }
    fd_close(&fd);
    fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0 || errno != EACCES) {
        fd_close(&fd);
        return err_set(err, ERR_SYSTEM, "Landlock is on, yet a folder could be opened");
    }
    *ret_done = true;
    return ERR_OK;
}

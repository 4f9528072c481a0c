/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sandbox/sandbox_internal.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* nobody and nogroup: the ids that own nothing. */
static const uid_t nobody = 65534;

static const int cut_off = CLONE_NEWIPC | CLONE_NEWNS | CLONE_NEWUTS;

/* An empty read-only folder becomes the root. Nothing depends on success: where it cannot be done,
 * Landlock or the filter stand alone in front of the file system. */
static void
leave_file_system(void)
{
    static const char *const places[] = {"/tmp", "/proc", "/var"};
    const unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;

    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
        return;
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        if (mount("none", places[i], "tmpfs", flags, "size=4k,nr_inodes=2,mode=0555") != 0)
            continue;
        if (chdir(places[i]) != 0)
            continue;
        if (syscall(SYS_pivot_root, ".", ".") == 0)
            (void)umount2(".", MNT_DETACH); /* the old root lies on top of the new one */
        else if (chroot(".") != 0)
            continue;
        if (chdir("/") == 0)
            (void)mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | flags, NULL);
        return;
    }
}

static enum err_code
drop_root(uint32_t *layers, struct err *err)
{
    gid_t groups[3];

    if (setgroups(0, NULL) != 0 || setresgid(nobody, nobody, nobody) != 0 ||
        setresuid(nobody, nobody, nobody) != 0)
        return err_sys(err, "becoming user %u", nobody);
    if (getgroups(0, NULL) != 0 || getresgid(&groups[0], &groups[1], &groups[2]) != 0 ||
        groups[0] != nobody || groups[1] != nobody || groups[2] != nobody)
        return err_set(err, ERR_SYSTEM, "groups are left after giving up root");
    *layers |= SANDBOX_USER;
    return ERR_OK;
}

static enum err_code
drop_capabilities(struct err *err)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[2] = {{0}};

    /* The bounding set takes CAP_SETPCAP, which an ordinary user has not and need not have. */
    for (unsigned long cap = 0; cap <= 63; cap++)
        (void)prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
    (void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    if (syscall(SYS_capset, &head, none) != 0)
        return err_sys(err, "giving up capabilities");
    return ERR_OK;
}

enum err_code
user_check(struct err *err)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {{0}};
    uid_t ids[3];

    if (getresuid(&ids[0], &ids[1], &ids[2]) != 0 || syscall(SYS_capget, &head, data) != 0)
        return err_sys(err, "reading back who we are");
    for (int i = 0; i < 3; i++)
        if (ids[i] == 0)
            return err_set(err, ERR_SYSTEM, "still root after giving it up");
    for (int i = 0; i < 2; i++)
        if ((data[i].effective | data[i].permitted | data[i].inheritable) != 0)
            return err_set(err, ERR_SYSTEM, "capabilities are left after giving them up");
    return ERR_OK;
}

enum err_code
user_enter(bool networked, uint32_t *layers, struct err *err)
{
    const int cut = networked ? cut_off : cut_off | CLONE_NEWNET;
    enum err_code rc = ERR_OK;
    bool root = geteuid() == 0;

    if (prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) != 0)
        return err_sys(err, "PR_SET_KEEPCAPS");
    if (root && unshare(cut) == 0) {
        *layers |= SANDBOX_NAMESPACES;
        leave_file_system();
    }
    if (root)
        rc = drop_root(layers, err);
    if (rc != ERR_OK)
        return rc;
    /* In a user namespace of its own, without any id mapped, the process is nobody as well. */
    if ((*layers & SANDBOX_NAMESPACES) == 0 && unshare(CLONE_NEWUSER | cut) == 0) {
        *layers |= SANDBOX_USER | SANDBOX_NAMESPACES;
        leave_file_system();
    }
    rc = drop_capabilities(err);
    if (rc == ERR_OK)
        rc = user_check(err);
    return rc;
}

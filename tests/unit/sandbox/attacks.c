/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "attacks.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Attempts that are one system call: they won if it did not fail. */
#define CALL(name, ...)                                                                            \
    static bool name(const struct aim *aim)                                                        \
    {                                                                                              \
        (void)aim;                                                                                 \
        return syscall(__VA_ARGS__) >= 0;                                                          \
    }

static const char *const no_strings[] = {NULL};
static char page_room[8192] __attribute__((aligned(4096)));
static struct {
    uint64_t words[16];
} zeros;

/* files */
CALL(open_passwd, SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY)
CALL(open_data, SYS_openat, AT_FDCWD, aim->file, O_RDONLY)
CALL(open_path_only, SYS_openat, AT_FDCWD, "/", O_PATH)
CALL(open_folder, SYS_openat, AT_FDCWD, aim->folder, O_RDONLY | O_DIRECTORY)
CALL(openat2_passwd, SYS_openat2, AT_FDCWD, "/etc/passwd", &zeros, 24)
CALL(stat_passwd, SYS_newfstatat, AT_FDCWD, "/etc/passwd", page_room, 0)
CALL(statx_passwd, SYS_statx, AT_FDCWD, "/etc/passwd", 0, 0x7ff, page_room)
CALL(read_own_link, SYS_readlinkat, AT_FDCWD, "/proc/self/exe", page_room, 100)
CALL(unlink_data, SYS_unlinkat, AT_FDCWD, aim->file, 0)
CALL(chmod_data, SYS_fchmodat, AT_FDCWD, aim->file, 0666)
CALL(truncate_data, SYS_truncate, aim->file, 0)
CALL(make_folder, SYS_mkdirat, AT_FDCWD, "made", 0700)
CALL(symlink_out, SYS_symlinkat, "/etc/passwd", AT_FDCWD, "made-link")
CALL(link_data, SYS_linkat, AT_FDCWD, aim->file, AT_FDCWD, "made-hard", 0)
CALL(rename_data, SYS_renameat2, AT_FDCWD, aim->file, AT_FDCWD, "made-name", 0)
CALL(change_folder, SYS_chdir, "/")
CALL(change_root, SYS_chroot, aim->folder)
CALL(pivot, SYS_pivot_root, ".", ".")
CALL(handle_of_root, SYS_name_to_handle_at, AT_FDCWD, "/", &zeros, page_room, 0)
CALL(open_handle, SYS_open_by_handle_at, AT_FDCWD, &zeros, O_RDONLY)
CALL(watch, SYS_inotify_init1, 0)
CALL(watch_all, SYS_fanotify_init, 0, 0)
CALL(grow_kept, SYS_ftruncate, aim->kept_fd, 100)
CALL(reserve_kept, SYS_fallocate, aim->kept_fd, 0, 0, 100)
CALL(mount_tmpfs, SYS_mount, "none", aim->folder, "tmpfs", 0, NULL)
CALL(unmount, SYS_umount2, "/", MNT_DETACH)

/* network */
CALL(socket_inet, SYS_socket, AF_INET, SOCK_STREAM, 0)
CALL(socket_inet6, SYS_socket, AF_INET6, SOCK_DGRAM, 0)
CALL(socket_unix, SYS_socket, AF_UNIX, SOCK_STREAM, 0)
CALL(socket_netlink, SYS_socket, AF_NETLINK, SOCK_RAW, 0)
CALL(socket_pair, SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, page_room)
CALL(connect_any, SYS_connect, 3, &zeros, 16)
CALL(bind_any, SYS_bind, 3, &zeros, 16)
CALL(listen_any, SYS_listen, 3, 1)
CALL(accept_any, SYS_accept4, 3, NULL, NULL, 0)
CALL(send_message, SYS_sendmsg, 3, &zeros, 0)
CALL(receive_message, SYS_recvmsg, 3, &zeros, 0)

/* other programs and processes */
CALL(exec_shell, SYS_execve, "/bin/true", no_strings, no_strings)
CALL(exec_at, SYS_execveat, aim->kept_fd, "", no_strings, no_strings, AT_EMPTY_PATH)
CALL(attach_reader, SYS_ptrace, PTRACE_ATTACH, aim->reader, NULL, NULL)
CALL(trace_me, SYS_ptrace, PTRACE_TRACEME, 0, NULL, NULL)
CALL(kill_reader, SYS_kill, aim->reader, SIGURG)
CALL(kill_everybody, SYS_kill, -1, 0)
CALL(kill_outside, SYS_tgkill, aim->outside, aim->outside, SIGURG)
CALL(tkill_outside, SYS_tkill, aim->outside, SIGURG)
CALL(queue_signal, SYS_rt_sigqueueinfo, aim->outside, SIGURG, &zeros)
CALL(pidfd_of_reader, SYS_pidfd_open, aim->reader, 0)
CALL(signal_by_pidfd, SYS_pidfd_send_signal, 0, 0, NULL, 0)
CALL(steal_descriptor, SYS_pidfd_getfd, 0, 0, 0)
CALL(move_pages_of_reader, SYS_move_pages, aim->reader, 0UL, NULL, NULL, NULL, 0)
CALL(compare_processes, SYS_kcmp, aim->reader, aim->reader, 0, 0, 0)
CALL(wait_for_any, SYS_waitid, P_ALL, 0, NULL, WNOHANG | WEXITED, NULL)
CALL(own_session, SYS_setsid)
CALL(bind_to_processor, SYS_sched_setaffinity, 0, 8, &zeros)
CALL(own_priority, SYS_setpriority, PRIO_PROCESS, 0, 5)

/* more power, and the kernel's corners */
CALL(become_root, SYS_setuid, 0)
CALL(become_root_all, SYS_setresuid, 0, 0, 0)
CALL(become_group_root, SYS_setgid, 0)
CALL(more_groups, SYS_setgroups, 0, NULL)
CALL(new_user_namespace, SYS_unshare, CLONE_NEWUSER)
CALL(new_mounts, SYS_unshare, CLONE_NEWNS)
CALL(enter_namespace, SYS_setns, 0, 0)
CALL(uring, SYS_io_uring_setup, 1, page_room)
CALL(bpf_map, SYS_bpf, 0, page_room, 72)
CALL(page_faults, SYS_userfaultfd, 1)
CALL(key_ring, SYS_keyctl, 0, -3, 1)
CALL(key_add, SYS_add_key, "user", "k", "v", 1, -3)
CALL(perf_event, SYS_perf_event_open, page_room, 0, -1, -1, 0)
CALL(memory_file, SYS_memfd_create, "m", 0)
CALL(secret_memory, 447, 0) /* memfd_secret */
CALL(shared_memory, SYS_shmget, 0, 4096, 01600)
CALL(message_queue, SYS_msgget, 0, 01600)
CALL(kernel_log, SYS_syslog, 10, NULL, 0)
CALL(host_name, SYS_sethostname, "x", 1)
CALL(set_clock, SYS_clock_settime, 99, &zeros)
CALL(load_module, SYS_init_module, page_room, 0, "")
CALL(restart_machine, SYS_reboot, 0, 0, 0, NULL)
CALL(swap_on, SYS_swapon, "/nothing", 0)
CALL(personality_off, SYS_personality, 0x0040000)
CALL(another_filter, SYS_seccomp, 2, 0, "/etc/passwd")
CALL(dumpable_again, SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0)
CALL(outlive_reader, SYS_prctl, PR_SET_PDEATHSIG, 0, 0, 0, 0)
CALL(new_pipe, SYS_pipe2, page_room, 0)
CALL(event_descriptor, SYS_eventfd2, 0, 0)
CALL(new_poll, SYS_epoll_create1, 0)
CALL(kept_flags, SYS_fcntl, aim->kept_fd, F_SETFL, O_NONBLOCK)
CALL(kept_owner, SYS_fcntl, aim->kept_fd, F_SETOWN, aim->outside)
CALL(copy_by_kernel, SYS_sendfile, 1, 0, NULL, 1)
CALL(splice_by_kernel, SYS_splice, 0, NULL, 1, NULL, 1, 0)
CALL(feed_terminal, SYS_ioctl, 0, 0x5412, "x")
CALL(write_leaked, SYS_write, aim->leaked_fd, "x", 1)
CALL(read_leaked, SYS_pread64, aim->leaked_fd, page_room, 1, 0)
#ifdef SYS_modify_ldt
CALL(local_segments, SYS_modify_ldt, 0, page_room, 16)
CALL(io_ports, SYS_iopl, 3)
CALL(other_abi, 0x40000000 + SYS_getppid)
#endif

static bool
fork_once(const struct aim *aim)
{
    (void)aim;
    pid_t pid = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
    if (pid == 0)
        _exit(0);
    return pid > 0;
}

static bool
fork_by_clone3(const struct aim *aim)
{
    (void)aim;
    uint64_t args[11] = {[4] = SIGCHLD};
    pid_t pid = (pid_t)syscall(SYS_clone3, args, sizeof(args));
    if (pid == 0)
        _exit(0);
    return pid > 0;
}

static bool
write_into_reader(const struct aim *aim)
{
    char byte = 1;
    struct iovec mine = {&byte, 1}, theirs = {page_room, 1};

    return process_vm_writev(aim->reader, &mine, 1, &theirs, 1, 0) == 1;
}

static bool
read_from_reader(const struct aim *aim)
{
    char byte = 1;
    struct iovec mine = {&byte, 1}, theirs = {page_room, 1};

    return process_vm_readv(aim->reader, &mine, 1, &theirs, 1, 0) == 1;
}

static bool
map_code(const struct aim *aim)
{
    (void)aim;
    return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                0) != MAP_FAILED;
}

static bool
turn_data_into_code(const struct aim *aim)
{
    (void)aim;
    return mprotect(page_room, 4096, PROT_READ | PROT_EXEC) == 0;
}

static bool
gain_capabilities(const struct aim *aim)
{
    (void)aim;
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct all[2] = {{1, 1, 1}, {0, 0, 0}};

    return syscall(SYS_capset, &head, all) == 0;
}

static bool
raise_limits(const struct aim *aim)
{
    (void)aim;
    struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};

    return syscall(SYS_prlimit64, 0, RLIMIT_FSIZE, &none, NULL) == 0 ||
           setrlimit(RLIMIT_AS, &none) == 0;
}

static bool
write_ten_gigabytes(const struct aim *aim)
{
    for (int i = 0; i < 10 * 1024; i++)
        for (size_t sent = 0; sent < 1 << 20; sent += sizeof(page_room))
            if (write(aim->kept_fd, page_room, sizeof(page_room)) <= 0)
                return false;
    return true;
}

static bool
write_one_byte(const struct aim *aim)
{
    return write(aim->kept_fd, "x", 1) == 1;
}

static bool
map_a_terabyte(const struct aim *aim)
{
    (void)aim;
    return mmap(NULL, (size_t)1 << 40, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
                0) != MAP_FAILED;
}

/* Four times what the test allows. */
static bool
take_more_memory(const struct aim *aim)
{
    (void)aim;
    for (int i = 0; i < 16; i++) {
        void *block =
            mmap(NULL, 16 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (block == MAP_FAILED)
            return false;
    }
    return true;
}

static bool
take_more_descriptors(const struct aim *aim)
{
    for (int i = 0; i < 100; i++)
        if (dup(aim->kept_fd) < 0)
            return false;
    return true;
}

/* The test allows one second. */
static bool
use_processor_for_ever(const struct aim *aim)
{
    (void)aim;
    struct timespec used = {0};

    signal(SIGXCPU, SIG_IGN);
    while (used.tv_sec < 4)
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return true;
}

#if defined(__x86_64__)
/* getppid (64) by the 32-bit gate, which has numbers of its own. */
static bool
gate_of_32_bits(const struct aim *aim)
{
    long result;

    (void)aim;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(64) : "memory", "r8", "r9", "r10", "r11");
    return result >= 0;
}
#endif

#define A(name)                                                                                    \
    {                                                                                              \
#name, name, false                                                                         \
    }
#define C(name)                                                                                    \
    {                                                                                              \
#name, name, true                                                                          \
    }

const struct attack attacks[] = {
    C(open_passwd),
    C(open_data),
    C(open_path_only),
    C(open_folder),
    C(openat2_passwd),
    C(stat_passwd),
    C(statx_passwd),
    C(read_own_link),
    C(chmod_data),
    A(truncate_data),
    A(unlink_data),
    A(make_folder),
    A(symlink_out),
    A(link_data),
    A(rename_data),
    C(change_folder),
    A(change_root),
    A(pivot),
    A(handle_of_root),
    A(open_handle),
    C(watch),
    A(watch_all),
    C(grow_kept),
    A(reserve_kept),
    A(mount_tmpfs),
    A(unmount),
    C(socket_inet),
    A(socket_inet6),
    C(socket_unix),
    C(socket_netlink),
    C(socket_pair),
    A(connect_any),
    A(bind_any),
    A(listen_any),
    A(accept_any),
    A(send_message),
    A(receive_message),
    A(exec_shell),
    A(exec_at),
    A(attach_reader),
    A(trace_me),
    C(kill_reader),
    A(kill_everybody),
    C(kill_outside),
    C(tkill_outside),
    A(queue_signal),
    C(pidfd_of_reader),
    A(signal_by_pidfd),
    A(steal_descriptor),
    A(move_pages_of_reader),
    C(compare_processes),
    A(wait_for_any),
    A(own_session),
    A(bind_to_processor),
    C(own_priority),
    C(become_root),
    C(become_root_all),
    C(become_group_root),
    A(more_groups),
    A(new_user_namespace),
    A(new_mounts),
    A(enter_namespace),
    A(uring),
    A(bpf_map),
    A(page_faults),
    A(key_ring),
    A(key_add),
    A(perf_event),
    C(memory_file),
    A(secret_memory),
    A(shared_memory),
    A(message_queue),
    A(kernel_log),
    A(host_name),
    A(set_clock),
    A(load_module),
    A(restart_machine),
    A(swap_on),
    A(personality_off),
    A(another_filter),
    C(dumpable_again),
    C(outlive_reader),
    C(new_pipe),
    C(event_descriptor),
    C(new_poll),
    C(kept_flags),
    A(kept_owner),
    A(copy_by_kernel),
    A(splice_by_kernel),
    A(feed_terminal),
    C(write_leaked),
    A(read_leaked),
#ifdef SYS_modify_ldt
    C(local_segments),
    A(io_ports),
    A(other_abi),
#endif
    C(fork_once),
    C(fork_by_clone3),
    A(write_into_reader),
    A(read_from_reader),
    C(map_code),
    C(turn_data_into_code),
    A(gain_capabilities),
    A(raise_limits),
    A(write_ten_gigabytes),
    C(write_one_byte),
    C(map_a_terabyte),
    C(take_more_memory),
    C(take_more_descriptors),
    A(use_processor_for_ever),
#if defined(__x86_64__)
    A(gate_of_32_bits),
#endif
};
const size_t attack_count = sizeof(attacks) / sizeof(attacks[0]);

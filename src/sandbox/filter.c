/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The program is a list of comparisons in the order of the tables below. Kernels since 5.11
 * remember for each call whether the filter always allows it, so that its length costs next to
 * nothing. */
#include "sandbox/sandbox_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
static const uint32_t arch = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
static const uint32_t arch = AUDIT_ARCH_AARCH64;
#else
#error "sandbox: no system call table for this architecture"
#endif

/* Allowed whatever the arguments. */
static const int allowed[] = {
    __NR_read,         __NR_pread64,        __NR_write,        __NR_lseek,     __NR_mmap,
    __NR_munmap,       __NR_mremap,         __NR_mprotect,     __NR_brk,       __NR_madvise,
    __NR_futex,        __NR_clock_gettime,  __NR_gettimeofday, __NR_getrandom, __NR_close,
    __NR_fstat,        __NR_writev,         __NR_dup,          __NR_getpid,    __NR_gettid,
    __NR_rt_sigaction, __NR_rt_sigprocmask, __NR_rt_sigreturn, __NR_exit,      __NR_exit_group,
#if defined(__SANITIZE_ADDRESS__)
    __NR_sched_yield,  __NR_sigaltstack,
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
    __NR_sched_yield,  __NR_sigaltstack,
#endif
#endif
};

/* Refused with an error that the libraries cope with, instead of death: they ask for it on paths
 * that a document can reach, and do without. */
static const struct {
    int call;
    int error;
} refused[] = {
#ifdef __NR_open
    {__NR_open, EACCES},
    {__NR_access, EACCES},
    {__NR_stat, EACCES},
    {__NR_lstat, EACCES},
    {__NR_readlink, EACCES},
#endif
    {__NR_openat, EACCES},
    {__NR_faccessat, EACCES},
    {__NR_statx, EACCES},
    {__NR_readlinkat, EACCES},
    {__NR_getcwd, EACCES},
    {__NR_ioctl, ENOTTY},            /* stdio asks whether it writes to a terminal */
    {__NR_prctl, EPERM},             /* names of threads and of memory */
    {__NR_prlimit64, EPERM},         /* sysconf() */
    {__NR_sysinfo, EPERM},           /* sizes of caches */
    {__NR_sched_getaffinity, EPERM}, /* OpenMP counts processors */
};

/* What a process that speaks to the network does on top: its library of transfers, its own look-up
 * of names, and reading the clock of a connection. */
static const int allowed_courier[] = {
    __NR_readv,    __NR_connect,     __NR_sendto,     __NR_recvfrom,        __NR_sendmsg,
    __NR_recvmsg,  __NR_setsockopt,  __NR_getsockopt, __NR_getsockname,     __NR_getpeername,
    __NR_shutdown, __NR_ppoll,       __NR_getuid,     __NR_geteuid,         __NR_getgid,
    __NR_getegid,  __NR_sched_yield, __NR_nanosleep,  __NR_clock_nanosleep, __NR_restart_syscall,
    __NR_uname,    __NR_getppid,
#ifdef __NR_poll
    __NR_poll,
#endif
};

/* Threads: the library would start one to look up a name, which it never has to here. */
static const struct {
    int call;
    int error;
} refused_courier[] = {
    {__NR_clone, EAGAIN}, {__NR_clone3, ENOSYS}, {__NR_socketpair, EACCES},
    {__NR_bind, EACCES},  {__NR_pipe2, EMFILE},  {__NR_eventfd2, EMFILE},
};

static void
emit(struct filter *filter, uint16_t code, uint32_t k, uint8_t jump_true, uint8_t jump_false)
{
    if (filter->len == FILTER_MAX)
        abort(); /* our own tables outgrew FILTER_MAX */
    filter->code[filter->len++] = (struct sock_filter){code, jump_true, jump_false, k};
}

static void
emit_return(struct filter *filter, uint32_t action)
{
    emit(filter, BPF_RET | BPF_K, action, 0, 0);
}

/* The low half of an argument: the kernel reads all those compared here as 32-bit numbers. */
static void
emit_load_argument(struct filter *filter, unsigned index)
{
    emit(filter, BPF_LD | BPF_W | BPF_ABS,
         (uint32_t)(offsetof(struct seccomp_data, args) + 8 * index), 0, 0);
}

static uint32_t
error_action(int error)
{
    return SECCOMP_RET_ERRNO | (uint32_t)error;
}

/* If call: allowed when (argument test k) holds, else `otherwise`. test: BPF_JEQ or BPF_JSET. */
static void
emit_checked(struct filter *filter, int call, unsigned argument, uint16_t test, uint32_t k,
             uint32_t then, uint32_t otherwise)
{
    emit(filter, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call, 0, 4);
    emit_load_argument(filter, argument);
    emit(filter, (uint16_t)(BPF_JMP | BPF_K | test), k, 0, 1);
    emit_return(filter, then);
    emit_return(filter, otherwise);
}

/* Up to the call's number, and what needs an argument looked at before the table allows it. */
static void
emit_head(struct filter *filter)
{
    filter->len = 0;
    emit(filter, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch), 0, 0);
    emit(filter, BPF_JMP | BPF_JEQ | BPF_K, arch, 1, 0);
    emit_return(filter, SECCOMP_RET_KILL_PROCESS);
    emit(filter, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr), 0, 0);
    /* Memory that is to be run as code: never. Before the table, which allows the calls. */
    emit_checked(filter, __NR_mmap, 2, BPF_JSET, PROT_EXEC, error_action(EPERM), SECCOMP_RET_ALLOW);
    emit_checked(filter, __NR_mprotect, 2, BPF_JSET, PROT_EXEC, error_action(EPERM),
                 SECCOMP_RET_ALLOW);
}

static void
emit_call(struct filter *filter, int call, uint32_t action)
{
    emit(filter, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call, 0, 1);
    emit_return(filter, action);
}

static void
emit_tail(struct filter *filter)
{
    for (size_t i = 0; i < ARRAY_LEN(allowed); i++)
        emit_call(filter, allowed[i], SECCOMP_RET_ALLOW);
    /* How glibc says fstat(). A path beside the flag is looked up all the same: docs/sandbox.md. */
    emit_checked(filter, __NR_newfstatat, 3, BPF_JSET, AT_EMPTY_PATH, SECCOMP_RET_ALLOW,
                 error_action(EACCES));
    /* abort() sends a signal to its own process; to any other, and the process dies of trying. */
    filter->own_pid = (unsigned short)(filter->len + 2);
    emit_checked(filter, __NR_tgkill, 0, BPF_JEQ, 0, SECCOMP_RET_ALLOW, SECCOMP_RET_KILL_PROCESS);
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        emit_call(filter, refused[i].call, error_action(refused[i].error));
    emit_return(filter, SECCOMP_RET_KILL_PROCESS);
}

void
filter_build(struct filter *filter)
{
    emit_head(filter);
    emit_checked(filter, __NR_fcntl, 1, BPF_JEQ, F_GETFL, SECCOMP_RET_ALLOW, error_action(EPERM));
    emit_tail(filter);
}

/* As emit_checked for an argument that may be one of two. */
static void
emit_either(struct filter *filter, int call, unsigned argument, uint32_t one, uint32_t other,
            uint32_t otherwise)
{
    emit(filter, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call, 0, 5);
    emit_load_argument(filter, argument);
    emit(filter, BPF_JMP | BPF_JEQ | BPF_K, one, 1, 0);
    emit(filter, BPF_JMP | BPF_JEQ | BPF_K, other, 0, 1);
    emit_return(filter, SECCOMP_RET_ALLOW);
    emit_return(filter, otherwise);
}

void
filter_build_courier(struct filter *filter)
{
    emit_head(filter);
    emit_either(filter, __NR_socket, 0, AF_INET, AF_INET6, error_action(EAFNOSUPPORT));
    for (size_t i = 0; i < ARRAY_LEN(allowed_courier); i++)
        emit_call(filter, allowed_courier[i], SECCOMP_RET_ALLOW);
    emit_call(filter, __NR_fcntl, SECCOMP_RET_ALLOW); /* on descriptors of its own only */
    for (size_t i = 0; i < ARRAY_LEN(refused_courier); i++)
        emit_call(filter, refused_courier[i].call, error_action(refused_courier[i].error));
    emit_tail(filter);
}

enum err_code
filter_enter(struct filter *filter, struct err *err)
{
    struct sock_fprog program = {filter->len, filter->code};

    filter->code[filter->own_pid].k = (uint32_t)getpid();
    if (syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0)
        return err_sys(err, "seccomp filter");
    /* This call cannot fail but for the filter. */
    if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != -1 || errno != EPERM)
        return err_set(err, ERR_SYSTEM, "the seccomp filter is not in force");
    return ERR_OK;
}

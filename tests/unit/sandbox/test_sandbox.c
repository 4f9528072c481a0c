/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Each attempt of attacks.c runs in a confined child of its own, on a machine as it is, as an
 * ordinary user, and with Landlock and namespaces taken away. Under a sanitizer, whose run-time
 * library makes calls and mappings of its own, the attempts are skipped. */
#include "attacks.h"
#include "sandbox/sandbox.h"
#include "sanitized.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { WON = 42, NOT_CONFINED = 43, ORDINARY_USER = 12345 };

static const struct sandbox_limits limits = {.memory_bytes = MiB(64), .cpu_s = 1, .fd_max = 4};
static struct aim aim;

static int
make_aim(void **state)
{
    (void)state;
    snprintf(aim.folder, sizeof(aim.folder), "/tmp/test-sandbox-XXXXXX");
    if (mkdtemp(aim.folder) == NULL || chmod(aim.folder, 0777) != 0)
        return -1;
    snprintf(aim.file, sizeof(aim.file), "%.200s/data", aim.folder);
    aim.leaked_fd = open(aim.file, O_RDWR | O_CREAT, 0666);
    aim.kept_fd = open(aim.file, O_RDWR);
    if (aim.leaked_fd < 0 || aim.kept_fd < 0 || fchmod(aim.kept_fd, 0666) != 0 ||
        write(aim.kept_fd, "data", 4) != 4)
        return -1;
    aim.outside = getpid();
    return 0;
}

static int
drop_aim(void **state)
{
    (void)state;
    close(aim.leaked_fd);
    close(aim.kept_fd);
    return unlink(aim.file) == 0 && rmdir(aim.folder) == 0 ? 0 : -1;
}

/* Makes these calls fail from here on, as an old kernel or a container does. */
static void
take_away(const int *calls, size_t n)
{
    struct sock_filter code[20];
    unsigned short len = 0;

    code[len++] =
        (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < n; i++) {
        code[len++] =
            (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)calls[i], 0, 1);
        code[len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS);
    }
    code[len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {len, code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0)
        _exit(NOT_CONFINED);
}

/* One attempt in a confined child; says on standard error if it won. */
static bool
attempt_wins(struct sandbox *sandbox, const struct attack *attack)
{
    struct err err;
    uint32_t layers;
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        if (sandbox_enter_child(sandbox, &limits, &aim.kept_fd, 1, &layers, &err) != ERR_OK)
            _exit(NOT_CONFINED);
        _exit(attack->try(&aim) ? WON : 0);
    }
    if (waitpid(pid, &status, 0) != pid)
        return true;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return false;
    if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGSYS || WTERMSIG(status) == SIGXFSZ ||
                                WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL))
        return false;
    fprintf(stderr, "attempt %s: status %x\n", attack->name, (unsigned)status);
    return true;
}

struct scene {
    bool ordinary_user;
    bool bare; /* no Landlock, no namespaces, no close_range */
    uint32_t layers_least;
};

static void NO_RETURN
play_reader(const struct scene *scene)
{
    static const int modern[] = {444, 446, SYS_unshare, SYS_close_range};
    struct sandbox *sandbox;
    struct err err = {.msg = ""};
    uint32_t layers = 0;
    int won = 0;

    if (scene->ordinary_user && (setgid(ORDINARY_USER) != 0 || setuid(ORDINARY_USER) != 0))
        _exit(NOT_CONFINED);
    if (scene->bare)
        take_away(modern, ARRAY_LEN(modern));
    aim.reader = getpid();
    if (sandbox_open(&sandbox, &err) != ERR_OK ||
        sandbox_enter_reader(sandbox, &layers, &err) != ERR_OK ||
        (layers & scene->layers_least) != scene->layers_least) {
        fprintf(stderr, "not confined, layers %x: %s\n", layers, err.msg);
        _exit(NOT_CONFINED);
    }
    for (size_t i = 0; i < attack_count && won < 40; i++)
        won += attempt_wins(sandbox, &attacks[i]);
    _exit(won);
}

static void
no_attempt_wins(const struct scene *scene)
{
    int status;

    if (SANITIZED) {
        print_message("skipped: the attempts do not run under a sanitizer\n");
        skip();
    }
    if (scene->ordinary_user && geteuid() != 0) {
        print_message("skipped: only root can become another user\n");
        skip();
    }
    assert_true(attack_count >= 40);
    pid_t pid = fork();
    if (pid == 0)
        play_reader(scene);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void
as_the_machine_is(void **state)
{
    (void)state;
    no_attempt_wins(&(struct scene){.layers_least = SANDBOX_NO_NEW_PRIVS});
}

static void
as_an_ordinary_user(void **state)
{
    (void)state;
    no_attempt_wins(&(struct scene){.ordinary_user = true, .layers_least = SANDBOX_NO_NEW_PRIVS});
}

static void
without_landlock_and_namespaces(void **state)
{
    (void)state;
    no_attempt_wins(&(struct scene){.bare = true, .layers_least = SANDBOX_NO_NEW_PRIVS});
}

static void
as_an_ordinary_user_without_both(void **state)
{
    (void)state;
    no_attempt_wins(
        &(struct scene){.ordinary_user = true, .bare = true, .layers_least = SANDBOX_NO_NEW_PRIVS});
}

/* Without a sandbox the harmless attempts succeed: the tests above can fail. */
static void
the_attempts_are_real(void **state)
{
    (void)state;
    if (SANITIZED || geteuid() != 0)
        skip();
    for (size_t i = 0; i < attack_count; i++) {
        int status;
        if (!attacks[i].control)
            continue;
        aim.reader = getpid();
        pid_t pid = fork();
        if (pid == 0)
            _exit(attacks[i].try(&aim) ? WON : 0);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != WON)
            fail_msg("%s does not even work without a sandbox (status %x)", attacks[i].name,
                     (unsigned)status);
    }
}

/* Ordinary work goes on: memory, text, time, abort() with its own signal. */
static void
honest_work_is_left_alone(void **state)
{
    (void)state;
    struct sandbox *sandbox;
    struct err err;
    uint32_t layers;
    int status, fds[2];
    char text[8] = "";

    if (SANITIZED)
        skip();
    assert_int_equal(pipe(fds), 0);
    pid_t reader = fork();
    if (reader == 0) {
        if (sandbox_open(&sandbox, &err) != ERR_OK ||
            sandbox_enter_reader(sandbox, &layers, &err) != ERR_OK)
            _exit(NOT_CONFINED);
        pid_t pid = fork();
        if (pid == 0) {
            if (sandbox_enter_child(sandbox, &limits, &fds[1], 1, &layers, &err) != ERR_OK)
                _exit(NOT_CONFINED);
            char *block = malloc(20 << 20);
            memset(block, 'x', 20 << 20);
            block = realloc(block, 30 << 20);
            fprintf(stderr, "%c goes nowhere\n", block[0]);
            (void)localtime(&(time_t){0});
            (void)sysconf(_SC_NPROCESSORS_ONLN);
            (void)isatty(fds[1]);
            if (fopen("/etc/hosts", "r") == NULL && write(fds[1], "done", 4) == 4)
                abort();
            _exit(1);
        }
        if (waitpid(pid, &status, 0) != pid)
            _exit(1);
        _exit(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT ? 0 : 2);
    }
    assert_int_equal(waitpid(reader, &status, 0), reader);
    assert_int_equal(status, 0);
    assert_int_equal(read(fds[0], text, 7), 4);
    assert_string_equal(text, "done");
    close(fds[0]);
    close(fds[1]);
}

static void
a_child_that_is_still_root_is_refused(void **state)
{
    (void)state;
    struct sandbox *sandbox;
    struct err err;
    uint32_t layers;
    int status;

    if (geteuid() != 0)
        skip();
    assert_int_equal(sandbox_open(&sandbox, &err), ERR_OK);
    pid_t pid = fork();
    if (pid == 0) {
        enum err_code rc = sandbox_enter_child(sandbox, &limits, NULL, 0, &layers, &err);
        _exit(rc == ERR_SYSTEM && strstr(err.msg, "root") != NULL ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    sandbox_close(&sandbox);
    assert_null(sandbox);
}

static void
a_probe_names_the_layers(void **state)
{
    (void)state;
    struct err err = {.msg = ""};
    struct buf text;
    uint32_t layers = 0;

    if (SANITIZED)
        skip();
    if (sandbox_probe(&layers, &err) != ERR_OK)
        fail_msg("%s", err.msg);
    assert_int_equal(layers & SANDBOX_LAYERS_MIN, SANDBOX_LAYERS_MIN);
    buf_init(&text, 1000);
    sandbox_describe(layers, &text);
    print_message("layers here: %s\n", buf_text(&text));
    assert_non_null(strstr(buf_text(&text), "no_new_privs, rlimits, descriptors, seccomp"));
    buf_fini(&text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_attempts_are_real),
        cmocka_unit_test(as_the_machine_is),
        cmocka_unit_test(as_an_ordinary_user),
        cmocka_unit_test(without_landlock_and_namespaces),
        cmocka_unit_test(as_an_ordinary_user_without_both),
        cmocka_unit_test(honest_work_is_left_alone),
        cmocka_unit_test(a_child_that_is_still_root_is_refused),
        cmocka_unit_test(a_probe_names_the_layers),
    };
    return cmocka_run_group_tests(tests, make_aim, drop_aim);
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "runner/spawn.h"

#include "base/fdio.h"
#include "wire/channel.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CONTROL_FD = 3, ARGS_MAX = 24, ENV_MAX = 12 };

/* Everything exec needs, made before the fork: behind it only plain system calls are safe. */
struct image {
    const char *path;
    const char *argv[ARGS_MAX];
    char *envp[ENV_MAX]; /* owned */
};

/* What a reader may know of our environment; keys and secrets stay here. */
static const char *const passed_on[] = {"TESSDATA_PREFIX", "LD_LIBRARY_PATH", "ASAN_OPTIONS",
                                        "UBSAN_OPTIONS", "LLVM_PROFILE_FILE"};

static enum err_code
make_image(const struct link_config *config, struct image *image, struct err *err)
{
    static const char *const first[] = {"leapocr", "reader", "--fd", "3"};
    size_t n = 0, env = 0;

    image->path = config->exe != NULL ? config->exe : "/proc/self/exe";
    for (; n < ARRAY_LEN(first); n++)
        image->argv[n] = first[n];
    for (size_t i = 0; config->args != NULL && config->args[i] != NULL; i++) {
        if (n + 1 >= ARGS_MAX)
            return err_set(err, ERR_LIMIT, "too many arguments for a reader");
        image->argv[n++] = config->args[i];
    }
    image->argv[n] = NULL;
    if (asprintf(&image->envp[env++], "OMP_THREAD_LIMIT=1") < 0 ||
        asprintf(&image->envp[env++], "LC_ALL=C") < 0)
        return err_set(err, ERR_MEMORY, "no memory for a reader");
    for (size_t i = 0; i < ARRAY_LEN(passed_on); i++) {
        const char *value = getenv(passed_on[i]);
        if (value != NULL && asprintf(&image->envp[env++], "%s=%s", passed_on[i], value) < 0)
            return err_set(err, ERR_MEMORY, "no memory for a reader");
    }
    return ERR_OK;
}

static void
drop_image(struct image *image)
{
    if (image == NULL)
        return;
    for (size_t i = 0; i < ENV_MAX && image->envp[i] != NULL; i++)
        free(image->envp[i]);
    free(image);
}

/* Names and values that are not passed on are overwritten, in this process alone. */
static void
forget_environment(void)
{
    for (size_t i = 0; environ != NULL && environ[i] != NULL; i++) {
        bool kept = false;
        for (size_t k = 0; k < ARRAY_LEN(passed_on); k++) {
            size_t len = strlen(passed_on[k]);
            kept = kept || (strncmp(environ[i], passed_on[k], len) == 0 && environ[i][len] == '=');
        }
        if (!kept)
            memset(environ[i], 0, strlen(environ[i]));
    }
}

/* In the new process. Handlers vanish with exec; what is ignored or blocked would not. */
static void NO_RETURN
become_reader(const struct link_config *config, const struct image *image, int control_fd)
{
    sigset_t none;
    int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);

    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)signal(SIGPIPE, SIG_DFL);
    /* Out of the way of the numbers that are to be filled. */
    control_fd = fcntl(control_fd, F_DUPFD_CLOEXEC, 16);
    if (null_fd < 0 || control_fd < 0 || dup2(null_fd, 0) < 0 || dup2(null_fd, 1) < 0 ||
        dup2(control_fd, CONTROL_FD) < 0)
        _exit(126);
    if (syscall(SYS_close_range, CONTROL_FD + 1, ~0U, 0) != 0)
        for (int fd = CONTROL_FD + 1; fd < 4096; fd++) /* a kernel before 5.9 */
            close(fd);
    if (config->entry != NULL) {
        for (int number = 1; number < 32; number++)
            (void)signal(number, SIG_DFL); /* as exec does it */
        forget_environment();
        _exit(config->entry(CONTROL_FD, config->entry_ctx));
    }
    execve(image->path, (char *const *)(uintptr_t)image->argv, image->envp);
    _exit(127);
}

enum err_code
spawn_reader(const struct link_config *config, pid_t *ret_pid, int *ret_control_fd, struct err *err)
{
    int fds[2] = {-1, -1};
    pid_t pid = -1;
    struct image *image = calloc(1, sizeof(*image));
    enum err_code rc = image == NULL ? err_set(err, ERR_MEMORY, "no memory for a reader")
                                     : make_image(config, image, err);

    if (rc == ERR_OK)
        rc = channel_pair(fds, err);
    if (rc != ERR_OK)
        goto out;
    pid = fork();
    if (pid == 0)
        become_reader(config, image, fds[1]);
    if (pid < 0) {
        rc = err_sys(err, "fork of a reader");
        goto out;
    }
    *ret_pid = pid;
    *ret_control_fd = fds[0];
    fds[0] = -1;
out:
    fd_close(&fds[0]);
    fd_close(&fds[1]);
    drop_image(image);
    return rc;
}

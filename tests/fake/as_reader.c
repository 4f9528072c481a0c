/* SPDX-License-Identifier: AGPL-3.0-or-later
 * as_reader.c - preloaded into the service (LD_PRELOAD), has it start the program of
 * LEAPOCR_TEST_READER where it would start itself as a reader: whole nodes over fake documents. */
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int execve(const char *path, char *const argv[], char *const envp[])
    __attribute__((visibility("default")));

int
execve(const char *path, char *const argv[], char *const envp[])
{
    typedef int (*exec_call)(const char *path, char *const argv[], char *const envp[]);
    exec_call real = (exec_call)(uintptr_t)dlsym(RTLD_NEXT, "execve");
    const char *reader = getenv("LEAPOCR_TEST_READER");

    if (reader != NULL && argv[0] != NULL && argv[1] != NULL && strcmp(argv[1], "reader") == 0)
        path = reader;
    return real(path, argv, envp);
}

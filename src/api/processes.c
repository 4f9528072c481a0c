/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/processes.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PROCESSES_MAX = 4096, SERVICE_MAX = 512 };

struct process {
    int pid, parent;
    long pages; /* resident */
};

/* At most cap - 1 bytes of a file below /proc/PID, terminated; false if it cannot be read. */
static bool
read_file(int pid, const char *name, char *out, size_t cap)
{
    char path[64];

    snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t n = read(fd, out, cap - 1);
    close(fd);
    if (n < 0)
        return false;
    out[n] = '\0';
    return true;
}

/* Behind the first word; 0 where there is none. */
static long
second_number(const char *text)
{
    return strtol(text + strcspn(text, " "), NULL, 10);
}

static bool
read_process(int pid, struct process *ret)
{
    char text[1024];

    if (!read_file(pid, "stat", text, sizeof(text)))
        return false;
    /* The name stands in parentheses and may have some itself. */
    const char *behind = strrchr(text, ')');
    ret->pid = pid;
    if (behind == NULL)
        return false;
    ret->parent = (int)second_number(behind + 2); /* behind the state */
    if (!read_file(pid, "statm", text, sizeof(text)))
        return false;
    ret->pages = second_number(text);
    return true;
}

static size_t
read_all(struct process *out, size_t cap)
{
    DIR *dir = opendir("/proc");
    size_t n = 0;

    for (struct dirent *entry; dir != NULL && n < cap && (entry = readdir(dir)) != NULL;)
        if (isdigit((unsigned char)entry->d_name[0]) &&
            read_process((int)strtol(entry->d_name, NULL, 10), &out[n]))
            n++;
    if (dir != NULL)
        closedir(dir);
    return n;
}

/* What it was started as: "serve", "role-api", "reader"; the second word of its command line. */
static void
role_of(int pid, char *out, size_t cap)
{
    char text[256];
    size_t used = 0;

    memset(text, 0, sizeof(text));
    if (!read_file(pid, "cmdline", text, sizeof(text)))
        text[0] = '\0';
    const char *word = text + strlen(text) + 1;
    if (word >= text + sizeof(text))
        word = "";
    for (; *word != '\0' && used + 1 < cap; word++)
        if (islower((unsigned char)*word) || *word == '-')
            out[used++] = *word;
    out[used] = '\0';
}

static bool
has(const int *pids, size_t n, int pid)
{
    for (size_t i = 0; i < n; i++)
        if (pids[i] == pid)
            return true;
    return false;
}

/* The supervisor, and again and again those whose parent is in the list. */
static size_t
collect(const struct process *all, size_t count, int *pids, size_t cap)
{
    size_t n = 0;

    pids[n++] = (int)getppid();
    for (bool grown = true; grown;) {
        grown = false;
        for (size_t i = 0; i < count && n < cap; i++) {
            if (has(pids, n, all[i].parent) && !has(pids, n, all[i].pid)) {
                pids[n++] = all[i].pid;
                grown = true;
            }
        }
    }
    return n;
}

void
processes_put(struct buf *out)
{
    struct process *all = calloc(PROCESSES_MAX, sizeof(*all));
    int pids[SERVICE_MAX];
    long page = sysconf(_SC_PAGESIZE);

    if (all == NULL || getppid() <= 1) {
        free(all);
        return;
    }
    size_t count = read_all(all, PROCESSES_MAX);
    size_t n = collect(all, count, pids, SERVICE_MAX);
    for (size_t i = 0; i < count; i++) {
        char role[32];
        if (!has(pids, n, all[i].pid))
            continue;
        role_of(all[i].pid, role, sizeof(role));
        buf_printf(out, "leapocr_process_resident_bytes{role=\"%s\",pid=\"%d\"} %lld\n", role,
                   all[i].pid, (long long)all[i].pages * page);
    }
    free(all);
}

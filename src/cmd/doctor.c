/* SPDX-License-Identifier: AGPL-3.0-or-later
 * cmd/doctor.c - `leapocr doctor`: looks at what the service stands on and says how to mend it. */
#include "base/clock.h"
#include "base/fdio.h"
#include "cmd/cmd.h"
#include "cmd/datadir.h"
#include "cmd/role.h"
#include "cmd/usage.h"
#include "db/db.h"
#include "runner/link.h"
#include "sandbox/sandbox.h"
#include "store/store.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static const enum option_id allowed[] = {OPTION_DATA,    OPTION_MODELS,     OPTION_LANGUAGES,
                                         OPTION_READERS, OPTION_MEMORY_MAX, OPTION_LOG_LEVEL};

static const struct usage usage = {
    .command = "doctor",
    .synopsis =
        "usage: leapocr doctor [OPTIONS]\n"
        "\nChecks models, sandbox, data folder, database, disk, memory and limits; says what is\n"
        "wrong and how to mend it. exit status: 0 all well (warnings at most), 2 something is "
        "not\n",
    .allowed = allowed,
    .allowed_count = ARRAY_LEN(allowed),
};

enum finding { WELL, WARNING, WRONG };

struct doctor {
    const struct options *options;
    bool found_wrong;
};

static const uint64_t free_bytes_wanted = (uint64_t)2 << 30; /* an upload of 1 GiB and its join */
static const uint64_t files_wanted = 4096;
static const int64_t reader_wait_ms = 20000;

static void PRINTF_LIKE(5, 6) say(struct doctor *doctor, enum finding finding, const char *what,
                                  const char *mend, const char *fmt, ...)
{
    static const char *const marks[] = {"ok  ", "warn", "BAD "};
    char text[512];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    printf("%s  %-12s %s\n", marks[finding], what, text);
    if (finding != WELL && mend != NULL)
        printf("      %-12s -> %s\n", "", mend);
    doctor->found_wrong = doctor->found_wrong || finding == WRONG;
}

static void
tell_reader(struct doctor *doctor, const struct wire_ready *ready)
{
    struct buf layers;

    say(doctor, WELL, "models", NULL, "%s", ready->engine);
    buf_init(&layers, KiB(4));
    sandbox_describe(ready->layers, &layers);
    /* Those of the least that belong to a child are checked by every child when it starts. */
    uint32_t wanted = SANDBOX_USER | SANDBOX_NAMESPACES | SANDBOX_LANDLOCK;
    if ((ready->layers & wanted) == wanted)
        say(doctor, WELL, "sandbox", NULL,
            "reader: %s; each child adds rlimits, closed descriptors, seccomp", buf_text(&layers));
    else
        say(doctor, WARNING, "sandbox",
            "start as root (it becomes nobody), or allow user namespaces and a kernel with "
            "Landlock (5.13 on)",
            "not every layer is in force here: %s (the least holds in any case: no_new_privs, "
            "rlimits, seccomp)",
            buf_text(&layers));
    buf_fini(&layers);
}

/* Starts a real reader: what it says of itself is what the service will have. */
static void
check_reader(struct doctor *doctor)
{
    struct role_reader reader;
    struct link *link = NULL;
    struct link_event event = {.kind = LINK_NOTHING};
    struct err err = {0};
    int64_t until = clock_mono_ms() + reader_wait_ms;

    role_reader_config(doctor->options, &reader);
    if (link_open(&reader.link, &link, &err) != ERR_OK) {
        say(doctor, WRONG, "reader", NULL, "%s", err.msg);
        return;
    }
    while (event.kind != LINK_BECAME_READY && event.kind != LINK_TROUBLE &&
           clock_mono_ms() < until) {
        link_step(link, &event);
        if (event.kind == LINK_NOTHING)
            link_wait(link, until);
    }
    if (event.kind == LINK_BECAME_READY)
        tell_reader(doctor, link_reader(link));
    else
        say(doctor, WRONG, "models",
            "install the language: apt-get install tesseract-ocr-eng (or -deu, -fra, ...), or name "
            "the folder with --models",
            "no reader becomes ready: %s",
            event.kind == LINK_TROUBLE ? event.why.msg : "it takes too long");
    link_close(&link);
}

static void
check_folder(struct doctor *doctor, const struct datadir *dir)
{
    struct stat st;

    if (stat(dir->path, &st) != 0) {
        say(doctor, WRONG, "data folder", NULL, "%s: %s", dir->path, strerror(errno));
        return;
    }
    if (access(dir->path, W_OK) != 0)
        say(doctor, WRONG, "data folder", "run as its owner", "%s is not writable by this user",
            dir->path);
    else if ((st.st_mode & 077) != 0)
        say(doctor, WRONG, "data folder",
            "chmod -R go= on it: documents and keys' hashes lie there",
            "%s is open to other users (mode %03o)", dir->path, (unsigned)(st.st_mode & 0777));
    else
        say(doctor, WELL, "data folder", NULL, "%s, private", dir->path);
    if (stat(dir->secret, &st) != 0 || (st.st_mode & 077) != 0 || st.st_size < 32)
        say(doctor, WRONG, "secret",
            "restore it from a backup, or start the server with it removed: upload URLs given out "
            "become void",
            "secrets/presign is missing, too short, or open to others");
}

static void
check_database(struct doctor *doctor, const struct datadir *dir)
{
    struct db *db = NULL;
    struct err err = {0};
    struct buf text;

    buf_init(&text, KiB(4));
    enum err_code rc = db_open(dir->db, &db, &err);
    if (rc == ERR_OK)
        rc = db_describe(db, &text, &err);
    if (rc == ERR_OK)
        say(doctor, WELL, "database", NULL, "%s", buf_text(&text));
    else
        say(doctor, WRONG, "database",
            "see docs/reliability.md; keep a copy of the folder before anything else", "%s",
            err.msg);
    db_close(&db);
    buf_fini(&text);
}

static void
check_disk(struct doctor *doctor, const struct datadir *dir)
{
    struct store *store = NULL;
    struct err err = {0};
    uint64_t space = 0, total = 0;
    enum err_code rc = store_open(dir->path, false, &store, &err);

    if (rc == ERR_OK)
        rc = store_space(store, &space, &total, &err);
    store_close(&store);
    if (rc != ERR_OK)
        say(doctor, WRONG, "disk", NULL, "%s", err.msg);
    else
        say(doctor, space < free_bytes_wanted ? WARNING : WELL, "disk",
            "free some space, or put --data on a larger disk", "%.1f GiB free of %.1f",
            (double)space / (1 << 30), (double)total / (1 << 30));
}

static void
check_limits(struct doctor *doctor)
{
    struct rlimit files = {0};
    uint64_t memory = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
    uint64_t wanted =
        (uint64_t)doctor->options->number[OPTION_MEMORY_MAX] * role_reader_count(doctor->options);

    getrlimit(RLIMIT_NOFILE, &files);
    say(doctor, files.rlim_max < files_wanted ? WARNING : WELL, "files",
        "raise LimitNOFILE (systemd) or ulimit -n",
        "%llu open files allowed (%llu connections want about as many)",
        (unsigned long long)files.rlim_max, (unsigned long long)files_wanted);
    say(doctor, wanted > memory ? WARNING : WELL, "memory", "lower --readers or --reader-memory",
        "%zu readers of at most %.1f GiB, the machine has %.1f GiB",
        role_reader_count(doctor->options),
        (double)doctor->options->number[OPTION_MEMORY_MAX] / (1 << 30), (double)memory / (1 << 30));
}

int
cmd_doctor(int argc, char **argv)
{
    struct options options;
    struct datadir dir;
    struct err err = {0};
    int rest, status;

    if (!usage_begin(&usage, argc, argv, &options, &rest, &status))
        return status;
    if (rest > 0)
        return usage_mistake(&usage, "takes options only");
    log_init("doctor", LOG_ERROR);
    struct doctor doctor = {.options = &options};
    printf("leapocr %s\n", LEAPOCR_VERSION);
    check_reader(&doctor);
    if (datadir_find(options.text[OPTION_DATA], &dir, &err) == ERR_OK) {
        check_folder(&doctor, &dir);
        check_database(&doctor, &dir);
        check_disk(&doctor, &dir);
    } else {
        say(&doctor, WARNING, "data folder",
            "`leapocr serve --data DIR` makes it; name it with --data", "%s", err.msg);
    }
    check_limits(&doctor);
    printf("%s\n", doctor.found_wrong ? "something has to be mended" : "all well");
    return doctor.found_wrong ? EXIT_FAILED : EXIT_DONE;
}

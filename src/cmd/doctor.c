/* SPDX-License-Identifier: AGPL-3.0-or-later
 * cmd/doctor.c - `leapocr doctor`: looks at what the service stands on and says how to mend it. */
#include "base/clock.h"
#include "base/fdio.h"
#include "cmd/cmd.h"
#include "cmd/datadir.h"
#include "cmd/role.h"
#include "cmd/storage.h"
#include "cmd/usage.h"
#include "courier/trust.h"
#include "db/db.h"
#include "runner/link.h"
#include "sandbox/sandbox.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static const enum option_id allowed[] = {
    OPTION_DATA,       OPTION_DATABASE,       OPTION_SECRETS,    OPTION_MODELS,
    OPTION_LANGUAGES,  OPTION_READERS,        OPTION_MEMORY_MAX, OPTION_LOG_LEVEL,
    OPTION_STORE,      OPTION_S3_ENDPOINT,    OPTION_S3_PUBLIC,  OPTION_S3_REGION,
    OPTION_S3_STYLE,   OPTION_S3_CREDENTIALS, OPTION_S3_CA,      OPTION_S3_SSE,
    OPTION_STORE_CACHE};

static const struct usage usage = {
    .command = "doctor",
    .synopsis =
        "usage: leapocr doctor [OPTIONS]\n"
        "\nChecks models, sandbox, data folder, database, store, disk, https, memory and limits;\n"
        "says what is wrong and how to mend it. exit status: 0 all well (warnings at most), 2\n"
        "something is not\n",
    .allowed = allowed,
    .allowed_count = ARRAY_LEN(allowed),
};

enum finding { WELL, WARNING, WRONG };

struct doctor {
    const struct options *options;
    bool found_wrong, found_warning;
};

static const uint64_t free_bytes_wanted = (uint64_t)2 << 30; /* an upload of 1 GiB and its join */
static const uint64_t files_wanted = 4096;
static const int64_t reader_wait_ms = 20000;
static const int64_t skew_most_ms = 60000;
static const int64_t db_skew_most_ms = 2000; /* leases are judged by clocks: docs/postgres.md */
static const int64_t db_trip_most_us = 5000; /* a page takes about twenty */

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
    doctor->found_warning = doctor->found_warning || finding == WARNING;
    fflush(stdout); /* before what a reader writes on standard error */
}

/* What a child of the service would get, tried in processes of its own. */
static void
check_sandbox(struct doctor *doctor)
{
    static const char mend[] = "start as root (it becomes nobody), or allow user namespaces, and "
                               "use a kernel with Landlock (5.13 on); see docs/sandbox.md";
    const uint32_t every =
        SANDBOX_LAYERS_MIN | SANDBOX_USER | SANDBOX_NAMESPACES | SANDBOX_LANDLOCK;
    struct err err = {0};
    uint32_t layers = 0;
    struct buf have, lack;

    if (sandbox_probe(&layers, &err) != ERR_OK) {
        say(doctor, WRONG, "sandbox", mend, "no document can be read: %s", err.msg);
        return;
    }
    buf_init(&have, KiB(4));
    buf_init(&lack, KiB(4));
    sandbox_describe(layers, &have);
    sandbox_describe(every & ~layers, &lack);
    if ((every & ~layers) == 0)
        say(doctor, WELL, "sandbox", NULL, "every layer: %s", buf_text(&have));
    else
        say(doctor, WARNING, "sandbox", mend, "without %s; in force: %s", buf_text(&lack),
            buf_text(&have));
    buf_fini(&have);
    buf_fini(&lack);
}

static bool
check_models(struct doctor *doctor)
{
    struct err err = {0};

    if (role_check_models(doctor->options, &err) == ERR_OK)
        return true;
    say(doctor, WRONG, "models",
        "apt-get install that package, or name another folder with --models, other languages with "
        "--languages",
        "%s", err.msg);
    return false;
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
        say(doctor, WELL, "reader", NULL, "starts with %s", link_reader(link)->engine);
    else
        say(doctor, WRONG, "reader", "its line above says more, if there is one",
            "does not become ready: %s",
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

/* Of a server: how far it is, by the wire and by the clock, and whether it keeps its word. */
static void
check_distance(struct doctor *doctor, struct db *db)
{
    struct db_distance distance;
    struct err err = {0};

    if (db_measure(db, &distance, &err) != ERR_OK) {
        say(doctor, WRONG, "database", NULL, "%s", err.msg);
        return;
    }
    if (!distance.keeps)
        say(doctor, WARNING, "database",
            "set fsync, full_page_writes and synchronous_commit to on in postgresql.conf",
            "what it acknowledges may be gone after a loss of power");
    say(doctor, distance.trip_us > db_trip_most_us ? WARNING : WELL, "database",
        "run the nodes beside it: each page takes about twenty questions", "%.1f ms there and back",
        (double)distance.trip_us / 1000);
    say(doctor, llabs(distance.ahead_ms) > db_skew_most_ms ? WARNING : WELL, "clocks",
        "set the clocks of this machine and of the database's (NTP): leases are judged by them",
        "the database's clock is %.1f s ahead of this machine's", (double)distance.ahead_ms / 1000);
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
    if (rc == ERR_OK && db_is_shared(db))
        check_distance(doctor, db);
    db_close(&db);
    buf_fini(&text);
}

/* The service behind --store: an object is put there, read and removed. */
static void
check_remote(struct doctor *doctor, struct store *store, const struct storage *storage)
{
    struct err err = {0};
    struct buf place;
    int64_t skew_ms = 0;

    buf_init(&place, KiB(4));
    storage_describe(storage, &place);
    if (store_probe(store, &skew_ms, &err) != ERR_OK)
        say(doctor, WRONG, "store",
            "the message says what the service refuses: see docs/s3.md, what a bucket needs",
            "%.120s: %s", buf_text(&place), err.msg);
    else
        say(doctor, llabs(skew_ms) > skew_most_ms ? WARNING : WELL, "store",
            "set this machine's clock (NTP): S3 refuses requests that are 15 minutes off",
            "%.200s: put, read and removed an object; its clock is %.1f s ahead", buf_text(&place),
            (double)skew_ms / 1000);
    if (strncmp(storage->s3.endpoint, "http://", 7) == 0)
        say(doctor, WARNING, "store", "use an https:// endpoint unless the network is your own",
            "documents go to the store without TLS");
    buf_fini(&place);
}

static void
check_disk(struct doctor *doctor, const struct datadir *dir)
{
    struct storage storage;
    struct store *store = NULL;
    struct err err = {0};
    uint64_t space = 0, total = 0;
    enum err_code rc = storage_init(doctor->options, dir->path, &storage, &err);

    if (rc == ERR_OK)
        rc = store_open(&storage.config, &store, &err);
    if (rc == ERR_OK)
        rc = store_space(store, &space, &total, &err);
    if (rc != ERR_OK)
        say(doctor, WRONG, "disk", NULL, "%s", err.msg);
    else
        say(doctor, space < free_bytes_wanted ? WARNING : WELL, "disk",
            "free some space, or put --data on a larger disk", "%.1f GiB free of %.1f",
            (double)space / (1 << 30), (double)total / (1 << 30));
    if (rc == ERR_OK && store_is_remote(store))
        check_remote(doctor, store, &storage);
    store_close(&store);
}

static void
check_authorities(struct doctor *doctor)
{
    struct trust *trust = NULL;
    struct err err = {0};

    if (trust_open(&trust, &err) == ERR_OK)
        say(doctor, WELL, "https", NULL, "certificates of authorities can be read");
    else
        say(doctor, WARNING, "https",
            "apt-get install ca-certificates, or name a file in SSL_CERT_FILE",
            "no document can be fetched from and no webhook sent to https: %s", err.msg);
    trust_close(&trust);
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
        return usage_mistake(&usage, "it takes options only");
    log_init("doctor", LOG_ERROR);
    struct doctor doctor = {.options = &options};
    printf("leapocr %s\n", LEAPOCR_VERSION);
    if (check_models(&doctor))
        check_reader(&doctor);
    check_sandbox(&doctor);
    enum err_code rc = datadir_find(&options, &dir, &err);
    if (rc == ERR_OK) {
        check_folder(&doctor, &dir);
        check_database(&doctor, &dir);
        check_disk(&doctor, &dir);
    } else {
        say(&doctor, rc == ERR_NOT_FOUND ? WARNING : WRONG, "data folder", NULL, "%s", err.msg);
    }
    check_authorities(&doctor);
    check_limits(&doctor);
    printf("%s\n", doctor.found_wrong     ? "something has to be mended"
                   : doctor.found_warning ? "it works; the warnings say what could be better"
                                          : "all well");
    return doctor.found_wrong ? EXIT_FAILED : EXIT_DONE;
}

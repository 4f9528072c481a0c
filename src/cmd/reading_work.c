/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Which reader reads what next, and how many are wanted for it. */
#include "cmd/reading_internal.h"

#include "base/clock.h"
#include "base/fdio.h"
#include "runner/trees.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Files are begun beyond the one that is due, so that a long one keeps no reader waiting; past a
 * few not once they hold so many pages, so that results do not pile up. */
enum { FILES_AHEAD_MOST = 32, FILES_AHEAD_FEW = 3, PAGES_AHEAD_MOST = 64 };

/* Pipes and the like are copied into memory: MuPDF and the libraries seek. */
static enum err_code
make_seekable(int *fd, uint64_t max_bytes, struct err *err)
{
    uint8_t piece[KiB(64)];
    struct stat st;
    uint64_t total = 0;
    enum err_code rc = ERR_OK;

    if (fstat(*fd, &st) != 0)
        return err_sys(err, "fstat");
    if (S_ISDIR(st.st_mode))
        return err_set(err, ERR_INPUT, "is a folder");
    if (S_ISREG(st.st_mode))
        return (uint64_t)st.st_size <= max_bytes
                   ? ERR_OK
                   : err_set(err, ERR_LIMIT, "%lld bytes, the limit is %llu (--file-max)",
                             (long long)st.st_size, (unsigned long long)max_bytes);
    int memory = memfd_create("document", MFD_CLOEXEC);
    if (memory < 0)
        return err_sys(err, "memfd");
    for (;;) {
        ssize_t n = read(*fd, piece, sizeof(piece));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            rc = err_sys(err, "read");
        if (n <= 0)
            break;
        total += (uint64_t)n;
        rc = total > max_bytes ? err_set(err, ERR_LIMIT, "more than %llu bytes (--file-max)",
                                         (unsigned long long)max_bytes)
                               : fd_write_all(memory, piece, (size_t)n, err);
        if (rc != ERR_OK)
            break;
    }
    fd_close(fd);
    *fd = memory;
    return rc;
}

/* Pictures by their names, which are read from pixels; what only looks like one is read all the
 * same. */
static bool
is_named_as_picture(const char *path)
{
    static const char *const endings[] = {".png",  ".jpg",  ".jpeg", ".tif",
                                          ".tiff", ".webp", ".bmp",  ".gif"};
    const char *dot = strrchr(path, '.');

    for (size_t i = 0; dot != NULL && i < ARRAY_LEN(endings); i++)
        if (strcasecmp(dot, endings[i]) == 0)
            return true;
    return false;
}

static void
open_file(struct reading_file *file, uint64_t max_bytes)
{
    file->wants_models = is_named_as_picture(file->path);
    file->fd =
        strcmp(file->path, "-") == 0 ? dup(STDIN_FILENO) : open(file->path, O_RDONLY | O_CLOEXEC);
    if (file->fd < 0)
        err_set(&file->why, errno == ENOENT ? ERR_NOT_FOUND : ERR_INPUT, "%s", strerror(errno));
    else
        make_seekable(&file->fd, max_bytes, &file->why);
}

static bool
is_read(const struct reading_file *file)
{
    return file->probed && file->pages_left == 0;
}

/* Read, and looked at beside their neighbours. */
static bool
is_bound(const struct reading_file *file)
{
    return is_read(file) && !reading_wants_binding(file);
}

static bool
any_page_read(const struct reading_file *file)
{
    for (uint32_t i = 0; i < file->page_count; i++)
        if (file->pages[i].why.code == ERR_OK)
            return true;
    return false;
}

/* The pages are read, and something is to be extracted from them yet. */
static bool
wants_extraction(const struct reading *reading, const struct reading_file *file)
{
    return reading->ask != NULL && file->why.code == ERR_OK && is_bound(file) &&
           file->extracting != READING_DONE && any_page_read(file);
}

bool
reading_is_done(const struct reading *reading, const struct reading_file *file)
{
    return file->why.code != ERR_OK || (is_bound(file) && (file->written || !reading->searchable) &&
                                        !wants_extraction(reading, file));
}

/* A batch small enough that every reader gets some of a short document; a reader that is alone has
 * nobody to share with, and each batch loads the document's fonts anew. */
static uint32_t
batch_of(const struct room *room, const struct reading_file *file)
{
    uint32_t shares = room->seat_count > 1 ? 2 * (uint32_t)room->seat_count : 1;
    uint32_t pages = file->page_count / shares;

    return pages < 1 ? 1 : pages > 50 ? 50 : pages;
}

int64_t
reading_time_ms(const struct room *room, uint32_t pages)
{
    int64_t ms = room->batch_ms + room->page_ms * pages;

    return ms < WIRE_TIME_MAX_MS ? ms : WIRE_TIME_MAX_MS;
}

bool
reading_has_models(const struct seat *seat)
{
    return link_reader(seat->link)->engine[0] != '\0';
}

void
reading_get_models(struct room *room, struct seat *seat)
{
    struct link *link;
    struct err ignored; /* no memory: the next look for work tries again */

    if (link_open(&room->with_models, &link, &ignored) != ERR_OK)
        return;
    link_close(&seat->link);
    seat->link = link;
}

/* Pages of a document that one child is given with its probe. Without models a page takes
 * milliseconds; with them, others wait for their share. */
static uint32_t
whole_of(const struct room *room, const struct seat *seat)
{
    return room->seat_count == 1 ? 50 : reading_has_models(seat) ? 0 : 8;
}

static enum err_code
start_searchable(struct seat *seat, struct reading_file *file, struct wire_run *run,
                 struct err *err)
{
    int trees = spool_open_file();
    struct stat st = {0};
    enum err_code rc =
        trees >= 0 && fstat(file->fd, &st) == 0 ? ERR_OK : err_sys(err, "a file for page trees");

    spool_fini(&file->pdf); /* of a reader that ended before it was done */
    spool_init(&file->pdf);
    if (rc == ERR_OK)
        rc = reading_put_trees(file, 0, file->page_count, trees, err);
    if (rc == ERR_OK)
        rc = trees_end(trees, err);
    run->limits.batch_bytes = trees_pdf_bytes((uint64_t)st.st_size);
    if (rc == ERR_OK)
        rc = link_run_trees(seat->link, run, file->fd, trees, err);
    fd_close(&trees);
    file->writing = rc == ERR_OK;
    if (rc != ERR_OK && rc != ERR_UNAVAILABLE) /* no reader is to blame: it would fail again */
        file->why = *err;
    return rc;
}

/* What cannot even be given out stays as it was read. */
static enum err_code
start_binding(struct seat *seat, struct reading_file *file, const struct wire_run *run,
              struct err *err)
{
    int trees = -1;
    enum err_code rc = reading_binding_fd(file, run, &trees, err);

    if (rc == ERR_OK)
        rc = link_run(seat->link, run, trees, err);
    fd_close(&trees);
    file->binding = rc == ERR_OK;
    if (rc != ERR_OK && rc != ERR_UNAVAILABLE)
        reading_end_binding(file, run->page_to, err);
    return rc;
}

static enum err_code
start_run(struct room *room, struct seat *seat, struct reading_file *file, int fd,
          struct wire_run *run, struct err *err)
{
    uint32_t pages = run->kind == WIRE_RUN_BIND ? 1 : run->page_to - run->page_from;

    run->limits = room->limits;
    run->limits.wall_ms = (uint32_t)reading_time_ms(room, pages);
    run->limits.cpu_s = run->limits.wall_ms / 1000;
    run->overlay =
        room->reading->overlay && (run->kind == WIRE_RUN_PAGES || run->kind == WIRE_RUN_WHOLE);
    if (run->kind == WIRE_RUN_WHOLE)
        run->limits.batch_bytes *= 2; /* pages may come twice */
    enum err_code rc = run->kind == WIRE_RUN_SEARCHABLE ? start_searchable(seat, file, run, err)
                       : run->kind == WIRE_RUN_BIND     ? start_binding(seat, file, run, err)
                                                        : link_run(seat->link, run, fd, err);
    if (rc != ERR_OK)
        return rc;
    room->any_begun = true;
    seat->file = file;
    seat->kind = run->kind;
    if (seat->kind == WIRE_RUN_EXTRACT)
        return ERR_OK;
    seat->next = run->page_from;
    seat->page_to = run->page_to;
    if (run->kind == WIRE_RUN_WHOLE)
        seat->due_ms = clock_mono_ms() + reading_time_ms(room, 0);
    if (run->kind != WIRE_RUN_PAGES)
        return ERR_OK;
    for (uint32_t i = run->page_from; i < run->page_to; i++)
        file->pages[i].state = READING_GIVEN;
    return ERR_OK;
}

/* The next thing to do of a file; false if there is none now. */
static bool
next_run(const struct room *room, struct reading_file *file, struct wire_run *ret)
{
    if (reading_is_done(room->reading, file) || file->probing || file->writing || file->binding ||
        wants_extraction(room->reading, file))
        return false;
    *ret = (struct wire_run){.kind = WIRE_RUN_PROBE};
    if (!file->probed)
        return true;
    if (is_read(file) && reading_wants_binding(file)) {
        reading_next_binding(file, ret);
        return true;
    }
    if (is_read(file)) {
        *ret = (struct wire_run){.kind = WIRE_RUN_SEARCHABLE, .page_to = file->page_count};
        return true;
    }
    uint32_t from = 0;
    while (from < file->page_count && file->pages[from].state != READING_WAITS)
        from++;
    uint32_t to = from;
    while (to < file->page_count && to - from < batch_of(room, file) &&
           file->pages[to].state == READING_WAITS)
        to++;
    ret->kind = WIRE_RUN_PAGES;
    ret->page_from = from;
    ret->page_to = to;
    return to > from;
}

/* A page tree that cannot be passed on fails the file, as it would at the child. */
static void
start_extraction(struct room *room, struct seat *seat, struct reading_file *file)
{
    struct wire_run run = {.kind = WIRE_RUN_EXTRACT, .page_to = file->page_count};
    struct err ignored;
    int fd = -1;

    if (reading_pages_fd(room->reading->ask, file, &fd, &file->why) != ERR_OK)
        return;
    file->extracting = READING_GIVEN;
    if (start_run(room, seat, file, fd, &run, &ignored) != ERR_OK)
        file->extracting = READING_WAITS;
    fd_close(&fd);
}

/* End of the files that may be begun. */
static size_t
files_end(const struct room *room)
{
    const struct reading *reading = room->reading;
    uint32_t pages = 0;
    size_t i = room->given;

    while (i < reading->count && i < room->given + FILES_AHEAD_MOST &&
           (i < room->given + FILES_AHEAD_FEW || pages <= PAGES_AHEAD_MOST)) {
        const struct reading_file *file = &reading->files[i++];
        pages += file->probed ? file->page_count : 1;
    }
    return i;
}

void
reading_find_work(struct room *room, struct seat *seat)
{
    struct reading *reading = room->reading;
    bool wants_models = false;
    struct err ignored;

    for (size_t i = room->given, end = files_end(room); i < end; i++) {
        struct reading_file *file = &reading->files[i];
        struct wire_run run;
        if (file->fd < 0 && file->why.code == ERR_OK)
            open_file(file, room->file_max);
        if (wants_extraction(room->reading, file) && file->extracting == READING_WAITS) {
            start_extraction(room, seat, file);
            return;
        }
        if (!next_run(room, file, &run))
            continue;
        if (file->wants_models && !reading_has_models(seat)) {
            wants_models = true;
            continue;
        }
        file->probing = run.kind == WIRE_RUN_PROBE;
        if (file->probing && whole_of(room, seat) > 0) {
            run.kind = WIRE_RUN_WHOLE;
            run.page_to = whole_of(room, seat);
        }
        /* The reader died just now: link_step starts another, and the work is still here. */
        if (start_run(room, seat, file, file->fd, &run, &ignored) != ERR_OK)
            file->probing = false;
        return;
    }
    if (wants_models)
        reading_get_models(room, seat);
}

/* Runs that could begin now. */
static size_t
runs_waiting(const struct room *room)
{
    const struct reading *reading = room->reading;
    size_t runs = 0;

    for (size_t i = room->given, end = files_end(room); i < end; i++) {
        struct reading_file *file = &reading->files[i];
        struct wire_run run;
        uint32_t waiting = 0;
        if (wants_extraction(reading, file) && file->extracting == READING_WAITS)
            runs++;
        if (!next_run(room, file, &run))
            continue;
        for (uint32_t k = 0; run.kind == WIRE_RUN_PAGES && k < file->page_count; k++)
            waiting += file->pages[k].state == READING_WAITS;
        runs += waiting > 0 ? (waiting + batch_of(room, file) - 1) / batch_of(room, file) : 1;
    }
    return runs;
}

void
reading_take_seats(struct room *room)
{
    size_t idle = 0, runs = runs_waiting(room);

    for (size_t i = 0; i < room->seat_count; i++)
        idle += room->seats[i].is_taken && room->seats[i].file == NULL;
    for (size_t i = 0; i < room->seat_count && idle < runs; i++)
        if (!room->seats[i].is_taken) {
            room->seats[i].is_taken = true;
            if (room->any_begun) /* no fork of a process that holds parts of documents */
                reading_get_models(room, &room->seats[i]);
            idle++;
        }
}

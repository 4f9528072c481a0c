/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cmd/reading_internal.h"

#include "base/clock.h"
#include "base/fdio.h"
#include "cmd/role.h"
#include "runner/link.h"
#include "runner/trees.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READERS_MAX = 256, START_TROUBLES_MAX = 3 }; /* as many as --readers takes */

/* What one reader is busy with. */
struct seat {
    struct link *link;
    struct reading_file *file; /* NULL: idle */
    enum wire_run_kind kind;   /* of its run */
    uint32_t page_to;          /* end of the batch */
    uint32_t next;             /* first page of it that has not come */
};

struct room {
    struct reading *reading;
    struct wire_limits limits;
    int64_t batch_ms, page_ms;
    uint64_t file_max;
    struct seat seats[READERS_MAX];
    size_t seat_count;
    size_t given;
    int troubles;
    bool models_checked;
    struct err trouble;
};

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

static void
open_file(struct reading_file *file, uint64_t max_bytes)
{
    file->fd =
        strcmp(file->path, "-") == 0 ? dup(STDIN_FILENO) : open(file->path, O_RDONLY | O_CLOEXEC);
    if (file->fd < 0)
        err_set(&file->why, errno == ENOENT ? ERR_NOT_FOUND : ERR_INPUT, "%s", strerror(errno));
    else
        make_seekable(&file->fd, max_bytes, &file->why);
}

static void
free_pages(struct reading_file *file)
{
    for (uint32_t i = 0; i < file->page_count && file->pages != NULL; i++) {
        free(file->pages[i].markdown);
        free(file->pages[i].tree);
        free(file->pages[i].picture);
        free(file->pages[i].bound);
    }
    free(file->pages);
    file->pages = NULL;
    if (file->records.limit > 0)
        buf_fini(&file->records);
    fd_close(&file->fd);
    fd_close(&file->pdf_fd);
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

static bool
is_done(const struct reading *reading, const struct reading_file *file)
{
    return file->why.code != ERR_OK || (is_bound(file) && (file->written || !reading->searchable) &&
                                        !wants_extraction(reading, file));
}

/* Hands out what is complete, in order. */
static void
give_files(struct room *room)
{
    struct reading *reading = room->reading;

    while (room->given < reading->count && is_done(reading, &reading->files[room->given])) {
        struct reading_file *file = &reading->files[room->given++];
        reading->on_file(reading->ctx, file);
        free_pages(file);
    }
}

static uint8_t *
copy(struct span bytes)
{
    uint8_t *kept = malloc(bytes.len + 1);

    if (kept != NULL && bytes.len > 0)
        memcpy(kept, bytes.data, bytes.len);
    if (kept != NULL)
        kept[bytes.len] = 0;
    return kept;
}

static void
page_done(struct room *room, struct seat *seat, uint32_t index)
{
    seat->next = index + 1;
    seat->file->pages[index].state = READING_DONE;
    seat->file->pages_left--;
    if (room->reading->on_page != NULL)
        room->reading->on_page(room->reading->ctx, seat->file);
}

static void
keep_page(struct room *room, struct seat *seat, const struct wire_page *page)
{
    struct reading_page *kept = &seat->file->pages[page->index];

    kept->markdown = copy(page->markdown);
    kept->tree = copy(page->tree);
    kept->picture = page->picture.len > 0 ? copy(page->picture) : NULL;
    kept->markdown_len = page->markdown.len;
    kept->tree_len = page->tree.len;
    kept->picture_len = page->picture.len;
    if (kept->markdown == NULL || kept->tree == NULL)
        err_set(&kept->why, ERR_MEMORY, "no memory to keep the page");
    page_done(room, seat, page->index);
}

static void
keep_bound(struct seat *seat, const struct wire_page *page)
{
    struct err err;

    if (reading_take_bound(seat->file, page, &err) != ERR_OK)
        link_cancel(seat->link, &err);
}

static void
keep_probe(struct reading_file *file, const struct wire_probe *probe)
{
    file->pages = calloc(probe->pages, sizeof(*file->pages));
    if (file->pages == NULL) {
        err_set(&file->why, ERR_MEMORY, "no memory for %u pages", probe->pages);
        return;
    }
    file->page_count = probe->pages;
    file->pages_left = probe->pages;
    file->probed = true;
}

static void
keep_data(struct seat *seat, const struct span *data)
{
    struct err err;

    if (fd_write_all(seat->file->pdf_fd, data->data, data->len, &err) != ERR_OK)
        link_cancel(seat->link, &err);
}

static void
end_probe(struct reading_file *file, const struct err *why)
{
    file->probing = false;
    if (file->probed)
        return;
    if (why->code != ERR_OK)
        file->why = *why;
    else if (file->why.code == ERR_OK)
        err_set(&file->why, ERR_PROTOCOL, "the reader did not say how many pages there are");
}

/* The run is over: a page that took the child with it fails alone, the rest is given out again. */
static void
end_run(struct room *room, struct seat *seat, const struct err *why)
{
    struct reading_file *file = seat->file;

    if (file == NULL)
        return;
    if (seat->kind == WIRE_RUN_PROBE) {
        end_probe(file, why);
    } else if (seat->kind == WIRE_RUN_BIND) {
        file->binding = false;
        reading_end_binding(file, seat->page_to, why);
    } else if (seat->kind == WIRE_RUN_EXTRACT) {
        file->extracting = READING_DONE;
        if (why->code != ERR_OK)
            file->why = *why;
    } else if (seat->kind == WIRE_RUN_SEARCHABLE) {
        file->writing = false;
        file->written = true;
        if (why->code != ERR_OK)
            file->why = *why;
    } else if (seat->next < seat->page_to) {
        uint32_t lost = seat->next;
        file->pages[lost].why = *why;
        if (why->code == ERR_OK)
            err_set(&file->pages[lost].why, ERR_PROTOCOL, "the reader left the page out");
        page_done(room, seat, lost);
        for (uint32_t i = lost + 1; i < seat->page_to; i++)
            file->pages[i].state = READING_WAITS;
    }
    seat->file = NULL;
}

static void
keep_extracted(struct seat *seat, const struct link_event *event)
{
    struct err why;
    enum err_code rc = event->kind == LINK_RECORD
                           ? reading_take_record(seat->file, &event->record, &why)
                           : reading_take_warnings(seat->file, event->warnings, &why);

    if (rc != ERR_OK)
        link_cancel(seat->link, &why);
}

static void
take_event(struct room *room, struct seat *seat, const struct link_event *event)
{
    switch (event->kind) {
    case LINK_PROBE:
        if (seat->file != NULL)
            keep_probe(seat->file, &event->probe);
        break;
    case LINK_PAGE:
        if (seat->file != NULL && seat->kind == WIRE_RUN_BIND)
            keep_bound(seat, &event->page);
        else if (seat->file != NULL)
            keep_page(room, seat, &event->page);
        break;
    case LINK_PAGE_FAILED:
        if (seat->file != NULL) {
            seat->file->pages[event->failure.index].why = event->failure.why;
            page_done(room, seat, event->failure.index);
        }
        break;
    case LINK_DATA:
        if (seat->file != NULL)
            keep_data(seat, &event->data);
        break;
    case LINK_ENDED:
        end_run(room, seat, &event->why);
        break;
    case LINK_TROUBLE:
        room->troubles++;
        room->trouble = event->why;
        break;
    case LINK_BECAME_READY:
        room->troubles = 0;
        break;
    case LINK_RECORD:
    case LINK_WARNINGS:
        if (seat->file != NULL)
            keep_extracted(seat, event);
        break;
    case LINK_HINT:
    case LINK_NOTHING:
        break;
    }
}

/* A batch small enough that every reader gets some of a short document. */
static uint32_t
batch_of(const struct room *room, const struct reading_file *file)
{
    uint32_t pages = file->page_count / (2 * (uint32_t)room->seat_count);

    return pages < 1 ? 1 : pages > 50 ? 50 : pages;
}

/* The trees of the file's pages as the child takes them, in memory. */
static enum err_code
put_trees(const struct reading_file *file, int fd, struct err *err)
{
    enum err_code rc = ERR_OK;

    for (uint32_t i = 0; i < file->page_count && rc == ERR_OK; i++) {
        const struct reading_page *page = &file->pages[i];
        struct span tree = {page->tree, page->why.code == ERR_OK ? page->tree_len : 0};
        rc = trees_put(fd, tree, err);
    }
    return rc == ERR_OK ? trees_end(fd, err) : rc;
}

static enum err_code
start_searchable(struct seat *seat, struct reading_file *file, struct wire_run *run,
                 struct err *err)
{
    int trees = -1;
    struct stat st = {0};
    enum err_code rc = trees_open(&trees, err);

    if (file->pdf_fd < 0)
        file->pdf_fd = memfd_create("pdf", MFD_CLOEXEC);
    if (rc == ERR_OK && (file->pdf_fd < 0 || fstat(file->fd, &st) != 0))
        rc = err_sys(err, "memory for a PDF");
    if (rc == ERR_OK)
        rc = put_trees(file, trees, err);
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
    run->limits.wall_ms = (uint32_t)(room->batch_ms + room->page_ms * pages);
    run->limits.cpu_s = run->limits.wall_ms / 1000;
    run->overlay = room->reading->overlay && run->kind == WIRE_RUN_PAGES;
    enum err_code rc = run->kind == WIRE_RUN_SEARCHABLE ? start_searchable(seat, file, run, err)
                       : run->kind == WIRE_RUN_BIND     ? start_binding(seat, file, run, err)
                                                        : link_run(seat->link, run, fd, err);
    if (rc != ERR_OK)
        return rc;
    seat->file = file;
    seat->kind = run->kind;
    if (seat->kind == WIRE_RUN_EXTRACT)
        return ERR_OK;
    seat->next = run->page_from;
    seat->page_to = run->page_to;
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
    if (is_done(room->reading, file) || file->probing || file->writing || file->binding ||
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

static void
find_work(struct room *room, struct seat *seat)
{
    struct reading *reading = room->reading;
    struct err ignored;

    /* Two files beyond the one that is due at most, so that results do not pile up. */
    for (size_t i = room->given; i < reading->count && i < room->given + 3; i++) {
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
        file->probing = run.kind == WIRE_RUN_PROBE;
        /* The reader died just now: link_step starts another, and the work is still here. */
        if (start_run(room, seat, file, file->fd, &run, &ignored) != ERR_OK)
            file->probing = false;
        return;
    }
}

static void
serve_seat(struct room *room, struct seat *seat)
{
    struct link_event event;

    do {
        link_step(seat->link, &event);
        take_event(room, seat, &event);
    } while (event.kind != LINK_NOTHING);
    if (link_state(seat->link) == LINK_READY && seat->file == NULL)
        find_work(room, seat);
}

static void
wait_for_any(const struct room *room)
{
    struct pollfd polled[2 * READERS_MAX];
    nfds_t n = 0;
    int64_t due = INT64_MAX;

    for (size_t i = 0; i < room->seat_count; i++) {
        const struct link *link = room->seats[i].link;
        polled[n++] = (struct pollfd){.fd = link_control_fd(link), .events = POLLIN};
        polled[n++] = (struct pollfd){.fd = link_result_fd(link), .events = POLLIN};
        if (link_due_ms(link) < due)
            due = link_due_ms(link);
    }
    int64_t pause = due - clock_mono_ms();
    (void)poll(polled, n, pause < 0 ? 0 : pause > 1000 ? 1000 : (int)pause);
}

/* Missing models are no matter of trying again; anything else may be. */
static enum err_code
judge_troubles(struct room *room, const struct options *options, struct err *err)
{
    enum err_code rc = ERR_OK;

    if (room->troubles > 0 && !room->models_checked) {
        room->models_checked = true;
        rc = role_check_models(options, err);
    }
    if (rc == ERR_OK && room->troubles > START_TROUBLES_MAX * (int)room->seat_count) {
        *err = room->trouble;
        rc = err->code;
    }
    return rc;
}

enum err_code
reading_run(struct reading *reading, const struct options *options, struct err *err)
{
    struct room room = {.reading = reading};
    struct role_reader reader;
    enum err_code rc = ERR_OK;

    role_limits(options, &room.limits, &room.batch_ms, &room.page_ms);
    role_reader_config(options, &reader);
    room.file_max = (uint64_t)options->number[OPTION_FILE_MAX];
    for (size_t i = 0; i < reading->count; i++)
        reading->files[i].fd = reading->files[i].pdf_fd = -1;
    size_t wanted = role_reader_count(options);
    while (room.seat_count < wanted && room.seat_count < READERS_MAX && rc == ERR_OK) {
        rc = link_open(&reader.link, &room.seats[room.seat_count].link, err);
        room.seat_count += rc == ERR_OK;
    }
    while (rc == ERR_OK && room.given < reading->count) {
        for (size_t i = 0; i < room.seat_count; i++)
            serve_seat(&room, &room.seats[i]);
        give_files(&room);
        rc = judge_troubles(&room, options, err);
        if (rc == ERR_OK && room.given < reading->count)
            wait_for_any(&room);
    }
    for (size_t i = 0; i < room.seat_count; i++)
        link_close(&room.seats[i].link);
    for (size_t i = 0; i < reading->count; i++)
        free_pages(&reading->files[i]);
    return rc;
}

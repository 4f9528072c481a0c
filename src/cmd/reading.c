/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cmd/reading_internal.h"

#include "base/clock.h"
#include "base/fdio.h"
#include "cmd/role.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

enum { START_TROUBLES_MAX = 3 };

/* A child that has told its last page takes milliseconds to end. */
static const int64_t end_most_ms = 2000;

static void
free_pages(struct reading_file *file)
{
    free(file->pages);
    file->pages = NULL;
    spool_fini(&file->spool);
    if (file->records.limit > 0)
        buf_fini(&file->records);
    fd_close(&file->fd);
    spool_fini(&file->pdf);
}

/* Hands out what is complete, in order. */
static void
give_files(struct room *room)
{
    struct reading *reading = room->reading;

    while (room->given < reading->count && reading_is_done(reading, &reading->files[room->given])) {
        struct reading_file *file = &reading->files[room->given++];
        reading->on_file(reading->ctx, file);
        free_pages(file);
    }
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
    struct spool *spool = &seat->file->spool;
    struct err err;

    if (spool_put(spool, page->markdown, &kept->markdown, &err) != ERR_OK ||
        spool_put(spool, page->tree, &kept->tree, &err) != ERR_OK ||
        spool_put(spool, page->picture, &kept->picture, &err) != ERR_OK)
        kept->why = err;
    page_done(room, seat, page->index);
}

static void
keep_bound(struct seat *seat, const struct wire_page *page)
{
    struct err err;

    if (reading_take_bound(seat->file, page, &err) != ERR_OK)
        link_cancel(seat->link, &err);
}

/* From here on others may read the pages that the run leaves. */
static void
begin_pages(struct room *room, struct seat *seat)
{
    struct reading_file *file = seat->file;

    if (seat->page_to > file->page_count)
        seat->page_to = file->page_count;
    for (uint32_t i = 0; i < seat->page_to; i++)
        file->pages[i].state = READING_GIVEN;
    file->probing = false;
    file->binding = seat->page_to == file->page_count; /* the same run does it */
    seat->due_ms = clock_mono_ms() + reading_time_ms(room, seat->page_to);
}

static void
keep_probe(struct reading_file *file, const struct wire_probe *probe)
{
    file->pages = calloc(probe->pages, sizeof(*file->pages));
    if (file->pages == NULL) {
        err_set(&file->why, ERR_MEMORY, "no memory for %u pages", probe->pages);
        return;
    }
    spool_init(&file->spool);
    file->page_count = probe->pages;
    file->pages_left = probe->pages;
    file->probed = true;
}

static void
keep_data(struct seat *seat, const struct span *data)
{
    struct spooled ignored; /* it is given whole */
    struct err err;

    if (spool_put(&seat->file->pdf, *data, &ignored, &err) != ERR_OK)
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

/* The pages that its child was given and did not read are read by others. */
static void
give_back(struct seat *seat)
{
    for (uint32_t i = seat->next; i < seat->page_to; i++)
        seat->file->pages[i].state = READING_WAITS;
}

/* A page that took the child with it fails alone, the rest is given out again. */
static void
end_pages(struct room *room, struct seat *seat, const struct err *why)
{
    struct reading_file *file = seat->file;

    if (why->code == ERR_UNAVAILABLE && !reading_has_models(seat)) {
        file->wants_models = true;
    } else if (seat->next < seat->page_to) {
        uint32_t lost = seat->next;
        file->pages[lost].why = *why;
        if (why->code == ERR_OK)
            err_set(&file->pages[lost].why, ERR_PROTOCOL, "the reader left the page out");
        page_done(room, seat, lost);
    }
    give_back(seat);
}

static void
end_whole(struct room *room, struct seat *seat, const struct err *why)
{
    struct reading_file *file = seat->file;
    bool whole = seat->page_to == file->page_count;

    seat->due_ms = INT64_MAX;
    if (!file->probed) {
        end_probe(file, why);
        return;
    }
    if (whole) /* else others read pages too, and one of them may be at it now */
        file->binding = false;
    if (!whole || seat->next < seat->page_to)
        end_pages(room, seat, why);
    else if (file->page_count > 1)
        reading_end_binding(file, file->page_count, why);
}

/* The run is over. */
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
    } else if (seat->kind == WIRE_RUN_WHOLE) {
        end_whole(room, seat, why);
    } else {
        end_pages(room, seat, why);
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

/* Pages come the second time. */
static bool
is_bound_again(const struct seat *seat)
{
    return seat->kind == WIRE_RUN_BIND ||
           (seat->kind == WIRE_RUN_WHOLE && seat->next == seat->page_to);
}

static void
take_event(struct room *room, struct seat *seat, const struct link_event *event)
{
    switch (event->kind) {
    case LINK_PROBE:
        if (seat->file != NULL)
            keep_probe(seat->file, &event->probe);
        if (seat->file != NULL && seat->file->probed && seat->kind == WIRE_RUN_WHOLE)
            begin_pages(room, seat);
        break;
    case LINK_PAGE:
        if (seat->file != NULL && is_bound_again(seat))
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

static void
serve_events(struct room *room, struct seat *seat)
{
    struct link_event event;

    do {
        link_step(seat->link, &event);
        take_event(room, seat, &event);
    } while (event.kind != LINK_NOTHING);
}

/* The reader's own clock allows for all the pages that a WHOLE may have. */
static void
check_due(const struct room *room, struct seat *seat)
{
    struct err why;

    if (seat->file == NULL || clock_mono_ms() < seat->due_ms)
        return;
    seat->due_ms = INT64_MAX;
    err_set(&why, ERR_DEADLINE, "not read within %lld ms",
            (long long)reading_time_ms(room, seat->page_to));
    link_cancel(seat->link, &why);
}

static void
serve_seat(struct room *room, struct seat *seat)
{
    if (!seat->is_taken)
        return;
    serve_events(room, seat);
    check_due(room, seat);
    if (link_state(seat->link) == LINK_READY && seat->file == NULL)
        reading_find_work(room, seat);
}

static void
wait_for_any(const struct room *room)
{
    struct pollfd polled[2 * READING_SEATS_MAX];
    nfds_t n = 0;
    int64_t due = INT64_MAX;

    for (size_t i = 0; i < room->seat_count; i++) {
        const struct link *link = room->seats[i].link;
        if (!room->seats[i].is_taken)
            continue;
        polled[n++] = (struct pollfd){.fd = link_control_fd(link), .events = POLLIN};
        polled[n++] = (struct pollfd){.fd = link_result_fd(link), .events = POLLIN};
        if (link_due_ms(link) < due)
            due = link_due_ms(link);
        if (room->seats[i].due_ms < due)
            due = room->seats[i].due_ms;
    }
    int64_t pause = due - clock_mono_ms();
    (void)poll(polled, n, pause < 0 ? 0 : pause > 1000 ? 1000 : (int)pause);
}

/* A child whose last page came is about to end. It is waited for, so that the processor time of all
 * that was done here counts as this program's: killed, its reader could not tell. */
static void
wait_for_ends(struct room *room)
{
    int64_t latest = clock_mono_ms() + end_most_ms;

    for (size_t i = 0; i < room->seat_count; i++) {
        struct seat *seat = &room->seats[i];
        bool pages = seat->kind == WIRE_RUN_PAGES || seat->kind == WIRE_RUN_WHOLE;
        while (seat->file != NULL && pages && seat->next == seat->page_to &&
               clock_mono_ms() < latest) {
            link_wait(seat->link, latest);
            serve_events(room, seat);
        }
    }
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
    struct link_config without;
    enum err_code rc = ERR_OK;

    role_limits(options, &room.limits, &room.batch_ms, &room.page_ms);
    role_reader_config(options, &reader);
    room.with_models = without = reader.link;
    without.entry = role_read_without_models;
    without.entry_ctx = (void *)(uintptr_t)options;
    room.file_max = (uint64_t)options->number[OPTION_FILE_MAX];
    for (size_t i = 0; i < reading->count; i++)
        reading->files[i].fd = -1;
    size_t wanted = role_reader_count(options);
    while (room.seat_count < wanted && room.seat_count < READING_SEATS_MAX && rc == ERR_OK) {
        rc = link_open(&without, &room.seats[room.seat_count].link, err);
        room.seats[room.seat_count].due_ms = INT64_MAX;
        room.seat_count += rc == ERR_OK;
    }
    while (rc == ERR_OK && room.given < reading->count) {
        for (size_t i = 0; i < room.seat_count; i++)
            serve_seat(&room, &room.seats[i]);
        reading_take_seats(&room);
        give_files(&room);
        rc = judge_troubles(&room, options, err);
        if (rc == ERR_OK && room.given < reading->count)
            wait_for_any(&room);
    }
    if (rc == ERR_OK)
        wait_for_ends(&room);
    for (size_t i = 0; i < room.seat_count; i++)
        link_close(&room.seats[i].link);
    for (size_t i = 0; i < reading->count; i++)
        free_pages(&reading->files[i]);
    return rc;
}

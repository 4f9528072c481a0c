/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli_progress.h"

#include "cli_names.h"

#include <langinfo.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

enum { LINE_SIZE = 1024, FIGURES_SIZE = 96, TIME_SIZE = 32, BAR_MIN = 8, BAR_MAX = 40 };

static const int64_t redraw_ms = 100;
static const int64_t plain_every_ms = 5000; /* between lines about pages of one document */

void
cli_progress_init(struct cli_progress *progress, bool quiet)
{
    const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");
    bool smart = term != NULL && term[0] != '\0' && strcmp(term, "dumb") != 0;

    *progress = (struct cli_progress){.quiet = quiet};
    progress->bar = !quiet && smart && isatty(STDERR_FILENO);
    progress->colour = progress->bar && (no_color == NULL || no_color[0] == '\0');
    progress->blocks = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

void
cli_progress_clear(struct cli_progress *progress)
{
    if (!progress->shown)
        return;
    fputs("\r\033[K", stderr);
    fflush(stderr);
    progress->shown = false;
}

/* --- figures --- */

static void
put_time(char out[TIME_SIZE], int64_t ms)
{
    long long s = ms / 1000;

    if (s >= 3600)
        (void)snprintf(out, TIME_SIZE, "%lld:%02lld:%02lld", s / 3600, s / 60 % 60, s % 60);
    else
        (void)snprintf(out, TIME_SIZE, "%lld:%02lld", s / 60, s % 60);
}

static void
put_amount(char *out, size_t size, uint64_t done, uint64_t total)
{
    static const char *const units[] = {"B", "kB", "MB", "GB"};
    double scale = 1;
    size_t unit = 0;

    for (uint64_t most = total > done ? total : done; most >= 1000 && unit < 3; most /= 1000) {
        unit++;
        scale *= 1000;
    }
    if (total > 0)
        (void)snprintf(out, size, "%.*f/%.*f %s", unit > 1, (double)done / scale, unit > 1,
                       (double)total / scale, units[unit]);
    else
        (void)snprintf(out, size, "%.*f %s", unit > 1, (double)done / scale, units[unit]);
}

/* What an item is about, and how much of it is done (0..1; below 0: not known). */
static double
describe(const struct cli_item *item, char figures[FIGURES_SIZE])
{
    char amount[64];
    const struct leapocr_job *job = &item->job;

    switch (item->phase) {
    case CLI_FETCHING:
    case CLI_SENDING:
        put_amount(amount, sizeof(amount), item->bytes_done, item->bytes_total);
        (void)snprintf(figures, FIGURES_SIZE, "%s %s",
                       item->phase == CLI_FETCHING ? "downloading" : "uploading", amount);
        return item->bytes_total > 0 ? (double)item->bytes_done / (double)item->bytes_total : -1;
    case CLI_READING:
        if (job->total_pages > 0) {
            (void)snprintf(figures, FIGURES_SIZE, "%lld/%lld pages",
                           (long long)job->processed_pages, (long long)job->total_pages);
            return (double)job->processed_pages / (double)job->total_pages;
        }
        (void)snprintf(figures, FIGURES_SIZE, "%s",
                       job->state == LEAPOCR_PENDING ? "queued" : "opening");
        return -1;
    default:
        figures[0] = '\0';
        return -1;
    }
}

/* --- the bar --- */

static int
window_width(void)
{
    struct winsize size;

    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return 80;
}

/* Copies as much of a text as fits into columns; returns the columns used. What this locale cannot
 * show becomes '?'. */
static int
put_fitting(char *out, size_t size, const char *text, int columns)
{
    mbstate_t state = {0};
    size_t at = 0;
    int used = 0;

    while (*text != '\0') {
        wchar_t wide;
        size_t len = mbrtowc(&wide, text, strlen(text), &state);
        bool known = len != (size_t)-1 && len != (size_t)-2 && wcwidth(wide) >= 0;
        int width = known ? wcwidth(wide) : 1;
        if (!known) {
            memset(&state, 0, sizeof(state));
            len = 1;
        }
        if (used + width > columns || at + len + 1 > size)
            break;
        memcpy(out + at, known ? text : "?", len);
        at += len;
        used += width;
        text += len;
    }
    out[at] = '\0';
    return used;
}

static void
print_bar(const struct cli_progress *progress, double part, int columns)
{
    const char *full = progress->blocks ? "\u2501" : "#", *rest = progress->blocks ? "\u2500" : "-";
    int filled = part > 0 ? (int)(part * columns + 0.5) : 0;

    fputs(progress->colour ? " \033[32m" : " ", stderr);
    for (int i = 0; i < columns; i++) {
        if (i == filled && progress->colour)
            fputs("\033[39;2m", stderr);
        fputs(i < filled ? full : rest, stderr);
    }
    if (progress->colour)
        fputs("\033[0m", stderr);
}

/* The first item on its way stands for all. */
static const struct cli_item *
current(const struct cli_item *items, size_t n, size_t *ret_done)
{
    const struct cli_item *found = NULL;

    *ret_done = 0;
    for (size_t i = 0; i < n; i++) {
        if (items[i].phase == CLI_DONE)
            ++*ret_done;
        else if (found == NULL && items[i].phase != CLI_WAITING)
            found = &items[i];
    }
    return found;
}

static void
draw(struct cli_progress *progress, const struct cli_item *items, size_t n, int64_t now_ms)
{
    char figures[FIGURES_SIZE], time[TIME_SIZE], right[FIGURES_SIZE + TIME_SIZE], line[LINE_SIZE];
    char named[LINE_SIZE];
    size_t done;
    const struct cli_item *item = current(items, n, &done);
    int width = window_width() - 1;

    if (item == NULL)
        return;
    double part = describe(item, figures);
    put_time(time, now_ms - item->started_ms);
    (void)snprintf(right, sizeof(right), "  %s  %s", figures, time);
    if (n > 1)
        (void)snprintf(named, sizeof(named), "[%zu/%zu] %s", done, n, item->shown);
    else
        (void)snprintf(named, sizeof(named), "%s", item->shown);
    int right_columns = (int)strlen(right); /* ASCII */
    int left = width - right_columns;
    int used = put_fitting(line, sizeof(line), named, left > width / 3 ? width / 3 : left);
    int bar = left - used - 1;
    fprintf(stderr, "\r%s", line);
    if (bar >= BAR_MIN)
        print_bar(progress, part, bar < BAR_MAX ? bar : BAR_MAX);
    (void)put_fitting(line, sizeof(line), right, width - used);
    fprintf(stderr, "%s\033[K", line);
    fflush(stderr);
    progress->shown = true;
    progress->drawn_ms = now_ms;
}

/* --- plain lines --- */

static void
say_news(struct cli_item *item, int64_t now_ms)
{
    char amount[64];

    if (item->phase == CLI_DONE || item->phase == CLI_WAITING)
        return;
    if (item->phase != item->said_phase) {
        put_amount(amount, sizeof(amount), item->bytes_total, 0);
        if (item->phase == CLI_FETCHING)
            fprintf(stderr, "%s: downloading\n", item->shown);
        else if (item->phase == CLI_SENDING)
            fprintf(stderr, "%s: uploading %s\n", item->shown, amount);
        else
            fprintf(stderr, "%s: uploaded, job %s\n", item->shown, item->job_id);
        item->said_phase = item->phase;
        item->said_ms = now_ms;
    } else if (item->phase == CLI_READING && item->job.processed_pages != item->said_pages &&
               now_ms - item->said_ms >= plain_every_ms) {
        fprintf(stderr, "%s: %lld of %lld pages\n", item->shown,
                (long long)item->job.processed_pages, (long long)item->job.total_pages);
        item->said_pages = item->job.processed_pages;
        item->said_ms = now_ms;
    }
}

void
cli_progress_show(struct cli_progress *progress, struct cli_item *items, size_t n, int64_t now_ms)
{
    if (progress->quiet)
        return;
    if (progress->bar) {
        if (now_ms - progress->drawn_ms >= redraw_ms)
            draw(progress, items, n, now_ms);
        return;
    }
    for (size_t i = 0; i < n; i++)
        say_news(&items[i], now_ms);
}

void
cli_progress_done(struct cli_progress *progress, const struct cli_item *item)
{
    const struct leapocr_job *job = &item->job;
    double seconds = (double)(item->done_ms - item->started_ms) / 1000;
    bool fine = cli_item_was_read(item) && job->state != LEAPOCR_PARTIALLY_DONE;
    char reason[sizeof(item->error.message)];

    if (fine && progress->quiet)
        return;
    cli_progress_clear(progress);
    (void)snprintf(reason, sizeof(reason), "%s",
                   item->error.status != LEAPOCR_OK ? item->error.message : job->reason);
    cli_defuse(reason);
    if (fine)
        fprintf(stderr, "%s: done, %lld page%s, %.1f s\n", item->shown, (long long)job->total_pages,
                job->total_pages == 1 ? "" : "s", seconds);
    else if (cli_item_was_read(item))
        fprintf(stderr, "%s: read in part, of %lld pages, %.1f s\n", item->shown,
                (long long)job->total_pages, seconds);
    else if (item->job_id[0] != '\0')
        fprintf(stderr, "%s: %s (job %s)\n", item->shown, reason, item->job_id);
    else
        fprintf(stderr, "%s: %s\n", item->shown, reason);
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "runner/plan.h"

/* Batches of a document with text: a quarter each, so that all readers share a small one. Read from
 * pixels a page takes about a second: few pages keep a batch short. */
enum { BATCHES_LEAST = 4, BATCH_TEXT_MOST = 50, BATCH_SCAN_MOST = 8 };
/* Pages that are extracted from, or bound, in the time that is allowed for reading one. */
enum { EXTRACT_PAGES = 20 };

_Static_assert(BATCHES_LEAST *BATCH_SCAN_MOST < WIRE_HINT_PAGES, "the hint has to matter");

uint32_t
plan_batch_pages(const struct wire_probe *probe, const struct wire_hint *hint)
{
    uint32_t most = hint->has_text ? BATCH_TEXT_MOST : BATCH_SCAN_MOST;
    uint32_t n = (probe->pages + BATCHES_LEAST - 1) / BATCHES_LEAST;

    return n > most ? most : n;
}

static uint32_t
capped(uint64_t base, uint64_t page, uint64_t pages, uint64_t most)
{
    uint64_t sum = base + page * pages;

    return (uint32_t)(sum < most ? sum : most);
}

struct wire_run
plan_run(const struct runner_config *config, const struct task *task)
{
    bool probe = task->kind == TASK_PROBE;
    bool extract = task->kind == TASK_EXTRACT, bind = task->kind == TASK_BIND;
    int64_t page_to = bind && task->page_to - task->page_from > WIRE_BIND_PAGES
                          ? task->page_from + WIRE_BIND_PAGES
                          : task->page_to;
    uint64_t pages = probe ? 1
                     : bind
                         ? (uint64_t)(page_to - task->page_from + EXTRACT_PAGES - 1) / EXTRACT_PAGES
                     : extract ? (uint64_t)(task->total_pages + EXTRACT_PAGES - 1) / EXTRACT_PAGES
                               : (uint64_t)(task->page_to - task->page_from);

    return (struct wire_run){
        .kind = probe              ? WIRE_RUN_PROBE
                : task->searchable ? WIRE_RUN_SEARCHABLE
                : extract          ? WIRE_RUN_EXTRACT
                : bind             ? WIRE_RUN_BIND
                                   : WIRE_RUN_PAGES,
        .page_from = probe || extract ? 0 : (uint32_t)task->page_from,
        .page_to = probe     ? 0
                   : extract ? (uint32_t)task->total_pages
                             : (uint32_t)page_to,
        .limits = {
            .memory_bytes = config->memory_bytes,
            .pixels_max = config->pixels_max,
            .batch_bytes = config->batch_bytes,
            .page_bytes = config->page_bytes,
            .pages_max = config->pages_max,
            .cpu_s = capped(config->cpu_base_s, config->cpu_page_s, pages, config->cpu_most_s),
            .wall_ms =
                capped(config->wall_base_ms, config->wall_page_ms, pages, config->wall_most_ms)}};
}

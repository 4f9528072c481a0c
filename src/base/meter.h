/* SPDX-License-Identifier: AGPL-3.0-or-later
 * base/meter.h - numbers that a service counts for whoever watches it, shared by its processes.
 *
 * One block of counters lives in a memfd that the supervisor makes and every role maps; what a role
 * counted outlives it. Adding is one atomic instruction and cannot fail. A process without the
 * memfd counts for itself. A role that goes wild can spoil these numbers and nothing else. */
#pragma once

#include "base/attrs.h"
#include "base/err.h"

#include <stdint.h>

enum meter {
    METER_PAGES_NONE,  /* read, and nothing was on them */
    METER_PAGES_LAYER, /* words from the file's own text */
    METER_PAGES_OCR,   /* words from pixels */
    METER_PAGES_BOTH,
    METER_PAGES_FAILED,
    METER_TASKS_ENDED,
    METER_TASKS_FAILED, /* abnormal ends: each is an attempt */
    METER_FETCHES_DONE, /* documents that came from URLs */
    METER_FETCHES_AGAIN,
    METER_FETCHES_FAILED, /* for good: the job failed */
    METER_DELIVERIES_DONE,
    METER_DELIVERIES_FAILED, /* attempts, most of which are tried again */
    METER_COUNT
};

enum meter_stage {
    METER_STAGE_PROBE,    /* opening a document and counting its pages */
    METER_STAGE_BATCH,    /* a run of pages, claim to end */
    METER_STAGE_PAGE,     /* processor time of one page */
    METER_STAGE_FILE,     /* storing and recording pages */
    METER_STAGE_BIND,     /* a document's pages beside each other, claim to end */
    METER_STAGE_EXTRACT,  /* values out of a document's pages */
    METER_STAGE_FETCH,    /* a document from a URL, one attempt */
    METER_STAGE_DELIVERY, /* a webhook, one attempt */
    METER_STAGE_COUNT
};

/* What is so now, set by the one role that knows. */
enum meter_gauge {
    METER_READERS,        /* how many there are to be; 0: nobody has said */
    METER_READERS_READY,  /* ready or at work */
    METER_READER_SEEN_MS, /* monotonic: when one was; at the start, by when one has to be */
    METER_RUNNER_SEEN_MS, /* monotonic: when the runner's loop came round */
    METER_COURIER_TRUSTS, /* 0: no courier has begun; 1: without authorities; 2: with them */
    METER_GAUGE_COUNT
};

enum { METER_BUCKETS = 14 };
/* Upper ends of the buckets of a histogram but the last, which has none, in microseconds. */
extern const int64_t meter_bounds_us[METER_BUCKETS - 1];

/* The memfd; -1 if the kernel gives none. */
MUST_CHECK
int meter_create(void);
/* Maps it: from here on this process counts there. */
MUST_CHECK
enum err_code meter_attach(int fd, struct err *err);

void meter_add(enum meter meter, uint64_t n);
void meter_time(enum meter_stage stage, int64_t us);
void meter_set(enum meter_gauge gauge, int64_t value);

uint64_t meter_value(enum meter meter);
int64_t meter_gauge(enum meter_gauge gauge);
struct meter_histogram {
    uint64_t counts[METER_BUCKETS]; /* each bucket by itself */
    uint64_t sum_us;
};
void meter_histogram(enum meter_stage stage, struct meter_histogram *ret);

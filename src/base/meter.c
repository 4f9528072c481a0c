/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/meter.h"

#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

const int64_t meter_bounds_us[METER_BUCKETS - 1] = {5000,     10000,    25000,    50000,   100000,
                                                    250000,   500000,   1000000,  2500000, 5000000,
                                                    10000000, 30000000, 120000000};

struct block {
    atomic_uint_fast64_t counters[METER_COUNT];
    atomic_int_fast64_t gauges[METER_GAUGE_COUNT];
    atomic_uint_fast64_t buckets[METER_STAGE_COUNT][METER_BUCKETS];
    atomic_uint_fast64_t sums_us[METER_STAGE_COUNT];
};

static struct block own;
static struct block *block = &own;

int
meter_create(void)
{
    int fd = memfd_create("leapocr-meter", MFD_CLOEXEC);

    if (fd >= 0 && ftruncate(fd, (off_t)sizeof(struct block)) != 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

enum err_code
meter_attach(int fd, struct err *err)
{
    void *mapped = mmap(NULL, sizeof(struct block), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    if (mapped == MAP_FAILED)
        return err_sys(err, "map the counters");
    block = mapped;
    return ERR_OK;
}

void
meter_add(enum meter meter, uint64_t n)
{
    atomic_fetch_add_explicit(&block->counters[meter], n, memory_order_relaxed);
}

void
meter_time(enum meter_stage stage, int64_t us)
{
    int bucket = 0;

    if (us < 0)
        us = 0;
    while (bucket < METER_BUCKETS - 1 && us > meter_bounds_us[bucket])
        bucket++;
    atomic_fetch_add_explicit(&block->buckets[stage][bucket], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&block->sums_us[stage], (uint64_t)us, memory_order_relaxed);
}

void
meter_set(enum meter_gauge gauge, int64_t value)
{
    atomic_store_explicit(&block->gauges[gauge], value, memory_order_relaxed);
}

int64_t
meter_gauge(enum meter_gauge gauge)
{
    return atomic_load_explicit(&block->gauges[gauge], memory_order_relaxed);
}

uint64_t
meter_value(enum meter meter)
{
    return atomic_load_explicit(&block->counters[meter], memory_order_relaxed);
}

void
meter_histogram(enum meter_stage stage, struct meter_histogram *ret)
{
    for (int i = 0; i < METER_BUCKETS; i++)
        ret->counts[i] = atomic_load_explicit(&block->buckets[stage][i], memory_order_relaxed);
    ret->sum_us = atomic_load_explicit(&block->sums_us[stage], memory_order_relaxed);
}

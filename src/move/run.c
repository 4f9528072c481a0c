/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/clock.h"
#include "move/move_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    FOLLOW_ROUNDS = 1000, /* then the rest is followed while nobody can write */
    CHECK_ROUNDS = 5,
};

void
move_say(const struct move *m, const char *fmt, ...)
{
    char text[400];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    m->config->say(m->config->ctx, text);
}

static enum err_code
compare_schemas(const struct move *m, size_t targets, struct err *err)
{
    bool equal = m->count == targets;

    for (size_t i = 0; equal && i < m->count; i++) {
        const struct db_table *a = &m->tables[i], *b = &m->targets[i];
        equal = strcmp(a->name, b->name) == 0 && a->field_count == b->field_count &&
                a->key_count == b->key_count;
        for (size_t k = 0; equal && k < a->field_count; k++)
            equal = strcmp(a->fields[k].name, b->fields[k].name) == 0 &&
                    a->fields[k].kind == b->fields[k].kind;
    }
    return equal ? ERR_OK
                 : err_set(err, ERR_VERSION,
                           "the two databases do not have the same tables: was "
                           "one of them made by another version?");
}

/* Nodes say of themselves where they work. */
static size_t
leave_out(struct db_table *tables, size_t n)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++)
        if (strcmp(tables[i].name, "node") != 0)
            tables[kept++] = tables[i];
    return kept;
}

static enum err_code
open_both(struct move *m, struct err *err)
{
    size_t targets = 0;
    enum err_code rc = db_open_for_move(m->config->from, &m->from, err);

    if (rc == ERR_OK)
        rc = db_open_for_move(m->config->to, &m->to, err);
    if (rc == ERR_OK)
        rc = db_tables(m->schema, m->from, &m->tables, &m->count, err);
    if (rc == ERR_OK)
        rc = db_tables(m->schema, m->to, &m->targets, &targets, err);
    if (rc != ERR_OK)
        return rc;
    m->count = leave_out(m->tables, m->count);
    targets = leave_out(m->targets, targets);
    return compare_schemas(m, targets, err);
}

/* While clients go on. */
static enum err_code
follow_along(struct move *m, struct err *err)
{
    size_t n = MOVE_BATCH;
    int64_t all = 0;
    enum err_code rc = ERR_OK;

    for (int i = 0; rc == ERR_OK && n == MOVE_BATCH && i < FOLLOW_ROUNDS; i++) {
        rc = follow_some(m, &n, err);
        all += (int64_t)n;
    }
    if (rc == ERR_OK)
        move_say(m, "followed %lld changes", (long long)all);
    return rc;
}

static enum err_code
follow_rest(struct move *m, struct err *err)
{
    size_t n = 1;
    enum err_code rc = ERR_OK;

    while (rc == ERR_OK && n > 0) {
        rc = state_freeze(m, err);
        if (rc == ERR_OK)
            rc = follow_some(m, &n, err);
    }
    return rc;
}

/* Where the freeze has lapsed meanwhile, something may have been written: then all of it again. */
static enum err_code
check_and_mark(struct move *m, struct err *err)
{
    enum err_code rc = ERR_OK;
    bool moved = false;

    for (int i = 0; rc == ERR_OK && !moved && i < CHECK_ROUNDS; i++) {
        rc = follow_rest(m, err);
        if (rc == ERR_OK)
            rc = db_tighten(m->to, err);
        if (rc == ERR_OK)
            rc = verify_all(m, err);
        if (rc == ERR_OK)
            rc = state_mark_moved(m, &moved, err);
        if (rc == ERR_OK && !moved)
            rc = db_loosen(m->to, err);
    }
    if (rc == ERR_OK && !moved)
        rc = err_set(err, ERR_UNAVAILABLE, "the old database could not be kept from changing");
    return rc;
}

static enum err_code
cut_over(struct move *m, struct err *err)
{
    struct err why;
    enum err_code rc = state_freeze(m, err);

    if (rc == ERR_OK)
        move_say(m, "nothing can be written in %s now", m->config->from_name);
    if (rc == ERR_OK)
        rc = check_and_mark(m, err);
    if (rc != ERR_OK) { /* the service goes on, at once or when the freeze lapses */
        enum err_code thawed = state_thaw(m, &why);
        (void)thawed;
    }
    return rc;
}

static enum err_code
bring_over(struct move *m, struct err *err)
{
    enum err_code rc = ERR_OK;

    for (size_t i = 0; rc == ERR_OK && i < m->count; i++)
        rc = copy_table(m, i, err);
    if (rc == ERR_OK)
        rc = follow_along(m, err);
    return rc == ERR_OK ? cut_over(m, err) : rc;
}

enum err_code
move_run(const struct move_config *config, struct err *err)
{
    struct move m = {.config = config, .schema = arena_new(MiB(64)), .arena = arena_new(MiB(512))};
    enum err_code rc = m.schema != NULL && m.arena != NULL ? open_both(&m, err)
                                                           : err_set(err, ERR_MEMORY, "no memory");

    if (rc == ERR_OK)
        rc = state_begin(&m, err);
    if (rc == ERR_OK && !m.moved)
        rc = bring_over(&m, err);
    if (rc == ERR_OK)
        rc = state_open_new(&m, err);
    if (rc == ERR_OK && m.missing > 0)
        move_say(&m,
                 "%lld times a row named an object that %s did not have: it was left out (those "
                 "deleted on the way are counted)",
                 (long long)m.missing, config->from_name);
    if (rc == ERR_OK && m.frozen)
        move_say(&m, "moved to %s; nothing could be written for %lld ms", config->to_name,
                 (long long)(clock_mono_ms() - m.frozen_at_ms));
    else if (rc == ERR_OK)
        move_say(&m, "moved to %s", config->to_name);
    db_close(&m.from);
    db_close(&m.to);
    arena_drop(&m.arena);
    arena_drop(&m.schema);
    return rc;
}

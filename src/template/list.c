/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "template/template_internal.h"

#include <ctype.h>
#include <string.h>

/* Part of the text, whatever the case of its ASCII letters. */
static bool
contains(const char *text, const char *part)
{
    size_t len = strlen(part);

    if (text == NULL)
        return false;
    for (; strlen(text) >= len; text++) {
        size_t i = 0;
        while (i < len && tolower((unsigned char)text[i]) == tolower((unsigned char)part[i]))
            i++;
        if (i == len)
            return true;
        if (*text == '\0')
            break;
    }
    return false;
}

static bool
fits(const struct template *t, const struct template_filter *filter)
{
    return (filter->format < 0 || filter->format == t->spec.format) &&
           (filter->favorite < 0 || filter->favorite == (int)t->spec.favorite) &&
           (filter->search == NULL || contains(t->spec.name, filter->search) ||
            contains(t->slug, filter->search) || contains(t->spec.description, filter->search));
}

/* True if a comes before b in the list: newer, and by id among those of one moment. */
static bool
is_before(const struct template *a, int64_t ms, const char *id)
{
    return a->created_ms != ms ? a->created_ms > ms : strcmp(a->id, id) > 0;
}

/* Gathers the first max templates of the list behind a place, in order. */
struct gathering {
    struct template *list;
    size_t n, max;
    const struct template_filter *filter;
    int64_t before_ms;
    const char *before_id;
    struct template_stats stats;
};

static void
count(struct template_stats *stats, const struct template *t)
{
    stats->uses_most = t->uses > stats->uses_most ? t->uses : stats->uses_most;
    if (stats->total == 0 || t->uses < stats->uses_least)
        stats->uses_least = t->uses;
    stats->total++;
    stats->markdown += t->spec.format == 0;
    stats->structured += t->spec.format == 1;
    stats->per_page += t->spec.format == 2;
    stats->favorite += t->spec.favorite;
    stats->uses += t->uses;
}

static void
gather(struct gathering *g, const struct template *t)
{
    size_t at = 0;

    if (!fits(t, g->filter))
        return;
    count(&g->stats, t);
    if (is_before(t, g->before_ms, g->before_id) ||
        (t->created_ms == g->before_ms && strcmp(t->id, g->before_id) == 0))
        return;
    while (at < g->n && is_before(&g->list[at], t->created_ms, t->id))
        at++;
    if (at == g->max)
        return;
    size_t moved = g->n < g->max ? g->n - at : g->n - at - 1;
    memmove(&g->list[at + 1], &g->list[at], moved * sizeof(*t));
    g->list[at] = *t;
    g->n += g->n < g->max;
}

/* A team has at most TEMPLATES_MAX: all of them are looked at, which keeps presets and filters
 * simple. */
static enum err_code
gather_all(struct arena *arena, struct db *db, const char *team_id, struct gathering *g,
           struct err *err)
{
    struct db_rows *rows = NULL;
    struct template t;
    bool row = false;
    enum err_code rc = db_query(db,
                                "SELECT " TEMPLATE_COLUMNS_WITH("NULL") TEMPLATE_JOIN
                                "WHERE t.team_id = $1 ORDER BY t.created_ms DESC, t.id DESC",
                                DB_ARGS(db_text(team_id)), &rows, err);

    while (rc == ERR_OK && (rc = db_next(rows, &row, err)) == ERR_OK && row) {
        rc = template_read(arena, rows, &t, err);
        if (rc == ERR_OK)
            gather(g, &t);
    }
    db_end(&rows);
    for (size_t i = 0; rc == ERR_OK && i < preset_count; i++) {
        rc = preset_read(arena, db, team_id, &presets[i], &t, err);
        if (rc == ERR_OK)
            gather(g, &t);
    }
    return rc;
}

enum err_code
template_list(struct arena *arena, struct db *db, const char *team_id,
              const struct template_filter *filter, int64_t before_ms, const char *before_id,
              int64_t max, struct template **ret, size_t *ret_n, struct err *err)
{
    struct gathering g = {
        .max = (size_t)max, .filter = filter, .before_ms = before_ms, .before_id = before_id};

    if (max < 1 || max > TEMPLATE_LIST_MAX)
        return err_set(err, ERR_INPUT, "a list has 1 to %d templates", TEMPLATE_LIST_MAX);
    g.list = arena_array(arena, g.max, sizeof(*g.list));
    if (g.list == NULL)
        return err_set(err, ERR_LIMIT, "no memory for a list of templates");
    enum err_code rc = gather_all(arena, db, team_id, &g, err);
    for (size_t i = 0; rc == ERR_OK && i < g.n; i++)
        if (!g.list[i].internal)
            rc = template_find(arena, db, team_id, g.list[i].id, &g.list[i], err);
    if (rc == ERR_OK) {
        *ret = g.list;
        *ret_n = g.n;
    }
    return rc;
}

enum err_code
template_count(struct arena *arena, struct db *db, const char *team_id,
               const struct template_filter *filter, struct template_stats *ret, struct err *err)
{
    struct gathering g = {.filter = filter, .before_ms = -1, .before_id = ""};
    enum err_code rc = gather_all(arena, db, team_id, &g, err);

    if (rc == ERR_OK)
        *ret = g.stats;
    return rc;
}

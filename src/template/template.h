/* SPDX-License-Identifier: AGPL-3.0-or-later
 * template/template.h - what a team asks for again and again, under a name; and the presets.
 *
 * A slug is the name in kebab case when the template is made ("Invoice, monthly": invoice-monthly),
 * with a number behind it where the team has that slug already. It never changes, so that clients
 * may keep it. A team's own slug hides the preset of that slug. Presets come with the program
 * (template/preset.h), are every team's and nobody's to change; how often a team used one, and
 * whether it is a favourite, is the team's own. Functions run in the caller's transaction. A
 * template of another team is ERR_NOT_FOUND. */
#pragma once

#include "account/account.h"
#include "base/arena.h"
#include "db/db.h"

enum {
    TEMPLATE_NAME_MAX = 255, /* characters, as all of these */
    TEMPLATE_DESCRIPTION_MAX = 1000,
    TEMPLATE_INSTRUCTIONS_MAX = 2000,
    TEMPLATE_TAG_MAX = 50,
    TEMPLATE_TAGS_MAX = 20, /* tags */
    TEMPLATE_MODEL_MAX = 100,
    TEMPLATE_SLUG_MAX = 80,
    TEMPLATES_MAX = 1000, /* of a team */
    TEMPLATE_LIST_MAX = 101
};

/* What a template says; checked by who makes it. NULL where it says so. */
struct template_spec {
    const char *name;
    const char *description; /* NULL */
    int format;              /* an enum job_format */
    const char *model;
    const char *instructions; /* NULL */
    const char *schema_json;  /* NULL; compact */
    const char *tags_json;    /* an array of strings */
    const char *color;        /* NULL; "#RRGGBB" */
    bool bounding_boxes, favorite, enabled;
};

struct template
{
    char id[UUID_TEXT_SIZE];
    char team_id[UUID_TEXT_SIZE]; /* "": internal */
    const char *user_id;          /* NULL */
    const char *slug;
    const char *checksum; /* hexadecimal */
    bool internal;        /* a preset */
    struct template_spec spec;
    int64_t uses, last_used_ms, created_ms, updated_ms; /* 0: never */
};

/* By slug or id. Reads only. */
MUST_CHECK
enum err_code template_find(struct arena *arena, struct db *db, const char *team_id,
                            const char *slug_or_id, struct template *ret, struct err *err);
/* Counts a use of it by the team. */
MUST_CHECK
enum err_code template_used(struct db *db, const char *team_id, const char *id, int64_t now_ms,
                            struct err *err);

/* ERR_CONFLICT past TEMPLATES_MAX. */
MUST_CHECK
enum err_code template_create(struct arena *arena, struct db *db, const struct principal *who,
                              const struct template_spec *spec, int64_t now_ms,
                              struct template *ret, struct err *err);
/* As template_create, but where the team has one that says the same already, that is it. */
MUST_CHECK
enum err_code template_keep(struct arena *arena, struct db *db, const struct principal *who,
                            const struct template_spec *spec, int64_t now_ms, struct template *ret,
                            struct err *err);
/* spec is the whole of it. ERR_FORBIDDEN for a preset; so for template_remove. */
MUST_CHECK
enum err_code template_update(struct arena *arena, struct db *db, const char *team_id,
                              const char *id, const struct template_spec *spec, int64_t now_ms,
                              struct template *ret, struct err *err);
MUST_CHECK
enum err_code template_remove(struct arena *arena, struct db *db, const char *team_id,
                              const char *id, struct err *err);
/* A favourite becomes none, any other one. */
MUST_CHECK
enum err_code template_toggle(struct arena *arena, struct db *db, const char *team_id,
                              const char *id, struct template *ret, struct err *err);

struct template_filter {
    int format;         /* -1: any */
    int favorite;       /* 0, 1; -1: any */
    const char *search; /* NULL; part of name, slug or description, whatever its case (ASCII) */
};

/* Newest first, presets among them, from behind (before_ms, before_id); at most max (1..
 * TEMPLATE_LIST_MAX). Takes up to 16 MiB of the arena. */
MUST_CHECK
enum err_code template_list(struct arena *arena, struct db *db, const char *team_id,
                            const struct template_filter *filter, int64_t before_ms,
                            const char *before_id, int64_t max, struct template **ret,
                            size_t *ret_n, struct err *err);

/* Of all that fit. */
struct template_stats {
    int64_t total, markdown, structured, per_page, favorite;
    int64_t uses, uses_most, uses_least;
};
MUST_CHECK
enum err_code template_count(struct arena *arena, struct db *db, const char *team_id,
                             const struct template_filter *filter, struct template_stats *ret,
                             struct err *err);

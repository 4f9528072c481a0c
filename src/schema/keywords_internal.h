/* SPDX-License-Identifier: AGPL-3.0-or-later
 * schema/keywords_internal.h - reading the members of a schema: keywords.c has those that speak of
 * one value, keywords_parts.c those that hold other schemas. */
#pragma once

#include "schema/schema_internal.h"

/* One keyword being read. */
struct keyword_reading {
    struct builder *b;
    struct node *node;
    const char *keyword;
    const json_t *value;
    const json_t *whole; /* the schema that the keyword stands in */
};

/* --- keywords.c --- */
/* Fails: the keyword "must be WHAT". */
void keyword_must_be(const struct keyword_reading *r, const char *what);
/* The node of a schema inside the keyword; key: its place there, or NULL. */
struct node *keyword_child(const struct keyword_reading *r, const json_t *json, const char *key);
struct name keyword_read_name(const struct keyword_reading *r, const char *text, size_t len);
/* The value is an object; else fails. */
bool keyword_is_members(const struct keyword_reading *r);
const struct pattern *keyword_read_pattern(const struct keyword_reading *r, const char *text,
                                           size_t len, const char *place);

/* --- keywords_parts.c: one keyword each --- */
void keyword_take_required(const struct keyword_reading *r);
void keyword_take_properties(const struct keyword_reading *r);
void keyword_take_pattern_properties(const struct keyword_reading *r);
void keyword_take_definitions(const struct keyword_reading *r);
void keyword_take_dependencies(const struct keyword_reading *r);
void keyword_take_choice(const struct keyword_reading *r);
void keyword_take_items(const struct keyword_reading *r);
void keyword_take_schema(const struct keyword_reading *r);
void keyword_take_ref(const struct keyword_reading *r);

/* SPDX-License-Identifier: AGPL-3.0-or-later
 * schema/schema.h - compiles a JSON Schema (or the documentation's shorthand) once, checks results.
 *
 * Read: draft-07 and 2020-12, $ref within the document, boolean schemas; the shorthand
 * {"total": "number", "seller": {"name": "string"}, "items": [{"price": "number"}]}, mixed freely
 * with JSON Schema below its names. Refused, each with the JSON Pointer of the place: what breaks a
 * limit below, a reference that leaves the document, an unknown type, a pattern that needs more
 * than linear time, and what nothing can satisfy (an empty enum, a minimum above its maximum ...).
 * A schema is a tenant's bytes: time and memory are bounded by the limits and the arena.
 *
 * Two views of what was compiled: schema_validate() is exact; `struct schema_shape` is the tree for
 * those who fill in values: references followed, allOf/anyOf/oneOf merged, one shape a field.
 * Everything is of the arena and never changes. Sources: json-schema.org, RFC 6901, RFC 3986. */
#pragma once

#include "base/arena.h"
#include "base/attrs.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SCHEMA_MAX_BYTES = 64 << 10,
    SCHEMA_MAX_DEPTH = 32,      /* schemas within schemas, and levels of a shape */
    SCHEMA_MAX_SHAPES = 4096,   /* fields after all references are followed */
    SCHEMA_MAX_NODES = 8192,    /* schemas in one document, each true, {} and {...} counted */
    SCHEMA_MAX_STEPS = 2000000, /* schemas applied to values in one validation */
};

/* A set of types is an `unsigned` of these bits. */
enum schema_type {
    SCHEMA_NULL = 1 << 0,
    SCHEMA_BOOLEAN = 1 << 1,
    SCHEMA_INTEGER = 1 << 2,
    SCHEMA_NUMBER = 1 << 3, /* never without SCHEMA_INTEGER: an integer is a number */
    SCHEMA_STRING = 1 << 4,
    SCHEMA_ARRAY = 1 << 5,
    SCHEMA_OBJECT = 1 << 6,
    SCHEMA_ANY = (1 << 7) - 1,
};

/* A JSON value of the schema (enum, const, default, examples). */
struct schema_value {
    enum schema_type type; /* INTEGER and NUMBER: the way it was written */
    bool boolean;
    int64_t integer;
    double number;      /* also set for INTEGER */
    const char *string; /* NUL-terminated, and len bytes */
    size_t len;
    const struct schema_value *items; /* of an ARRAY, or the values of an OBJECT */
    const char *const *names;         /* of an OBJECT */
    size_t count;
};

/* Which limits of a shape are set. */
enum schema_limit {
    SCHEMA_HAS_MINIMUM = 1 << 0,
    SCHEMA_HAS_MAXIMUM = 1 << 1,
    SCHEMA_HAS_EXCLUSIVE_MINIMUM = 1 << 2, /* the minimum itself is not allowed */
    SCHEMA_HAS_EXCLUSIVE_MAXIMUM = 1 << 3,
    SCHEMA_HAS_MULTIPLE_OF = 1 << 4,
};

struct pattern;

/* One field as those who fill it in see it. Strings are "" never: NULL where not given. */
struct schema_shape {
    const char *pointer;               /* where it stands in the schema, e.g. "/properties/total" */
    const char *name;                  /* as a property; NULL for the root and for items */
    const struct schema_shape *parent; /* NULL for the root */
    size_t depth;                      /* the root has 0 */

    unsigned types; /* guessed from other keywords where the schema names none; never 0 */
    bool required;  /* the parent names it in `required` */
    bool nullable;  /* null is allowed */
    bool recursive; /* a reference back to a shape above: its children are not given */
    bool unique_items;
    bool closed; /* an object that allows no other properties than these */

    const char *title;
    const char *description;
    const char *format;                    /* "date", "date-time", "email", ... */
    const char *const *patterns;           /* [pattern_count] as written, all must match */
    const struct pattern *const *matchers; /* the same, for base/pattern.h */
    size_t pattern_count;

    const struct schema_value *enums; /* [enum_count]; `const` is an enum of one */
    size_t enum_count;                /* 0: any value */
    const struct schema_value *examples;
    size_t example_count;
    const struct schema_value *preset; /* `default`; NULL where none is given */

    unsigned limits; /* bits of enum schema_limit */
    double minimum, maximum, multiple_of;
    size_t min_length, max_length; /* characters; 0 and SIZE_MAX where not given */
    size_t min_items, max_items;

    const struct schema_shape *const *properties; /* in the order written */
    size_t property_count;
    const struct schema_shape *items; /* every item of an array; NULL: anything */
};

struct schema;

/* What a service takes: JSON Schema or shorthand, 2020-12 unless $schema says otherwise; the whole
 * must describe an object. ERR_INPUT or ERR_LIMIT with the JSON Pointer in the message; ERR_SYNTAX
 * for text that is no JSON. */
MUST_CHECK
enum err_code schema_compile(struct arena *arena, struct span text, struct schema **ret_schema,
                             struct err *err);

/* A document that references may lead to; there is no other way out of a schema. */
struct schema_document {
    const char *uri;
    struct span text;
};

struct schema_options {
    bool raw;            /* JSON Schema only, whatever it describes, met or not */
    bool draft_07;       /* where $schema does not say */
    bool ignore_formats; /* `format` is a remark, as the specifications have it */
    const struct schema_document *documents; /* [document_count], read during the call */
    size_t document_count;
};

/* As schema_compile(); options NULL: none of them. */
MUST_CHECK
enum err_code schema_compile_as(struct arena *arena, struct span text,
                                const struct schema_options *options, struct schema **ret_schema,
                                struct err *err);

/* NULL where it was compiled raw. */
const struct schema_shape *schema_root(const struct schema *schema);

/* Why a value does not fit. The texts are of the arena. */
struct schema_problem {
    const char *instance; /* JSON Pointer into the value */
    const char *schema;   /* JSON Pointer of the keyword in the schema */
    const char *keyword;
    const char *message;
};

/* Applies the schema, formats included. The first problems go to problems[cap]; *ret_count is how
 * many were written (0: the value is valid). ERR_LIMIT where the check takes too many steps. */
MUST_CHECK
enum err_code schema_validate(struct arena *arena, const struct schema *schema,
                              const json_t *instance, struct schema_problem *problems, size_t cap,
                              size_t *ret_count, struct err *err);

/* A value of the schema as a JSON value of the caller; NULL without memory. */
json_t *schema_value_json(const struct schema_value *value);

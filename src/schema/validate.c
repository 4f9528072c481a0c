/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "schema/validate_internal.h"

#include "base/utf8.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void
put_place(struct buf *out, const struct place *place)
{
    if (place == NULL)
        return;
    put_place(out, place->above);
    buf_char(out, '/');
    if (place->name == NULL)
        buf_printf(out, "%zu", place->index);
    for (const char *c = place->name; c != NULL && *c != '\0'; c++) {
        if (*c == '~' || *c == '/')
            buf_string(out, *c == '~' ? "~0" : "~1");
        else
            buf_char(out, *c);
    }
}

bool
validate_problem(const struct applying *a, const char *keyword, const char *format, ...)
{
    struct validation *v = a->v;
    struct buf text;
    va_list args;
    char message[160];

    if (v->quiet || v->count >= v->cap)
        return false;
    va_start(args, format);
    (void)vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    buf_init(&text, KiB(64));
    put_place(&text, a->place);
    struct schema_problem *p = &v->problems[v->count];
    p->instance = arena_strdup(v->arena, buf_text(&text));
    p->schema =
        arena_printf(v->arena, "%s%s%s", a->node->pointer, *keyword != '\0' ? "/" : "", keyword);
    p->keyword = keyword;
    p->message = arena_strdup(v->arena, message);
    buf_fini(&text);
    if (p->instance == NULL || p->schema == NULL || p->message == NULL)
        v->rc = err_set(v->err, ERR_LIMIT, "schema check: out of memory");
    else
        v->count++;
    return false;
}

static const char *
types_text(unsigned types, char *out, size_t size)
{
    static const char *const names[] = {"null",   "boolean", "integer", "number",
                                        "string", "array",   "object"};
    size_t len = 0;
    out[0] = '\0';
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        bool implied = (1u << i) == SCHEMA_INTEGER && (types & SCHEMA_NUMBER) != 0;
        if ((types & (1u << i)) != 0 && !implied && len < size)
            len += (size_t)snprintf(out + len, size - len, "%s%s", len > 0 ? ", " : "", names[i]);
    }
    return out;
}

static bool
check_value(const struct applying *a)
{
    const struct node *n = a->node;
    bool found = !n->has_enum;
    char text[80];
    bool good = true;

    if (n->types != 0 && (json_types(a->value) & n->types) == 0)
        good = validate_problem(a, "type", "is not of type %s",
                                types_text(n->types, text, sizeof(text)));
    for (size_t i = 0; !found && i < n->enum_count; i++)
        found = value_equals(&n->enums[i], a->value);
    if (!found)
        good = validate_problem(a, "enum", "is none of the values of the enum");
    if (n->constant != NULL && !value_equals(n->constant, a->value))
        good = validate_problem(a, "const", "is not the one value allowed");
    return good;
}

static bool
is_multiple(double number, double of)
{
    double times = number / of;
    if (!isfinite(times))
        return false;
    return fabs(times - round(times)) < 1e-9 * (fabs(times) > 1 ? fabs(times) * 1e-3 : 1);
}

static bool
check_number(const struct applying *a)
{
    const struct node *n = a->node;
    double number = json_number_value(a->value);
    bool good = true;

    if ((n->limits & SCHEMA_HAS_MINIMUM) != 0 && number < n->minimum)
        good = validate_problem(a, "minimum", "is below %g", n->minimum);
    if ((n->limits & SCHEMA_HAS_MAXIMUM) != 0 && number > n->maximum)
        good = validate_problem(a, "maximum", "is above %g", n->maximum);
    if ((n->limits & SCHEMA_HAS_EXCLUSIVE_MINIMUM) != 0 && number <= n->exclusive_minimum)
        good = validate_problem(a, "exclusiveMinimum", "is not above %g", n->exclusive_minimum);
    if ((n->limits & SCHEMA_HAS_EXCLUSIVE_MAXIMUM) != 0 && number >= n->exclusive_maximum)
        good = validate_problem(a, "exclusiveMaximum", "is not below %g", n->exclusive_maximum);
    if ((n->limits & SCHEMA_HAS_MULTIPLE_OF) != 0 && !is_multiple(number, n->multiple_of))
        good = validate_problem(a, "multipleOf", "is no multiple of %g", n->multiple_of);
    return good;
}

static bool
check_string(const struct applying *a)
{
    const struct node *n = a->node;
    const char *text = json_string_value(a->value);
    size_t len = json_string_length(a->value);
    size_t characters = utf8_length(text, len);
    bool good = true;

    a->v->steps += n->pattern != NULL ? len : 0;
    if (characters < n->min_length)
        good = validate_problem(a, "minLength", "is shorter than %zu characters", n->min_length);
    if (characters > n->max_length)
        good = validate_problem(a, "maxLength", "is longer than %zu characters", n->max_length);
    if (n->pattern != NULL && !pattern_matches(n->pattern, text, len))
        good = validate_problem(a, "pattern", "does not match %.100s", n->pattern_text);
    if (n->format != NULL && a->v->schema->formats && !format_matches(n->format, text, len))
        good = validate_problem(a, "format", "is no %.60s", n->format);
    return good;
}

/* The same value against another schema; what that evaluates counts only where it fits. */
static bool
apply(const struct applying *a, const struct node *node)
{
    struct marks marks = {.at = NULL};
    if (a->marks.count > 0) {
        marks.at = arena_array(a->v->arena, a->marks.count, sizeof(bool));
        marks.count = marks.at != NULL ? a->marks.count : 0;
        if (marks.at == NULL)
            a->v->rc = err_set(a->v->err, ERR_LIMIT, "schema check: out of memory");
    }
    bool good = validate_node(a->v, node, a->value, a->place, a->scope, marks);
    for (size_t i = 0; good && i < marks.count; i++)
        a->marks.at[i] = a->marks.at[i] || marks.at[i];
    return good;
}

static bool
apply_quietly(const struct applying *a, const struct node *node)
{
    bool quiet = a->v->quiet;
    a->v->quiet = true;
    bool good = apply(a, node);
    a->v->quiet = quiet;
    return good;
}

static const struct node *
dynamic_target(const struct applying *a)
{
    const struct node *target = a->node->dynamic_ref;
    if (a->node->dynamic_name == NULL)
        return target;
    for (const struct scope *s = a->scope; s != NULL; s = s->outer) {
        const struct anchor *anchor = refs_find_anchor(s->resource, a->node->dynamic_name);
        if (anchor != NULL && anchor->dynamic)
            target = anchor->node;
    }
    return target;
}

static bool
check_choices(const struct applying *a)
{
    const struct node *n = a->node;
    size_t any = 0, one = 0;
    bool good = true;

    for (size_t i = 0; i < n->all_of.count; i++)
        good = apply(a, n->all_of.at[i]) && good;
    for (size_t i = 0; i < n->any_of.count; i++)
        any += apply_quietly(a, n->any_of.at[i]);
    for (size_t i = 0; i < n->one_of.count; i++)
        one += apply_quietly(a, n->one_of.at[i]);
    if (n->any_of.count > 0 && any == 0)
        good = validate_problem(a, "anyOf", "fits none of %zu choices", n->any_of.count);
    if (n->one_of.count > 0 && one != 1)
        good =
            validate_problem(a, "oneOf", "fits %zu of %zu choices, not one", one, n->one_of.count);
    if (n->negated != NULL) {
        struct applying inner = *a;
        inner.marks = (struct marks){.at = NULL};
        if (apply_quietly(&inner, n->negated))
            good = validate_problem(a, "not", "is what it must not be");
    }
    return good;
}

static bool
check_in_place(const struct applying *a)
{
    const struct node *n = a->node;
    bool good = true;

    if (n->ref != NULL)
        good = apply(a, n->ref);
    if (n->dynamic_ref != NULL)
        good = apply(a, dynamic_target(a)) && good;
    good = check_choices(a) && good;
    if (n->condition != NULL) {
        const struct node *side = apply_quietly(a, n->condition) ? n->then : n->otherwise;
        if (side != NULL)
            good = apply(a, side) && good;
    }
    return good;
}

static bool
check_all(const struct applying *a)
{
    bool good = check_value(a);

    if (json_is_number(a->value))
        good = check_number(a) && good;
    if (json_is_string(a->value))
        good = check_string(a) && good;
    good = check_in_place(a) && good;
    if (json_is_object(a->value))
        good = validate_object(a) && good;
    if (json_is_array(a->value))
        good = validate_array(a) && good;
    return good;
}

bool
validate_node(struct validation *v, const struct node *node, const json_t *value,
              const struct place *place, const struct scope *scope, struct marks marks)
{
    struct scope inner = {.outer = scope, .resource = node->resource};
    struct applying a = {
        .v = v, .node = node, .value = value, .place = place, .scope = scope, .marks = marks};

    if (v->rc != ERR_OK)
        return false;
    if (++v->steps > SCHEMA_MAX_STEPS || v->depth >= VALIDATE_MAX_DEPTH) {
        v->rc = err_set(v->err, ERR_LIMIT, "schema check: it takes more than %d steps or %d levels",
                        SCHEMA_MAX_STEPS, VALIDATE_MAX_DEPTH);
        return false;
    }
    if (node->kind == NODE_FALSE)
        return validate_problem(&a, "", "nothing is allowed here");
    if (node->kind == NODE_TRUE)
        return true;
    if (scope == NULL || scope->resource != node->resource)
        a.scope = &inner;
    if (v->schema->tracks && marks.at == NULL && (json_is_object(value) || json_is_array(value))) {
        a.marks.count = json_is_object(value) ? json_object_size(value) : json_array_size(value);
        a.marks.at = arena_array(v->arena, a.marks.count, sizeof(bool));
        if (a.marks.at == NULL)
            v->rc = err_set(v->err, ERR_LIMIT, "schema check: out of memory");
    }
    v->depth++;
    bool good = v->rc == ERR_OK && check_all(&a);
    v->depth--;
    return good;
}

enum err_code
schema_validate(struct arena *arena, const struct schema *schema, const json_t *instance,
                struct schema_problem *problems, size_t cap, size_t *ret_count, struct err *err)
{
    struct validation v = {
        .arena = arena, .schema = schema, .problems = problems, .cap = cap, .err = err};
    bool good = validate_node(&v, schema->root, instance, NULL, NULL, (struct marks){.at = NULL});

    if (v.rc != ERR_OK)
        return v.rc;
    if (!good && v.count == 0 && cap > 0) /* every failure notes a problem */
        return err_set(err, ERR_SYSTEM, "schema check: failed without a problem");
    *ret_count = v.count;
    return ERR_OK;
}

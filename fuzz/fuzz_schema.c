/* SPDX-License-Identifier: AGPL-3.0-or-later
 * fuzz/fuzz_schema.c - a tenant's schema, its patterns included, and a value applied to it.
 *
 * What stands before the first NUL is the schema, what stands behind it the value. A schema that
 * compiles has a sound shape, and gives the same answer twice. */
#include "base/utf8.h"
#include "schema/schema.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t
check_shape(const struct schema_shape *shape)
{
    size_t count = 1;

    assert(shape->types != 0 && (shape->types & ~(unsigned)SCHEMA_ANY) == 0);
    assert(shape->depth <= SCHEMA_MAX_DEPTH + 1 && shape->pointer != NULL);
    assert((shape->types & SCHEMA_NUMBER) == 0 || (shape->types & SCHEMA_INTEGER) != 0);
    for (size_t i = 0; i < shape->property_count; i++) {
        assert(shape->properties[i]->parent == shape && shape->properties[i]->name != NULL);
        count += check_shape(shape->properties[i]);
    }
    return count + (shape->items != NULL ? check_shape(shape->items) : 0);
}

static size_t
validate(struct arena *arena, const struct schema *schema, const json_t *value)
{
    struct schema_problem problems[3];
    struct err err;
    size_t count = 0;

    if (schema_validate(arena, schema, value, problems, 3, &count, &err) != ERR_OK)
        return 99;
    for (size_t i = 0; i < count; i++)
        assert(problems[i].message != NULL && problems[i].instance != NULL);
    return count;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size > 0 ? memchr(data, 0, size) : NULL;
    size_t len = end != NULL ? (size_t)(end - data) : size;
    struct arena *arena = arena_new(MiB(24));
    struct schema_options raw = {.raw = true};
    struct schema *schema;
    struct err err = {0};
    json_t *value = NULL;

    if (arena == NULL)
        return 0;
    enum err_code rc = schema_compile(arena, (struct span){data, len}, &schema, &err);
    if (rc == ERR_OK)
        assert(check_shape(schema_root(schema)) <= SCHEMA_MAX_SHAPES);
    else
        assert(err.msg[0] != '\0' && utf8_valid(err.msg, strlen(err.msg)));
    if (rc != ERR_OK)
        rc = schema_compile_as(arena, (struct span){data, len}, &raw, &schema, &err);
    if (rc == ERR_OK && end != NULL &&
        json_read((struct span){end + 1, size - len - 1}, &value, &err) == ERR_OK)
        assert(validate(arena, schema, value) == validate(arena, schema, value));
    json_decref(value);
    arena_drop(&arena);
    return 0;
}

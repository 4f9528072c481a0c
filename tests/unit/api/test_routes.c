/* SPDX-License-Identifier: AGPL-3.0-or-later
 * The table of routes and openapi.json say the same: no route without its description, no
 * description without its route. */
#include "api/openapi_text.h"
#include "api/routes.h"
#include "base/json.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static json_t *document;

static int
load(void **state)
{
    struct err err;

    (void)state;
    return json_read((struct span){openapi_text, openapi_text_size}, &document, &err) == ERR_OK
               ? 0
               : -1;
}

static int
unload(void **state)
{
    (void)state;
    json_decref(document);
    return 0;
}

static const json_t *
operation_of(const char *path, const char *method)
{
    char lower[16] = {0};

    for (size_t i = 0; method[i] != '\0' && i + 1 < sizeof(lower); i++)
        lower[i] = (char)tolower((unsigned char)method[i]);
    return json_object_get(json_object_get(json_object_get(document, "paths"), path), lower);
}

/* The name of the schema that content says for this media type; NULL if none. */
static const char *
schema_name(const json_t *holder, const char *media)
{
    static const char prefix[] = "#/components/schemas/";
    const json_t *content = json_object_get(json_object_get(holder, "content"), media);
    const char *ref =
        json_string_value(json_object_get(json_object_get(content, "schema"), "$ref"));

    if (ref == NULL || strncmp(ref, prefix, sizeof(prefix) - 1) != 0)
        return NULL;
    return ref + sizeof(prefix) - 1;
}

static void
same_name(const char *got, const char *want)
{
    if (want == NULL) {
        assert_null(got);
        return;
    }
    assert_non_null(got);
    assert_string_equal(got, want);
    const json_t *schemas = json_object_get(json_object_get(document, "components"), "schemas");
    assert_non_null(json_object_get(schemas, want));
}

static const char *const medias[] = {
    [BODY_NONE] = "application/json",
    [BODY_JSON] = "application/json",
    [BODY_FORM] = "multipart/form-data",
    [BODY_STREAM] = "application/octet-stream",
};

static void
test_each_route_is_described(void **state)
{
    (void)state;
    for (size_t i = 0; i < route_count; i++) {
        const struct route *route = &routes[i];
        const json_t *operation = operation_of(route->pattern, route->method);
        print_message("%s %s\n", route->method, route->pattern);
        assert_non_null(operation);
        const json_t *body = json_object_get(operation, "requestBody");
        assert_int_equal(body != NULL, route->body != BODY_NONE);
        same_name(schema_name(body, medias[route->body]), route->request_schema);
        char status[8];
        snprintf(status, sizeof(status), "%d",
                 route->reply_status != 0 ? route->reply_status : 200);
        const json_t *ok = json_object_get(json_object_get(operation, "responses"), status);
        assert_non_null(ok);
        same_name(schema_name(ok, "application/json"), route->reply_schema);
        /* Upload URLs and /metrics carry their own authentication. */
        const json_t *security = json_object_get(operation, "security");
        bool own = route->body == BODY_STREAM || strcmp(route->pattern, "/metrics") == 0;
        if (!own)
            assert_int_equal(json_array_size(security) > 0, route->scope != SCOPE_NONE);
    }
}

static bool
is_routed(const char *path, const char *method, const char *media)
{
    for (size_t i = 0; i < route_count; i++)
        if (strcmp(routes[i].pattern, path) == 0 && strcasecmp(routes[i].method, method) == 0 &&
            (media == NULL || strcmp(medias[routes[i].body], media) == 0))
            return true;
    return false;
}

static void
test_each_description_has_its_route(void **state)
{
    const char *path, *method, *media;
    json_t *methods, *operation, *content;

    (void)state;
    json_object_foreach(json_object_get(document, "paths"), path, methods)
    {
        json_object_foreach(methods, method, operation)
        {
            print_message("%s %s\n", method, path);
            assert_true(is_routed(path, method, NULL));
            json_object_foreach(
                json_object_get(json_object_get(operation, "requestBody"), "content"), media,
                content) assert_true(is_routed(path, method, media));
        }
    }
}

static void
test_version(void **state)
{
    (void)state;
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(document, "info"), "version")),
        LEAPOCR_VERSION);
}

struct found {
    const char *method, *path;
    bool is_form;
    const char *pattern; /* NULL: none */
    const char *allow;   /* where there is none */
};

static const struct found finds[] = {
    {"GET", "/health", false, "/health", NULL},
    {"HEAD", "/api/v1/health", false, "/health", NULL},
    {"POST", "/health", false, NULL, "GET, HEAD, OPTIONS"},
    {"GET", "/ocr/uploads/direct", false, NULL, "POST, OPTIONS"},
    {"DELETE", "/ocr/status/x", false, NULL, "GET, HEAD, OPTIONS"},
    {"get", "/health", false, NULL, "GET, HEAD, OPTIONS"},
    {"GET", "/nothing", false, NULL, NULL},
    {"GET", "/ocr/uploads/x", false, NULL, NULL},
};

static void
test_find(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(finds); i++) {
        const struct found *want = &finds[i];
        struct arena *arena = arena_new(KiB(4));
        struct path path;
        const char *allow = NULL;
        print_message("%s %s\n", want->method, want->path);
        assert_true(path_split(span_of(want->path), &path));
        const struct route *route =
            route_find(arena, span_of(want->method), &path, want->is_form, &allow);
        assert_int_equal(route != NULL, want->pattern != NULL);
        if (route != NULL)
            assert_string_equal(route->pattern, want->pattern);
        else if (want->allow != NULL)
            assert_string_equal(allow, want->allow);
        else
            assert_null(allow);
        arena_drop(&arena);
    }
}

/* The same path takes JSON and a form; a form elsewhere finds the row that will refuse it. */
static void
test_find_by_body(void **state)
{
    struct arena *arena = arena_new(KiB(4));
    struct path direct, complete;
    const char *allow;
    struct span post = span_of("POST");

    (void)state;
    assert_true(path_split(span_of("/ocr/uploads/direct"), &direct));
    assert_true(path_split(span_of("/ocr/uploads/x/complete"), &complete));
    assert_int_equal(route_find(arena, post, &direct, false, &allow)->body, BODY_JSON);
    assert_int_equal(route_find(arena, post, &direct, true, &allow)->body, BODY_FORM);
    assert_int_equal(route_find(arena, post, &complete, true, &allow)->body, BODY_JSON);
    arena_drop(&arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_route_is_described),
        cmocka_unit_test(test_each_description_has_its_route),
        cmocka_unit_test(test_version),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_find_by_body),
    };
    return cmocka_run_group_tests(tests, load, unload);
}

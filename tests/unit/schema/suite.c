/* SPDX-License-Identifier: AGPL-3.0-or-later
 * The public JSON-Schema-Test-Suite against schema/: schema_suite DIR DOCS [-v]
 *
 * DIR holds draft7/, draft2020-12/ and remotes/. Exit 77 (skipped) where there is no DIR; 1 where
 * fewer than 99 % of the mandatory tests of a draft pass with the remotes supplied, or where DOCS
 * does not say "N of M" for both drafts, with the remotes and as the service is, without. The
 * meta-schemas that some tests refer to are not in the suite and not in the product: those tests
 * count as failed. */
#include "schema/schema.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { DOCUMENTS_MAX = 200 };

static struct schema_document documents[DOCUMENTS_MAX];
static size_t document_count;
static bool verbose;

struct score {
    int passed, failed;
};

static char *
read_whole(const char *path, size_t *ret_len)
{
    FILE *f = fopen(path, "rb");
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    char chunk[4096];
    size_t n;
    while (f != NULL && (n = fread(chunk, 1, sizeof(chunk), f)) > 0)
        (void)fwrite(chunk, 1, n, out);
    fclose(out);
    if (f != NULL)
        fclose(f);
    *ret_len = len;
    return text;
}

static void
find_documents(const char *dir, const char *uri)
{
    DIR *d = opendir(dir);
    struct dirent *entry;
    while (d != NULL && (entry = readdir(d)) != NULL) {
        char path[1024], below[1024];
        struct stat st;
        if (entry->d_name[0] == '.')
            continue;
        (void)snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
        (void)snprintf(below, sizeof(below), "%s/%s", uri, entry->d_name);
        if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
            find_documents(path, below);
        } else if (document_count < DOCUMENTS_MAX) {
            struct schema_document *made = &documents[document_count++];
            size_t len;
            made->text.data = (const uint8_t *)read_whole(path, &len);
            made->text.len = len;
            made->uri = strdup(below);
        }
    }
    if (d != NULL)
        closedir(d);
}

/* -1: the schema was refused; else whether the value fits. */
static int
judge(const struct schema_options *options, const json_t *schema_json, const json_t *value,
      struct err *err)
{
    struct arena *arena = arena_new(MiB(64));
    struct schema *schema;
    struct schema_problem problem;
    size_t count = 0;
    int answer = -1;
    struct buf text;

    buf_init(&text, MiB(1));
    json_put(&text, schema_json);
    if (schema_compile_as(arena, buf_span(&text), options, &schema, err) == ERR_OK &&
        schema_validate(arena, schema, value, &problem, 1, &count, err) == ERR_OK)
        answer = count == 0;
    buf_fini(&text);
    arena_drop(&arena);
    return answer;
}

static void
run_group(const char *file, const json_t *group, const struct schema_options *options,
          struct score *score)
{
    const json_t *schema = json_object_get(group, "schema");
    size_t index;
    json_t *test;

    json_array_foreach(json_object_get(group, "tests"), index, test)
    {
        struct err err = {.msg = ""};
        int answer = judge(options, schema, json_object_get(test, "data"), &err);
        bool good = answer == json_is_true(json_object_get(test, "valid"));
        score->passed += good;
        score->failed += !good;
        if (!good && verbose)
            printf("  %s: %s: %s: %s%s\n", file,
                   json_string_value(json_object_get(group, "description")),
                   json_string_value(json_object_get(test, "description")),
                   answer < 0 ? "refused: "
                   : answer   ? "accepted"
                              : "rejected",
                   err.msg);
    }
}

static struct score
run_folder(const char *dir, const struct schema_options *options)
{
    struct score score = {0};
    struct dirent **names;
    int n = scandir(dir, &names, NULL, alphasort);

    for (int i = 0; i < n; i++) {
        size_t len;
        char path[1024];
        size_t index;
        json_t *group;
        (void)snprintf(path, sizeof(path), "%s/%s", dir, names[i]->d_name);
        if (strstr(names[i]->d_name, ".json") != NULL) {
            char *text = read_whole(path, &len);
            json_t *groups = json_loadb(text, len, JSON_ALLOW_NUL, NULL);
            json_array_foreach(groups, index, group)
                run_group(names[i]->d_name, group, options, &score);
            json_decref(groups);
            free(text);
        }
        free(names[i]);
    }
    if (n >= 0)
        free(names);
    return score;
}

static char *docs;

/* The documentation has the figure. */
static bool
is_told(const struct score *s)
{
    char text[64];

    (void)snprintf(text, sizeof(text), "%d of %d", s->passed, s->passed + s->failed);
    bool told = strstr(docs, text) != NULL;
    if (!told)
        printf("  the documentation does not say \"%s\"\n", text);
    return told;
}

static bool
report(const char *dir, const char *draft, const char *part, struct schema_options options)
{
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/%s%s", dir, draft, part);
    struct score s = run_folder(path, &options);
    double share = s.passed + s.failed > 0 ? (double)s.passed / (s.passed + s.failed) : 0;
    bool refused = options.document_count == 0, whole = *part == '\0';
    printf("%s%s%s: %d of %d (%.2f %%)\n", draft, part, refused ? ", remotes refused" : "",
           s.passed, s.passed + s.failed, share * 100);
    return (!whole || is_told(&s)) && (refused || share >= 0.99);
}

int
main(int argc, char **argv)
{
    struct stat st;
    char remotes[512];
    bool good = true;

    if (argc < 3 || stat(argv[1], &st) != 0)
        return 77;
    size_t docs_len;
    docs = read_whole(argv[2], &docs_len);
    verbose = argc > 3;
    (void)snprintf(remotes, sizeof(remotes), "%s/remotes", argv[1]);
    find_documents(remotes, "http://localhost:1234");
    for (int i = 0; i < 2; i++) {
        const char *draft = i == 0 ? "draft7" : "draft2020-12";
        struct schema_options options = {.raw = true,
                                         .draft_07 = i == 0,
                                         .ignore_formats = true,
                                         .documents = documents,
                                         .document_count = document_count};
        good = report(argv[1], draft, "", options) && good;
        struct schema_options alone = options;
        alone.document_count = 0;
        good = report(argv[1], draft, "", alone) && good;
        (void)report(argv[1], draft, "/optional", options);
        options.ignore_formats = false;
        (void)report(argv[1], draft, "/optional/format", options);
    }
    return good ? 0 : 1;
}

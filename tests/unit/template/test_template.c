/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "account/credits.h"
#include "scratch.h"
#include "template/preset.h"
#include "template/template.h"

struct fixture {
    struct scratch scratch;
    struct db *db;
    struct arena *arena;
    struct principal who;
    struct err err;
};

#define must(call) assert_code(ERR_OK, (call), &f->err)

static int
set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    bool created;

    assert_non_null(f);
    scratch_make(&f->scratch);
    f->arena = arena_new(MiB(64));
    must(db_open(f->scratch.place, &f->db, &f->err));
    must(account_ensure_default(f->db, 10, &f->who, &created, &f->err));
    *state = f;
    return 0;
}

static int
tear_down(void **state)
{
    struct fixture *f = *state;

    arena_drop(&f->arena);
    db_close(&f->db);
    scratch_remove(&f->scratch);
    free(f);
    return 0;
}

static struct template_spec
spec_of(const char *name)
{
    return (struct template_spec){
        .name = name, .format = 1, .model = "standard-v2", .tags_json = "[]", .enabled = true};
}

static struct template make(struct fixture *f, const char *name)
{
    struct template_spec spec = spec_of(name);
    struct template t;

    must(template_create(f->arena, f->db, &f->who, &spec, 1000, &t, &f->err));
    return t;
}

static void
slugs_are_names_in_kebab_case(void **state)
{
    static const char *const cases[][2] = {
        {"Invoice Template", "invoice-template"},
        {"  Bob's  Invoices (2026)! ", "bobs-invoices-2026"},
        {"R\xc3\xa9sum\xc3\xa9", "r-sum"},
        {"\xe8\xac\x9b", "template"},
        {"---", "template-2"},
        {"Invoice Template", "invoice-template-2"},
        {"invoice template", "invoice-template-3"},
        {"Invoice extraction", "invoice-extraction"}, /* hides the preset */
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_string_equal(make(f, cases[i][0]).slug, cases[i][1]);
    char longest[300];
    memset(longest, 'x', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    assert_int_equal(strlen(make(f, longest).slug), TEMPLATE_SLUG_MAX);
    assert_int_equal(strlen(make(f, longest).slug), TEMPLATE_SLUG_MAX + 2);
}

static void
a_template_is_found_changed_and_removed(void **state)
{
    struct fixture *f = *state;
    const char *team = f->who.team_id;
    struct template t = make(f, "One"), found;
    struct template_spec spec = t.spec;

    must(template_find(f->arena, f->db, team, "one", &found, &f->err));
    assert_string_equal(found.id, t.id);
    must(template_find(f->arena, f->db, team, t.id, &found, &f->err));
    spec.name = "Two";
    spec.schema_json = "{}";
    spec.favorite = true;
    must(template_update(f->arena, f->db, team, t.id, &spec, 2000, &found, &f->err));
    assert_string_equal(found.slug, "one");
    assert_string_equal(found.spec.name, "Two");
    assert_true(found.spec.favorite);
    assert_int_equal(found.updated_ms, 2000);
    assert_string_not_equal(found.checksum, t.checksum);
    must(template_used(f->db, team, t.id, 3000, &f->err));
    must(template_used(f->db, team, t.id, 4000, &f->err));
    must(template_toggle(f->arena, f->db, team, t.id, &found, &f->err));
    assert_false(found.spec.favorite);
    assert_int_equal(found.uses, 2);
    assert_int_equal(found.last_used_ms, 4000);
    /* Nobody else's. */
    assert_code(ERR_NOT_FOUND, template_find(f->arena, f->db, "other", t.id, &found, &f->err),
                &f->err);
    assert_code(ERR_NOT_FOUND,
                template_update(f->arena, f->db, "other", t.id, &spec, 1, &found, &f->err),
                &f->err);
    assert_code(ERR_NOT_FOUND, template_remove(f->arena, f->db, "other", t.id, &f->err), &f->err);
    must(template_remove(f->arena, f->db, team, t.id, &f->err));
    assert_code(ERR_NOT_FOUND, template_remove(f->arena, f->db, team, t.id, &f->err), &f->err);
    assert_int_equal(scratch_number(f->db, "SELECT COUNT(*) FROM template_use"), 0);
}

static void
presets_are_everybodys_and_nobodys(void **state)
{
    struct fixture *f = *state;
    const char *team = f->who.team_id;
    struct template t, again;

    must(template_find(f->arena, f->db, team, presets[0].slug, &t, &f->err));
    assert_true(t.internal);
    assert_string_equal(t.team_id, "");
    must(template_find(f->arena, f->db, team, t.id, &again, &f->err));
    assert_string_equal(again.slug, t.slug);
    assert_code(ERR_FORBIDDEN, template_remove(f->arena, f->db, team, t.slug, &f->err), &f->err);
    assert_code(ERR_FORBIDDEN,
                template_update(f->arena, f->db, team, t.id, &t.spec, 1, &again, &f->err), &f->err);
    must(template_used(f->db, team, t.id, 5, &f->err));
    must(template_toggle(f->arena, f->db, team, t.slug, &again, &f->err));
    assert_true(again.spec.favorite && again.uses == 1);
}

static void
lists_have_presets_among_them(void **state)
{
    struct fixture *f = *state;
    const char *team = f->who.team_id;
    struct template_filter all = {.format = -1, .favorite = -1};
    struct template_stats stats;
    int64_t before_ms = INT64_MAX;
    char before_id[UUID_TEXT_SIZE] = "\x7f";
    size_t seen = 0, n = 4;

    for (int i = 0; i < 10; i++)
        (void)make(f, "Same moment");
    must(template_count(f->arena, f->db, team, &all, &stats, &f->err));
    assert_int_equal(stats.total, 10 + preset_count);
    while (n == 4) {
        struct template *list = NULL;
        must(template_list(f->arena, f->db, team, &all, before_ms, before_id, 4, &list, &n,
                           &f->err));
        for (size_t i = 0; i < n; i++, seen++) {
            assert_true(list[i].created_ms < before_ms ||
                        (list[i].created_ms == before_ms && strcmp(list[i].id, before_id) < 0));
            before_ms = list[i].created_ms;
            memcpy(before_id, list[i].id, sizeof(before_id));
        }
    }
    assert_int_equal(seen, 10 + preset_count);
    all.search = "MOMENT";
    must(template_count(f->arena, f->db, team, &all, &stats, &f->err));
    assert_int_equal(stats.total, 10);
    all.search = "-moment-10";
    must(template_count(f->arena, f->db, team, &all, &stats, &f->err));
    assert_int_equal(stats.total, 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(slugs_are_names_in_kebab_case, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_template_is_found_changed_and_removed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(presets_are_everybodys_and_nobodys, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lists_have_presets_among_them, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

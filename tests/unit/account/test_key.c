/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "account/account.h"
#include "account/credits.h"
#include "scratch.h"

struct fixture {
    struct scratch scratch;
    struct db *db;
    struct principal who;
};

static int
set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    struct err err = {0};
    bool created = false;

    assert_non_null(f);
    scratch_make(&f->scratch);
    assert_ok(db_open(f->scratch.place, &f->db, &err));
    assert_ok(account_ensure_default(f->db, 500, &f->who, &created, &err));
    assert_true(created);
    *state = f;
    return 0;
}

static int
tear_down(void **state)
{
    struct fixture *f = *state;

    db_close(&f->db);
    scratch_remove(&f->scratch);
    free(f);
    return 0;
}

static void
the_default_account_is_made_once(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};
    struct principal again;
    struct credit_balance balance;
    bool created = true;

    assert_true(random_is_uuid(f->who.team_id));
    assert_ok(account_ensure_default(f->db, 9999, &again, &created, &err));
    assert_false(created);
    assert_string_equal(again.team_id, f->who.team_id);
    assert_string_equal(again.organization_id, f->who.organization_id);
    assert_ok(credits_balance(f->db, f->who.team_id, &balance, &err));
    assert_int_equal(balance.available, 500);
}

static void
a_key_opens_its_own_team(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};
    struct principal who;
    char key[KEY_TEXT_SIZE], id[UUID_TEXT_SIZE];

    assert_ok(key_create(f->db, f->who.team_id, "laptop", key, id, &err));
    assert_int_equal(strlen(key), KEY_TEXT_SIZE - 1);
    assert_ok(key_verify(f->db, span_of(key), &who, &err));
    assert_string_equal(who.key_id, id);
    assert_string_equal(who.team_id, f->who.team_id);
    assert_string_equal(who.organization_id, f->who.organization_id);
}

static void
refuse(struct fixture *f, const void *key, size_t len)
{
    struct err err = {0};
    struct principal who = {.key_id = "untouched"};

    assert_int_equal(key_verify(f->db, (struct span){key, len}, &who, &err), ERR_AUTH);
    assert_string_equal(err.msg, "the API key is missing, malformed, unknown or revoked");
    assert_string_equal(who.key_id, "untouched");
}

static void
any_other_text_is_refused_in_the_same_words(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};
    char key[KEY_TEXT_SIZE], id[UUID_TEXT_SIZE], wrong[2 * KEY_TEXT_SIZE];

    assert_ok(key_create(f->db, f->who.team_id, "k", key, id, &err));
    size_t len = strlen(key);
    for (size_t i = 0; i < len; i++) {
        memcpy(wrong, key, sizeof(key));
        wrong[i] = wrong[i] == 'x' ? 'y' : 'x';
        refuse(f, wrong, len);
        refuse(f, key, i);
        memcpy(wrong, key, sizeof(key));
        wrong[i] = '\0';
        refuse(f, wrong, len);
    }
    snprintf(wrong, sizeof(wrong), "%sx", key);
    refuse(f, wrong, len + 1);
    refuse(f, NULL, 0);
    assert_ok(key_revoke(f->db, id, &err));
    refuse(f, key, len);
}

static void
the_key_itself_is_not_in_the_file(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};
    char key[KEY_TEXT_SIZE], id[UUID_TEXT_SIZE];
    struct arena *arena = arena_new(MiB(8));
    struct span bytes;

    assert_ok(key_create(f->db, f->who.team_id, "k", key, id, &err));
    assert_ok(db_checkpoint(f->db, &err));
    assert_ok(fd_load_file(arena, AT_FDCWD, f->scratch.place, MiB(4), &bytes, &err));
    char *secret = key + 12, *prefix = key + 3;
    assert_non_null(memmem(bytes.data, bytes.len, prefix, 8));
    assert_null(memmem(bytes.data, bytes.len, secret, 10));
    arena_drop(&arena);
}

static void
keys_are_listed_and_revoked(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};
    struct arena *arena = arena_new(MiB(1));
    struct api_key *keys = NULL;
    size_t n = 0;
    char key[KEY_TEXT_SIZE], ids[40][UUID_TEXT_SIZE];

    for (int i = 0; i < 40; i++)
        assert_ok(key_create(f->db, f->who.team_id, "k", key, ids[i], &err));
    assert_ok(key_list(arena, f->db, &keys, &n, &err));
    assert_int_equal(n, 40);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(strlen(keys[i].prefix), 8);
        assert_int_equal(keys[i].revoked_ms, 0);
    }
    assert_ok(key_revoke(f->db, keys[3].prefix, &err));
    assert_ok(key_revoke(f->db, keys[4].id, &err));
    assert_ok(key_list(arena, f->db, &keys, &n, &err));
    int64_t when = keys[3].revoked_ms;
    assert_true(when > 0 && keys[4].revoked_ms > 0);
    assert_ok(key_revoke(f->db, keys[3].id, &err));
    assert_ok(key_list(arena, f->db, &keys, &n, &err));
    assert_int_equal(keys[3].revoked_ms, when);
    assert_int_equal(key_revoke(f->db, "nothing", &err), ERR_NOT_FOUND);
    struct arena *small = arena_new(2000);
    assert_int_equal(key_list(small, f->db, &keys, &n, &err), ERR_LIMIT);
    arena_drop(&small);
    arena_drop(&arena);
}

static void
bad_names_and_teams_are_refused(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};
    char key[KEY_TEXT_SIZE], id[UUID_TEXT_SIZE], name[200];

    memset(name, 'n', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    assert_int_equal(key_create(f->db, f->who.team_id, name, key, id, &err), ERR_INPUT);
    assert_int_equal(key_create(f->db, f->who.team_id, "", key, id, &err), ERR_INPUT);
    assert_int_equal(key_create(f->db, f->who.team_id, "\xff", key, id, &err), ERR_INPUT);
    assert_int_equal(key_create(f->db, "no team", "k", key, id, &err), ERR_NOT_FOUND);
}

static void
the_last_use_is_kept_to_the_minute(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};
    char key[KEY_TEXT_SIZE], id[UUID_TEXT_SIZE];
    static const char last_used[] = "SELECT last_used_ms FROM api_key";

    assert_ok(key_create(f->db, f->who.team_id, "k", key, id, &err));
    assert_ok(key_touch(f->db, id, 1000000, &err));
    assert_ok(key_touch(f->db, id, 1059999, &err));
    assert_int_equal(scratch_number(f->db, last_used), 1000000);
    assert_ok(key_touch(f->db, id, 1060000, &err));
    assert_int_equal(scratch_number(f->db, last_used), 1060000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_default_account_is_made_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_key_opens_its_own_team, set_up, tear_down),
        cmocka_unit_test_setup_teardown(any_other_text_is_refused_in_the_same_words, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_key_itself_is_not_in_the_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keys_are_listed_and_revoked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bad_names_and_teams_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_last_use_is_kept_to_the_minute, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

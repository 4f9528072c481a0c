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
    assert_ok(key_verify(f->db, span_of(key), 1, &who, &err));
    assert_string_equal(who.key_id, id);
    assert_string_equal(who.team_id, f->who.team_id);
    assert_string_equal(who.organization_id, f->who.organization_id);
}

static void
refuse(struct fixture *f, const void *key, size_t len)
{
    struct err err = {0};
    struct principal who = {.key_id = "untouched"};

    assert_int_equal(key_verify(f->db, (struct span){key, len}, 1, &who, &err), ERR_AUTH);
    assert_string_equal(err.msg, "the API key is missing, malformed, unknown, revoked or expired");
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
    assert_ok(key_revoke(f->db, NULL, id, &err));
    refuse(f, key, len);
}

static void
the_key_itself_is_not_in_the_file(void **state)
{
    struct fixture *f = *state;

    if (scratch_on_server())
        skip();
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
    assert_ok(key_list(arena, f->db, NULL, &keys, &n, &err));
    assert_int_equal(n, 40);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(strlen(keys[i].prefix), 8);
        assert_int_equal(keys[i].revoked_ms, 0);
    }
    assert_ok(key_revoke(f->db, NULL, keys[3].prefix, &err));
    assert_ok(key_revoke(f->db, NULL, keys[4].id, &err));
    assert_ok(key_list(arena, f->db, NULL, &keys, &n, &err));
    int64_t when = keys[3].revoked_ms;
    assert_true(when > 0 && keys[4].revoked_ms > 0);
    assert_ok(key_revoke(f->db, NULL, keys[3].id, &err));
    assert_ok(key_list(arena, f->db, NULL, &keys, &n, &err));
    assert_int_equal(keys[3].revoked_ms, when);
    assert_int_equal(key_revoke(f->db, NULL, "nothing", &err), ERR_NOT_FOUND);
    struct arena *small = arena_new(2000);
    assert_int_equal(key_list(small, f->db, NULL, &keys, &n, &err), ERR_LIMIT);
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

static enum err_code
verify(struct fixture *f, const char *key, int64_t now_ms, struct principal *ret)
{
    struct err err;

    return key_verify(f->db, span_of(key), now_ms, ret, &err);
}

static void
a_key_ends_and_has_only_its_scopes(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};
    struct principal who;
    char key[KEY_TEXT_SIZE], id[UUID_TEXT_SIZE];
    struct key_wish wish = {
        .team_id = f->who.team_id, .name = "k", .scopes = SCOPE_READ, .expires_ms = 1000};

    assert_ok(key_make(f->db, &wish, key, id, &err));
    assert_int_equal(verify(f, key, 999, &who), ERR_OK);
    assert_int_equal(who.scopes, SCOPE_READ);
    assert_int_equal(who.requests_per_minute, -1);
    assert_int_equal(verify(f, key, 1000, &who), ERR_AUTH);
    wish.scopes = 0;
    assert_int_equal(key_make(f->db, &wish, key, id, &err), ERR_INPUT);
    wish.scopes = 8;
    assert_int_equal(key_make(f->db, &wish, key, id, &err), ERR_INPUT);
}

static void
a_persons_key_is_good_for_what_his_role_allows(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};
    struct principal who;
    char key[KEY_TEXT_SIZE], id[UUID_TEXT_SIZE], person[UUID_TEXT_SIZE];

    assert_ok(person_create(f->db, "Ann@Example.org", "Ann", NULL, NULL, person, &err));
    assert_int_equal(person_create(f->db, "ann@example.org", "B", NULL, NULL, id, &err),
                     ERR_CONFLICT);
    struct key_wish wish = {.team_id = f->who.team_id,
                            .person_id = person,
                            .name = "k",
                            .scopes = SCOPE_READ | SCOPE_WRITE};
    assert_ok(key_make(f->db, &wish, key, id, &err));
    assert_int_equal(verify(f, key, 1, &who), ERR_AUTH);
    assert_ok(member_set(f->db, f->who.team_id, person, "viewer", &err));
    assert_int_equal(verify(f, key, 1, &who), ERR_OK);
    assert_int_equal(who.scopes, SCOPE_READ);
    assert_string_equal(who.user_id, person);
    assert_ok(member_set(f->db, f->who.team_id, person, "owner", &err));
    assert_int_equal(verify(f, key, 1, &who), ERR_OK);
    assert_int_equal(who.scopes, SCOPE_READ | SCOPE_WRITE);
    assert_ok(person_disable(f->db, person, true, &err));
    assert_int_equal(verify(f, key, 1, &who), ERR_AUTH);
    assert_ok(person_disable(f->db, person, false, &err));
    assert_ok(team_disable(f->db, f->who.team_id, true, &err));
    assert_int_equal(verify(f, key, 1, &who), ERR_AUTH);
    assert_ok(team_disable(f->db, f->who.team_id, false, &err));
    assert_ok(member_remove(f->db, f->who.team_id, person, &err));
    assert_int_equal(verify(f, key, 1, &who), ERR_AUTH);
    assert_int_equal(member_set(f->db, f->who.team_id, person, "king", &err), ERR_INPUT);
    assert_int_equal(member_set(f->db, "nobody", person, "owner", &err), ERR_NOT_FOUND);
}

static void
a_token_leads_to_a_person_or_a_claimed_team(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};
    struct principal who;
    char person[UUID_TEXT_SIZE], second[UUID_TEXT_SIZE], organization[UUID_TEXT_SIZE];
    struct claims claims = {.issuer = "https://id", .subject = "s1", .email = "ann@example.org"};

    assert_int_equal(claims_principal(f->db, &claims, &who, &err), ERR_AUTH);
    assert_ok(person_create(f->db, "ann@example.org", "Ann", NULL, NULL, person, &err));
    assert_int_equal(claims_principal(f->db, &claims, &who, &err), ERR_AUTH);
    assert_ok(member_set(f->db, f->who.team_id, person, "member", &err));
    assert_ok(claims_principal(f->db, &claims, &who, &err));
    assert_string_equal(who.team_id, f->who.team_id);
    assert_int_equal(who.scopes, SCOPE_READ | SCOPE_WRITE);
    assert_memory_equal(who.actor, "person:", 7);
    /* Another team, of which she is a member or not. */
    assert_ok(organization_create(f->db, "o2", organization, &err));
    assert_ok(team_create(f->db, organization, "t2", second, &err));
    claims.team = second;
    claims.role = "owner";
    assert_int_equal(claims_principal(f->db, &claims, &who, &err), ERR_AUTH);
    claims.team = NULL;
    assert_ok(claims_principal(f->db, &claims, &who, &err));
    assert_int_equal(principal_move(f->db, organization, second, &who, &err), ERR_NOT_FOUND);
    assert_ok(member_set(f->db, second, person, "viewer", &err));
    assert_ok(principal_move(f->db, organization, second, &who, &err));
    assert_string_equal(who.team_id, second);
    assert_int_equal(who.scopes, SCOPE_READ);
    /* Somebody unknown comes with team and role of the token, or not at all. */
    struct claims guest = {.issuer = "https://id", .subject = "s9", .team = "t2", .role = "viewer"};
    assert_ok(claims_principal(f->db, &guest, &who, &err));
    assert_string_equal(who.team_id, second);
    assert_string_equal(who.user_id, "");
    assert_int_equal(who.scopes, SCOPE_READ);
    assert_string_equal(who.actor, "token:s9");
    guest.role = NULL;
    assert_int_equal(claims_principal(f->db, &guest, &who, &err), ERR_AUTH);
    assert_ok(person_disable(f->db, person, true, &err));
    assert_int_equal(claims_principal(f->db, &claims, &who, &err), ERR_AUTH);
}

static void
an_address_does_not_stand_for_another_subject(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};
    struct principal who;
    char person[UUID_TEXT_SIZE];
    struct claims claims = {.issuer = "https://id", .subject = "s2", .email = "ann@example.org"};

    assert_ok(person_create(f->db, "ann@example.org", "Ann", "https://id", "s1", person, &err));
    assert_ok(member_set(f->db, f->who.team_id, person, "owner", &err));
    assert_int_equal(claims_principal(f->db, &claims, &who, &err), ERR_AUTH);
    claims.subject = "s1";
    claims.email = NULL;
    assert_ok(claims_principal(f->db, &claims, &who, &err));
    assert_int_equal(who.scopes, SCOPE_ALL);
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
        cmocka_unit_test_setup_teardown(a_key_ends_and_has_only_its_scopes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_persons_key_is_good_for_what_his_role_allows, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_token_leads_to_a_person_or_a_claimed_team, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_address_does_not_stand_for_another_subject, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: AGPL-3.0-or-later
 * cmd/admin_people.c - `leapocr admin user|member|key`. */
#include "base/clock.h"
#include "cmd/admin_internal.h"

#include <string.h>

static void
put_person(struct admin *a, const struct person *person)
{
    admin_row(a);
    admin_text(a, "id", person->id);
    admin_text(a, "email", person->email);
    admin_text(a, "name", person->name);
    if (person->role != NULL)
        admin_text(a, "role", person->role);
    admin_time(a, "created_at", person->created_ms);
    admin_bool(a, "disabled", person->disabled_ms != 0);
    admin_text(a, "issuer", person->issuer);
    admin_text(a, "subject", person->subject);
    admin_row_end(a);
}

static enum err_code
named_person(struct admin *a, const char *name, struct person *ret, struct err *err)
{
    enum err_code rc = person_find(a->arena, a->db, name, ret, err);

    if (rc == ERR_NOT_FOUND)
        return err_set(err, rc, "there is no user '%.60s'; `leapocr admin user list` shows them",
                       name);
    if (rc == ERR_OK)
        a->target = arena_strdup(a->arena, ret->id);
    return rc;
}

enum err_code
admin_user_new(struct admin *a, struct err *err)
{
    const char *name = admin_option(a, OPTION_NAME);
    char id[UUID_TEXT_SIZE];
    struct person person;
    enum err_code rc =
        person_create(a->db, a->args[0], name != NULL ? name : a->args[0],
                      admin_option(a, OPTION_ISSUER), admin_option(a, OPTION_SUBJECT), id, err);

    if (rc == ERR_OK)
        rc = named_person(a, id, &person, err);
    if (rc == ERR_OK)
        put_person(a, &person);
    return rc;
}

static enum err_code
put_people(struct admin *a, const char *team_id, struct err *err)
{
    struct person *people = NULL;
    size_t n = 0;
    enum err_code rc = person_list(a->arena, a->db, team_id, &people, &n, err);

    for (size_t i = 0; rc == ERR_OK && i < n; i++)
        put_person(a, &people[i]);
    return rc;
}

enum err_code
admin_user_list(struct admin *a, struct err *err)
{
    return put_people(a, NULL, err);
}

static enum err_code
set_disabled(struct admin *a, bool disabled, struct err *err)
{
    struct person person;
    enum err_code rc = named_person(a, a->args[0], &person, err);

    if (rc == ERR_OK)
        rc = person_disable(a->db, person.id, disabled, err);
    person.disabled_ms = disabled;
    if (rc == ERR_OK)
        put_person(a, &person);
    return rc;
}

enum err_code
admin_user_disable(struct admin *a, struct err *err)
{
    return set_disabled(a, true, err);
}

enum err_code
admin_user_enable(struct admin *a, struct err *err)
{
    return set_disabled(a, false, err);
}

enum err_code
admin_member_set(struct admin *a, struct err *err)
{
    struct team team;
    struct person person;
    const char *role = a->options->text[OPTION_ROLE];
    enum err_code rc = admin_team(a, &team, err);

    if (rc == ERR_OK)
        rc = named_person(a, a->args[0], &person, err);
    if (rc == ERR_OK)
        rc = member_set(a->db, team.id, person.id, role, err);
    person.role = a->detail = role;
    if (rc == ERR_OK)
        put_person(a, &person);
    return rc;
}

enum err_code
admin_member_remove(struct admin *a, struct err *err)
{
    struct team team;
    struct person person;
    enum err_code rc = admin_team(a, &team, err);

    if (rc == ERR_OK)
        rc = named_person(a, a->args[0], &person, err);
    if (rc == ERR_OK)
        rc = member_remove(a->db, team.id, person.id, err);
    if (rc == ERR_OK)
        put_person(a, &person);
    return rc;
}

enum err_code
admin_member_list(struct admin *a, struct err *err)
{
    struct team team;
    enum err_code rc = admin_team(a, &team, err);

    return rc == ERR_OK ? put_people(a, team.id, err) : rc;
}

/* --- keys --- */

enum err_code
admin_key_new(struct admin *a, struct err *err)
{
    struct team team;
    struct person person;
    const char *user = admin_option(a, OPTION_USER);
    struct key_wish wish = {.name = a->args[0]};
    char key[KEY_TEXT_SIZE], *id = arena_alloc(a->arena, UUID_TEXT_SIZE);
    enum err_code rc = admin_team(a, &team, err);

    if (rc == ERR_OK && id == NULL)
        rc = err_set(err, ERR_MEMORY, "no memory");
    if (rc == ERR_OK && user != NULL)
        rc = named_person(a, user, &person, err);
    if (rc == ERR_OK && !scopes_parse(a->options->text[OPTION_SCOPES], &wish.scopes))
        rc = err_set(err, ERR_INPUT, "--scopes: '%.40s' is no list of read, write, admin",
                     a->options->text[OPTION_SCOPES]);
    if (rc == ERR_OK)
        rc = admin_expires(a, &wish.expires_ms, err);
    wish.team_id = team.id;
    wish.person_id = user != NULL ? person.id : NULL;
    if (rc == ERR_OK)
        rc = key_make(a->db, &wish, key, id, err);
    if (rc != ERR_OK)
        return rc;
    a->target = id;
    a->detail = scopes_text(wish.scopes);
    admin_row(a);
    admin_text(a, "key", key);
    admin_text(a, "id", id);
    admin_text(a, "team_id", team.id);
    admin_text(a, "scopes", scopes_text(wish.scopes));
    admin_time(a, "expires_at", wish.expires_ms);
    admin_row_end(a);
    return ERR_OK;
}

enum err_code
admin_key_list(struct admin *a, struct err *err)
{
    struct team team;
    struct api_key *keys = NULL;
    size_t n = 0;
    bool one = admin_option(a, OPTION_TEAM) != NULL;
    enum err_code rc = one ? admin_team(a, &team, err) : ERR_OK;

    if (rc == ERR_OK)
        rc = key_list(a->arena, a->db, one ? team.id : NULL, &keys, &n, err);
    for (size_t i = 0; rc == ERR_OK && i < n; i++) {
        const struct api_key *key = &keys[i];
        admin_row(a);
        admin_text(a, "id", key->id);
        admin_text(a, "prefix", arena_printf(a->arena, "lo_%s", key->prefix));
        admin_text(a, "team_id", key->team_id);
        admin_text(a, "team", key->team_name);
        admin_text(a, "user_id", key->person_id[0] != '\0' ? key->person_id : NULL);
        admin_text(a, "scopes", scopes_text(key->scopes));
        admin_time(a, "created_at", key->created_ms);
        admin_time(a, "expires_at", key->expires_ms);
        admin_time(a, "last_used_at", key->last_used_ms);
        admin_bool(a, "revoked", key->revoked_ms != 0);
        admin_text(a, "name", key->name);
        admin_row_end(a);
    }
    return rc;
}

/* As it is listed, or the whole key, of which only the prefix is looked at. */
enum err_code
admin_key_revoke(struct admin *a, struct err *err)
{
    const char *arg = a->args[0];
    bool is_key = strncmp(arg, "lo_", 3) == 0;
    const char *from = is_key ? arg + 3 : arg;
    char *target = arena_strndup(a->arena, from, is_key ? strcspn(from, "_") : strlen(from));

    if (target == NULL)
        return err_set(err, ERR_MEMORY, "no memory");
    enum err_code rc = key_revoke(a->db, NULL, target, err);
    if (rc == ERR_NOT_FOUND)
        return err_set(err, rc, "there is no key '%.40s'; `leapocr admin key list` shows them",
                       target);
    if (rc != ERR_OK)
        return rc;
    a->target = target;
    admin_row(a);
    admin_text(a, "revoked", target);
    admin_row_end(a);
    return ERR_OK;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later
 * cmd/admin.c - `leapocr admin NOUN VERB`: everything about tenants, money and keeping, on the data
 * folder, beside a running server or without. Each verb but `objects collect` is one transaction,
 * and what changes something is in the audit log. */
#include "base/clock.h"
#include "cmd/admin_internal.h"
#include "cmd/cmd.h"
#include "cmd/datadir.h"
#include "cmd/operator.h"
#include "cmd/usage.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const enum option_id allowed[] = {
    OPTION_DATA,           OPTION_DATABASE,  OPTION_SECRETS,   OPTION_ORGANIZATION,
    OPTION_TEAM,           OPTION_USER,      OPTION_NAME,      OPTION_ROLE,
    OPTION_SCOPES,         OPTION_EXPIRES,   OPTION_REASON,    OPTION_IDEMPOTENCY,
    OPTION_ISSUER,         OPTION_SUBJECT,   OPTION_RETENTION, OPTION_STORE,
    OPTION_S3_ENDPOINT,    OPTION_S3_PUBLIC, OPTION_S3_REGION, OPTION_S3_STYLE,
    OPTION_S3_CREDENTIALS, OPTION_S3_CA,     OPTION_S3_SSE,    OPTION_STORE_CACHE,
};

struct verb {
    const char *noun, *verb, *arguments;
    int min, max; /* arguments */
    admin_verb *run;
    bool writes, is_list;
    bool alone; /* in no transaction: it takes long, and writes nothing to the database */
};

static const struct verb verbs[] = {
    {"org", "new", "NAME", 1, 1, admin_org_new, true, false},
    {"org", "list", "", 0, 0, admin_org_list, false, true},
    {"team", "new", "NAME [--organization ID]", 1, 1, admin_team_new, true, false},
    {"team", "list", "", 0, 0, admin_team_list, false, true},
    {"team", "rename", "TEAM NAME", 2, 2, admin_team_rename, true, false},
    {"team", "disable", "TEAM", 1, 1, admin_team_disable, true, false},
    {"team", "enable", "TEAM", 1, 1, admin_team_enable, true, false},
    {"team", "limits", "[requests=N] [jobs=N] [bytes=N] [pages=N]   0: none, default: the server's",
     0, 4, admin_team_limits, true, false},
    {"team", "unlimited", "yes|no", 1, 1, admin_team_unlimited, true, false},
    {"user", "new", "EMAIL [--name TEXT] [--issuer URL --subject TEXT]", 1, 1, admin_user_new, true,
     false},
    {"user", "list", "", 0, 0, admin_user_list, false, true},
    {"user", "disable", "USER", 1, 1, admin_user_disable, true, false},
    {"user", "enable", "USER", 1, 1, admin_user_enable, true, false},
    {"member", "set", "USER [--role ROLE]", 1, 1, admin_member_set, true, false},
    {"member", "remove", "USER", 1, 1, admin_member_remove, true, false},
    {"member", "list", "", 0, 0, admin_member_list, false, true},
    {"key", "new", "NAME [--user USER] [--scopes LIST] [--expires WHEN]", 1, 1, admin_key_new, true,
     false},
    {"key", "list", "", 0, 0, admin_key_list, false, true},
    {"key", "revoke", "ID|PREFIX", 1, 1, admin_key_revoke, true, false},
    {"credits", "show", "", 0, 0, admin_credits_show, false, false},
    {"credits", "grant", "N [--expires WHEN] [--reason TEXT] [--idempotency-key TEXT]", 1, 1,
     admin_credits_grant, true, false},
    {"credits", "adjust", "N|-N [--reason TEXT] [--idempotency-key TEXT]", 1, 1,
     admin_credits_adjust, true, false},
    {"credits", "refund", "JOB N [--reason TEXT] [--idempotency-key TEXT]", 2, 2,
     admin_credits_refund, true, false},
    {"credits", "list", "", 0, 0, admin_credits_list, false, true},
    {"credits", "check", "   does the ledger add up, for all teams", 0, 0, admin_credits_check,
     false, false},
    {"settings", "show", "", 0, 0, admin_settings_show, false, false},
    {"settings", "set", "[days=0..365] [auto-delete=yes|no]", 1, 2, admin_settings_set, true,
     false},
    {"retention", "show", "   does the sweep of old documents stand still, and why", 0, 0,
     admin_retention_show, false, false},
    {"retention", "confirm", "   the clock is right: what is due now may go", 0, 0,
     admin_retention_confirm, true, false},
    {"nodes", "list", "   what `admin nodes` prints: who works on the database, and the queue", 0,
     0, admin_nodes_list, false, false},
    {"objects", "collect", "[minutes=60]   removes what is older and belongs to no job", 0, 1,
     admin_objects_collect, false, false, true},
    {"audit", "export", "[--team TEAM]   newest first; without a team: of all", 0, 0,
     admin_audit_export, false, true},
};

static const char *synopsis;

/* From the table, so that nothing is listed that is not there. */
static const char *
make_synopsis(struct buf *out)
{
    buf_string(out, "usage: leapocr admin NOUN VERB [ARGUMENTS] [OPTIONS] [--json]\n\n");
    for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
        char text[160];
        snprintf(text, sizeof(text), "  %s %s %s", verbs[i].noun, verbs[i].verb,
                 verbs[i].arguments);
        buf_printf(out, "%s\n", text);
    }
    buf_string(out, "  move --to URL   into another database; `leapocr admin move --help`\n");
    buf_string(out,
               "\nWorks on the data folder, with or without a running server, which takes note\n"
               "within a second. TEAM: an id or a name; --team for verbs about a team, without it\n"
               "the oldest. --json prints objects for programs.\n");
    return buf_text(out);
}

/* "--json" anywhere, taken out. */
static bool
take_json(int *argc, char **argv)
{
    bool found = false;
    int n = 0;

    for (int i = 0; i < *argc; i++) {
        if (strcmp(argv[i], "--json") == 0)
            found = true;
        else
            argv[n++] = argv[i];
    }
    *argc = n;
    return found;
}

static const struct verb *
find_verb(const char *noun, const char *verb)
{
    for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
        if (strcmp(verbs[i].noun, noun) == 0 && strcmp(verbs[i].verb, verb) == 0)
            return &verbs[i];
    return NULL;
}

struct running {
    const struct verb *verb;
    struct admin *admin;
};

static enum err_code
run_verb(struct db *db, void *arg, struct err *err)
{
    struct running *r = arg;
    struct admin *a = r->admin;
    enum err_code rc = r->verb->run(a, err);

    if (rc != ERR_OK || !r->verb->writes)
        return rc;
    const char *action = arena_printf(a->arena, "admin %s %s", r->verb->noun, r->verb->verb);
    return action != NULL ? operator_note(db, action, a->team_id, a->target, a->detail, err)
                          : err_set(err, ERR_MEMORY, "no memory");
}

static enum err_code
open_and_run(struct running *r, struct err *err)
{
    struct datadir dir;
    struct admin *a = r->admin;
    enum err_code rc = datadir_find(a->options, &dir, err);

    if (rc == ERR_OK)
        rc = db_open(dir.db, &a->db, err);
    if (rc == ERR_OK && r->verb->alone)
        rc = r->verb->run(a, err);
    else if (rc == ERR_OK)
        rc = r->verb->writes ? db_transact(a->db, run_verb, r, err)
                             : db_read(a->db, run_verb, r, err);
    db_close(&a->db);
    return rc;
}

static enum err_code
run(const struct verb *verb, struct admin *a, struct err *err)
{
    struct running r = {verb, a};
    struct admin_out *out = &a->out;

    a->arena = arena_new(MiB(256));
    if (a->arena == NULL)
        return err_set(err, ERR_MEMORY, "no memory");
    buf_init(&out->text, MiB(256));
    buf_init(&out->head, KiB(64));
    buf_init(&out->line, KiB(64));
    out->w = (struct jsonw){.out = &out->text};
    out->is_list = verb->is_list;
    if (out->json && out->is_list)
        jsonw_array(&out->w, NULL);
    enum err_code rc = open_and_run(&r, err);
    if (out->json && out->is_list)
        jsonw_end(&out->w);
    if (out->json)
        buf_char(&out->text, '\n');
    if (rc == ERR_OK)
        rc = buf_check(&out->text, "output", err);
    if (rc == ERR_OK)
        fputs(buf_text(&out->text), stdout);
    buf_fini(&out->text);
    buf_fini(&out->head);
    buf_fini(&out->line);
    arena_drop(&a->arena);
    return rc;
}

int
cmd_admin(int argc, char **argv)
{
    struct options options;
    struct admin admin = {.options = &options};
    struct err err = {0};
    struct buf text;
    char list_verb[] = "list";
    int rest, status;

    if (argc > 1 && strcmp(argv[1], "move") == 0)
        return cmd_admin_move(argc - 1, argv + 1);
    buf_init(&text, KiB(64));
    synopsis = make_synopsis(&text);
    const struct usage usage = {.command = "admin",
                                .synopsis = synopsis,
                                .allowed = allowed,
                                .allowed_count = ARRAY_LEN(allowed)};
    admin.out.json = take_json(&argc, argv);
    bool go_on = usage_begin(&usage, argc, argv, &options, &rest, &status);
    if (go_on && rest == 1 && strcmp(argv[1], "nodes") == 0) {
        argv[2] = list_verb; /* argv ends with a NULL: there is room for one */
        rest = 2;
    }
    const struct verb *verb = go_on && rest >= 2 ? find_verb(argv[1], argv[2]) : NULL;
    if (go_on && verb == NULL) {
        status = usage_mistake(&usage, "say what to do, as in `admin team list`");
    } else if (go_on && (rest - 2 < verb->min || rest - 2 > verb->max)) {
        char what[200];
        snprintf(what, sizeof(what), "%s %s takes: %s", verb->noun, verb->verb,
                 verb->max > 0 ? verb->arguments : "nothing");
        status = usage_mistake(&usage, what);
    } else if (go_on) {
        admin.args = argv + 3;
        admin.n = rest - 2;
        enum err_code rc = run(verb, &admin, &err);
        status = rc == ERR_OK ? EXIT_DONE : cmd_fail("admin", &err);
    }
    buf_fini(&text);
    return status;
}

/* --- for the verbs --- */

const char *
admin_option(const struct admin *a, enum option_id id)
{
    return a->options->text[id][0] != '\0' ? a->options->text[id] : NULL;
}

static enum err_code
oldest_team(struct admin *a, struct team *ret, struct err *err)
{
    struct team *teams = NULL;
    size_t n = 0;
    enum err_code rc = team_list(a->arena, a->db, &teams, &n, err);

    if (rc == ERR_OK && n == 0)
        rc = err_set(err, ERR_NOT_FOUND, "there is no team yet: `leapocr admin team new NAME`");
    if (rc == ERR_OK)
        *ret = teams[0];
    return rc;
}

enum err_code
admin_team(struct admin *a, struct team *ret, struct err *err)
{
    const char *wanted = admin_option(a, OPTION_TEAM);
    enum err_code rc =
        wanted != NULL ? team_find(a->arena, a->db, wanted, ret, err) : oldest_team(a, ret, err);

    if (rc == ERR_NOT_FOUND && wanted != NULL)
        return err_set(err, rc, "there is no team '%.60s'; `leapocr admin team list` shows them",
                       wanted);
    if (rc == ERR_OK)
        a->team_id = arena_strdup(a->arena, ret->id);
    return rc;
}

enum err_code
admin_number(const char *text, const char *what, int64_t min, int64_t max, int64_t *ret,
             struct err *err)
{
    char *end;

    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || number < min || number > max)
        return err_set(err, ERR_INPUT, "%s: '%.40s' is not a whole number from %lld to %lld", what,
                       text, (long long)min, (long long)max);
    *ret = number;
    return ERR_OK;
}

enum err_code
admin_expires(const struct admin *a, int64_t *ret_ms, struct err *err)
{
    const char *text = admin_option(a, OPTION_EXPIRES);
    char days[16];
    int64_t n;

    *ret_ms = 0;
    if (text == NULL)
        return ERR_OK;
    size_t len = strlen(text);
    if (len < sizeof(days) && text[len - 1] == 'd') {
        snprintf(days, sizeof(days), "%.*s", (int)(len - 1), text);
        enum err_code rc = admin_number(days, "--expires", 1, 36500, &n, err);
        if (rc == ERR_OK)
            *ret_ms = clock_utc_ms() + n * 86400000;
        return rc;
    }
    *ret_ms = clock_parse_rfc3339(text);
    if (*ret_ms < 0)
        return err_set(err, ERR_INPUT,
                       "--expires: '%.40s' is neither a date nor a number of days "
                       "(2027-01-31, 90d)",
                       text);
    return *ret_ms > clock_utc_ms()
               ? ERR_OK
               : err_set(err, ERR_INPUT, "--expires: '%.40s' is in the past", text);
}

const char *
admin_value(const char *arg, const char *name)
{
    size_t len = strlen(name);

    return strncmp(arg, name, len) == 0 && arg[len] == '=' ? arg + len + 1 : NULL;
}

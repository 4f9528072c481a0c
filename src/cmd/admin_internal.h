/* SPDX-License-Identifier: AGPL-3.0-or-later
 * cmd/admin_internal.h - what the files of `leapocr admin` share. */
#pragma once

#include "account/account.h"
#include "base/jsonw.h"
#include "cmd/options.h"

/* What is printed at the end: rows of cells, as a table or as JSON ("--json": an object for each
 * row, in a list where the verb lists). */
struct admin_out {
    bool json;
    bool is_list;
    bool head_done; /* table: the line of names */
    struct buf text, head, line;
    struct jsonw w;
};

struct admin {
    struct db *db;
    struct arena *arena;
    const struct options *options;
    char **args; /* behind noun and verb */
    int n;
    struct admin_out out;
    /* For the audit log, set by the verb. */
    const char *target;
    const char *team_id;
    const char *detail;
};

void admin_row(struct admin *a);
void admin_text(struct admin *a, const char *name, const char *text); /* NULL: none */
void admin_int(struct admin *a, const char *name, int64_t value);
void admin_bool(struct admin *a, const char *name, bool value);
void admin_time(struct admin *a, const char *name, int64_t utc_ms); /* 0: none */
void admin_row_end(struct admin *a);

/* The team of --team, else the oldest; notes it for the audit log. */
MUST_CHECK
enum err_code admin_team(struct admin *a, struct team *ret, struct err *err);
/* The option's text; NULL if it is empty. */
const char *admin_option(const struct admin *a, enum option_id id);
/* --expires: "2027-01-31", RFC 3339, or "90d" from now; 0: none. */
MUST_CHECK
enum err_code admin_expires(const struct admin *a, int64_t *ret_ms, struct err *err);
/* A whole number; what names it in the message. */
MUST_CHECK
enum err_code admin_number(const char *text, const char *what, int64_t min, int64_t max,
                           int64_t *ret, struct err *err);
/* Of "name=value": the value, if the argument has this name; else NULL. */
const char *admin_value(const char *arg, const char *name);

/* `admin move`, argv[0] being "move"; an exit status. */
int cmd_admin_move(int argc, char **argv);

/* The verbs. */
typedef enum err_code admin_verb(struct admin *a, struct err *err);
admin_verb admin_org_new, admin_org_list;
admin_verb admin_team_new, admin_team_list, admin_team_rename, admin_team_disable,
    admin_team_enable, admin_team_limits, admin_team_unlimited;
admin_verb admin_user_new, admin_user_list, admin_user_disable, admin_user_enable;
admin_verb admin_member_set, admin_member_remove, admin_member_list;
admin_verb admin_key_new, admin_key_list, admin_key_revoke;
admin_verb admin_credits_show, admin_credits_grant, admin_credits_adjust, admin_credits_refund,
    admin_credits_list, admin_credits_check;
admin_verb admin_settings_show, admin_settings_set;
admin_verb admin_retention_show, admin_retention_confirm;
admin_verb admin_audit_export;
admin_verb admin_nodes_list;
admin_verb admin_objects_collect;

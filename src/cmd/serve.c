/* SPDX-License-Identifier: AGPL-3.0-or-later
 * cmd/serve.c - `leapocr serve`: prepares the data folder, opens the port, starts the roles. */
#include "account/account.h"
#include "account/credits.h"
#include "base/clock.h"
#include "base/fdio.h"
#include "base/log.h"
#include "base/meter.h"
#include "cmd/cmd.h"
#include "cmd/datadir.h"
#include "cmd/listen.h"
#include "cmd/role.h"
#include "cmd/roles.h"
#include "cmd/storage.h"
#include "cmd/supervise.h"
#include "cmd/usage.h"
#include "cmd/version.h"
#include "wire/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

static const enum option_id allowed[] = {
    OPTION_LISTEN,         OPTION_DATABASE,      OPTION_SECRETS,     OPTION_DATA,
    OPTION_PUBLIC_URL,     OPTION_SOURCE_URL,    OPTION_MODELS,      OPTION_LANGUAGES,
    OPTION_READERS,        OPTION_CREDITS,       OPTION_UPLOAD_TTL,  OPTION_UPLOADS_OPEN,
    OPTION_FILE_MAX,       OPTION_PAGES_MAX,     OPTION_PIXELS_MAX,  OPTION_MEMORY_MAX,
    OPTION_PAGE_TIME,      OPTION_LEASE,         OPTION_GRACE,       OPTION_LOG_LEVEL,
    OPTION_LOG_FORMAT,     OPTION_CONFIG,        OPTION_UNLIMITED,   OPTION_CATALOG,
    OPTION_KEY_RATE,       OPTION_TEAM_RATE,     OPTION_TEAM_JOBS,   OPTION_TEAM_BYTES,
    OPTION_CORS,           OPTION_PROXIES,       OPTION_RETENTION,   OPTION_AUDIT,
    OPTION_OIDC_ISSUER,    OPTION_OIDC_AUDIENCE, OPTION_OIDC_JWKS,   OPTION_OIDC_TEAM,
    OPTION_OIDC_ROLE,      OPTION_POLAR_SECRET,  OPTION_R2_SECRET,   OPTION_PRIVATE_URLS,
    OPTION_URL_PORTS,      OPTION_NAME_SERVER,   OPTION_FETCH_TIME,  OPTION_WEBHOOK_TIME,
    OPTION_MODEL_ENDPOINT, OPTION_MODEL_NAME,    OPTION_MODEL_KEY,   OPTION_MODEL_FOR,
    OPTION_MODEL_TIME,     OPTION_ROLE,          OPTION_NODE,        OPTION_WEIGHT,
    OPTION_RUNNER_MODELS,  OPTION_RUNNER_TEAMS,  OPTION_STORE,       OPTION_S3_ENDPOINT,
    OPTION_S3_PUBLIC,      OPTION_S3_REGION,     OPTION_S3_STYLE,    OPTION_S3_CREDENTIALS,
    OPTION_S3_CA,          OPTION_S3_SSE,        OPTION_STORE_CACHE,
};

static const struct usage usage = {
    .command = "serve",
    .synopsis =
        "usage: leapocr serve [OPTIONS]\n"
        "\nRuns the API, the queue and the readers on one data folder, or those of them that\n"
        "--role names. The first start of an API makes an organisation, a team and an API key,\n"
        "and prints the key once.\n"
        "SIGTERM, Ctrl-C or a closed terminal ends it when the work in progress is done or given "
        "back; again: at once.\n",
    .allowed = allowed,
    .allowed_count = ARRAY_LEN(allowed),
};

struct first_start {
    int64_t credits;
    bool unlimited;
    bool created;
    char key[KEY_TEXT_SIZE];
};

struct serving {
    const struct options *options;
    struct datadir *dir;
    struct first_start first;
    unsigned roles; /* enum roles */
    char node[NODE_NAME_SIZE];
    char base[LISTEN_TEXT_SIZE + 16]; /* "http://127.0.0.1:8080" */
    int64_t begun_ms;
};

/* Somebody who may do everything, and his key. */
static enum err_code
make_admin(struct db *db, const struct principal *team, struct first_start *first, struct err *err)
{
    char person[UUID_TEXT_SIZE], key_id[UUID_TEXT_SIZE];
    enum err_code rc = person_create(db, "admin@localhost", "admin", NULL, NULL, person, err);

    if (rc == ERR_OK)
        rc = member_set(db, team->team_id, person, "owner", err);
    if (rc == ERR_OK && first->unlimited)
        rc = credits_set_unlimited(db, team->team_id, true, err);
    const struct key_wish wish = {
        .team_id = team->team_id, .person_id = person, .name = "first key", .scopes = SCOPE_ALL};
    return rc == ERR_OK ? key_make(db, &wish, first->key, key_id, err) : rc;
}

static enum err_code
prepare_account(struct db *db, void *arg, struct err *err)
{
    struct first_start *first = arg;
    struct principal team;
    enum err_code rc = account_ensure_default(db, first->credits, &team, &first->created, err);

    return rc == ERR_OK && first->created ? make_admin(db, &team, first, err) : rc;
}

static const char *
public_url(const struct serving *s)
{
    const char *given = s->options->text[OPTION_PUBLIC_URL];

    return given[0] != '\0' ? given : s->base;
}

/* As soon as the key is on disk: whatever happens later, it was shown. */
static void
show_first_key(const struct serving *s)
{
    if (!s->first.created)
        return;
    printf("First start: made the organisation \"default\", the team \"default\" and an API key.\n"
           "The key is shown this once (`leapocr key new` makes another):\n\n    %s\n\n"
           "Next, in another terminal:\n\n"
           "    export LEAPOCR_API_KEY=%s\n"
           "    export LEAPOCR_BASE_URL=%s/api/v1\n"
           "    leapocr process document.pdf\n\n",
           s->first.key, s->first.key, public_url(s));
    fflush(stdout);
}

static void
announce(void *ctx)
{
    const struct serving *s = ctx;

    char roles[32];

    roles_text(s->roles, roles);
    if ((s->roles & ROLES_API) != 0)
        printf("leapocr %s is ready at %s after %lld ms\n", LEAPOCR_VERSION, s->base,
               (long long)(clock_mono_ms() - s->begun_ms));
    else
        printf("leapocr %s is ready after %lld ms\n", LEAPOCR_VERSION,
               (long long)(clock_mono_ms() - s->begun_ms));
    printf("node %s: %s\ndata in %s; licence %s, source %s\n", s->node, roles, s->dir->path,
           LEAPOCR_LICENCE, version_source_url(s->options->text[OPTION_SOURCE_URL]));
    fflush(stdout);
}

/* argv of a role: its name, how its node is called, then the flags given to serve, so that both
 * read the same settings. node: NULL for none. */
static char **
role_argv(const char *role_name, const char *node, int argc, char **argv)
{
    const char **out = calloc((size_t)argc + 4, sizeof(*out));
    size_t n = 0;

    if (out == NULL)
        return NULL;
    out[n++] = "leapocr";
    out[n++] = role_name;
    if (node != NULL) {
        out[n++] = "--node";
        out[n++] = node;
    }
    for (int i = 1; i < argc; i++)
        out[n++] = argv[i];
    /* execv takes it so and changes nothing. */
    return (char **)(uintptr_t)out;
}

/* What an earlier start left half written goes before anybody writes. */
static enum err_code
prepare_store(const struct options *options, const struct datadir *dir, struct err *err)
{
    struct storage storage;
    struct store *store = NULL;
    enum err_code rc = storage_init(options, dir->path, &storage, err);

    storage.config.sole = true;
    if (rc == ERR_OK)
        rc = store_open(&storage.config, &store, err);
    store_close(&store);
    return rc;
}

/* What the roles share; -1: not open. */
struct ways {
    int ready[2], news[2], errands[2], meter, wake;
};

static enum err_code
open_ways(struct ways *ways, struct err *err)
{
    *ways = (struct ways){{-1, -1}, {-1, -1}, {-1, -1}, .meter = meter_create(), .wake = -1};
    ways->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (ways->wake < 0 || pipe2(ways->ready, O_CLOEXEC | O_NONBLOCK) != 0 ||
        pipe2(ways->news, O_CLOEXEC | O_NONBLOCK) != 0)
        return err_sys(err, "eventfd or pipe");
    return channel_pair(ways->errands, err);
}

static void
close_ways(struct ways *ways)
{
    for (int i = 0; i < 2; i++) {
        fd_close(&ways->ready[i]);
        fd_close(&ways->news[i]);
        fd_close(&ways->errands[i]);
    }
    fd_close(&ways->wake);
    fd_close(&ways->meter); /* without it the roles count for themselves */
}

/* The processes of this node's roles. The errands of a courier are claimed by a runner beside it,
 * which has the database. Without a sibling here the database is the way to those elsewhere. */
static size_t
choose_roles(const struct serving *s, const struct ways *w, int listen_fd, struct role roles[3])
{
    int lock = s->dir->lock_fd;
    bool courier = (s->roles & ROLES_COURIER) != 0;
    bool runner = courier || (s->roles & ROLES_RUNNER) != 0;
    bool api = (s->roles & ROLES_API) != 0;
    size_t n = 0;

    if (api)
        roles[n++] = (struct role){
            .name = "api",
            .fds = {-1, -1, -1, w->wake, w->ready[1], lock, listen_fd, w->news[0], -1, w->meter}};
    if (runner)
        roles[n++] =
            (struct role){.name = "runner",
                          .fds = {-1, -1, -1, w->wake, w->ready[1], lock, -1, api ? w->news[1] : -1,
                                  courier ? w->errands[0] : -1, w->meter}};
    if (courier)
        roles[n++] = (struct role){
            .name = "courier",
            .fds = {-1, -1, -1, -1, w->ready[1], -1, -1, -1, w->errands[1], w->meter}};
    return n;
}

static enum err_code
run_roles(struct serving *s, int listen_fd, int argc, char **argv, struct err *err)
{
    struct ways ways;
    struct role roles[3] = {0};
    char names[3][16], **argvs[3] = {NULL};
    enum err_code rc = open_ways(&ways, err);
    size_t n = rc == ERR_OK ? choose_roles(s, &ways, listen_fd, roles) : 0;

    for (size_t i = 0; rc == ERR_OK && i < n; i++) {
        snprintf(names[i], sizeof(names[i]), "role-%s", roles[i].name);
        roles[i].argv = argvs[i] = role_argv(names[i], s->node, argc, argv);
        if (argvs[i] == NULL)
            rc = err_set(err, ERR_MEMORY, "no memory");
    }
    struct supervise plan = {
        .roles = roles,
        .count = n,
        .ready_fd = ways.ready[0],
        .grace_ms = s->options->number[OPTION_GRACE],
        .on_ready = announce,
        .ctx = s,
    };
    if (rc == ERR_OK)
        rc = supervise_run(&plan, err);
    for (size_t i = 0; i < n; i++)
        free(argvs[i]);
    close_ways(&ways);
    return rc;
}

/* The account comes last: what fails before it leaves none whose key nobody saw. */
static enum err_code
prepare(struct serving *s, int *ret_listen_fd, struct err *err)
{
    char address[LISTEN_TEXT_SIZE] = "";
    struct db *db = NULL;
    enum err_code rc = datadir_create(s->options, s->dir, err);

    bool api = (s->roles & ROLES_API) != 0;
    if (rc == ERR_OK && api)
        rc = listen_open(s->options->text[OPTION_LISTEN], ret_listen_fd, address, err);
    if (rc == ERR_OK)
        rc = prepare_store(s->options, s->dir, err);
    if (rc == ERR_OK)
        rc = db_open(s->dir->db, &db, err);
    s->first.credits = s->options->number[OPTION_CREDITS];
    s->first.unlimited = s->options->number[OPTION_UNLIMITED] != 0;
    if (rc == ERR_OK && api) /* whoever starts that one reads the key */
        rc = db_transact(db, prepare_account, &s->first, err);
    db_close(&db); /* a handle must not cross the fork */
    if (rc == ERR_OK)
        snprintf(s->base, sizeof(s->base), "http://%s", address);
    return rc;
}

/* Readers that can never start would leave every job waiting. Asked in a process of its own: what
 * the libraries take for it goes with that. */
static enum err_code
check_models(const struct options *options, struct err *err)
{
    struct err found = {.code = ERR_OK};
    int fds[2];

    if (pipe2(fds, O_CLOEXEC) != 0)
        return err_sys(err, "pipe");
    pid_t pid = fork();
    if (pid == 0) {
        if (role_check_models(options, &found) != ERR_OK)
            (void)!write(fds[1], &found, sizeof(found));
        _exit(0);
    }
    fd_close(&fds[1]);
    ssize_t n = pid > 0 ? read(fds[0], &found, sizeof(found)) : 0; /* less than a pipe holds */
    fd_close(&fds[0]);
    if (pid < 0)
        return err_sys(err, "fork");
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
    if (n != (ssize_t)sizeof(found))
        return ERR_OK; /* they can be opened; should a reader fail all the same, its log says why */
    *err = found;
    return found.code;
}

int
cmd_serve(int argc, char **argv)
{
    struct options options;
    struct datadir dir = {.lock_fd = -1};
    struct serving s = {.options = &options, .dir = &dir, .begun_ms = clock_mono_ms()};
    struct err err = {0};
    int rest, status;
    int listen_fd = -1;

    /* usage_begin moves arguments; the roles get them as they were given. */
    char **given = role_argv("", NULL, argc, argv);
    if (given == NULL)
        return EXIT_FAILED;
    bool go_on = usage_begin(&usage, argc, argv, &options, &rest, &status);
    if (go_on && rest > 0) {
        status = usage_mistake(&usage, "it takes options only");
        go_on = false;
    }
    if (!go_on) {
        free(given);
        return status;
    }
    supervise_block_signals();
    role_log_init("serve", &options);
    struct netpolicy policy;
    enum err_code rc = roles_parse(options.text[OPTION_ROLE], &s.roles, &err);
    if (rc == ERR_OK && options.text[OPTION_MODEL_ENDPOINT][0] != '\0' &&
        (s.roles & (ROLES_RUNNER | ROLES_COURIER)) == ROLES_RUNNER)
        rc = err_set(&err, ERR_INPUT,
                     "--model-endpoint: a runner asks it through a courier beside "
                     "it: --role runner,courier");
    if (rc == ERR_OK)
        rc = roles_name_node(&options, s.node, &err);
    if (rc == ERR_OK)
        rc = role_policy(&options, &policy, &err);
    if (rc == ERR_OK)
        rc = role_check_outside_model(&options, &err);
    if (rc == ERR_OK && (s.roles & ROLES_RUNNER) != 0)
        rc = check_models(&options, &err);
    if (rc == ERR_OK)
        rc = prepare(&s, &listen_fd, &err);
    if (rc == ERR_OK)
        show_first_key(&s);
    if (rc == ERR_OK)
        rc = run_roles(&s, listen_fd, argc, given + 1, &err);
    fd_close(&listen_fd);
    datadir_fini(&dir);
    free(given);
    if (rc == ERR_INPUT)
        return usage_mistake(&usage, err.msg);
    return rc == ERR_OK ? EXIT_DONE : cmd_fail("serve", &err);
}

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
    OPTION_LISTEN,         OPTION_DATA,         OPTION_PUBLIC_URL,     OPTION_SOURCE_URL,
    OPTION_MODELS,         OPTION_LANGUAGES,    OPTION_READERS,        OPTION_CREDITS,
    OPTION_UPLOAD_TTL,     OPTION_UPLOADS_OPEN, OPTION_FILE_MAX,       OPTION_PAGES_MAX,
    OPTION_PIXELS_MAX,     OPTION_MEMORY_MAX,   OPTION_PAGE_TIME,      OPTION_LEASE,
    OPTION_GRACE,          OPTION_LOG_LEVEL,    OPTION_LOG_FORMAT,     OPTION_CONFIG,
    OPTION_UNLIMITED,      OPTION_CATALOG,      OPTION_KEY_RATE,       OPTION_TEAM_RATE,
    OPTION_TEAM_JOBS,      OPTION_TEAM_BYTES,   OPTION_CORS,           OPTION_PROXIES,
    OPTION_RETENTION,      OPTION_AUDIT,        OPTION_OIDC_ISSUER,    OPTION_OIDC_AUDIENCE,
    OPTION_OIDC_JWKS,      OPTION_OIDC_TEAM,    OPTION_OIDC_ROLE,      OPTION_POLAR_SECRET,
    OPTION_R2_SECRET,      OPTION_PRIVATE_URLS, OPTION_URL_PORTS,      OPTION_NAME_SERVER,
    OPTION_FETCH_TIME,     OPTION_WEBHOOK_TIME, OPTION_MODEL_ENDPOINT, OPTION_MODEL_NAME,
    OPTION_MODEL_KEY,      OPTION_MODEL_FOR,    OPTION_MODEL_TIME,     OPTION_STORE,
    OPTION_S3_ENDPOINT,    OPTION_S3_PUBLIC,    OPTION_S3_REGION,      OPTION_S3_STYLE,
    OPTION_S3_CREDENTIALS, OPTION_S3_CA,        OPTION_S3_SSE,         OPTION_STORE_CACHE,
};

static const struct usage usage = {
    .command = "serve",
    .synopsis =
        "usage: leapocr serve [OPTIONS]\n"
        "\nRuns the API, the queue and the readers on one data folder. The first start makes\n"
        "an organisation, a team and an API key, and prints the key once.\n"
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

    printf("leapocr %s is ready at %s after %lld ms\n"
           "data in %s; licence %s, source %s\n",
           LEAPOCR_VERSION, s->base, (long long)(clock_mono_ms() - s->begun_ms), s->dir->path,
           LEAPOCR_LICENCE, version_source_url(s->options->text[OPTION_SOURCE_URL]));
    fflush(stdout);
}

/* argv of a role: its name, then the flags given to serve, so that both read the same settings. */
static char **
role_argv(const char *role_name, int argc, char **argv)
{
    const char **out = calloc((size_t)argc + 2, sizeof(*out));

    if (out == NULL)
        return NULL;
    out[0] = "leapocr";
    out[1] = role_name;
    for (int i = 1; i < argc; i++)
        out[i + 1] = argv[i];
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

static enum err_code
run_roles(struct serving *s, int listen_fd, int argc, char **argv, struct err *err)
{
    enum err_code rc;
    int ready[2] = {-1, -1};
    int news[2] = {-1, -1};
    int meter = meter_create(); /* without it the roles count for themselves */
    int errands[2] = {-1, -1};
    int wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    char **api_argv = role_argv("role-api", argc, argv);
    char **runner_argv = role_argv("role-runner", argc, argv);
    char **courier_argv = role_argv("role-courier", argc, argv);

    if (wake < 0 || pipe2(ready, O_CLOEXEC | O_NONBLOCK) != 0 ||
        pipe2(news, O_CLOEXEC | O_NONBLOCK) != 0) {
        rc = err_sys(err, "eventfd or pipe");
        goto out;
    }
    if (api_argv == NULL || runner_argv == NULL || courier_argv == NULL) {
        rc = err_set(err, ERR_MEMORY, "no memory");
        goto out;
    }
    rc = channel_pair(errands, err);
    if (rc != ERR_OK)
        goto out;
    struct role roles[] = {
        {.name = "api",
         .argv = api_argv,
         .fds = {-1, -1, -1, wake, ready[1], s->dir->lock_fd, listen_fd, news[0], -1, meter}},
        {.name = "runner",
         .argv = runner_argv,
         .fds = {-1, -1, -1, wake, ready[1], s->dir->lock_fd, -1, news[1], errands[0], meter}},
        {.name = "courier",
         .argv = courier_argv,
         .fds = {-1, -1, -1, -1, ready[1], -1, -1, -1, errands[1], meter}},
    };
    struct supervise plan = {
        .roles = roles,
        .count = ARRAY_LEN(roles),
        .ready_fd = ready[0],
        .grace_ms = s->options->number[OPTION_GRACE],
        .on_ready = announce,
        .ctx = s,
    };
    rc = supervise_run(&plan, err);
out:
    free(api_argv);
    free(runner_argv);
    free(courier_argv);
    fd_close(&ready[0]);
    fd_close(&ready[1]);
    fd_close(&news[0]);
    fd_close(&news[1]);
    fd_close(&errands[0]);
    fd_close(&errands[1]);
    fd_close(&wake);
    fd_close(&meter);
    return rc;
}

/* The account comes last: what fails before it leaves none whose key nobody saw. */
static enum err_code
prepare(struct serving *s, int *ret_listen_fd, struct err *err)
{
    char address[LISTEN_TEXT_SIZE];
    struct db *db = NULL;
    enum err_code rc = datadir_create(s->options->text[OPTION_DATA], s->dir, err);

    if (rc == ERR_OK)
        rc = listen_open(s->options->text[OPTION_LISTEN], ret_listen_fd, address, err);
    if (rc == ERR_OK)
        rc = prepare_store(s->options, s->dir, err);
    if (rc == ERR_OK)
        rc = db_open(s->dir->db, &db, err);
    s->first.credits = s->options->number[OPTION_CREDITS];
    s->first.unlimited = s->options->number[OPTION_UNLIMITED] != 0;
    if (rc == ERR_OK)
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
    char **given = role_argv("", argc, argv);
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
    enum err_code rc = role_policy(&options, &policy, &err);
    if (rc == ERR_OK)
        rc = role_check_outside_model(&options, &err);
    if (rc == ERR_OK)
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

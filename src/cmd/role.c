/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The roles of `serve`, and what they share with the commands that read documents. */
#include "cmd/role.h"

#include "api/api.h"
#include "base/meter.h"
#include "cmd/cmd.h"
#include "cmd/datadir.h"
#include "cmd/relays.h"
#include "cmd/roles.h"
#include "cmd/storage.h"
#include "cmd/supervise.h"
#include "cmd/usage.h"
#include "cmd/version.h"
#include "courier/courier.h"
#include "db/db.h"
#include "ocr/ocr.h"
#include "worker/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A batch takes this much beside its pages: opening, confining, ending. */
static const int64_t batch_base_ms = 60000;

/* See --weight: at 0 a task is left to others for 5 s, which outlasts their looking for work. */
static const int64_t hold_ms_a_weight = 50;

enum log_level
role_log_level(const struct options *options)
{
    return (enum log_level)options->number[OPTION_LOG_LEVEL]; /* the option has the same order */
}

void
role_log_init(const char *name, const struct options *options)
{
    log_init(name, role_log_level(options));
    log_set_form((enum log_form)options->number[OPTION_LOG_FORMAT]);
}

/* NULL for a setting that is empty. */
static const char *
text_or_null(const struct options *options, enum option_id id)
{
    return options->text[id][0] != '\0' ? options->text[id] : NULL;
}

void
role_reader_config(const struct options *options, struct role_reader *ret)
{
    size_t n = 0;

    *ret = (struct role_reader){0};
    ret->args[n++] = "--languages";
    ret->args[n++] = options->text[OPTION_LANGUAGES];
    if (options->text[OPTION_MODELS][0] != '\0') {
        ret->args[n++] = "--models";
        ret->args[n++] = options->text[OPTION_MODELS];
    }
    ret->args[n++] = "--log-level";
    ret->args[n++] = options->text[OPTION_LOG_LEVEL];
    ret->args[n++] = "--log-format";
    ret->args[n++] = options->text[OPTION_LOG_FORMAT];
    ret->link.args = ret->args;
}

enum err_code
role_check_models(const struct options *options, struct err *err)
{
    const char *folder = options->text[OPTION_MODELS];
    const struct ocr_config config = {.model_dir = folder[0] != '\0' ? folder : NULL,
                                      .languages = options->text[OPTION_LANGUAGES]};
    struct ocr *ocr = NULL;
    enum err_code rc = ocr_open(&config, &ocr, err);

    ocr_close(&ocr);
    return rc;
}

size_t
role_reader_count(const struct options *options)
{
    cpu_set_t ours;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    if (options->number[OPTION_READERS] > 0)
        return (size_t)options->number[OPTION_READERS];
    /* taskset and containers let us have some of them; it fails with more than the set can hold. */
    if (sched_getaffinity(0, sizeof(ours), &ours) == 0)
        cores = CPU_COUNT(&ours);
    return cores > 0 ? (size_t)cores : 1;
}

static struct model_config
model_config(const struct options *options)
{
    return (struct model_config){
        .endpoint = options->text[OPTION_MODEL_ENDPOINT],
        .name = options->text[OPTION_MODEL_NAME],
        .key_file = options->text[OPTION_MODEL_KEY],
        .models = options->text[OPTION_MODEL_FOR],
        .time_ms = (uint32_t)options->number[OPTION_MODEL_TIME],
    };
}

enum err_code
role_check_outside_model(const struct options *options, struct err *err)
{
    const struct model_config config = model_config(options);
    struct model model;
    enum err_code rc = model_init(&config, &model, err);

    model_fini(&model);
    return rc;
}

void
role_runner_config(const struct options *options, struct runner_config *ret)
{
    *ret = runner_defaults;
    ret->retention_days = options->number[OPTION_RETENTION];
    ret->audit_days = options->number[OPTION_AUDIT];
    ret->readers = (uint32_t)role_reader_count(options);
    ret->memory_bytes = (uint64_t)options->number[OPTION_MEMORY_MAX];
    ret->pixels_max = (uint64_t)options->number[OPTION_PIXELS_MAX];
    ret->pages_max = (uint32_t)options->number[OPTION_PAGES_MAX];
    ret->page_ms = (uint32_t)options->number[OPTION_PAGE_TIME];
    ret->wall_page_ms = (uint32_t)options->number[OPTION_PAGE_TIME];
    ret->cpu_page_s = (uint32_t)(options->number[OPTION_PAGE_TIME] / 1000);
    ret->lease_ms = (uint32_t)options->number[OPTION_LEASE];
    ret->grace_ms = (uint32_t)options->number[OPTION_GRACE];
    ret->document_bytes = (uint64_t)options->number[OPTION_FILE_MAX];
    ret->fetch_ms = (uint32_t)options->number[OPTION_FETCH_TIME];
    ret->delivery_ms = (uint32_t)options->number[OPTION_WEBHOOK_TIME];
    ret->model = model_config(options);
    ret->choice =
        (struct task_choice){.models = options->text[OPTION_RUNNER_MODELS],
                             .teams = options->text[OPTION_RUNNER_TEAMS],
                             .hold_ms = (100 - options->number[OPTION_WEIGHT]) * hold_ms_a_weight};
}

/* This node as it says of itself; its roles are right: serve has read them. */
static struct node
node_of(const struct options *options)
{
    unsigned roles = ROLES_ALL;
    struct err err;

    (void)!roles_parse(options->text[OPTION_ROLE], &roles, &err);
    return (struct node){.name = options->text[OPTION_NODE],
                         .version = LEAPOCR_VERSION,
                         .roles = roles,
                         .weight = options->number[OPTION_WEIGHT],
                         .models = options->text[OPTION_RUNNER_MODELS],
                         .teams = options->text[OPTION_RUNNER_TEAMS],
                         .owner = ""};
}

enum err_code
role_policy(const struct options *options, struct netpolicy *ret, struct err *err)
{
    return netpolicy_parse(options->text[OPTION_PRIVATE_URLS], options->text[OPTION_URL_PORTS], ret,
                           err);
}

void
role_limits(const struct options *options, struct wire_limits *ret, int64_t *ret_batch_ms,
            int64_t *ret_page_ms)
{
    *ret = (struct wire_limits){
        .memory_bytes = (uint64_t)options->number[OPTION_MEMORY_MAX],
        .pixels_max = (uint64_t)options->number[OPTION_PIXELS_MAX],
        .batch_bytes = runner_defaults.batch_bytes,
        .page_bytes = runner_defaults.page_bytes,
        .pages_max = (uint32_t)options->number[OPTION_PAGES_MAX],
    };
    *ret_batch_ms = batch_base_ms;
    *ret_page_ms = options->number[OPTION_PAGE_TIME];
}

/* What a role was given to do its work, from its own argv (the flags of serve). dir: NULL for one
 * that has no business with the data. */
static int
begin_role(const char *name, int argc, char **argv, struct options *options, struct datadir *dir)
{
    static const enum option_id every[] = {
#define X(id, flag, type, value, min, max, argument, help) OPTION_##id,
        OPTION_TABLE(X)
#undef X
    };
    struct err err = {0};
    int rest;

    /* When to end is the supervisor's to say. */
    (void)signal(SIGTERM, SIG_IGN);
    (void)signal(SIGINT, SIG_IGN);
    (void)signal(SIGHUP, SIG_IGN);
    enum err_code rc = options_init(options, &err);
    if (rc == ERR_OK)
        rc = options_parse(options, every, ARRAY_LEN(every), argc - 1, argv + 1, &rest, &err);
    role_log_init(name, options);
    if (rc == ERR_OK && dir != NULL)
        rc = datadir_find(options, dir, &err);
    if (rc == ERR_OK && fcntl(ROLE_FD_READY, F_GETFD) < 0)
        rc = err_set(&err, ERR_INPUT, "this command is for `leapocr serve` to start");
    if (rc == ERR_OK && fcntl(ROLE_FD_METER, F_GETFD) >= 0)
        rc = meter_attach(ROLE_FD_METER, &err);
    return rc == ERR_OK ? EXIT_DONE : cmd_fail(name, &err);
}

static void
say_ready(void)
{
    ssize_t written = write(ROLE_FD_READY, "r", 1);

    (void)written; /* the supervisor only prints it */
    close(ROLE_FD_READY);
}

static void
on_stop(void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};

    sigemptyset(&action.sa_mask);
    sigaction(ROLE_STOP_SIGNAL, &action, NULL);
}

/* The supervisor starts the role again. */
static int
end_failed(const struct err *err)
{
    char text[LOG_QUOTE_SIZE];

    log_line(LOG_ERROR, "role cannot go on, ending", "err=%s", log_quote(text, err->msg));
    return EXIT_FAILED;
}

/* A role that finds no database when it starts is no broken one. */
static int
fail_start(const char *name, const struct err *err)
{
    int status = cmd_fail(name, err);

    return err->code == ERR_UNAVAILABLE ? ROLE_EXIT_LATER : status;
}

static struct api *serving_api; /* for the signal handler */

static void
stop_api(int number)
{
    int kept = errno;

    (void)number;
    api_stop(serving_api);
    errno = kept;
}

int
cmd_role_api(int argc, char **argv)
{
    struct options options;
    struct datadir dir;
    struct relays relays;
    struct storage storage;
    struct err err = {0};
    int status = begin_role("api", argc, argv, &options, &dir);

    if (status != EXIT_DONE)
        return status;
    if (storage_init(&options, dir.path, &storage, &err) != ERR_OK)
        return cmd_fail("api", &err);
    if (relays_open_api(dir.db, ROLE_FD_WAKE, ROLE_FD_NEWS, &relays, &err) != ERR_OK)
        return cmd_fail("api", &err);
    const struct node node = node_of(&options);
    const bool alone = node.roles == ROLES_API;
    const struct api_config config = {
        .node = alone ? &node : NULL,
        .listen_fd = ROLE_FD_LISTEN,
        .wake_fd = relays.wake_fd,
        .news_fd = relays.news_fd,
        .store = &storage.config,
        .db_place = dir.db,
        .public_url =
            options.text[OPTION_PUBLIC_URL][0] != '\0' ? options.text[OPTION_PUBLIC_URL] : NULL,
        .source_url = version_source_url(options.text[OPTION_SOURCE_URL]),
        .upload_ttl_ms = options.number[OPTION_UPLOAD_TTL],
        .uploads_open_max = options.number[OPTION_UPLOADS_OPEN],
        .file_bytes_max = (uint64_t)options.number[OPTION_FILE_MAX],
        .secret_file = dir.secret,
        .metrics_file = dir.metrics,
        .catalog_file = text_or_null(&options, OPTION_CATALOG),
        .polar_secret_file = text_or_null(&options, OPTION_POLAR_SECRET),
        .r2_secret_file = text_or_null(&options, OPTION_R2_SECRET),
        .oidc_issuer = text_or_null(&options, OPTION_OIDC_ISSUER),
        .oidc_audience = text_or_null(&options, OPTION_OIDC_AUDIENCE),
        .oidc_jwks = text_or_null(&options, OPTION_OIDC_JWKS),
        .oidc_team_claim = text_or_null(&options, OPTION_OIDC_TEAM),
        .oidc_role_claim = text_or_null(&options, OPTION_OIDC_ROLE),
        .trusted_proxies = text_or_null(&options, OPTION_PROXIES),
        .cors_origins = strcmp(options.text[OPTION_CORS], "none") != 0
                            ? text_or_null(&options, OPTION_CORS)
                            : NULL,
        .key_requests_per_minute = options.number[OPTION_KEY_RATE],
        .team_requests_per_minute = options.number[OPTION_TEAM_RATE],
        .team_jobs_max = options.number[OPTION_TEAM_JOBS],
        .team_bytes_max = options.number[OPTION_TEAM_BYTES],
        .retention_days = options.number[OPTION_RETENTION],
        .webhook_key = dir.webhook_key,
        .has_runner = (node.roles & ROLES_RUNNER) != 0,
        .private_urls = options.text[OPTION_PRIVATE_URLS],
        .url_ports = options.text[OPTION_URL_PORTS],
    };
    if (api_open(&config, &serving_api, &err) != ERR_OK) {
        relays_close(&relays);
        return fail_start("api", &err);
    }
    on_stop(stop_api);
    say_ready();
    enum err_code rc = api_run(serving_api, options.number[OPTION_GRACE], &err);
    api_close(&serving_api);
    relays_close(&relays);
    return rc == ERR_OK ? EXIT_DONE : end_failed(&err);
}

static struct runner *working_runner; /* for the signal handler */

static void
stop_runner(int number)
{
    int kept = errno;

    (void)number;
    runner_stop(working_runner);
    errno = kept;
}

int
cmd_role_runner(int argc, char **argv)
{
    struct options options;
    struct datadir dir;
    struct runner_config config;
    struct role_reader reader;
    struct relays relays;
    struct storage storage;
    struct err err = {0};
    int status = begin_role("runner", argc, argv, &options, &dir);

    if (status != EXIT_DONE)
        return status;
    if (storage_init(&options, dir.path, &storage, &err) != ERR_OK)
        return cmd_fail("runner", &err);
    const struct node node = node_of(&options);
    const int news_fd = (node.roles & ROLES_API) != 0 ? ROLE_FD_NEWS : -1; /* as serve gave it */
    if (relays_open_runner(dir.db, ROLE_FD_WAKE, news_fd, &relays, &err) != ERR_OK)
        return cmd_fail("runner", &err);
    role_runner_config(&options, &config);
    role_reader_config(&options, &reader);
    config.store = &storage.config;
    config.db_place = dir.db;
    config.link = reader.link;
    config.wake_fd = relays.wake_fd;
    config.news_fd = relays.news_fd;
    config.node = node;
    config.errands_only = (config.node.roles & ROLES_RUNNER) == 0;
    config.courier_fd = (config.node.roles & ROLES_COURIER) != 0 ? ROLE_FD_COURIER : -1;
    config.webhook_key = dir.webhook_key;
    config.sole = !db_place_is_server(dir.db); /* else others hold tasks of their own */
    if (runner_open(&config, &working_runner, &err) != ERR_OK) {
        relays_close(&relays);
        return fail_start("runner", &err);
    }
    on_stop(stop_runner);
    say_ready();
    enum err_code rc = runner_run(working_runner, &err);
    runner_close(&working_runner);
    relays_close(&relays);
    return rc == ERR_OK ? EXIT_DONE : end_failed(&err);
}

static struct courier *running_courier; /* for the signal handler */

static void
stop_courier(int number)
{
    (void)number;
    courier_stop(running_courier);
}

int
cmd_role_courier(int argc, char **argv)
{
    struct options options;
    struct err err = {0};
    struct courier_config config = {.channel_fd = ROLE_FD_COURIER, .on_ready = say_ready};
    int status = begin_role("courier", argc, argv, &options, NULL);

    if (status != EXIT_DONE)
        return status;
    /* Keys of store and database are no business of the one that speaks to strangers. */
    static const char *const secrets[] = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
                                          "AWS_SESSION_TOKEN", "LEAPOCR_DATABASE", "PGPASSWORD"};
    for (size_t i = 0; i < ARRAY_LEN(secrets); i++)
        unsetenv(secrets[i]);
    config.name_server = options.text[OPTION_NAME_SERVER];
    if (role_policy(&options, &config.policy, &err) != ERR_OK ||
        courier_open(&config, &running_courier, &err) != ERR_OK)
        return cmd_fail("courier", &err);
    on_stop(stop_courier);
    enum err_code rc = courier_run(running_courier, &err);
    on_stop(SIG_IGN);
    courier_close(&running_courier);
    return rc == ERR_OK ? EXIT_DONE : end_failed(&err);
}

int
role_read_without_models(int control_fd, void *ctx)
{
    const struct worker_config config = {.without_models = true};
    const struct options *options = ctx;

    role_log_init("reader", options);
    return worker_reader_main(control_fd, &config);
}

int
cmd_reader(int argc, char **argv)
{
    static const enum option_id allowed[] = {OPTION_LANGUAGES, OPTION_MODELS, OPTION_LOG_LEVEL,
                                             OPTION_LOG_FORMAT};
    struct options options;
    struct err err = {0};
    int rest;
    /* `reader --fd N`, then flags; see runner/spawn.c. */
    if (argc < 3 || strcmp(argv[1], "--fd") != 0) {
        fputs("leapocr reader: this command is for the runner to start\n", stderr);
        return EXIT_USAGE;
    }
    int fd = (int)strtol(argv[2], NULL, 10);
    if (options_init(&options, &err) != ERR_OK ||
        options_parse(&options, allowed, ARRAY_LEN(allowed), argc - 3, argv + 3, &rest, &err) !=
            ERR_OK)
        return cmd_fail("reader", &err);
    role_log_init("reader", &options);
    const struct worker_config config = {
        .model_dir = options.text[OPTION_MODELS][0] != '\0' ? options.text[OPTION_MODELS] : NULL,
        .languages = options.text[OPTION_LANGUAGES],
    };
    return worker_reader_main(fd, &config);
}

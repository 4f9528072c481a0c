/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "process.h"

#include "cli_names.h"
#include "cli_output.h"
#include "cli_run.h"

#include <locale.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { UPLOADS_AT_ONCE = 4 };

/* Set by the signal handler, read by all threads; a second signal ends the process. */
static atomic_bool interrupted;

static void
on_signal(int number)
{
    (void)number;
    atomic_store(&interrupted, true);
}

bool
cli_interrupted(void)
{
    return atomic_load(&interrupted);
}

int64_t
cli_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

enum leapocr_status
cli_connect(const struct cli_run *run, bool (*tick)(void *), void *ctx, struct leapocr **ret,
            struct leapocr_error *error)
{
    struct leapocr_config config = {.base_url = run->options.server,
                                    .api_key = run->options.api_key,
                                    .user_agent = "leapocr-cli/" LEAPOCR_VERSION,
                                    .tick = tick,
                                    .ctx = ctx};

    return leapocr_new(&config, ret, error);
}

static int
exit_code_of(const struct cli_item *item)
{
    switch (item->error.status) {
    case LEAPOCR_OK:
        if (item->phase != CLI_DONE || item->job.state == LEAPOCR_FAILED)
            return CLI_FAILED;
        return item->job.state == LEAPOCR_PARTIALLY_DONE ? CLI_PARTIAL : CLI_OK;
    case LEAPOCR_UNREACHABLE:
        return CLI_UNREACHABLE;
    case LEAPOCR_AUTH:
        return CLI_AUTH;
    case LEAPOCR_CREDITS:
        return CLI_CREDITS;
    case LEAPOCR_TIMEOUT:
        return CLI_TIMEOUT;
    default:
        return CLI_FAILED;
    }
}

static int
exit_code(const struct cli_run *run)
{
    static const int order[] = {CLI_AUTH,    CLI_UNREACHABLE, CLI_CREDITS,
                                CLI_TIMEOUT, CLI_FAILED,      CLI_PARTIAL};

    if (cli_interrupted())
        return CLI_INTERRUPTED;
    for (size_t k = 0; k < sizeof(order) / sizeof(order[0]); k++)
        for (size_t i = 0; i < run->n; i++)
            if (exit_code_of(&run->items[i]) == order[k])
                return order[k];
    return CLI_OK;
}

static void
tell_hint(const struct cli_run *run, int code)
{
    if (code == CLI_AUTH && run->options.api_key == NULL)
        fputs("leapocr process: set LEAPOCR_API_KEY, or give --api-key\n", stderr);
    else if (code == CLI_AUTH)
        fprintf(stderr,
                "leapocr process: %s does not take this key; is it from there? (LEAPOCR_API_KEY, "
                "--api-key)\n",
                run->options.server);
    else if (code == CLI_UNREACHABLE)
        fprintf(stderr,
                "leapocr process: no server at %s? Set LEAPOCR_BASE_URL, or give --server\n",
                run->options.server);
    for (size_t i = 0; code == CLI_INTERRUPTED && i < run->n; i++)
        if (run->items[i].phase == CLI_READING)
            fprintf(stderr, "%s: goes on on the server as job %s\n", run->items[i].shown,
                    run->items[i].job_id);
}

static bool
set_up(struct cli_run *run)
{
    run->n = run->options.input_count;
    run->items = calloc(run->n, sizeof(*run->items));
    for (size_t i = 0; run->items != NULL && i < run->n; i++)
        run->items[i].input = run->options.inputs[i];
    if (run->items == NULL || !cli_name_items(run->items, run->n)) {
        fputs("leapocr process: no memory\n", stderr);
        return false;
    }
    return cli_output_prepare(&run->options);
}

static void
clean_up(struct cli_run *run)
{
    for (size_t i = 0; run->items != NULL && i < run->n; i++) {
        free(run->items[i].name);
        free(run->items[i].shown);
        free(run->items[i].output_name);
        leapocr_free(run->items[i].result);
    }
    free(run->items);
    cli_options_fini(&run->options);
}

static int
run_all(struct cli_run *run)
{
    pthread_t threads[UPLOADS_AT_ONCE];
    size_t started = 0;
    struct leapocr *client = NULL;
    struct leapocr_error error;

    if (cli_connect(run, cli_draw_while_waiting, run, &client, &error) != LEAPOCR_OK) {
        fprintf(stderr, "leapocr process: %s\n", error.message);
        return CLI_USAGE;
    }
    while (started < UPLOADS_AT_ONCE && started < run->n &&
           pthread_create(&threads[started], NULL, cli_send_thread, run) == 0)
        started++;
    if (started == 0) {
        fputs("leapocr process: no thread can be started\n", stderr);
        leapocr_drop(&client);
        return CLI_FAILED;
    }
    cli_wait_for_all(run, client);
    for (size_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    cli_progress_clear(&run->progress);
    leapocr_drop(&client);
    int code = exit_code(run);
    tell_hint(run, code);
    return code;
}

int
leapocr_process_main(int argc, char **argv)
{
    struct cli_run run = {.lock = PTHREAD_MUTEX_INITIALIZER};
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    int code;

    (void)setlocale(LC_CTYPE, ""); /* to know how wide names are; without it they show as '?' */
    if (!cli_options_read(argc, argv, &run.options, &code))
        return code;
    code = CLI_USAGE;
    if (set_up(&run)) {
        atomic_store(&interrupted, false);
        (void)sigaction(SIGINT, &action, NULL);
        (void)sigaction(SIGTERM, &action, NULL);
        (void)signal(SIGPIPE, SIG_IGN); /* a closed pipe shows as a failed write */
        cli_progress_init(&run.progress, run.options.quiet);
        code = run_all(&run);
    }
    clean_up(&run);
    return code;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/admit.h"

#include "api/call.h"
#include "api/errors.h"
#include "base/clock.h"

#include <inttypes.h>

struct verdict {
    struct rate_state state;
    int64_t per_minute;
    int wait_s;
    bool limited;
};

static void
number_header(struct call *call, const char *name, int64_t value)
{
    const char *text = arena_printf(call->arena, "%" PRId64, value);

    if (text != NULL)
        call_header(call, name, text);
}

/* The bucket that has less left speaks for both. */
static void
ask(struct call *call, const char *id, int64_t per_minute, struct verdict *v)
{
    struct rate_state state;

    if (per_minute <= 0 || v->wait_s > 0)
        return;
    int wait_s = rate_take(&call->api->rate, id, per_minute, clock_mono_ms(), &state);
    if (v->limited && wait_s == 0 && state.remaining >= v->state.remaining)
        return;
    *v = (struct verdict){state, per_minute, wait_s, true};
}

bool
admit_call(struct call *call)
{
    const struct api_config *config = &call->api->config;
    const struct principal *who = &call->who;
    struct verdict v = {.limited = false};
    struct err err;

    if (who->key_id[0] != '\0')
        ask(call, who->key_id, config->key_requests_per_minute, &v);
    ask(call, who->team_id,
        who->requests_per_minute >= 0 ? who->requests_per_minute : config->team_requests_per_minute,
        &v);
    if (!v.limited)
        return true;
    number_header(call, "RateLimit-Limit", v.state.limit);
    number_header(call, "RateLimit-Remaining", v.state.remaining);
    number_header(call, "RateLimit-Reset", v.state.reset_s);
    const char *policy = arena_printf(call->arena, "%" PRId64 ";w=60", v.per_minute);
    if (policy != NULL)
        call_header(call, "RateLimit-Policy", policy);
    if (v.wait_s == 0)
        return true;
    err_set(&err, ERR_RATE, "too many requests, limit %lld a minute", (long long)v.per_minute);
    reply_error_later(call, &err, v.wait_s);
    return false;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "hooks/hooks.h"

#include <string.h>

static const char *const events[HOOK_EVENT_COUNT] = {
    [HOOK_JOB_CREATED] = "job.created",     [HOOK_JOB_STARTED] = "job.started",
    [HOOK_JOB_COMPLETED] = "job.completed", [HOOK_JOB_FAILED] = "job.failed",
    [HOOK_JOB_DELETED] = "job.deleted",     [HOOK_TEST] = "webhook.test",
};

/* The words of the API. */
static const char *const states[HOOK_STATE_COUNT] = {
    [HOOK_WAITING] = "pending",
    [HOOK_SENDING] = "processing",
    [HOOK_DELIVERED] = "processed",
    [HOOK_GIVEN_UP] = "failed",
};

const char *
hook_event_name(enum hook_event event)
{
    return (unsigned)event < HOOK_EVENT_COUNT ? events[event] : "unknown";
}

bool
hook_event_bit(const char *name, size_t len, int64_t *ret)
{
    for (int i = 0; i < HOOK_TEST; i++) {
        if (strlen(events[i]) == len && memcmp(events[i], name, len) == 0) {
            *ret = INT64_C(1) << i;
            return true;
        }
    }
    return false;
}

const char *
hook_state_name(enum hook_state state)
{
    return (unsigned)state < HOOK_STATE_COUNT ? states[state] : "unknown";
}

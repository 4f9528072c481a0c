/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/beat.h - says now and then that this node is there (jobs/node.h), where no runner beside it
 * does. Written by the writer's thread; nothing waits for it. */
#pragma once

#include "api/api_internal.h"

/* The first word. Nothing where the settings name no node. */
void beat_open(struct api *api);
/* From the alarm: the next, when it is due. */
void beat_tick(struct api *api);
/* The last: before the writer closes. */
void beat_close(struct api *api);
/* Sets the alarm for due_ms (0: none) or for the next beat, whichever is sooner. */
void beat_alarm(struct api *api, int64_t due_ms);

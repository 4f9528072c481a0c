/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/status.h - how a job stands, as status answers and events show it. */
#pragma once

#include "base/jsonw.h"
#include "jobs/jobs.h"

struct call;

/* The whole object. call: who reads it. */
void status_put(struct call *call, struct jsonw *w, const struct job *job);

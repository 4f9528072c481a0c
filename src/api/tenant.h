/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/tenant.h - may who asks do this here? The path's organization and team, and the route's
 * scope. dispatch calls it for every route; a handler never does.
 *
 * A path that names an organization or a team that is not the caller's answers exactly as one that
 * names none that exists. The tenant goes out of call->params: what a handler finds there are the
 * ids behind it, the same in "/jobs/{job_id}" and in
 * "/organizations/{organization_id}/teams/{team_id}/jobs/{job_id}". */
#pragma once

#include "base/attrs.h"

#include <stdbool.h>

struct call;

/* Sets call->who to the team that the path names and drops the tenant from call->params; or ends
 * the call, with 404 for the path and then with 403 for the scope, and returns false. */
MUST_CHECK
bool tenant_admit(struct call *call);

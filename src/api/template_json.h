/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/template_json.h - a template as answers show it. What it does not have is left out. */
#pragma once

#include "base/jsonw.h"
#include "template/template.h"

/* team_id: of who reads it; a preset is shown as that team's. */
void template_put(struct jsonw *w, const struct template *t, const char *team_id);

/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/source.h - what section 13 of the AGPL asks a network service to say. */
#pragma once

struct api;

#define SOURCE_LICENCE "AGPL-3.0-or-later"

/* Where users of this server get its source. Never NULL. */
const char *source_url(const struct api *api);

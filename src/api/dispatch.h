/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/dispatch.h - from the HTTP server's calls to the handlers of the routes. */
#pragma once

#include "http/http.h"

/* Its ctx is a struct api. */
extern const struct http_handler dispatch_handler;

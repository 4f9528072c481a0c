/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/openapi.c - GET /docs/openapi.json: this API described, from api/openapi/. */
#include "api/call.h"
#include "api/handlers.h"
#include "api/openapi_text.h"

void
openapi_show(struct call *call)
{
    call_reply(call, 200, "application/json", (struct span){openapi_text, openapi_text_size});
}

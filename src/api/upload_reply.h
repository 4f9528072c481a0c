/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/upload_reply.h - the answer to a new upload, from JSON or from a form. */
#pragma once

#include "api/call.h"

#define PART_PATH_PREFIX "/store/uploads/"

struct upload_reply {
    const struct upload *upload;
    const struct job_spec *spec;
    int64_t created_ms;
    /* The file came with the request: there is nothing left to send. */
    bool complete;
    const char *const
        *urls; /* of the parts, where they go to the S3 service; NULL: they come here */
};

/* Ends the call. */
void upload_reply(struct call *call, const struct upload_reply *made);

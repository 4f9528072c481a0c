/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/result_pdf.h - GET /ocr/result/{job_id}?as=pdf: the document as a searchable PDF.
 *
 * Written by a task of the runner when it is asked for first, and kept with the job. The call waits
 * for it, and replies 202 where it takes longer. Sent in pieces as the client takes them, so that a
 * file of any size costs little memory. */
#pragma once

#include "api/call.h"

/* job: the caller's, finished; its strings are not looked at. Ends the call. */
void result_pdf(struct call *call, const struct job *job);

/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/result.h - the reply with a job's pages, for the handlers that end with one. */
#pragma once

struct call;
struct job;

/* Replies to the call with the result of the job of its path, and the data of that extraction;
 * NULL: what the query names, or the job's own. */
void result_reply(struct call *call, const char *extraction_id);

/* Replies 202 with how far the job is. */
void result_reply_unfinished(struct call *call, const struct job *job);

/* SPDX-License-Identifier: AGPL-3.0-or-later
 * runner/news.h - tells those who wait for a job that it has changed.
 *
 * The id of the job is written to a pipe, whole or not at all, after the commit that changed it.
 * Nobody may rely on it: a full pipe drops the word, and who waits looks for himself now and then.
 */
#pragma once

/* fd: the writing end, non-blocking; -1: nobody listens. From any thread. */
void news_tell(int fd, const char *job_id);

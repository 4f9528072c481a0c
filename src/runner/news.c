/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "runner/news.h"

#include "base/random.h"

#include <string.h>
#include <unistd.h>

void
news_tell(int fd, const char *job_id)
{
    if (fd >= 0 && strlen(job_id) == UUID_TEXT_SIZE - 1)
        (void)!write(fd, job_id, UUID_TEXT_SIZE - 1); /* below PIPE_BUF: all or nothing */
}

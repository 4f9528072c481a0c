/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cmd/relays.h"

#include "base/fdio.h"
#include "base/random.h"
#include "db/db.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

static const char work_channel[] = "leapocr_work";
static const char jobs_channel[] = "leapocr_jobs";

static struct relays
as_given(int wake_fd, int news_fd)
{
    return (struct relays){.wake_fd = wake_fd, .news_fd = news_fd, .own_fds = {-1, -1, -1}};
}

static enum err_code
open_both(const char *place, const struct db_relay_config *work, const struct db_relay_config *jobs,
          struct relays *r, struct err *err)
{
    struct db_relay_config one = *work, other = *jobs;

    one.place = other.place = place;
    one.channel = work_channel;
    other.channel = jobs_channel;
    enum err_code rc = db_relay_open(&one, &r->work, err);
    if (rc == ERR_OK)
        rc = db_relay_open(&other, &r->jobs, err);
    if (rc != ERR_OK)
        relays_close(r);
    return rc;
}

enum err_code
relays_open_api(const char *place, int wake_fd, int news_fd, struct relays *ret, struct err *err)
{
    *ret = as_given(wake_fd, news_fd);
    if (!db_place_is_server(place))
        return ERR_OK;
    ret->wake_fd = ret->own_fds[0] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (ret->wake_fd < 0 || pipe2(ret->own_fds + 1, O_CLOEXEC | O_NONBLOCK) != 0) {
        enum err_code rc = err_sys(err, "make the ends of relays");
        relays_close(ret);
        return rc;
    }
    ret->news_fd = ret->own_fds[1];
    return open_both(place, &(struct db_relay_config){.fd = ret->own_fds[0]},
                     &(struct db_relay_config){
                         .fd = ret->own_fds[2], .hears = true, .word_bytes = UUID_TEXT_SIZE - 1},
                     ret, err);
}

enum err_code
relays_open_runner(const char *place, int wake_fd, int news_fd, struct relays *ret, struct err *err)
{
    *ret = as_given(wake_fd, news_fd);
    if (!db_place_is_server(place))
        return ERR_OK;
    if (pipe2(ret->own_fds + 1, O_CLOEXEC | O_NONBLOCK) != 0)
        return err_sys(err, "make the ends of relays");
    ret->news_fd = ret->own_fds[2];
    return open_both(
        place, &(struct db_relay_config){.fd = wake_fd, .hears = true},
        &(struct db_relay_config){.fd = ret->own_fds[1], .word_bytes = UUID_TEXT_SIZE - 1}, ret,
        err);
}

void
relays_close(struct relays *relays)
{
    db_relay_close(&relays->work);
    db_relay_close(&relays->jobs);
    for (size_t i = 0; i < 3; i++)
        fd_close(&relays->own_fds[i]);
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "db/db_internal.h"

#include <stdio.h>

enum err_code
db_check_moved(struct db *db, struct err *err)
{
    char place[128];
    struct db_rows *rows = NULL;
    enum err_code rc =
        db_first(db, "SELECT side, phase, place FROM move_state WHERE id = 1", NULL, 0, &rows, err);

    if (rc == ERR_OK && rows != NULL) {
        int64_t side = db_column_int(rows, 0), phase = db_column_int(rows, 1);
        if (!db_column_copy(rows, 2, place, sizeof(place)))
            snprintf(place, sizeof(place), "another database");
        if (side == 0 && phase == 1)
            rc = err_set(err, ERR_CONFLICT,
                         "this installation has moved to %s and goes on there; what is here is old",
                         place);
        else if (side == 1 && phase == 0)
            rc =
                err_set(err, ERR_CONFLICT,
                        "the installation of %s is being moved here and has not all come: the same "
                        "`leapocr admin move` again goes on with it",
                        place);
    }
    db_end(&rows);
    return rc;
}

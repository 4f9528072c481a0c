/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "db/db.h"

struct db_value
db_int(int64_t v)
{
    return (struct db_value){.kind = DB_INT, .integer = v};
}

struct db_value
db_real(double v)
{
    return (struct db_value){.kind = DB_REAL, .real = v};
}

struct db_value
db_text(const char *v)
{
    if (v == NULL)
        return db_null();
    return (struct db_value){.kind = DB_TEXT, .bytes = span_of(v)};
}

struct db_value
db_blob(struct span v)
{
    return (struct db_value){.kind = DB_BLOB, .bytes = v};
}

struct db_value
db_null(void)
{
    return (struct db_value){.kind = DB_NULL};
}

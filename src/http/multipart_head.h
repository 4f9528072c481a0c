/* SPDX-License-Identifier: AGPL-3.0-or-later
 * http/multipart_head.h - the header of one part of a form, and parameters as MIME writes them. */
#pragma once

#include "base/attrs.h"
#include "base/buf.h"
#include "base/err.h"
#include "http/multipart.h"

#include <stdbool.h>

/* One parameter ("; name=value") from the front of *rest, blanks around it allowed. *ret_value is
 * appended to, decoded where it is quoted. Returns false at the end of *rest (then *rest is empty)
 * and where it is malformed (then it is not). */
bool multipart_parameter(struct span *rest, struct span *ret_name, struct buf *ret_value);

/* Texts of a part's header; zeroed at first, kept from part to part. */
struct multipart_head {
    struct buf name;
    struct buf file_name;
    struct buf content_type;
    bool has_file_name;
    bool has_content_type;
};

void multipart_head_init(struct multipart_head *head);
void multipart_head_fini(struct multipart_head *head);

/* text: the lines of the header, each with its CRLF, without the empty one. ERR_SYNTAX where they
 * are malformed or lack what RFC 7578 asks for; ERR_MEMORY is reported as ERR_UNAVAILABLE. */
MUST_CHECK
enum err_code multipart_head_read(struct multipart_head *head, struct span text, struct err *err);

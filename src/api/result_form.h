/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/result_form.h - GET /ocr/result/{job_id}?as=FORM: the pages as one file of another form
 * (render/form.h) instead of the API's JSON. */
#pragma once

#include "api/page_bytes.h"
#include "render/form.h"

/* as=NAME of the query; *ret_form FORM_COUNT if it is not there, or as=pdf (*ret_pdf), which is no
 * form of text: api/result_pdf.c. ERR_INPUT lists the names. */
MUST_CHECK
enum err_code result_form_read(struct span query, struct arena *arena, enum form_id *ret_form,
                               bool *ret_pdf, struct err *err);

/* Writes the pages into out. tree: scratch, reset for each page. */
MUST_CHECK
enum err_code result_form_write(enum form_id form, const struct job *job,
                                const struct job_page *pages, size_t n, struct page_bytes *bytes,
                                struct arena *tree, struct buf *out, struct err *err);

/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/languages.h - the models of the line reader: which are there, and each one opened when it is
 * first wanted.
 *
 * All files are mapped in the reader, before any child is forked and confined, so that a child can
 * open any of them without opening a file, and those that no page wants take no memory. Opening one
 * takes about 10 ms. */
#pragma once

#include "ocr/lstm.h"

struct languages;

enum { LANGUAGES_MAX = 32 };

/* wanted: "eng+deu", or "auto": every model in the folder that the line reader can read with,
 * English first. ERR_FORMAT where one of a list is of a kind that it cannot. */
MUST_CHECK
enum err_code languages_open(const char *folder, const char *wanted, struct languages **ret,
                             struct err *err);
void languages_close(struct languages **languages);

size_t languages_count(const struct languages *languages);
bool languages_detect(const struct languages *languages); /* "auto" */
/* Whether one of the list, or English where it is "auto", has settings for layout analysis too. */
bool languages_have_settings(const struct languages *languages);
const char *languages_name(const struct languages *languages, size_t i);   /* "eng" */
const char *languages_script(const struct languages *languages, size_t i); /* "Latn"; "" unknown */

/* NULL if it cannot be opened; for the process's one thread. */
const struct lstm_model *languages_model(struct languages *languages, size_t i);

/* Whether its text runs from right to left: the line reader gives it as it is seen. len: of the
 * name. */
bool language_is_right_to_left(const char *name, size_t len);

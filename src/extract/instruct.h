/* SPDX-License-Identifier: AGPL-3.0-or-later
 * extract/instruct.h - instructions in plain words, as far as they can be obeyed without a model.
 *
 * Understood, in English and by the same patterns with German, French and Spanish cue words: which
 * pages; which fields only or not at all; the form of dates, numbers and case; the language or
 * country of the document; sections to leave out; "null if missing", which is the rule anyway. Each
 * sentence is obeyed or named in the warnings. */
#pragma once

#include "extract/solve.h"

enum { INSTRUCT_NAMES_MAX = 32, INSTRUCT_WARNINGS_MAX = 24 };

struct instructions {
    uint32_t first_page, last_page; /* from 0; UINT32_MAX: to the end */
    bool last_only;                 /* the last page */
    const char *locale;             /* NULL: not said */
    struct wish wish;
    const char *only[INSTRUCT_NAMES_MAX]; /* keys of the fields wanted; none: all */
    const char *without[INSTRUCT_NAMES_MAX];
    const char *wanted[INSTRUCT_NAMES_MAX]; /* asked for without leaving others out */
    const char *only_sections[INSTRUCT_NAMES_MAX], *without_sections[INSTRUCT_NAMES_MAX];
    uint32_t only_count, without_count, wanted_count, only_section_count, without_section_count;
    /* The name meant a field of the schema. */
    bool only_met[INSTRUCT_NAMES_MAX], without_met[INSTRUCT_NAMES_MAX],
        wanted_met[INSTRUCT_NAMES_MAX];
    const char *warnings[INSTRUCT_WARNINGS_MAX];
    uint32_t warning_count;
};

MUST_CHECK
enum err_code instructions_read(struct arena *arena, const char *text,
                                struct instructions *ret_instructions, struct err *err);
/* The field of that name, title or concept is to be left empty. Notes which names met a field. */
bool instructions_drop(const struct solve *solve, struct instructions *instructions,
                       const struct field *field);
/* Warns of names that met no field: once all fields were asked for. */
void instructions_check_names(struct arena *arena, struct instructions *instructions);
__attribute__((format(printf, 3, 4))) void
instructions_warn(struct arena *arena, struct instructions *instructions, const char *format, ...);

/* SPDX-License-Identifier: AGPL-3.0-or-later
 * extract/free.h - what a document offers when nobody says what is wanted: its kind, well-known
 * fields, "label: value" pairs and tables. */
#pragma once

#include "extract/solve.h"

/* The well-known fields as a shape, for fields_make. NULL: the arena is full. */
MUST_CHECK
const struct schema_shape *free_shape(struct arena *arena);

/* Puts kind, fields (those that were found), pairs and tables under the root. fields is the node
 * that was filled by free_shape. */
void free_write(struct solve *solve, struct node *root, const struct node *fields);

/* SPDX-License-Identifier: AGPL-3.0-or-later
 * base/random.h - bytes from the kernel, and identifiers made of them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { UUID_TEXT_SIZE = 37 };

/* Fills from getrandom(2); ends the process where the kernel has none to give, because every
 * secret stands on it. */
void random_bytes(void *out, size_t len);

/* A UUID version 7 (RFC 9562): time-ordered, so that new rows land at the end of an index. */
void random_uuid(char ret_text[UUID_TEXT_SIZE]);

/* True for the canonical 8-4-4-4-12 form, either case. */
bool random_is_uuid(const char *text);

/* len characters of [0-9A-Za-z], each 5.95 bits, and a NUL; out has len + 1 bytes. */
void random_text(char *out, size_t len);

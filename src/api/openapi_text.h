/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/openapi_text.h - the one document made of api/openapi/, embedded by tools/embed_file.py. */
#pragma once

#include <stddef.h>
#include <stdint.h>

extern const uint8_t openapi_text[];
extern const size_t openapi_text_size;

/* SPDX-License-Identifier: AGPL-3.0-or-later
 * render/names.h - what the kinds of blocks, witnesses and regions are called outside. */
#pragma once

#include <stdint.h>

const char *block_kind_name(uint8_t kind);
const char *witness_name(uint8_t witness);
const char *region_kind_name(uint8_t kind);

struct buf;
/* render/alto.c: the names of blocks as an ALTO file's <Tags>. */
void alto_put_tags(struct buf *out);

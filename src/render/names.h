/* SPDX-License-Identifier: AGPL-3.0-or-later
 * render/names.h - what the kinds of blocks are called in the page tree's JSON. */
#pragma once

#include <stdint.h>

const char *block_kind_name(uint8_t kind);

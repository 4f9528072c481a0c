/* SPDX-License-Identifier: AGPL-3.0-or-later
 * page/codec_internal.h - the byte format that page/encode.c writes and page/decode.c reads.
 *
 *   head     magic, version, index, flags (1 layer, 2 pixels, 16 warp), u32 each;
 *            width, height, dpi, confidence, coverage, skew, f32 each;
 *            counts of words, lines, blocks, tables, cells, regions, links, fields, alts, hidden
 * texts, codes, u32 each; then language and script, a text each records  of each kind in that
 * order: fixed part as sized below, then its texts text     u16 length, bytes; no terminator */
#pragma once

#include "page/warp.h"

#include <stddef.h>

static const unsigned codec_magic = 0x5447504c; /* "LPGT" */

/* Quarter turns stand in two bits of the flags. */
enum {
    CODEC_FLAG_LAYER = 1,
    CODEC_FLAG_PIXELS = 2,
    CODEC_TURN_SHIFT = 2,
    CODEC_FLAG_WARP = 16, /* after the script: frame and places of page/warp.h, x before y */
    CODEC_FLAGS_MAX = 31,
    CODEC_KINDS = 11
};

/* Bytes of the fixed part of one record, without texts; two more for each text's length. */
enum {
    CODEC_HEAD_SIZE = 4 * 4 + 6 * 4 + CODEC_KINDS * 4,
    CODEC_WORD_SIZE = 16 + 4 * 4 + 4,
    CODEC_LINE_SIZE = 16 + 5 * 4 + 1,
    CODEC_BLOCK_SIZE = 16 + 6 * 4 + 4,
    CODEC_TABLE_SIZE = 16 + 3 * 2 + 2 + 2 * 4,
    CODEC_CELL_SIZE = 16 + 4 * 2 + 1 + 2 * 4,
    CODEC_REGION_SIZE = 16 + 4 + 1,
    CODEC_LINK_SIZE = 16,
    CODEC_FIELD_SIZE = 16 + 2,
    CODEC_ALT_SIZE = 4 + 1,
    CODEC_HIDDEN_SIZE = 16 + 1,
    CODEC_CODE_SIZE = 16,
    CODEC_WARP_SIZE = 16 + 2 * 4 * WARP_SIDE * WARP_SIDE
};

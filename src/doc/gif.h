/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/gif.h - where the first frame of a GIF ends, so that an animation is read as its first
 * picture. Source: GIF89a specification (1990), sections 18 to 27. */
#pragma once

#include "base/buf.h"

#include <stdbool.h>

/* Length of the file up to the end of its first frame; 0 if there is none (the decoder says what is
 * wrong). *ret_cut: the file ends inside the frame; the length is then up to its last whole block,
 * behind which an empty one has to stand. */
size_t gif_first_frame(struct span bytes, bool *ret_cut);

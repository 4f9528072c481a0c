/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/freetype_internal.h - the one place where FreeType's headers come in. */
#pragma once

#include <ft2build.h>
#include FT_FREETYPE_H
#include FT_OUTLINE_H

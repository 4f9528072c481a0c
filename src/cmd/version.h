/* SPDX-License-Identifier: AGPL-3.0-or-later
 * cmd/version.h - what `leapocr version` says, and where the source is when nobody says otherwise.
 */
#pragma once

#define LEAPOCR_LICENCE "AGPL-3.0-or-later"

/* Where users of this build get its source; an operator who changed the program points elsewhere
 * with --source-url. */
const char *version_source_url(const char *configured);

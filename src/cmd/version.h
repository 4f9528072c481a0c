/* SPDX-License-Identifier: AGPL-3.0-or-later
 * cmd/version.h - what `leapocr version` says, and where the source is when nobody says otherwise.
 */
#pragma once

#define LEAPOCR_LICENCE "AGPL-3.0-or-later"

/* Where users get the source of this very program: what the operator configured, or a sentence that
 * says whom to ask. */
const char *version_source_url(const char *configured);

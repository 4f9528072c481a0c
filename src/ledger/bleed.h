/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ledger/bleed.h - print of the reverse side that shines through the paper of a scan.
 *
 * Method: the letters' darkest grey falls into two heaps that hardly touch (Otsu 1979, with a
 * measure of how well they are parted); those of the paler heap are blurred, as paper scatters
 * light, and run into those of the darker one here and there, as nobody prints. What is no darker
 * than the paler heap and not at the edge of darker ink becomes paper, but for letters that are
 * sharp among sharp ones: pale print of this side. Costs nothing where there are no two heaps.
 * Fails on: a reverse side as dark as this one or as sharp; fewer than 40 letters of it. */
#pragma once

#include "ledger/ink.h"

#include <stdbool.h>

/* ink: of the picture, with its ground. Whether ink of it was made paper, so that it has to be
 * looked at again; not where there is no memory for it. */
MUST_CHECK
bool bleed_lift(const struct ink *ink, struct pixmap *picture);

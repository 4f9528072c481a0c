/* SPDX-License-Identifier: AGPL-3.0-or-later
 * liar.h - see liar.c. */
#pragma once

int liar_main(int control);

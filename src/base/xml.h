/* SPDX-License-Identifier: AGPL-3.0-or-later
 * base/xml.h - text inside XML 1.0 and HTML: the five characters that are markup become references,
 * and what XML cannot carry (controls, bytes that are no UTF-8) becomes U+FFFD. */
#pragma once

#include "base/buf.h"

/* As element content or as an attribute's value between quotes. */
void xml_put_text(struct buf *out, struct span text);
void xml_put_string(struct buf *out, const char *text);

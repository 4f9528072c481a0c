/* SPDX-License-Identifier: AGPL-3.0-or-later
 * store/xml_read.h - reads the small XML documents that an S3 service answers with.
 *
 * They come from outside: no document type, no entities but the five and characters by number, at
 * most XML_DEPTH_MAX elements inside each other, texts up to XML_TEXT_MAX bytes. Attributes and
 * prefixes of namespaces are passed over, as are comments and processing instructions. */
#pragma once

#include "base/attrs.h"
#include "base/buf.h"
#include "base/err.h"

enum { XML_DEPTH_MAX = 8, XML_PATH_SIZE = 512, XML_TEXT_MAX = 16384 };

/* Calls seen at the end of each element. path: names from the root, as in
 * "/ListPartsResult/Part/ETag"; text: what stands directly in the element, without the white space
 * around it, in UTF-8 as it came, without NUL. Ends at the first error of seen, which is returned;
 * ERR_SYNTAX for anything that is not well-formed as said above. */
MUST_CHECK
enum err_code xml_read(struct span xml,
                       enum err_code (*seen)(void *ctx, const char *path, const char *text,
                                             struct err *err),
                       void *ctx, struct err *err);

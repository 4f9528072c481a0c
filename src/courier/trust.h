/* SPDX-License-Identifier: AGPL-3.0-or-later
 * courier/trust.h - the certificates of authorities, loaded once before the process shuts the file
 * system out, and shared by all connections. */
#pragma once

#include "base/attrs.h"
#include "base/err.h"

struct trust;
/* From $SSL_CERT_FILE, else where distributions keep them. ERR_NOT_FOUND: nowhere. */
MUST_CHECK
enum err_code trust_open(struct trust **ret, struct err *err);
void trust_close(struct trust **trust);

/* Why nothing can be asked over https where there is none. */
extern const char trust_lacking[];

/* Makes a TLS context (an SSL_CTX of OpenSSL) believe these authorities and no others. */
void trust_apply(const struct trust *trust, void *ssl_ctx);

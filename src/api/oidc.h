/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/oidc.h - bearers of tokens of the operator's identity provider. Its keys are in a file that
 * the operator fetches (docs/operations.md); a file that has changed is read again within ten
 * seconds, and one that cannot be read leaves the keys in force that there were. */
#pragma once

#include "account/account.h"
#include "account/jwt.h"

struct api;

struct oidc {
    struct jwt_keys *keys;  /* NULL: no identity provider is set up */
    int64_t looked_ms;      /* monotonic */
    int64_t stamp_ns, size; /* of the file that was read */
};

/* Nothing where no issuer is set. ERR_INPUT where one is set and the rest is not. */
MUST_CHECK
enum err_code oidc_open(struct api *api, struct err *err);
void oidc_close(struct api *api);

/* Who the token's bearer is. ERR_AUTH. */
MUST_CHECK
enum err_code oidc_principal(struct api *api, struct arena *arena, struct span token,
                             struct principal *ret, struct err *err);

/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/catalog.h - what is for sale: models with their prices, the plan's name, products of a
 * billing provider. Built in, or from a file of the operator's (docs/operations.md has the form).
 */
#pragma once

#include "api/models.h"
#include "base/err.h"

struct catalog;

/* file: NULL for what is built in. Parts that the file does not have are built in. ERR_INPUT says
 * what is wrong where. */
MUST_CHECK
enum err_code catalog_open(const char *file, struct catalog **ret, struct err *err);
void catalog_close(struct catalog **catalog);

const char *catalog_plan(const struct catalog *catalog);
/* The first is the default. NULL as catalog: what is built in. */
const struct model *catalog_models(const struct catalog *catalog, size_t *ret_n);
/* Credits that come with a product of this id; 0: there is none. */
int64_t catalog_credits(const struct catalog *catalog, const char *product_id);
/* {"subscriptions": [...], "credit_packs": [...]}, as JSON. */
const char *catalog_products(const struct catalog *catalog);

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/catalog.h"

#include "api/body.h"
#include "base/fdio.h"
#include "base/jsonw.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

enum {
    CATALOG_BYTES_MAX = 1 << 20,
    MODELS_MAX = 100,
    PRODUCTS_MAX = 100,
    BENEFITS_MAX = 20,
    TEXT_MAX = 500,
    PRICE_MAX = 1000000 /* credits a page */
};

struct product {
    const char *id;
    int64_t credits;
};

struct catalog {
    struct arena *arena;
    const char *plan;
    const char *products_json;
    struct model models[MODELS_MAX];
    size_t model_count;
    struct product products[2 * PRODUCTS_MAX];
    size_t product_count;
};

static enum err_code
read_model(struct arena *arena, const json_t *row, struct model *ret, struct err *err)
{
    const char *display = NULL, *description = NULL;
    enum err_code rc = body_text(arena, row, "name", MODEL_NAME_MAX, true, &ret->name, err);

    if (rc == ERR_OK)
        rc = body_text(arena, row, "display_name", TEXT_MAX, false, &display, err);
    if (rc == ERR_OK)
        rc = body_text(arena, row, "description", TEXT_MAX, false, &description, err);
    if (rc == ERR_OK)
        rc = body_int(row, "credits_per_page", 0, PRICE_MAX, 1, &ret->credits_per_page, err);
    if (rc == ERR_OK)
        rc = body_int(row, "surcharge_per_page", 0, PRICE_MAX, 0, &ret->surcharge_per_page, err);
    if (rc == ERR_OK)
        rc = body_int(row, "priority", 0, 1000, 1, &ret->priority, err);
    ret->display_name = display != NULL ? display : ret->name;
    ret->description = description != NULL ? description : "";
    return rc;
}

static enum err_code
read_models(struct catalog *catalog, const json_t *document, struct err *err)
{
    const json_t *list = json_object_get(document, "models");
    const json_t *row;
    enum err_code rc = ERR_OK;
    size_t i;

    if (list == NULL)
        return ERR_OK;
    if (!json_is_array(list) || json_array_size(list) == 0 || json_array_size(list) > MODELS_MAX)
        return err_set(err, ERR_INPUT, "'models' must be a list of 1 to %d", MODELS_MAX);
    catalog->model_count = 0;
    json_array_foreach(list, i, row)
    {
        if (rc == ERR_OK)
            rc = read_model(catalog->arena, row, &catalog->models[i], err);
        catalog->model_count++;
    }
    return rc;
}

static enum err_code
put_benefits(struct arena *arena, const json_t *product, struct jsonw *w, int64_t *ret_credits,
             struct err *err)
{
    const json_t *list = json_object_get(product, "benefits");
    const json_t *row;
    enum err_code rc = ERR_OK;
    size_t i;

    if (list != NULL && (!json_is_array(list) || json_array_size(list) > BENEFITS_MAX))
        return err_set(err, ERR_INPUT, "'benefits' must be a list of at most %d", BENEFITS_MAX);
    jsonw_array(w, "benefits");
    json_array_foreach(list, i, row)
    {
        const char *description = NULL;
        int64_t units = 0;
        if (rc == ERR_OK)
            rc = body_text(arena, row, "description", TEXT_MAX, false, &description, err);
        if (rc == ERR_OK)
            rc = body_int(row, "units", 0, INT64_C(1000000000), 0, &units, err);
        jsonw_object(w, NULL);
        jsonw_string(w, "description", description != NULL ? description : "");
        jsonw_int(w, "units", units);
        jsonw_end(w);
        *ret_credits += units;
    }
    jsonw_end(w);
    return rc;
}

static enum err_code
put_price(struct arena *arena, const json_t *product, struct jsonw *w, struct err *err)
{
    const json_t *price = json_object_get(product, "price");
    const char *currency = NULL, *formatted = NULL;
    int64_t amount = 0;
    enum err_code rc = body_int(price, "amount", 0, INT64_C(1000000000), 0, &amount, err);

    if (rc == ERR_OK)
        rc = body_text(arena, price, "currency", TEXT_MAX, false, &currency, err);
    if (rc == ERR_OK)
        rc = body_text(arena, price, "formatted", TEXT_MAX, false, &formatted, err);
    jsonw_object(w, "price");
    jsonw_int(w, "amount", amount);
    jsonw_string(w, "currency", currency != NULL ? currency : "usd");
    jsonw_string(w, "formatted", formatted != NULL ? formatted : "");
    jsonw_end(w);
    return rc;
}

static enum err_code
put_product(struct catalog *catalog, const json_t *row, struct jsonw *w, struct err *err)
{
    static const char *const names[] = {"name", "description", "type", "billing_interval"};
    struct product *product = &catalog->products[catalog->product_count++];
    struct arena *arena = catalog->arena;
    enum err_code rc = body_text(arena, row, "id", TEXT_MAX, true, &product->id, err);

    jsonw_object(w, NULL);
    jsonw_string(w, "id", product->id);
    for (size_t i = 0; rc == ERR_OK && i < ARRAY_LEN(names); i++) {
        const char *text = NULL;
        rc = body_text(arena, row, names[i], TEXT_MAX, false, &text, err);
        jsonw_string(w, names[i], text != NULL ? text : "");
    }
    if (rc == ERR_OK)
        rc = put_price(arena, row, w, err);
    if (rc == ERR_OK)
        rc = put_benefits(arena, row, w, &product->credits, err);
    jsonw_end(w);
    return rc;
}

static enum err_code
read_products(struct catalog *catalog, const json_t *document, struct err *err)
{
    static const char *const lists[] = {"subscriptions", "credit_packs"};
    struct buf text;
    struct jsonw w = {.out = &text};
    enum err_code rc = ERR_OK;

    buf_init(&text, CATALOG_BYTES_MAX * 2);
    jsonw_object(&w, NULL);
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        const json_t *list = json_object_get(document, lists[i]);
        const json_t *row;
        size_t k;
        if (rc == ERR_OK && list != NULL &&
            (!json_is_array(list) || json_array_size(list) > PRODUCTS_MAX))
            rc = err_set(err, ERR_INPUT, "'%s' must be a list of at most %d", lists[i],
                         PRODUCTS_MAX);
        jsonw_array(&w, lists[i]);
        json_array_foreach(list, k, row)
        {
            if (rc == ERR_OK)
                rc = put_product(catalog, row, &w, err);
        }
        jsonw_end(&w);
    }
    jsonw_end(&w);
    if (rc == ERR_OK)
        rc = buf_check(&text, "products", err);
    if (rc == ERR_OK)
        catalog->products_json = arena_strndup(catalog->arena, buf_text(&text), text.len);
    buf_fini(&text);
    if (rc == ERR_OK && catalog->products_json == NULL)
        rc = err_set(err, ERR_INPUT, "too much text");
    return rc;
}

static enum err_code
read_file(struct catalog *catalog, const char *file, json_t **ret, struct err *err)
{
    struct span text;
    enum err_code rc = fd_load_file(catalog->arena, AT_FDCWD, file, CATALOG_BYTES_MAX, &text, err);

    return rc == ERR_OK ? json_read(text, ret, err) : rc;
}

static enum err_code
fill(struct catalog *catalog, const json_t *document, struct err *err)
{
    enum err_code rc =
        body_text(catalog->arena, document, "plan", TEXT_MAX, false, &catalog->plan, err);

    if (catalog->plan == NULL)
        catalog->plan = "self-hosted";
    memcpy(catalog->models, models, model_count * sizeof(models[0]));
    catalog->model_count = model_count;
    if (rc == ERR_OK)
        rc = read_models(catalog, document, err);
    return rc == ERR_OK ? read_products(catalog, document, err) : rc;
}

enum err_code
catalog_open(const char *file, struct catalog **ret, struct err *err)
{
    struct catalog *catalog = calloc(1, sizeof(*catalog));
    json_t *document = NULL;
    enum err_code rc = ERR_OK;

    if (catalog != NULL)
        catalog->arena = arena_new(MiB(16));
    if (catalog == NULL || catalog->arena == NULL) {
        catalog_close(&catalog);
        return err_set(err, ERR_MEMORY, "no memory");
    }
    if (file != NULL)
        rc = read_file(catalog, file, &document, err);
    if (rc == ERR_OK)
        rc = fill(catalog, document, err);
    json_decref(document);
    if (rc != ERR_OK) {
        struct err why = err != NULL ? *err : (struct err){0};
        catalog_close(&catalog);
        return err_set(err, rc, "%.100s: %.150s", file, why.msg);
    }
    *ret = catalog;
    return ERR_OK;
}

void
catalog_close(struct catalog **catalog)
{
    if (*catalog != NULL)
        arena_drop(&(*catalog)->arena);
    free(*catalog);
    *catalog = NULL;
}

const char *
catalog_plan(const struct catalog *catalog)
{
    return catalog->plan;
}

const struct model *
catalog_models(const struct catalog *catalog, size_t *ret_n)
{
    *ret_n = catalog != NULL ? catalog->model_count : model_count;
    return catalog != NULL ? catalog->models : models;
}

int64_t
catalog_credits(const struct catalog *catalog, const char *product_id)
{
    for (size_t i = 0; i < catalog->product_count; i++)
        if (strcmp(catalog->products[i].id, product_id) == 0)
            return catalog->products[i].credits;
    return 0;
}

const char *
catalog_products(const struct catalog *catalog)
{
    return catalog->products_json;
}

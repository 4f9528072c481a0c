/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/lstm_model.c - opens a model file and keeps what lines are read with. */
#include "ocr/lstm_internal.h"

#include "base/fdio.h"

#include <fcntl.h>
#include <stdlib.h>

/* Packed weights, excess sums, tries and lists take at most some times the file. */
enum { ARENA_FACTOR = 8, ARENA_EXTRA = 4 << 20 };

void
lstm_model_close(struct lstm_model **model)
{
    if (*model == NULL)
        return;
    arena_drop(&(*model)->arena);
    free(*model);
    *model = NULL;
}

static enum err_code
parse_all(struct lstm_model *model, struct span file, struct err *err)
{
    struct span network, chars, recoder;
    enum err_code rc = lstm_file_section(file, LSTM_SECTION_NETWORK, &network, err);

    if (rc == ERR_OK)
        rc = lstm_file_section(file, LSTM_SECTION_CHARSET, &chars, err);
    if (rc == ERR_OK)
        rc = lstm_file_section(file, LSTM_SECTION_RECODER, &recoder, err);
    if (rc != ERR_OK)
        return rc;
    if (network.len == 0 || chars.len == 0 || recoder.len == 0)
        return err_set(err, ERR_FORMAT, "model: has no LSTM network, characters or recoder");
    rc = lstm_network_parse(model, network, err);
    if (rc == ERR_OK)
        rc = lstm_charset_parse(model->arena, chars, recoder, &model->charset, err);
    if (rc == ERR_OK)
        rc = lstm_dict_parse(model->arena, file, model->charset.count, &model->dict, err);
    if (rc != ERR_OK)
        return rc;
    if (model->charset.n_codes > model->n_codes)
        return err_set(err, ERR_FORMAT, "model: %u codes, but its network gives %u",
                       model->charset.n_codes, model->n_codes);
    return ERR_OK;
}

enum err_code
lstm_model_parse(struct span bytes, struct lstm_model **ret, struct err *err)
{
    struct lstm_model *model = calloc(1, sizeof(*model));
    enum err_code rc;

    if (model == NULL)
        return err_set(err, ERR_MEMORY, "model: no memory");
    if (bytes.len > LSTM_MAX_MODEL_BYTES) {
        rc = err_set(err, ERR_LIMIT, "model: %zu bytes, limit %d", bytes.len, LSTM_MAX_MODEL_BYTES);
        goto out;
    }
    model->arena = arena_new(bytes.len * ARENA_FACTOR + ARENA_EXTRA);
    if (model->arena != NULL)
        model->tables = arena_alloc(model->arena, sizeof(*model->tables));
    if (model->tables == NULL) {
        rc = err_set(err, ERR_MEMORY, "model: no memory");
        goto out;
    }
    lstm_tables_init(model->tables);
    rc = parse_all(model, bytes, err);
    if (rc == ERR_OK) {
        *ret = model;
        model = NULL;
    }
out:
    lstm_model_close(&model);
    return rc;
}

enum err_code
lstm_model_open(const char *path, struct lstm_model **ret, struct err *err)
{
    struct arena *arena = arena_new(LSTM_MAX_MODEL_BYTES + KiB(64));
    struct span bytes;
    enum err_code rc;

    if (arena == NULL)
        return err_set(err, ERR_MEMORY, "model '%s': no memory", path);
    rc = fd_load_file(arena, AT_FDCWD, path, LSTM_MAX_MODEL_BYTES, &bytes, err);
    if (rc == ERR_OK)
        rc = lstm_model_parse(bytes, ret, err);
    arena_drop(&arena);
    return rc;
}

bool
lstm_model_has_settings(struct span bytes)
{
    struct span settings;

    return lstm_file_section(bytes, LSTM_SECTION_SETTINGS, &settings, NULL) == ERR_OK &&
           settings.len > 0;
}

const char *
lstm_model_spec(const struct lstm_model *model)
{
    return model->spec;
}

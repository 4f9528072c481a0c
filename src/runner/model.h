/* SPDX-License-Identifier: AGPL-3.0-or-later
 * runner/model.h - the outside model that an operator may set up: an OpenAI-compatible server of
 * chat completions that proposes values of structured data. It only proposes: its answer goes
 * unread to the confined child, which takes what it finds among the words (extract/proposal.c). */
#pragma once

#include "base/attrs.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/url.h"
#include "jobs/jobs.h"
#include "wire/errand.h"

enum { MODEL_TEXT_MAX = 200000, MODEL_ANSWER_MAX = 1 << 20 };

struct model_config {
    const char *endpoint; /* base URL, or that of chat/completions; NULL or "": none */
    const char *name;     /* what the server calls it */
    const char *key_file; /* "": no key */
    const char *models;   /* which of ours ask it: "pro-*,standard-v2,template:my-contract" */
    uint32_t time_ms;     /* for one answer */
};

struct model {
    struct model_config config; /* borrowed */
    char url[URL_TEXT_SIZE];
    char bearer[ERRAND_BEARER_SIZE]; /* wiped by model_fini */
};

/* Reads URL and key. ERR_INPUT names what is wrong; without an endpoint it is never asked. */
MUST_CHECK
enum err_code model_init(const struct model_config *config, struct model *ret, struct err *err);
void model_fini(struct model *model);

/* It is asked for this task: an extraction of the document with a schema, by a model or with a
 * template that it is for. */
bool model_is_for(const struct model *model, const struct task *task);

/* The body of a request about text (UTF-8). Spoilt where it is too large. */
void model_request(const struct model *model, const struct task *task, struct span text,
                   struct buf *out);

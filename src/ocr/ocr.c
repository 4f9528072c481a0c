/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ocr/ocr_internal.h"

#include "ocr/lept.h"
#include "ocr/lines.h"
#include "ocr/rightward.h"
#include "ocr/tess.h"
#include "ocr/verdict.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* For pages without a picture: letters of 10 pt become 15 high. */
static const float vector_dpi = 200;
static const float dpi_least = 72, dpi_most = 300;
static const float side_most = 10000; /* pixels of the longer side */

static const char *const usual_places[] = {"/usr/share/tesseract-ocr/5/tessdata",
                                           "/usr/share/tessdata", "/usr/local/share/tessdata"};

static bool
has_model(const char *dir, const char *language, size_t len)
{
    char path[4096];
    int n = snprintf(path, sizeof(path), "%s/%.*s.traineddata", dir, (int)len, language);

    return n > 0 && (size_t)n < sizeof(path) && access(path, R_OK) == 0;
}

/* The first usual place with the first language. */
static const char *
find_dir(const char *languages)
{
    for (size_t i = 0; i < ARRAY_LEN(usual_places); i++)
        if (has_model(usual_places[i], languages, strcspn(languages, "+")))
            return usual_places[i];
    return usual_places[0];
}

static enum err_code
check_languages(const char *dir, const char *languages, struct err *err)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";

    for (const char *at = languages;; at++) {
        size_t len = strspn(at, letters);
        if (len == 0 || (at[len] != '+' && at[len] != '\0'))
            return err_set(err, ERR_INPUT, "languages '%s': expected names as in eng+deu",
                           languages);
        if (!has_model(dir, at, len)) {
            char package[32];
            (void)snprintf(package, sizeof(package), "%.*s", (int)len, at);
            for (char *c = package; *c != '\0'; c++)
                *c = *c == '_' ? '-' : *c;
            return err_set(err, ERR_NOT_FOUND,
                           "%s/%.*s.traineddata is missing: install tesseract-ocr-%s", dir,
                           (int)len, at, package);
        }
        at += len;
        if (*at == '\0')
            return ERR_OK;
    }
}

enum err_code
ocr_open(const struct ocr_config *config, struct ocr **ret, struct err *err)
{
    const char *languages = config->languages != NULL ? config->languages : "eng";
    const char *dir = config->model_dir != NULL
                          ? config->model_dir
                          : find_dir(strcmp(languages, "auto") == 0 ? "eng" : languages);
    bool detect = strcmp(languages, "auto") == 0;
    enum err_code rc = check_languages(dir, detect ? "eng" : languages, err);

    if (rc != ERR_OK)
        return rc;
    struct ocr *ocr = calloc(1, sizeof(*ocr));
    if (ocr == NULL)
        return err_set(err, ERR_MEMORY, "no memory to open the recogniser");
    ocr->as_searched = config->as_searched;
    lept_init();
    if (languages_open(dir, languages, &ocr->languages, NULL) != ERR_OK)
        ocr->languages = NULL;
    bool finds_rows = ocr->languages != NULL && !languages_have_settings(ocr->languages);
    rc = tess_open(dir, finds_rows ? NULL : detect ? "eng" : languages, &ocr->tess, err);
    if (rc != ERR_OK) {
        ocr_close(&ocr);
        return rc;
    }
    (void)snprintf(ocr->description, sizeof(ocr->description), "tesseract %s, %s", tess_version(),
                   languages);
    *ret = ocr;
    return ERR_OK;
}

void
ocr_close(struct ocr **ocr)
{
    if (*ocr == NULL)
        return;
    tess_close(&(*ocr)->tess);
    languages_close(&(*ocr)->languages);
    free(*ocr);
    *ocr = NULL;
}

const char *
ocr_describe(const struct ocr *ocr)
{
    return ocr->description;
}

bool
ocr_knows(struct ocr *ocr, const char *language, const char *word)
{
    size_t i = 0;

    if (ocr->languages == NULL)
        return false;
    while (i < languages_count(ocr->languages) &&
           strcmp(languages_name(ocr->languages, i), language) != 0)
        i++;
    if (i == languages_count(ocr->languages))
        return false;
    const struct lstm_model *model = languages_model(ocr->languages, i);
    return model != NULL && lstm_model_knows(model, word);
}

float
ocr_pick_dpi(float native_dpi, float page_width_pt, float page_height_pt)
{
    float dpi = native_dpi > 0 ? fminf(dpi_most, fmaxf(dpi_least, native_dpi)) : vector_dpi;
    float longer_in = fmaxf(page_width_pt, page_height_pt) / 72;

    return longer_in > 0 ? fminf(dpi, side_most / longer_in) : dpi;
}

/* ---- reading ---- */

/* Japanese in columns is read lying on its side, with a model of its own. Its page stands upright
 * again then, and the lines go down. */
static void
raise_columns(const struct page *before, struct page *page)
{
    static const char ending[] = "_vert";
    size_t len = page->language != NULL ? strlen(page->language) : 0;
    size_t rest = sizeof(ending) - 1;
    int turned = (page->turned + 360 - before->turned) % 360;

    if (len <= rest || strcmp(page->language + len - rest, ending) != 0)
        return;
    const char *name = arena_strndup(page->arena, page->language, len - rest);
    page->language = name != NULL ? name : "";
    if (turned == 0)
        return;
    page_turn(page, 360 - turned);
    for (uint32_t i = before->line_count; i < page->line_count; i++) {
        page->lines[i].vertical = !page->lines[i].vertical;
        page->lines[i].baseline = page->lines[i].box.y1;
    }
}

/* Whether our line reader read it in a language that is read from the right. */
static bool
reads_rightward(const struct ocr *ocr, const struct page *page)
{
    if (ocr->languages == NULL)
        return false;
    const char *name =
        languages_detect(ocr->languages) ? page->language : languages_name(ocr->languages, 0);
    return name != NULL && language_is_right_to_left(name, strlen(name));
}

/* Takes what was read of the picture onto the page, each word as it is likeliest and in its order;
 * drops it, whatever it is. */
static enum err_code
take_outcome(struct ocr *ocr, enum err_code rc, struct outcome *read, struct page *page,
             struct err *err)
{
    if (rc == ERR_OK && read->prepared.pix != NULL && ocr->languages != NULL && !ocr->as_searched)
        rc = verdict_settle(ocr->languages, read->before.line_count, &read->page, err);
    if (rc == ERR_OK && reads_rightward(ocr, &read->page) &&
        !rightward_order(&read->page, page->line_count))
        rc = err_set(err, ERR_LIMIT, "page %u has too much on it", page->index + 1);
    if (rc == ERR_OK) {
        raise_columns(page, &read->page);
        *page = read->page;
    }
    prepared_fini(&read->prepared);
    return rc;
}

enum err_code
ocr_read(struct ocr *ocr, struct pixmap *picture, struct page *page, struct err *err)
{
    struct outcome best;

    ocr->effort = (struct effort){0};
    enum err_code rc = look_upright(ocr, picture, page, &best, err);
    if (rc == ERR_OK && best.prepared.pix != NULL)
        rc = look_at_views(ocr, picture, &best, err);
    return take_outcome(ocr, rc, &best, page, err);
}

enum err_code
ocr_glance(struct ocr *ocr, struct pixmap *picture, struct page *page, struct err *err)
{
    struct outcome best;
    struct rows_reader reader = {.language = language_told(ocr, page, 0)};

    effort_settle(&ocr->effort);
    if (!effort_has(&ocr->effort, effort_of_picture((uint64_t)picture->width * picture->height)))
        return ERR_OK;
    enum err_code rc =
        look_once(ocr, picture, (struct prepare_way){.flat = true}, reader, page, &best, err);
    return take_outcome(ocr, rc, &best, page, err);
}

void
ocr_begin_page(struct ocr *ocr)
{
    ocr->effort = (struct effort){0};
}

uint64_t
ocr_spent(const struct ocr *ocr)
{
    return ocr->effort.spent;
}

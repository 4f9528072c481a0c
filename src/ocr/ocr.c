/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ocr/ocr.h"

#include "ocr/lept.h"
#include "ocr/lines.h"
#include "ocr/merge.h"
#include "ocr/prepare.h"
#include "ocr/rightward.h"
#include "ocr/rows.h"
#include "ocr/tess.h"
#include "ocr/verdict.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Layout analysis has its thresholds in inches, for print of usual size. So it is told the
 * resolution that the letters' height says, whatever the file or the guessed size of the paper
 * does. */
static const float layout_dpi_min = 70, layout_dpi_max = 600; /* what it takes for credible */

/* Mean confidence below which a page is read from other views of its picture as well. */
static const double views_sure_least = 0.85;

/* A view in more parts than that is grain, on which layout analysis may take minutes, or a page so
 * full that reading it again costs more than it brings. */
static const uint32_t view_parts_most = 3000;

/* Print of letters as high as this (pixels) comes together when it is made smaller, lower ones come
 * apart when they are made larger: what helps more goes first. */
static const float large_letter = 14;

/* For pages without a picture: letters of 10 pt become 15 high. */
static const float vector_dpi = 200;
static const float dpi_least = 72, dpi_most = 300;
static const float side_most = 10000; /* pixels of the longer side */

/* Mean confidence below which a page is read another way up as well: one that was turned, one that
 * was not; and the letters that it takes to judge. */
static const double turned_sure_least = 0.8, upright_sure_least = 0.5, letters_to_judge = 4;

/* So few letters read of so many seen: they lie on their side, and all rows were refused. */
static const double lost_letters_most = 12;
static const uint32_t lost_seen_least = 60;

struct ocr {
    bool as_searched;
    struct tess *tess;
    struct languages *languages; /* for our line reader; NULL: Tesseract reads by itself */
    char description[128];
};

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

/* The page's language, if another picture of it has told and it is not one of those before the
 * first; else SIZE_MAX. */
static size_t
language_told(const struct ocr *ocr, const struct page *page, size_t first)
{
    if (ocr->languages == NULL)
        return SIZE_MAX;
    for (size_t i = first; page->language != NULL && i < languages_count(ocr->languages); i++)
        if (strcmp(page->language, languages_name(ocr->languages, i)) == 0)
            return i;
    return SIZE_MAX;
}

/* What was read, and how surely. */
struct outcome {
    struct page page;
    struct page before; /* the page before its words, in the frame of the picture */
    struct prepared prepared;
    int turn;
    double letters, sure; /* letters times confidence */
};

static void
weigh(const struct page *before, struct outcome *outcome)
{
    outcome->letters = outcome->sure = 0;
    for (uint32_t i = before->word_count; i < outcome->page.word_count; i++) {
        const struct page_word *word = &outcome->page.words[i];
        double len = (double)strlen(word->text);
        outcome->letters += len;
        outcome->sure += len * (double)word->confidence;
    }
}

/* Without room in its arrays, so that what is added to one copy does not overwrite another's. */
static struct page
copy_of(const struct page *page)
{
    struct page copy = *page;

    copy.word_cap = copy.word_count;
    copy.line_cap = copy.line_count;
    copy.region_cap = copy.region_count;
    copy.alt_cap = copy.alt_count;
    return copy;
}

/* Reads a prepared picture of the page onto page. language: of the page; SIZE_MAX: not known. read:
 * from another view, what is sure there is left out; NULL: none. */
static enum err_code
read_prepared(struct ocr *ocr, const struct prepared *p, float dpi, size_t language,
              const struct outcome *read, struct page *page, struct err *err)
{
    struct page before = *page;
    float layout = p->letter > 0 ? p->letter * ocr_dpi_per_letter_pixel : dpi * p->scale;
    int layout_dpi = (int)lrintf(fminf(layout_dpi_max, fmaxf(layout_dpi_min, layout)));
    struct rows_reader reader = {.tess = ocr->tess,
                                 .languages = ocr->languages,
                                 .picture = p,
                                 .dpi = layout_dpi,
                                 .language = language,
                                 .read = read != NULL ? &read->page : NULL,
                                 .first_line = read != NULL ? read->before.line_count : 0};
    enum err_code rc = ocr->languages != NULL ? rows_read(&reader, page, err)
                                              : tess_read(ocr->tess, p->pix, layout_dpi, page, err);

    if (rc == ERR_OK)
        mapping_apply(&p->mapping, &before, page);
    return rc;
}

/* Grain is in the way: there is nothing to read before it is smoothed. */
static bool
is_swamped(const struct prepared *p)
{
    return p->look.grainy && p->look.swamped;
}

/* Reads the picture onto a copy of the page, unless it is swamped with grain. */
static enum err_code
read_turned(struct ocr *ocr, const struct pixmap *picture, struct prepare_way way, size_t language,
            const struct page *page, struct outcome *ret, struct err *err)
{
    *ret = (struct outcome){.page = copy_of(page)};
    enum err_code rc = prepare(picture, way, &ret->page, &ret->prepared, err);
    if (rc != ERR_OK || ret->prepared.pix == NULL)
        return rc;
    ret->before = ret->page = copy_of(&ret->page);
    if (!way.soft && is_swamped(&ret->prepared))
        return ERR_OK;
    rc = read_prepared(ocr, &ret->prepared, picture->dpi, language, NULL, &ret->page, err);
    if (rc == ERR_OK) {
        ret->page.from_pixels = true;
        ret->page.dpi = picture->dpi * ret->prepared.scale;
        ret->turn = ret->prepared.look.turn;
        weigh(&ret->before, ret);
    }
    return rc;
}

/* Whether next to nothing was read although many parts of the picture look like letters. */
static bool
is_lost(const struct outcome *best)
{
    return best->letters < lost_letters_most && best->prepared.look.letters >= lost_seen_least;
}

/* Whether the reading is too poor for the page to stand the right way up, if that can be told:
 * there are letters in it, or next to none although many parts of the picture look like some. */
static bool
is_doubtful(const struct outcome *best)
{
    double enough = best->turn != 0 ? turned_sure_least : upright_sure_least;
    bool lost = is_lost(best) && best->prepared.look.letters <= view_parts_most;

    return lost || (best->letters >= letters_to_judge && best->sure < enough * best->letters);
}

static bool
is_surer(const struct outcome *a, const struct outcome *b)
{
    return a->sure * a->sure * fmax(b->letters, 1) > b->sure * b->sure * fmax(a->letters, 1);
}

/* Reads the picture another way; the surer reading stays. */
static enum err_code
try_way(struct ocr *ocr, const struct pixmap *picture, struct prepare_way way, size_t language,
        const struct page *page, struct outcome *best, struct err *err)
{
    struct outcome other;
    enum err_code rc = read_turned(ocr, picture, way, language, page, &other, err);

    if (rc == ERR_OK && is_surer(&other, best)) {
        struct outcome worse = *best;
        *best = other;
        other = worse;
    }
    prepared_fini(&other.prepared);
    return rc;
}

/* What reads very badly on grainy paper is looked for once the grain is smoothed. Apart from that,
 * the first look is mistaken now and then about which way is up. A page found lying or upside down
 * that reads badly is read as it stands as well; one that reads very badly, the other ways; and the
 * surest reading wins. */
static enum err_code
read_upright(struct ocr *ocr, const struct pixmap *picture, const struct page *page,
             struct outcome *best, struct err *err)
{
    static const int turns[] = {0, 180, 90, 270};
    struct prepare_way way = {.turn = LEPT_TURN_UNKNOWN};
    size_t language = language_told(ocr, page, 1);
    bool level = false;
    enum err_code rc = read_turned(ocr, picture, way, language, page, best, err);

    if (rc == ERR_OK && best->prepared.look.grainy && (is_doubtful(best) || is_lost(best))) {
        way.soft = true;
        rc = try_way(ocr, picture, way, language, page, best, err);
    }
    if (rc == ERR_OK && is_doubtful(best))
        level = best->turn == 0 && lept_runs_level(best->prepared.bits);
    for (size_t i = 0; rc == ERR_OK && i < ARRAY_LEN(turns); i++) {
        bool sideways = turns[i] == 90 || turns[i] == 270;
        if (!is_doubtful(best))
            break;
        if (turns[i] != best->turn && !(level && sideways))
            rc = try_way(ocr, picture,
                         (struct prepare_way){turns[i], best->prepared.way.soft, false}, language,
                         page, best, err);
    }
    return rc;
}

/* Makes the two readings one; the surer goes first. */
static enum err_code
take_view(struct ocr *ocr, struct outcome *best, struct outcome *other, struct err *err)
{
    bool tells = language_told(ocr, &best->page, 1) == SIZE_MAX && other->page.language != NULL;
    const struct page *told = tells ? &other->page : &best->page;
    struct page both;

    weigh(&best->before, other);
    bool better = other->sure > best->sure;
    enum err_code rc = merge_readings(&best->before, better ? &other->page : &best->page,
                                      better ? &best->page : &other->page, &both, err);
    if (rc != ERR_OK)
        return rc;
    both.from_pixels = best->page.from_pixels;
    both.dpi = best->page.dpi;
    both.language = told->language;
    both.script = told->script;
    best->page = both;
    weigh(&best->before, best);
    return ERR_OK;
}

/* What is doubtful is read from the picture seen in other ways too, and the readings made one. */
static enum err_code
read_views(struct ocr *ocr, const struct pixmap *picture, struct outcome *best, struct err *err)
{
    static const enum lept_view orders[][LEPT_VIEWS] = {
        {LEPT_VIEW_SMALL, LEPT_VIEW_LARGE, LEPT_VIEW_FAINT, LEPT_VIEW_SOFT},
        {LEPT_VIEW_LARGE, LEPT_VIEW_FAINT, LEPT_VIEW_SMALL, LEPT_VIEW_SOFT}};
    const enum lept_view *views = orders[best->prepared.letter < large_letter];
    enum err_code rc = ERR_OK;

    for (size_t i = 0; rc == ERR_OK && i < LEPT_VIEWS; i++) {
        struct prepared p;
        if (best->letters < letters_to_judge || best->sure >= views_sure_least * best->letters)
            break;
        rc = prepare_view(&best->prepared, views[i], &p, err);
        if (rc != ERR_OK)
            break;
        if (p.parts > view_parts_most) {
            prepared_fini(&p);
            continue;
        }
        struct outcome other = {.page = best->before};
        /* The first view may tell better which language it is than the page did. */
        rc = read_prepared(ocr, &p, picture->dpi, language_told(ocr, &best->page, i == 0), best,
                           &other.page, err);
        if (rc == ERR_OK)
            rc = take_view(ocr, best, &other, err);
        prepared_fini(&p);
    }
    return rc;
}

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
    enum err_code rc = read_upright(ocr, picture, page, &best, err);

    if (rc == ERR_OK && best.prepared.pix != NULL)
        rc = read_views(ocr, picture, &best, err);
    return take_outcome(ocr, rc, &best, page, err);
}

enum err_code
ocr_glance(struct ocr *ocr, struct pixmap *picture, struct page *page, struct err *err)
{
    struct outcome best;
    enum err_code rc = read_turned(ocr, picture, (struct prepare_way){.flat = true},
                                   language_told(ocr, page, 0), page, &best, err);

    return take_outcome(ocr, rc, &best, page, err);
}

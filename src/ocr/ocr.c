/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ocr/ocr.h"

#include "ocr/lept.h"
#include "ocr/lines.h"
#include "ocr/tess.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A picture whose letters (median height) are larger than this is shrunk to it: reading takes less
 * time and is no worse. Nothing is gained by shrinking by less than a seventh. */
static const float letter_target = 16, shrink_max = 0.87F;

/* Layout analysis has its thresholds in inches, for print of usual size. So it is told the
 * resolution at which letters of the height found would be those of 10.5 pt type (their median
 * height is half an em), whatever the file or the guessed size of the paper says. */
static const float dpi_per_letter_pixel = 13.7F;
static const float layout_dpi_min = 70, layout_dpi_max = 600; /* what it takes for credible */

/* For pages without a picture: letters of 10 pt become 15 high. */
static const float vector_dpi = 200;
static const float dpi_least = 72, dpi_most = 300;
static const float side_most = 10000; /* pixels of the longer side */

static const size_t rows_bytes = MiB(192); /* the picture and its rows */
static const size_t line_bytes = MiB(192); /* scratch of the line reader */

/* Fewer letters than these outside the rows are specks; of lines found among them, those less sure
 * than this are texture. */
static const uint32_t rest_letters_least = 6;
static const float rest_confidence_least = 0.75F;

struct ocr {
    struct tess *tess;
    struct lstm_model *models[LINES_MODELS_MAX]; /* for our line reader */
    size_t model_count;                          /* 0: Tesseract reads */
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

/* Whether the text of a language runs from right to left: Tesseract puts that in order, we do not.
 */
static bool
is_right_to_left(const char *language, size_t len)
{
    static const char names[] = "ara div fas heb kur_ara pus snd syr uig urd yid";
    const char *at = memmem(names, sizeof(names) - 1, language, len);

    return at != NULL && (at[len] == ' ' || at[len] == '\0');
}

static void
drop_models(struct ocr *ocr)
{
    for (size_t i = 0; i < ocr->model_count; i++)
        lstm_model_close(&ocr->models[i]);
    ocr->model_count = 0;
}

/* Models for our own line reader; where one of them is of a kind it does not know, all rows are
 * left to Tesseract. */
static void
open_models(struct ocr *ocr, const char *dir, const char *languages)
{
    for (const char *at = languages; *at != '\0'; at += *at == '+') {
        size_t len = strcspn(at, "+");
        char path[4096];
        int n = snprintf(path, sizeof(path), "%s/%.*s.traineddata", dir, (int)len, at);
        if (n < 0 || (size_t)n >= sizeof(path) || is_right_to_left(at, len) ||
            ocr->model_count == LINES_MODELS_MAX ||
            lstm_model_open(path, &ocr->models[ocr->model_count], NULL) != ERR_OK) {
            drop_models(ocr);
            return;
        }
        ocr->model_count++;
        at += len;
    }
}

enum err_code
ocr_open(const struct ocr_config *config, struct ocr **ret, struct err *err)
{
    const char *languages = config->languages != NULL ? config->languages : "eng";
    const char *dir = config->model_dir != NULL ? config->model_dir : find_dir(languages);
    enum err_code rc = check_languages(dir, languages, err);

    if (rc != ERR_OK)
        return rc;
    struct ocr *ocr = calloc(1, sizeof(*ocr));
    if (ocr == NULL)
        return err_set(err, ERR_MEMORY, "no memory to open the recogniser");
    lept_init();
    rc = tess_open(dir, languages, &ocr->tess, err);
    if (rc != ERR_OK) {
        ocr_close(&ocr);
        return rc;
    }
    open_models(ocr, dir, languages);
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
    drop_models(*ocr);
    free(*ocr);
    *ocr = NULL;
}

const char *
ocr_describe(const struct ocr *ocr)
{
    return ocr->description;
}

float
ocr_pick_dpi(float native_dpi, float page_width_pt, float page_height_pt)
{
    float dpi = native_dpi > 0 ? fminf(dpi_most, fmaxf(dpi_least, native_dpi)) : vector_dpi;
    float longer_in = fmaxf(page_width_pt, page_height_pt) / 72;

    return longer_in > 0 ? fminf(dpi, side_most / longer_in) : dpi;
}

/* ---- reading ---- */

/* Puts next in the place of *pix. */
static enum err_code
replace(struct Pix **pix, struct Pix *next, struct err *err)
{
    if (next == NULL)
        return err_set(err, ERR_MEMORY, "no memory to prepare the picture of the page");
    lept_drop(pix);
    *pix = next;
    return ERR_OK;
}

/* The picture as it will be read: upright, evenly lit, no larger than pays. */
static enum err_code
prepare(struct Pix **pix, const struct lept_look *look, float *ret_scale, struct err *err)
{
    float scale = look->text_height > 0 ? letter_target / look->text_height : 1;
    enum err_code rc = ERR_OK;

    *ret_scale = 1;
    if (scale < shrink_max) {
        rc = replace(pix, lept_shrink(*pix, scale), err);
        *ret_scale = scale;
    }
    if (rc == ERR_OK && look->uneven)
        rc = replace(pix, lept_flatten(*pix), err);
    if (rc == ERR_OK && look->turn != 0)
        rc = replace(pix, lept_turn(*pix, look->turn), err);
    return rc;
}

/* From pixels of the prepared picture to the page. */
struct mapping {
    float factor;        /* points per pixel */
    float width, height; /* of the prepared picture, pixels */
    float x0, y0;        /* of its corner on the page, pt */
    int turn_back; /* degrees clockwise from the picture read to the page; 0: the page is turned */
};

static struct box
map_box(const struct mapping *m, struct box b)
{
    struct box t = box_turn(b, m->width, m->height, m->turn_back);

    return (struct box){m->x0 + t.x0 * m->factor, m->y0 + t.y0 * m->factor,
                        m->x0 + t.x1 * m->factor, m->y0 + t.y1 * m->factor};
}

/* Brings what was appended since the counts in before from pixels to the page's points. */
static void
map_page(const struct mapping *m, struct page *page, const struct page *before)
{
    for (uint32_t i = before->word_count; i < page->word_count; i++) {
        page->words[i].box = map_box(m, page->words[i].box);
        page->words[i].size *= m->factor;
    }
    for (uint32_t i = before->line_count; i < page->line_count; i++) {
        struct page_line *line = &page->lines[i];
        struct box box = line->box;
        line->vertical = line->vertical || m->turn_back == 90 || m->turn_back == 270 ||
                         (line->word_count > 0 && box_height(box) > 3 * line->size &&
                          box_height(box) > 1.5F * box_width(box));
        line->box = map_box(m, box);
        line->size *= m->factor;
        line->baseline = m->turn_back == 0 ? m->y0 + line->baseline * m->factor : line->box.y1;
    }
    for (uint32_t i = before->region_count; i < page->region_count; i++)
        page->regions[i].box = map_box(m, page->regions[i].box);
}

/* Whether the picture is the whole of a page that holds nothing else: then the page itself is
 * turned when its text is, so that all that follows sees it upright. */
static bool
is_whole_page(const struct pixmap *picture, const struct page *page)
{
    float factor = 72 / picture->dpi;

    return page->word_count == 0 && picture->x0 <= 1 && picture->y0 <= 1 &&
           (float)picture->width * factor >= page->width - 2 &&
           (float)picture->height * factor >= page->height - 2;
}

/* Drops the lines from first on that are hardly text: texture, edges, halves of letters. */
static void
keep_sure_lines(struct page *page, uint32_t first)
{
    uint32_t lines = first, words = first < page->line_count ? page->lines[first].first_word : 0;

    if (first >= page->line_count)
        return;
    for (uint32_t i = first; i < page->line_count; i++) {
        struct page_line line = page->lines[i];
        double sum = 0, letters = 0;
        for (uint32_t k = line.first_word; k < line.first_word + line.word_count; k++) {
            double len = (double)strlen(page->words[k].text);
            sum += len * (double)page->words[k].confidence;
            letters += len;
        }
        if (letters < 2 || sum < (double)rest_confidence_least * letters)
            continue;
        memmove(&page->words[words], &page->words[line.first_word],
                line.word_count * sizeof(*page->words));
        line.first_word = words;
        words += line.word_count;
        page->lines[lines++] = line;
    }
    page->line_count = lines;
    page->word_count = words;
}

/* Layout analysis passes over text now and then, a column of prices beside its items, say. What
 * looks like letters and lies in no row that was read is taken for one block of text and read. */
static enum err_code
read_rest(struct ocr *ocr, struct Pix *pix, int dpi, float letter, const struct tess_rows *seen,
          struct arena *arena, struct arena *work, struct page *page, struct err *err)
{
    struct box *boxes = arena_array(arena, seen->count + 1, sizeof(*boxes));
    struct Pix *rest = NULL;
    struct tess_rows rows;
    struct pixmap bytes;
    uint32_t lines = page->line_count, regions = page->region_count;
    enum err_code rc = ERR_OK;

    if (boxes == NULL)
        return err_set(err, ERR_MEMORY, "no memory to read page %u", page->index + 1);
    for (size_t i = 0; i < seen->count; i++) {
        struct box b = seen->rows[i].box;
        float margin = 0.2F * letter;
        boxes[i] = (struct box){b.x0 - margin, b.y0 - margin, b.x1 + margin, b.y1 + margin};
    }
    if (lept_letters_outside(pix, boxes, seen->count, letter, &rest) >= rest_letters_least) {
        if (!lept_to(rest, arena, &bytes))
            rc = err_set(err, ERR_MEMORY, "no memory to read page %u", page->index + 1);
        if (rc == ERR_OK)
            rc = tess_find_rows(ocr->tess, rest, dpi, true, arena, page, &rows, err);
        page->region_count = regions; /* pictures were found the first time */
        if (rc == ERR_OK)
            rc = lines_read(ocr->models, ocr->model_count, &bytes, &rows, work, page, err);
        if (rc == ERR_OK)
            keep_sure_lines(page, lines);
    }
    lept_drop(&rest);
    return rc;
}

/* Finds rows with Tesseract and reads them with our line reader. letter: height, pixels; 0 unknown.
 */
static enum err_code
read_rows(struct ocr *ocr, struct Pix *pix, int dpi, float letter, struct page *page,
          struct err *err)
{
    struct arena *arena = arena_new(rows_bytes), *work = arena_new(line_bytes);
    struct tess_rows rows;
    struct pixmap bytes;
    enum err_code rc;

    if (arena == NULL || work == NULL || !lept_to(pix, arena, &bytes)) {
        rc = err_set(err, ERR_MEMORY, "no memory to read page %u", page->index + 1);
        goto out;
    }
    rc = tess_find_rows(ocr->tess, pix, dpi, false, arena, page, &rows, err);
    if (rc == ERR_OK)
        rc = lines_read(ocr->models, ocr->model_count, &bytes, &rows, work, page, err);
    if (rc == ERR_OK && letter > 0)
        rc = read_rest(ocr, pix, dpi, letter, &rows, arena, work, page, err);
out:
    if (arena != NULL)
        arena_drop(&arena);
    if (work != NULL)
        arena_drop(&work);
    return rc;
}

/* In the frame of the page before that is turned. */
static bool
add_rules(const struct lept_look *look, const struct pixmap *picture, struct page *page)
{
    float factor = 72 / picture->dpi;

    for (uint32_t i = 0; i < look->rule_count; i++) {
        struct box rule = look->rules[i];
        struct page_region *region = page_add_region(page);
        if (region == NULL)
            return false;
        region->kind = REGION_RULE;
        region->box = (struct box){picture->x0 + rule.x0 * factor, picture->y0 + rule.y0 * factor,
                                   picture->x0 + rule.x1 * factor, picture->y0 + rule.y1 * factor};
    }
    return true;
}

static enum err_code
read_prepared(struct ocr *ocr, struct Pix *pix, const struct pixmap *picture, float scale,
              const struct lept_look *look, struct page *page, struct err *err)
{
    float dpi = picture->dpi * scale;
    struct mapping mapping = {
        .factor = 72 / dpi, .width = (float)lept_width(pix), .height = (float)lept_height(pix)};
    float letter = look->text_height * scale;
    float layout = letter > 0 ? letter * dpi_per_letter_pixel : dpi;
    int layout_dpi = (int)lrintf(fminf(layout_dpi_max, fmaxf(layout_dpi_min, layout)));
    int turn = look->turn;

    if (!add_rules(look, picture, page))
        return err_set(err, ERR_LIMIT, "page %u has more rules than a page may have",
                       page->index + 1);
    if (turn != 0 && is_whole_page(picture, page)) {
        page_turn(page, turn);
    } else {
        mapping.x0 = picture->x0;
        mapping.y0 = picture->y0;
        mapping.turn_back = (360 - turn) % 360;
    }
    struct page before = *page;
    enum err_code rc = ocr->model_count > 0 ? read_rows(ocr, pix, layout_dpi, letter, page, err)
                                            : tess_read(ocr->tess, pix, layout_dpi, page, err);
    if (rc != ERR_OK)
        return rc;
    map_page(&mapping, page, &before);
    page->from_pixels = true;
    page->dpi = dpi;
    return ERR_OK;
}

enum err_code
ocr_read(struct ocr *ocr, struct pixmap *picture, struct page *page, struct err *err)
{
    struct lept_look look;
    enum err_code rc = ERR_OK;
    float scale = 1;
    struct Pix *pix = lept_from(picture);

    if (pix == NULL || !lept_examine(pix, &look)) {
        rc = err_set(err, ERR_MEMORY, "no memory to look at the picture of the page");
        goto out;
    }
    if (look.blank)
        goto out;
    rc = prepare(&pix, &look, &scale, err);
    if (rc == ERR_OK)
        rc = read_prepared(ocr, pix, picture, scale, &look, page, err);
out:
    lept_drop(&pix);
    return rc;
}

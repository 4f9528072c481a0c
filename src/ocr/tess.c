/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ocr/tess.h"

#include "base/order.h"
#include "base/utf8.h"
#include "ocr/lept.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <tesseract/capi.h>
#include <unistd.h>

/* Heights in em, common to most Latin faces: what stands above the baseline in words with and
 * without an ascender. */
static const float tall_em = 0.72F, low_em = 0.5F;

struct tess {
    TessBaseAPI *api;
};

struct setting {
    const char *name, *value;
};

static const struct setting settings[] = {
    /* Messages are not for a service's log. /dev/null is opened at the first message: tess_open
     * provokes one, so that no child has to. */
    {"debug_file", "/dev/null"},
    /* The search for tables can take twenty times as long as all the rest of a page, and tables are
     * found in layout/ from words and rules. */
    {"textord_tabfind_find_tables", "0"},
    /* Whether letters stand at a fixed pitch decides only where rows are cut into words, which the
     * line recogniser decides for itself. */
    {"textord_all_prop", "1"},
};

/* ---- opening ---- */

static enum err_code
apply_settings(struct tess *tess, struct err *err)
{
    for (size_t i = 0; i < ARRAY_LEN(settings); i++)
        if (!TessBaseAPISetVariable(tess->api, settings[i].name, settings[i].value))
            return err_set(err, ERR_SYSTEM, "Tesseract does not know the setting %s",
                           settings[i].name);
    return ERR_OK;
}

/* A reading of nothing: makes what is made at first use. */
static void
warm_up(struct tess *tess, bool reads)
{
    static const unsigned char paper[32 * 32] = {[0 ... 32 * 32 - 1] = 255};

    TessBaseAPISetImage(tess->api, paper, 32, 32, 1, 32);
    TessBaseAPISetSourceResolution(tess->api, 150);
    if (reads)
        (void)TessBaseAPIRecognize(tess->api, NULL);
    else
        TessPageIteratorDelete(TessBaseAPIAnalyseLayout(tess->api)); /* NULL: nothing found */
    TessBaseAPIClear(tess->api);
}

/* Without languages its words, characters and networks are not loaded: a tenth of a second. */
static bool
init_api(struct tess *tess, const char *model_dir, const char *languages)
{
    tess->api = TessBaseAPICreate();
    if (tess->api == NULL)
        return false;
    if (languages != NULL)
        return TessBaseAPIInit2(tess->api, model_dir, languages, OEM_LSTM_ONLY) == 0;
    TessBaseAPIInitForAnalysePage(tess->api);
    return true;
}

enum err_code
tess_open(const char *model_dir, const char *languages, struct tess **ret, struct err *err)
{
    struct tess *tess = calloc(1, sizeof(*tess));

    if (tess == NULL)
        return err_set(err, ERR_MEMORY, "no memory for Tesseract");
    if (!init_api(tess, model_dir, languages)) {
        tess_close(&tess);
        return err_set(err, ERR_FORMAT, "Tesseract cannot load '%s' from %s",
                       languages != NULL ? languages : "layout analysis", model_dir);
    }
    enum err_code rc = apply_settings(tess, err);
    if (rc != ERR_OK) {
        tess_close(&tess);
        return rc;
    }
    TessBaseAPISetPageSegMode(tess->api, PSM_AUTO);
    warm_up(tess, languages != NULL);
    *ret = tess;
    return ERR_OK;
}

void
tess_close(struct tess **tess)
{
    if (*tess == NULL)
        return;
    if ((*tess)->api != NULL) {
        TessBaseAPIEnd((*tess)->api);
        TessBaseAPIDelete((*tess)->api);
    }
    free(*tess);
    *tess = NULL;
}

const char *
tess_version(void)
{
    return TessVersion();
}

/* ---- reading ---- */

struct reading {
    struct page *page;
    TessResultIterator *words;
    TessPageIterator *at; /* the same iterator, seen as one over places */
    int32_t paragraph;
};

static bool
box_of(const TessPageIterator *at, TessPageIteratorLevel level, struct box *ret)
{
    int left, top, right, bottom;

    if (!TessPageIteratorBoundingBox(at, level, &left, &top, &right, &bottom))
        return false;
    *ret = (struct box){(float)left, (float)top, (float)right, (float)bottom};
    return true;
}

/* Whether a character reaches above the x-height. */
static bool
is_tall(const char *text)
{
    for (size_t len = strlen(text); len > 0;) {
        uint32_t c;
        size_t step = utf8_decode(text, len, &c);
        if (step == 0)
            break;
        if (c >= 0x80 || strchr("acegmnopqrsuvwxyz.,-:;_~=+", (int)c) == NULL)
            return true;
        text += step;
        len -= step;
    }
    return false;
}

static bool
start_line(struct reading *r)
{
    struct page_line *line = page_add_line(r->page);
    int x0, y0, x1, y1;

    if (line == NULL)
        return false;
    line->first_word = r->page->word_count;
    line->source = r->paragraph;
    if (TessPageIteratorBaseline(r->at, RIL_TEXTLINE, &x0, &y0, &x1, &y1))
        line->baseline = (float)y0;
    return true;
}

/* Baseline at the middle of the word: lines may climb. */
static float
baseline_at(const TessPageIterator *at, struct box box)
{
    int x0, y0, x1, y1;

    if (!TessPageIteratorBaseline(at, RIL_WORD, &x0, &y0, &x1, &y1))
        return box.y1;
    return (float)(y0 + y1) / 2;
}

static bool
add_word(struct reading *r, const char *text, struct box box)
{
    struct page_word *word = page_add_word(r->page);

    if (word == NULL || strlen(text) > PAGE_TEXT_MAX)
        return false;
    word->text = arena_strdup(r->page->arena, text);
    if (word->text == NULL) {
        word->text = "";
        return false;
    }
    float percent = TessResultIteratorConfidence(r->words, RIL_WORD);
    word->box = box;
    word->confidence = fminf(1, fmaxf(0, percent / 100));
    word->witness = WITNESS_PIXELS;
    word->size = (baseline_at(r->at, box) - box.y0) / (is_tall(text) ? tall_em : low_em);
    if (!(word->size > 0))
        word->size = box_height(box);

    struct page_line *line = &r->page->lines[r->page->line_count - 1];
    line->box = line->word_count == 0 ? box : box_union(line->box, box);
    line->word_count++;
    return true;
}

/* Sizes of single words are noisy; the line's is their median, and near ones are set to it. */
static void
settle_sizes(struct page *page, struct page_line *line)
{
    float sizes[64];
    size_t n = 0;

    for (uint32_t i = 0; i < line->word_count && n < ARRAY_LEN(sizes); i++)
        sizes[n++] = page->words[line->first_word + i].size;
    if (n == 0)
        return;
    qsort(sizes, n, sizeof(*sizes), order_floats);
    line->size = sizes[n / 2];
    for (uint32_t i = 0; i < line->word_count; i++) {
        struct page_word *word = &page->words[line->first_word + i];
        if (word->size < 1.35F * line->size && word->size > 0.7F * line->size)
            word->size = line->size;
    }
}

static bool
is_blank(const char *text)
{
    return text[strspn(text, " \t\r\n")] == '\0';
}

/* The word at hand; false past a limit of the page. */
static bool
take_word(struct reading *r)
{
    struct box box;
    bool ok = true;

    if (TessPageIteratorIsAtBeginningOf(r->at, RIL_PARA))
        r->paragraph++;
    bool new_line = TessPageIteratorIsAtBeginningOf(r->at, RIL_TEXTLINE);
    char *text = TessResultIteratorGetUTF8Text(r->words, RIL_WORD);
    if (new_line || r->page->line_count == 0)
        ok = start_line(r);
    if (ok && text != NULL && !is_blank(text) && box_of(r->at, RIL_WORD, &box))
        ok = add_word(r, text, box);
    TessDeleteText(text);
    if (ok && TessPageIteratorIsAtFinalElement(r->at, RIL_TEXTLINE, RIL_WORD)) {
        struct page_line *line = &r->page->lines[r->page->line_count - 1];
        if (line->word_count == 0)
            r->page->line_count--;
        else
            settle_sizes(r->page, line);
    }
    return ok;
}

/* Pictures stand in the layout as blocks without words. */
static bool
take_pictures(const TessPageIterator *from, struct page *page)
{
    TessPageIterator *at = TessPageIteratorCopy(from);
    bool ok = at != NULL;

    if (!ok)
        return false;
    TessPageIteratorBegin(at);
    do {
        struct box box;
        TessPolyBlockType type = TessPageIteratorBlockType(at);
        if (type != PT_FLOWING_IMAGE && type != PT_HEADING_IMAGE && type != PT_PULLOUT_IMAGE)
            continue;
        if (!box_of(at, RIL_BLOCK, &box))
            continue;
        struct page_region *region = page_add_region(page);
        ok = region != NULL;
        if (ok)
            *region = (struct page_region){.box = box, .kind = REGION_PICTURE};
    } while (ok && TessPageIteratorNext(at, RIL_BLOCK));
    TessPageIteratorDelete(at);
    return ok;
}

static bool
take_all(struct reading *r)
{
    bool ok = take_pictures(r->at, r->page);

    if (ok)
        do
            ok = take_word(r);
        while (ok && TessResultIteratorNext(r->words, RIL_WORD));
    return ok;
}

static enum err_code
too_much(const struct page *page, struct err *err)
{
    return err_set(err, ERR_LIMIT, "page %u has more words than a page may have", page->index + 1);
}

enum err_code
tess_read(struct tess *tess, struct Pix *pix, int dpi, struct page *page, struct err *err)
{
    struct reading r = {.page = page, .paragraph = -1};
    enum err_code rc = ERR_OK;

    TessBaseAPISetImage2(tess->api, pix);
    TessBaseAPISetSourceResolution(tess->api, dpi);
    if (TessBaseAPIRecognize(tess->api, NULL) != 0) {
        rc = err_set(err, ERR_SYSTEM, "Tesseract gave up on page %u", page->index + 1);
        goto out;
    }
    r.words = TessBaseAPIGetIterator(tess->api);
    if (r.words != NULL) { /* NULL: nothing was found */
        r.at = TessResultIteratorGetPageIterator(r.words);
        if (!take_all(&r))
            rc = too_much(page, err);
        TessResultIteratorDelete(r.words);
    }
out:
    TessBaseAPIClear(tess->api);
    return rc;
}

/* ---- rows ---- */

/* PageIterator::RowAttributes of tesseract/pageiterator.h: public in C++, forgotten in the C API. A
 * const method without result is called as a function whose first argument is the object (Itanium
 * C++ ABI, which gcc and clang follow on Linux). */
void
page_iterator_row(const TessPageIterator *at, float *height, float *descenders,
                  float *ascenders) __asm__("_ZNK9tesseract12PageIterator13RowAttributesEPfS1_S1_");

enum { ROWS_MAX = 20000, ROW_WORDS_MAX = 2000 };

struct finding {
    struct arena *arena;
    TessPageIterator *at;
    struct tess_rows rows;
    size_t cap;
    int32_t paragraph;
    int32_t picture_height;
};

static int
turn_of(TessPageIterator *at)
{
    TessOrientation orientation;
    TessWritingDirection direction;
    TessTextlineOrder order;
    float skew;

    TessPageIteratorOrientation(at, &orientation, &direction, &order, &skew);
    switch (orientation) {
    case ORIENTATION_PAGE_RIGHT:
        return 270;
    case ORIENTATION_PAGE_DOWN:
        return 180;
    case ORIENTATION_PAGE_LEFT:
        return 90;
    default:
        return 0;
    }
}

/* Room for a row, filled but for its words; NULL past a limit. */
static struct tess_row *
new_row(struct finding *f)
{
    float ascenders;
    int x0, y0, x1, y1;

    if (f->rows.count == f->cap) {
        size_t wanted = f->cap == 0 ? 64 : f->cap * 2;
        struct tess_row *grown = arena_grow(f->arena, f->rows.rows, f->cap, wanted, sizeof(*grown));
        if (grown == NULL || wanted > 2 * ROWS_MAX)
            return NULL;
        f->rows.rows = grown;
        f->cap = wanted;
    }
    struct tess_row *row = &f->rows.rows[f->rows.count];
    *row = (struct tess_row){.paragraph = f->paragraph, .turn = turn_of(f->at)};
    row->row.picture_height = f->picture_height;
    page_iterator_row(f->at, &row->row.height, &row->row.descent, &ascenders);
    if (!box_of(f->at, RIL_TEXTLINE, &row->box))
        return NULL;
    row->baseline = row->box.y1;
    if (TessPageIteratorBaseline(f->at, RIL_TEXTLINE, &x0, &y0, &x1, &y1))
        row->baseline = (float)y0;
    return row;
}

static bool
read_row_word(const TessPageIterator *at, struct lstm_row_word *ret)
{
    *ret = (struct lstm_row_word){0};
    if (!TessPageIteratorBoundingBox(at, RIL_WORD, &ret->box.x0, &ret->box.y0, &ret->box.x1,
                                     &ret->box.y1))
        return false;
    if (!TessPageIteratorBaseline(at, RIL_WORD, &ret->baseline_x0, &ret->baseline_y0,
                                  &ret->baseline_x1, &ret->baseline_y1))
        *ret = (struct lstm_row_word){.box = ret->box,
                                      .baseline_x0 = ret->box.x0,
                                      .baseline_y0 = ret->box.y1,
                                      .baseline_x1 = ret->box.x1,
                                      .baseline_y1 = ret->box.y1};
    return true;
}

/* A word without ink, as Tesseract now and then puts at the head of a row, says that it is as large
 * as the picture. */
static bool
is_in_row(const struct tess_row *row, const struct lstm_row_word *word)
{
    return (float)word->box.y0 >= row->box.y0 && (float)word->box.y1 <= row->box.y1;
}

/* The row at hand with its words; leaves the iterator at its last word. False past a limit. */
static bool
take_row(struct finding *f)
{
    struct lstm_row_word words[ROW_WORDS_MAX];
    struct tess_row *row = new_row(f);
    size_t n = 0;

    if (row == NULL)
        return false;
    for (;;) {
        if (n < ROW_WORDS_MAX && read_row_word(f->at, &words[n]) && is_in_row(row, &words[n]))
            n++;
        if (TessPageIteratorIsAtFinalElement(f->at, RIL_TEXTLINE, RIL_WORD) ||
            !TessPageIteratorNext(f->at, RIL_WORD))
            break;
    }
    struct lstm_row_word *kept = arena_array(f->arena, n, sizeof(*kept));
    if (kept == NULL)
        return false;
    memcpy(kept, words, n * sizeof(*kept));
    row->row.words = kept;
    row->row.count = n;
    if (n > 0 && row->row.height > 0)
        f->rows.count++;
    return true;
}

static bool
take_rows(struct finding *f, struct page *page)
{
    if (!take_pictures(f->at, page))
        return false;
    TessPageIteratorBegin(f->at);
    do {
        TessPolyBlockType type = TessPageIteratorBlockType(f->at);
        bool is_text = type < PT_FLOWING_IMAGE;
        if (TessPageIteratorIsAtBeginningOf(f->at, RIL_PARA))
            f->paragraph++;
        if (is_text && !take_row(f))
            return false;
    } while (TessPageIteratorNext(f->at, RIL_TEXTLINE));
    return true;
}

enum err_code
tess_find_rows(struct tess *tess, struct Pix *pix, int dpi, bool one_block, struct arena *arena,
               struct page *page, struct tess_rows *ret, struct err *err)
{
    struct finding f = {
        .arena = arena, .paragraph = -1, .picture_height = (int32_t)lept_height(pix)};
    enum err_code rc = ERR_OK;

    TessBaseAPISetImage2(tess->api, pix);
    TessBaseAPISetSourceResolution(tess->api, dpi);
    TessBaseAPISetPageSegMode(tess->api, one_block ? PSM_SINGLE_BLOCK : PSM_AUTO);
    f.at = TessBaseAPIAnalyseLayout(tess->api);
    if (f.at != NULL && !take_rows(&f, page)) /* NULL: nothing was found */
        rc = too_much(page, err);
    if (f.at != NULL)
        TessPageIteratorDelete(f.at);
    TessBaseAPIClear(tess->api);
    if (rc == ERR_OK)
        *ret = f.rows;
    return rc;
}

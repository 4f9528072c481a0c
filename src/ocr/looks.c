/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/looks.c - looks at the picture of a page: once, other ways up where that reads badly, and at
 * other views of it; all within what the page gets (ocr/effort.h). */
#include "ocr/ocr_internal.h"

#include "ocr/lept.h"
#include "ocr/merge.h"

#include <math.h>
#include <string.h>

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

/* Mean confidence below which a page is read another way up as well: one that was turned, one that
 * was not; and the letters that it takes to judge. */
static const double turned_sure_least = 0.8, upright_sure_least = 0.5, letters_to_judge = 4;

/* So few letters read of so many seen: they lie on their side, and all rows were refused. */
static const double lost_letters_most = 12;
static const uint32_t lost_seen_least = 60;

/* The page's language, if another picture of it has told and it is not one of those before the
 * first; else SIZE_MAX. */
size_t
language_told(const struct ocr *ocr, const struct page *page, size_t first)
{
    if (ocr->languages == NULL)
        return SIZE_MAX;
    for (size_t i = first; page->language != NULL && i < languages_count(ocr->languages); i++)
        if (strcmp(page->language, languages_name(ocr->languages, i)) == 0)
            return i;
    return SIZE_MAX;
}

/* That of preparing the picture of a reading once more, so many times as large, and of searching it
 * for rows. */
static uint64_t
effort_of_again(const struct prepared *p, float scale)
{
    double pixels = (double)lept_width(p->pix) * lept_height(p->pix);

    return effort_of_picture((uint64_t)(pixels * (double)(scale * scale)));
}

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

/* Of two readings of a page the heavier is the surer. */
static double
weight_of(const struct outcome *outcome)
{
    return outcome->sure * outcome->sure / fmax(outcome->letters, 1);
}

/* Reads a prepared picture of the page onto page, in the way that the reader says; fills in the
 * rest of it. */
static enum err_code
read_prepared(struct ocr *ocr, const struct prepared *p, float dpi, struct rows_reader reader,
              struct page *page, struct err *err)
{
    struct page before = *page;
    float layout = p->letter > 0 ? p->letter * ocr_dpi_per_letter_pixel : dpi * p->scale;
    int layout_dpi = (int)lrintf(fminf(layout_dpi_max, fmaxf(layout_dpi_min, layout)));

    ocr->effort.spent += effort_of_picture((uint64_t)lept_width(p->pix) * lept_height(p->pix));
    reader.effort = &ocr->effort;
    reader.tess = ocr->tess;
    reader.languages = ocr->languages;
    reader.picture = p;
    reader.dpi = layout_dpi;
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

/* Mean confidence below which a page is read other ways up. */
static double
sure_enough(int turn)
{
    return turn != 0 ? turned_sure_least : upright_sure_least;
}

/* Reads the picture onto a copy of the page as the reader says, unless it is swamped with grain. */
enum err_code
look_once(struct ocr *ocr, const struct pixmap *picture, struct prepare_way way,
          struct rows_reader reader, const struct page *page, struct outcome *ret, struct err *err)
{
    *ret = (struct outcome){.told = {0, -1}};
    if (!page_copy(page, &ret->page)) /* other looks at it are to find it as it was */
        return err_set(err, ERR_LIMIT, "page %u has too much on it", page->index + 1);
    enum err_code rc = prepare(picture, way, &ret->page, &ret->prepared, err);
    if (rc != ERR_OK || ret->prepared.pix == NULL)
        return rc;
    if (!page_copy(&ret->page, &ret->page))
        return err_set(err, ERR_LIMIT, "page %u has too much on it", page->index + 1);
    ret->before = ret->page;
    if (!way.soft && is_swamped(&ret->prepared))
        return ERR_OK;
    reader.reverse_below = sure_enough(ret->prepared.look.turn);
    rc = read_prepared(ocr, &ret->prepared, picture->dpi, reader, &ret->page, err);
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
    bool lost = is_lost(best) && best->prepared.look.letters <= view_parts_most;

    return lost || (best->letters >= letters_to_judge &&
                    best->sure < sure_enough(best->turn) * best->letters);
}

static bool
is_reverse(const struct outcome *best, int turn)
{
    return turn == (best->turn + 180) % 360;
}

/* Reads the picture another way, if the page gets that much; the surer reading stays. */
static enum err_code
try_way(struct ocr *ocr, const struct pixmap *picture, struct prepare_way way, size_t language,
        const struct page *page, struct outcome *best, struct err *err)
{
    struct outcome other;
    struct rows_reader reader = {
        .language = language, .to_beat = best->told.weight, .told = &other.told};

    if (!effort_has(&ocr->effort, effort_of_again(&best->prepared, 1)))
        return ERR_OK;
    enum err_code rc = look_once(ocr, picture, way, reader, page, &other, err);
    if (rc == ERR_OK && weight_of(&other) > weight_of(best)) {
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
enum err_code
look_upright(struct ocr *ocr, const struct pixmap *picture, const struct page *page,
             struct outcome *best, struct err *err)
{
    static const int turns[] = {0, 180, 90, 270};
    struct prepare_way way = {.turn = LEPT_TURN_UNKNOWN};
    size_t language = language_told(ocr, page, 1);
    struct rows_reader reader = {.language = language, .told = &best->told};
    bool level = false;
    enum err_code rc = look_once(ocr, picture, way, reader, page, best, err);

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
        if (is_reverse(best, turns[i]) && best->told.reversed >= 0 &&
            best->told.reversed < best->told.weight)
            continue;
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
enum err_code
look_at_views(struct ocr *ocr, const struct pixmap *picture, struct outcome *best, struct err *err)
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
        if (!effort_has(&ocr->effort, effort_of_again(&best->prepared, lept_view_scale(views[i]))))
            continue;
        rc = prepare_view(&best->prepared, views[i], &p, err);
        if (rc != ERR_OK)
            break;
        if (p.parts > view_parts_most) {
            prepared_fini(&p);
            continue;
        }
        struct outcome other = {.page = best->before};
        /* The first view may tell better which language it is than the page did. */
        struct rows_reader reader = {.language = language_told(ocr, &best->page, i == 0),
                                     .read = &best->page,
                                     .first_line = best->before.line_count};
        rc = read_prepared(ocr, &p, picture->dpi, reader, &other.page, err);
        if (rc == ERR_OK)
            rc = take_view(ocr, best, &other, err);
        prepared_fini(&p);
    }
    return rc;
}

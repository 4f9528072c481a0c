/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ocr/prepare.h"

#include "ocr/checks.h"

#include <math.h>

/* Parts smaller than this share of a letter are dropped where the ink is swamped by such, as layout
 * analysis takes minutes over them; and the letters' height then, for want of a better one. */
static const float speck_share = 0.3F, swamped_letter = 10;

/* Larger letters (median height) are shrunk to this: reading them takes longer and is no better.
 * Nothing is gained by shrinking by less than a seventh. Far smaller ones are enlarged, for the
 * sake of the layout analysis; past twice the size nothing more is in them. */
static const float letter_target = 16, shrink_max = 0.87F, grow_min = 1.6F, grow_most = 2;

/* ---- the way back ---- */

struct box
mapping_box(const struct mapping *m, struct box b)
{
    double s = sin((double)m->lean_back * M_PI / 180), c = cos((double)m->lean_back * M_PI / 180);
    double x = (double)(b.x0 + b.x1 - m->width) / 2 - (double)m->margin_x;
    double y = (double)(b.y0 + b.y1 - m->height) / 2 - (double)m->margin_y;
    float dx = (float)(x * c - y * s - x) - m->margin_x;
    float dy = (float)(x * s + y * c - y) - m->margin_y;
    struct box t = box_turn((struct box){b.x0 + dx, b.y0 + dy, b.x1 + dx, b.y1 + dy}, m->width,
                            m->height, m->turn_back);

    return (struct box){m->x0 + t.x0 * m->factor, m->y0 + t.y0 * m->factor,
                        m->x0 + t.x1 * m->factor, m->y0 + t.y1 * m->factor};
}

struct box
mapping_back(const struct mapping *m, struct box b)
{
    double s = sin((double)m->lean_back * M_PI / 180), c = cos((double)m->lean_back * M_PI / 180);
    bool sideways = m->turn_back == 90 || m->turn_back == 270;
    struct box t = {(b.x0 - m->x0) / m->factor, (b.y0 - m->y0) / m->factor,
                    (b.x1 - m->x0) / m->factor, (b.y1 - m->y0) / m->factor};
    struct box u = box_turn(t, sideways ? m->height : m->width, sideways ? m->width : m->height,
                            (360 - m->turn_back) % 360);
    double x = (double)(u.x0 + u.x1 - m->width) / 2, y = (double)(u.y0 + u.y1 - m->height) / 2;
    float dx = (float)(x * c + y * s - x) + m->margin_x;
    float dy = (float)(y * c - x * s - y) + m->margin_y;

    return (struct box){u.x0 + dx, u.y0 + dy, u.x1 + dx, u.y1 + dy};
}

static void
map_line(const struct mapping *m, struct page_line *line)
{
    struct box box = line->box;

    line->vertical = line->vertical || m->turn_back == 90 || m->turn_back == 270 ||
                     (line->word_count > 0 && box_height(box) > 3 * line->size &&
                      box_height(box) > 1.5F * box_width(box));
    line->box = mapping_box(m, box);
    line->size *= m->factor;
    line->baseline =
        m->turn_back == 0 ? line->box.y0 + (line->baseline - box.y0) * m->factor : line->box.y1;
}

void
mapping_apply(const struct mapping *m, const struct page *before, struct page *page)
{
    for (uint32_t i = before->word_count; i < page->word_count; i++) {
        page->words[i].box = mapping_box(m, page->words[i].box);
        page->words[i].size *= m->factor;
    }
    for (uint32_t i = before->line_count; i < page->line_count; i++)
        map_line(m, &page->lines[i]);
    for (uint32_t i = before->region_count; i < page->region_count; i++)
        page->regions[i].box = mapping_box(m, page->regions[i].box);
}

/* ---- preparing ---- */

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

static enum err_code
change(struct prepared *p, struct err *err)
{
    const struct lept_look *look = &p->look;
    float scale = look->text_height > 0 ? letter_target / look->text_height : 1;
    struct Pix **pix = &p->pix;
    enum err_code rc = ERR_OK;

    p->scale = 1;
    if (scale < shrink_max || scale > grow_min) {
        p->scale = fminf(scale, grow_most);
        rc = replace(pix, lept_scale(*pix, p->scale), err);
    }
    if (rc == ERR_OK && look->uneven)
        rc = replace(pix, lept_flatten(*pix), err);
    if (rc == ERR_OK && look->turn != 0)
        rc = replace(pix, lept_turn(*pix, look->turn), err);
    p->mapping.width = (float)lept_width(*pix);
    p->mapping.height = (float)lept_height(*pix);
    if (rc == ERR_OK && look->bent) {
        struct page_warp warp = look->warp;
        warp_scale(&warp, p->scale);
        rc = replace(pix, lept_straighten(*pix, look->skew, &warp), err);
        p->mapping.margin_x = -warp.frame.x0;
        p->mapping.margin_y = -warp.frame.y0;
        p->letter = look->text_height * p->scale;
        return rc;
    }
    if (rc == ERR_OK && look->skew != 0)
        rc = replace(pix, lept_level(*pix, look->skew), err);
    p->mapping.margin_x = ((float)lept_width(*pix) - p->mapping.width) / 2;
    p->mapping.margin_y = ((float)lept_height(*pix) - p->mapping.height) / 2;
    p->letter = look->text_height * p->scale;
    return rc;
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

static enum err_code
straighten_page(const struct prepared *p, const struct pixmap *picture, struct page *page,
                struct err *err)
{
    struct page_warp *warp = arena_array(page->arena, 1, sizeof(*warp));

    if (warp == NULL)
        return err_set(err, ERR_LIMIT, "page %u has too much on it", page->index + 1);
    *warp = p->look.warp;
    warp_scale(warp, 72 / picture->dpi);
    page_straighten(page, warp);
    return ERR_OK;
}

static enum err_code
set_frame(struct prepared *p, const struct pixmap *picture, bool whole, struct page *page,
          struct err *err)
{
    p->mapping.factor = 72 / (picture->dpi * p->scale);
    if (whole) {
        if (p->look.turn != 0)
            page_turn(page, p->look.turn);
        if (p->look.skew != 0)
            page_level(page, p->look.skew);
        return p->look.bent ? straighten_page(p, picture, page, err) : ERR_OK;
    }
    p->mapping.x0 = picture->x0;
    p->mapping.y0 = picture->y0;
    p->mapping.turn_back = (360 - p->look.turn) % 360;
    p->mapping.lean_back = -p->look.skew;
    return ERR_OK;
}

static enum err_code
add_rules(const struct prepared *p, struct page *page, struct err *err)
{
    for (uint32_t i = 0; i < p->look.rule_count; i++) {
        struct page_region *region = page_add_region(page);
        struct box rule = p->look.rules[i];
        if (region == NULL)
            return err_set(err, ERR_LIMIT, "page %u has more rules than a page may have",
                           page->index + 1);
        rule = (struct box){rule.x0 * p->scale, rule.y0 * p->scale, rule.x1 * p->scale,
                            rule.y1 * p->scale};
        *region = (struct page_region){.box = mapping_box(&p->mapping, rule), .kind = REGION_RULE};
    }
    return ERR_OK;
}

/* ---- check boxes ---- */

/* For the ink as bytes, four times, and what is found in it. A larger picture has none. */
static const size_t checks_bytes = MiB(160);

static const float check_confidence = 0.95F;
static const float size_by_letter = 2; /* type size, of the letters' median height */

static bool
is_in_code(const struct page *page, struct box box)
{
    for (uint32_t i = 0; i < page->code_count; i++)
        if (box_area(box_cut(page->codes[i].box, box)) > 0)
            return true;
    return false;
}

static enum err_code
add_check(const struct prepared *p, const struct check *check, struct page *page, struct err *err)
{
    static const char *const texts[] = {[CHECK_EMPTY] = "\xe2\x98\x90",
                                        [CHECK_TICKED] = "\xe2\x98\x91",
                                        [CHECK_CROSSED] = "\xe2\x98\x92"};
    struct box box = mapping_box(&p->mapping, check->box);
    float letter = p->letter * p->mapping.factor;
    bool sideways = p->mapping.turn_back == 90 || p->mapping.turn_back == 270;
    struct page_word *word = page_add_word(page);
    struct page_line *line = page_add_line(page);

    if (word == NULL || line == NULL)
        return err_set(err, ERR_LIMIT, "page %u has too much on it", page->index + 1);
    word->box = line->box = box;
    word->text = texts[check->state];
    word->confidence = check_confidence;
    word->size = line->size = size_by_letter * letter;
    word->witness = WITNESS_PIXELS;
    line->baseline = sideways ? box.y1 : (box.y0 + box.y1 + letter) / 2;
    line->vertical = sideways;
    line->first_word = page->word_count - 1;
    line->word_count = 1;
    line->source = -1;
    return ERR_OK;
}

/* Finds check boxes, adds them to the page and wipes them out of the picture, where they would be
 * read for letters. */
static enum err_code
take_checks(struct prepared *p, struct page *page, struct err *err)
{
    struct arena *arena = NULL;
    struct pixmap ink;
    struct check *checks = NULL;
    size_t n = 0, kept = 0;
    enum err_code rc = ERR_OK;

    p->bits = lept_bits(p->pix, p->way.soft);
    if (p->bits != NULL && p->look.swamped) {
        struct Pix *all = p->bits;
        float letter = p->letter > 0 ? p->letter : swamped_letter;
        p->bits = lept_without_specks(all, speck_share * letter);
        lept_drop(&all);
    }
    if (p->bits == NULL)
        return err_set(err, ERR_MEMORY, "no memory to look at the picture of the page");
    if (p->letter <= 0)
        return ERR_OK;
    arena = arena_new(checks_bytes);
    if (arena == NULL)
        return err_set(err, ERR_MEMORY, "no memory to look at the picture of the page");
    if (!lept_ink(p->bits, arena, &ink) || !checks_find(arena, &ink, p->letter, &checks, &n))
        n = 0;
    for (size_t i = 0; rc == ERR_OK && i < n; i++) {
        if (is_in_code(page, mapping_box(&p->mapping, checks[i].box)))
            continue;
        checks[kept++] = checks[i];
        rc = add_check(p, &checks[i], page, err);
    }
    if (rc == ERR_OK && kept > 0) {
        checks_mask(&ink, checks, kept);
        lept_wipe(p->pix, p->bits, &ink);
    }
    arena_drop(&arena);
    return rc;
}

enum err_code
prepare(const struct pixmap *picture, struct prepare_way way, struct page *page,
        struct prepared *ret, struct err *err)
{
    struct prepared p = {.pix = lept_from(picture), .way = way, .scale = 1};
    bool whole = is_whole_page(picture, page);
    enum err_code rc = ERR_OK;

    if (p.pix == NULL || !lept_mend_reversed(p.pix) ||
        !lept_examine(p.pix, way.turn, way.soft, whole && !way.flat, &p.look)) {
        lept_drop(&p.pix);
        return err_set(err, ERR_MEMORY, "no memory to look at the picture of the page");
    }
    if (p.look.blank) {
        lept_drop(&p.pix);
    } else {
        rc = change(&p, err);
        if (rc == ERR_OK)
            rc = set_frame(&p, picture, whole, page, err);
        if (rc == ERR_OK)
            rc = add_rules(&p, page, err);
        if (rc == ERR_OK)
            rc = take_checks(&p, page, err);
    }
    if (rc == ERR_OK)
        *ret = p;
    else
        prepared_fini(&p);
    return rc;
}

enum err_code
prepare_view(const struct prepared *prepared, enum lept_view view, struct prepared *ret,
             struct err *err)
{
    struct prepared p = *prepared;
    float factor = lept_view_scale(view);

    p.pix = lept_view(prepared->pix, view);
    p.bits = p.pix == NULL ? NULL : lept_bits(p.pix, p.way.soft);
    if (p.bits == NULL || !lept_letter_height(p.bits, &p.letter, &p.parts)) {
        prepared_fini(&p);
        return err_set(err, ERR_MEMORY, "no memory to look at the picture of the page again");
    }
    p.scale *= factor;
    p.mapping.factor /= factor;
    p.mapping.width *= factor;
    p.mapping.height *= factor;
    p.mapping.margin_x *= factor;
    p.mapping.margin_y *= factor;
    *ret = p;
    return ERR_OK;
}

void
prepared_fini(struct prepared *prepared)
{
    lept_drop(&prepared->pix);
    lept_drop(&prepared->bits);
}

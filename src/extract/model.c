/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "extract/extract_internal.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A gap wider than this many letter heights parts two columns. Blanks are a quarter of it; loosely
 * set receipts reach three quarters. */
static const float gap_of_columns = 1.0F;

/* Segments share a row if so much of the lower one's height lies beside the other. */
static const float row_share_least = 0.5F;

/* Boxes of recognised words hug the ink, those of a text layer are as high as the font. */
static const float font_of_ink = 1.4F;

static float
line_height(const struct page *page, const struct page_line *line)
{
    float sum = 0;

    for (uint32_t i = 0; i < line->word_count; i++) {
        const struct page_word *word = &page->words[line->first_word + i];
        bool ink = word->witness == WITNESS_PIXELS || word->witness == WITNESS_BOTH;
        sum += box_height(word->box) * (ink ? font_of_ink : 1);
    }
    return line->word_count > 0 ? sum / (float)line->word_count : 0;
}

enum { SLOPES_MAX = 512, PROSE_WORDS_LEAST = 6 };

/* Lines have to be as long as this for their slope to say something, pt; flatter ones are level. */
static const float slope_width_least = 140, slope_least = 0.008F;

static int
by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return x < y ? -1 : x > y;
}

/* How much the lines of a photographed page fall to the right: the median over them. */
static float
page_slope(const struct page *page)
{
    float slopes[SLOPES_MAX];
    size_t n = 0;

    for (uint32_t i = 0; i < page->line_count && n < SLOPES_MAX; i++) {
        const struct page_line *line = &page->lines[i];
        if (line->word_count < 2 || line->vertical)
            continue;
        struct box a = page->words[line->first_word].box;
        struct box b = page->words[line->first_word + line->word_count - 1].box;
        float run = (b.x0 + b.x1 - a.x0 - a.x1) / 2;
        if (run >= slope_width_least)
            slopes[n++] = (b.y1 - a.y1) / run;
    }
    if (n < 3)
        return 0;
    qsort(slopes, n, sizeof(*slopes), by_value);
    float median = slopes[n / 2];
    return fabsf(median) < slope_least || fabsf(median) > 0.2F ? 0 : median;
}

/* Where a word falls into label and value: behind a colon or "@" that follows letters
 * ("Date:04/03", "GST@6%"). 0: it does not. */
static size_t
label_end(const char *text)
{
    const char *colon = strchr(text, ':');
    const char *at = strchr(text, '@');

    if (at != NULL && at - text >= 2 && isdigit((unsigned char)at[1]) &&
        isalpha((unsigned char)at[-1]) && strchr(at, '.') == NULL)
        return (size_t)(at - text) + 1;
    if (colon == NULL || colon - text < 2 || colon[1] == '\0' || colon[1] == '/' ||
        isdigit((unsigned char)colon[-1]))
        return 0;
    return (size_t)(colon - text) + 1;
}

static enum err_code
add_token(struct doc *doc, const struct page_word *word, size_t from, size_t to, uint32_t page,
          struct err *err)
{
    struct token *token = &doc->tokens[doc->token_count];
    size_t len = strlen(word->text);
    float width = box_width(word->box);

    *token = (struct token){.word = word, .box = word->box, .page = page, .glued = word->glued};
    token->text = from == 0 && to == len ? word->text
                                         : arena_strndup(doc->arena, word->text + from, to - from);
    if (token->text == NULL)
        return err_set(err, ERR_LIMIT, "the document has too many words");
    if (len > 0) {
        token->box.x0 = word->box.x0 + width * (float)from / (float)len;
        token->box.x1 = word->box.x0 + width * (float)to / (float)len;
    }
    float fall = doc->slope * (token->box.x0 + token->box.x1) / 2;
    token->box.y0 -= fall;
    token->box.y1 -= fall;
    char *key = fold_key(doc->arena, token->text, to - from);
    if (key == NULL)
        return err_set(err, ERR_LIMIT, "the document has too many words");
    fold_skeleton(key);
    token->key = key;
    token->line = doc->line_count;
    token->glued = from > 0 || word->glued;
    doc->token_count++;
    return ERR_OK;
}

static void
close_seg(struct doc *doc, uint32_t first, float size)
{
    struct seg *seg = &doc->segs[doc->seg_count];

    if (first == doc->token_count)
        return;
    *seg = (struct seg){.first = first,
                        .count = doc->token_count - first,
                        .page = doc->tokens[first].page,
                        .line = doc->line_count,
                        .size = size};
    seg->box = doc_box(doc, first, seg->count);
    for (uint32_t i = first; i < doc->token_count; i++)
        doc->tokens[i].seg = doc->seg_count;
    doc->seg_count++;
}

/* Two words of a text layer without any room between them are one that a ligature tore. */
static bool
is_torn(const struct page_word *left, const struct page_word *right)
{
    size_t len = strlen(left->text);
    float gap = right->box.x0 - left->box.x1;

    return left->witness == WITNESS_LAYER && fabsf(gap) < 0.05F * fmaxf(left->size, 1) && len > 0 &&
           (isalpha((unsigned char)left->text[len - 1]) ||
            (unsigned char)left->text[len - 1] >= 0x80) &&
           (islower((unsigned char)right->text[0]) || (unsigned char)right->text[0] >= 0xc3);
}

static enum err_code
add_line(struct doc *doc, const struct page *page, const struct page_line *line, uint32_t at,
         uint8_t block, uint32_t block_id, struct err *err)
{
    float size = line_height(page, line);
    uint32_t line_first = doc->token_count, seg_first = doc->token_count;
    float right = 0;
    enum err_code rc = ERR_OK;

    for (uint32_t i = 0; i < line->word_count && rc == ERR_OK; i++) {
        const struct page_word *word = &page->words[line->first_word + i];
        size_t cut = label_end(word->text), len = strlen(word->text);
        if (i > 0 && fabsf(word->box.x0 - right) > size * gap_of_columns && !line->vertical &&
            word->box.x0 > right) {
            close_seg(doc, seg_first, size);
            seg_first = doc->token_count;
        }
        bool torn = i > 0 && is_torn(word - 1, word);
        right = word->box.x1;
        uint32_t made = doc->token_count;
        if (cut > 0)
            rc = add_token(doc, word, 0, cut, at, err);
        if (rc == ERR_OK)
            rc = add_token(doc, word, cut, len, at, err);
        if (rc == ERR_OK && torn)
            doc->tokens[made].glued = true;
    }
    if (rc != ERR_OK || doc->token_count == line_first)
        return rc;
    close_seg(doc, seg_first, size);
    doc->lines[doc->line_count++] = (struct flow_line){
        .first = line_first,
        .count = doc->token_count - line_first,
        .page = at,
        .box = line->box,
        .block = block,
        .block_id = block_id,
    };
    return ERR_OK;
}

static enum err_code
add_page(struct doc *doc, uint32_t at, uint32_t *block_base, struct err *err)
{
    const struct page *page = doc->pages[at];
    enum err_code rc = ERR_OK;
    uint32_t *block_of = arena_array(doc->arena, page->line_count + 1, sizeof(*block_of));

    if (block_of == NULL)
        return err_set(err, ERR_LIMIT, "the document has too many lines");
    doc->slope = page_slope(page);
    for (uint32_t i = 0; i < page->line_count; i++)
        block_of[i] = NONE;
    for (uint32_t b = 0; b < page->block_count; b++)
        for (uint32_t i = 0; i < page->blocks[b].line_count; i++)
            block_of[page->blocks[b].first_line + i] = b;
    for (uint32_t i = 0; i < page->line_count && rc == ERR_OK; i++) {
        uint32_t b = block_of[i];
        rc =
            add_line(doc, page, &page->lines[i], at, b == NONE ? BLOCK_TABLE : page->blocks[b].kind,
                     b == NONE ? NONE : *block_base + b, err);
    }
    *block_base += page->block_count;
    return rc;
}

/* --- rows --- */

struct placed {
    const struct seg *seg;
    uint32_t index;
};

static int
by_height(const void *a, const void *b)
{
    const struct placed *p = a, *q = b;
    float middle_p = p->seg->box.y0 + p->seg->box.y1, middle_q = q->seg->box.y0 + q->seg->box.y1;

    if (middle_p != middle_q)
        return middle_p < middle_q ? -1 : 1;
    return p->index < q->index ? -1 : p->index > q->index;
}

static int
by_left(const void *a, const void *b)
{
    const struct placed *p = a, *q = b;

    if (p->seg->box.x0 != q->seg->box.x0)
        return p->seg->box.x0 < q->seg->box.x0 ? -1 : 1;
    return p->index < q->index ? -1 : p->index > q->index;
}

static float
shared_height(struct box a, struct box b)
{
    float low = fminf(a.y1, b.y1) - fmaxf(a.y0, b.y0);

    return low / fmaxf(fminf(box_height(a), box_height(b)), 0.1F);
}

/* Segments sorted by height: a row takes those beside its first ones, from left to right, as long
 * as they do not lie over one another. */
static void
make_rows(struct doc *doc, struct placed *placed, uint32_t n, uint32_t page)
{
    qsort(placed, n, sizeof(*placed), by_height);
    for (uint32_t i = 0; i < n;) {
        struct row *row = &doc->rows[doc->row_count];
        uint32_t end = i + 1;
        *row = (struct row){.first = doc->segs[placed[i].index].row, .page = page};
        row->box = placed[i].seg->box;
        struct box lead = row->box;
        while (end < n && shared_height(lead, placed[end].seg->box) >= row_share_least) {
            row->box = box_union(row->box, placed[end].seg->box);
            if (box_height(placed[end].seg->box) > box_height(lead) * 0.6F &&
                box_height(placed[end].seg->box) < box_height(lead) * 1.5F)
                lead = (struct box){lead.x0, (lead.y0 + placed[end].seg->box.y0) / 2, lead.x1,
                                    (lead.y1 + placed[end].seg->box.y1) / 2};
            end++;
        }
        qsort(placed + i, end - i, sizeof(*placed), by_left);
        row->first = i;
        row->count = end - i;
        doc->row_count++;
        i = end;
    }
}

static enum err_code
add_rows(struct doc *doc, struct err *err)
{
    struct placed *placed = arena_array(doc->arena, doc->seg_count + 1, sizeof(*placed));
    uint32_t seg = 0;

    if (placed == NULL)
        return err_set(err, ERR_LIMIT, "the document has too many words");
    for (uint32_t p = 0; p < doc->page_count; p++) {
        uint32_t first = seg, row = doc->row_count;
        for (; seg < doc->seg_count && doc->segs[seg].page == p; seg++)
            placed[seg - first] = (struct placed){&doc->segs[seg], seg};
        doc->page_first_row[p] = row;
        make_rows(doc, placed, seg - first, p);
        for (; row < doc->row_count; row++) {
            struct row *made = &doc->rows[row];
            uint32_t at = made->first;
            made->first += first;
            for (uint32_t i = 0; i < made->count; i++) {
                doc->row_segs[made->first + i] = placed[at + i].index;
                doc->segs[placed[at + i].index].row = row;
            }
        }
    }
    doc->page_first_row[doc->page_count] = doc->row_count;
    return ERR_OK;
}

static enum err_code
usual_size(struct doc *doc, struct err *err)
{
    float *sizes = arena_array(doc->arena, doc->seg_count + 1, sizeof(*sizes));

    if (sizes == NULL)
        return err_set(err, ERR_LIMIT, "the document has too many words");
    for (uint32_t i = 0; i < doc->seg_count; i++)
        sizes[i] = doc->segs[i].size;
    qsort(sizes, doc->seg_count, sizeof(*sizes), by_value);
    doc->size = doc->seg_count > 0 ? fmaxf(sizes[doc->seg_count / 2], 1) : 10;
    return ERR_OK;
}

enum err_code
doc_build(struct arena *arena, struct page *const *pages, uint32_t page_count, struct doc **ret_doc,
          struct err *err)
{
    struct doc *doc = arena_alloc(arena, sizeof(*doc));
    size_t words = 0, lines = 0;
    enum err_code rc = ERR_OK;
    uint32_t blocks = 0;

    for (uint32_t i = 0; i < page_count; i++) {
        words += pages[i]->word_count;
        lines += pages[i]->line_count;
    }
    if (doc != NULL && words < UINT32_MAX / 4) {
        *doc = (struct doc){.arena = arena, .pages = pages, .page_count = page_count};
        doc->tokens = arena_array(arena, words * 2 + 1, sizeof(*doc->tokens));
        doc->segs = arena_array(arena, words + 1, sizeof(*doc->segs));
        doc->rows = arena_array(arena, words + 1, sizeof(*doc->rows));
        doc->row_segs = arena_array(arena, words + 1, sizeof(*doc->row_segs));
        doc->lines = arena_array(arena, lines + 1, sizeof(*doc->lines));
        doc->page_first_row = arena_array(arena, page_count + 1, sizeof(uint32_t));
        doc->page_first_line = arena_array(arena, page_count + 1, sizeof(uint32_t));
    }
    if (doc == NULL || doc->tokens == NULL || doc->segs == NULL || doc->rows == NULL ||
        doc->row_segs == NULL || doc->lines == NULL || doc->page_first_row == NULL ||
        doc->page_first_line == NULL)
        return err_set(err, ERR_LIMIT, "the document has too many words");
    for (uint32_t i = 0; i < page_count && rc == ERR_OK; i++) {
        doc->page_first_line[i] = doc->line_count;
        rc = add_page(doc, i, &blocks, err);
    }
    doc->page_first_line[page_count] = doc->line_count;
    if (rc == ERR_OK)
        rc = add_rows(doc, err);
    if (rc == ERR_OK)
        rc = usual_size(doc, err);
    if (rc == ERR_OK)
        *ret_doc = doc;
    return rc;
}

char *
doc_text(const struct doc *doc, uint32_t first, uint32_t count)
{
    size_t len = 1;

    for (uint32_t i = 0; i < count; i++)
        len += strlen(doc->tokens[first + i].text) + 1;
    char *text = arena_alloc(doc->arena, len), *at = text;
    if (text == NULL)
        return NULL;
    for (uint32_t i = 0; i < count; i++) {
        const struct token *token = &doc->tokens[first + i];
        if (i > 0 && !token->glued)
            *at++ = ' ';
        at = stpcpy(at, token->text);
    }
    *at = '\0';
    return text;
}

char *
doc_join(const struct doc *doc, const uint32_t *tokens, size_t count)
{
    size_t len = 1;

    for (size_t i = 0; i < count; i++)
        len += strlen(doc->tokens[tokens[i]].text) + 1;
    char *text = arena_alloc(doc->arena, len), *at = text;
    if (text == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        const struct token *token = &doc->tokens[tokens[i]];
        if (i > 0 && !(token->glued && tokens[i] == tokens[i - 1] + 1))
            *at++ = ' ';
        at = stpcpy(at, token->text);
    }
    *at = '\0';
    return text;
}

bool
doc_is_prose(const struct doc *doc, uint32_t first, uint32_t count)
{
    uint32_t small = 0, words = 0;

    for (uint32_t i = first; i < first + count; i++) {
        const char *text = doc->tokens[i].text;
        words += isalpha((unsigned char)*text) != 0;
        small += islower((unsigned char)*text) != 0 && text[1] != '\0';
    }
    return words >= PROSE_WORDS_LEAST && small * 10 >= words * 6;
}

struct box
doc_box(const struct doc *doc, uint32_t first, uint32_t count)
{
    struct box box = doc->tokens[first].box;

    for (uint32_t i = 1; i < count; i++)
        box = box_union(box, doc->tokens[first + i].box);
    return box;
}

const struct page_alt *
token_readings(const struct doc *doc, uint32_t token, uint32_t *ret_count)
{
    const struct token *at = &doc->tokens[token];

    *ret_count = at->text == at->word->text ? at->word->alt_count : 0;
    return *ret_count == 0 ? NULL : &doc->pages[at->page]->alts[at->word->first_alt];
}

float
doc_confidence(const struct doc *doc, uint32_t first, uint32_t count)
{
    float least = 1;

    for (uint32_t i = 0; i < count; i++)
        least = fminf(least, doc->tokens[first + i].word->confidence);
    return least;
}

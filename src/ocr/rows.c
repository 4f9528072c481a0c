/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ocr/rows.h"

#include "ocr/heads.h"
#include "ocr/lept.h"
#include "ocr/lines.h"
#include "ocr/lone.h"
#include "ocr/ocr.h"
#include "ocr/readings.h"
#include "ocr/rest.h"

#include <string.h>

static const size_t rows_bytes = MiB(192); /* the picture and its rows */
static const size_t line_bytes = MiB(192); /* scratch of the line reader */

/* Fewer letters than these outside the rows are specks; of lines found among them, those less sure
 * than this are texture. */
static const size_t rest_letters_least = 6;
static const float rest_confidence_least = 0.75F;

/* A picture no higher than this, of the height of its letters, is one row: layout analysis, which
 * looks for columns and pictures, passes over a word by itself. */
static const float one_row_most = 3.5F;

/* What rows are widened by before the ink outside them is looked at, of the letters' height. */
static const float rest_margin = 0.2F;

/* A figure by itself gives the network little to go by: one that stands in a column of such is
 * kept with this already. */
static const float lone_confidence_least = 0.25F;

static bool
is_figure(const char *text)
{
    return text[0] != '\0' && text[strspn(text, "0123456789.,")] == '\0';
}

/* Drops the lines from first on that are hardly text: texture, edges, halves of letters. lone: they
 * are entries of a column. */
static void
keep_sure_lines(struct page *page, uint32_t first, bool lone)
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
        float least = lone && line.word_count == 1 && is_figure(page->words[line.first_word].text)
                          ? lone_confidence_least
                          : rest_confidence_least;
        if (letters < (lone ? 1 : 2) || sum < (double)least * letters)
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

/* Entries of a letter or two in columns of their own. */
static enum err_code
read_lone(const struct rows_reader *reader, const struct tess_rows *rows, struct readings *readings,
          struct page *page, const struct box *letters, size_t n, struct err *err)
{
    const struct settled *settled = readings->settled;
    struct tess_rows lone;
    uint32_t lines = page->line_count;

    if (!lone_find(rows, letters, n, reader->picture->letter, readings->arena, &lone))
        return err_set(err, ERR_MEMORY, "no memory to read page %u", page->index + 1);
    if (lone.count == 0)
        return ERR_OK;
    readings->settled = NULL;
    enum err_code rc = readings_read(readings, &lone, err);
    if (rc == ERR_OK)
        rc = lines_add(readings, page, err);
    if (rc == ERR_OK)
        keep_sure_lines(page, lines, true);
    readings->settled = settled;
    return rc;
}

/* Letters in words of the lines from first on go, and their boxes come to boxes. */
static void
take_read(const struct page *page, uint32_t first, struct box *boxes, size_t *n,
          struct box *letters, size_t *count)
{
    for (uint32_t i = first; i < page->line_count; i++) {
        struct box box = page->words[page->lines[i].first_word].box;
        size_t kept = 0;
        for (size_t k = 0; k < *count; k++)
            if (!box_holds_center(box, letters[k]))
                letters[kept++] = letters[k];
        *count = kept;
        boxes[(*n)++] = box;
    }
}

/* Layout analysis passes over text now and then, a column of prices beside its items, say. What
 * looks like letters and lies in no row that was read is taken for one block of text and read. */
static enum err_code
read_rest(const struct rows_reader *reader, const struct tess_rows *found,
          struct readings *readings, struct page *page, struct err *err)
{
    const struct prepared *p = reader->picture;
    struct arena *arena = readings->arena;
    struct box *boxes = arena_array(arena, readings->count + LONE_MOST, sizeof(*boxes));
    struct box *letters;
    size_t n = 0, count;
    struct Pix *rest = NULL, *bits = NULL;
    struct tess_rows rows;
    struct pixmap bytes;
    uint32_t lines = page->line_count, regions = page->region_count;
    enum err_code rc;

    if (boxes == NULL)
        return err_set(err, ERR_MEMORY, "no memory to read page %u", page->index + 1);
    for (size_t i = 0; i < readings->count; i++) {
        const struct reading *item = &readings->items[i];
        struct box b = item->row->box;
        float margin = rest_margin * p->letter;
        if (item->count > 0 || item->settled.count > 0)
            boxes[n++] = (struct box){b.x0 - margin, b.y0 - margin, b.x1 + margin, b.y1 + margin};
    }
    if (!lept_letters_outside(p->bits, boxes, n, p->letter, arena, &letters, &count))
        return err_set(err, ERR_MEMORY, "no memory to read page %u", page->index + 1);
    rc = read_lone(reader, found, readings, page, letters, count, err);
    take_read(page, lines, boxes, &n, letters, &count);
    lines = page->line_count;
    count = rest_keep_letters(letters, count, p->letter);
    if (rc == ERR_OK && count >= rest_letters_least) {
        rest = lept_blot(p->pix, boxes, n);
        bits = rest == NULL ? NULL : lept_bits(rest, p->way.soft);
        if (bits == NULL || !lept_to(rest, arena, &bytes))
            rc = err_set(err, ERR_MEMORY, "no memory to read page %u", page->index + 1);
        if (rc == ERR_OK)
            rc = tess_find_rows(reader->tess, bits, reader->dpi, true, arena, page, &rows, err);
        if (rc == ERR_OK)
            rest_keep_rows(&rows, letters, count);
        readings->picture = &bytes;
        readings->rereads = false;
        readings->settled = NULL;
        page->region_count = regions; /* pictures were found the first time */
        if (rc == ERR_OK)
            rc = readings_read(readings, &rows, err);
        if (rc == ERR_OK)
            rc = lines_add(readings, page, err);
        if (rc == ERR_OK)
            keep_sure_lines(page, lines, false);
        readings->picture = NULL; /* it was of this step */
    }
    lept_drop(&bits);
    lept_drop(&rest);
    return rc;
}

/* A column of list numbers comes as a row that runs up or down. */
static enum err_code
join_heads(const struct prepared *p, struct arena *arena, struct tess_rows *rows,
           const struct page *page, struct err *err)
{
    struct box *level, *letters;
    size_t n = 0, count;

    if (p->letter <= 0 || !heads_may_be(rows))
        return ERR_OK;
    level = arena_array(arena, rows->count, sizeof(*level));
    for (size_t i = 0; level != NULL && i < rows->count; i++)
        if (rows->rows[i].turn == 0)
            level[n++] = rows->rows[i].box;
    if (level == NULL ||
        !lept_letters_outside(p->bits, level, n, p->letter, arena, &letters, &count) ||
        !heads_join(rows, letters, count, arena))
        return err_set(err, ERR_MEMORY, "no memory to read page %u", page->index + 1);
    return ERR_OK;
}

static bool
is_one_row(const struct rows_reader *reader)
{
    return (float)lept_height(reader->picture->pix) * ocr_dpi_per_letter_pixel <=
           one_row_most * (float)reader->dpi;
}

enum err_code
rows_read(const struct rows_reader *reader, struct page *page, struct err *err)
{
    const struct prepared *p = reader->picture;
    struct arena *arena = arena_new(rows_bytes), *work = arena_new(line_bytes);
    struct tess_rows rows;
    struct pixmap bytes;
    struct readings readings = {.languages = reader->languages,
                                .picture = &bytes,
                                .arena = arena,
                                .work = work,
                                .rereads = true,
                                .language = reader->language};
    enum err_code rc;

    if (arena == NULL || work == NULL || !lept_to(p->pix, arena, &bytes)) {
        rc = err_set(err, ERR_MEMORY, "no memory to read page %u", page->index + 1);
        goto out;
    }
    rc = tess_find_rows(reader->tess, p->bits, reader->dpi, is_one_row(reader), arena, page, &rows,
                        err);
    if (rc == ERR_OK)
        rc = join_heads(p, arena, &rows, page, err);
    if (rc == ERR_OK && reader->read != NULL) {
        readings.settled =
            settled_find(reader->read, reader->first_line, &p->mapping, &rows, arena);
        if (readings.settled == NULL)
            rc = err_set(err, ERR_LIMIT, "page %u has too much on it", page->index + 1);
    }
    if (rc == ERR_OK)
        rc = readings_read(&readings, &rows, err);
    if (rc == ERR_OK)
        rc = lines_add(&readings, page, err);
    if (rc == ERR_OK && p->letter > 0)
        rc = read_rest(reader, &rows, &readings, page, err);
    if (rc == ERR_OK && readings.language != SIZE_MAX) {
        page->language =
            arena_strdup(page->arena, languages_name(reader->languages, readings.language));
        page->script = languages_script(reader->languages, readings.language);
        if (page->language == NULL)
            rc = err_set(err, ERR_LIMIT, "page %u has too much on it", page->index + 1);
    }
out:
    if (arena != NULL)
        arena_drop(&arena);
    if (work != NULL)
        arena_drop(&work);
    return rc;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/entries.c - items of lists as the file's own tags have them.
 *
 * A line is of the item whose text it is; where lines of items follow each other as items do, and
 * items of inner lists do not stand to the left of those they are in, the tags tell where items
 * begin, what their labels are and how deep they stand. Otherwise all of it is forgotten, and the
 * look of the lines tells (blocks.c, kinds.c). */
#include "layout/blocks_internal.h"

#include <string.h>

enum { DEPTH_MAX = 5, LABEL_WORDS_MAX = 4, LABEL_BYTES_MAX = 40 };

static const float left_most = 0.5f; /* sizes: an inner item to the left of the outer one */
enum { WRONG_SHARE = 5 };            /* one of so many items may be wrong */

/* Lists around an item, but the first. */
static uint8_t
depth_of(const struct page *page, uint16_t item)
{
    uint8_t depth = 0;

    for (uint16_t list = page_tag_above(page, item, TAG_LIST); list != 0 && depth <= DEPTH_MAX;
         list = page_tag_above(page, page->tags[list - 1].parent, TAG_LIST))
        depth++;
    return depth > 1 ? (uint8_t)(depth - 1) : 0;
}

/* The item that all words of a line are of; 0: none, or several. */
static uint16_t
item_of(const struct layout *layout, const struct text_line *line)
{
    uint16_t item = 0;

    for (uint32_t k = 0; k < line->words; k++) {
        uint16_t here =
            page_tag_above(layout->page, draft_word(layout, line->item, k)->tag, TAG_ITEM);
        if (k > 0 && here != item)
            return 0;
        item = here;
    }
    return item;
}

static bool
is_label(const struct page *page, const struct page_word *word)
{
    uint16_t label = page_tag_above(page, word->tag, TAG_LABEL);

    return label != 0 &&
           page_tag_above(page, word->tag, TAG_ITEM) == page_tag_above(page, label, TAG_ITEM);
}

/* "IV.": an initial of a name elsewhere, in front of an item hardly. */
static bool
is_roman(const char *word)
{
    size_t n = strspn(word, "IVX");

    return n > 0 && (word[n] == '.' || word[n] == ')') && word[n + 1] == '\0';
}

/* The words in front that are the item's label, if it has one; false without memory. */
static bool
read_label(const struct layout *layout, struct text_line *line)
{
    char text[LABEL_BYTES_MAX] = "";
    size_t len = 0;
    uint32_t n = 0;

    while (n < line->words && n < LABEL_WORDS_MAX) {
        const struct page_word *word = draft_word(layout, line->item, n);
        size_t more = strlen(word->text);
        if (!is_label(layout->page, word) || len + more + 2 > sizeof(text))
            break;
        if (n > 0)
            text[len++] = ' ';
        memcpy(text + len, word->text, more + 1);
        len += more;
        n++;
    }
    if (n == 0) {
        if (line->marker.kind == MARKER_NONE && line->words > 1 && is_roman(line->first_word)) {
            line->marker = (struct marker){.kind = MARKER_LETTER, .text = line->first_word};
            line->marker_words = 1;
        }
        return true;
    }
    const char *kept = arena_strndup(layout->arena, text, len);
    if (kept == NULL)
        return false;
    line->marker = marker_read(kept, 2);
    line->marker.text = kept;
    line->marker_words = (uint8_t)n;
    return true;
}

static bool
is_around(const struct page *page, uint16_t outer, uint16_t inner)
{
    while (inner != 0 && inner != outer)
        inner = page->tags[inner - 1].parent;
    return inner != 0;
}

/* The item that another one is in; 0: none. */
static uint16_t
outer_item(const struct page *page, uint16_t item)
{
    return page_tag_above(page, page->tags[item - 1].parent, TAG_ITEM);
}

/* Whether the lines of items come as those of items do. first: [tag_count], scratch: 1 + the first
 * line of each item. */
static bool
is_sound(const struct drafts *d, uint32_t *first)
{
    const struct page *page = d->layout->page;
    uint32_t items = 0, wrong = 0;

    for (uint32_t i = 0; i < d->line_count; i++) {
        const struct text_line *line = &d->lines[i];
        if (line->entry == 0)
            continue;
        if (first[line->entry - 1] != 0) {
            uint16_t before = i > 0 ? d->lines[i - 1].entry : 0;
            wrong += before != 0 && !is_around(page, line->entry, before);
            continue;
        }
        first[line->entry - 1] = i + 1;
        items++;
        uint16_t outer = outer_item(page, line->entry);
        if (outer == 0 || first[outer - 1] == 0)
            continue;
        const struct text_line *head = &d->lines[first[outer - 1] - 1];
        wrong += head->item->flow == line->item->flow &&
                 line->box.x0 < head->box.x0 - left_most * line->size;
    }
    return wrong * WRONG_SHARE <= items;
}

bool
entries_find(struct drafts *d)
{
    const struct page *page = d->layout->page;
    uint32_t *first = arena_array(d->layout->arena, page->tag_count, sizeof(*first));

    if (first == NULL)
        return false;
    for (uint32_t i = 0; page->tag_count > 0 && i < d->line_count; i++) {
        if (d->lines[i].item->kind == ITEM_LINE)
            d->lines[i].entry = item_of(d->layout, &d->lines[i]);
    }
    bool sound = is_sound(d, first);
    for (uint32_t i = 0; i < d->line_count; i++) {
        struct text_line *line = &d->lines[i];
        if (line->entry == 0)
            continue;
        if (!sound) {
            line->entry = 0;
            continue;
        }
        line->begins = first[line->entry - 1] == i + 1;
        line->depth = depth_of(page, line->entry);
        if (line->begins && !read_label(d->layout, line))
            return false;
    }
    return true;
}

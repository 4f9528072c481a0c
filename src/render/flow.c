/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "render/flow.h"

#include "base/utf8.h"
#include "page/chars.h"
#include "render/verse.h"

#include <math.h>
#include <string.h>
#include <strings.h>

/* How far around a hyphenated word its compound is looked for; bounds the cost of a page that is
 * all hyphens. */
enum { COMPOUND_WINDOW = 500 };

/* A line had room for the next word if that much more would have been free, in font sizes. */
static const float break_room_sizes = 1.0f;

/* White space inside a line that is more than a space, even of justified text, in font sizes. */
static const float tabulated_gap_sizes = 1.8f;

/* A first line that stands out to the left, as with a number, is as wide as what is over the
 * others.
 */
static float
line_width(const struct page *page, uint32_t line, uint32_t first, uint32_t end)
{
    const struct page_line *lines = page->lines;

    if (line == first && first + 1 < end && lines[first + 1].box.x0 < lines[first].box.x1)
        return lines[first].box.x1 - fmaxf(lines[first].box.x0, lines[first + 1].box.x0);
    return box_width(lines[line].box);
}

static void
enter_lines(struct flow *flow, uint32_t first_line, uint32_t line_count)
{
    flow->line = flow->line_first = first_line;
    flow->line_end = first_line + line_count;
    flow->width = 0;
    for (uint32_t i = flow->line; i < flow->line_end; i++) {
        float width = line_width(flow->page, i, flow->line_first, flow->line_end);
        if (width > flow->width)
            flow->width = width;
    }
}

void
flow_init_lines(struct flow *flow, const struct page *page, uint32_t first_line,
                uint32_t line_count)
{
    *flow = (struct flow){.page = page, .block = page->block_count, .pending = FLOW_BREAK};
    enter_lines(flow, first_line, line_count);
}

void
flow_init_block(struct flow *flow, const struct page *page, uint32_t block)
{
    const struct page_block *b = &page->blocks[block];

    flow_init_lines(flow, page, b->first_line, b->line_count);
    flow->block = block;
    flow->past_figures = true;
    flow->verse = verse_is(page, b);
    if (b->line_count > 0 && b->skip_words > 0) {
        const struct page_line *line = &page->lines[b->first_line];
        flow->line++;
        flow->word = line->first_word + b->skip_words;
        flow->word_end = line->first_word + line->word_count;
    }
}

/* Cuts invisible characters off both ends. */
static void
trim(const char **text, size_t *len)
{
    uint32_t c;

    while (*len > 0) {
        size_t n = utf8_decode(*text, *len, &c);
        if (n == 0 || !char_is_space(c))
            break;
        *text += n;
        *len -= n;
    }
    while (*len > 0 && char_is_space(c = chars_last(*text, *len)) && c != 0) {
        char scrap[UTF8_MAX_BYTES];
        *len -= utf8_encode(c, scrap);
    }
}

/* The next word with something to see; NULL at the end of the line. */
static const struct page_word *
peek_word(struct flow *flow, const char **ret_text, size_t *ret_len)
{
    for (; flow->word < flow->word_end; flow->word++) {
        const struct page_word *word = &flow->page->words[flow->word];
        *ret_text = word->text;
        *ret_len = strlen(word->text);
        trim(ret_text, ret_len);
        if (*ret_len > 0)
            return word;
    }
    return NULL;
}

bool
flow_passes(const struct page *page, uint32_t block, uint32_t k)
{
    uint8_t kind = page->blocks[k].kind;

    return page->blocks[block].kind == BLOCK_PARAGRAPH &&
           (kind == BLOCK_FIGURE || kind == BLOCK_CAPTION);
}

/* On to the block in which this one goes on, past running heads and feet. */
static bool
continue_block(struct flow *flow)
{
    const struct page *page = flow->page;

    if (flow->block >= page->block_count || !page->blocks[flow->block].continues)
        return false;
    uint32_t next = flow->block + 1;
    while (next < page->block_count &&
           (page->blocks[next].kind == BLOCK_HEADER || page->blocks[next].kind == BLOCK_FOOTER ||
            (flow->past_figures && flow_passes(page, flow->block, next))))
        next++;
    if (next >= page->block_count || page->blocks[next].kind != BLOCK_PARAGRAPH)
        return false;
    flow->block = next;
    flow->verse = false;
    enter_lines(flow, page->blocks[next].first_line, page->blocks[next].line_count);
    return true;
}

static bool
next_line(struct flow *flow)
{
    if (flow->line >= flow->line_end && !continue_block(flow))
        return false;
    if (flow->line >= flow->line_end)
        return true; /* the block that it went on in is empty */
    const struct page_line *line = &flow->page->lines[flow->line++];
    flow->word = line->first_word;
    flow->word_end = line->first_word + line->word_count;
    flow->line_began = true;
    return true;
}

static bool
all_capitals(const char *text, size_t len)
{
    size_t capitals = 0;

    for (size_t at = 0, n; at < len; at += n) {
        uint32_t c = 0;
        n = utf8_decode(text + at, len - at, &c);
        if (n == 0 || char_is_lower(c))
            return false;
        capitals += char_is_upper(c);
    }
    return capitals >= 2;
}

/* A few first parts that make compounds far more often than they are cut-off halves. */
static bool
begins_compounds(const char *text, size_t len, size_t next_len)
{
    static const char *const firsts[] = {"well", "self", "half", "cross"};
    static const char *const tens[] = {"twenty", "thirty",  "forty",  "fifty",
                                       "sixty",  "seventy", "eighty", "ninety"};

    for (size_t i = 0; i < ARRAY_LEN(tens); i++)
        if (len == strlen(tens[i]) && strncasecmp(text, tens[i], len) == 0)
            return true;
    for (size_t i = 0; i < ARRAY_LEN(firsts); i++) {
        if (len == strlen(firsts[i]) && strncasecmp(text, firsts[i], len) == 0)
            return next_len > 4; /* not "self-" "ish", "well-" "ness" */
    }
    return false;
}

/* Whether a word nearby begins with first (which ends with its hyphen) followed by next. */
static bool
compound_stands_nearby(const struct flow *flow, const char *first, size_t first_len,
                       const char *next, size_t next_len)
{
    uint32_t from = flow->word > COMPOUND_WINDOW ? flow->word - COMPOUND_WINDOW : 0;
    uint32_t to = flow->page->word_count - flow->word > COMPOUND_WINDOW
                      ? flow->word + COMPOUND_WINDOW
                      : flow->page->word_count;

    for (uint32_t i = from; i < to; i++) {
        const char *text = flow->page->words[i].text;
        if (strncmp(text, first, first_len) == 0 && strncmp(text + first_len, next, next_len) == 0)
            return true;
    }
    return false;
}

/* The letters at the front of a text, without what follows them. */
static size_t
letters_length(const char *text, size_t len)
{
    size_t at = 0;

    while (at < len) {
        uint32_t c;
        size_t n = utf8_decode(text + at, len - at, &c);
        if (n == 0 || !char_is_letter(c))
            break;
        at += n;
    }
    return at;
}

/* A hyphen at the end of piece, hyphen_len bytes long: true if it goes. */
static bool
hyphen_goes(const struct flow *flow, const struct flow_piece *piece, size_t hyphen_len,
            const char *next, size_t next_len)
{
    size_t stem = piece->len - hyphen_len;
    uint32_t before = chars_last(piece->text, stem), after = chars_first(next, next_len);

    if (!char_is_letter(before))
        return false;
    if (char_is_upper(after))
        return all_capitals(piece->text, stem) && all_capitals(next, next_len);
    if (!char_is_lower(after))
        return false;
    if (memchr(piece->text, '-', stem) != NULL)
        return false;
    size_t letters = letters_length(next, next_len);
    return !begins_compounds(piece->text, stem, letters) &&
           !compound_stands_nearby(flow, piece->text, piece->len, next, letters);
}

/* The number of a clause or section, which stands apart from its text. */
static bool
is_number(const char *text)
{
    size_t len = strspn(text, "0123456789.()");

    return len > 0 && text[len] == '\0' && strpbrk(text, "0123456789") != NULL;
}

/* Words set apart by wide white space, as in forms: such a line is one for itself. */
static bool
is_tabulated(const struct page *page, const struct page_line *line)
{
    for (uint32_t i = 1; i < line->word_count; i++) {
        const struct page_word *word = &page->words[line->first_word + i];
        float size = word->size > 0 ? word->size : box_height(word->box);
        if (!word->glued && word->box.x0 - word[-1].box.x1 > tabulated_gap_sizes * size &&
            (i > 1 || !is_number(word[-1].text)))
            return true;
    }
    return false;
}

/* True if the line before the current one ended though the next word would have fitted. */
static bool
ended_on_purpose(const struct flow *flow, const struct page_word *next)
{
    uint32_t line = flow->line - 1;

    if (line <= flow->line_first)
        return false;
    const struct page_line *last = &flow->page->lines[line - 1];
    if (flow->verse || verse_has_leader(flow->page, last) || is_tabulated(flow->page, last) ||
        is_tabulated(flow->page, last + 1))
        return true;
    float size = last->size > 0 ? last->size : box_height(last->box);
    float width = line_width(flow->page, line - 1, flow->line_first, flow->line_end);
    float room = flow->width - width - break_room_sizes * size;
    return room > box_width(next->box);
}

/* Settles how the next line's first word joins piece, the last one of its line. */
static void
join_lines(struct flow *flow, struct flow_piece *piece, const char *next, size_t next_len)
{
    static const char soft[] = "\xc2\xad", hyphen[] = "\xe2\x80\x90";
    uint32_t last = chars_last(piece->text, piece->len), first = chars_first(next, next_len);

    flow->pending = FLOW_SPACE;
    if (last == 0xad) {
        piece->len -= strlen(soft);
        flow->pending = FLOW_GLUED;
    } else if ((last == '-' || last == 0x2010) && piece->len > 1) {
        size_t hyphen_len = last == '-' ? 1 : strlen(hyphen);
        uint32_t before = chars_last(piece->text, piece->len - hyphen_len);
        if (hyphen_goes(flow, piece, hyphen_len, next, next_len))
            piece->len -= hyphen_len;
        if ((char_is_letter(before) || char_is_digit(before)) &&
            (char_is_letter(first) || char_is_digit(first)))
            flow->pending = FLOW_GLUED;
    } else if (last == 0x2014 || (last == 0x2013 && char_is_digit(first))) {
        flow->pending = piece->len > 3 ? FLOW_GLUED : FLOW_SPACE;
    } else if (char_is_ideographic(last) && char_is_ideographic(first)) {
        flow->pending = FLOW_GLUED;
    } else if (ended_on_purpose(flow, &flow->page->words[flow->word])) {
        flow->pending = FLOW_BREAK;
    }
}

/* Moves to the next visible word, over as many lines as it takes. */
static const struct page_word *
reach_word(struct flow *flow, const char **ret_text, size_t *ret_len)
{
    const struct page_word *word;

    while ((word = peek_word(flow, ret_text, ret_len)) == NULL) {
        if (!next_line(flow))
            return NULL;
    }
    return word;
}

bool
flow_next(struct flow *flow, struct flow_piece *ret)
{
    const char *next;
    size_t next_len;

    do {
        ret->word = reach_word(flow, &ret->text, &ret->len);
        if (ret->word == NULL)
            return false;
        if (flow->line_began || !flow->started)
            ret->join = flow->pending;
        else
            ret->join = ret->word->glued ? FLOW_GLUED : FLOW_SPACE;
        flow->started = true;
        flow->line_began = false;
        flow->word++;
        if (reach_word(flow, &next, &next_len) != NULL && flow->line_began)
            join_lines(flow, ret, next, next_len);
    } while (ret->len == 0); /* nothing but a soft hyphen */
    return true;
}

void
flow_put(struct flow *flow, const char *line_break, struct buf *out)
{
    struct flow_piece piece;

    for (bool first = true; flow_next(flow, &piece); first = false) {
        if (!first && piece.join != FLOW_GLUED)
            buf_string(out, piece.join == FLOW_BREAK ? line_break : " ");
        for (size_t i = 0; i < piece.len; i++) {
            unsigned char c = (unsigned char)piece.text[i];
            buf_char(out, c < ' ' || c == 0x7f ? ' ' : (char)c);
        }
    }
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "render/inline.h"

#include "page/chars.h"
#include "render/escape.h"

#include <string.h>
#include <strings.h>

/* Pieces of one chain that are styled together; a longer chain is written in parts. */
enum { CHAIN_PIECES = 32, CHAIN_BYTES = 4096 };

/* Pieces that stand together without white space. */
struct chain {
    struct flow_piece pieces[CHAIN_PIECES];
    size_t ends[CHAIN_PIECES]; /* in text */
    size_t count, len;
    char text[CHAIN_BYTES];
    uint8_t emphasis; /* STYLE_BOLD, STYLE_ITALIC */
};

struct writer {
    struct buf *out;
    const struct page *page;
    const struct inline_style *style;
    uint8_t emphasis; /* that is open now */
    int32_t link;     /* that is open now, or -1 */
    bool code;        /* a code span is open now */
    bool began;
    bool line_start;
    struct flow_piece ahead; /* read, not written yet */
    bool has_ahead;
};

/* Only addresses that a reader may safely follow. */
static bool
is_safe_uri(const char *uri)
{
    static const char *const schemes[] = {"http://", "https://", "mailto:"};

    for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
        if (strncasecmp(uri, schemes[i], strlen(schemes[i])) == 0)
            return true;
    }
    return false;
}

static int32_t
link_of(const struct page *page, const struct page_word *word)
{
    int32_t link = word->link;

    return link >= 0 && (uint32_t)link < page->link_count && is_safe_uri(page->links[link].uri)
               ? link
               : -1;
}

static bool
has_letters(const struct flow_piece *piece)
{
    for (size_t i = 0; i < piece->len; i++) {
        unsigned char c = (unsigned char)piece->text[i];
        if (c >= 0x80 || char_is_letter(c) || char_is_digit(c))
            return true;
    }
    return false;
}

/* What all parts with letters agree on; punctuation and raised figures go along. A chain without
 * letters goes on with the run that is open, if it may, but begins none. */
static uint8_t
common_emphasis(const struct chain *chain, uint8_t open)
{
    uint8_t all = STYLE_BOLD | STYLE_ITALIC, any = 0;
    bool letters = false;

    for (size_t i = 0; i < chain->count; i++) {
        const struct flow_piece *piece = &chain->pieces[i];
        any |= piece->word->style;
        if ((piece->word->style & (STYLE_SUPER | STYLE_SUB)) != 0 || !has_letters(piece))
            continue;
        letters = true;
        all &= piece->word->style;
    }
    if (letters)
        return all;
    return (any & open) == open ? open : 0;
}

/* The next chain of the flow; false at its end. */
static bool
read_chain(struct writer *w, struct flow *flow, struct chain *chain)
{
    chain->count = chain->len = 0;
    while (chain->count < CHAIN_PIECES) {
        if (!w->has_ahead)
            w->has_ahead = flow_next(flow, &w->ahead);
        if (!w->has_ahead || (chain->count > 0 && w->ahead.join != FLOW_GLUED))
            break;
        if (w->ahead.len > CHAIN_BYTES - chain->len && chain->count > 0)
            break;
        struct flow_piece *piece = &chain->pieces[chain->count];
        *piece = w->ahead;
        if (piece->len > CHAIN_BYTES) { /* the rest of a monstrous word makes the next chain */
            size_t cut = CHAIN_BYTES;
            while (((unsigned char)piece->text[cut] & 0xc0) == 0x80)
                cut--;
            piece->len = cut;
            w->ahead.text += cut;
            w->ahead.len -= cut;
            w->ahead.join = FLOW_GLUED;
        } else {
            w->has_ahead = false;
        }
        memcpy(chain->text + chain->len, piece->text, piece->len);
        chain->len += piece->len;
        chain->ends[chain->count++] = chain->len;
    }
    chain->emphasis = w->style->emphasis ? common_emphasis(chain, w->emphasis) : 0;
    return chain->count > 0;
}

static void
put_marks(struct writer *w, uint8_t emphasis)
{
    if ((emphasis & STYLE_BOLD) != 0)
        buf_string(w->out, "**");
    if ((emphasis & STYLE_ITALIC) != 0)
        buf_char(w->out, '*');
}

static void
put_separator(struct writer *w, enum flow_join join)
{
    if (!w->began || join == FLOW_GLUED)
        return;
    const char *text = join == FLOW_BREAK ? w->style->line_break : " ";
    buf_string(w->out, text);
    w->line_start = text[0] == '\n';
}

/* How a piece is to be written. */
struct run {
    uint8_t emphasis;
    int32_t link;
    bool code;
};

/* Closes what ends before the piece, and opens what begins with it; code stands innermost. */
static void
change_run(struct writer *w, enum flow_join join, struct run run)
{
    uint8_t emphasis = run.emphasis;
    int32_t link = run.link;
    bool change = emphasis != w->emphasis || link != w->link;
    bool recode = change || run.code != w->code || join == FLOW_BREAK;

    if (w->code && recode)
        buf_char(w->out, '`');
    if (change)
        put_marks(w, w->emphasis);
    if (w->link != -1 && link != w->link) {
        buf_string(w->out, "](");
        escape_uri(w->page->links[w->link].uri, w->out);
        buf_char(w->out, ')');
    }
    put_separator(w, join);
    if (link != -1 && link != w->link)
        buf_char(w->out, '[');
    if (change)
        put_marks(w, emphasis);
    if (run.code && recode)
        buf_char(w->out, '`');
    w->emphasis = emphasis;
    w->link = link;
    w->code = run.code;
}

/* Raised and lowered forms of a character that Unicode has; NULL: none. */
static const char *
shifted_form(char c, bool raised)
{
    static const char *const up[] = {"\xe2\x81\xb0", "\xc2\xb9",     "\xc2\xb2",     "\xc2\xb3",
                                     "\xe2\x81\xb4", "\xe2\x81\xb5", "\xe2\x81\xb6", "\xe2\x81\xb7",
                                     "\xe2\x81\xb8", "\xe2\x81\xb9"};
    static const char *const down[] = {
        "\xe2\x82\x80", "\xe2\x82\x81", "\xe2\x82\x82", "\xe2\x82\x83", "\xe2\x82\x84",
        "\xe2\x82\x85", "\xe2\x82\x86", "\xe2\x82\x87", "\xe2\x82\x88", "\xe2\x82\x89"};

    if (c >= '0' && c <= '9')
        return raised ? up[c - '0'] : down[c - '0'];
    if (c == '+')
        return raised ? "\xe2\x81\xba" : "\xe2\x82\x8a";
    return raised && c == 'n' ? "\xe2\x81\xbf" : NULL;
}

/* Writes a raised or lowered piece in such characters, if it has them all. */
static bool
put_shifted(struct writer *w, const struct flow_piece *piece, bool raised)
{
    for (size_t i = 0; i < piece->len; i++) {
        if (shifted_form(piece->text[i], raised) == NULL)
            return false;
    }
    for (size_t i = 0; i < piece->len; i++)
        buf_string(w->out, shifted_form(piece->text[i], raised));
    return true;
}

static unsigned
place_now(const struct writer *w)
{
    unsigned place = w->line_start ? w->style->place : w->style->place & ~ESCAPE_LINE_START;

    return place | (w->link != -1 ? ESCAPE_LINK_TEXT : 0u) |
           (w->emphasis != 0 ? ESCAPE_EMPHASIS : 0u);
}

/* Whether a link opens right after the piece, without a space. */
static bool
link_follows(const struct writer *w, const struct chain *chain, size_t index)
{
    const struct flow_piece *next = NULL;

    if (index + 1 < chain->count)
        next = &chain->pieces[index + 1];
    else if (w->has_ahead && w->ahead.join == FLOW_GLUED)
        next = &w->ahead;
    if (next == NULL)
        return false;
    int32_t link = link_of(w->page, next->word);
    return link != -1 && link != w->link;
}

/* Raised or lowered text: figures as characters of their own, the rest in tags where it follows
 * other text; a mark in front of its text reads as it is. */
static void
put_piece(struct writer *w, const struct chain *chain, size_t index, size_t from)
{
    const struct flow_piece *piece = &chain->pieces[index];
    bool raised = (piece->word->style & STYLE_SUPER) != 0;
    bool shifted = raised || (piece->word->style & STYLE_SUB) != 0;
    const char *tag = raised ? "sup" : "sub";

    if (index == 0 && piece->join != FLOW_GLUED)
        shifted = false;
    if (shifted && put_shifted(w, piece, raised))
        return;
    if (shifted)
        buf_printf(w->out, "<%s>", tag);
    unsigned place = place_now(w) | (link_follows(w, chain, index) ? ESCAPE_BEFORE_LINK : 0u);
    escape_chain(chain->text, chain->len, from, chain->ends[index], place, w->out);
    if (shifted)
        buf_printf(w->out, "</%s>", tag);
}

/* Of a typewriter's letters among others. A span begins with letters only, and what has backticks
 * stays text; so do addresses that are links. */
static bool
is_code(const struct writer *w, const struct flow_piece *piece, int32_t link)
{
    bool letters = w->code;

    if (!w->style->code || link != -1 || (piece->word->style & STYLE_MONO) == 0)
        return false;
    for (size_t i = 0; i < piece->len; i++) {
        if (piece->text[i] == '`' || (unsigned char)piece->text[i] < ' ')
            return false;
        letters =
            letters || (piece->text[i] >= 'A' && char_is_letter((unsigned char)piece->text[i]));
    }
    return letters;
}

static void
put_chain(struct writer *w, const struct chain *chain)
{
    size_t from = 0;

    for (size_t i = 0; i < chain->count; i++) {
        const struct flow_piece *piece = &chain->pieces[i];
        int32_t link = link_of(w->page, piece->word);
        struct run run = {chain->emphasis, link, is_code(w, piece, link)};
        change_run(w, piece->join, run);
        if (run.code)
            buf_append(w->out, piece->text, piece->len);
        else
            put_piece(w, chain, i, from);
        from = chain->ends[i];
        w->began = true;
    }
    w->line_start = false;
}

void
inline_put(struct flow *flow, const struct inline_style *style, struct buf *out)
{
    struct writer w = {.out = out,
                       .page = flow->page,
                       .style = style,
                       .link = -1,
                       .line_start = (style->place & ESCAPE_LINE_START) != 0};
    struct chain chain;

    while (read_chain(&w, flow, &chain))
        put_chain(&w, &chain);
    change_run(&w, FLOW_GLUED, (struct run){.link = -1});
}

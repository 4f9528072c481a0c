/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ocr/merge.h"

#include "base/sets.h"

#include <math.h>
#include <string.h>

enum {
    LINES_MAX = 3000, /* of both readings; pairs of them are looked at */
    BEAM_MOST = 5 /* readings of a word behind which those of the other's own beam have no room */
};

/* Rows that one reading alone has, and how sure they have to be: most are texture. */
static const double alone_sure_least = 0.75, alone_letters_least = 2;

/* The second reading has to be better by so much. */
static const double better_by = 1.03;

/* Rivals that say the same: how much of the doubt each takes from the other. */
static const float confirmed_share = 0.5F;

/* A reading's lines, and the group of rivals that each is in. */
struct side {
    const struct page *page;
    uint32_t first, count; /* lines */
    uint32_t *group;       /* [count] */
};

struct merger {
    const struct page *before;
    struct side sides[2];
    uint32_t *parent; /* [lines of both]: sets of rivals (base/sets.h) */
    struct page page;
    struct err *err;
};

/* ---- rivals ---- */

static bool
share_row(struct box a, struct box b)
{
    float x = fminf(a.x1, b.x1) - fmaxf(a.x0, b.x0), y = fminf(a.y1, b.y1) - fmaxf(a.y0, b.y0);
    float least = fminf(box_height(a), box_height(b));

    return x > 0 && y > 0.5F * least;
}

static const struct page_line *
line_of(const struct side *side, uint32_t i)
{
    return &side->page->lines[side->first + i];
}

/* Lines of the two readings that share a place fall into one set; the root is the least. */
static void
find_rivals(struct merger *m)
{
    const struct side *a = &m->sides[0], *b = &m->sides[1];

    sets_init(m->parent, a->count + b->count);
    for (uint32_t i = 0; i < a->count; i++)
        for (uint32_t k = 0; k < b->count; k++)
            if (share_row(line_of(a, i)->box, line_of(b, k)->box))
                (void)sets_join(m->parent, i, a->count + k);
    for (uint32_t i = 0; i < a->count; i++)
        a->group[i] = sets_root(m->parent, i);
    for (uint32_t k = 0; k < b->count; k++)
        b->group[k] = sets_root(m->parent, a->count + k);
}

/* ---- weighing ---- */

struct weight {
    double letters, sure;
};

static void
weigh(const struct page_word *word, struct weight *sum)
{
    double n = 0;

    for (const char *c = word->text; *c != '\0'; c++)
        n += ((unsigned char)*c & 0xc0) != 0x80;
    sum->letters += n;
    sum->sure += n * (double)word->confidence;
}

static double
value_of(const struct weight *w)
{
    return w->letters > 0 ? w->sure * w->sure / w->letters : 0;
}

static struct weight
weigh_line(const struct page *page, const struct page_line *line)
{
    struct weight sum = {0};

    for (uint32_t i = 0; i < line->word_count; i++)
        weigh(&page->words[line->first_word + i], &sum);
    return sum;
}

/* ---- taking over ---- */

static enum err_code
too_much(const struct merger *m)
{
    return err_set(m->err, ERR_LIMIT, "page %u has more words than a page may have",
                   m->before->index + 1);
}

static enum err_code
put_word(struct merger *m, const struct page *from, const struct page_word *word)
{
    struct page *page = &m->page;
    struct page_word *to = page_add_word(page);

    if (to == NULL)
        return too_much(m);
    *to = *word;
    to->first_alt = page->alt_count;
    for (uint32_t i = 0; i < word->alt_count; i++) {
        struct page_alt *alt = page_add_alt(page);
        if (alt == NULL)
            return too_much(m);
        *alt = from->alts[word->first_alt + i];
    }
    struct page_line *line = &page->lines[page->line_count - 1];
    line->box = line->word_count == 0 ? to->box : box_union(line->box, to->box);
    line->word_count++;
    return ERR_OK;
}

static struct page_line *
start_line(struct merger *m, const struct page_line *like, int32_t source)
{
    struct page_line *line = page_add_line(&m->page);

    if (line == NULL)
        return NULL;
    *line = *like;
    line->source = source;
    line->first_word = m->page.word_count;
    line->word_count = 0;
    return line;
}

static enum err_code
put_line(struct merger *m, const struct page *from, const struct page_line *line, int32_t source)
{
    enum err_code rc = start_line(m, line, source) == NULL ? too_much(m) : ERR_OK;

    for (uint32_t i = 0; rc == ERR_OK && i < line->word_count; i++)
        rc = put_word(m, from, &from->words[line->first_word + i]);
    return rc;
}

/* ---- one row read twice ---- */

/* Words [first, first + count) of a line. */
struct stretch {
    const struct page *page;
    uint32_t first, count;
};

static const struct page_word *
word_of(const struct stretch *s, uint32_t i)
{
    return &s->page->words[s->first + i];
}

static bool
rival_words(const struct page_word *a, const struct page_word *b)
{
    float x = fminf(a->box.x1, b->box.x1) - fmaxf(a->box.x0, b->box.x0);

    return x > 0.25F * fminf(box_width(a->box), box_width(b->box));
}

/* How many words of both from the first on share a place with each other only. */
static void
next_stretch(const struct stretch *a, const struct stretch *b, uint32_t *ret_a, uint32_t *ret_b)
{
    uint32_t na = a->count > 0, nb = 0;
    bool grew = true;

    if (a->count == 0 || (b->count > 0 && !rival_words(word_of(a, 0), word_of(b, 0)) &&
                          word_of(b, 0)->box.x0 < word_of(a, 0)->box.x0)) {
        *ret_a = 0;
        *ret_b = 1;
        return;
    }
    while (grew) {
        grew = false;
        while (nb < b->count && na > 0 && rival_words(word_of(a, na - 1), word_of(b, nb))) {
            nb++;
            grew = true;
        }
        while (na < a->count && nb > 0 && rival_words(word_of(a, na), word_of(b, nb - 1))) {
            na++;
            grew = true;
        }
    }
    *ret_a = na;
    *ret_b = nb;
}

static struct weight
weigh_stretch(const struct stretch *s)
{
    struct weight sum = {0};

    for (uint32_t i = 0; i < s->count; i++)
        weigh(word_of(s, i), &sum);
    return sum;
}

static float
confirmed(float confidence, float other)
{
    return confidence + (1 - confidence) * confirmed_share * other;
}

/* Notes another reading of the word that was put last; one that it has already grows surer. */
static enum err_code
put_alt(struct merger *m, const char *text, float confidence, enum alt_source source)
{
    struct page_word *put = &m->page.words[m->page.word_count - 1];

    if (strcmp(put->text, text) == 0) {
        put->confidence = confirmed(put->confidence, confidence);
        return ERR_OK;
    }
    for (uint32_t i = 0; i < put->alt_count; i++) {
        struct page_alt *had = &m->page.alts[put->first_alt + i];
        if (strcmp(had->text, text) != 0)
            continue;
        had->confidence = confirmed(had->confidence, confidence);
        if (source == ALT_RIVAL)
            had->source = ALT_RIVAL;
        return ERR_OK;
    }
    if (put->alt_count >= (source == ALT_BEAM ? BEAM_MOST : PAGE_WORD_ALTS_MAX))
        return ERR_OK;
    struct page_alt *alt = page_add_alt(&m->page);
    if (alt == NULL)
        return too_much(m);
    *alt = (struct page_alt){text, confidence, (uint8_t)source};
    put->alt_count++;
    return ERR_OK;
}

/* One word on each side: the loser becomes an alternative, or confirms the winner. */
static enum err_code
put_rivals(struct merger *m, const struct stretch *winner, const struct stretch *loser)
{
    const struct page_word *w = word_of(winner, 0), *l = word_of(loser, 0);
    enum err_code rc = put_word(m, winner->page, w);

    if (rc != ERR_OK)
        return rc;
    if (l->text != w->text) /* else the very same, taken over from the other reading */
        rc = put_alt(m, l->text, l->confidence, ALT_RIVAL);
    for (uint32_t i = 0; rc == ERR_OK && i < l->alt_count; i++) {
        const struct page_alt *alt = &loser->page->alts[l->first_alt + i];
        rc = put_alt(m, alt->text, alt->confidence, (enum alt_source)alt->source);
    }
    return rc;
}

static enum err_code
put_stretch(struct merger *m, const struct stretch *a, const struct stretch *b)
{
    struct weight wa = weigh_stretch(a), wb = weigh_stretch(b);
    bool second = value_of(&wb) > better_by * value_of(&wa);
    const struct stretch *winner = second ? b : a, *loser = second ? a : b;
    enum err_code rc = ERR_OK;

    if (a->count == 1 && b->count == 1)
        return put_rivals(m, winner, loser);
    if (a->count == 0 && wb.sure < alone_sure_least * wb.letters)
        return ERR_OK;
    for (uint32_t i = 0; rc == ERR_OK && i < winner->count; i++)
        rc = put_word(m, winner->page, word_of(winner, i));
    return rc;
}

/* Word by word. */
static enum err_code
put_both(struct merger *m, const struct page_line *first, const struct page_line *second)
{
    struct stretch a = {m->sides[0].page, first->first_word, first->word_count};
    struct stretch b = {m->sides[1].page, second->first_word, second->word_count};
    enum err_code rc = start_line(m, first, first->source) == NULL ? too_much(m) : ERR_OK;

    while (rc == ERR_OK && a.count + b.count > 0) {
        uint32_t na, nb;
        next_stretch(&a, &b, &na, &nb);
        rc = put_stretch(m, &(struct stretch){a.page, a.first, na},
                         &(struct stretch){b.page, b.first, nb});
        a = (struct stretch){a.page, a.first + na, a.count - na};
        b = (struct stretch){b.page, b.first + nb, b.count - nb};
    }
    return rc;
}

/* ---- a set of rivals ---- */

struct tally {
    struct weight weight;
    uint32_t lines, last;
};

static struct tally
tally_of(const struct side *side, uint32_t group)
{
    struct tally t = {0};

    for (uint32_t i = 0; i < side->count; i++) {
        if (side->group[i] != group)
            continue;
        struct weight w = weigh_line(side->page, line_of(side, i));
        t.weight.letters += w.letters;
        t.weight.sure += w.sure;
        t.lines++;
        t.last = i;
    }
    return t;
}

static enum err_code
put_side(struct merger *m, const struct side *side, uint32_t group, int32_t source)
{
    enum err_code rc = ERR_OK;

    for (uint32_t i = 0; rc == ERR_OK && i < side->count; i++)
        if (side->group[i] == group)
            rc = put_line(m, side->page, line_of(side, i), source);
    return rc;
}

static enum err_code
put_group(struct merger *m, uint32_t group)
{
    const struct side *a = &m->sides[0], *b = &m->sides[1];
    struct tally ta = tally_of(a, group), tb = tally_of(b, group);

    if (ta.lines == 1 && tb.lines == 1 && !line_of(a, ta.last)->vertical &&
        !line_of(b, tb.last)->vertical)
        return put_both(m, line_of(a, ta.last), line_of(b, tb.last));
    if (ta.lines == 0) {
        bool sure = tb.weight.letters >= alone_letters_least &&
                    tb.weight.sure >= alone_sure_least * tb.weight.letters;
        return sure ? put_side(m, b, group, -1) : ERR_OK;
    }
    if (value_of(&tb.weight) > better_by * value_of(&ta.weight))
        return put_side(m, b, group, line_of(a, ta.last)->source);
    for (uint32_t i = 0; i < a->count; i++) /* each with its own source */
        if (a->group[i] == group) {
            enum err_code rc = put_line(m, a->page, line_of(a, i), line_of(a, i)->source);
            if (rc != ERR_OK)
                return rc;
        }
    return ERR_OK;
}

enum err_code
merge_readings(const struct page *before, const struct page *first, const struct page *second,
               struct page *ret, struct err *err)
{
    uint32_t from = before->line_count;
    struct merger m = {.before = before, .page = *first, .err = err};
    uint32_t n = first->line_count - from + second->line_count - from;
    enum err_code rc = ERR_OK;

    if (n > LINES_MAX) {
        *ret = *first;
        return ERR_OK;
    }
    m.parent = arena_array(first->arena, 2 * (size_t)n + 1, sizeof(*m.parent));
    if (m.parent == NULL)
        return too_much(&m);
    m.sides[0] = (struct side){first, from, first->line_count - from, m.parent + n};
    m.sides[1] =
        (struct side){second, from, second->line_count - from, m.parent + n + m.sides[0].count};
    find_rivals(&m);
    /* As they were before; without room, so that what is added lies apart from first and second. */
    m.page.word_count = m.page.word_cap = before->word_count;
    m.page.line_count = m.page.line_cap = before->line_count;
    m.page.alt_count = m.page.alt_cap = before->alt_count;
    m.page.words = before->words;
    m.page.lines = before->lines;
    m.page.alts = before->alts;
    for (uint32_t i = 0; rc == ERR_OK && i < n; i++)
        if (m.parent[i] == i)
            rc = put_group(&m, i);
    if (rc == ERR_OK)
        *ret = m.page;
    return rc;
}

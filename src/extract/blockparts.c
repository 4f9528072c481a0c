/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The first lines of a record as parts between commas, bars, dashes and changes of style, and which
 * of them is the title, the organisation, the place. Words say it where they do; the records of a
 * list are made alike, so that those which say it decide for those which do not. */
#include "extract/blocks.h"
#include "extract/parties.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

enum { HEAD_MAX = 4, ENDING_LEAST = 6 };

struct reading {
    struct solve *solve;
    const bool *taken;
    struct record_parts *parts;
};

static bool
is_bar(const char *text)
{
    static const char *const bars[] = {"|", "•", "·", "–", "—", "-", "/", "::", "●", "∙", "+", "»"};

    for (size_t i = 0; i < ARRAY_LEN(bars); i++)
        if (strcmp(bars[i], text) == 0)
            return true;
    return false;
}

static bool
is_words(const struct solve *solve, const char *key, const char *name)
{
    const char *group = lexicon_word(solve->lexicon, LEXICON_WORDS, key);

    return group != NULL && strcmp(group, name) == 0;
}

/* The word, or the end of a long one, is in the vocabulary. */
static bool
ends_in_words(const struct solve *solve, const char *key, const char *name)
{
    size_t len = strlen(key);

    if (is_words(solve, key, name))
        return true;
    for (size_t skip = 3; len > skip && len - skip >= ENDING_LEAST; skip++)
        if (is_words(solve, key + skip, name))
            return true;
    return false;
}

static float
has_words(const struct solve *solve, const struct block_part *part, const char *name)
{
    const struct token *tokens = &solve->doc->tokens[part->first];

    for (uint32_t i = 0; i < part->count; i++) {
        char two[LEXICON_KEY_MAX + 1] = "";
        if (ends_in_words(solve, tokens[i].key, name))
            return 1;
        if (i + 1 < part->count &&
            strlen(tokens[i].key) + strlen(tokens[i + 1].key) < sizeof(two)) {
            strcat(strcpy(two, tokens[i].key), tokens[i + 1].key);
            if (is_words(solve, two, name))
                return 1;
        }
        const char *dash = strrchr(tokens[i].text, '-'); /* "QA-Engineer" */
        char *last = dash == NULL ? NULL : fold_key(solve->arena, dash + 1, strlen(dash + 1));
        if (last != NULL) {
            fold_skeleton(last);
            if (ends_in_words(solve, last, name))
                return 1;
        }
    }
    return 0;
}

/* "London", "Hamburg, Germany": what is known to be a place, or has the form of one. */
static float
place_like(const struct solve *solve, const struct block_part *part)
{
    const struct part where = {part->first, part->count};
    struct part code, city;

    if (country_of(solve, where) != NULL || has_words(solve, part, "place") > 0)
        return 1;
    if (address_find(solve, where, &code, &city))
        return 0.8F;
    const char *text = solve->doc->tokens[part->first].text;
    bool state = part->count == 1 && strlen(text) == 2 && isupper((unsigned char)text[0]) &&
                 isupper((unsigned char)text[1]);
    return state ? 0.8F : 0;
}

static void
judge(const struct solve *solve, struct block_part *part)
{
    const struct part where = {part->first, part->count};
    float title = has_words(solve, part, "title"), degree = has_words(solve, part, "degree");
    float org = has_words(solve, part, "org");

    part->kind[PART_TITLE] = title + degree;
    part->kind[PART_ORG] = org + (name_has_law(solve, where) ? 1.2F : 0);
    part->kind[PART_PLACE] = part->count <= 4 ? place_like(solve, part) : 0;
    if (part->kind[PART_TITLE] > 0 && part->kind[PART_ORG] > 0)
        part->kind[PART_TITLE] *= 0.6F; /* "School of Engineers" */
    part->kind[PART_NAME] = part->band == 0 && part->place == 0 ? 0.4F : 0;
}

static bool
is_word_text(const char *text)
{
    for (; *text != '\0'; text++)
        if (isalnum((unsigned char)*text) || (unsigned char)*text >= 0xc3)
            return true;
    return false;
}

static void
add_part(struct reading *reading, uint32_t band, uint32_t first, uint32_t count, bool comma)
{
    struct record_parts *parts = reading->parts;
    const struct doc *doc = reading->solve->doc;

    while (count > 0 && !is_word_text(doc->tokens[first].text))
        first++, count--;
    while (count > 0 && !is_word_text(doc->tokens[first + count - 1].text))
        count--;
    if (count == 0 || parts->count == BLOCK_PARTS_MAX)
        return;
    struct block_part *part = &parts->parts[parts->count];
    *part = (struct block_part){.first = first,
                                .count = count,
                                .band = band,
                                .comma = comma,
                                .bold = (doc->tokens[first].word->style & STYLE_BOLD) != 0};
    for (uint32_t i = parts->count; i > 0 && parts->parts[i - 1].band == band; i--)
        part->place++;
    judge(reading->solve, part);
    parts->count++;
}

/* "Engineer at Example Ltd": the word between title and organisation. */
static bool
is_joint(const struct solve *solve, uint32_t token, uint32_t first, uint32_t end)
{
    const char *text = solve->doc->tokens[token].text;
    const struct block_part before = {.first = first, .count = token - first};

    return token > first && has_words(solve, &before, "title") > 0 && token + 1 < end &&
           islower((unsigned char)text[0]) &&
           is_words(solve, solve->doc->tokens[token].key, "joint") &&
           isupper((unsigned char)solve->doc->tokens[token + 1].text[0]);
}

static bool
changes_style(const struct doc *doc, uint32_t token)
{
    unsigned change = doc->tokens[token].word->style ^ doc->tokens[token - 1].word->style;

    return (change & (STYLE_BOLD | STYLE_ITALIC)) != 0 && is_word_text(doc->tokens[token].text) &&
           is_word_text(doc->tokens[token - 1].text);
}

static void
split_seg(struct reading *reading, uint32_t band, uint32_t first, uint32_t end)
{
    const struct doc *doc = reading->solve->doc;
    uint32_t begin = first;
    bool comma = false;

    for (uint32_t t = first; t < end; t++) {
        const char *text = doc->tokens[t].text;
        bool bar = is_bar(text) || reading->taken[t] || is_joint(reading->solve, t, begin, end);
        bool opens = text[0] == '(' && t > begin;
        if (bar || opens || (t > begin && changes_style(doc, t))) {
            add_part(reading, band, begin, t - begin, comma);
            begin = bar ? t + 1 : t;
            comma = false;
            if (bar)
                continue;
        }
        size_t len = strlen(text);
        if (len > 1 && (text[len - 1] == ',' || text[len - 1] == ';' || text[len - 1] == ':' ||
                        text[len - 1] == ')')) {
            add_part(reading, band, begin, t + 1 - begin, comma);
            begin = t + 1;
            comma = text[len - 1] == ',';
        }
    }
    add_part(reading, band, begin, end - begin, comma);
}

/* Bands of the record up to the first that is a list, a sentence, or set in. */
static uint32_t
head_of(const struct block_record *record)
{
    uint32_t n = 1;

    for (; n < record->count && n < HEAD_MAX; n++) {
        const struct band *band = &record->bands[n];
        if (band->bullet || band->prose || (band->gap < 500 && band->gap > 1.6F * band->size))
            break;
        if (n + 1 < record->count && record->bands[n + 1].prose && !band->bold && n >= 2)
            break; /* the first line of a paragraph */
    }
    return n;
}

static void
read_record(struct reading *reading, const struct block_record *record)
{
    const struct doc *doc = reading->solve->doc;

    *reading->parts = (struct record_parts){.head = head_of(record), .chosen = {-1, -1, -1, -1}};
    for (uint32_t b = 0; b < reading->parts->head; b++) {
        const struct band *band = &record->bands[b];
        for (uint32_t s = 0; s < band->seg_count; s++) {
            const struct seg *seg = &doc->segs[band->segs[s]];
            uint32_t skip = s == 0 && band->marker < seg->count ? band->marker : 0;
            split_seg(reading, b, seg->first + skip, seg->first + seg->count);
        }
    }
}

/* --- which part is what --- */

/* Records vote on what stands at a place: by line, weight and number in the line. */
enum { PLACES_IN_BAND = 4, VOTE_PLACES = HEAD_MAX * PLACES_IN_BAND * 2 };

static uint32_t
vote_place(const struct block_part *part)
{
    uint32_t place = part->place < PLACES_IN_BAND ? part->place : PLACES_IN_BAND - 1;
    uint32_t band = part->band < HEAD_MAX ? part->band : HEAD_MAX - 1;

    return (band * PLACES_IN_BAND + place) * 2 + (part->bold ? 1 : 0);
}

static void
vote(const struct record_parts *parts, uint32_t count, float votes[VOTE_PLACES][PART_KINDS])
{
    memset(votes, 0, VOTE_PLACES * sizeof(*votes));
    for (uint32_t r = 0; r < count; r++)
        for (uint32_t i = 0; i < parts[r].count; i++)
            for (int k = 0; k < PART_KINDS; k++)
                votes[vote_place(&parts[r].parts[i])][k] += fminf(parts[r].parts[i].kind[k], 1);
    for (uint32_t v = 0; v < VOTE_PLACES; v++)
        for (int k = 0; k < PART_KINDS; k++)
            votes[v][k] /= (float)count;
}

static float
score_of(const struct block_part *part, int kind, float votes[VOTE_PLACES][PART_KINDS])
{
    const float *place = votes[vote_place(part)];
    float others = 0, voted = 0;

    for (int k = 0; k < PART_KINDS; k++)
        if (k != kind) {
            others = fmaxf(others, part->kind[k]);
            voted = fmaxf(voted, place[k]);
        }
    return part->kind[kind] - 0.8F * others + 0.9F * place[kind] - 0.6F * voted;
}

/* What a part is worth as one kind; -1: nothing was chosen. */
static float
worth(const struct record_parts *parts, int at, int kind, float votes[VOTE_PLACES][PART_KINDS])
{
    static const float late[PART_KINDS] = {0.08F, 0.05F, 0.04F, 0};

    if (at < 0)
        return 0;
    const struct block_part *part = &parts->parts[at];
    float score = score_of(part, kind, votes) - late[kind] * (float)at;
    if (kind == PART_ORG)
        score += part->kind[PART_PLACE] >= 0.8F ? -0.3F : 0.2F;
    else
        score += 0.5F + (part->bold ? 0.04F : 0);
    return score;
}

/* The best parts for name, title and organisation together: one part serves one. */
static void
choose_parts(struct record_parts *parts, unsigned wanted, float votes[VOTE_PLACES][PART_KINDS])
{
    int n = (int)parts->count, most[3];
    float best = -1e6F;

    for (int k = 0; k < 3; k++)
        most[k] = (wanted & 1U << k) != 0 ? n : 0;
    for (int a = -1; a < most[PART_NAME]; a++)
        for (int t = -1; t < most[PART_TITLE]; t++)
            for (int o = -1; o < most[PART_ORG]; o++) {
                if ((a >= 0 && (a == t || a == o)) || (t >= 0 && t == o))
                    continue;
                float score = worth(parts, a, PART_NAME, votes) +
                              worth(parts, t, PART_TITLE, votes) + worth(parts, o, PART_ORG, votes);
                if (score <= best)
                    continue;
                best = score;
                parts->chosen[PART_NAME] = a;
                parts->chosen[PART_TITLE] = t;
                parts->chosen[PART_ORG] = o;
            }
}

/* The place stands behind the organisation, or is known. */
static void
choose_place(struct record_parts *parts, float votes[VOTE_PLACES][PART_KINDS])
{
    float best = 0.25F;

    for (uint32_t i = 0; i < parts->count; i++) {
        const struct block_part *part = &parts->parts[i];
        if ((int)i == parts->chosen[PART_NAME] || (int)i == parts->chosen[PART_TITLE] ||
            (int)i == parts->chosen[PART_ORG] || part->count > 4)
            continue;
        float score = score_of(part, PART_PLACE, votes);
        if (i > 0 && (int)i - 1 == parts->chosen[PART_ORG])
            score += 0.35F;
        if (score > best) {
            best = score;
            parts->chosen[PART_PLACE] = (int)i;
        }
    }
}

/* "Hamburg, Germany" is one place; a part behind a comma that is nothing else belongs to the title
 * or name before it: "Manager, Sales". */
static void
join_parts(struct record_parts *parts, unsigned wanted, bool only)
{
    for (int k = 0; k < PART_KINDS; k++) {
        int at = parts->chosen[k];
        if (at < 0 || (wanted & 1U << k) == 0)
            continue;
        struct block_part *part = &parts->parts[at];
        for (uint32_t i = (uint32_t)at + 1; i < parts->count; i++) {
            const struct block_part *next = &parts->parts[i];
            bool chosen = false;
            for (int o = 0; o < PART_KINDS; o++)
                chosen = chosen || parts->chosen[o] == (int)i;
            bool place = next->kind[PART_PLACE] > 0.5F;
            if (chosen || !next->comma || next->band != part->band || next->bold != part->bold ||
                (place != (k == PART_PLACE) && !only))
                break;
            part->count = next->first + next->count - part->first;
        }
    }
}

void
blockparts_read(struct solve *solve, const struct block_records *records, const bool *taken,
                unsigned wanted, struct record_parts *parts)
{
    float votes[VOTE_PLACES][PART_KINDS];

    for (uint32_t r = 0; r < records->count; r++) {
        struct reading reading = {solve, taken, &parts[r]};
        read_record(&reading, &records->records[r]);
    }
    vote(parts, records->count, votes);
    for (uint32_t r = 0; r < records->count; r++) {
        choose_parts(&parts[r], wanted, votes);
        if ((wanted & 1U << PART_PLACE) != 0)
            choose_place(&parts[r], votes);
        join_parts(&parts[r], wanted, wanted == 1U << PART_TITLE || wanted == 1U << PART_NAME);
    }
}

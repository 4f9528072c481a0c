/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/readings_language.c - the language of a page, by the rows of it that tell most. */
#include "ocr/readings_internal.h"

#include <math.h>
#include <string.h>

enum { SAMPLES_FIRST = 8, ASKED_MOST = 3 };

/* A word that the language's lists do not have counts this much less. */
static const double unknown_share = 0.75;

/* The page's letters that stand in known words: with more of them its language is the first. */
static const double known_enough = 0.8;
static const double letters_enough = 40; /* to tell a language by */

/* Another language has to fit this much better than the first, which is the one for want of
 * evidence. Those that the first samples leave this far behind are not asked about the others. */
static const double better_by = 0.08, behind_most = 0.15;

/* A language whose list knows fewer of the words, as the first model reads them, than the first's
 * list or than the best of the others', is not asked. */
static const double listed_behind_most = 0.05, listed_behind_best = 0.08;

/* Models of other scripts are asked where the first is less sure of words, known or not: of print
 * in Latin letters it is 0.8 sure whatever the language, of any other 0.4 at the most. */
static const double same_script_least = 0.6;

/* How sure one of them has to be, and how much surer than all of the first one's script. */
static const double script_sure_least = 0.65, script_better_by = 0.15;

/* A model that finds words of letters in so little of what the others do has chanced on them. */
static const double wordlike_least = 0.5;

static size_t
letters_of(const char *text)
{
    size_t n = 0;

    for (; *text != '\0'; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

/* Whether the bytes begin a kana or an ideograph, U+3040 to U+9FFF. */
static bool
is_ideograph(const char *text)
{
    unsigned char c = (unsigned char)text[0], next = (unsigned char)text[1];

    return c >= 0xe3 && c <= 0xe9 && !(c == 0xe3 && next < 0x81);
}

/* Three letters and more, or one ideograph: those are words by themselves. */
static bool
is_wordlike(const char *text)
{
    size_t letters = 0, others = 0, least = 3;

    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (c >= 0x80 || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))
            letters += (c & 0xc0) != 0x80;
        else
            others++;
        if (is_ideograph(text))
            least = 1;
    }
    return letters >= least && letters > others;
}

void
line_weigh(const struct lstm_line *line, struct weight *sum)
{
    for (size_t i = 0; i < line->count; i++) {
        const struct lstm_word *word = &line->words[i];
        double n = (double)letters_of(word->text);
        bool wordlike = is_wordlike(word->text);
        sum->letters += n;
        sum->sure +=
            n * (double)word->confidence * (word->is_known || !wordlike ? 1 : unknown_share);
        if (wordlike) {
            sum->wordlike += n;
            sum->known += word->is_known ? n : 0;
            sum->plain += n * (double)word->confidence;
            sum->fitting += n * (double)word->confidence * (word->is_known ? 1 : 0.5);
        }
    }
}

double
lines_score(const struct lstm_line *runs, size_t n)
{
    struct weight sum = {0};

    for (size_t i = 0; i < n; i++)
        line_weigh(&runs[i], &sum);
    return sum.letters > 0 ? sum.sure / sum.letters : 0;
}

/* The rows with most to tell: long and surely read. */
static size_t
pick_samples(const struct readings *r, struct reading *ret[READINGS_SAMPLES])
{
    double weights[READINGS_SAMPLES];
    size_t n = 0;

    for (size_t i = 0; i < r->count; i++) {
        struct reading *item = &r->items[i];
        struct weight sum = {0};
        for (size_t k = 0; item->is_read && k < item->count; k++)
            line_weigh(&item->runs[k], &sum);
        double weight = sum.wordlike < 80 ? sum.wordlike * item->score : 80 * item->score;
        size_t at = n < READINGS_SAMPLES ? n++ : READINGS_SAMPLES;
        for (; at > 0 && weights[at - 1] < weight; at--) {
            if (at == READINGS_SAMPLES)
                continue;
            weights[at] = weights[at - 1];
            ret[at] = ret[at - 1];
        }
        if (at < READINGS_SAMPLES) {
            weights[at] = weight;
            ret[at] = item;
        }
    }
    return n;
}

/* Adds what the samples from..to look like, read with a model. */
static enum err_code
weigh_samples(struct readings *r, struct reading *const samples[], size_t from, size_t to,
              size_t language, struct weight *sum, struct err *err)
{
    enum err_code rc = ERR_OK;

    for (size_t i = from; rc == ERR_OK && i < to; i++) {
        struct lstm_line *runs = NULL;
        rc = read_in(r, samples[i], language, &runs, err);
        for (size_t k = 0; rc == ERR_OK && k < samples[i]->count; k++)
            line_weigh(&runs[k], sum);
    }
    return rc;
}

static double
confidence_of(const struct weight *sum)
{
    return sum->wordlike > 0 ? sum->fitting / sum->wordlike : 0;
}

static double
plain_of(const struct weight *sum)
{
    return sum->wordlike > 0 ? sum->plain / sum->wordlike : 0;
}

/* How much of the text is in known words says more than how surely it is read: a model of another
 * language is as sure of clear print. On poor print neither alone is enough. */
static double
fit_of(const struct weight *sum)
{
    return sum->wordlike > 0 ? sum->known / sum->wordlike + confidence_of(sum) : 0;
}

/* Whether it is written in the first language's script. */
static bool
has_own_script(const struct readings *r, size_t language)
{
    return strcmp(languages_script(r->languages, language), languages_script(r->languages, 0)) == 0;
}

/* The letters of the samples' words that the language's list has, as they were read. */
static double
listed_letters(const struct readings *r, struct reading *const samples[], size_t n, size_t language)
{
    const struct lstm_model *model = languages_model(r->languages, language);
    double letters = 0;

    for (size_t i = 0; model != NULL && i < n; i++)
        for (size_t k = 0; k < samples[i]->count; k++)
            for (size_t w = 0; w < samples[i]->runs[k].count; w++) {
                const char *text = samples[i]->runs[k].words[w].text;
                if (is_wordlike(text) && lstm_model_knows(model, text))
                    letters += (double)letters_of(text);
            }
    return letters;
}

/* Marks the languages worth asking. Of the first one's script, those that its reading speaks for:
 * most words have no letter that it lacks, so that the others' lists know them too. All of other
 * scripts, where it reads badly. */
static void
pick_candidates(const struct readings *r, struct reading *const samples[], size_t n,
                const struct weight *first, bool asked[LANGUAGES_MAX])
{
    double listed[LANGUAGES_MAX] = {0};
    size_t count = languages_count(r->languages);
    bool all = plain_of(first) < same_script_least;
    double least = listed_letters(r, samples, n, 0) - listed_behind_most * first->wordlike;

    for (size_t i = 1; i < count; i++) {
        if (has_own_script(r, i)) {
            listed[i] = listed_letters(r, samples, n, i);
            least = fmax(least, listed[i] - listed_behind_best * first->wordlike);
        } else {
            asked[i] = all && languages_model(r->languages, i) != NULL;
        }
    }
    for (size_t left = ASKED_MOST; left > 0; left--) {
        size_t best = 0;
        for (size_t i = 1; i < count; i++)
            if (!asked[i] && listed[i] > 0 && listed[i] >= least &&
                (best == 0 || listed[i] > listed[best]))
                best = i;
        if (best == 0)
            break;
        asked[best] = true;
    }
}

/* The language of another script whose letters the samples have, or SIZE_MAX. Models are sure of
 * letters of their own script alone, and lists of words are too unlike to compare. Of languages
 * that share that script, the one whose words fit. */
static size_t
find_script(const struct readings *r, const struct weight *sums, size_t count)
{
    double least = 0;
    size_t best = SIZE_MAX;

    for (size_t i = 0; i < count; i++)
        if (has_own_script(r, i))
            least = fmax(least, plain_of(&sums[i]) + script_better_by);
    least = fmax(least, script_sure_least);
    for (size_t i = 1; i < count; i++)
        if (plain_of(&sums[i]) >= least && !has_own_script(r, i) &&
            (best == SIZE_MAX || fit_of(&sums[i]) > fit_of(&sums[best])))
            best = i;
    return best;
}

/* Forgets what models of other scripts say of next to no words. */
static void
drop_chances(const struct readings *r, struct weight *sums, size_t count)
{
    double most = 0;

    for (size_t i = 0; i < count; i++)
        most = fmax(most, sums[i].wordlike);
    for (size_t i = 1; i < count; i++)
        if (sums[i].wordlike < wordlike_least * most && !has_own_script(r, i))
            sums[i] = (struct weight){0};
}

static enum err_code
find_best_language(struct readings *r, struct err *err)
{
    struct reading *samples[READINGS_SAMPLES];
    struct weight sums[LANGUAGES_MAX] = {{0}};
    size_t n = pick_samples(r, samples), first = n < SAMPLES_FIRST ? n : SAMPLES_FIRST;
    size_t count = languages_count(r->languages);
    enum err_code rc = weigh_samples(r, samples, 0, first, 0, &sums[0], err);
    bool asked[LANGUAGES_MAX] = {false};
    double leader = fit_of(&sums[0]), best;

    pick_candidates(r, samples, first, &sums[0], asked);
    for (size_t i = 1; rc == ERR_OK && i < count; i++)
        if (asked[i])
            rc = weigh_samples(r, samples, 0, first, i, &sums[i], err);
    drop_chances(r, sums, count);
    size_t other = find_script(r, sums, count);
    if (other != SIZE_MAX) {
        r->language = other;
        return rc;
    }
    if (rc == ERR_OK)
        rc = weigh_samples(r, samples, first, n, 0, &sums[0], err);
    best = fit_of(&sums[0]) + better_by;
    for (size_t i = 1; i < count; i++)
        leader = has_own_script(r, i) ? fmax(leader, fit_of(&sums[i])) : leader;
    for (size_t i = 1; rc == ERR_OK && i < count; i++) {
        if (!has_own_script(r, i) || sums[i].letters <= 0 ||
            fit_of(&sums[i]) < leader - behind_most)
            continue;
        rc = weigh_samples(r, samples, first, n, i, &sums[i], err);
        if (rc == ERR_OK && fit_of(&sums[i]) > best) {
            best = fit_of(&sums[i]);
            r->language = i;
        }
    }
    return rc;
}

enum err_code
language_find(struct readings *r, struct err *err)
{
    struct weight sum = {0};

    for (size_t i = 0; i < r->count; i++)
        for (size_t k = 0; r->items[i].is_read && k < r->items[i].count; k++)
            line_weigh(&r->items[i].runs[k], &sum);
    if (sum.letters < letters_enough)
        return ERR_OK;
    r->language = 0;
    return sum.known >= known_enough * sum.wordlike ? ERR_OK : find_best_language(r, err);
}

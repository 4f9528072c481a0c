/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ledger/witness_internal.h"

/* Of the votes: for one offset of all characters; for the best readings of each. */
static const float steady_share = 0.75F, consistent_share = 0.8F, reading_share = 0.6F;

/* Less teaches nothing: characters voted on, different ones among them. */
enum { VOTES_LEAST = 24, ROWS_LEAST = 6 };

/* A glyph's own outline against what single letters of lines are read as: counts for so many. */
enum { TOLD_VOTES = 8, READ_LEAST = 2 };

/* Row of a character, a new one if need be; MEND_CODES_MAX: no room. */
static uint32_t
find_row(struct mend *mend, uint32_t from)
{
    uint32_t i = 0;

    while (i < mend->row_count && mend->rows[i].from != from)
        i++;
    if (i == mend->row_count && i < MEND_CODES_MAX) {
        mend->rows[i].from = from;
        mend->row_count++;
    }
    return i;
}

static void
vote(struct mend *mend, uint32_t row, uint32_t to, uint32_t count)
{
    uint32_t k = 0;

    mend->rows[row].all += count;
    while (k < MEND_READINGS && mend->rows[row].votes[k] > 0 && mend->rows[row].to[k] != to)
        k++;
    if (k == MEND_READINGS)
        return; /* so many readings are noise; counted in all */
    mend->rows[row].to[k] = to;
    mend->rows[row].votes[k] += count;
}

void
mend_learn(struct mend *mend, const struct codes *layer, const struct codes *seen)
{
    if (layer->count != seen->count || layer->count == LINE_CODES_MAX)
        return;
    for (uint32_t i = 0; i < layer->count; i++) {
        uint32_t row = layer->codes[i] == 0xfffd ? MEND_CODES_MAX : find_row(mend, layer->codes[i]);
        if (row < MEND_CODES_MAX)
            vote(mend, row, seen->codes[i], 1);
    }
}

/* Index of the reading with the most votes. */
static uint32_t
best_reading(const struct mend *mend, uint32_t row)
{
    uint32_t best = 0;

    for (uint32_t k = 1; k < MEND_READINGS; k++)
        if (mend->rows[row].votes[k] > mend->rows[row].votes[best])
            best = k;
    return best;
}

void
mend_tell(struct mend *mend, uint32_t from, uint32_t to)
{
    uint32_t row = find_row(mend, from);

    if (row == MEND_CODES_MAX)
        return;
    uint32_t best = best_reading(mend, row);
    if (mend->rows[row].votes[best] > 0 && mend->rows[row].to[best] == from) {
        mend->mixed += !mend->rows[row].mixed;
        mend->rows[row].mixed = true;
        return;
    }
    /* Where lines give another reading, it is they that know I from l. */
    if (mend->rows[row].votes[best] < READ_LEAST || mend->rows[row].to[best] == to)
        vote(mend, row, to, mend->rows[row].all + TOLD_VOTES);
    mend->told += !mend->rows[row].told;
    mend->rows[row].told = true;
}

bool
mend_is_consistent(struct mend *mend, float moved_least)
{
    uint32_t all = 0, best = 0, moved = 0, most = 0;

    for (uint32_t i = 0; i < mend->row_count; i++) {
        uint32_t k = best_reading(mend, i);
        all += mend->rows[i].all;
        best += mend->rows[i].votes[k];
        moved += mend->rows[i].to[k] != mend->rows[i].from ? mend->rows[i].votes[k] : 0;
    }
    mend->few = mend->told + mend->mixed > 0 && 2 * mend->told < mend->row_count;
    if (mend->few)
        return true;
    if (all < VOTES_LEAST || mend->row_count < ROWS_LEAST ||
        (float)moved < moved_least * (float)all || (float)best < consistent_share * (float)all)
        return false;
    for (uint32_t i = 0; i < mend->row_count; i++) {
        uint32_t k = best_reading(mend, i), votes = 0;
        int32_t offset = (int32_t)mend->rows[i].to[k] - (int32_t)mend->rows[i].from;
        for (uint32_t j = 0; j < mend->row_count; j++)
            for (uint32_t r = 0; r < MEND_READINGS; r++)
                if ((int32_t)mend->rows[j].to[r] - (int32_t)mend->rows[j].from == offset)
                    votes += mend->rows[j].votes[r];
        if (votes > most) {
            most = votes;
            mend->offset = offset;
        }
    }
    mend->steady = (float)most >= steady_share * (float)all;
    return true;
}

uint32_t
mend_apply(const struct mend *mend, uint32_t code)
{
    for (uint32_t i = 0; i < mend->row_count; i++) {
        if (mend->rows[i].from != code || (mend->few && !mend->rows[i].told))
            continue;
        uint32_t k = best_reading(mend, i);
        if ((float)mend->rows[i].votes[k] >= reading_share * (float)mend->rows[i].all)
            return mend->rows[i].to[k];
    }
    if (mend->few)
        return code;
    if (!mend->steady || code == ' ')
        return code == ' ' ? ' ' : 0;
    int64_t moved = (int64_t)code + mend->offset;
    return moved >= 0x20 && moved < 0xd800 ? (uint32_t)moved : 0;
}

void
mend_apply_all(const struct mend *mend, struct codes *codes)
{
    for (uint32_t i = 0; i < codes->count; i++) {
        uint32_t code = mend_apply(mend, codes->codes[i]);
        codes->codes[i] = code != 0 ? code : 0xfffd;
    }
}

bool
mend_is_mixed(const struct mend *mend, const struct codes *codes)
{
    for (uint32_t i = 0; mend->mixed > 0 && i < codes->count; i++)
        for (uint32_t k = 0; k < mend->row_count; k++)
            if (mend->rows[k].mixed && mend->rows[k].from == codes->codes[i])
                return true;
    return false;
}

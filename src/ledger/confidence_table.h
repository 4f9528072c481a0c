/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ledger/confidence_table.h - made by bench/calibrate from 14501 words of 60 pages of
 * old_books, scribe_bench, render_text, sroie, tess_test; 93.9 % of them are right. */
#pragma once

/* By enum confidence_feature. */
static const float confidence_weights[] = {
    -1.3530F, 0.4782F, 0.2742F,  0.3930F,  0.3663F,  -0.1008F, -0.2510F,
    0.1850F,  0.0329F, -0.9299F, -1.0929F, -0.8914F, 0.0149F,  0.0000F,
};

static const struct {
    float score, right;
} confidence_knots[] = {
    {-1.668F, 0.0678F}, {-1.374F, 0.1046F}, {-1.081F, 0.1236F}, {-0.788F, 0.1530F},
    {-0.494F, 0.4908F}, {-0.201F, 0.5253F}, {0.093F, 0.5354F},  {0.386F, 0.5849F},
    {0.680F, 0.6742F},  {0.973F, 0.7523F},  {1.266F, 0.7783F},  {1.560F, 0.8063F},
    {1.853F, 0.8469F},  {2.147F, 0.9111F},  {2.440F, 0.9278F},  {2.733F, 0.9324F},
    {3.027F, 0.9403F},  {3.320F, 0.9544F},  {3.614F, 0.9805F},  {3.907F, 0.9838F},
    {4.200F, 0.9860F},  {4.494F, 0.9892F},  {4.787F, 0.9950F},  {5.081F, 0.9950F},
};

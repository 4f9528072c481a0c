/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ledger/confidence_table.h - made by bench/calibrate from 31387 words of 137 pages of
 * old_books, scribe_bench, render_text, sroie, tess_test; 92.5 % of them are right. */
#pragma once

/* By enum confidence_feature. */
static const float confidence_weights[] = {
    -1.3173F, 1.0278F,  0.1397F,  0.3232F,  0.3313F,  -0.4439F, -0.1821F,
    0.4339F,  -0.1708F, -0.9399F, -0.8685F, -2.2670F, -0.0188F, 0.0000F,
};

static const struct {
    float score, right;
} confidence_knots[] = {
    {-2.907F, 0.0616F}, {-2.544F, 0.0814F}, {-2.181F, 0.1058F}, {-1.819F, 0.1401F},
    {-1.456F, 0.1773F}, {-1.094F, 0.2083F}, {-0.731F, 0.2931F}, {-0.369F, 0.4117F},
    {-0.006F, 0.5281F}, {0.356F, 0.6230F},  {0.719F, 0.6583F},  {1.081F, 0.7568F},
    {1.444F, 0.8161F},  {1.807F, 0.8603F},  {2.169F, 0.9013F},  {2.532F, 0.9165F},
    {2.894F, 0.9332F},  {3.257F, 0.9497F},  {3.619F, 0.9673F},  {3.982F, 0.9794F},
    {4.344F, 0.9900F},  {4.707F, 0.9924F},  {5.069F, 0.9950F},  {5.432F, 0.9950F},
};

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
    {-4.504F, 0.0100F}, {-0.314F, 0.4301F}, {0.728F, 0.6588F}, {1.752F, 0.8593F},
    {2.529F, 0.9164F},  {3.075F, 0.9427F},  {3.397F, 0.9526F}, {3.686F, 0.9693F},
    {3.983F, 0.9794F},  {4.213F, 0.9890F},  {4.573F, 0.9906F}, {5.024F, 0.9950F},
};

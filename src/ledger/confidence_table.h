/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ledger/confidence_table.h - made by bench/calibrate from 14249 words of 58 pages of
 * old_books, render_text, scribe_bench, sroie, tess_test, zugferd_scan; 93.6 % of them are right.
 */
#pragma once

/* By enum confidence_feature. */
static const float confidence_weights[] = {
    -1.3533F, 1.1548F,  0.0445F,  0.5488F,  0.8711F,  0.4729F,  -0.2483F, 0.3586F,
    -0.1799F, -0.1311F, -1.7216F, -0.4388F, -0.0050F, -1.8935F, -1.1153F,
};

static const struct {
    float score, right;
} confidence_knots[] = {
    {-2.447F, 0.1105F}, {-2.086F, 0.1536F}, {-1.725F, 0.2055F}, {-1.365F, 0.2880F},
    {-1.004F, 0.3233F}, {-0.643F, 0.3566F}, {-0.282F, 0.4108F}, {0.079F, 0.4845F},
    {0.439F, 0.5625F},  {0.800F, 0.6933F},  {1.161F, 0.7560F},  {1.522F, 0.8106F},
    {1.883F, 0.8616F},  {2.243F, 0.8692F},  {2.604F, 0.8816F},  {2.965F, 0.9458F},
    {3.326F, 0.9628F},  {3.687F, 0.9707F},  {4.048F, 0.9841F},  {4.408F, 0.9886F},
    {4.769F, 0.9950F},  {5.130F, 0.9950F},  {5.491F, 0.9950F},  {5.852F, 0.9950F},
};

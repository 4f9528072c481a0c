/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ledger/confidence_table.h - made by bench/calibrate from 22388 words of 94 pages of
 * old_books, render_text, scribe_bench, sroie, tess_test, zugferd_scan; 93.3 % of them are right.
 */
#pragma once

/* By enum confidence_feature. */
static const float confidence_weights[] = {
    -1.4924F, 1.3124F,  0.0203F,  0.5433F,  0.8530F, 0.1361F,  -0.2920F, 0.3745F,
    -0.0062F, -0.4294F, -1.2604F, -1.0431F, 0.0325F, -1.9361F, -1.3347F,
};

static const struct {
    float score, right;
} confidence_knots[] = {
    {-2.590F, 0.0924F}, {-2.217F, 0.1330F}, {-1.844F, 0.1592F}, {-1.471F, 0.2047F},
    {-1.099F, 0.2317F}, {-0.726F, 0.2532F}, {-0.353F, 0.3786F}, {0.020F, 0.5379F},
    {0.392F, 0.5723F},  {0.765F, 0.7027F},  {1.138F, 0.7674F},  {1.511F, 0.8402F},
    {1.883F, 0.8641F},  {2.256F, 0.8869F},  {2.629F, 0.9037F},  {3.001F, 0.9314F},
    {3.374F, 0.9591F},  {3.747F, 0.9762F},  {4.120F, 0.9824F},  {4.492F, 0.9927F},
    {4.865F, 0.9950F},  {5.238F, 0.9950F},  {5.611F, 0.9950F},  {5.983F, 0.9950F},
};

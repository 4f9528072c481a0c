/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ledger/confidence_table.h - made by bench/calibrate from 14527 words of 60 pages of
 * old_books, scribe_bench, render_text, sroie, tess_test; 94.4 % of them are right. */
#pragma once

/* By enum confidence_feature. */
static const float confidence_weights[] = {
    -0.6767F, 0.7291F,  0.1869F, 0.1340F,  0.1688F, -0.0772F, -0.2329F, 0.2128F, -0.1835F, -0.6915F,
    -1.3656F, -1.4605F, 0.0500F, -0.8724F, 0,       0,        0,        0,       0,
};

static const struct {
    float score, right;
} confidence_knots[] = {
    {-1.490F, 0.1950F}, {-1.167F, 0.2238F}, {-0.844F, 0.2680F}, {-0.521F, 0.3891F},
    {-0.197F, 0.4799F}, {0.126F, 0.5170F},  {0.449F, 0.6011F},  {0.772F, 0.6863F},
    {1.095F, 0.7461F},  {1.418F, 0.8020F},  {1.741F, 0.8264F},  {2.064F, 0.8626F},
    {2.388F, 0.9104F},  {2.711F, 0.9283F},  {3.034F, 0.9369F},  {3.357F, 0.9695F},
    {3.680F, 0.9794F},  {4.003F, 0.9858F},  {4.326F, 0.9887F},  {4.650F, 0.9923F},
    {4.973F, 0.9931F},  {5.296F, 0.9939F},  {5.619F, 0.9947F},  {5.942F, 0.9950F},
};

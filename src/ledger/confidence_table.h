/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ledger/confidence_table.h - made by bench/calibrate from 22388 words of 94 pages of
 * old_books, render_text, scribe_bench, sroie, tess_test, zugferd_scan; 93.3 % of them are right.
 * What the lists and the next reading add, and the shares, are fitted to 30689 words of 130
 * documents as the weights before had left them; 94.6 % of those are right. Shares
 * under 0.2 are those of before: a page that is done has lost most such words. */
#pragma once

/* By enum confidence_feature. */
static const float confidence_weights[] = {
    -0.8873F, 1.3124F,  0.0203F,  0.5433F,  0.8530F,  0.1361F,  -0.2920F,
    0.3745F,  -0.0062F, -0.4294F, -1.2604F, -1.0431F, 0.0325F,  -1.9361F,
    -1.3347F, -1.0125F, 1.1256F,  -2.5107F, -0.8757F, -1.0120F, -2.4725F,
};

static const struct {
    float score, right;
} confidence_knots[] = {
    {-2.724F, 0.0924F}, {-2.305F, 0.0924F}, {-1.885F, 0.1060F}, {-1.465F, 0.1450F},
    {-1.045F, 0.1760F}, {-0.626F, 0.3000F}, {-0.206F, 0.4200F}, {0.214F, 0.5500F},
    {0.634F, 0.6807F},  {1.054F, 0.7163F},  {1.473F, 0.8223F},  {1.893F, 0.8559F},
    {2.313F, 0.8718F},  {2.733F, 0.9175F},  {3.153F, 0.9388F},  {3.572F, 0.9421F},
    {3.992F, 0.9597F},  {4.412F, 0.9827F},  {4.832F, 0.9845F},  {5.252F, 0.9946F},
    {5.671F, 0.9950F},  {6.091F, 0.9950F},  {6.511F, 0.9950F},  {6.931F, 0.9950F},
};

/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/lstm_kernel_x86.h - the kernels of lstm_kernel_x86.c, where there are any. */
#pragma once

#include "ocr/lstm_kernel.h"

#if defined(__x86_64__)
#define LSTM_HAVE_X86 1
extern const struct lstm_kernel lstm_kernel_avx2;
extern const struct lstm_kernel lstm_kernel_vnni; /* AVX-512 VNNI and VL */
#else
#define LSTM_HAVE_X86 0
#endif

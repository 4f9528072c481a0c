/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/lstm_kernel_x86.c - kernels for AVX2 and for AVX-512 VNNI.
 *
 * AVX2 multiplies unsigned by signed bytes, so that the sign of the input is moved to the weight:
 * |x| * sign(w, x). With |x|, |w| <= 127 two products fit in 16 bits, so the saturating addition of
 * pmaddubsw never saturates. VNNI adds four products to 32 bits at once; the input is made unsigned
 * by adding 128, and 128 times the sum of the weights is taken off again. */
#include "ocr/lstm_kernel_x86.h"

#if LSTM_HAVE_X86

#include <immintrin.h>

#include <string.h>

#define AVX2 __attribute__((target("avx2")))
#define VNNI __attribute__((target("avx2,avx512f,avx512vl,avx512vnni")))

static inline int32_t
load_group(const int8_t *in)
{
    int32_t four;

    memcpy(&four, in, sizeof(four));
    return four;
}

AVX2 static inline __m256i
add_products(__m256i sum, __m256i weights, __m256i x, __m256i abs_x, __m256i ones)
{
    __m256i pairs = _mm256_maddubs_epi16(abs_x, _mm256_sign_epi8(weights, x));

    return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, ones));
}

/* The sums of a block. Named, since an array would be kept in memory. */
struct sums {
    __m256i a, b, c, d;
};

AVX2 static inline struct sums
sums_load(const int32_t *from)
{
    const __m256i *at = (const __m256i *)from;

    return (struct sums){_mm256_loadu_si256(at), _mm256_loadu_si256(at + 1),
                         _mm256_loadu_si256(at + 2), _mm256_loadu_si256(at + 3)};
}

AVX2 static inline void
sums_store(int32_t *to, struct sums s)
{
    __m256i *at = (__m256i *)to;

    _mm256_storeu_si256(at, s.a);
    _mm256_storeu_si256(at + 1, s.b);
    _mm256_storeu_si256(at + 2, s.c);
    _mm256_storeu_si256(at + 3, s.d);
}

AVX2 static void
multiply_1_row(const int8_t *w, size_t groups, const int8_t *in, const int32_t *init, int32_t *out)
{
    const __m256i ones = _mm256_set1_epi16(1);
    struct sums s = sums_load(init);

    for (size_t g = 0; g < groups; g++, w += LSTM_BLOCK * LSTM_GROUP) {
        const __m256i *at = (const __m256i *)w;
        __m256i x = _mm256_set1_epi32(load_group(in + g * LSTM_GROUP));
        __m256i ax = _mm256_abs_epi8(x);

        s.a = add_products(s.a, _mm256_loadu_si256(at), x, ax, ones);
        s.b = add_products(s.b, _mm256_loadu_si256(at + 1), x, ax, ones);
        s.c = add_products(s.c, _mm256_loadu_si256(at + 2), x, ax, ones);
        s.d = add_products(s.d, _mm256_loadu_si256(at + 3), x, ax, ones);
    }
    sums_store(out, s);
}

AVX2 static void
multiply_2_rows(const int8_t *w, size_t groups, struct lstm_rows in, struct lstm_init init,
                struct lstm_sums out)
{
    const __m256i ones = _mm256_set1_epi16(1);
    const int8_t *in0 = in.values, *in1 = in.values + in.stride;
    struct sums s = sums_load(init.values), t = sums_load(init.values + init.stride);

    for (size_t g = 0; g < groups; g++, w += LSTM_BLOCK * LSTM_GROUP) {
        const __m256i *at = (const __m256i *)w;
        __m256i x0 = _mm256_set1_epi32(load_group(in0 + g * LSTM_GROUP));
        __m256i x1 = _mm256_set1_epi32(load_group(in1 + g * LSTM_GROUP));
        __m256i ax0 = _mm256_abs_epi8(x0);
        __m256i ax1 = _mm256_abs_epi8(x1);
        __m256i v = _mm256_loadu_si256(at);

        s.a = add_products(s.a, v, x0, ax0, ones);
        t.a = add_products(t.a, v, x1, ax1, ones);
        v = _mm256_loadu_si256(at + 1);
        s.b = add_products(s.b, v, x0, ax0, ones);
        t.b = add_products(t.b, v, x1, ax1, ones);
        v = _mm256_loadu_si256(at + 2);
        s.c = add_products(s.c, v, x0, ax0, ones);
        t.c = add_products(t.c, v, x1, ax1, ones);
        v = _mm256_loadu_si256(at + 3);
        s.d = add_products(s.d, v, x0, ax0, ones);
        t.d = add_products(t.d, v, x1, ax1, ones);
    }
    sums_store(out.values, s);
    sums_store(out.values + out.stride, t);
}

AVX2 static void
multiply_avx2(const struct lstm_matrix *m, struct lstm_rows in, struct lstm_init init,
              struct lstm_sums out)
{
    size_t block_size = (size_t)m->groups * LSTM_BLOCK * LSTM_GROUP;

    for (size_t b = 0; b < m->blocks; b++) {
        const int8_t *w = m->weights + b * block_size;
        struct lstm_rows x = in;
        struct lstm_init from = {init.values + b * LSTM_BLOCK, init.stride};
        struct lstm_sums to = {out.values + b * LSTM_BLOCK, out.stride};

        for (; x.count >= 2; x.count -= 2) {
            multiply_2_rows(w, m->groups, x, from, to);
            x.values += 2 * x.stride;
            from.values += 2 * from.stride;
            to.values += 2 * to.stride;
        }
        if (x.count > 0)
            multiply_1_row(w, m->groups, x.values, from.values, to.values);
    }
}

/* Entries i and j of the table as value, step, value, step. */
AVX2 static inline __m128
load_entries(const struct lstm_table_entry *table, int32_t i, int32_t j)
{
    __m128 entries = _mm_loadl_pi(_mm_setzero_ps(), (const __m64 *)(table + i));

    return _mm_loadh_pi(entries, (const __m64 *)(table + j));
}

/* |x| looked up with linear interpolation; see look_up in lstm_kernel.c. Single loads take half the
 * time of gather instructions, which are microcode on many processors. */
AVX2 static inline __m256
look_up8(const struct lstm_table_entry *table, __m256 abs_x)
{
    __m256 scaled = _mm256_mul_ps(abs_x, _mm256_set1_ps(256.0f));
    __m256 limited = _mm256_min_ps(scaled, _mm256_set1_ps((float)(LSTM_TABLE - 1)));
    __m256i index = _mm256_cvttps_epi32(limited);
    __m256 fraction = _mm256_sub_ps(limited, _mm256_cvtepi32_ps(index));
    __m256 even, odd;
    int32_t at[8];

    _mm256_storeu_si256((__m256i *)at, index);
    even = _mm256_set_m128(load_entries(table, at[4], at[5]), load_entries(table, at[0], at[1]));
    odd = _mm256_set_m128(load_entries(table, at[6], at[7]), load_entries(table, at[2], at[3]));
    return _mm256_add_ps(_mm256_shuffle_ps(even, odd, 0x88),
                         _mm256_mul_ps(_mm256_shuffle_ps(even, odd, 0xdd), fraction));
}

AVX2 static inline __m256
tanh8(const struct lstm_tables *tables, __m256 x)
{
    const __m256 sign = _mm256_set1_ps(-0.0f);
    __m256 y = look_up8(tables->tanh, _mm256_andnot_ps(sign, x));

    return _mm256_or_ps(y, _mm256_and_ps(sign, x));
}

AVX2 static inline __m256
logistic8(const struct lstm_tables *tables, __m256 x)
{
    __m256 y = look_up8(tables->logistic, _mm256_andnot_ps(_mm256_set1_ps(-0.0f), x));

    return _mm256_blendv_ps(y, _mm256_sub_ps(_mm256_set1_ps(1.0f), y), x);
}

/* Eight values times 127, rounded half away from zero; |y| <= 1 holds for all that is stored. */
AVX2 static inline void
store_int8(int8_t *out, __m256 y)
{
    const __m256 sign = _mm256_set1_ps(-0.0f);
    __m256 half = _mm256_or_ps(_mm256_set1_ps(0.5f), _mm256_and_ps(sign, y));
    __m256 scaled = _mm256_mul_ps(y, _mm256_set1_ps(127.0f));
    __m256i v = _mm256_cvttps_epi32(_mm256_add_ps(scaled, half));
    __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));

    _mm_storel_epi64((__m128i *)out, _mm_packs_epi16(words, words));
}

AVX2 static inline __m256
scaled8(const int32_t *sums, const float *scale)
{
    __m256 value = _mm256_cvtepi32_ps(_mm256_loadu_si256((const __m256i *)sums));

    return _mm256_mul_ps(value, _mm256_loadu_ps(scale));
}

AVX2 static void
cells_avx2(const struct lstm_tables *tables, const struct lstm_cells *c)
{
    for (size_t i = 0; i < c->count; i += LSTM_LANES) {
        const int32_t *from = c->sums + i * LSTM_GATES;
        const float *by = c->scale + i * LSTM_GATES;
        __m256 input = tanh8(tables, scaled8(from, by));
        __m256 admit = logistic8(tables, scaled8(from + 8, by + 8));
        __m256 keep = logistic8(tables, scaled8(from + 16, by + 16));
        __m256 show = logistic8(tables, scaled8(from + 24, by + 24));
        __m256 s = _mm256_mul_ps(keep, _mm256_loadu_ps(c->state + i));

        s = _mm256_add_ps(s, _mm256_mul_ps(input, admit));
        s = _mm256_max_ps(_mm256_min_ps(s, _mm256_set1_ps(100.0f)), _mm256_set1_ps(-100.0f));
        _mm256_storeu_ps(c->state + i, s);
        store_int8(c->output + i, _mm256_mul_ps(tanh8(tables, s), show));
    }
}

AVX2 static void
pool_avx2(const struct lstm_pool *p)
{
    for (size_t x = 0; x < p->width; x++) {
        const int32_t *sums = p->sums + x * p->pool * p->outs;
        int32_t *most = p->most + x * p->outs;

        for (size_t o = 0; o < p->outs; o += 8) {
            const int32_t *first = p->goes_on ? most : sums;
            __m256i value = _mm256_loadu_si256((const __m256i *)(first + o));

            for (size_t k = 0; k < p->pool; k++)
                value = _mm256_max_epi32(
                    value, _mm256_loadu_si256((const __m256i *)(sums + k * p->outs + o)));
            _mm256_storeu_si256((__m256i *)(most + o), value);
        }
    }
}

AVX2 static void
tanh_row_avx2(const struct lstm_tables *tables, const int32_t *sums, const float *scale, size_t n,
              int8_t *out)
{
    for (size_t i = 0; i < n; i += LSTM_LANES)
        store_int8(out + i, tanh8(tables, scaled8(sums + i, scale + i)));
}

VNNI static void
multiply_1_row_vnni(const int8_t *w, size_t groups, const int8_t *in, const int32_t *init,
                    struct sums excess, int32_t *out)
{
    const __m256i offset = _mm256_set1_epi8((char)0x80);
    const __m256i *at = (const __m256i *)w;
    struct sums s = sums_load(init);

    s.a = _mm256_sub_epi32(s.a, excess.a);
    s.b = _mm256_sub_epi32(s.b, excess.b);
    s.c = _mm256_sub_epi32(s.c, excess.c);
    s.d = _mm256_sub_epi32(s.d, excess.d);
    for (size_t g = 0; g < groups; g++, at += 4) {
        __m256i x = _mm256_xor_si256(_mm256_set1_epi32(load_group(in + g * LSTM_GROUP)), offset);

        s.a = _mm256_dpbusd_epi32(s.a, x, _mm256_loadu_si256(at));
        s.b = _mm256_dpbusd_epi32(s.b, x, _mm256_loadu_si256(at + 1));
        s.c = _mm256_dpbusd_epi32(s.c, x, _mm256_loadu_si256(at + 2));
        s.d = _mm256_dpbusd_epi32(s.d, x, _mm256_loadu_si256(at + 3));
    }
    sums_store(out, s);
}

VNNI static void
multiply_vnni(const struct lstm_matrix *m, struct lstm_rows in, struct lstm_init init,
              struct lstm_sums out)
{
    size_t block_size = (size_t)m->groups * LSTM_BLOCK * LSTM_GROUP;

    for (size_t b = 0; b < m->blocks; b++) {
        struct sums excess = sums_load(m->excess + b * LSTM_BLOCK);

        for (size_t r = 0; r < in.count; r++)
            multiply_1_row_vnni(m->weights + b * block_size, m->groups, in.values + r * in.stride,
                                init.values + r * init.stride + b * LSTM_BLOCK, excess,
                                out.values + r * out.stride + b * LSTM_BLOCK);
    }
}

const struct lstm_kernel lstm_kernel_avx2 = {
    .name = "avx2",
    .multiply = multiply_avx2,
    .cells = cells_avx2,
    .pool = pool_avx2,
    .tanh_row = tanh_row_avx2,
};

const struct lstm_kernel lstm_kernel_vnni = {
    .name = "avx512vnni",
    .multiply = multiply_vnni,
    .cells = cells_avx2,
    .pool = pool_avx2,
    .tanh_row = tanh_row_avx2,
};

#endif

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "lstm_maker.h"

#include <stdio.h>
#include <string.h>

enum { FIRST_SECTION = 17, SECTIONS = 24, LETTER_BITS = 4 };

static uint32_t
mix(uint32_t x)
{
    x ^= x >> 16;
    x *= 0x7feb352du;
    x ^= x >> 15;
    x *= 0x846ca68bu;
    return x ^ x >> 16;
}

int8_t
made_weight(unsigned layer, unsigned gate, unsigned row, unsigned column)
{
    return (int8_t)((int)(mix(layer << 24 | gate << 20 | row << 10 | column) % 255) - 127);
}

double
made_scale(unsigned layer, unsigned gate, unsigned row)
{
    return 0.004 + 0.0001 * (mix(layer * 1000 + gate * 100 + row) % 50);
}

static void
put(struct buf *out, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        buf_char(out, (char)(value >> (8 * i)));
}

static void
put_string(struct buf *out, const char *s)
{
    put(out, strlen(s), 4);
    buf_string(out, s);
}

static void
put_header(struct buf *out, const char *type, uint32_t n_in, uint32_t n_out)
{
    put(out, 0, 1);
    put_string(out, type);
    put(out, 0, 2);
    put(out, 0, 4);
    put(out, n_in, 4);
    put(out, n_out, 4);
    put(out, 0, 4);
    put_string(out, "name");
}

static void
put_weights(struct buf *out, unsigned layer, unsigned gate, uint32_t rows, uint32_t columns)
{
    put(out, 129, 1);
    put(out, rows, 4);
    put(out, columns, 4);
    put(out, 0, 1);
    for (uint32_t r = 0; r < rows; r++)
        for (uint32_t c = 0; c < columns; c++)
            buf_char(out, made_weight(layer, gate, r, c));
    put(out, rows, 4);
    for (uint32_t r = 0; r < rows; r++) {
        double scale = made_scale(layer, gate, r);
        uint64_t bits;

        memcpy(&bits, &scale, sizeof(bits));
        put(out, bits, 8);
    }
}

static void
put_lstm(struct buf *out, const char *type, unsigned layer, uint32_t n_in, uint32_t n)
{
    put_header(out, type, n_in, n);
    put(out, n_in + n, 4);
    for (unsigned gate = 0; gate < 4; gate++)
        put_weights(out, layer, gate, n, n_in + n + 1);
}

static void
put_network(struct buf *out)
{
    put_header(out, "Series", MADE_HEIGHT, MADE_CODES);
    put(out, 6, 4);
    put_header(out, "Input", MADE_HEIGHT, 1);
    put(out, 1, 4);
    put(out, MADE_HEIGHT, 4);
    put(out, 0, 4);
    put(out, 1, 4);
    put(out, 0, 4);
    put_header(out, "Series", 1, MADE_CONV);
    put(out, 3, 4);
    put_header(out, "Convolve", 1, 9);
    put(out, 1, 4);
    put(out, 1, 4);
    put_header(out, "Tanh", 9, MADE_CONV);
    put_weights(out, 0, 0, MADE_CONV, 10);
    put_header(out, "Maxpool", MADE_CONV, MADE_CONV);
    put(out, 3, 4);
    put(out, 3, 4);
    put_header(out, "XYTranspose", MADE_CONV, MADE_SUMMARY);
    put(out, 1, 4);
    put_lstm(out, "SummLSTM", 1, MADE_CONV, MADE_SUMMARY);
    put_lstm(out, "LSTM", 2, MADE_SUMMARY, MADE_FORWARD);
    put_header(out, "RTLReversed", MADE_FORWARD, MADE_BACKWARD);
    put(out, 1, 4);
    put_lstm(out, "LSTM", 3, MADE_FORWARD, MADE_BACKWARD);
    put_header(out, "Softmax", MADE_BACKWARD, MADE_CODES);
    put_weights(out, 4, 0, MADE_CODES, MADE_BACKWARD + 1);
    put_string(out, "made for a test");
    put(out, 0, 4);
    put(out, 0, 4);
    put(out, 3, 4); /* sample iteration: seeds the noise */
    put(out, CODE_NULL, 4);
}

/* Words, each ended by a 0xff, of letters; sorted. Written level by level. */
static void
put_dawg(struct buf *out, const char *const *words, size_t n)
{
    struct {
        size_t begin, end, depth;
    } nodes[32] = {{0, n, 0}};
    uint64_t edges[64];
    size_t n_nodes = 1, n_edges = 0, first[32] = {0};

    /* How many edges each node has tells where its children begin; two passes over the same list.
     */
    for (int pass = 0; pass < 2; pass++) {
        size_t child = 1;

        n_edges = 0;
        for (size_t node = 0; node < n_nodes; node++) {
            size_t depth = nodes[node].depth;

            first[node] = n_edges;
            for (size_t i = nodes[node].begin, next; i < nodes[node].end; i = next) {
                unsigned char letter = (unsigned char)words[i][depth];
                size_t inner = i;
                uint64_t edge = letter;

                for (next = i;
                     next < nodes[node].end && (unsigned char)words[next][depth] == letter;)
                    next++;
                if ((unsigned char)words[i][depth + 1] == 0xff) {
                    edge |= UINT64_C(4) << LETTER_BITS;
                    inner++;
                }
                if (next == nodes[node].end)
                    edge |= UINT64_C(1) << LETTER_BITS;
                if (inner < next) {
                    nodes[child].begin = inner;
                    nodes[child].end = next;
                    nodes[child].depth = depth + 1;
                    edge |= (uint64_t)first[child] << (LETTER_BITS + 3);
                    child++;
                    n_nodes = child > n_nodes ? child : n_nodes;
                }
                edges[n_edges++] = edge;
            }
        }
    }
    put(out, 42, 2);
    put(out, MADE_CHARS, 4);
    put(out, n_edges, 4);
    for (size_t i = 0; i < n_edges; i++)
        put(out, edges[i], 8);
}

static void
put_charset(struct buf *out)
{
    static const char *const lines[MADE_CHARS] = {
        "NULL 0 Common 0",
        "Joined 7 0,255,0,255,0,0,0,0,0,0 Latin 1 0 1 Joined",
        "a 3 0,255,0,255,0,0,0,0,0,0 Latin 2 0 2 a",
        "b 3 0,255,0,255,0,0,0,0,0,0 Latin 3 0 3 b",
        "t 3 0,255,0,255,0,0,0,0,0,0 Latin 4 0 4 t",
        "1 8 0,255,0,255,0,0,0,0,0,0 Common 5 2 5 1",
        ". 10 0,255,0,255,0,0,0,0,0,0 Common 6 6 6 .",
        "ch 3 0,255,0,255,0,0,0,0,0,0 Latin 7 0 7 ch",
    };

    buf_printf(out, "%d\n", MADE_CHARS);
    for (size_t i = 0; i < MADE_CHARS; i++)
        buf_printf(out, "%s\n", lines[i]);
}

static void
put_recoder(struct buf *out)
{
    static const uint8_t codes[MADE_CHARS] = {CODE_SPACE, CODE_NULL, CODE_A,   CODE_B,
                                              CODE_T,     CODE_ONE,  CODE_DOT, CODE_A};

    put(out, MADE_CHARS, 4);
    for (size_t i = 0; i < MADE_CHARS; i++) {
        put(out, 1, 1);
        put(out, i == MADE_CH ? 2 : 1, 4);
        put(out, codes[i], 4);
        if (i == MADE_CH)
            put(out, CODE_H, 4);
    }
}

void
made_model(struct buf *out)
{
    static const char *const punctuation[] = {"\x00\xff", "\x00\x06\xff"};
    static const char *const words[] = {"\x02\x04\xff", "\x03\x02\x04\xff", "\x04\x02\x03\xff"};
    static const char *const numbers[] = {"\x00\xff", "\x00\x00\xff"};
    struct buf sections[7];
    uint64_t offset = 4 + SECTIONS * 8;

    for (size_t i = 0; i < ARRAY_LEN(sections); i++)
        buf_init(&sections[i], KiB(64));
    put_network(&sections[0]);
    put_dawg(&sections[1], punctuation, ARRAY_LEN(punctuation));
    put_dawg(&sections[2], words, ARRAY_LEN(words));
    put_dawg(&sections[3], numbers, ARRAY_LEN(numbers));
    put_charset(&sections[4]);
    put_recoder(&sections[5]);
    buf_string(&sections[6], "made");
    put(out, SECTIONS, 4);
    for (size_t i = 0; i < SECTIONS; i++) {
        put(out, i < FIRST_SECTION ? UINT64_MAX : offset, 8);
        if (i >= FIRST_SECTION)
            offset += sections[i - FIRST_SECTION].len;
    }
    for (size_t i = 0; i < ARRAY_LEN(sections); i++) {
        buf_append(out, sections[i].data, sections[i].len);
        buf_fini(&sections[i]);
    }
}

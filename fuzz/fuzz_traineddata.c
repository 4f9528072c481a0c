/* SPDX-License-Identifier: AGPL-3.0-or-later
 * Opens the input as a model file and, if it is one, reads a small line with it. Links ocr_dep. */
#include "ocr/lstm.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { WIDTH = 60, HEIGHT = 20 };
    static uint8_t pixels[WIDTH * HEIGHT];
    struct pixmap picture = {.pixels = pixels, .width = WIDTH, .height = HEIGHT, .stride = WIDTH};
    struct lstm_model *model = NULL;
    struct arena *arena;
    struct lstm_line line;
    struct err err;

    if (lstm_model_parse((struct span){data, size}, &model, &err) != ERR_OK)
        return 0;
    for (size_t i = 0; i < sizeof(pixels); i++)
        pixels[i] = (uint8_t)(i * 37);
    arena = arena_new(MiB(256));
    if (arena != NULL)
        (void)lstm_read_line(arena, model, &picture, (struct lstm_box){0, 0, WIDTH, HEIGHT}, &line,
                             &err); /* any outcome but a crash will do */
    arena_drop(&arena);
    lstm_model_close(&model);
    return 0;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "doc/jpeg.h"

#include <setjmp.h>
#include <stdio.h> /* before jpeglib.h, which wants it */

#include <jpeglib.h>

struct failure {
    struct jpeg_error_mgr manager; /* first: the library hands out its address */
    jmp_buf back;
};

static void
give_up(j_common_ptr common)
{
    struct failure *failure = (struct failure *)(void *)common->err;

    longjmp(failure->back, 1);
}

/* Warnings tell of damaged data, which is not decoded here. */
static void
note(j_common_ptr common, int level)
{
    if (level < 0)
        give_up(common);
}

bool
jpeg_decode_grey(struct span bytes, uint32_t width, uint32_t height, uint8_t *out)
{
    struct jpeg_decompress_struct jpeg;
    struct failure failure;

    jpeg.err = jpeg_std_error(&failure.manager);
    failure.manager.error_exit = give_up;
    failure.manager.emit_message = note;
    if (setjmp(failure.back) != 0) {
        jpeg_destroy_decompress(&jpeg);
        return false;
    }
    jpeg_create_decompress(&jpeg);
    jpeg_mem_src(&jpeg, bytes.data, (unsigned long)bytes.len);
    (void)jpeg_read_header(&jpeg, TRUE);
    if (jpeg.image_width != width || jpeg.image_height != height ||
        (jpeg.jpeg_color_space != JCS_GRAYSCALE && jpeg.jpeg_color_space != JCS_YCbCr))
        give_up((j_common_ptr)&jpeg);
    jpeg.out_color_space = JCS_GRAYSCALE;
    (void)jpeg_start_decompress(&jpeg);
    while (jpeg.output_scanline < height) {
        JSAMPROW row = out + (size_t)jpeg.output_scanline * width;
        (void)jpeg_read_scanlines(&jpeg, &row, 1);
    }
    (void)jpeg_finish_decompress(&jpeg);
    jpeg_destroy_decompress(&jpeg);
    return true;
}

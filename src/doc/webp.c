/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "doc/webp.h"

#include <stdlib.h>
#include <string.h>
#include <webp/decode.h>
#include <webp/demux.h>

enum err_code
webp_measure(struct span bytes, uint32_t *ret_width, uint32_t *ret_height, struct err *err)
{
    WebPBitstreamFeatures features;

    if (WebPGetFeatures(bytes.data, bytes.len, &features) != VP8_STATUS_OK)
        return err_set(err, ERR_FORMAT, "the WebP picture cannot be read: its header is damaged");
    *ret_width = (uint32_t)features.width;
    *ret_height = (uint32_t)features.height;
    return ERR_OK;
}

/* Lays the frame (RGBA) over white at its place on the canvas. */
static void
flatten(const uint8_t *rgba, int frame_width, int frame_height, int left, int top, uint32_t width,
        uint32_t height, uint8_t *out)
{
    for (int y = 0; y < frame_height && (uint32_t)(top + y) < height; y++) {
        const uint8_t *from = rgba + (size_t)y * (size_t)frame_width * 4;
        uint8_t *to = out + ((size_t)(top + y) * width + (size_t)left) * 3;
        for (int x = 0; x < frame_width && (uint32_t)(left + x) < width; x++, from += 4, to += 3)
            for (int k = 0; k < 3; k++)
                to[k] = (uint8_t)((from[k] * from[3] + 255 * (255 - from[3]) + 127) / 255);
    }
}

enum err_code
webp_decode(struct span bytes, uint32_t width, uint32_t height, uint8_t *out, struct err *err)
{
    WebPData data = {bytes.data, bytes.len};
    WebPIterator frame = {0};
    enum err_code rc = ERR_OK;
    uint8_t *rgba = NULL;
    int w = 0, h = 0;
    WebPDemuxer *demuxer = WebPDemux(&data);

    memset(out, 255, (size_t)width * height * 3);
    if (demuxer == NULL || !WebPDemuxGetFrame(demuxer, 1, &frame)) {
        rc = err_set(err, ERR_FORMAT, "the WebP picture cannot be read: it has no whole frame");
        goto out;
    }
    if (frame.x_offset < 0 || frame.y_offset < 0 || (uint32_t)frame.width > width ||
        (uint32_t)frame.height > height) {
        rc = err_set(err, ERR_FORMAT, "the WebP picture cannot be read: a frame leaves its canvas");
        goto out;
    }
    rgba = WebPDecodeRGBA(frame.fragment.bytes, frame.fragment.size, &w, &h);
    if (rgba == NULL) {
        rc = err_set(err, ERR_FORMAT, "the WebP picture cannot be read: its data is damaged");
        goto out;
    }
    flatten(rgba, w, h, frame.x_offset, frame.y_offset, width, height, out);
out:
    WebPFree(rgba);
    WebPDemuxReleaseIterator(&frame);
    WebPDemuxDelete(demuxer);
    return rc;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "doc/webp.h"

#include <string.h>
#include <webp/decode.h>
#include <webp/demux.h>

enum err_code
webp_measure(struct span bytes, uint32_t *ret_width, uint32_t *ret_height, struct span *ret_exif,
             struct err *err)
{
    WebPBitstreamFeatures features;
    WebPData data = {bytes.data, bytes.len};
    WebPChunkIterator exif;

    if (WebPGetFeatures(bytes.data, bytes.len, &features) != VP8_STATUS_OK)
        return err_set(err, ERR_FORMAT, "the WebP picture cannot be read: its header is damaged");
    *ret_width = (uint32_t)features.width;
    *ret_height = (uint32_t)features.height;
    *ret_exif = (struct span){NULL, 0};
    WebPDemuxer *demuxer = WebPDemux(&data);
    if (demuxer != NULL && WebPDemuxGetChunk(demuxer, "EXIF", 1, &exif) != 0) {
        *ret_exif = (struct span){exif.chunk.bytes, exif.chunk.size};
        WebPDemuxReleaseChunkIterator(&exif);
    }
    WebPDemuxDelete(demuxer);
    return ERR_OK;
}

/* Decodes the frame, as far as it is there, to its place on the canvas. Its last row that was
 * decoded, from 1; 0: none. */
static int
decode_frame(const WebPIterator *frame, uint32_t width, uint32_t height, uint8_t *out)
{
    size_t stride = (size_t)width * 4;
    uint8_t *corner = out + (size_t)frame->y_offset * stride + (size_t)frame->x_offset * 4;
    size_t room = (size_t)(out + stride * height - corner);
    int last = 0;
    WebPIDecoder *decoder = WebPINewRGB(MODE_rgbA, corner, room, (int)stride);

    if (decoder == NULL)
        return 0;
    VP8StatusCode status = WebPIUpdate(decoder, frame->fragment.bytes, frame->fragment.size);
    if (status == VP8_STATUS_OK)
        last = frame->height;
    else if (status != VP8_STATUS_SUSPENDED ||
             WebPIDecGetRGB(decoder, &last, NULL, NULL, NULL) == NULL)
        last = 0;
    WebPIDelete(decoder);
    return last;
}

enum err_code
webp_decode(struct span bytes, uint32_t width, uint32_t height, uint8_t *out, uint32_t *ret_missing,
            struct err *err)
{
    WebPData data = {bytes.data, bytes.len};
    WebPIterator frame = {0};
    WebPDemuxState state;
    enum err_code rc = ERR_OK;
    WebPDemuxer *demuxer = WebPDemuxPartial(&data, &state);

    memset(out, 0, (size_t)width * height * 4);
    if (demuxer == NULL || !WebPDemuxGetFrame(demuxer, 1, &frame)) {
        rc = err_set(err, ERR_FORMAT, "the WebP picture cannot be read: it has no frame");
        goto out;
    }
    if (frame.x_offset < 0 || frame.y_offset < 0 || frame.width <= 0 || frame.height <= 0 ||
        (uint32_t)frame.x_offset + (uint32_t)frame.width > width ||
        (uint32_t)frame.y_offset + (uint32_t)frame.height > height) {
        rc = err_set(err, ERR_FORMAT, "the WebP picture cannot be read: a frame leaves its canvas");
        goto out;
    }
    int last = decode_frame(&frame, width, height, out);
    if (last == 0)
        rc = err_set(err, ERR_FORMAT, "the WebP picture cannot be read: its data is damaged");
    else
        *ret_missing = (uint32_t)(frame.height - last);
out:
    WebPDemuxReleaseIterator(&frame);
    WebPDemuxDelete(demuxer);
    return rc;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "http/multipart.h"

#include "http/chars.h"
#include "http/multipart_head.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    BOUNDARY_MAX = 70, /* RFC 2046, 5.1.1 */
    PADDING_MAX = 256, /* blanks behind a boundary; no sender is known to write any */
};

static const size_t head_bytes_max = KiB(8);

enum state {
    PREAMBLE,      /* before the first delimiter */
    DATA,          /* of a part */
    AFTER,         /* directly behind a delimiter */
    AFTER_DASH,    /* behind its first '-' */
    AFTER_PADDING, /* blanks behind it */
    AFTER_CR,
    HEAD,
    EPILOGUE, /* behind the closing delimiter: ignored */
    FAILED,
};

struct multipart {
    char delimiter[4 + BOUNDARY_MAX + 1]; /* CR LF - - boundary */
    size_t delimiter_len;
    size_t matched; /* bytes of the delimiter that the input so far ends in */
    size_t padding;
    enum state state;
    size_t parts;
    size_t part_limit;
    bool in_part; /* on_part was called, on_part_end was not */
    struct buf head_text;
    struct multipart_head head;
    const struct multipart_calls *calls;
    void *ctx;
    enum err_code failure;
};

static bool
boundary_is_sound(const struct buf *boundary)
{
    if (boundary->len == 0 || boundary->len > BOUNDARY_MAX || boundary->spoilt)
        return false;
    for (size_t i = 0; i < boundary->len; i++) {
        uint8_t c = boundary->data[i];
        if (!char_is_alpha(c) && !char_is_digit(c) &&
            (c == 0 || strchr("'()+_,-./:=? ", c) == NULL))
            return false;
    }
    return boundary->data[boundary->len - 1] != ' ';
}

static enum err_code
find_boundary(struct span type, struct buf *ret_boundary, struct err *err)
{
    static const char media[] = "multipart/form-data";
    const size_t media_len = sizeof(media) - 1;
    struct span name;
    struct buf value;
    int found = 0;

    if (type.len < media_len || strncasecmp((const char *)type.data, media, media_len) != 0 ||
        (type.len > media_len && type.data[media_len] != ';' &&
         !char_is_blank(type.data[media_len])))
        return err_set(err, ERR_MEDIA, "Content-Type: must be %s", media);
    struct span rest = {type.data + media_len, type.len - media_len};
    buf_init(&value, type.len);
    while (multipart_parameter(&rest, &name, &value)) {
        if (name.len == 8 && strncasecmp((const char *)name.data, "boundary", 8) == 0) {
            found++;
            buf_append(ret_boundary, value.data, value.len);
        }
        buf_clear(&value);
    }
    buf_fini(&value);
    if (rest.len > 0 || found != 1 || !boundary_is_sound(ret_boundary))
        return err_set(err, ERR_MEDIA, "Content-Type: needs one boundary of 1 to %d characters",
                       BOUNDARY_MAX);
    return ERR_OK;
}

enum err_code
multipart_new(struct span content_type, size_t part_limit, const struct multipart_calls *calls,
              void *ctx, struct multipart **ret, struct err *err)
{
    enum err_code rc;
    struct buf boundary;
    struct multipart *mp = calloc(1, sizeof(*mp));

    buf_init(&boundary, BOUNDARY_MAX);
    if (mp == NULL) {
        rc = err_set(err, ERR_UNAVAILABLE, "form: no memory");
        goto out;
    }
    if ((rc = find_boundary(content_type, &boundary, err)) != ERR_OK)
        goto out;
    memcpy(mp->delimiter, "\r\n--", 4);
    memcpy(mp->delimiter + 4, boundary.data, boundary.len);
    mp->delimiter_len = 4 + boundary.len;
    mp->matched = 2; /* the first delimiter may stand at the very start, without its CRLF */
    mp->part_limit = part_limit;
    mp->calls = calls;
    mp->ctx = ctx;
    buf_init(&mp->head_text, head_bytes_max);
    multipart_head_init(&mp->head);
    *ret = mp;
    mp = NULL;
out:
    buf_fini(&boundary);
    free(mp);
    return rc;
}

void
multipart_drop(struct multipart **mp)
{
    if (*mp == NULL)
        return;
    buf_fini(&(*mp)->head_text);
    multipart_head_fini(&(*mp)->head);
    free(*mp);
    *mp = NULL;
}

static enum err_code
give_data(struct multipart *mp, const void *bytes, size_t len, struct err *err)
{
    if (len == 0 || mp->state != DATA)
        return ERR_OK;
    return mp->calls->on_data(mp->ctx, (struct span){bytes, len}, err);
}

static void
advance(struct span *in, size_t n)
{
    in->data += n;
    in->len -= n;
}

static enum err_code
end_content(struct multipart *mp, struct err *err)
{
    mp->matched = 0;
    mp->padding = 0;
    mp->state = AFTER;
    if (!mp->in_part)
        return ERR_OK;
    mp->in_part = false;
    return mp->calls->on_part_end(mp->ctx, err);
}

/* Goes on with a delimiter that began in an earlier piece. CR stands only at its start, so that
 * what was matched in vain holds no second start and is data as a whole. */
static enum err_code
go_on_matching(struct multipart *mp, struct span *in, struct err *err)
{
    while (in->len > 0 && mp->matched < mp->delimiter_len &&
           in->data[0] == (uint8_t)mp->delimiter[mp->matched]) {
        mp->matched++;
        advance(in, 1);
    }
    if (mp->matched == mp->delimiter_len)
        return end_content(mp, err);
    if (in->len == 0)
        return ERR_OK;
    size_t vain = mp->matched;
    mp->matched = 0;
    return give_data(mp, mp->delimiter, vain, err);
}

/* Length of the longest end of the input that is a start of the delimiter. */
static size_t
open_end(const struct multipart *mp, struct span in)
{
    size_t most = in.len < mp->delimiter_len - 1 ? in.len : mp->delimiter_len - 1;
    const uint8_t *cr = memrchr(in.data + in.len - most, '\r', most);

    if (cr == NULL)
        return 0;
    size_t len = (size_t)(in.data + in.len - cr);
    return memcmp(cr, mp->delimiter, len) == 0 ? len : 0;
}

static enum err_code
take_content(struct multipart *mp, struct span *in, struct err *err)
{
    if (mp->matched > 0)
        return go_on_matching(mp, in, err);
    const uint8_t *hit = memmem(in->data, in->len, mp->delimiter, mp->delimiter_len);
    size_t held = hit != NULL ? 0 : open_end(mp, *in);
    size_t len = hit != NULL ? (size_t)(hit - in->data) : in->len - held;
    enum err_code rc = give_data(mp, in->data, len, err);
    if (rc != ERR_OK)
        return rc;
    mp->matched = held;
    advance(in, len + held);
    if (hit == NULL)
        return ERR_OK;
    advance(in, mp->delimiter_len);
    return end_content(mp, err);
}

static enum err_code
begin_head(struct multipart *mp, struct err *err)
{
    if (mp->parts == mp->part_limit)
        return err_set(err, ERR_LIMIT, "form: more parts than the limit of %zu", mp->part_limit);
    mp->parts++;
    buf_clear(&mp->head_text);
    mp->state = HEAD;
    return ERR_OK;
}

static enum err_code
take_after(struct multipart *mp, struct span *in, struct err *err)
{
    uint8_t c = in->data[0];

    advance(in, 1);
    if (mp->state == AFTER && c == '-') {
        mp->state = AFTER_DASH;
    } else if (mp->state == AFTER_DASH && c == '-') {
        mp->state = EPILOGUE;
    } else if (mp->state == AFTER_CR && c == '\n') {
        return begin_head(mp, err);
    } else if ((mp->state == AFTER || mp->state == AFTER_PADDING) && c == '\r') {
        mp->state = AFTER_CR;
    } else if ((mp->state == AFTER || mp->state == AFTER_PADDING) && char_is_blank(c) &&
               mp->padding < PADDING_MAX) {
        mp->padding++;
        mp->state = AFTER_PADDING;
    } else {
        return err_set(err, ERR_SYNTAX, "form: byte 0x%02x behind a boundary", c);
    }
    return ERR_OK;
}

static enum err_code
end_head(struct multipart *mp, struct err *err)
{
    struct span text = {mp->head_text.data, mp->head_text.len - 2};
    enum err_code rc = multipart_head_read(&mp->head, text, err);

    if (rc != ERR_OK)
        return rc;
    struct multipart_part part = {
        .name = buf_text(&mp->head.name),
        .file_name = mp->head.has_file_name ? buf_text(&mp->head.file_name) : NULL,
        .content_type = mp->head.has_content_type ? buf_text(&mp->head.content_type) : NULL,
    };
    mp->state = DATA;
    mp->in_part = true;
    return mp->calls->on_part(mp->ctx, &part, err);
}

static enum err_code
take_head(struct multipart *mp, struct span *in, struct err *err)
{
    const uint8_t *lf = memchr(in->data, '\n', in->len);
    size_t len = lf == NULL ? in->len : (size_t)(lf - in->data) + 1;

    buf_append(&mp->head_text, in->data, len);
    advance(in, len);
    if (mp->head_text.spoilt)
        return err_set(err, ERR_LIMIT, "part %zu: header larger than the limit of %zu bytes",
                       mp->parts, head_bytes_max);
    if (lf == NULL)
        return ERR_OK;
    const uint8_t *text = mp->head_text.data;
    size_t n = mp->head_text.len;
    bool is_end =
        n == 2 ? memcmp(text, "\r\n", 2) == 0 : n > 2 && memcmp(text + n - 3, "\n\r\n", 3) == 0;
    return is_end ? end_head(mp, err) : ERR_OK;
}

enum err_code
multipart_feed(struct multipart *mp, struct span piece, struct err *err)
{
    enum err_code rc = ERR_OK;

    while (rc == ERR_OK && piece.len > 0) {
        switch (mp->state) {
        case PREAMBLE:
        case DATA:
            rc = take_content(mp, &piece, err);
            break;
        case AFTER:
        case AFTER_DASH:
        case AFTER_PADDING:
        case AFTER_CR:
            rc = take_after(mp, &piece, err);
            break;
        case HEAD:
            rc = take_head(mp, &piece, err);
            break;
        case EPILOGUE:
            return ERR_OK;
        case FAILED:
            return err_set(err, mp->failure, "form: it failed before");
        }
    }
    if (rc != ERR_OK) {
        mp->state = FAILED;
        mp->failure = rc;
    }
    return rc;
}

enum err_code
multipart_end(struct multipart *mp, struct err *err)
{
    if (mp->state != EPILOGUE)
        return err_set(err, ERR_SYNTAX, "form: ends without its closing boundary");
    return ERR_OK;
}

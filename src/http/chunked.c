/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "http/chunked.h"

#include "http/chars.h"

enum state {
    SIZE,          /* digits of a chunk's size */
    EXTENSION,     /* behind ';', up to CR */
    SIZE_LF,       /* LF that ends the size line */
    DATA,          /* rest bytes of the chunk */
    DATA_CR,       /* CR behind the data */
    DATA_LF,       /* LF behind it */
    TRAILER_START, /* first character of a trailer line, or CR of the last line */
    TRAILER_NAME,
    TRAILER_VALUE,
    TRAILER_LF,
    LAST_LF,
};

void
chunked_init(struct chunked *chunked)
{
    *chunked = (struct chunked){.state = SIZE};
}

static enum err_code
expect(struct chunked *ch, uint8_t c, uint8_t wanted, enum state next, struct err *err)
{
    if (c != wanted)
        return err_set(err, ERR_SYNTAX, "chunked body: byte 0x%02x where 0x%02x must stand", c,
                       wanted);
    ch->state = (uint8_t)next;
    return ERR_OK;
}

static enum err_code
size_byte(struct chunked *ch, uint8_t c, struct err *err)
{
    int digit = char_hex(c);

    if (digit >= 0) {
        if (ch->digits == CHUNKED_SIZE_DIGITS || ch->rest > (INT64_MAX >> 4))
            return err_set(err, ERR_SYNTAX, "chunked body: chunk size too large");
        ch->digits++;
        ch->rest = ch->rest << 4 | (unsigned)digit;
        return ERR_OK;
    }
    if (ch->digits == 0 || (c != ';' && c != '\r'))
        return err_set(err, ERR_SYNTAX, "chunked body: byte 0x%02x in a chunk size", c);
    ch->state = c == ';' ? EXTENSION : SIZE_LF;
    return ERR_OK;
}

static enum err_code
extension_byte(struct chunked *ch, uint8_t c, struct err *err)
{
    if (c == '\r') {
        ch->state = SIZE_LF;
        return ERR_OK;
    }
    if (!char_is_text(c))
        return err_set(err, ERR_SYNTAX, "chunked body: control character in a chunk extension");
    if (++ch->extension_bytes > CHUNKED_EXTENSION_BYTES)
        return err_set(err, ERR_HEADERS,
                       "chunked body: extensions larger than the limit of %d bytes",
                       CHUNKED_EXTENSION_BYTES);
    return ERR_OK;
}

static enum err_code
trailer_byte(struct chunked *ch, uint8_t c, struct err *err)
{
    if (++ch->trailer_bytes > CHUNKED_TRAILER_BYTES)
        return err_set(err, ERR_HEADERS, "chunked body: trailer larger than the limit of %d bytes",
                       CHUNKED_TRAILER_BYTES);
    if (ch->state == TRAILER_START && c == '\r')
        ch->state = LAST_LF;
    else if (ch->state == TRAILER_VALUE && c == '\r')
        ch->state = TRAILER_LF;
    else if (ch->state == TRAILER_NAME && c == ':')
        ch->state = TRAILER_VALUE;
    else if (ch->state == TRAILER_VALUE ? !char_is_text(c) : !char_is_token(c))
        return err_set(err, ERR_SYNTAX, "chunked body: byte 0x%02x in a trailer field", c);
    else if (ch->state == TRAILER_START)
        ch->state = TRAILER_NAME;
    return ERR_OK;
}

static enum err_code
end_size_line(struct chunked *ch, uint8_t c, struct err *err)
{
    ch->digits = 0;
    return expect(ch, c, '\n', ch->rest == 0 ? TRAILER_START : DATA, err);
}

static enum err_code
one_byte(struct chunked *ch, uint8_t c, struct err *err)
{
    switch ((enum state)ch->state) {
    case SIZE:
        return size_byte(ch, c, err);
    case EXTENSION:
        return extension_byte(ch, c, err);
    case SIZE_LF:
        return end_size_line(ch, c, err);
    case DATA_CR:
        return expect(ch, c, '\r', DATA_LF, err);
    case DATA_LF:
        return expect(ch, c, '\n', SIZE, err);
    case TRAILER_START:
    case TRAILER_NAME:
    case TRAILER_VALUE:
        return trailer_byte(ch, c, err);
    case TRAILER_LF:
        return expect(ch, c, '\n', TRAILER_START, err);
    case LAST_LF:
        ch->done = c == '\n';
        return expect(ch, c, '\n', LAST_LF, err);
    case DATA:
        break;
    }
    return err_set(err, ERR_SYSTEM, "chunked body: decoder in state %d", ch->state);
}

enum err_code
chunked_next(struct chunked *ch, struct span *input, struct span *ret_piece, struct err *err)
{
    *ret_piece = (struct span){input->data, 0};
    while (input->len > 0 && !ch->done && ch->state != DATA) {
        enum err_code rc = one_byte(ch, input->data[0], err);
        if (rc != ERR_OK)
            return rc;
        input->data++;
        input->len--;
    }
    if (ch->state != DATA || input->len == 0)
        return ERR_OK;
    size_t len = ch->rest < input->len ? (size_t)ch->rest : input->len;
    *ret_piece = (struct span){input->data, len};
    input->data += len;
    input->len -= len;
    ch->rest -= len;
    if (ch->rest == 0)
        ch->state = DATA_CR;
    return ERR_OK;
}

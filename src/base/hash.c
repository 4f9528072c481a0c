/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

struct hash_stream {
    EVP_MD_CTX *md5;
    EVP_MD_CTX *sha256;
};

void
hash_sha256(const void *bytes, size_t len, uint8_t ret_digest[SHA256_SIZE])
{
    /* Cannot fail: a fixed algorithm of the default provider into a buffer of its size. */
    (void)EVP_Digest(bytes, len, ret_digest, NULL, EVP_sha256(), NULL);
}

void
hash_hmac_sha256(struct span key, struct span message, uint8_t ret_mac[SHA256_SIZE])
{
    static const uint8_t none[1];

    (void)HMAC(EVP_sha256(), key.len > 0 ? key.data : none, (int)key.len, message.data, message.len,
               ret_mac, NULL);
}

void
hash_hex(const uint8_t *bytes, size_t len, char *out)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * len] = '\0';
}

static int
digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool
hash_unhex(const char *text, size_t text_len, uint8_t *ret_bytes, size_t len)
{
    if (text_len != 2 * len)
        return false;
    for (size_t i = 0; i < text_len; i++)
        if (digit_value(text[i]) < 0)
            return false;
    for (size_t i = 0; i < len; i++)
        ret_bytes[i] = (uint8_t)(digit_value(text[2 * i]) * 16 + digit_value(text[2 * i + 1]));
    return true;
}

bool
hash_equal(const void *a, const void *b, size_t len)
{
    return CRYPTO_memcmp(a, b, len) == 0;
}

void
hash_wipe(void *secret, size_t len)
{
    OPENSSL_cleanse(secret, len);
}

struct hash_stream *
hash_stream_new(void)
{
    struct hash_stream *stream = calloc(1, sizeof(*stream));

    if (stream == NULL)
        return NULL;
    stream->md5 = EVP_MD_CTX_new();
    stream->sha256 = EVP_MD_CTX_new();
    if (stream->md5 == NULL || stream->sha256 == NULL ||
        EVP_DigestInit_ex(stream->md5, EVP_md5(), NULL) != 1 ||
        EVP_DigestInit_ex(stream->sha256, EVP_sha256(), NULL) != 1)
        hash_stream_drop(&stream);
    return stream;
}

void
hash_stream_drop(struct hash_stream **stream)
{
    if (*stream == NULL)
        return;
    EVP_MD_CTX_free((*stream)->md5);
    EVP_MD_CTX_free((*stream)->sha256);
    free(*stream);
    *stream = NULL;
}

void
hash_stream_add(struct hash_stream *stream, const void *bytes, size_t len)
{
    (void)EVP_DigestUpdate(stream->md5, bytes, len);
    (void)EVP_DigestUpdate(stream->sha256, bytes, len);
}

void
hash_stream_end(struct hash_stream *stream, uint8_t ret_md5[MD5_SIZE],
                uint8_t ret_sha256[SHA256_SIZE])
{
    (void)EVP_DigestFinal_ex(stream->md5, ret_md5, NULL);
    (void)EVP_DigestFinal_ex(stream->sha256, ret_sha256, NULL);
}

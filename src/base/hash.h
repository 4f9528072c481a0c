/* SPDX-License-Identifier: AGPL-3.0-or-later
 * base/hash.h - SHA-256, MD5 and HMAC-SHA-256 (OpenSSL's EVP), hexadecimal, constant-time compare.
 * MD5 serves only as the ETag that S3 clients expect, never as protection. */
#pragma once

#include "base/attrs.h"
#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SHA256_SIZE = 32, MD5_SIZE = 16, SHA256_HEX_SIZE = 65, MD5_HEX_SIZE = 33 };

void hash_sha256(const void *bytes, size_t len, uint8_t ret_digest[SHA256_SIZE]);
void hash_hmac_sha256(struct span key, struct span message, uint8_t ret_mac[SHA256_SIZE]);

/* Lower-case hexadecimal; out has 2 * len + 1 bytes. */
void hash_hex(const uint8_t *bytes, size_t len, char *out);

/* Reads exactly 2 * len hexadecimal digits of either case. */
bool hash_unhex(const char *text, size_t text_len, uint8_t *ret_bytes, size_t len);

/* Takes the same time wherever the inputs differ; lengths are public. */
bool hash_equal(const void *a, const void *b, size_t len);

/* Overwrites a secret in a way that the compiler keeps. */
void hash_wipe(void *secret, size_t len);

/* Both digests of one stream of bytes, for uploads. */
struct hash_stream;
MUST_CHECK
struct hash_stream *hash_stream_new(void);
void hash_stream_drop(struct hash_stream **stream);
void hash_stream_add(struct hash_stream *stream, const void *bytes, size_t len);
void hash_stream_end(struct hash_stream *stream, uint8_t ret_md5[MD5_SIZE],
                     uint8_t ret_sha256[SHA256_SIZE]);

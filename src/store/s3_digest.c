/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "store/s3_digest.h"

#include <stdlib.h>
#include <string.h>

enum { PARTS_MAX = 10000 };

static enum err_code
renew(struct hash_stream **stream, struct err *err)
{
    hash_stream_drop(stream);
    *stream = hash_stream_new();
    return *stream != NULL ? ERR_OK : err_set(err, ERR_MEMORY, "no memory to check an object");
}

/* "<32 digits>-N" in quotes or without. */
static bool
read_etag(const char *etag, uint8_t ret_md5[MD5_SIZE], uint32_t *ret_parts)
{
    if (*etag == '"')
        etag++;
    const char *dash = strchr(etag, '-');
    if (dash == NULL || !hash_unhex(etag, (size_t)(dash - etag), ret_md5, MD5_SIZE))
        return false;
    char *end;
    long parts = strtol(dash + 1, &end, 10);
    if (parts < 1 || parts > PARTS_MAX || (*end != '\0' && strcmp(end, "\"") != 0))
        return false;
    *ret_parts = (uint32_t)parts;
    return true;
}

void
s3_digest_drop(struct s3_digest *digest)
{
    hash_stream_drop(&digest->stream);
    hash_stream_drop(&digest->parts);
    *digest = (struct s3_digest){.stream = NULL};
}

enum err_code
s3_digest_begin(struct s3_digest *digest, const struct s3_answer *answer, struct err *err)
{
    s3_digest_drop(digest);
    if (hash_unhex(answer->sha256, strlen(answer->sha256), digest->wanted, SHA256_SIZE))
        return renew(&digest->stream, err);
    if (strncmp(answer->sse, "aws:kms", 7) == 0 ||
        !read_etag(answer->etag, digest->wanted, &digest->part_count))
        return ERR_OK;
    digest->part_bytes = (answer->length + digest->part_count - 1) / digest->part_count;
    digest->part_left = digest->part_bytes;
    enum err_code rc = renew(&digest->stream, err);
    return rc == ERR_OK ? renew(&digest->parts, err) : rc;
}

static enum err_code
end_part(struct s3_digest *digest, struct err *err)
{
    uint8_t md5[MD5_SIZE], sha256[SHA256_SIZE];

    hash_stream_end(digest->stream, md5, sha256);
    hash_stream_add(digest->parts, md5, sizeof(md5));
    digest->part_left = digest->part_bytes;
    return renew(&digest->stream, err);
}

enum err_code
s3_digest_add(struct s3_digest *digest, struct span bytes, struct err *err)
{
    enum err_code rc = ERR_OK;

    if (digest->stream == NULL)
        return ERR_OK;
    if (digest->parts == NULL) {
        hash_stream_add(digest->stream, bytes.data, bytes.len);
        return ERR_OK;
    }
    while (rc == ERR_OK && bytes.len > 0) {
        size_t n = bytes.len < digest->part_left ? bytes.len : (size_t)digest->part_left;
        if (n == 0) /* longer than it said, which its receiver refuses */
            return ERR_OK;
        hash_stream_add(digest->stream, bytes.data, n);
        bytes = (struct span){bytes.data + n, bytes.len - n};
        digest->part_left -= n;
        if (digest->part_left == 0)
            rc = end_part(digest, err);
    }
    return rc;
}

enum err_code
s3_digest_end(struct s3_digest *digest, enum s3_verdict *ret_verdict,
              uint8_t ret_digest[SHA256_SIZE], struct err *err)
{
    uint8_t md5[MD5_SIZE], sha256[SHA256_SIZE];

    *ret_verdict = S3_RIGHT;
    if (digest->stream == NULL)
        return ERR_OK;
    bool in_part = digest->parts != NULL &&
                   (digest->part_left < digest->part_bytes || digest->part_bytes == 0);
    enum err_code rc = in_part ? end_part(digest, err) : ERR_OK;
    if (rc != ERR_OK)
        return rc;
    hash_stream_end(digest->parts != NULL ? digest->parts : digest->stream, md5, sha256);
    bool equal = digest->parts != NULL ? hash_equal(md5, digest->wanted, MD5_SIZE)
                                       : hash_equal(sha256, digest->wanted, SHA256_SIZE);
    if (!equal)
        *ret_verdict = digest->part_count > 1 ? S3_UNSURE : S3_WRONG;
    memcpy(ret_digest, sha256, SHA256_SIZE);
    return ERR_OK;
}

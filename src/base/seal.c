/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/seal.h"

#include "base/fdio.h"
#include "base/hash.h"
#include "base/random.h"

#include <fcntl.h>
#include <openssl/evp.h>

enum { NONCE_SIZE = 12, TAG_SIZE = 16, KEY_FILE_MAX = 2 * SEAL_KEY_SIZE + 2 };

enum err_code
seal_key_load(const char *path, struct seal_key *ret, struct err *err)
{
    struct arena *arena = arena_new(KiB(4));
    struct span text;

    if (arena == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a key");
    enum err_code rc = fd_load_file(arena, AT_FDCWD, path, KEY_FILE_MAX, &text, err);
    while (rc == ERR_OK && text.len > 0 && text.data[text.len - 1] <= ' ')
        text.len--;
    if (rc == ERR_OK && !hash_unhex((const char *)text.data, text.len, ret->bytes, SEAL_KEY_SIZE))
        rc = err_set(err, ERR_INPUT, "%s: the key is not %d hexadecimal digits", path,
                     2 * SEAL_KEY_SIZE);
    arena_drop(&arena);
    return rc;
}

enum err_code
seal_close(const struct seal_key *key, struct span text, struct span context, uint8_t *out,
           struct err *err)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    uint8_t *nonce = out, *tag = out + NONCE_SIZE, *sealed = tag + TAG_SIZE;
    int n;

    random_bytes(nonce, NONCE_SIZE);
    bool good = ctx != NULL && text.len <= SEAL_TEXT_MAX &&
                EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key->bytes, nonce) == 1 &&
                EVP_EncryptUpdate(ctx, NULL, &n, context.data, (int)context.len) == 1 &&
                EVP_EncryptUpdate(ctx, sealed, &n, text.data, (int)text.len) == 1 &&
                EVP_EncryptFinal_ex(ctx, sealed + n, &n) == 1 &&
                EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, TAG_SIZE, tag) == 1;
    EVP_CIPHER_CTX_free(ctx);
    return good ? ERR_OK : err_set(err, ERR_SYSTEM, "a secret could not be sealed");
}

enum err_code
seal_open(const struct seal_key *key, struct span sealed, struct span context, char *out,
          size_t cap, struct err *err)
{
    uint8_t tag[TAG_SIZE];
    int n = 0, rest = 0;

    if (sealed.len < SEAL_OVERHEAD || sealed.len - SEAL_OVERHEAD >= cap ||
        sealed.len > SEAL_OVERHEAD + SEAL_TEXT_MAX)
        return err_set(err, ERR_SYSTEM, "a sealed secret has %zu bytes", sealed.len);
    for (size_t i = 0; i < TAG_SIZE; i++)
        tag[i] = sealed.data[NONCE_SIZE + i];
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    bool good = ctx != NULL &&
                EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key->bytes, sealed.data) &&
                EVP_DecryptUpdate(ctx, NULL, &n, context.data, (int)context.len) == 1 &&
                EVP_DecryptUpdate(ctx, (uint8_t *)out, &n, sealed.data + SEAL_OVERHEAD,
                                  (int)(sealed.len - SEAL_OVERHEAD)) == 1 &&
                EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, TAG_SIZE, tag) == 1 &&
                EVP_DecryptFinal_ex(ctx, (uint8_t *)out + n, &rest) == 1;
    EVP_CIPHER_CTX_free(ctx);
    if (!good) {
        hash_wipe(out, cap);
        return err_set(err, ERR_SYSTEM,
                       "a sealed secret cannot be opened: is the key file "
                       "secrets/webhooks the one it was sealed with?");
    }
    out[n + rest] = '\0';
    return ERR_OK;
}

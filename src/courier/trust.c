/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "courier/trust.h"

#include <openssl/ssl.h>
#include <stdlib.h>
#include <unistd.h>

struct trust {
    X509_STORE *store;
};

const char trust_lacking[] =
    "https cannot be checked: this server has no certificates of authorities "
    "(its operator has to install ca-certificates and start it anew)";

static const char *const places[] = {
    "/etc/ssl/certs/ca-certificates.crt", /* Debian, Alpine, Arch */
    "/etc/pki/tls/certs/ca-bundle.crt",   /* Fedora */
    "/etc/ssl/ca-bundle.pem",             /* SUSE */
    "/etc/ssl/cert.pem",
};

static const char *
find_place(void)
{
    const char *given = getenv("SSL_CERT_FILE");

    if (given != NULL && given[0] != '\0')
        return given;
    for (size_t i = 0; i < ARRAY_LEN(places); i++)
        if (access(places[i], R_OK) == 0)
            return places[i];
    return NULL;
}

enum err_code
trust_open(struct trust **ret, struct err *err)
{
    const char *place = find_place();

    /* The library is loaded at the first call: later, in trust_apply, no file can be opened. */
    if (OPENSSL_init_ssl(0, NULL) != 1)
        return err_set(err, ERR_MEMORY, "no memory for certificates");
    if (place == NULL)
        return err_set(err, ERR_NOT_FOUND,
                       "no certificates of authorities: install ca-certificates, or name a file in "
                       "SSL_CERT_FILE");
    struct trust *trust = calloc(1, sizeof(*trust));
    if (trust == NULL || (trust->store = X509_STORE_new()) == NULL) {
        trust_close(&trust);
        return err_set(err, ERR_MEMORY, "no memory for certificates");
    }
    if (X509_STORE_load_file(trust->store, place) != 1) {
        trust_close(&trust);
        return err_set(err, ERR_INPUT, "%.120s: no certificates could be read from it", place);
    }
    *ret = trust;
    return ERR_OK;
}

void
trust_close(struct trust **trust)
{
    if (*trust == NULL)
        return;
    X509_STORE_free((*trust)->store);
    free(*trust);
    *trust = NULL;
}

void
trust_apply(const struct trust *trust, void *ssl_ctx)
{
    SSL_CTX_set1_cert_store(ssl_ctx, trust->store);
}

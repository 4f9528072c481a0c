/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Libraries that not every command needs, loaded when the first of their functions is called: with
 * what they need themselves, Tesseract, Leptonica, libcurl, libpq, OpenSSL and SQLite are seven
 * eighths of the time that the program takes to start, and reading a digital document needs none of
 * them. tools/make_lazy.py writes the functions, which come here.
 *
 * A process that confines itself calls one of each library that it will need before it does so, as
 * it opens models and connections before. */
#include "base/attrs.h"

#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* As the assembly lays it out. */
struct lazy_library {
    const char *soname;
    const char *names; /* count of them, one behind the other's end */
    void **slots;      /* on pages of their own */
    uint64_t count;
};

/* One of its functions was called; all have their addresses afterwards. Called again by a thread
 * that was at it at the same time: the same is written once more. */
void lazy_load(const struct lazy_library *library);

static const size_t page_bytes = 4096;

static void NO_RETURN
give_up(const struct lazy_library *library)
{
    const char *why = dlerror();

    fprintf(stderr, "leapocr: %s: %s\n", library->soname, why != NULL ? why : "cannot be loaded");
    exit(1);
}

void
lazy_load(const struct lazy_library *library)
{
    static int lock;
    void *handle = dlopen(library->soname, RTLD_NOW | RTLD_LOCAL);
    const char *name = library->names;
    size_t bytes = (library->count * sizeof(void *) + page_bytes - 1) & ~(page_bytes - 1);

    if (handle == NULL)
        give_up(library);
    while (__atomic_exchange_n(&lock, 1, __ATOMIC_ACQUIRE) != 0)
        ;
    if (mprotect(library->slots, bytes, PROT_READ | PROT_WRITE) != 0)
        give_up(library);
    for (uint64_t i = 0; i < library->count; i++, name += strlen(name) + 1) {
        void *function = dlsym(handle, name);
        if (function == NULL)
            give_up(library);
        __atomic_store_n(&library->slots[i], function, __ATOMIC_RELEASE);
    }
    if (mprotect(library->slots, bytes, PROT_READ) != 0)
        give_up(library);
    __atomic_store_n(&lock, 0, __ATOMIC_RELEASE);
}

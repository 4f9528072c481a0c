/* SPDX-License-Identifier: AGPL-3.0-or-later
 * base/fnv.h - FNV-1a of 64 bits, and of 32 (Fowler, Noll, Vo; draft-eastlake-fnv): numbers of
 * names, for tables and the like. Anyone can make two inputs with the same number: no protection.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define FNV_BEGIN UINT64_C(14695981039346656037)

static inline uint64_t
fnv_add_byte(uint64_t hash, uint8_t byte)
{
    return (hash ^ byte) * UINT64_C(1099511628211);
}

static inline uint64_t
fnv_add(uint64_t hash, const void *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        hash = fnv_add_byte(hash, ((const uint8_t *)bytes)[i]);
    return hash;
}

#define FNV32_BEGIN UINT32_C(2166136261)

static inline uint32_t
fnv32_add(uint32_t hash, const void *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ ((const uint8_t *)bytes)[i]) * UINT32_C(16777619);
    return hash;
}

/* SPDX-License-Identifier: AGPL-3.0-or-later
 * Whether this build has AddressSanitizer, whose own system calls a sandbox does not allow. */
#pragma once

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

/// For processes that run in the memory of the one that makes them.

#include <sched.h>

#if defined(__SANITIZE_THREAD__)
// The sanitizer takes every `clone` for a fork and turns its books, which are the caller's, into those of a forked
// process. This is glibc's other name for the same function, which the sanitizer does not intercept.
extern "C" int __clone(int (*function)(void*), void* stack, int flags, void* argument, ...);
#define PPROCESS_CLONE ::__clone
#else
#define PPROCESS_CLONE ::clone
#endif

/// For what such a process runs: it makes system calls and nothing else, and makes them directly, as a sanitizer's
/// interceptor keeps books, which are the caller's.
#define PPROCESS_UNINSTRUMENTED __attribute__((no_sanitize("address"), no_sanitize("thread"), no_sanitize("undefined")))

// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/os/shared_counter.h>

#include <sys/mman.h>

#include <cerrno>
#include <new>

#include <pprocess/os/error.h>

namespace pprocess::os {

SharedCounter SharedCounter::make() {
    void* memory = ::mmap(nullptr, sizeof(Number), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        throw SystemError(errno, "share memory with a new process");
    SharedCounter counter;
    counter.number_ = new (memory) Number(0);
    return counter;
}

SharedCounter::~SharedCounter() {
    if (number_)
        ::munmap(number_, sizeof(Number));
}

} // namespace pprocess::os

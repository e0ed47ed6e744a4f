// SPDX-License-Identifier: GPL-3.0-or-later
#include <pprocess/pprocess.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "check.h"

namespace {

int square(int n) {
    return n * n;
}

} // namespace

int main() {
    std::string folder = (std::filesystem::temp_directory_path() / "installed-XXXXXX").string();
    CHECK(::mkdtemp(folder.data()));
    ::setenv("XDG_RUNTIME_DIR", folder.c_str(), 1);
    const std::filesystem::path address = std::filesystem::path(folder) / "task.socket";

    pprocess::BackgroundCallable task(address, pprocess::MakeParallel(square));
    task(6);
    bool refused = false;
    try {
        task(7);
    } catch (const pprocess::SystemError& error) {
        refused = error.code() == std::errc::address_in_use;
    }
    CHECK(refused);
    {
        pprocess::BackgroundQueue<int> queue(address);
        std::vector<int> results;
        for (int& value : queue)
            results.push_back(value);
        CHECK(results == std::vector<int>{36});
    }
    pprocess::PersistentQueue<int> queue(pprocess::ExchangeOptions{.limit = 2});
    auto managed = queue.manage(address, pprocess::MakeParallel(square));
    managed(5);
    CHECK(queue.next() == 25);
    CHECK(!queue.next());
    std::filesystem::remove_all(folder);
}

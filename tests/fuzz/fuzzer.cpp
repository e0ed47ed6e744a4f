// SPDX-License-Identifier: GPL-3.0-or-later
//
// One libFuzzer program for all targets; these variables say what it does:
//
//     PPROCESS_FUZZ_TARGET=NAME                           fuzzes that target; needed with the others, too
//     PPROCESS_FUZZ_UNPACK=FOLDER [PPROCESS_FUZZ_CORPUS=FILE]
//                          writes the target's sound inputs, and those of the packed corpus, as files to FOLDER; ends
//     PPROCESS_FUZZ_PACK=FOLDER                           prints FOLDER's files as a packed corpus and ends
//
// A packed corpus is a text of one input a line, in hexadecimal digits, the shortest first.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "fuzz/targets.h"

#include <pprocess/os/observer.h>

/// Nothing is observed here.
void pprocess::os::observe_into(std::span<const int>) noexcept {}
namespace pprocess::os {
void begin_inspection_on_request() noexcept;
}
void pprocess::os::begin_inspection_on_request() noexcept {}

namespace {

using Bytes = std::vector<std::uint8_t>;

[[noreturn]] void fail(const std::string& text) {
    std::fprintf(stderr, "%s\n", text.c_str());
    std::exit(2);
}

const fuzz::Target& chosen() {
    const char* wanted = std::getenv("PPROCESS_FUZZ_TARGET");
    std::string names;
    for (const fuzz::Target& target : fuzz::targets()) {
        if (wanted && std::strcmp(target.name, wanted) == 0)
            return target;
        names += std::string(" ") + target.name;
    }
    fail("PPROCESS_FUZZ_TARGET must name one of:" + names);
}

void write(const std::filesystem::path& path, const Bytes& bytes) {
    std::ofstream file(path, std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    if (!file.flush())
        fail("cannot write " + path.string());
}

void unpack(const fuzz::Target& target, const std::filesystem::path& folder, const char* corpus) {
    for (const auto& [name, bytes] : target.seeds())
        write(folder / name, bytes);
    if (!corpus)
        return;
    std::ifstream lines(corpus);
    if (!lines)
        fail(std::string("cannot read ") + corpus);
    int number = 0;
    for (std::string line; std::getline(lines, line);) {
        Bytes bytes;
        for (std::size_t at = 0; at + 1 < line.size(); at += 2)
            bytes.push_back(static_cast<std::uint8_t>(std::stoi(line.substr(at, 2), nullptr, 16)));
        write(folder / ("corpus-" + std::to_string(number++)), bytes);
    }
}

void pack(const std::filesystem::path& folder) {
    std::vector<Bytes> inputs;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        std::ifstream file(entry.path(), std::ios::binary);
        inputs.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
    std::ranges::sort(inputs, [](const Bytes& one, const Bytes& other) {
        return one.size() != other.size() ? one.size() < other.size() : one < other;
    });
    for (const Bytes& bytes : inputs) {
        for (const std::uint8_t byte : bytes)
            std::printf("%02x", byte);
        std::printf("\n");
    }
}

} // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    const fuzz::Target& target = chosen();
    const char* unpacked = std::getenv("PPROCESS_FUZZ_UNPACK");
    const char* packed = std::getenv("PPROCESS_FUZZ_PACK");
    if (unpacked)
        unpack(target, unpacked, std::getenv("PPROCESS_FUZZ_CORPUS"));
    if (packed)
        pack(packed);
    if (unpacked || packed)
        std::exit(0);
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const fuzz::Target& target = chosen();
    target.run({data, size});
    return 0;
}

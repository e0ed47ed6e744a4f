// SPDX-License-Identifier: GPL-3.0-or-later
//
// A task library to begin with: each function here can be run in a process of its own by
// `pprocess::ForkServer::start_task`, over a list of inputs by `pprocess::pmap`. A library of one's own is a shared
// object made the same way: ordinary functions, and a line of PPROCESS_TASK for each.

#include <pprocess/pprocess.h>

#include <cctype>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace samples {

/// How much there is in a text file.
struct Counts {
    std::uint64_t lines = 0;
    std::uint64_t words = 0;
    std::uint64_t bytes = 0;
};

namespace {

/// Calls `use` with each byte of the file.
template <typename Use>
void for_each_byte(const std::filesystem::path& path, Use&& use) {
    std::ifstream file(path, std::ios::binary);
    if (!file || std::filesystem::is_directory(path))
        throw std::runtime_error("cannot open the file " + path.string());
    std::vector<char> buffer(1 << 16);
    while (file.read(buffer.data(), static_cast<std::streamsize>(buffer.size())), file.gcount() > 0) {
        for (std::streamsize at = 0; at < file.gcount(); ++at)
            use(static_cast<unsigned char>(buffer[static_cast<std::size_t>(at)]));
    }
}

} // namespace

Counts count_words(const std::filesystem::path& file) {
    Counts counts;
    bool in_word = false;
    for_each_byte(file, [&](unsigned char byte) {
        ++counts.bytes;
        counts.lines += byte == '\n' ? 1 : 0;
        const bool is_space = std::isspace(byte) != 0;
        counts.words += !is_space && !in_word ? 1 : 0;
        in_word = !is_space;
    });
    return counts;
}
PPROCESS_TASK(count_words, "counts lines, words and bytes of a text file", "file");

std::uint32_t crc32(const std::filesystem::path& file) {
    std::uint32_t sum = ~0U;
    for_each_byte(file, [&](unsigned char byte) {
        sum ^= byte;
        for (int bit = 0; bit < 8; ++bit)
            sum = (sum >> 1) ^ (0xEDB88320U & (0U - (sum & 1U)));
    });
    return ~sum;
}
PPROCESS_TASK(crc32, "the CRC-32 checksum of a file, as in zip and PNG", "file");

std::uint64_t count_primes(std::uint64_t from, std::uint64_t to) {
    std::uint64_t count = 0;
    for (std::uint64_t number = from < 2 ? 2 : from; number < to; ++number) {
        bool is_prime = true;
        for (std::uint64_t divisor = 2; is_prime && divisor <= number / divisor; ++divisor)
            is_prime = number % divisor != 0;
        count += is_prime ? 1 : 0;
    }
    return count;
}
PPROCESS_TASK(count_primes, "counts the prime numbers of a range by trial division", "first number",
              "number after the last");

} // namespace samples

// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/ppctl/json_lines.h>

#include <stdio_ext.h>

#include <cerrno>
#include <cstdio>

#include <pprocess/job/job.h>
#include <pprocess/os/error.h>

namespace ppctl {

void set_bytes(nlohmann::ordered_json& object, const std::string& field, const std::string& bytes) {
    try {
        nlohmann::json(bytes).dump();
        object[field] = bytes;
    } catch (const nlohmann::json::type_error&) {
        object[field] = pprocess::job::printable(bytes);
        object[field + "_escaped"] = true;
    }
}

void print_json_line(const nlohmann::ordered_json& object) {
    print_bytes(object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
}

void print_bytes(const std::string& bytes) {
    if (std::fwrite(bytes.data(), 1, bytes.size(), stdout) != bytes.size())
        throw pprocess::SystemError(errno, "write to standard output");
}

bool has_unwritten_output() {
    return ::__fpending(stdout) > 0;
}

void flush_output() {
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
        throw pprocess::SystemError(errno, "write to standard output");
}

} // namespace ppctl

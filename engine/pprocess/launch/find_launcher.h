// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <filesystem>

namespace pprocess::launch {

/// The program that makes workers for a `ForkServer`. Looked for, in this order: $PPROCESS_LAUNCHER; near the shared
/// object that holds this library, or the program when it is linked in statically (a build tree or a prefix, wherever
/// they have been moved); where the program's build said that the library is installed (`suggest_launcher`); where the
/// library itself was to be installed. Throws `SystemError` naming the places that were tried.
std::filesystem::path find_launcher();

/// Names a place to look at. A program that links the static library may stand anywhere, so the library's CMake package
/// and its pkg-config file say where they are by the macro below, and each program passes that on before `main`.
/// `path` must stay valid.
void suggest_launcher(const char* path) noexcept;

#ifdef PPROCESS_LAUNCHER_PATH
inline const bool launcher_is_suggested = (suggest_launcher(PPROCESS_LAUNCHER_PATH), true);
#endif

} // namespace pprocess::launch

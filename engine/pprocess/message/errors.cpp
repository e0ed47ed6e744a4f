// SPDX-License-Identifier: LGPL-3.0-or-later
#include <pprocess/message/errors.h>

namespace pprocess {

TypeMismatch::TypeMismatch(std::string arrived, std::string wanted)
    : Error("received " + arrived + " where " + wanted + " was asked for"),
      arrived_(std::move(arrived)),
      wanted_(std::move(wanted)) {}

} // namespace pprocess

// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

#include <pprocess/message/utf8.h>

namespace pprocess::job {

using message::is_utf8;
using message::next_character;
using message::Utf8Character;

} // namespace pprocess::job

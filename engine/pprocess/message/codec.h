// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

/// C++ values as messages and back. A message says itself what it holds: `decode` checks it against the type asked for,
/// `describe` and `preview` show any of them.
#include <pprocess/message/any_value.h>
#include <pprocess/message/decode.h>
#include <pprocess/message/describe.h>
#include <pprocess/message/encode.h>
#include <pprocess/message/errors.h>
#include <pprocess/message/type_name.h>

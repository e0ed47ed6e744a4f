// SPDX-License-Identifier: LGPL-3.0-or-later
#pragma once

/// The whole library.

#include <pprocess/background/background_callable.h>
#include <pprocess/background/directory.h>
#include <pprocess/background/persistent.h>
#include <pprocess/background/persistent_exchange.h>
#include <pprocess/background/persistent_queue.h>
#include <pprocess/channel/channel.h>
#include <pprocess/channel/errors.h>
#include <pprocess/exchange/callables.h>
#include <pprocess/exchange/exchange.h>
#include <pprocess/exchange/map.h>
#include <pprocess/exchange/pmap.h>
#include <pprocess/exchange/queue.h>
#include <pprocess/exchange/task_seed.h>
#include <pprocess/launch/fork.h>
#include <pprocess/launch/fork_server.h>
#include <pprocess/launch/program.h>
#include <pprocess/launch/task.h>
#include <pprocess/message/any_value.h>
#include <pprocess/os/cores.h>
#include <pprocess/version.h>

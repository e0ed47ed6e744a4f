# SPDX-License-Identifier: LGPL-3.0-or-later
@0xb1f080f711bacf63;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("pprocess::schema");

struct Batch {
  # A run of events: a chunk of a trace file, and what an inspected program sends. Packed.
  #
  # By columns, one element an event. Most columns hold what differs from the event of the same kind that came before in
  # this batch, so that nearly all is zero and is packed away. `payload` holds what came with the events, one after
  # another; a frame's body as its difference (exclusive or) to the one of the same kind before it, where both are of
  # the same size.

  kind @0 :List(UInt8);
  time @1 :List(UInt64);      # difference to the event before, of whatever kind; the sign is the lowest bit
  channel @2 :List(UInt64);   # exclusive or
  exchange @3 :List(UInt64);  # exclusive or
  task @4 :List(UInt64);      # difference, modulo 2^64
  number @5 :List(UInt64);    # difference, modulo 2^64
  size @6 :List(UInt64);      # exclusive or
  writer @7 :List(UInt32);    # exclusive or
  process @8 :List(UInt32);   # exclusive or
  value @9 :List(UInt32);     # exclusive or
  detail @10 :List(UInt8);    # exclusive or
  room @11 :List(UInt16);     # exclusive or; size of the payload, the highest bit set for a frame's body
  payload @12 :Data;
}

# SPDX-License-Identifier: LGPL-3.0-or-later
@0xd8f0b3c1a4e96275;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("pprocess::schema");

struct Message {
  # The root of everything that travels between two processes.

  union {
    value @0 :Value;
    failure @1 :RemoteFailure;
    attached @2 :Attachment;
    refused @3 :Refusal;
    acknowledged @4 :UInt64;  # which result of this connection has been handed over, counted from 0
    ended @5 :ProcessEnd;
  }
}

struct Attachment {
  # What a collector is told that has been let in. The results that nobody has acknowledged follow.

  pid @0 :Int32;  # of the background process
}

struct Refusal {
  # Why a background process does not do what it was asked.

  error @0 :Int32;  # an errno
  text @1 :Data;
}

struct ProcessEnd {
  # How the background process ended: the last thing that a collector is told.

  how @0 :How;
  value @1 :Int32;  # the exit code or the signal
  silent @2 :Bool;  # did it end without ever having sent anything?

  enum How {
    exited @0;
    signaled @1;
    unknown @2;
  }
}

struct RemoteFailure {
  # An exception that left a function in another process.

  typeName @0 :Data;  # demangled; any bytes
  message @1 :Data;   # what() of the original; any bytes
}

struct Value {
  # A value that says itself what it is. One C++ value has exactly one form, so equal values of different C++ types meet:
  # an integer is `signed` whenever Int64 holds it, a list of arithmetic elements is always `numbers`.

  union {
    none @0 :Void;            # std::monostate, an empty optional, a null unique_ptr
    boolean @1 :Bool;
    signed @2 :Int64;
    unsigned @3 :UInt64;      # only what Int64 cannot hold
    floating @4 :Float64;
    extended @5 :Data;        # a long double that Float64 cannot hold: 16 bytes in the machine's own form
    text @6 :Data;            # any bytes, not necessarily UTF-8
    bytes @7 :Data;           # elements of std::byte
    list @8 :List(Value);     # sequences, sets, and maps as lists of tuples of two
    tuple @9 :List(Value);    # tuples, pairs and the members of aggregates
    numbers :group {          # a list whose elements are all of one arithmetic type
      kind @10 :ElementKind;
      data @11 :Data;         # little-endian, packed; a boolean takes one byte, 0 or 1
    }
    variant :group {
      index @12 :UInt32;
      value @13 :Value;
    }
    duration @14 :Duration;
    some @15 :Value;          # an engaged optional or unique_ptr whose own value could be `none`
    message @16 :AnyPointer;  # a message of the user's own schema
    parts @17 :List(Value);   # one text, bytes, list or numbers, too long for one Cap'n Proto object, in order
  }
}

struct Duration {
  # `count` (a number) times `numerator` / `denominator` seconds; both are positive.

  count @0 :Value;
  numerator @1 :Int64;
  denominator @2 :Int64;
}

enum ElementKind {
  boolean @0;
  int8 @1;
  int16 @2;
  int32 @3;
  int64 @4;
  uint8 @5;
  uint16 @6;
  uint32 @7;
  uint64 @8;
  float32 @9;
  float64 @10;
}

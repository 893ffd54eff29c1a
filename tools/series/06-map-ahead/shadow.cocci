// SPDX-License-Identifier: GPL-2.0-only

@new_bus_passes_nothing_through@
identifier bus;
position p;
@@
 hv_decode_bus_init(...)
 {
 ... when any
 INIT_LIST_HEAD@p(&bus->functions);
+ bus->passed_through = false;
 }

@switched_off_is_passed_through@
identifier decode, bus;
position p;
@@
 hv_decode_add(struct hv_decode *decode, struct hv_decode_bus *bus, ...)
 {
 ... when any
 decode->devfn@p = ...;
+ if (!shadow)
+  WRITE_ONCE(bus->passed_through, true);
 ... when any
 }

@malformed_is_passed_through@
identifier decode, bus, probed_bar;
position p;
@@
 hv_decode_add(struct hv_decode *decode, struct hv_decode_bus *bus, ...)
 {
 ... when any
 if (!decode_set_bars@p(decode, probed_bar)) {
+ WRITE_ONCE(bus->passed_through, true);
  ...
  return;
 }
 ... when any
 }

@given_up_is_passed_through@
identifier decode;
position p;
@@
 decode_give_up(...)
 {
 ... when any
 WRITE_ONCE@p(decode->shadowed, false);
+ WRITE_ONCE(decode->bus->passed_through, true);
 ... when any
 }

// The host unmaps them when the resources are released or the channel is closed
@leaving_d0_leaves_maps_ahead@
identifier decode, found;
position p;
@@
 decode_flush_one(...)
 {
 <+...
- found = decode_flush@p(decode, HV_DECODE_TEARDOWN);
+ found = !decode->ahead && decode_flush(decode, HV_DECODE_TEARDOWN);
 ...+>
 }

@enable_takes_over_map_ahead@
identifier decode, memory;
position p;
@@
 decode_set_command(struct hv_decode *decode, ..., bool memory)
 {
 ... when any
+ if (memory)
+  decode->ahead = false;
 WRITE_ONCE@p(decode->command, ...);
 }

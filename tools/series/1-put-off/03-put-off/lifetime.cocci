// SPDX-License-Identifier: GPL-2.0-only

@bus_has_nothing_put_off@
identifier hbus;
position p;
@@
 hv_pci_probe(...)
 {
 ... when any
 spin_lock_init@p(&hbus->bars.lock);
+ INIT_LIST_HEAD(&hbus->bars.put_off);
 ... when any
 }

@last_reference_flushes@
identifier hpdev;
position p;
@@
 put_pcichild(struct hv_pci_dev *hpdev)
 {
 if (refcount_dec_and_test(&hpdev->refs))
+{
+ hv_pci_bars_flush(&hpdev->hbus->bars);
  kfree@p(hpdev);
+}
 }

// Nobody finds the function any more, the host has not got it yet
@eject_flushes@
identifier hbus, hpdev;
expression flags;
position p;
@@
 hv_eject_device_work(...)
 {
 ... when any
  list_del_init@p(&hpdev->list_entry);
  spin_unlock_irqrestore(&hbus->device_list_lock, flags);
+ hv_pci_bars_flush(&hbus->bars);
 ... when any
 }

// Not after a rescind: the host does not listen any more
@leaving_d0_flushes@
identifier hbus, chan;
symbol CHANNEL_OPENED_STATE;
position p;
@@
 hv_pci_bus_exit(...)
 {
 ... when any
 struct hv_pcibus_device *hbus = ...;
 ... when any
 if (chan->rescind || chan->state != CHANNEL_OPENED_STATE)
  return@p 0;
+ hv_pci_bars_flush(&hbus->bars);
 ... when any
 }

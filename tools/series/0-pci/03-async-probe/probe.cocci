// SPDX-License-Identifier: GPL-2.0-only

@probe_runs_there@
expression allowed;
identifier cpu, node;
position p;
@@
 pci_call_probe(...)
 {
 <...
-cpu = cpumask_any_and@p(cpumask_of_node(node), allowed);
+cpu = pci_probe_cpu(node, allowed);
 ...>
 }

# SPDX-License-Identifier: GPL-2.0-only
"""Which modules the series makes of pci-hyperv, and how to build them alone.

Both are read from the patched Kconfig and Makefile, so that a patch which adds
a module to the driver needs no word here.
"""

import posixpath
import re

from program import Problem

CONTROLLER = "drivers/pci/controller"
MAKEFILE = f"{CONTROLLER}/Makefile"
KCONFIGS = ("drivers/pci/Kconfig", f"{CONTROLLER}/Kconfig")
OPTION = "PCI_HYPERV"

ENTRY = re.compile(r"^config (\w+)\n((?:[ \t].*\n|\n)*)", re.MULTILINE)
SELECT = re.compile(r"^\s+(?:select|imply) (\w+)", re.MULTILINE)
OBJECTS = re.compile(r"^obj-\$\(CONFIG_(\w+)\)\s*[+:]?=\s*(.*)$", re.MULTILINE)
INCLUDE = re.compile(r'^#\s*include ([<"])([^">]+\.h)[>"]', re.MULTILINE)

KBUILD = """\
# SPDX-License-Identifier: GPL-2.0-only
obj-m := {objects}
{composition}ccflags-y += $(addprefix -I,$(wildcard $(src)/{top}/include)) {defines}
"""


class Patched:
    """A kernel source with the series on it: content is {path: text}."""

    def __init__(self, source, content):
        self.source, self.content = source, content

    def read(self, path):
        if path in self.content:
            return self.content[path]
        return self.source.read(path)

    def has(self, path):
        return path in self.content or self.source.has(path)

    def entries(self):
        """The options that are defined: {name: the lines of its entry}."""
        return dict(entry for path in KCONFIGS
                    for entry in ENTRY.findall(self.read(path)))

    def options(self):
        """PCI_HYPERV and all that it selects and that is defined beside it."""
        entries = self.entries()
        if OPTION not in entries:
            raise Problem(f"{self.source.label}: no config {OPTION} in "
                          + " or ".join(KCONFIGS))
        found, left = {}, [OPTION]
        while left:
            name = left.pop()
            if name in entries and name not in found:
                found[name] = entries[name]
                left += SELECT.findall(entries[name])
        return found

    def objects(self):
        """The objects of each option: {option: [stem]}."""
        found = {}
        for option, names in OBJECTS.findall(self.read(MAKEFILE)):
            found.setdefault(option, []).extend(
                name.removesuffix(".o") for name in names.split()
                if name.endswith(".o"))
        return found

    def composition(self, stem):
        """The lines of the Makefile about a module, but for its obj- line."""
        line = re.compile(rf"^(?:CFLAGS_{re.escape(stem)}\.o|ccflags-y|"
                          rf"{re.escape(stem)}-(?:y|objs|\$\(\w+\)))"
                          r"\s*[+:]?=(?:.*\\\n)*.*$", re.MULTILINE)
        return line.findall(self.read(MAKEFILE))

    def sources(self, stem):
        """The C files of a module."""
        parts = re.findall(r"([\w/-]+)\.o", " ".join(
            line.split("=", 1)[1] for line in self.composition(stem)
            if line.startswith(f"{stem}-")))
        return [f"{CONTROLLER}/{part}.c" for part in parts or [stem]]

    def modules(self):
        """Those that the series changes or adds: {stem: option}."""
        objects = self.objects()
        found = {stem: option for option in self.options()
                 for stem in objects.get(option, ())
                 if any(path in self.content for path in self.sources(stem))}
        if not found:
            raise Problem(f"{self.source.label}: the series makes no module "
                          f"of CONFIG_{OPTION} there")
        return dict(sorted(found.items()))

    def headers(self, path, found):
        """Add to found the files that a file includes and that are here."""
        for quote, name in INCLUDE.findall(self.read(path)):
            near = posixpath.join(posixpath.dirname(path), name)
            header = posixpath.normpath(near) if quote == '"' else f"include/{name}"
            # Of the kernel's own <...> headers the headers package has all
            known = self.has(header) if quote == '"' else header in self.content
            if known and header not in found:
                found.add(header)
                self.headers(header, found)

    def defines(self, modules):
        """What the kernel's configuration would say of the new options."""
        entries = self.entries()
        old = dict(entry for path in KCONFIGS
                   for entry in ENTRY.findall(self.source.read(path)))
        new = [name for name in self.options() if name not in old]
        return [f"-DCONFIG_{name}" +
                ("_MODULE=1" if name in modules.values() and
                 "tristate" in entries[name] else "=1")
                for name in sorted(new)]

    def files(self, version):
        """All that a build of the modules needs, and a Kbuild for them.

        The modules tell a version. dkms takes two modules that tell none for
        the same, and would keep the kernel's.
        """
        modules = self.modules()
        paths = {path for stem in modules for path in self.sources(stem)}
        headers = set()
        for path in paths:
            self.headers(path, headers)
        composition = [line for stem in modules
                       for line in self.composition(stem)]
        files = {path: self.read(path) for path in paths | headers}
        for path in paths:
            if "MODULE_LICENSE(" in files[path]:
                files[path] += f'MODULE_VERSION("{version}");\n'
        files[f"{CONTROLLER}/Kbuild"] = KBUILD.format(
            objects=" ".join(f"{stem}.o" for stem in modules),
            composition="".join(f"{line}\n" for line in
                                dict.fromkeys(composition)),
            top=posixpath.relpath(".", CONTROLLER),
            defines=" ".join(self.defines(modules)))
        return files

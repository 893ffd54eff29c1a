# SPDX-License-Identifier: GPL-2.0-only
"""How to build the patched pci-hyperv alone."""

import posixpath
import re

CONTROLLER = "drivers/pci/controller"
MODULE = "pci-hyperv"
DRIVER = f"{CONTROLLER}/{MODULE}.c"

INCLUDE = re.compile(r'^#\s*include "([^"]+)"', re.MULTILINE)
# Of the driver's tests nothing is built
TESTS = re.compile(r"^#ifdef CONFIG_\w+_KUNIT_TEST\n.*?^#endif\n",
                   re.MULTILINE | re.DOTALL)

KBUILD = f"""\
# SPDX-License-Identifier: GPL-2.0-only
obj-m := {MODULE}.o
"""


class Patched:
    """A kernel source with the series on it: content is {path: text}."""

    def __init__(self, source, content):
        self.source, self.content = source, content

    def read(self, path):
        return self.content[path] if path in self.content \
            else self.source.read(path)

    def has(self, path):
        return path in self.content or self.source.has(path)

    def _included(self, path, found):
        """Add to found, {path: text}, a file and those that it includes.

        The kernel's <...> headers are all in the headers package.
        """
        found[path] = TESTS.sub("", self.read(path))
        for name in INCLUDE.findall(found[path]):
            name = posixpath.normpath(
                posixpath.join(posixpath.dirname(path), name))
            if self.has(name) and name not in found:
                self._included(name, found)

    def files(self, version):
        """All that a build of the module needs, and a Kbuild for it.

        The module tells a version. dkms takes two modules that tell none for
        the same, and would keep the kernel's.
        """
        found = {}
        self._included(DRIVER, found)
        found[DRIVER] += f'MODULE_VERSION("{version}");\n'
        found[f"{CONTROLLER}/Kbuild"] = KBUILD
        return found

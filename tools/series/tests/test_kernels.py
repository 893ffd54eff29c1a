# SPDX-License-Identifier: GPL-2.0-only
"""KSRC= is a kernel source that the series can be applied to, or is refused."""

import subprocess
from unittest import mock

from environment import Case, kernel_files, lay_out, snapshot

from serieslib import kernels


class Find(Case):
    def find(self, path=None):
        return kernels.find_source(str(path or self.kernel), ["a/file"])

    def tarball(self, name="kernel.tar.xz"):
        path = self.directory / name
        subprocess.run(["tar", "-C", self.directory, "-caf", path, "kernel"],
                       check=True)
        return path

    def test_tree_is_found(self):
        lay_out(self.kernel, kernel_files())
        source = self.find()
        self.assertEqual(source.release, "Linux 9.8.7")
        self.assertEqual(source.read(kernels.DRIVER), "int driver;\n")

    def test_tarball_is_unpacked_where_needed(self):
        lay_out(self.kernel, kernel_files(**{"a/file": "x\n", "b/file": ""}))
        before = snapshot(self.directory)
        source = self.find(self.tarball())
        self.assertEqual(source.read("a/file"), "x\n")
        self.assertFalse(source.has("b/file"))
        self.assertEqual(source.subset(), sorted(
            ["Makefile", "a/file", kernels.DRIVER,
             "drivers/hv/hyperv_vmbus.h"]))
        after = snapshot(self.kernel)
        self.assertEqual({f"kernel/{name}" for name in after}, set(before))

    def test_tarball_is_unpacked_once(self):
        lay_out(self.kernel, kernel_files())
        path = self.tarball()
        self.assertEqual(self.find(path).tree, self.find(path).tree)

    def test_missing_path_fails(self):
        self.fails("KSRC=.*/kernel: no such file or directory", self.find)

    def test_empty_directory_fails(self):
        self.kernel.mkdir()
        self.fails("KSRC=.*/kernel: not a kernel source", self.find)

    def test_makefile_of_something_else_fails(self):
        lay_out(self.kernel, {"Makefile": "all:\n\ttrue\n"})
        self.fails("KSRC=.*/kernel: not a kernel source", self.find)

    def test_file_that_is_no_tarball_fails(self):
        lay_out(self.directory, {"kernel": "hello\n"})
        self.fails("KSRC=.*/kernel: neither a directory nor a tarball",
                   self.find)

    def test_tarball_that_is_cut_off_fails(self):
        lay_out(self.kernel, kernel_files(**{"a/file": "x\n" * 99999}))
        path = self.tarball("kernel.tar")
        path.write_bytes(path.read_bytes()[:20000])
        self.fails("KSRC=.*kernel.tar: tar: ", self.find, path)
        self.assertFalse(list((self.directory / "cache").rglob("Makefile")))

    def test_tar_that_is_killed_leaves_nothing(self):
        lay_out(self.kernel, kernel_files())
        killed = subprocess.CompletedProcess([], -9, stderr="")
        path = self.tarball()
        with mock.patch.object(subprocess, "run", return_value=killed):
            self.fails("KSRC=.*: tar ended with -9", self.find, path)
        self.assertFalse([path for path in
                          (self.directory / "cache" / "pci-hyperv-decode" /
                           "source").iterdir() if path.is_dir()])

    def test_tree_without_driver_fails(self):
        files = kernel_files()
        del files[kernels.DRIVER]
        lay_out(self.kernel, files)
        self.fails("Linux 9.8.7 has no .*pci-hyperv.c", self.find)

    def test_patched_tree_is_recognised(self):
        lay_out(self.kernel, kernel_files(**{kernels.OURS: ""}))
        self.fails(r"KSRC=\S+: already patched \(has \S+bars.c\)", self.find)

    def test_patched_tarball_is_recognised(self):
        lay_out(self.kernel, kernel_files(**{kernels.OURS: ""}))
        self.fails("already patched", self.find, self.tarball())

# SPDX-License-Identifier: GPL-2.0-only
"""A source package as a git tree: complete, and always the same commit."""

import os
import shutil
import subprocess
import unittest
from unittest import mock

from environment import lay_out
from git_environment import GitCase

from serieslib import imported

GIT = shutil.which("git")


class Imported(GitCase):
    def files(self):
        return {"Makefile": "all:\n", "a b/c\"d\\e": "\xe4\n",
                "run": "#!/bin/sh\n", "empty": "", ".gitignore": "*.o\n",
                "in.o": "kept\n"}

    def setUp(self):
        super().setUp()
        source = self.directory / "linux-source-9.8"
        lay_out(source, self.files())
        (source / "run").chmod(0o755)
        os.symlink("../Makefile", source / "a b" / "link")
        self.tarball = self.directory / "source.tar.xz"
        subprocess.run(["tar", "-C", self.directory, "-cJf", self.tarball,
                        source.name], check=True)
        self.git("init", "-q", source)
        self.git("add", "--all", "--force", tree=source)
        self.tree = self.git("write-tree", tree=source)

    def fill(self, name):
        target = self.directory / name
        target.mkdir()
        imported.fill(self.tarball, "linux 9.8-1\n", target)
        return target

    def test_tree_is_that_of_the_files(self):
        target = self.fill("one")
        self.assertEqual(self.git("rev-parse", "HEAD^{tree}", tree=target),
                         self.tree)
        self.git("fsck", "--strict", tree=target)

    def test_commit_is_the_same_each_time(self):
        self.assertEqual(*(self.git("rev-parse", "HEAD", tree=self.fill(name))
                           for name in ("one", "two")))

    def test_tarball_that_is_cut_off_fails(self):
        self.tarball.write_bytes(self.tarball.read_bytes()[:200])
        self.fails("cannot import", self.fill, "one")

    def have_import_die(self, script):
        """Have git fast-import do no more than that."""
        programs = self.directory / "bin"
        lay_out(programs, {"git": f"""#!/bin/sh
            case "$*" in *fast-import*) {script}; exit 1 ;; esac
            exec {GIT} "$@"
            """})
        (programs / "git").chmod(0o755)
        self.enterContext(mock.patch.dict(
            os.environ, PATH=f"{programs}:{os.environ['PATH']}"))

    def test_import_that_dies_fails_in_one_line(self):
        for number, script in enumerate((":", "head -c 9 >/dev/null", "cat")):
            with self.subTest(script):
                self.have_import_die(f"{script} >/dev/null")
                self.fails("cannot import .*: is there "
                           "room in the cache", self.fill, str(number))


class Large(Imported):
    """With more than fits into the pipe."""

    def files(self):
        return super().files() | {"large": "x" * 10 ** 6}


if __name__ == "__main__":
    unittest.main()

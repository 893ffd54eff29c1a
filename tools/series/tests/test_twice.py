# SPDX-License-Identifier: GPL-2.0-only
"""An edit that brings what is there already is refused, whatever it brings."""

import unittest

from environment import Case

from serieslib import twice
from serieslib.apply import apply_edit
from serieslib.patches import Edit

DRIVER = """\
#include <linux/pci.h>

struct bus {
	struct {
		int inner;
	} nested;
#ifdef CONFIG_X86
	int sysdata;
#else
	long sysdata;
#endif
	spinlock_t lock; /* for a list; */
	unsigned int flag:1;
	void (*call)(int);
	int array[4];
};

static int probe(struct bus *bus)
{
	struct bus other = { .array = { 1 }, .flag = 0 };

	init(&bus->lock, "a { string; }");
	return other.flag ? -ENODEV : 0;
}

static const struct pair pairs[] = {
	{ .first = 1, .second = 2 },
	{ .first = 3, .second = 4 },
};

static struct hv_driver driver = {
	.name = "x",
	.probe = probe,
	.driver = {
		.probe_type = PROBE_PREFER_ASYNCHRONOUS,
	},
};
"""
MEMBER = "\t.driver = {\n\t\t.probe_type = PROBE_FORCE_SYNCHRONOUS,\n\t},\n"


class Twice(Case):
    def brings(self, anchor, text, what, name="a.c", content=DRIVER):
        new = content.replace(anchor, anchor + text)
        self.assertNotEqual(new, content)
        self.fails(f"{what} is there already", twice.check, name, content, new)

    def test_member_initialised_twice(self):
        self.brings("\t.probe = probe,\n", MEMBER, r"\.driver of driver")

    def test_member_of_nested_initialiser(self):
        self.brings("ASYNCHRONOUS,\n", "\t\t.probe_type = 0,\n",
                    r"\.probe_type of driver")

    def test_function_defined_twice(self):
        self.brings("0;\n}\n", "\nstatic void\nprobe(int a,\n\t   int b)\n{\n}\n",
                    r"probe\(\)")

    def test_include_twice(self):
        for text in ("#include <linux/pci.h>\n", "# include  <linux/pci.h>\n"):
            self.brings("#include <linux/pci.h>\n", text,
                        "include <linux/pci.h>")

    def test_structure_and_its_members_twice(self):
        for text, what in (("\tspinlock_t lock;\n", ".lock of struct bus"),
                           ("\tint flag;\n", ".flag of struct bus"),
                           ("\tint (*call)(void);\n", ".call of struct bus"),
                           ("\tint array[2][3];\n", ".array of struct bus"),
                           ("};\nstruct bus {\n", "struct bus")):
            self.brings("\tint array[4];\n", text, what)

    def test_statement_that_follows_itself(self):
        self.brings('string; }");\n', '\tinit(&bus->lock, "a { string; }");\n',
                    r'"init\(&bus->lock, .*;"')

    def test_option_and_object_twice(self):
        self.brings("config A\n", "\tbool\n\nconfig A\n", "option A", "Kconfig",
                    "config A\n\tbool\n")
        self.brings("obj-m += a.o\n", "obj-m += a.o\n", r"object obj-m \+= a.o",
                    "Makefile", "obj-m += a.o\n")

    def test_what_was_there_twice_before_may_be(self):
        new = DRIVER.replace("\tint array", "\tint sysdat;\n\tint array") \
            .replace("{ .first = 3", "{ .first = 5 },\n\t{ .first = 3") \
            .replace("\t.probe =", "\t.remove = remove,\n\t.probe =") + \
            "static int other(void)\n{\n\treturn 0;\n}\n"
        twice.check("a.c", DRIVER, new)

    def test_block_that_is_there(self):
        edit = Edit("a name", "page.rst", "after", "^one\n", "two\n  three\n")
        text = apply_edit(edit, "one\n")
        self.fails("block with 'two' is there already", apply_edit, edit, text)


if __name__ == "__main__":
    unittest.main()

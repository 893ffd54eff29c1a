# SPDX-License-Identifier: GPL-2.0-only
"""Semantic patches match once or fail."""

from environment import Case

from serieslib import semantic

RULE = """@call_is_renamed@
position p;
@@
- old@p();
+ new();
"""


def function(body):
    return f"void function(void)\n{{\n\t{body}\n}}\n"


class Transform(Case):
    def test_one_match_is_transformed(self):
        self.assertEqual(semantic.transform(RULE, function("old();"), "a.c"),
                         function("new();"))

    def test_no_match_fails(self):
        self.fails("rule call_is_renamed matches 0 times", semantic.transform,
                   RULE, function("other();"), "a.c")

    def test_two_matches_fail(self):
        self.fails("rule call_is_renamed matches 2 times", semantic.transform,
                   RULE, function("old();\n\told();"), "a.c")

    def test_one_of_two_rules_missing_fails(self):
        other = RULE.replace("call_is", "other_is").replace("old", "absent")
        self.fails("rule other_is_renamed matches 0 times",
                   semantic.transform, RULE + "\n" + other,
                   function("old();"), "a.c")

    def test_second_run_is_the_same(self):
        runs = [semantic.transform(RULE, function("old();"), "a.c")
                for _ in range(2)]
        self.assertEqual(runs[0], runs[1])

    def test_failure_is_not_cached_as_success(self):
        for _ in range(2):
            self.fails("matches 0 times", semantic.transform, RULE,
                       function(""), "a.c")

    def test_bad_semantic_patch_fails(self):
        self.fails("spatch failed", semantic.transform,
                   RULE.replace("- old@p();", "- old@p(;"),
                   function("old();"), "a.c")


class Rules(Case):
    def test_names_are_found(self):
        self.assertEqual(semantic.rules(RULE + RULE.replace("call", "x")),
                         ["call_is_renamed", "x_is_renamed"])

    def test_rule_that_depends_is_found(self):
        self.assertEqual(semantic.rules(RULE.replace(
            "renamed@", "renamed depends on x@")), ["call_is_renamed"])

    def test_rule_without_name_fails(self):
        self.fails("no name", semantic.rules,
                   RULE.replace("@call_is_renamed@", "@@"))

    def test_rule_without_position_fails(self):
        self.fails('no "position p;"', semantic.rules,
                   RULE.replace("position p;\n", ""))

    def test_no_rule_fails(self):
        self.fails("no rule", semantic.rules, "// nothing\n")

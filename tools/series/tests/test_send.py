# SPDX-License-Identifier: GPL-2.0-only
"""Who gets the mails, and that they are sent only when somebody says so."""

import contextlib
import io
import json
import os
import re
import socket
import sys
import unittest
from unittest import mock

from environment import lay_out
from git_environment import BRANCH, SERIES, GitCase
from smtp_sink import Sink

from serieslib import figures, send

TO = ["ann@example.org", "ky@example.org"]
CC = ["rob@example.org", "driver@lists.example.org",
      "everything@lists.example.org"]


class SendCase(GitCase):
    def setUp(self):
        super().setUp()
        self.enterContext(mock.patch.object(send, "packages"))
        self.shown = self.enterContext(
            open(self.directory / "shown", "w+", encoding="utf-8"))
        self.enterContext(contextlib.redirect_stdout(self.shown))
        run = send.subprocess.run

        def shown(command, **options):
            if "send-email" in command:
                options |= {"stdout": self.shown, "stderr": self.shown}
            return run(command, **options)

        self.enterContext(mock.patch.object(send.subprocess, "run", shown))

    def configure(self, **settings):
        for name, value in settings.items():
            self.git("config", "--file", self.settings, f"sendemail.{name}",
                     str(value))

    @contextlib.contextmanager
    def terminal(self, typed):
        """Standard input is a terminal at which that is typed."""
        ours, theirs = os.openpty()
        os.write(ours, typed.encode())
        with open(theirs, encoding="utf-8") as stdin, \
                mock.patch.object(sys, "stdin", stdin):
            yield
        os.close(ours)

    def really(self, typed):
        """Send to a sink, and give that answer: the exit code and the mails."""
        with Sink() as sink, self.terminal(typed):
            self.configure(smtpserver="127.0.0.1", smtpserverport=sink.port)
            code = self.send("--send")
        return code, sink.mails


class DryRun(SendCase):
    def test_shows_mails_and_recipients(self):
        self.mails()
        self.assertEqual(self.send(), 0)
        self.shown.seek(0)
        text = self.shown.read()
        self.assertEqual(text.count("Dry-OK"), 3)
        for subject in ("v1 0/2] PCI: hv: Letter", "v1 2/2] PCI: hv: Say"):
            self.assertIn(subject, text)
        for line in (f"3 mails of {SERIES}, KSRC={self.kernel}, from "
                     "Wri Ter <wri@example.org>",
                     "To: Ann Keeper <ann@example.org>",
                     'To: "K. Y. Porter" <ky@example.org>',
                     "Cc: Rob Reader <rob@example.org>",
                     "Cc: driver@lists.example.org"):
            self.assertIn(line + "\n", text)

    def test_without_mails_fails(self):
        self.fails("no mails in .*/out/.*: run make series first", self.send)

    def test_mail_that_is_missing_fails(self):
        self.mails()
        self.paths()[1].unlink()
        self.fails("v1-0001.* is missing.*run make series", self.send)

    def test_tree_that_is_gone_fails(self):
        self.mails()
        self.kernel.rename(self.directory / "moved")
        self.fails("run make series first", self.send)

    def test_nobody_to_send_to_fails(self):
        script = self.kernel / "scripts/get_maintainer.pl"
        script.write_text("print 'x@lists.example.org (open list)';\n")
        self.git("commit", "-qam", "x")
        self.mails()
        self.fails("get_maintainer.pl names nobody", self.send)


class Really(SendCase):
    def setUp(self):
        super().setUp()
        self.name_user()
        lay_out(figures.BUILD / "boot/9.8", {"result.json": json.dumps(
            {"kernel": "9.8", "runs": [
                {"functions": 1, "driver": "series", "flow": "boot", "maps": 1,
                 "unmaps": 0, "config_reads": 9, "config_writes": 9}]})})
        self.mails("--identity", "mine")

    def test_what_arrives_makes_the_same_tree(self):
        code, mails = self.really("y\n")
        self.assertEqual((code, len(mails)), (0, 3))
        paths = []
        for number, (people, mail) in enumerate(mails):
            self.assertEqual(set(people) - {"x@example.org"}, {*TO, *CC})
            paths.append(self.directory / f"arrived-{number}")
            paths[-1].write_bytes(mail)
        self.assertEqual(self.apply_mails(paths),
                         self.git("rev-parse", f"{BRANCH}^{{tree}}"))

    def test_letter_without_figures_is_not_sent(self):
        (figures.BUILD / "boot/9.8/result.json").unlink()
        self.mails("--identity", "mine")
        with self.terminal("y\n"):
            self.fails("no figures yet: run make boot KERNEL=9.8, then make series again: "
                       "nothing was sent", self.send, "--send")

    def test_no_sends_nothing(self):
        for answer in ("n\n", "\n", "maybe\n"):
            self.assertEqual(self.really(answer), (1, []))

    def test_without_terminal_nothing_is_sent(self):
        with Sink() as sink, mock.patch.object(sys, "stdin", io.StringIO("y")):
            self.configure(smtpserver="127.0.0.1", smtpserverport=sink.port)
            self.fails("no terminal to ask at: nothing was sent", self.send,
                       "--send")
        self.assertEqual(sink.mails, [])

    def test_server_that_does_not_answer_fails(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        self.configure(smtpserver="127.0.0.1", smtpserverport=port)
        self.fails(rf"SMTP server 127.0.0.1:{port} \(sendemail.smtpServer\) "
                   "does not answer: Connection refused: nothing was sent",
                   self.send, "--send")

    def test_server_of_an_identity_is_asked(self):
        self.configure(smtpserver="absent.invalid", identity="work")
        self.configure(**{"work.smtpserver": "127.0.0.1",
                          "work.smtpserverport": 1})
        self.fails("SMTP server 127.0.0.1:1 ", self.send, "--send")

    def test_no_server_fails(self):
        with mock.patch.object(send.shutil, "which", return_value=None):
            self.fails("no SMTP server: git config", self.send, "--send")

    def test_without_identity_fails(self):
        self.settings.write_text("")
        self.fails("no identity: git knows no name", self.send, "--send")

    def test_mails_of_others_fail(self):
        self.name_user("you@home.arpa")
        self.fails("the mails are from me@home.arpa, you are Me "
                   "<you@home.arpa>: run make series IDENTITY=mine",
                   self.send, "--send")

    def test_mails_of_a_tree_of_ours_are_not_sent(self):
        path = self.out / SERIES / send.MADE
        path.write_text(path.read_text().replace('"ours": false',
                                                 '"ours": true'))
        self.fails("the mails are of KSRC=.*, on which nobody can apply them: "
                   "run make series KSRC=TREE first", self.send, "--send")

    def identifiers(self, mails):
        return [re.search(rb"^Message-I[Dd]: <(.*)>", mail, re.M)[1]
                for _, mail in mails]

    def test_nothing_is_sent_twice(self):
        _, first = self.really("y\n")
        self.mails("--identity", "mine")
        self.fails(f"{SERIES} was sent already, as 20260102-letter-0-v1-0000-",
                   self.really, "y\n")
        self.assertEqual(len(set(self.identifiers(first))), 3)

    def test_series_that_follows_links_to_it(self):
        _, mails = self.really("y\n")
        self.assertEqual(self.git("config", f"series.{SERIES}.sent"),
                         self.identifiers(mails)[0].decode())

    def test_rest_is_sent_after_the_server_broke_off(self):
        for spoilt in ("refuses", "drops", "drops after it took it"):
            with self.subTest(spoilt), Sink(spoilt, 1) as sink:
                (self.out / SERIES / send.MADE).unlink()
                self.mails("--identity", "mine")
                with self.terminal("y\n"):
                    self.configure(smtpserver="127.0.0.1",
                                   smtpserverport=sink.port)
                    self.fails("failed after 1 of 3 mails, .* sends the rest",
                               self.send, "--send")
                code, rest = self.really("y\n")
                self.assertEqual((code, len(rest)), (0, 2))
                everything = self.identifiers(sink.mails + rest)
                # What a server took without saying so has the same name
                self.assertEqual(len(set(everything)), 3)
                self.assertIn(b"In-Reply-To: <" + everything[0], rest[0][1])

    def test_slow_server_is_waited_for(self):
        with Sink("is slow", 1) as sink, self.terminal("y\n"):
            self.configure(smtpserver="127.0.0.1", smtpserverport=sink.port)
            self.assertEqual(self.send("--send"), 0)
        self.assertEqual(len(sink.mails), 3)


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: GPL-2.0-only
"""A mail server for tests, which keeps what it is sent, or fails to."""

import contextlib
import socketserver
import threading
import time

ANSWERS = {b"EHLO": b"250 sink", b"HELO": b"250 sink", b"MAIL": b"250 ok",
           b"RCPT": b"250 ok", b"RSET": b"250 ok", b"QUIT": b"221 bye",
           b"DATA": b"354 go on"}


class _Session(socketserver.StreamRequestHandler):
    def _say(self, answer):
        self.wfile.write(answer + b"\r\n")

    def _mail(self):
        """The lines up to the dot, without the dots put before dots."""
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".").replace(b"\r\n", b"\n"))
        return b"".join(lines)

    def _keep(self, people, mail):
        """Take a mail, or do as the server does then; does it go on?"""
        spoilt = self.server.spoilt if \
            len(self.server.mails) == self.server.after else ""
        if spoilt == "is slow":
            time.sleep(1)
        elif spoilt == "refuses":
            self._say(b"554 no")
            return True
        if spoilt != "drops":
            self.server.mails.append((people, mail))
        if spoilt.startswith("drops"):
            return False
        self._say(b"250 kept")
        return True

    def handle(self):
        # Some only look whether anybody answers
        with contextlib.suppress(ConnectionError):
            self._talk()

    def _talk(self):
        self._say(b"220 sink")
        people = []
        while line := self.rfile.readline().strip():
            verb = line[:4].upper()
            self._say(ANSWERS.get(verb, b"500 unknown"))
            if verb == b"RCPT":
                people.append(line.decode().split("<")[1].split(">")[0])
            elif verb == b"DATA":
                if not self._keep(people, self._mail()):
                    return
                people = []
            elif verb == b"QUIT":
                return


class Sink(socketserver.ThreadingTCPServer):
    """Listens at 127.0.0.1, port, until the end of the with statement.

    After so many mails it once "refuses", "drops" the connection with or
    without having taken the mail, or "is slow".
    """

    daemon_threads = True

    def __init__(self, spoilt="", after=0):
        super().__init__(("127.0.0.1", 0), _Session)
        self.spoilt, self.after = spoilt, after
        self.mails = []
        self.port = self.server_address[1]

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()

# SPDX-License-Identifier: GPL-2.0-only
"""A mail server for tests, which keeps what it is sent."""

import contextlib
import socketserver
import threading

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
                self.server.mails.append((people, self._mail()))
                people = []
                self._say(b"250 kept")
            elif verb == b"QUIT":
                return


class Sink(socketserver.ThreadingTCPServer):
    """Listens at 127.0.0.1, port, until the end of the with statement."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Session)
        self.mails = []
        self.port = self.server_address[1]

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()

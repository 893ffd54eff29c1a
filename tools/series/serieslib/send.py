# SPDX-License-Identifier: GPL-2.0-only
"""Show the mails and who gets them, or send them: git-send-email(1).

What was sent is noted beside the mails: nobody gets a mail twice, and what is
left of a series that broke off can be sent later. Each mail has the same
Message-ID whenever it is sent: if a server took one and the connection broke
before it said so, whoever gets the second already has the first.
"""

import contextlib
import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from program import Problem, output, packages, say

from . import commits, figures
from .cover import sent_key
from .git import Tree, users_environment
from .mail import COVER
from .output import write_file

MADE = "made.json"
MAINTAINERS = ("MAINTAINERS", "scripts/get_maintainer.pl")
# The files that are touched say who is concerned. Words in thousands of lines
# of tests would name people who are not.
OPTIONS = ("--no-tree", "--nogit", "--nogit-fallback",
           "--nogit-chief-penguins", "--nokeywords", "--roles")
PERSON = re.compile(r"(.*<[^>]+>|\S+@\S+) \(([^:)]*)")
COPIED = ("reviewer", "list")
# The server, or a local program, took a mail
TAKEN = re.compile(r"^Result: (?:OK|2\d\d)\b", re.MULTILINE)
CHANGE = re.compile(r"^change-id: (\S+)$", re.MULTILINE)

# git-email only recommends what it needs to speak with a mail server
PACKAGES = ("git-email", "perl", "libmailtools-perl", "libnet-smtp-ssl-perl",
            "libio-socket-ssl-perl", "libauthen-sasl-perl")


def _digest(directory, names):
    return hashlib.sha256(b"".join(
        (directory / name).read_bytes() for name in sorted(names))).hexdigest()


def note(directory, tree, base, branch):
    """Leave what make send has to know of a branch's mails."""
    names = sorted(branch.mails)
    made = {"label": tree.label, "tree": str(tree.path), "ours": tree.ours,
            "base": base, "series": branch.series,
            "name": branch.newest.name, "email": branch.newest.email,
            "digest": _digest(directory, names), "mails": names, "sent": []}
    with contextlib.suppress(Problem):
        before = _made(directory)
        if before["digest"] == made["digest"]:
            made["sent"] = before["sent"]
    _keep(directory, made)


def _keep(directory, made):
    write_file(directory / MADE, json.dumps(made, indent=1) + "\n")


def _made(directory):
    try:
        made = json.loads((directory / MADE).read_text())
        missing = [name for name in made["mails"]
                   if not (directory / name).is_file()]
        made["sent"], made["digest"]  # pylint: disable=pointless-statement
    except (FileNotFoundError, ValueError, KeyError):
        missing = [MADE]
    if missing:
        raise Problem(f"no mails in {directory} ({missing[0]} is missing): "
                      "run make series first")
    return made


def _touched(mails):
    """The files that mails are about."""
    return {line[6:] for path in mails for line in path.read_text(
        "utf-8").splitlines() if line.startswith(("+++ b/", "--- a/"))}


def _lay_out(tree, base, touched, top):
    """What get_maintainer.pl reads of a tree, at its base commit."""
    try:
        for name in MAINTAINERS:
            (top / name).parent.mkdir(exist_ok=True)
            (top / name).write_text(tree.git("show", f"{base}:{name}"))
    except Problem:
        raise Problem(f"{tree.label}: no {name} in its commit {base[:12]}: "
                      "run make series first") from None
    ignored = tree.asks("show", f"{base}:.get_maintainer.ignore")
    (top / ".get_maintainer.ignore").write_text(ignored + "\n")
    # Patterns for directories match those only that are there
    for name in touched:
        (top / name).parent.mkdir(parents=True, exist_ok=True)


def recipients(tree, base, mails):
    """Who is to get the series: maintainers; reviewers and lists."""
    with tempfile.TemporaryDirectory(prefix="series-") as directory:
        top = Path(directory)
        _lay_out(tree, base, _touched(mails), top)
        told = output("perl", "scripts/get_maintainer.pl", *OPTIONS, *mails,
                      cwd=top, env={"PATH": os.environ["PATH"],
                                    "HOME": directory, "LC_ALL": "C.UTF-8"})
    people = PERSON.findall(told)
    to, cc = ([person for person, role in people
               if role.endswith(COPIED) == copied]
              for copied in (False, True))
    if not to:
        raise Problem(f"{tree.label}: its get_maintainer.pl names nobody")
    return to, cc


def _setting(tree, name):
    """A setting of git send-email, with the user's identity there first."""
    identity = tree.asks("config", "sendemail.identity")
    return (identity and tree.asks("config", f"sendemail.{identity}.{name}")) \
        or tree.asks("config", f"sendemail.{name}")


def check_server(tree):
    """How the mails leave; stops if nobody listens there."""
    server = _setting(tree, "smtpserver")
    local = _setting(tree, "sendmailcmd") or \
        (server if server.startswith("/") else "") or \
        (not server and shutil.which("sendmail", path=os.defpath +
                                     ":/usr/sbin:/usr/lib"))
    if local:
        return local
    if not server:
        raise Problem("no SMTP server: git config --global "
                      "sendemail.smtpServer HOST, see git help send-email")
    encryption = _setting(tree, "smtpencryption")
    port = _setting(tree, "smtpserverport") or \
        ("465" if encryption == "ssl" else "25")
    try:
        socket.create_connection((server, port), 20).close()
    except OSError as error:
        raise Problem(f"SMTP server {server}:{port} (sendemail.smtpServer) "
                      f"does not answer: {error.strerror or error}: nothing "
                      "was sent") from None
    return f"{server}:{port}"


def check_sender(tree, made):
    """Who really sends has to be who signed off."""
    name, address = commits.users_identity(tree)
    if address != made["email"]:
        raise Problem(f"the mails are from {made['email']}, you are "
                      f"{name} <{address}>: run make series IDENTITY=mine "
                      "first")


def check_figures(letter):
    """Stop if the cover letter tells only that it has no figures."""
    command = figures.lacking(letter.read_text("utf-8"))
    if command:
        raise Problem(f"the cover letter has no figures yet: run {command}, "
                      "then make series again: nothing was sent")


def ask(question):
    """Yes only if somebody at a terminal says so."""
    if not sys.stdin.isatty():
        raise Problem("SEND=1 asks before it sends, and there is no terminal "
                      "to ask at: nothing was sent")
    print(f"{question} [y/N] ", end="", flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _git_send_email(tree, made, people, mails, *more):
    """Run it and show what it says: how many mails were taken, exit code."""
    author = commits.Author(made["name"], made["email"], commits.DATE)
    to, cc = people
    command = ["git", "-C", tree.path, "send-email", *more, "--confirm=never",
               "--suppress-cc=self", "--thread", "--no-chain-reply-to",
               f"--from={author}", *(f"--to={person}" for person in to),
               *(f"--cc={person}" for person in cc), *mails]
    sys.stdout.flush()
    text = ""
    # It wants to know who the user is, even where it does not matter
    with subprocess.Popen(
            command, env=users_environment() | author.environment(),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace") as process:
        for line in process.stdout:
            print(line, end="", flush=True)
            text += line
    return len(TAKEN.findall(text)), process.returncode


def _show(made, mails, to, cc):
    print(f"{len(mails)} mails of {made['series']}, {made['label']}, from "
          f"{made['name']} <{made['email']}>")
    for head, people in (("To", to), ("Cc", cc)):
        for person in people:
            print(f"{head}: {person}")
    print(flush=True)


def _message_id(directory, made, name):
    """The same for the same mail, in the form of b4's."""
    change = CHANGE.search((directory / COVER).read_text("utf-8"))[1]
    return f"{change}-{name[:7]}-{made['digest'][:12]}@" + \
        made["email"].rpartition("@")[2]


def _identified(directory, made, name, place):
    """A mail with its Message-ID, in another place."""
    first, rest = (directory / name).read_text("utf-8").split("\n", 1)
    (place / name).write_text(
        f"{first}\nMessage-ID: <{_message_id(directory, made, name)}>\n{rest}",
        "utf-8")
    return place / name


def _send_rest(directory, tree, made, people):
    """Send what was not sent yet, the cover letter first."""
    names = [name for name in made["mails"] if name not in made["sent"]]
    cover = _message_id(directory, made, COVER)
    thread = [f"--in-reply-to=<{cover}>"] if made["sent"] else []
    with tempfile.TemporaryDirectory(prefix="series-") as place:
        mails = [_identified(directory, made, name, Path(place))
                 for name in names]
        taken, code = _git_send_email(tree, made, people, mails, *thread)
    made["sent"] += names[:taken]
    _keep(directory, made)
    if made["sent"]:
        tree.git("config", sent_key(made["series"]), cover)
    if code:
        raise Problem(
            f"git send-email failed after {taken} of {len(names)} mails, see "
            "its message above: the same command sends the rest")


def _refuse(directory, tree, made):
    """Stop at mails that nobody should get."""
    if len(made["sent"]) == len(made["mails"]):
        raise Problem(f"{made['series']} was sent already, as "
                      f"{_message_id(directory, made, COVER)}: nothing was "
                      "sent")
    if made["ours"]:
        raise Problem(f"the mails are of {made['label']}, on which nobody can "
                      "apply them: run make series KSRC=TREE first, TREE a "
                      "clone of mainline or pci/next: nothing was sent")
    check_sender(tree, made)
    check_figures(directory / COVER)


def send(directory, really):
    """Show what would be sent; with really, send it after asking."""
    packages(*PACKAGES)
    made = _made(directory)
    tree = Tree(made["label"], made["tree"])
    mails = [directory / name for name in made["mails"]]
    people = recipients(tree, made["base"], [
        mail for mail in mails if mail.name != COVER])
    if not really:
        _, code = _git_send_email(tree, made, people, mails, "--dry-run")
        if code:
            raise Problem("git send-email failed: see its message above")
        _show(made, mails, *people)
        say("series", "nothing was sent: SEND=1 sends it, after a question")
        return 0
    _refuse(directory, tree, made)
    server = check_server(tree)
    _show(made, mails, *people)
    if not ask(f"Send this by {server}?"):
        say("series", "nothing was sent")
        return 1
    _send_rest(directory, tree, made, people)
    return 0

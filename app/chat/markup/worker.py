"""The process that renders long and highlighted texts: `python -m app.chat.markup.worker SECONDS`.

Requests come in on standard input and answers go out on standard output, each after its length.
The process ends when the input does, so it never outlives the server, also one that was killed.
A text that takes more processor time than the limit ends the process, in the middle of a regular
expression too: the signal has no handler.
"""

import os
import resource
import signal
import struct
import sys
from typing import BinaryIO

import msgspec

from app.chat.markdown import render
from app.chat.markup.highlight import Highlighter

LENGTH = struct.Struct(">I")
ADDRESS_SPACE_BYTES = 1_073_741_824
NICENESS = 5


class Request(msgspec.Struct, array_like=True):
    """A text, with those it may mention: username → (user id, display name)."""

    text: str
    names: dict[str, tuple[str, str]]
    highlighted: bool
    bars: dict[int, str] = {}


class Rendered(msgspec.Struct, array_like=True):
    """The HTML of a text, and the ids of those whom it mentions."""

    html: str
    mentions: list[str]


def frame(message: msgspec.Struct) -> bytes:
    """A message as it goes through the pipe."""
    content = msgspec.msgpack.encode(message)
    return LENGTH.pack(len(content)) + content


def serve(requests: BinaryIO, answers: BinaryIO, seconds: float) -> None:
    """Render one text after the other, each in so many seconds, until the requests end."""
    decode = msgspec.msgpack.Decoder(Request).decode
    while len(head := requests.read(LENGTH.size)) == LENGTH.size:
        request = decode(requests.read(LENGTH.unpack(head)[0]))
        signal.setitimer(signal.ITIMER_PROF, seconds)
        highlight = Highlighter().highlight if request.highlighted else None
        html, mentions = render(request.text, request.names, highlight, request.bars)
        signal.setitimer(signal.ITIMER_PROF, 0)
        answers.write(frame(Rendered(html, mentions)))
        answers.flush()


def main() -> None:
    """Serve the process that started this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE_BYTES, ADDRESS_SPACE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    answers = sys.stdout.buffer
    sys.stdout = sys.stderr  # nothing else gets between the answers
    os.nice(NICENESS)
    answers.write(frame(Rendered("", [])))  # ready
    answers.flush()
    serve(sys.stdin.buffer, answers, float(sys.argv[1]))


if __name__ == "__main__":
    main()

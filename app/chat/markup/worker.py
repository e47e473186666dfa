"""The worker process that renders texts: `python -m app.chat.markup.worker SECONDS`.

It reads requests from standard input and writes answers to standard output, each after its length.
It ends with its input, and so with the server. A text that takes more processor time than the limit
ends it, also within a regular expression: the signal has no handler.
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
from app.emoji_shortcodes import table

LENGTH = struct.Struct(">I")
ADDRESS_SPACE_BYTES = 1_073_741_824
NICENESS = 5


class Request(msgspec.Struct, array_like=True):
    """A text to render. `names`: username → (user id, display name) of those it may mention."""

    text: str
    names: dict[str, tuple[str, str]]
    highlighted: bool
    bars: dict[int, str] = {}


class Rendered(msgspec.Struct, array_like=True):
    """The HTML of a text, and the ids of those whom it mentions."""

    html: str
    mentions: list[str]


def frame(message: msgspec.Struct) -> bytes:
    """A message with its length before it."""
    content = msgspec.msgpack.encode(message)
    return LENGTH.pack(len(content)) + content


def serve(requests: BinaryIO, answers: BinaryIO, seconds: float) -> None:
    """Render texts until the requests end, each within so many seconds of processor time."""
    decode = msgspec.msgpack.Decoder(Request).decode
    table()  # the first text with a shortcode does not pay for it
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

"""Rules for the frames of a WebSocket client, applied before aiohttp reads them. No I/O.

aiohttp accepts some that RFC 6455 wants refused: unmasked ones (5.1), lengths in more bytes than
they need (5.2), a message that begins within another one whose first fragment was empty (5.4).
"""

from aiohttp import WSCloseCode

CONTINUATION, FIRST_CONTROL, CLOSE = 0x0, 0x8, 0x8
FINAL, OPCODE, MASKED, LENGTH = 0x80, 0x0F, 0x80, 0x7F
MASK_BYTES = 4
# The length field that follows the first two bytes, and the least number that needs it.
LONGER = {126: (2, 126), 127: (8, 65_536)}


class Violation(Exception):
    """A frame that breaks a rule. `at` is where it begins in the piece that was examined last."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.code = WSCloseCode.PROTOCOL_ERROR
        self.at = max(at, 0)


class FrameRules:
    """Follows the heads of the frames through a stream that arrives in pieces of any length.

    `has_closed` once a close frame has arrived whole; `is_broken` once a rule was broken.
    """

    def __init__(self) -> None:
        self._head = bytearray()
        self._to_pass = 0
        self._is_within_message = False
        self._is_close = False
        self.has_closed = False
        self.is_broken = False

    def examine(self, data: bytes) -> None:
        """Check the next piece. Raises Violation; after that no piece can be checked any more."""
        at = 0
        while at < len(data):
            if self._to_pass:
                passed = min(self._to_pass, len(data) - at)
                self._to_pass -= passed
                at += passed
            else:
                at = self._read_head(data, at)
            self.has_closed |= self._is_close and not self._to_pass and not self._head

    def _read_head(self, data: bytes, at: int) -> int:
        """Take the rest of a head, as far as it has arrived; returns the index after it."""
        began = at - len(self._head)
        while at < len(data) and len(self._head) < self._head_bytes:
            step = self._head_bytes - len(self._head)
            self._head += data[at : at + step]
            at = min(at + step, len(data))
            if len(self._head) == 2:
                self._check_start(began)
        if len(self._head) >= 2 and len(self._head) == self._head_bytes:
            self._to_pass = self._payload_bytes(began)
            self._head.clear()
        return at

    @property
    def _head_bytes(self) -> int:
        """The length of this head, as far as its first bytes tell."""
        if len(self._head) < 2:
            return 2
        extra, _ = LONGER.get(self._head[1] & LENGTH, (0, 0))
        return 2 + extra + MASK_BYTES

    def _check_start(self, began: int) -> None:
        first, second = self._head
        if not second & MASKED:
            raise self._broken("a client has to mask its frames", began)
        opcode = first & OPCODE
        self._is_close = opcode == CLOSE
        if opcode >= FIRST_CONTROL:
            return
        if self._is_within_message and opcode != CONTINUATION:
            raise self._broken("a message began within another one", began)
        self._is_within_message = not first & FINAL

    def _payload_bytes(self, began: int) -> int:
        short = self._head[1] & LENGTH
        if short not in LONGER:
            return short
        extra, least = LONGER[short]
        length = int.from_bytes(self._head[2 : 2 + extra], "big")
        if length < least:
            raise self._broken("a length takes as few bytes as it can", began)
        return length

    def _broken(self, message: str, began: int) -> Violation:
        self.is_broken = True
        return Violation(message, began)

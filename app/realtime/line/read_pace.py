"""How much of what clients send is read in one turn of the loop.

A burst of one client, or of a crowd, must not keep others from being heard.
"""

from app.pace import Pace

# The time that a turn may take decides how many frames it takes, unless they are small.
FRAMES_A_TURN = 500
# To decode a megabyte of JSON can take 30 ms: so much of a frame counts as a small one, and a turn
# takes one of the largest.
BYTES_A_PIECE = 2_048


def reading_pace() -> Pace:
    """The pace at which the frames of all clients of one transport are read."""
    return Pace(at_once=FRAMES_A_TURN)


def pieces_of(frame: object) -> int:
    """As how many small frames `frame` counts, which is decoded next."""
    return 1 + len(frame) // BYTES_A_PIECE if isinstance(frame, str | bytes) else 1

"""The titles of what chat notifies of; browsers know them by these words. No I/O.

A title is stored and sent in English. Pages and the push worker show it in the person's language.
"""

from app.translation_marks import N_

MENTIONED = N_("{name} mentioned you in {room}")
ANSWERED = N_("{name} answered you in {room}")
WROTE = N_("{name} in {room}")
REACTED = N_("{name} reacted {emoji} in {room}")
ADDED = N_("{name} added you to {room}")

TITLES = (MENTIONED, ANSWERED, REACTED, ADDED, WROTE)

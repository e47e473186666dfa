"""The time of day as constructors take it, so that a test can turn it."""

from collections.abc import Callable
from datetime import datetime

Clock = Callable[[], datetime]

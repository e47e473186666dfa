"""How often to try again while the bus is away, and what of it is logged. No I/O."""

import structlog

LONGEST_PAUSE_S = 1.0

log = structlog.get_logger("bus")


class OutageLog:
    """Logs `warning` once for each outage and again where its reason changes, then the return.

    The pauses between tries double from `pause_s` to `longest_s`.
    """

    def __init__(self, warning: str, pause_s: float, longest_s: float = LONGEST_PAUSE_S) -> None:
        self._warning = warning
        self._longest_s = longest_s
        self._first_pause_s = self._pause_s = pause_s
        self._reason: str | None = None

    def failed(self, reason: str) -> float:
        """Note a failure; returns the seconds to wait before the next try."""
        if reason != self._reason:
            log.warning(self._warning, reason=reason)
        self._reason = reason
        pause_s, self._pause_s = self._pause_s, min(2 * self._pause_s, self._longest_s)
        return pause_s

    def ended(self) -> None:
        """Note that it works. Called often."""
        if self._reason is not None:
            log.info("bus is back", after=self._warning)
            self._reason = None
            self._pause_s = self._first_pause_s

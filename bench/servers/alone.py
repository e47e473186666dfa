"""Runs what Parley is compared with: one application on one loop like Parley's, with no log."""

import uvloop
from aiohttp import web


def serve(application: web.Application, port: int) -> None:
    """On loopback, until the process is ended."""
    web.run_app(
        application,
        host="127.0.0.1",
        port=port,
        access_log=None,
        print=lambda _: None,
        loop=uvloop.new_event_loop(),
    )

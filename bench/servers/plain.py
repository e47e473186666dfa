"""What the intake of events is compared with: aiohttp that only parses JSON and answers.

python -m bench.plain PORT
"""

import json
import sys

import uvloop
from aiohttp import web


async def track(request: web.Request) -> web.Response:
    events = await request.json()
    count = len(events) if isinstance(events, list) else 1
    return web.Response(
        text=json.dumps({"status": "tracked", "accepted": count}),
        status=202,
        content_type="application/json",
    )


def main() -> None:
    application = web.Application()
    application.router.add_post("/api/analytics/events", track)
    web.run_app(
        application,
        host="127.0.0.1",
        port=int(sys.argv[1]),
        access_log=None,
        print=lambda _: None,
        loop=uvloop.new_event_loop(),
    )


if __name__ == "__main__":
    main()

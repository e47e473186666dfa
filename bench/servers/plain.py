"""The server that the intake of events is compared with: aiohttp that only parses JSON.

python -m bench.servers.plain PORT
"""

import json
import sys

from aiohttp import web

from bench.servers.alone import serve


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
    serve(application, int(sys.argv[1]))


if __name__ == "__main__":
    main()

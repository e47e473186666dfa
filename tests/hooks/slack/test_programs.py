"""Payloads of the shapes that real programs send, and what is shown of each."""

import re
from html import unescape
from typing import Any

import msgspec
import pytest

from app.chat.markdown import Names, render
from app.hooks.incoming_payload import room_message

NAMES: Names = {"here": ("@here", "here"), "everyone": ("@everyone", "everyone")}

ALERTMANAGER = {
    "channel": "#alerts",
    "username": "Alertmanager",
    "link_names": False,
    "attachments": [
        {
            "title": "[FIRING:2] HighCPU (web-1 prod)",
            "title_link": "https://alerts.example/#/alerts?receiver=chat_1",
            "pretext": "<!channel>",
            "text": "\n    *Alert:* CPU over `95%`\n    <https://graphs.example/g?a=1&amp;b=2|Graph>\n",
            "fallback": "[FIRING:2] HighCPU | https://alerts.example/",
            "callback_id": "",
            "fields": [
                {"title": "Severity", "value": "critical", "short": True},
                {"title": "Count", "value": 2, "short": True},
            ],
            "actions": [
                {
                    "type": "button",
                    "text": "Runbook :blue_book:",
                    "url": "https://runbooks.example/",
                },
                {"type": "button", "text": "Silence", "name": "silence", "value": "1"},
            ],
            "footer": "",
            "color": "danger",
            "mrkdwn_in": ["fallback", "pretext", "text"],
        }
    ],
}

GRAFANA = {
    "channel": "alerts",
    "username": "Grafana",
    "icon_url": "https://grafana.example/icon.png",
    "attachments": [
        {
            "title": "[RESOLVED] disk_full (db-1)",
            "title_link": "https://grafana.example/alerting/list",
            "text": "**Resolved**\n\nValue: A=1\nLabels:\n - alertname = disk_full\n",
            "fallback": "[RESOLVED] disk_full (db-1)",
            "footer": "Grafana v11.1.0",
            "footer_icon": "https://grafana.example/fav32.png",
            "color": "#36a64f",
            "ts": 1717243200,
            "image_url": "https://grafana.example/render/1.png",
            "fields": None,
        }
    ],
}

# Its older way: alerts without labels, an image, fields with numbers.
OLD_GRAFANA = {
    "channel": "",
    "text": "",
    "username": "",
    "attachments": [
        {
            "fallback": "[Alerting] Load",
            "color": "#D63232",
            "title": "[Alerting] Load",
            "title_link": "https://grafana.example/d/1?fullscreen&edit&tab=alert",
            "text": "Load is high",
            "mrkdwn_in": ["pretext"],
            "pretext": "<!here|here>",
            "fields": [{"title": "load_1m", "value": 7.25, "short": True}],
            "image_url": "",
            "footer": "Grafana v7",
            "ts": 1717243200,
        }
    ],
}

GITLAB = {
    "username": "GitLab",
    "icon_url": "https://gitlab.example/icon.png",
    "text": None,
    "attachments": [
        {
            "pretext": "Ana pushed to branch <https://gitlab.example/g/p/-/tree/main|main> of "
            "<https://gitlab.example/g/p|Group / my_project_> "
            "(<https://gitlab.example/g/p/-/compare/a...b|Compare changes>)",
            "text": "<https://gitlab.example/g/p/-/commit/ab12|ab12cd34>: Fix __init__.py &amp; "
            "a*b*c - Ana",
            "color": "#345",
            "fallback": "Ana pushed",
            "mrkdwn_in": ["pretext", "text"],
        },
        {
            "fallback": "Pipeline #7 failed",
            "color": "danger",
            "author_name": "Ana (ana)",
            "author_link": "https://gitlab.example/ana",
            "author_icon": "https://gitlab.example/ana.png",
            "title": "Pipeline #7 has failed in 00:30",
            "title_link": "https://gitlab.example/g/p/-/pipelines/7",
            "fields": [
                {
                    "title": "Failed stage",
                    "value": "<https://gitlab.example/g/p/-/pipelines/7/failures|test>",
                    "short": True,
                }
            ],
            "footer": "my-project",
            "ts": 1717243200,
        },
    ],
}

JENKINS = {
    "channel": "#builds",
    "link_names": "1",
    "unfurl_links": "true",
    "attachments": [
        {
            "fallback": "app » main - #12 Failure after 3 min 2 sec (<https://ci.example/job/12/|Open>)",
            "color": "danger",
            "fields": [
                {
                    "short": False,
                    "value": "app » main - #12 *Failure* after 3 min 2 sec "
                    "(<https://ci.example/job/12/|Open>)\nTest Status:\n\tPassed: 7, Failed: 1",
                }
            ],
            "mrkdwn_in": ["pretext", "text", "fields"],
        }
    ],
}

SENTRY = {
    "text": "[backend] TypeError: x",
    "unfurl_links": False,
    "attachments": [
        {
            "color": "#E03E2F",
            "fallback": "[backend] TypeError: x",
            "blocks": [
                {
                    "type": "section",
                    "block_id": '{"issue":12345678901234567890}',
                    "text": {
                        "type": "mrkdwn",
                        "text": ":red_circle: <https://sentry.example/issues/1/?a=1&amp;b=2|*TypeError*>",
                    },
                },
                {
                    "type": "context",
                    "elements": [{"type": "mrkdwn", "text": "app/__init__.py in run"}],
                },
                {
                    "type": "section",
                    "text": {"type": "mrkdwn", "text": "```can't add &lt;int&gt; to str```"},
                },
                {"type": "section", "text": {"type": "mrkdwn", "text": "environment: `prod`  "}},
                {
                    "type": "actions",
                    "elements": [
                        {
                            "type": "button",
                            "action_id": "resolve",
                            "text": {"type": "plain_text", "text": "Resolve"},
                            "value": "resolve_dialog",
                        },
                        {
                            "type": "static_select",
                            "placeholder": {"type": "plain_text", "text": "Assign", "emoji": True},
                            "option_groups": [],
                        },
                    ],
                },
                {
                    "type": "context",
                    "elements": [
                        {
                            "type": "mrkdwn",
                            "text": "Project: <https://sentry.example/p|backend>    "
                            "<!date^1717243200^Started {date_pretty}|2024-06-01>",
                        }
                    ],
                },
            ],
        }
    ],
}

UPTIME_KUMA = {
    "text": "Uptime Kuma Alert\n[Shop] [🔴 Down] timeout of 48000ms <!channel>",
    "channel": None,
    "username": None,
    "icon_emoji": None,
    "attachments": [
        {
            "color": "#e01e5a",
            "blocks": [
                {"type": "header", "text": {"type": "plain_text", "text": "Shop is down"}},
                {
                    "type": "section",
                    "fields": [
                        {"type": "mrkdwn", "text": "*Message*\ntimeout of 48000ms"},
                        {"type": "mrkdwn", "text": "*Time (UTC)*\n2026-03-01 09:41:07"},
                    ],
                },
                {
                    "type": "actions",
                    "elements": [
                        {
                            "type": "button",
                            "text": {"type": "plain_text", "text": "Visit Uptime Kuma"},
                            "value": "Uptime-Kuma",
                            "url": "https://up.example/dashboard/3",
                        }
                    ],
                },
            ],
        }
    ],
}

GITHUB_ACTION = {
    "text": "*Build* of `main`: success :white_check_mark:\nhttps://github.example/o/r/pull/1",
    "blocks": [
        {
            "type": "section",
            "text": {"type": "mrkdwn", "text": "GitHub Action build result: *success*\n"},
            "accessory": {
                "type": "button",
                "text": {"type": "plain_text", "text": "View", "emoji": True},
                "url": "https://github.example/o/r/actions/runs/1",
            },
        },
        {"type": "divider"},
        {
            "type": "context",
            "elements": [
                {
                    "type": "image",
                    "image_url": "https://github.example/o.png",
                    "alt_text": "octocat",
                },
                {"type": "mrkdwn", "text": "by <https://github.example/ana|ana>"},
            ],
        },
    ],
}


@pytest.mark.parametrize(
    ("posted", "words", "links", "colours", "mentions"),
    [
        (
            ALERTMANAGER,
            (
                "@everyone [FIRING:2] HighCPU (web-1 prod) Alert: CPU over 95% Graph "
                "Severity: critical Count: 2 Runbook 📘"
            ),
            [
                "https://alerts.example/#/alerts?receiver=chat_1",
                "https://graphs.example/g?a=1&b=2",
                "https://runbooks.example/",
            ],
            ["red"],
            ["@everyone"],
        ),
        (
            GRAFANA,
            (
                "[RESOLVED] disk_full (db-1) Resolved Value: A=1 Labels: alertname = disk_full "
                "Image Grafana v11.1.0 · 2024-06-01 12:00 UTC"
            ),
            ["https://grafana.example/alerting/list", "https://grafana.example/render/1.png"],
            ["green"],
            [],
        ),
        (
            OLD_GRAFANA,
            "@here [Alerting] Load Load is high load_1m: 7.25 Grafana v7 · 2024-06-01 12:00 UTC",
            ["https://grafana.example/d/1?fullscreen&edit&tab=alert"],
            ["red"],
            ["@here"],
        ),
        (
            GITLAB,
            (
                "Ana pushed to branch main of Group / my_project_ (Compare changes) ab12cd34: Fix "
                "__init__.py & a*b*c - Ana Ana (ana) Pipeline #7 has failed in 00:30 "
                "Failed stage: test my-project · 2024-06-01 12:00 UTC"
            ),
            [
                "https://gitlab.example/g/p/-/tree/main",
                "https://gitlab.example/g/p",
                "https://gitlab.example/g/p/-/compare/a...b",
                "https://gitlab.example/g/p/-/commit/ab12",
                "https://gitlab.example/ana",
                "https://gitlab.example/g/p/-/pipelines/7",
                "https://gitlab.example/g/p/-/pipelines/7/failures",
            ],
            ["blue", "red"],
            [],
        ),
        (
            JENKINS,
            "app » main - #12 Failure after 3 min 2 sec (Open) Test Status: Passed: 7, Failed: 1",
            ["https://ci.example/job/12/"],
            ["red"],
            [],
        ),
        (
            SENTRY,
            (
                "[backend] TypeError: x 🔴 TypeError app/__init__.py in run can't add <int> to str "
                "environment: prod Project: backend 2024-06-01"
            ),
            ["https://sentry.example/issues/1/?a=1&b=2", "https://sentry.example/p"],
            ["red"],
            [],
        ),
        (
            UPTIME_KUMA,
            (
                "Uptime Kuma Alert [Shop] [🔴 Down] timeout of 48000ms @everyone Shop is down "
                "Message timeout of 48000ms Time (UTC) 2026-03-01 09:41:07 Visit Uptime Kuma"
            ),
            ["https://up.example/dashboard/3"],
            ["red"],
            ["@everyone"],
        ),
        (
            GITHUB_ACTION,
            "GitHub Action build result: success View octocat by ana",
            [
                "https://github.example/o/r/actions/runs/1",
                "https://github.example/o.png",
                "https://github.example/ana",
            ],
            [],
            [],
        ),
    ],
    ids=["alertmanager", "grafana", "grafana 7", "gitlab", "jenkins", "sentry", "kuma", "github"],
)
def test_all_of_it_is_shown(
    posted: dict[str, Any],
    words: str,
    links: list[str],
    colours: list[str],
    mentions: list[str],
) -> None:
    made = room_message(msgspec.json.encode(posted))
    html, mentioned = render(made.text, NAMES)
    assert " ".join(unescape(re.sub(r"<[^>]+>", "", html)).split()) == words
    assert [unescape(link) for link in re.findall(r'href="([^"]*)"', html)] == links
    assert list(made.bars.values()) == colours
    assert mentioned == mentions

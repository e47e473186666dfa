"""The admins' page of topics, without scripts."""

from app.accounts.models import User
from app.topics.event_rates import EventRates
from tests.admin.browser import Browser, rows, words
from tests.chat.house import House
from tests.topics.clients import TopicClients


async def test_it_lists_topics_with_rate_and_subscribers(
    clients: TopicClients, browser: Browser, ana: User
) -> None:
    listener = await clients.opens(ana)
    await listener.subscribes("news")
    for n in range(3):
        await listener.publishes("news", n)
    await listener.does("create", topic="cursors", ephemeral=True, publish="admins")
    _, page = await browser.opens("/admin/topics")
    assert rows(page) == [
        "cursors ephemeral members / admins 0 0",
        "news the newest 10 members / members 3 1",
    ]


async def test_a_test_event_is_published_and_shown(
    clients: TopicClients, browser: Browser, ana: User
) -> None:
    listener = await clients.opens(ana)
    await listener.subscribes("news")
    status, there = await browser.sends("/admin/topics", topic="news", data='{"a": "<b>"}')
    assert (status, there) == (303, "/admin/topics?topic=news&done=published")
    await listener.sees("news", {"a": "<b>"})
    await browser.sends("/admin/topics", topic="news", data="just words")
    await listener.sees("news", "just words")
    _, page = await browser.opens(there)
    tail = words(page.partition('id="tail"')[2].partition("</ol>")[0])
    assert tail.index('"just words"') < tail.index('{"a":"<b>"}')
    assert "· Ana" in tail
    assert "<b>" not in page


async def test_a_wrong_name_is_said_beside_the_field(browser: Browser) -> None:
    status, page = await browser.sends("/admin/topics", topic="a b", data="1")
    assert status == 400
    assert "in parts with dots between" in page
    assert (await browser.opens("/admin/topics?topic=a%20b"))[0] == 200


async def test_it_is_for_admins(house: House, ben: User) -> None:
    async with Browser(house.address) as browser:
        await browser.enters("ben")
        assert (await browser.opens("/admin/topics"))[0] == 403
        assert (await browser.sends("/admin/topics", topic="a", data="1"))[0] == 403


def test_a_rate_is_of_the_last_minute() -> None:
    moment = 100.0
    rates = EventRates(lambda: moment)
    rates.count("news", 2)
    rates.count("news", 1)
    moment = 130.0
    rates.count("news", 4)
    assert rates.of("news") == 7
    moment = 160.0
    assert rates.of("news") == 4
    moment = 200.0
    assert (rates.of("news"), rates.of("other")) == (0, 0)

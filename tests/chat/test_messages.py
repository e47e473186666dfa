"""Two people in a room: what each is told, and what stays."""

import asyncio

from tests.chat.house import House, Member, soon
from tests.harness.waiting import WITHIN_S


async def test_welcome_names_the_person_and_their_rooms(ana: Member) -> None:
    welcome = ana.told("welcome")[0]
    assert welcome["message"] == "Welcome to chat, Ana!"
    assert welcome["user"] == {"id": ana.id, "username": "ana", "name": "Ana", "role": "admin"}
    assert welcome["server_time"].endswith("Z")
    hallway = welcome["rooms"][0]
    assert {k: hallway[k] for k in ("slug", "name", "kind", "unread", "mentions")} == {
        "slug": "hallway",
        "name": "hallway",
        "kind": "open",
        "unread": 0,
        "mentions": 0,
    }


async def test_join_answers_with_the_newest_the_room_and_its_members(
    ana: Member, ben: Member
) -> None:
    sent = await ana.sends("hello")
    joined = await ben.joins()
    assert joined["items"][-1]["id"] == sent["id"]
    assert joined["rev"] == sent["rev"]
    assert (joined["more"], joined["reset"], joined["older"]) == (False, False, False)
    assert {m["username"]: m["role"] for m in joined["members"]} == {
        "ana": "owner",
        "ben": "member",
    }
    assert joined["room"]["slug"] == "hallway"
    assert set(joined["reads"]) == {ana.id, ben.id}


async def test_message_reaches_everyone_in_the_room_the_sender_too(
    ana: Member, ben: Member
) -> None:
    await soon(ana.joins(), ben.joins())
    sent = await ana.sends("good **morning**", client_id="c1")
    for reader in (ana, ben):
        message = await reader.sees("good **morning**")
        assert message["id"] == sent["id"]
        assert message["seq"] == message["rev"] == sent["seq"] == sent["rev"]
        assert message["client_id"] == "c1"
        assert message["by"] == {"id": ana.id, "name": "Ana"}
        assert message["html"] == "<p>good <strong>morning</strong></p>"
        assert (message["mentions"], message["reactions"]) == ([], {})


async def test_repeat_of_a_client_id_is_the_first_message(ana: Member) -> None:
    first = await ana.sends("once", client_id="same")
    again = await ana.sends("once", client_id="same")
    assert again == first
    assert await ana.fails("message:send", room="hallway", text="x", client_id="same") == "conflict"
    history = await ana.does("room:history", room="hallway", before=2**53 - 1, limit=200)
    assert [m["text"] for m in history["items"] if "system" not in m] == ["once"]


async def test_sends_are_numbered_in_the_order_they_were_sent_in(ana: Member) -> None:
    """One has to be looked up, one takes long to render, others are ready at once."""
    answered = await ana.sends("the first")
    long = "a *long* text with `code` and [links](https://example.org)\n\n" * 400
    texts = ["short 1", "answer", long.strip(), "short 2", "short 3", "answer again", "short 4"]
    answers = {"answer": {"reply_to": answered["id"]}, "answer again": {"reply_to": answered["id"]}}
    acks = await soon(*[ana.sends(text, **answers.get(text, {})) for text in texts])
    assert [ack["seq"] for ack in acks] == sorted(ack["seq"] for ack in acks)
    history = await ana.does("room:history", room="hallway", before=2**53 - 1, limit=7)
    assert [m["text"] for m in history["items"]] == texts


async def test_refused_send_does_not_hold_up_those_after_it(ana: Member) -> None:
    calls = [
        ana.call("message:send", room="hallway", text=text, reply_to=reply_to)
        for text, reply_to in (("a", None), ("b", "nowhere"), ("c", None))
    ]
    assert [answer["ok"] for answer in await soon(*calls)] == [True, False, True]


async def test_reply_names_what_it_answers(ana: Member, ben: Member) -> None:
    await ben.joins()
    question = await ana.sends("lunch?")
    await ana.sends("at noon", reply_to=question["id"])
    assert (await ben.sees("at noon"))["reply_to"] == question["id"]


async def test_reply_to_a_message_of_another_room_is_refused(ana: Member) -> None:
    other = (await ana.does("room:create", name="Workshop"))["room"]
    elsewhere = await ana.sends("here", room=other["id"])
    refused = await ana.call("message:send", room="hallway", text="x", reply_to=elsewhere["id"])
    assert (refused["error"]["code"], refused["error"]["field"]) == ("invalid", "reply_to")


async def test_edit_shows_everyone_the_new_text(ana: Member, ben: Member) -> None:
    await ben.joins()
    sent = await ana.sends("helo")
    edited = await ana.does("message:edit", room="hallway", id=sent["id"], text="hello")
    assert edited["rev"] > sent["rev"]
    message = await ben.sees("hello")
    assert (message["seq"], message["rev"]) == (sent["seq"], edited["rev"])
    assert message["edited_at"].endswith("Z")


async def test_deleted_message_leaves_a_tombstone_without_its_text(
    ana: Member, ben: Member
) -> None:
    sent = await ben.sends("a secret")
    await ben.does("message:delete", room="hallway", id=sent["id"])
    joined = await ana.joins()
    tombstone = next(m for m in joined["items"] if m["id"] == sent["id"])
    assert tombstone["deleted"] is True
    assert "secret" not in str(joined)
    assert not {"text", "html", "reactions", "mentions"} & set(tombstone)


async def test_only_the_author_or_an_admin_changes_a_message(
    ana: Member, ben: Member, cleo: Member
) -> None:
    sent = await ben.sends("mine")
    there = {"room": "hallway", "id": sent["id"]}
    assert await cleo.fails("message:edit", **there, text="yours") == "forbidden"
    assert await cleo.fails("message:delete", **there) == "forbidden"
    await ana.does("message:edit", **there, text="moderated")
    await ben.does("message:delete", **there)
    assert await ben.fails("message:edit", **there, text="back") == "not_found"


async def test_what_the_room_says_itself_cannot_be_changed(ana: Member) -> None:
    created = (await ana.joins())["items"][0]
    assert created["system"]["kind"] == "created"
    there = {"room": "hallway", "id": created["id"]}
    assert await ana.fails("message:edit", **there, text="x") == "forbidden"
    assert await ana.fails("message:delete", **there) == "forbidden"
    assert await ana.fails("reaction:add", **there, emoji="👍") == "forbidden"


async def test_reactions_come_and_go_once_for_each_person(ana: Member, ben: Member) -> None:
    await ana.joins()
    sent = await ana.sends("cake!")
    there = {"room": "hallway", "id": sent["id"], "emoji": "🎂"}
    first = await ben.does("reaction:add", **there)
    assert (await ben.does("reaction:add", **there))["rev"] == first["rev"]
    await ana.does("reaction:add", **there)
    await ben.does("reaction:remove", **there)
    last = await ana.does("room:sync", room="hallway", cursor=sent["rev"])
    assert last["items"][-1]["reactions"] == {"🎂": [ana.id]}
    assert await ben.fails("reaction:add", **{**there, "emoji": "cake"}) == "invalid"


async def test_sync_answers_what_a_cursor_has_missed_and_nothing_twice(
    ana: Member, ben: Member
) -> None:
    cursor = (await ben.joins())["rev"]
    sent = await ana.sends("one")
    await ana.does("message:edit", room="hallway", id=sent["id"], text="uno")
    await ana.sends("two")
    missed = await ben.does("room:sync", room="hallway", cursor=cursor)
    assert [m["text"] for m in missed["items"]] == ["uno", "two"]
    nothing = await ben.does("room:sync", room="hallway", cursor=missed["rev"])
    assert (nothing["items"], nothing["rev"]) == ([], missed["rev"])


async def test_cursor_ahead_of_the_log_is_reset(ana: Member) -> None:
    await ana.sends("hi")
    answer = await ana.does("room:sync", room="hallway", cursor=2**40)
    assert answer["reset"] is True
    assert answer["items"][-1]["text"] == "hi"


async def test_who_joins_and_writes_in_one_breath_is_heard(ana: Member, ben: Member) -> None:
    for n in range(5):
        slug = (await ana.does("room:create", name=f"garden {n}"))["room"]["slug"]
        await soon(
            ben.does("room:join", room=slug),
            *(ben.does("message:send", room=slug, text=t, client_id=f"{n}{t}") for t in "abc"),
        )
        history = await ana.does("room:history", room=slug, before=2**53 - 1, limit=10)
        assert [m["text"] for m in history["items"] if "system" not in m] == ["a", "b", "c"]


async def test_history_pages_backwards_in_seq_order(ana: Member) -> None:
    await soon(*[ana.sends(str(n)) for n in range(7)])
    newest = await ana.does("room:history", room="hallway", before=2**53 - 1, limit=3)
    assert [m["text"] for m in newest["items"]] == ["4", "5", "6"]
    assert newest["more"] is True
    before = newest["items"][0]["seq"]
    older = await ana.does("room:history", room="hallway", before=before, limit=200)
    assert [m["text"] for m in older["items"]][-4:] == ["0", "1", "2", "3"]
    assert older["more"] is False


async def test_answer_of_long_messages_is_cut_and_says_so(ana: Member) -> None:
    for n in range(9):
        await ana.sends(str(n) + "x" * 65_000)
    joined = await ana.joins()
    assert 0 < len(joined["items"]) < 9
    assert joined["older"] is True
    cursor, seen = 0, []
    while True:
        answer = await ana.does("room:sync", room="hallway", cursor=cursor)
        seen += [m["text"][0] for m in answer["items"] if "system" not in m]
        cursor = answer["rev"]
        if not answer["more"]:
            break
    assert seen == list("012345678")


async def test_leaving_ends_live_batches_on_this_connection_only(
    house: House, ana: Member, ben: Member
) -> None:
    laptop = await house.again(ben)
    await soon(ben.joins(), laptop.joins())
    await ben.does("room:leave", room="hallway")
    await ana.sends("still there?")
    await laptop.sees("still there?")
    assert ben.texts() == []
    assert (await ben.does("rooms:list"))["rooms"][0]["member"] is True


async def test_mention_shows_the_name_and_counts_for_members_only(ana: Member, ben: Member) -> None:
    await ana.joins()
    await ana.sends("ask @ben, not @dora or mail@ben.org")
    message = await ana.sees("ask @ben, not @dora or mail@ben.org")
    assert message["mentions"] == [ben.id]
    assert f'<span class="mention" data-user="{ben.id}">@Ben</span>,' in message["html"]
    assert "@dora" in message["html"]


async def test_code_has_colours_and_an_edit_too(ana: Member) -> None:
    sent = await ana.sends("```py\ndef hello(): ...\n```")
    await ana.does("message:edit", room="hallway", id=sent["id"], text="```js\nlet a = 1\n```")
    message = (await ana.joins())["items"][-1]
    assert '<span class="hl-keyword">let</span>' in message["html"]


async def test_costly_texts_of_one_person_do_not_hold_up_another(ana: Member, ben: Member) -> None:
    texts = [(unit * 65_000)[:65_000] for unit in ("://", "http://a.b/(", "[", "a|b\n-|-\n", "*_")]
    costly = [asyncio.ensure_future(ben.sends(text)) for text in texts]
    async with asyncio.timeout(WITHIN_S):
        await ana.sends("**short**")
        await ana.sends("a *long* text with `code`\n\n" * 200)
    await soon(*costly)
    assert (await ana.joins())["rev"] > 0

"""Old messages show the names that people have now."""

from app.chat.markdown import render
from app.chat.mention_names import mentioned_users, with_current_names

NAMES = {"ana": ("u1", "Ana"), "ben": ("u2", 'Ben "B" <b>'), "here": ("@here", "here")}


def test_mention_shows_the_present_name_as_text() -> None:
    html, _ = render("@ana **@ben** @here <span class=mention data-user=u1>@x</span>", NAMES)
    names = {"u1": "Ana & <i>Co</i>", "u2": "Benjamin"}
    shown = with_current_names(html, lambda user_id, _: names[user_id])
    assert '<span class="mention" data-user="u1">@Ana &amp; &lt;i&gt;Co&lt;/i&gt;</span>' in shown
    assert '<strong><span class="mention" data-user="u2">@Benjamin</span></strong>' in shown
    assert '<span class="mention" data-user="@here">@here</span>' in shown
    assert "&lt;span class=mention data-user=u1&gt;@x" in shown
    assert mentioned_users(html) == {"u1", "u2"}


def test_name_of_somebody_who_is_not_at_hand_stays() -> None:
    html, _ = render("@ben", NAMES)
    assert with_current_names(html, lambda _, written: written) == html


def test_text_without_mentions_is_left_alone() -> None:
    assert with_current_names("<p>data-user</p>", lambda *_: "x") == "<p>data-user</p>"
    assert mentioned_users("<p>hi</p>") == set()

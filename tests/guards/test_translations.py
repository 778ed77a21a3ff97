"""The Swedish texts are complete, and what is compiled is what is written."""

from tests.guards.messages import problems


def test_every_text_is_translated_compiled_and_in_use():
    assert problems() == []

"""A line break in what people send makes no second header: of a mail, nor of an answer."""

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from casereg.models import OutgoingMail, User
from tests.factories import PASSWORD
from tests.guards.access_world import prove_password
from tests.mailed import mails_sent

pytestmark = pytest.mark.usefixtures("database")

BREAKS = ["\n", "\r", "\r\n", "\x0b", "\x0c", "\x85", "\u2028"]
EVIL = "Bcc: evil@example.org"


@pytest.mark.parametrize("line_break", BREAKS)
@pytest.mark.parametrize("field", ["name", "email"])
def test_a_user_of_two_lines_is_not_added_and_nobody_is_mailed(administrator, field, line_break):
    browser = Client()
    browser.force_login(administrator)
    prove_password(browser, administrator)
    sent = {"name": "Eva Ek", "email": "eva@example.org", "role": "analyst", "region": ""}

    page = browser.post(reverse("user_create"), sent | {field: f"{sent[field]}{line_break}{EVIL}"})

    assert page.status_code == 200
    assert page.context["form"].errors.keys() == {field}
    assert list(User.objects.all()) == [administrator]
    assert not OutgoingMail.objects.exists()
    browser.post(reverse("user_create"), sent)
    assert [message.to for message in mails_sent()] == [["eva@example.org"]]


@pytest.mark.parametrize("line_break", BREAKS)
def test_a_forgotten_password_is_mailed_to_no_second_address(coordinator_nord, line_break):
    Client().post(reverse("password_forgotten"), {"email": f"nord@example.org{line_break}{EVIL}"})

    assert mails_sent() == []
    assert mail.outbox == []


@pytest.mark.parametrize("line_break", BREAKS)
@pytest.mark.parametrize("way", ["/cases/{}Set-Cookie: a=b", "{}Location: https://evil.example/"])
def test_where_to_go_next_makes_no_second_header(coordinator_nord, line_break, way):
    to = way.format(line_break)
    browser = Client()

    answers = [
        browser.post(reverse("language_choose"), {"language": "en", "next": to}),
        browser.get(reverse("account_login"), {"next": to}),
        browser.post(
            reverse("account_login"), {"login": "nord@example.org", "password": PASSWORD, "next": to}
        ),
    ]

    assert [answer.status_code for answer in answers] == [302, 200, 302]
    for answer in answers:
        assert "a" not in answer.cookies
        assert not any(
            character in str(value) for value in answer.headers.values() for character in "\r\n\x0b\x0c"
        )
        assert answer.headers.get("Location", "/").startswith("/")

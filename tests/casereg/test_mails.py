"""Mails: put aside with what caused them, sent after the response, and later where nobody takes them."""

import os
import re
import signal
import smtplib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, timedelta
from email import message_from_bytes, policy

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.core.management import CommandError, call_command
from django.core.signals import request_finished
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from casereg.actions import mails
from casereg.actions.mails import queue_mail, send_due_mails
from casereg.actions.passwords import ask_for_link
from casereg.models import AccountLink, OutgoingMail, User
from casereg.vocabularies import AgeGroup, Sex
from tests.databases import database_url
from tests.factories import CaseFactory, UserFactory
from tests.guards.access_world import prove_password
from tests.mailed import links_in, mails_sent
from tests.programs import ROOT, python
from tests.threads import at_once

LOCMEM = "django.core.mail.backends.locmem.EmailBackend"
SMTP = "django.core.mail.backends.smtp.EmailBackend"
KINDS = OutgoingMail.Kind.values


class MailServer:
    """It speaks as much SMTP as is needed, on a real socket, and keeps what it was given."""

    def __init__(self, answer_to_data: bytes = b"250 kept", before_answer=lambda: None) -> None:
        self.taken: list[bytes] = []
        self._answer, self._before = answer_to_data, before_answer
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self) -> None:
        while True:
            try:
                caller, _address = self._socket.accept()
            except OSError:
                return
            with caller:
                self._talk(caller)

    def _talk(self, caller: socket.socket) -> None:
        lines = caller.makefile("rb")
        caller.sendall(b"220 ready\r\n")
        for line in lines:
            verb = line[:4].upper()
            if verb == b"DATA":
                caller.sendall(b"354 go on\r\n")
                text = b""
                while (part := lines.readline()) != b".\r\n":
                    text += part
                self._before()
                self.taken.append(text)
                caller.sendall(self._answer + b"\r\n")
            elif verb == b"QUIT":
                caller.sendall(b"221 bye\r\n")
                break
            else:
                caller.sendall(b"250 well\r\n")
        lines.close()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()


@contextmanager
def mail_server(settings, **how) -> Iterator[MailServer]:
    server = MailServer(**how)
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = SMTP, "127.0.0.1", server.port
    try:
        yield server
    finally:
        server.close()


@pytest.fixture
def mail_server_is_down(settings) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = SMTP, "127.0.0.1"
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT = closed.getsockname()[1]


# --- What they say ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_every_mail_is_in_both_languages_to_one_reader_and_without_a_name(coordinator_nord, kind):
    queue_mail(kind=kind, to=coordinator_nord)

    [message] = mails_sent()

    swedish, english = message.body.split("\n- - -\n")
    assert swedish.strip() != english.strip()
    assert message.to == [coordinator_nord.email]
    assert message.cc == message.bcc == message.attachments == []
    assert message.content_subtype == "plain"
    assert message.subject.count(" / ") == 1
    assert "\n" not in message.subject
    assert "Nora" not in message.subject + message.body
    assert "&" not in message.subject + message.body  # nothing is escaped as in a page


@pytest.mark.parametrize("kind", KINDS)
def test_no_mail_tells_of_a_case_a_figure_or_a_region(coordinator_nord, kind):
    CaseFactory(reference="secret-reference", region_id="nord")
    queue_mail(kind=kind, to=coordinator_nord)

    [message] = mails_sent()

    text = re.sub(r"http\S+", "", message.subject + message.body)
    numbers = set(re.findall(r"\d+", text)) - {"24"}  # hours
    moment = set(re.findall(r"\d+", f"{timezone.localtime():%Y-%m-%d %H:%M}"))
    assert numbers <= moment | {"1"}
    labels = [str(label) for label in [*Sex.labels, *AgeGroup.labels]]
    for word in ("secret-reference", "Nord", "nord@", *labels):
        assert word not in text


@pytest.mark.parametrize("kind", KINDS)
def test_a_mail_has_a_link_exactly_where_a_password_is_chosen(coordinator_nord, kind):
    queue_mail(kind=kind, to=coordinator_nord)

    [message] = mails_sent()

    is_link_kind = kind in ("invitation", "reset")
    assert ("http" in message.body) is is_link_kind
    assert AccountLink.objects.filter(user=coordinator_nord, kind=kind).exists() is is_link_kind


def test_both_languages_stand_in_the_mail_whatever_the_sender_reads(client, administrator, coordinator_nord):
    client.force_login(administrator)
    for language in ("sv", "en"):
        client.cookies["django_language"] = language
        client.post(reverse("user_send_link", args=[coordinator_nord.pk]))
        mails_sent()

    first, second = (re.sub(r"http\S+", "", message.body) for message in mail.outbox)
    assert first == second
    assert first.index("länk") < first.index("link")  # Swedish first


def test_neither_a_link_nor_a_text_waits_in_the_database(coordinator_nord):
    queue_mail(kind="reset", to=coordinator_nord)

    assert AccountLink.objects.count() == 0
    assert {field.name for field in OutgoingMail._meta.get_fields()} == {
        "id", "kind", "to", "address", "asked_at", "next_try_at", "tries"}  # fmt: skip


def test_no_header_has_a_second_line(coordinator_nord, settings, caplog):
    """An address like this is refused by every form; stored all the same, it sends nothing to anybody."""
    User.objects.filter(pk=coordinator_nord.pk).update(email="nord@example.org\nbcc: all@example.org")
    queue_mail(kind="reset", to=coordinator_nord)
    with mail_server(settings) as server:
        send_due_mails()

        assert server.taken == []
    assert "all@example.org" not in caplog.text
    assert OutgoingMail.objects.get().tries == 1


# --- When they are sent ----------------------------------------------------------------------------


def test_a_mail_is_sent_once_and_its_row_is_gone(coordinator_nord):
    queue_mail(kind="reset", to=coordinator_nord)

    assert send_due_mails() == 1
    assert send_due_mails() == 0

    assert len(mail.outbox) == 1
    assert OutgoingMail.objects.count() == 0


def test_a_mail_to_nobody_costs_a_row_and_sends_nothing(db):
    queue_mail(kind="reset", to=None)
    assert OutgoingMail.objects.count() == 1

    assert send_due_mails() == 0

    assert mail.outbox == []
    assert OutgoingMail.objects.count() == 0


@pytest.mark.parametrize("kind", KINDS)
def test_who_was_deactivated_meanwhile_is_sent_nothing(coordinator_nord, kind):
    queue_mail(kind=kind, to=coordinator_nord)
    User.objects.filter(pk=coordinator_nord.pk).update(is_active=False)

    assert mails_sent() == []
    assert AccountLink.objects.count() == OutgoingMail.objects.count() == 0


def test_a_mail_goes_to_the_address_of_the_moment_in_which_it_is_sent(coordinator_nord):
    queue_mail(kind="reset", to=coordinator_nord)
    User.objects.filter(pk=coordinator_nord.pk).update(email="new@example.org")

    assert [message.to for message in mails_sent()] == [["new@example.org"]]


def test_of_several_links_that_wait_only_the_newest_is_sent(coordinator_nord, coordinator_syd):
    for kind in ("invitation", "reset", "reset"):
        queue_mail(kind=kind, to=coordinator_nord)
    queue_mail(kind="reset", to=coordinator_syd)
    queue_mail(kind="password_changed", to=coordinator_nord)

    assert sorted(message.to[0] for message in mails_sent()) == [
        "nord@example.org", "nord@example.org", "syd@example.org"]  # fmt: skip
    assert len(links_in(message for message in mail.outbox if "http" in message.body)) == 2


def test_the_page_is_answered_before_the_mail_leaves(committed_db, settings):
    person = UserFactory(email="nord@example.org", region_id="nord")
    answered, asked = threading.Event(), threading.Event()

    def hold() -> None:
        asked.set()
        answered.wait(20)

    with mail_server(settings, before_answer=hold) as server:
        page = Client().post(reverse("password_forgotten"), {"email": person.email})
        assert page.status_code == 200
        assert asked.wait(20)  # the mail server is being talked to, and the page is here
        # Nothing is locked while it is: somebody else writes to the same rows.
        with transaction.atomic():
            User.objects.select_for_update().get(pk=person.pk)
            OutgoingMail.objects.update(tries=5)
        answered.set()
        wait_for_the_sender()
        assert len(server.taken) == 1
    assert OutgoingMail.objects.count() == 0


def wait_for_the_sender() -> None:
    for thread in threading.enumerate():
        if thread.name == "mails":
            thread.join(20)
            assert not thread.is_alive()


def test_a_request_that_is_taken_back_sends_nothing(committed_db):
    person = UserFactory(email="nord@example.org", region_id="nord")
    with transaction.atomic():
        ask_for_link(email=person.email)
        transaction.set_rollback(True)

    request_finished.send(sender=None)
    wait_for_the_sender()

    assert mail.outbox == []


def test_one_thread_sends_what_many_requests_put_aside(committed_db, settings):
    people = [UserFactory(region_id="nord") for _person in range(4)]
    most = []

    def count() -> None:
        most.append(sum(thread.name == "mails" for thread in threading.enumerate()))

    with mail_server(settings, before_answer=count) as server:
        answers = at_once(
            *[
                lambda person=person: Client().post(reverse("password_forgotten"), {"email": person.email})
                for person in people
            ]
        )
        wait_for_the_sender()
        assert [answer.status_code for answer in answers] == [200] * 4
        assert len(server.taken) == 4
    assert max(most) == 1
    assert OutgoingMail.objects.count() == 0


def test_many_workers_send_each_mail_once(committed_db, settings):
    for _person in range(6):
        queue_mail(kind="reset", to=UserFactory(region_id="nord"))

    with mail_server(settings) as server:
        sent = at_once(*[send_due_mails] * 4)

    addresses = [message_from_bytes(text, policy=policy.SMTP)["to"] for text in server.taken]
    assert sum(sent) == 6
    assert len(addresses) == len(set(addresses)) == 6


def test_a_mail_that_a_killed_worker_had_taken_is_another_ones_later(coordinator_nord, clock, settings):
    settings.EMAIL_BACKEND = f"{__name__}.KilledBackend"
    queue_mail(kind="reset", to=coordinator_nord)
    with pytest.raises(SystemExit):
        send_due_mails()
    settings.EMAIL_BACKEND = LOCMEM

    assert mails_sent() == []
    clock.shift(mails.TAKEN_FOR + timedelta(seconds=1))
    assert len(mails_sent()) == 1


class KilledBackend(BaseEmailBackend):
    def send_messages(self, messages):
        raise SystemExit


# --- When nobody takes them ------------------------------------------------------------------------


def test_a_mail_server_that_is_down_breaks_nothing_and_the_mail_is_sent_later(
    client, administrator, mail_server_is_down, settings, clock, caplog
):
    client.force_login(administrator)
    prove_password(client, administrator)
    new = {"name": "Nils Ny", "email": "new@example.org", "role": "analyst", "region": ""}

    page = client.post(reverse("user_create"), new, follow=True)
    assert send_due_mails() == 0

    assert [message.level_tag for message in page.context["messages"]] == ["success"]
    assert "ConnectionRefusedError" in caplog.text
    assert "new@example.org" not in caplog.text

    settings.EMAIL_BACKEND = LOCMEM
    assert send_due_mails() == 0  # not before a minute has passed
    clock.shift(timedelta(seconds=61))
    assert [message.to for message in mails_sent()] == [["new@example.org"]]


def test_the_pauses_grow_from_a_minute_to_an_hour(coordinator_nord, mail_server_is_down, clock):
    queue_mail(kind="reset", to=coordinator_nord)
    pauses = []
    for _try in range(9):
        send_due_mails()
        pause = OutgoingMail.objects.get().next_try_at - timezone.now()
        pauses.append(round(pause.total_seconds() / 60))
        clock.shift(pause - timedelta(seconds=1))
        tries = OutgoingMail.objects.get().tries
        send_due_mails()
        assert OutgoingMail.objects.get().tries == tries  # not yet
        clock.shift(timedelta(seconds=2))

    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_a_mail_is_given_up_after_a_day_without_telling_whose(
    coordinator_nord, mail_server_is_down, clock, caplog
):
    queue_mail(kind="reset", to=coordinator_nord)
    clock.shift(timedelta(hours=23, minutes=59))
    send_due_mails()
    assert OutgoingMail.objects.count() == 1
    assert "given up" not in caplog.text

    clock.shift(timedelta(minutes=2))
    send_due_mails()

    assert OutgoingMail.objects.count() == 0
    assert "given up" in caplog.text
    assert "nord@example.org" not in caplog.text


def test_the_link_holds_from_when_its_mail_is_sent_not_from_when_it_was_asked_for(
    client, coordinator_nord, mail_server_is_down, settings, clock
):
    queue_mail(kind="reset", to=coordinator_nord)
    send_due_mails()
    clock.shift(timedelta(hours=5))
    settings.EMAIL_BACKEND = LOCMEM

    [link] = links_in(mails_sent())

    clock.shift(timedelta(minutes=59))
    assert client.get(link).url == reverse("password_choose")


def test_a_mail_that_the_server_refuses_holds_up_no_other(coordinator_nord, coordinator_syd, settings):
    settings.EMAIL_BACKEND = f"{__name__}.RefusingBackend"
    queue_mail(kind="reset", to=coordinator_nord)
    queue_mail(kind="reset", to=coordinator_syd)

    assert send_due_mails() == 1

    assert OutgoingMail.objects.get().to == coordinator_nord


class RefusingBackend(BaseEmailBackend):
    """It takes mails to everybody but Nord."""

    def send_messages(self, messages):
        if messages[0].to == ["nord@example.org"]:
            raise smtplib.SMTPRecipientsRefused({messages[0].to[0]: (550, b"unknown")})
        return len(messages)


@pytest.mark.parametrize("answer", [b"451 later", b"554 never"])
def test_a_server_that_says_no_at_the_end_is_asked_again(coordinator_nord, settings, answer, caplog):
    queue_mail(kind="reset", to=coordinator_nord)
    with mail_server(settings, answer_to_data=answer):
        assert send_due_mails() == 0

    assert OutgoingMail.objects.get().tries == 1
    assert "nord@example.org" not in caplog.text


def test_a_dead_server_is_waited_for_once_not_for_every_mail(db, mail_server_is_down):
    for _person in range(3):
        queue_mail(kind="reset", to=UserFactory(region_id="nord"))

    send_due_mails()

    assert sorted(OutgoingMail.objects.values_list("tries", flat=True)) == [0, 0, 1]


def test_a_silent_mail_server_is_not_waited_for_long(settings):
    assert settings.EMAIL_TIMEOUT <= 10


# --- The command -----------------------------------------------------------------------------------


def test_the_command_sends_what_waits_and_says_how_many(coordinator_nord, capsys):
    queue_mail(kind="reset", to=coordinator_nord)

    call_command("send_mails")

    assert capsys.readouterr().out == "1 mails sent.\n"
    assert len(mail.outbox) == 1


def test_the_command_goes_on_until_it_is_told_to_end(committed_db, settings, clock):
    clock.move_to(time_machine.escape_hatch.datetime.datetime.now(UTC))  # the program has a clock of its own
    person = UserFactory(email="nord@example.org", region_id="nord")
    with mail_server(settings) as server:
        port = str(settings.EMAIL_PORT)
        own = {"PATH": os.environ["PATH"], "DATABASE_URL": database_url(), "EMAIL_BACKEND": SMTP,
               "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": port}  # fmt: skip
        command = [sys.executable, "manage.py", "send_mails", "--every", "1"]
        program = subprocess.Popen(command, cwd=ROOT, env=own, stderr=subprocess.PIPE)
        for number in (1, 2):
            queue_mail(kind="password_changed", to=person)
            until(lambda number=number: len(server.taken) == number)
        program.send_signal(signal.SIGTERM)
        _out, problems = program.communicate(timeout=30)

    assert program.returncode == 0
    assert problems == b""


def until(holds) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_mails_are_shown_on_the_console_in_development():
    shown = "from casereg import settings; print(settings.EMAIL_BACKEND, settings.SITE_ADDRESS)"

    done = python("-c", shown, CASEREG_ENV="development")

    assert done.stdout == "django.core.mail.backends.console.EmailBackend http://127.0.0.1:8000\n"


@pytest.mark.parametrize(
    ("said", "expected"),
    [({}, "https://register.example.se"), ({"SITE_ADDRESS": ""}, "https://register.example.se"),
     ({"SITE_ADDRESS": "https://casereg.example.se"}, "https://casereg.example.se")],
)  # fmt: skip
def test_links_lead_where_the_deployment_says(said, expected):
    production = {"CASEREG_ENV": "production", "SECRET_KEY": "s" * 60, "DATABASE_URL": "sqlite:////tmp/none",
                  "ALLOWED_HOSTS": "register.example.se,other.example.se"}  # fmt: skip

    done = python("-c", "from casereg import settings; print(settings.SITE_ADDRESS)", **production | said)

    assert done.stdout == f"{expected}\n"


@pytest.mark.parametrize("seconds", ["0", "-1", "soon", "1.5"])
def test_a_pause_that_is_none_is_refused(db, seconds):
    with pytest.raises(CommandError, match="seconds"):
        call_command("send_mails", f"--every={seconds}")

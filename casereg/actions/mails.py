"""Mails: put aside with what caused them, written and sent after the response. None tells of a case."""

import logging
import threading
from datetime import timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused
from typing import Any, Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.signals import request_finished, request_started
from django.db import connections, transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation

from casereg.actions.links import HOLDS_FOR, LINK_KINDS, make_link
from casereg.models import AccountLink, OutgoingMail, User

log = logging.getLogger(__name__)

GIVEN_UP_AFTER: Final = timedelta(days=1)
LONGEST_WAIT_MINUTES: Final = 60
# A mail that a worker took and never told about, because it was killed, is another's after this time. Longer
# than any talk with a mail server: EMAIL_TIMEOUT bounds each of its some ten steps.
TAKEN_FOR: Final = timedelta(minutes=10)


def queue_mail(*, kind: str, to: User | None, address: str = "") -> None:
    """Put a mail aside, in the transaction of what causes it. `to=None` costs as much and sends nothing.

    It goes to the person's present address, or to the one that is given: one of before.
    """
    now = timezone.now()
    OutgoingMail.objects.create(kind=kind, to=to, address=address, asked_at=now, next_try_at=now)
    transaction.on_commit(_note_queued)


def send_due_mails() -> int:
    """Send what is due; how many left. A mail server that is down raises nothing: there is a next time."""
    sent = 0
    while (taken := _take()) is not None:
        row, message = taken
        if message is None:
            continue
        try:
            # Nothing is locked while the mail server is waited for.
            message.send()
        except (OSError, ValueError) as error:  # what sockets and smtplib raise, and what no header may hold
            # Its text may hold the address, so only its kind is kept.
            log.warning("A mail could not be sent and is tried again later: %s", type(error).__name__)
            _put_off(row)
            if not isinstance(error, _ABOUT_ONE_MAIL):
                break  # the server is not there: the others wait too, rather than one timeout after another
        else:
            OutgoingMail.objects.filter(pk=row.pk).delete()
            sent += 1
    return sent


_ABOUT_ONE_MAIL = (SMTPRecipientsRefused, SMTPDataError, ValueError)


def _take() -> tuple[OutgoingMail, EmailMessage | None] | None:
    """The next due mail, which nobody else takes now, and its text; no text where none is to be sent."""
    for pk, reader in list(OutgoingMail.objects.due().values_list("pk", "to")):
        with transaction.atomic():
            # The person before the mail, as whoever drops a link holds them: nobody waits in a ring.
            active = User.objects.filter(pk=reader or 0, is_active=True)
            user = active.select_for_update(no_key=True).first()
            row = OutgoingMail.objects.due().filter(pk=pk).select_for_update(skip_locked=True).first()
            if row is not None:
                return row, _text(row, user)
    return None


def _text(row: OutgoingMail, user: User | None) -> EmailMessage | None:
    """The mail of a row that is held, marked as taken; None, without the row, where none is to be sent."""
    if user is None or _is_overtaken(row):
        row.delete()
        return None
    if row.asked_at < timezone.now() - GIVEN_UP_AFTER:
        log.error("A mail was given up, since no mail server took it for a day: %s", row.kind)
        row.delete()
        return None
    row.tries += 1
    row.next_try_at = timezone.now() + TAKEN_FOR
    row.save(update_fields=["tries", "next_try_at"])
    return _written(row, user)


def _is_overtaken(row: OutgoingMail) -> bool:
    """Whether a newer link waits for the same person: that one would end this one's at once."""
    newer = OutgoingMail.objects.filter(to=row.to_id, pk__gt=row.pk, kind__in=LINK_KINDS)
    return row.kind in LINK_KINDS and newer.exists()


def _put_off(row: OutgoingMail) -> None:
    minutes = min(2 ** (row.tries - 1), LONGEST_WAIT_MINUTES)
    later = timezone.now() + timedelta(minutes=minutes)
    OutgoingMail.objects.filter(pk=row.pk).update(next_try_at=later)


def _written(row: OutgoingMail, user: User) -> EmailMessage:
    """In every language of the site, since nobody knows which one the person reads."""
    words: dict[str, Any] = {"at": timezone.localtime(row.asked_at)}
    if row.kind in LINK_KINDS:
        hours = HOLDS_FOR[AccountLink.Kind(row.kind)] // timedelta(hours=1)
        words = {
            "link": make_link(user=user, kind=row.kind),
            "hours": hours,
            "has_password": user.has_usable_password(),
        }
    subjects, texts = [], []
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            subjects.append(render_to_string(f"account/email/{row.kind}_subject.txt"))
            texts.append(render_to_string(f"account/email/{row.kind}_text.txt", words).strip())
    # One line, whatever the templates break: a header has no second one.
    subject = " / ".join(" ".join(subject.split()) for subject in subjects)
    return EmailMessage(subject, "\n\n- - -\n\n".join(texts) + "\n", None, [row.address or user.email])


# --- After the response ----------------------------------------------------------------------------
# In a thread, so that no answer, nor the next one on the same connection, takes longer where there is
# somebody to write to. One thread a process, however many requests end meanwhile.

_here = threading.local()  # what the request of this thread has queued
_lock = threading.Lock()
_sender: dict[str, bool] = {"runs": False, "is_asked_again": False}


def _note_queued() -> None:
    _here.has_queued = True


def begin_request(**_signal: Any) -> None:
    """What was put aside outside of any request is not this one's."""
    _here.has_queued = False


def send_after_response(**_signal: Any) -> None:
    """Send what the request that has ended put aside."""
    if not getattr(_here, "has_queued", False):
        return
    _here.has_queued = False
    with _lock:
        if _sender["runs"]:
            _sender["is_asked_again"] = True
            return
        _sender["runs"] = True
    threading.Thread(target=_send_in_thread, name="mails").start()


def _send_in_thread() -> None:
    while True:
        try:
            send_due_mails()
        except Exception as error:  # such as a database that went away: `send_mails` comes by later
            log.error("Mails could not be sent and wait: %s", type(error).__name__)
        finally:
            connections.close_all()
        with _lock:
            if not _sender["is_asked_again"]:
                _sender["runs"] = False
                return
            _sender["is_asked_again"] = False


# Whoever can put a mail aside has imported this module, and so sends it too.
request_started.connect(begin_request, dispatch_uid="casereg.actions.mails")
request_finished.connect(send_after_response, dispatch_uid="casereg.actions.mails")

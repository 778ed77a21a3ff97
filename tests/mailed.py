"""Mails that wait are sent, and their links read, as a person would do it."""

import re
from collections.abc import Iterable

from django.conf import settings
from django.core import mail
from django.core.mail import EmailMessage

from casereg.actions.links import make_link
from casereg.actions.mails import send_due_mails
from casereg.models import User


def mails_sent() -> list[EmailMessage]:
    """What has left, after everything that is due was sent."""
    send_due_mails()
    return mail.outbox


def links_in(messages: Iterable[EmailMessage]) -> list[str]:
    """The path of the link in each mail: Swedish and English lead to the same."""
    paths = []
    for message in messages:
        [path] = set(re.findall(rf"{re.escape(settings.SITE_ADDRESS)}(/\S+)", message.body))
        paths.append(path)
    return paths


def link_of(user: User, kind: str = "invitation") -> str:
    """The path of a new link, as it would stand in a mail."""
    return make_link(user=user, kind=kind).removeprefix(settings.SITE_ADDRESS)

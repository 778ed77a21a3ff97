"""The page that says that a form was stored before, with other content."""

from django.http import HttpResponse
from django.shortcuts import render

from casereg.access import UserRequest
from casereg.actions.submissions import SentWithOtherContent

CONFLICT = 409


def sent_with_other_content(request: UserRequest, sent: SentWithOtherContent) -> HttpResponse:
    """What to say when a form comes back changed: it leads to what is stored, and nothing more is."""
    context = {"case": sent.stored.case, "incident": sent.stored.incident, "at": sent.stored.at}
    return render(request, "casereg/sent_with_other_content.html", context, status=CONFLICT)

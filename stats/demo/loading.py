"""The demo into the database: all of it, once, and never beside other cases."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import astuple

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from casereg.actions.cases import NewCase, register_from_file
from casereg.actions.references import lock_counters
from casereg.models import AuditEvent, Case, DemoLoad, User
from casereg.months import this_month
from casereg.quality import case_findings
from casereg.stored_codebook import load_codebook
from stats.demo.people import demo_users, store_demo_users
from stats.demo.present_year import cases_of_present_year
from stats.demo.published import published_history
from stats.demo.year_2023 import cases_of_2023
from stats.models import PublishedCount


class DemoRefused(Exception):
    """The demo does not belong in this register; `reasons` say why, one line each."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("\n".join(reasons))
        self.reasons = reasons


def load_demo() -> bool:
    """Load the demo and return True; where it was loaded before, change nothing and return False."""
    with transaction.atomic():
        # First, so that of two who load at the same time one waits here and then finds it loaded.
        _load, is_first = DemoLoad.objects.get_or_create(id=1, defaults={"at": timezone.now()})
        if is_first:
            _load_all([*cases_of_2023(), *cases_of_present_year()])
    return is_first


def _load_all(cases: Sequence[NewCase]) -> None:
    lock_counters((case.region_code, case.year) for case in cases)
    reasons = [*_reasons_to_refuse(), *_case_problems(cases)]
    if reasons:
        raise DemoRefused(reasons)
    users = store_demo_users()
    counts = PublishedCount.objects.bulk_create(published_history())
    register_from_file(rows=cases, content_hash=_content_hash(cases), by=None)
    AuditEvent.objects.append(
        by=None,
        action="demo_load",
        object=f"{len(users)} users, {len(counts)} published counts",
    )


def _reasons_to_refuse() -> Iterator[str]:
    if settings.IS_PRODUCTION:
        yield gettext("The demo is not loaded in production: everybody knows its password.")
    if Case.objects.exists():
        yield gettext("There are cases already: the demo is loaded only into an empty register.")
    if PublishedCount.objects.exists():
        yield gettext("There are published totals already: the demo brings its own.")
    emails = [user.email for user in demo_users()]
    for user in User.objects.filter(email__in=emails):
        yield gettext("A user has the demo's e-mail address {email} already.").format(email=user.email)


def _case_problems(cases: Sequence[NewCase]) -> Iterator[str]:
    """Lists may have changed before the demo comes: then its cases break today's rules."""
    codebook, latest_month = load_codebook(), this_month()
    for case in cases:
        for finding in case_findings(
            case.content, codebook=codebook, latest_month=latest_month, blanks_allowed=True
        ):
            yield gettext("The demo's case {region} {reference}, {variable}: {problem}").format(
                region=case.region_code,
                reference=case.reference,
                variable=finding.variable,
                problem=finding.problem,
            )


def _content_hash(cases: Sequence[NewCase]) -> str:
    rows = [[case.region_code, case.reference, *astuple(case.content)] for case in cases]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()

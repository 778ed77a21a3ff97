"""Pages of the trail: the list and its file, one case's events, and the monthly review with its signature."""

from collections.abc import Sequence
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from casereg.access import Permission, UserRequest, case_of, requires
from casereg.actions.trail import (
    EVENTS_IN_A_FILE,
    EventsCameMeanwhile,
    MonthIsNotOver,
    MonthIsSigned,
    TooManyEvents,
    export_trail,
    record_case_trail_read,
    record_review_read,
    record_trail_read,
    sign_month,
)
from casereg.codebook import CodeBook
from casereg.forms.trail import SignForm, TrailFilterForm
from casereg.stored_codebook import load_codebook
from casereg.trail import (
    NONE,
    EventPage,
    Events,
    events_of,
    events_of_case,
    in_parts,
    page_of,
    people_in_trail,
)
from casereg.trail_review import (
    MANY_CASES_A_DAY,
    NIGHT_BEGINS,
    NIGHT_ENDS,
    RIGHTS_SHOWN,
    Month,
    MonthInTrail,
    month_under_review,
    reviews_of,
)
from casereg.trail_wording import Kind, events_in_words, person_in_words, region_in_words

_DIGITS = 18  # of a number that both databases take


@requires(Permission.READ_TRAIL)
@require_safe
def trail_list(request: UserRequest) -> HttpResponse:
    codebook = load_codebook()
    form = _filter_form(request, codebook)
    wanted = form.wanted()
    # Where the filter is wrong nothing is shown: everything is not what was asked for.
    page = EventPage([], None, None)
    if wanted is not None:
        page = _page_asked_for(request, in_parts(events_of(request.user), wanted))
        record_trail_read([*wanted.in_short, *_place(request)], by=request.user)
    context = {
        "form": form,
        "is_narrowed": bool(form.narrows_by()),
        "page": page,
        "events": events_in_words(page.events, codebook, reader=request.user),
        "is_first_page": not _place(request),
    }
    return render(request, "casereg/trail_list.html", context)


@requires(Permission.READ_TRAIL)
@require_safe
def trail_download(request: UserRequest) -> HttpResponse:
    """The events of the list, as narrowed, as a file."""
    wanted = _filter_form(request, load_codebook()).wanted()
    if wanted is None:
        return redirect(f"{reverse('trail_list')}?{request.GET.urlencode()}")
    try:
        content = export_trail(wanted, by=request.user)
    except TooManyEvents:
        text = gettext("A file takes {number} events, and these are more. Choose fewer days.")
        messages.error(request, text.format(number=intcomma(EVENTS_IN_A_FILE)))
        return redirect(f"{reverse('trail_list')}?{request.GET.urlencode()}")
    days = [f"{day:%Y-%m-%d}" for day in (wanted.first_day, wanted.last_day) if day]
    return HttpResponse(
        content,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{"-".join(["trail", *days])}.csv"'},
    )


@requires(Permission.READ_CASES)
@require_safe
def case_trail(request: UserRequest, case_id: UUID) -> HttpResponse:
    """Who opened or changed a case. Names of other regions' people and of analysts are for analysts alone."""
    case = case_of(request.user, case_id)
    page = _page_asked_for(request, [events_of_case(request.user, case)])
    record_case_trail_read(case, by=request.user)
    context = {
        "case": case,
        "page": page,
        "events": events_in_words(page.events, load_codebook(), reader=request.user, about=f"case {case.pk}"),
    }
    return render(request, "casereg/case_trail.html", context)


@requires(Permission.READ_TRAIL)
@require_safe
def trail_review_list(request: UserRequest) -> HttpResponse:
    reviews, codebook = reviews_of(request.user), load_codebook()
    asked = _number(request.GET.get("year"))
    year = asked if asked in reviews.years else max(reviews.years, default=None)
    waiting = reviews.unsigned
    regions = [_region(code, codebook) for code in reviews.months]
    rows = reviews.of_year(year) if year else []
    context = {
        "regions": regions,
        "rows": [(month, list(zip(cells, regions, strict=True))) for month, cells in rows],
        "year": year,
        "years": [(each, sum(month.year == each for month, _code in waiting)) for each in reviews.years],
        "waiting": len(waiting),
        "oldest": _oldest(waiting, codebook),
    }
    return render(request, "casereg/trail_review_list.html", context)


@requires(Permission.READ_TRAIL)
@require_http_methods(["GET", "HEAD", "POST"])
def trail_review_sign(request: UserRequest, code: str, year: int, month: int) -> HttpResponse:
    """What was done in a region's month, and the signature of whoever has read it."""
    region_code = "" if code == NONE else code
    asked, review = month_under_review(request.user, region_code, year, month)
    form = SignForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return _sign(request, region_code, asked, form.cleaned_data["last"])
    codebook, summary = load_codebook(), MonthInTrail(request.user, region_code, asked)
    record_review_read(region_code, asked, by=request.user)
    form.initial["last"] = summary.last_sequence
    rights = events_in_words(summary.new_rights, codebook, reader=request.user)
    context = {
        "form": form,
        "region": _region(region_code, codebook),
        "month": asked,
        "review": review,
        "is_as_signed": review is None or review.last_sequence == summary.last_sequence,
        "summary": summary,
        "people": [(*person_in_words(person.name, person.role), person) for person in summary.people],
        "rights": rights[:RIGHTS_SHOWN],
        "has_more_rights": len(rights) > RIGHTS_SHOWN,
        "threshold": MANY_CASES_A_DAY,
        "night": (NIGHT_BEGINS, f"{NIGHT_ENDS:02}"),
        "links": {
            "all": _list_of(region_code, asked),
            "refusals": _list_of(region_code, asked, outcome="denied"),
            "downloads": _list_of(region_code, asked, kind=Kind.DOWNLOAD),
            "rights": _list_of(region_code, asked, kind=Kind.PEOPLE),
        },
    }
    return render(request, "casereg/trail_review_sign.html", context)


def _sign(request: UserRequest, region_code: str, month: Month, last_sequence: int) -> HttpResponse:
    here = redirect("trail_review_sign", code=region_code or NONE, year=month.year, month=month.number)
    try:
        sign_month(region_code=region_code, month=month, last_sequence=last_sequence, by=request.user)
    except MonthIsNotOver:
        messages.error(request, gettext("The month is not over. Sign it when it is."))
        return here
    except MonthIsSigned:
        messages.warning(request, gettext("The month is signed already."))
        return here
    except EventsCameMeanwhile:
        text = gettext("Nothing is signed: the month is not as the page showed it. Read it again.")
        messages.error(request, text)
        return here
    messages.success(request, gettext("The month is signed."))
    return redirect(f"{reverse('trail_review_list')}?year={month.year}")


def _region(code: str, codebook: CodeBook) -> tuple[str, str]:
    """A region's part of an address, and its name."""
    return code or NONE, region_in_words(code, codebook) if code else gettext("No region")


def _oldest(waiting: list[tuple[Month, str]], codebook: CodeBook) -> tuple[Month, str, str] | None:
    """The month that waits longest, with its region's part of an address and its name."""
    return (waiting[0][0], *_region(waiting[0][1], codebook)) if waiting else None


def _filter_form(request: UserRequest, codebook: CodeBook) -> TrailFilterForm:
    return TrailFilterForm(request.GET, codebook=codebook, people=people_in_trail(request.user))


def _list_of(region_code: str, month: Month, *, kind: str = "", outcome: str = "") -> str:
    """The address of the month's events in the list."""
    narrowed_by = {
        "region": region_code or NONE,
        "first_day": month.first_day.isoformat(),
        "last_day": month.last_day.isoformat(),
        "kind": kind,
        "outcome": outcome,
    }
    asked = {name: value for name, value in narrowed_by.items() if value}
    return f"{reverse('trail_list')}?{urlencode(asked)}"


def _page_asked_for(request: UserRequest, parts: Sequence[Events]) -> EventPage:
    return page_of(parts, before=_number(request.GET.get("before")), after=_number(request.GET.get("after")))


def _place(request: UserRequest) -> list[str]:
    """Which page of the list it is, for the trail."""
    asked = {name: _number(request.GET.get(name)) for name in ("before", "after")}
    return [f"{name} {number}" for name, number in asked.items() if number is not None]


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= _DIGITS else None

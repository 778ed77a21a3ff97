"""Pages of regions: the list, add, change, retire, reopen, delete, and their counties."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from casereg.access import Permission, UserRequest, requires
from casereg.actions.regions import (
    RegionHasCoordinators,
    RegionIsInUse,
    RegionRefused,
    active_coordinators_of,
    add_region,
    assign_county,
    change_region,
    counties_of_regions,
    delete_region,
    regions_managed_by,
    release_county,
    reopen_region,
    retire_region,
)
from casereg.counties import COUNTIES
from casereg.forms.regions import CountyForm, NewRegionForm, RegionForm, ReleaseForm
from casereg.vocabularies import swedish_order


@dataclass(frozen=True, slots=True)
class PrintedCounty:
    """A county's years in a region. `goes_on`: no last year is stored; `next_region`: has it afterwards."""

    code: str
    name: str
    years: str
    is_here: bool
    goes_on: bool
    next_region: str


@requires(Permission.MANAGE_REGIONS)
@require_safe
def region_list(request: UserRequest) -> HttpResponse:
    counties = _counties_by_region(request)
    regions = [
        (region, ", ".join(county.name for county in counties.get(region.code, ()) if county.is_here))
        for region in regions_managed_by(request.user).order_by("position", "code")
    ]
    return render(request, "casereg/region_list.html", {"regions": regions})


@requires(Permission.MANAGE_REGIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def region_create(request: UserRequest) -> HttpResponse:
    form = NewRegionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            add_region(**form.cleaned_data, by=request.user)
        except RegionRefused as refused:
            form.add_findings(refused.findings)
        else:
            messages.success(request, gettext("The region is added. Add its coordinator among the users."))
            return redirect("region_list")
    return render(request, "casereg/region_create.html", {"form": form})


@requires(Permission.MANAGE_REGIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def region_change(request: UserRequest, code: str) -> HttpResponse:
    region = regions_managed_by(request.user).get(pk=code)
    stored = {name: getattr(region, name) for name in RegionForm.base_fields}
    form = RegionForm(request.POST if request.method == "POST" else None, initial=stored)
    if request.method == "POST" and form.is_valid():
        try:
            change_region(code=code, **form.cleaned_data, by=request.user)
        except RegionRefused as refused:
            form.add_findings(refused.findings)
        else:
            messages.success(request, gettext("The region is changed."))
            return redirect("region_list")
    return render(request, "casereg/region_change.html", {"form": form, "region": region})


@requires(Permission.MANAGE_REGIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def region_retire(request: UserRequest, code: str) -> HttpResponse:
    region = regions_managed_by(request.user).get(pk=code)
    if request.method == "POST":
        try:
            retire_region(code=code, by=request.user)
        except RegionHasCoordinators:
            pass  # the page names them and says what to do
        else:
            messages.success(request, gettext("The region is retired. What it has registered stays."))
            return redirect("region_list")
    context = {"region": region, "coordinators": list(active_coordinators_of(region))}
    return render(request, "casereg/region_retire.html", context)


@requires(Permission.MANAGE_REGIONS)
@require_POST
def region_reopen(request: UserRequest, code: str) -> HttpResponse:
    reopen_region(code=code, by=request.user)
    messages.success(request, gettext("The region is open again: it takes cases and coordinators."))
    return redirect("region_list")


@requires(Permission.MANAGE_REGIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def region_delete(request: UserRequest, code: str) -> HttpResponse:
    region = regions_managed_by(request.user).get(pk=code)
    is_in_use = False
    if request.method == "POST":
        try:
            delete_region(code=code, by=request.user)
        except RegionIsInUse:
            is_in_use = True
        else:
            messages.success(request, gettext("The region is deleted."))
            return redirect("region_list")
    return render(request, "casereg/region_delete.html", {"region": region, "is_in_use": is_in_use})


@requires(Permission.MANAGE_REGIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def region_counties(request: UserRequest, code: str) -> HttpResponse:
    region = regions_managed_by(request.user).get(pk=code)
    counties = _counties_by_region(request).get(code, [])
    here = [county.code for county in counties if county.is_here]
    form = CountyForm(request.POST if request.method == "POST" else None, belonging=here)
    if request.method == "POST" and form.is_valid():
        try:
            assign_county(region=code, **form.cleaned_data, by=request.user)
        except RegionRefused as refused:
            form.add_findings(refused.findings)
        else:
            messages.success(request, gettext("The county belongs to the region."))
            return redirect("region_counties", code)
    context = {
        "region": region,
        "counties": counties,
        "unread": ", ".join(region.counties_unread.split(",")),
        "form": form,
    }
    return render(request, "casereg/region_counties.html", context)


@requires(Permission.MANAGE_REGIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def region_county_release(request: UserRequest, code: str, county: str) -> HttpResponse:
    region = regions_managed_by(request.user).get(pk=code)
    row = counties_of_regions(request.user).get(region=code, county=county, last_year__isnull=True)
    form = ReleaseForm(
        request.POST if request.method == "POST" else None, initial={"last_year": timezone.localdate().year}
    )
    if request.method == "POST" and form.is_valid():
        try:
            release_county(region=code, county=county, **form.cleaned_data, by=request.user)
        except RegionRefused as refused:
            form.add_findings(refused.findings)
        else:
            messages.success(request, gettext("The county’s last year in the region is stored."))
            return redirect("region_counties", code)
    context = {"region": region, "county": COUNTIES[county], "first_year": row.first_year, "form": form}
    return render(request, "casereg/region_county_release.html", context)


def _counties_by_region(request: UserRequest) -> dict[str, list[PrintedCounty]]:
    """By region's code, those that it has or had, by name."""
    this_year = timezone.localdate().year
    rows = list(counties_of_regions(request.user))
    printed: dict[str, list[PrintedCounty]] = {}
    for row in rows:
        after = (
            other.region.label_sv
            for other in rows
            if other.county == row.county and row.last_year is not None and other.first_year > row.last_year
        )
        printed.setdefault(row.region_id, []).append(
            PrintedCounty(
                code=row.county,
                name=COUNTIES[row.county].name,
                years=_years(row.first_year, row.last_year),
                is_here=row.last_year is None or row.last_year >= this_year,
                goes_on=row.last_year is None,
                next_region=next(after, ""),
            )
        )
    return {
        code: sorted(counties, key=lambda county: swedish_order(county.name))
        for code, counties in printed.items()
    }


def _years(first: int, last: int | None) -> str:
    return gettext("From {year}").format(year=first) if last is None else f"{first}–{last}"

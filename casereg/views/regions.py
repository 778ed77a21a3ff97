"""Pages of regions: the list, add, change, retire, reopen, delete."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from casereg.access import Permission, UserRequest, requires
from casereg.actions.regions import (
    RegionHasCoordinators,
    RegionIsInUse,
    RegionRefused,
    active_coordinators_of,
    add_region,
    change_region,
    delete_region,
    regions_managed_by,
    reopen_region,
    retire_region,
)
from casereg.forms.regions import NewRegionForm, RegionForm


@requires(Permission.MANAGE_REGIONS)
@require_safe
def region_list(request: UserRequest) -> HttpResponse:
    regions = regions_managed_by(request.user).order_by("position", "code")
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

"""Pages of covers: an administrator gives a coordinator a second region for some time, and ends it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from casereg.access import Permission, UserRequest, requires
from casereg.actions.covers import (
    CoverIsOver,
    CoverRefused,
    covers_managed_by,
    end_cover,
    give_cover,
    may_cover,
)
from casereg.actions.users import users_managed_by
from casereg.forms.covers import CoverForm
from casereg.proving import Proof, demands
from casereg.stored_codebook import load_codebook


@requires(Permission.MANAGE_USERS)
@require_http_methods(["GET", "HEAD", "POST"])
@demands(Proof.PASSWORD, Proof.FACTOR)
def user_cover(request: UserRequest, user_id: int) -> HttpResponse:
    user, codebook = users_managed_by(request.user).get(pk=user_id), load_codebook()
    form = CoverForm(
        request.POST if request.method == "POST" else None,
        codebook=codebook,
        own_region=user.region_id or "",
    )
    if request.method == "POST" and form.is_valid():
        try:
            cover = give_cover(
                user_id=user_id,
                region_code=form.cleaned_data["region"],
                first_day=form.cleaned_data["first_day"],
                last_day=form.cleaned_data["last_day"],
                by=request.user,
            )
        except CoverRefused as refused:
            form.add_findings(refused.findings)
        else:
            text = gettext("{name} covers {region} from {first} to {last}.").format(
                name=user.name,
                region=codebook.label("region", cover.region_id),
                first=date_format(cover.first_day, "j F Y"),
                last=date_format(cover.last_day, "j F Y"),
            )
            messages.success(request, text)
            return redirect("user_change", user_id=user_id)
    context = {
        "form": form,
        "person": user,
        "may_cover": may_cover(user),
        "person_region": codebook.label("region", user.region_id) if user.region_id else "",
    }
    return render(request, "casereg/cover_give.html", context)


@requires(Permission.MANAGE_USERS)
@require_http_methods(["GET", "HEAD", "POST"])
def cover_end(request: UserRequest, cover_id: int) -> HttpResponse:
    cover = covers_managed_by(request.user).select_related("user", "region").get(pk=cover_id)
    if request.method == "POST":
        try:
            end_cover(cover_id=cover_id, by=request.user)
        except CoverIsOver:
            messages.info(request, gettext("The cover was over already."))
        else:
            messages.success(request, gettext("The cover is ended."))
        return redirect("user_change", user_id=cover.user_id)
    return render(request, "casereg/cover_end.html", {"cover": cover})

"""Pages of users: the list, add, change, deactivate, reactivate, send a link to choose a password."""

from collections.abc import Sequence

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from casereg.access import Permission, UserRequest, requires
from casereg.actions.covers import may_cover
from casereg.actions.factors import factors_of, reset_factors
from casereg.actions.sessions import sessions_of
from casereg.actions.users import (
    OwnAccount,
    RegionIsRetired,
    UserIsDeactivated,
    UserRefused,
    add_user,
    change_user,
    deactivate_user,
    reactivate_user,
    send_link,
    users_managed_by,
)
from casereg.codebook import CodeBook
from casereg.forms.users import UserFilterForm, UserForm
from casereg.people import every_cover_of, people, rights_of
from casereg.proving import Proof, demands
from casereg.sessions import stay_logged_in
from casereg.stored_codebook import load_codebook

USERS_ON_A_PAGE = 50


@requires(Permission.MANAGE_USERS)
@require_safe
def user_list(request: UserRequest) -> HttpResponse:
    codebook = load_codebook()
    form = UserFilterForm(request.GET, codebook=codebook)
    # All of them are read: they are few, and a database does not find "åsa" in "Åsa" everywhere.
    users = users_managed_by(request.user).order_by("-is_active", "name", "pk")
    wanted = form.matching(people(users, codebook))
    page = Paginator(wanted, USERS_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "is_narrowed": form.is_narrowing(),
        "needs_factor": settings.SECOND_FACTOR_REQUIRED,
        "page": page,
        "page_numbers": list(page.paginator.get_elided_page_range(page.number, on_ends=1)),
    }
    return render(request, "casereg/user_list.html", context)


@requires(Permission.MANAGE_USERS)
@require_http_methods(["GET", "HEAD", "POST"])
@demands(Proof.PASSWORD, Proof.FACTOR)
def user_create(request: UserRequest) -> HttpResponse:
    form = UserForm(request.POST if request.method == "POST" else None, codebook=load_codebook())
    if request.method == "POST" and form.is_valid():
        try:
            add_user(
                email=form.cleaned_data["email"],
                name=form.cleaned_data["name"],
                role=form.cleaned_data["role"],
                region_code=form.cleaned_data["region"],
                by=request.user,
            )
        except UserRefused as refused:
            form.add_findings(refused.findings)
        else:
            text = gettext(
                "The user is added. A mail with a link to choose a password is on its way. The link holds "
                "for 24 hours."
            )
            messages.success(request, text)
            return redirect("user_list")
    return render(request, "casereg/user_create.html", {"form": form})


@requires(Permission.MANAGE_USERS)
@require_http_methods(["GET", "HEAD", "POST"])
@demands(Proof.PASSWORD, Proof.FACTOR)
def user_change(request: UserRequest, user_id: int) -> HttpResponse:
    user = users_managed_by(request.user).get(pk=user_id)
    stored = {"name": user.name, "email": user.email, "role": user.role, "region": user.region_id or ""}
    codebook = load_codebook()
    form = UserForm(request.POST if request.method == "POST" else None, codebook=codebook, initial=stored)
    if request.method == "POST" and form.is_valid():
        try:
            ended = change_user(
                user_id=user_id,
                email=form.cleaned_data["email"],
                name=form.cleaned_data["name"],
                role=form.cleaned_data["role"],
                region_code=form.cleaned_data["region"],
                by=request.user,
                this=request.session.session_key,
            )
        except UserRefused as refused:
            form.add_findings(refused.findings)
        except OwnAccount:
            text = gettext("You cannot take the role from yourself. Another administrator can.")
            form.add_error("role", text)
        else:
            if user.pk == request.user.pk:
                request.user.refresh_from_db()
                stay_logged_in(request, request.user)
            _tell(request, gettext("The user is changed."), ended, codebook)
            return redirect("user_list")
    [person] = people([user], codebook)
    context = {
        "form": form,
        "person": user,
        "known": person,
        "rights": rights_of(user.role),
        "factors": factors_of(user),
        "covers": every_cover_of(user, codebook),
        "may_cover": may_cover(user),
        "sessions": sessions_of(user),
        "is_own": user.pk == request.user.pk,
    }
    return render(request, "casereg/user_change.html", context)


@requires(Permission.MANAGE_USERS)
@require_http_methods(["GET", "HEAD", "POST"])
def user_deactivate(request: UserRequest, user_id: int) -> HttpResponse:
    user = users_managed_by(request.user).get(pk=user_id)
    if request.method == "POST":
        try:
            ended = deactivate_user(user_id=user_id, by=request.user)
        except OwnAccount:
            pass  # the page says that another administrator can
        else:
            text = gettext("The user is deactivated and logged out everywhere.")
            _tell(request, text, ended, load_codebook())
            return redirect("user_list")
    context = {"person": user, "is_own": user.pk == request.user.pk}
    return render(request, "casereg/user_deactivate.html", context)


@requires(Permission.MANAGE_USERS)
@require_POST
def user_reactivate(request: UserRequest, user_id: int) -> HttpResponse:
    try:
        reactivate_user(user_id=user_id, by=request.user)
    except RegionIsRetired:
        text = gettext(
            "The user’s region is retired. Choose an active one and save before you reactivate the user."
        )
        messages.error(request, text)
    else:
        text = gettext("The user is reactivated. Send a link if the password is forgotten.")
        messages.success(request, text)
    return redirect("user_change", user_id=user_id)


@requires(Permission.MANAGE_USERS)
@require_http_methods(["GET", "HEAD", "POST"])
@demands(Proof.PASSWORD, Proof.FACTOR)
def user_reset_factors(request: UserRequest, user_id: int) -> HttpResponse:
    user = users_managed_by(request.user).get(pk=user_id)
    if request.method == "POST":
        try:
            reset_factors(user_id=user_id, by=request.user)
        except OwnAccount:
            pass  # the page says where one's own are changed
        else:
            text = gettext("The second factor of {name} is reset, and {name} is logged out everywhere.")
            messages.success(request, text.format(name=user.name))
            return redirect("user_change", user_id=user_id)
    context = {"person": user, "is_own": user.pk == request.user.pk}
    return render(request, "casereg/user_reset_factors.html", context)


@requires(Permission.MANAGE_USERS)
@require_POST
def user_send_link(request: UserRequest, user_id: int) -> HttpResponse:
    try:
        send_link(user_id=user_id, by=request.user)
    except UserIsDeactivated:
        text = gettext("The user is deactivated. Reactivate the user before you send a link.")
        messages.error(request, text)
    else:
        messages.success(request, gettext("A mail with a link to choose a password is on its way."))
    return redirect("user_change", user_id=user_id)


def _tell(request: UserRequest, text: str, ended: Sequence[str], codebook: CodeBook) -> None:
    """What was done, and of which regions a cover ended with it."""
    messages.success(request, text)
    if ended:
        said = ngettext(
            "A cover ended with it: {regions}.", "{number} covers ended with it: {regions}.", len(ended)
        )
        regions = ", ".join(codebook.label("region", region) for region in ended)
        messages.info(request, said.format(number=len(ended), regions=regions))

"""Drafts: what a form's page shows of them, where they are saved and thrown away, log-in in between.

A form that somebody typed reaches the server without a log-in when the session has run out, and with the
wrong token when somebody has logged in since. It carries its author's key: what was typed is kept for the
author, and nothing of it is shown to whoever logs in.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ObjectDoesNotExist
from django.forms import Form
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from casereg.access import Permission, UserRequest, drafts_of, requires
from casereg.actions.drafts import (
    DraftTooLarge,
    FormIsStored,
    SavedDraft,
    discard_draft,
    may_use,
    save_draft,
    save_draft_by_key,
)
from casereg.draft_keys import KEY_HOLDS_FOR, DraftKey, address_of, read_key

View = Callable[..., HttpResponse]
AnyView = Callable[..., HttpResponseBase]


def keeps_draft(view: View) -> View:
    """For a page whose form carries a key: what is sent to it without a log-in is kept as a draft."""
    view.keeps_draft = True  # type: ignore[attr-defined]
    return view


# --- On the page of a form -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ShownDraft:
    number: UUID
    address: str
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class DraftOnPage:
    """The draft that is open, as it was sent (`fields`), or those that are offered; the form's key."""

    user_id: int
    region: str
    page: str
    about: UUID | None
    opened: ShownDraft | None = None
    offered: tuple[ShownDraft, ...] = ()
    fields: QueryDict | None = None
    is_sent: bool = False  # the form came back: what stands in it is not in the draft yet
    key: str = ""

    @property
    def initial(self) -> dict[str, str | list[str]] | None:
        """For a form without lines. It is the whole of it: an unticked box is not in it."""
        if self.fields is None:
            return None
        return {name: values[0] if len(values) == 1 else values for name, values in self.fields.lists()}

    def of_form(self, number: object) -> "DraftOnPage":
        """With the key of the form of this number; without one where the number is none."""
        try:
            form_number = UUID(str(number))
        except ValueError:
            return self
        key = DraftKey(self.user_id, self.region, form_number, self.page, self.about)
        return replace(self, key=key.signed())


def draft_on_page(request: UserRequest, page: str, *, about: UUID | None = None) -> DraftOnPage:
    """What is in draft on a page: the one that the address names, else all of them, to choose from."""
    user = request.user
    on_page = DraftOnPage(user.pk, user.working_region_id or "", page, about)
    if request.method == "POST":
        return replace(on_page, is_sent=True)
    drafts = list(drafts_of(user).filter(page=page, about=about))
    shown = tuple(
        ShownDraft(draft.number, address_of(page, about, draft=draft.number), draft.saved_at)
        for draft in drafts
    )
    wanted = request.GET.get("draft")
    for draft, in_words in zip(drafts, shown, strict=True):
        if str(draft.number) == wanted:
            return replace(on_page, opened=in_words, fields=_as_sent(draft.fields, draft.number))
    return replace(on_page, offered=shown)


def _as_sent(fields: dict[str, list[str]], number: UUID) -> QueryDict:
    sent = QueryDict(mutable=True)
    for name, values in fields.items():
        sent.setlist(name, values)
    sent["number"] = str(number)
    return sent


# --- Their own addresses -------------------------------------------------------------------------


@requires(Permission.WRITE_CASES)
@require_POST
@keeps_draft
def draft_save(request: UserRequest) -> HttpResponse:
    """Save what is typed: while it is typed (answered in one line), or by the button (led to the start)."""
    # Somebody is logged in: the key only says which form it is, however old it has become.
    key = read_key(request.POST.get("draft_key", ""))
    if key is None or not may_use(request.user, key):
        raise ObjectDoesNotExist
    try:
        saved = save_draft(
            by=request.user, number=key.number, page=key.page, about=key.about, fields=_typed(request)
        )
    except FormIsStored:
        text = gettext("This form is stored already. No draft is kept of it.")
    except DraftTooLarge:
        text = gettext("It is too large to be kept as a draft.")
    else:
        if is_autosave(request):
            return autosave_answer(request, saved)
        messages.success(
            request, gettext("The draft is saved. It is kept for 7 days, for you alone.") + _left_out(saved)
        )
        return redirect("start")
    if is_autosave(request):
        return JsonResponse({"text": text}, status=409)
    messages.warning(request, text)
    return redirect("start")


@requires(Permission.WRITE_CASES)
@require_POST
def draft_discard(request: UserRequest) -> HttpResponse:
    try:
        draft = discard_draft(by=request.user, number=UUID(request.POST.get("number", "")))
    except ValueError:
        draft = None
    messages.success(request, gettext("The draft is discarded."))
    return redirect(address_of(draft.page, draft.about) if draft else "start")


# --- Without a log-in ----------------------------------------------------------------------------


class LogInKeepingDraft(LoginRequiredMiddleware):
    """Whoever is not logged in is sent to log in; a form that was typed is waiting there afterwards."""

    def process_view(
        self,
        request: HttpRequest,
        view_func: AnyView,
        view_args: tuple[Any, ...],
        view_kwargs: dict[str, Any],
    ) -> HttpResponseBase | None:
        log_in = super().process_view(request, view_func, view_args, view_kwargs)
        if log_in is None or not getattr(view_func, "keeps_draft", False):
            return log_in
        saved = keep_typed(request)
        if is_autosave(request):
            return autosave_answer(request, saved)
        if saved is None:
            return log_in
        messages.info(
            request,
            gettext("You had been logged out. What you typed is kept: log in, and the form opens with it.")
            + _left_out(saved),
        )
        return redirect_to_login(_address(saved), resolve_url(settings.LOGIN_URL))


def keep_typed(request: HttpRequest) -> SavedDraft | None:
    """Keep a form that came without its author's log-in, where its key is good."""
    key = read_key(request.POST.get("draft_key", ""), not_older_than=KEY_HOLDS_FOR)
    if key is None:
        return None
    try:
        return save_draft_by_key(key=key, fields=_typed(request))
    except (DraftTooLarge, FormIsStored):
        return None


def way_back(request: HttpRequest, saved: SavedDraft | None) -> str:
    """The address of what was kept; none where somebody else is logged in."""
    user = request.user
    is_somebody_else = user.is_authenticated and user.pk != (saved and saved.key.user_id)
    return _address(saved) if saved and not is_somebody_else else ""


def drawn_in_another_region(request: UserRequest) -> bool:
    """The form was opened while its author belonged to another region: it must not land in the new one."""
    key = read_key(request.POST.get("draft_key", ""))
    return key is not None and key.user_id == request.user.pk and key.region != request.user.working_region_id


def say_that_the_region_is_another(form: Form) -> None:
    text = gettext("You belong to another region since you opened the form. Check it, and save again.")
    form.add_error(None, text)


def is_autosave(request: HttpRequest) -> bool:
    """Sent by site.js, which shows the answer's text and stays on the page."""
    return request.headers.get("Accept") == "application/json"


def autosave_answer(request: HttpRequest, saved: SavedDraft | None) -> JsonResponse:
    if saved is None:
        text = gettext("You are logged out, and what you type is not kept as a draft.")
        return JsonResponse({"text": text}, status=401)
    text = gettext("Draft saved {time}.").format(time=f"{timezone.localtime(saved.at):%H:%M}")
    if not request.user.is_authenticated:
        text += " " + gettext("You are logged out: when you send the form, you log in first.")
    return JsonResponse({"text": text + _left_out(saved)})


def _address(saved: SavedDraft) -> str:
    return address_of(saved.key.page, saved.key.about, draft=saved.key.number)


def _left_out(saved: SavedDraft) -> str:
    if not saved.left_out:
        return ""
    return " " + gettext(
        "A text that looks like an identity number, a telephone number or an e-mail address is left out."
    )


def _typed(request: HttpRequest) -> dict[str, Any]:
    return dict(request.POST.lists())

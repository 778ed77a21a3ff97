"""Drafts: what a form's page shows of them, where they are saved and thrown away, log-in in between.

A form that somebody typed reaches the server without a log-in when the session has run out, and with the
wrong token when somebody has logged in since. It carries its author's key: what was typed is kept for the
author, and nothing of it is shown to whoever logs in.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import wraps
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ObjectDoesNotExist
from django.forms import Form
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from casereg.access import Permission, UserRequest, drafts_of, own_region, requires
from casereg.actions.drafts import (
    DraftTooLarge,
    FormIsStored,
    SavedDraft,
    discard_draft,
    draft_in_another_region,
    may_use,
    save_draft,
    save_draft_by_key,
)
from casereg.actions.sessions import has_drafted_in
from casereg.draft_keys import KEY_HOLDS_FOR, DraftKey, address_of, read_key
from casereg.sessions import EndedBy, EndedSession, ended_session
from casereg.stored_codebook import load_codebook
from casereg.views.submissions import CONFLICT

View = Callable[..., HttpResponse]
AnyView = Callable[..., HttpResponseBase]


def keeps_draft(view: View) -> View:
    """For a page whose form carries a key: what is sent to it without a log-in is kept as a draft.

    So is what was typed of a case or an incident of one region by whoever works in another one now: there
    is no such case there, but the way back to it.
    """

    @wraps(view)
    def kept(request: UserRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except ObjectDoesNotExist:
            elsewhere = _draft_elsewhere(request)
            if elsewhere is None:
                raise
        return _page_of_another_region(request, elsewhere)

    kept.keeps_draft = True  # type: ignore[attr-defined]
    return kept


# --- On the page of a form -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DraftElsewhere:
    """A draft of a region in which its author may work and does not. At the address it opens there."""

    region_code: str
    region: str
    address: str


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
    elsewhere: DraftElsewhere | None = None
    key: str = ""

    @property
    def initial(self) -> dict[str, str | list[str]] | None:
        """For a form without lines. It is the whole of it: an unticked box is not in it."""
        if self.fields is None:
            return None
        return {name: values[0] if len(values) == 1 else values for name, values in self.fields.lists()}

    def of_sent(self, sent: QueryDict) -> QueryDict:
        """What came, to be shown again. What is kept elsewhere stays there: here it is a new form."""
        if self.elsewhere is None:
            return sent
        anew = sent.copy()
        anew["number"] = str(uuid4())
        return anew

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
        return replace(on_page, is_sent=True, elsewhere=_draft_elsewhere(request))
    drafts = list(drafts_of(user).filter(page=page, about=about))
    shown = tuple(
        ShownDraft(draft.number, address_of(page, about, draft=draft.number), draft.saved_at)
        for draft in drafts
    )
    wanted = request.GET.get("draft")
    for draft, in_words in zip(drafts, shown, strict=True):
        if str(draft.number) == wanted:
            return replace(on_page, opened=in_words, fields=_as_sent(draft.fields, draft.number))
    return replace(on_page, offered=shown, elsewhere=_draft_elsewhere(request))


def _draft_elsewhere(request: UserRequest) -> DraftElsewhere | None:
    """Of a form that was opened in another region: what was typed, kept there. Of an address: what waits."""
    key = _keep_elsewhere(request) if request.method == "POST" else _named_elsewhere(request)
    if key is None:
        return None
    address = address_of(key.page, key.about, draft=key.number)
    return DraftElsewhere(key.region, load_codebook().label("region", key.region), address)


def _keep_elsewhere(request: UserRequest) -> DraftKey | None:
    key = read_key(request.POST.get("draft_key", ""))
    if key is None or not drawn_in_another_region(request) or not may_use(request.user, key):
        return None
    try:
        save_draft(
            by=request.user,
            number=key.number,
            page=key.page,
            about=key.about,
            fields=_typed(request),
            region_code=key.region,
        )
    except (DraftTooLarge, FormIsStored):
        return None
    return key


def _named_elsewhere(request: UserRequest) -> DraftKey | None:
    try:
        number = UUID(request.GET.get("draft", ""))
    except ValueError:
        return None
    return draft_in_another_region(user=request.user, number=number)


def _page_of_another_region(request: UserRequest, elsewhere: DraftElsewhere) -> HttpResponse:
    here = load_codebook().label("region", own_region(request.user))
    context = {"elsewhere": elsewhere, "here": here}
    status = CONFLICT if request.method == "POST" else 200
    return render(request, "casereg/draft_elsewhere.html", context, status=status)


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
            by=request.user,
            number=key.number,
            page=key.page,
            about=key.about,
            fields=_typed(request),
            region_code=key.region,
        )
    except FormIsStored:
        text = gettext("This form is stored already. No draft is kept of it.")
    except DraftTooLarge:
        text = gettext("It is too large to be kept as a draft.")
    else:
        if is_autosave(request):
            return autosave_answer(request, saved)
        messages.success(
            request,
            gettext("The draft is saved. It is kept for 7 days, for you alone.")
            + _where(request, key.region)
            + _left_out(saved),
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
        keeps_draft = log_in is not None and getattr(view_func, "keeps_draft", False)
        saved = keep_typed(request) if keeps_draft else None
        if keeps_draft and is_autosave(request):
            return autosave_answer(request, saved)
        ended = ended_session(request)
        if saved:
            why = _why_ended(ended) if ended else gettext("You had been logged out.")
            kept = gettext("What you typed is kept: log in, and the form opens with it.")
            messages.info(request, f"{why} {kept}" + _left_out(saved))
            return redirect_to_login(_address(saved), resolve_url(settings.LOGIN_URL))
        if ended:
            kept = gettext("What you had typed is kept as a draft.") if has_drafted_in(ended) else ""
            messages.info(request, f"{_why_ended(ended)} {kept}".rstrip())
        return log_in


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
    """The form was opened while its author worked in another region: it must not land in the new one."""
    key = read_key(request.POST.get("draft_key", ""))
    return key is not None and key.user_id == request.user.pk and key.region != request.user.working_region_id


def say_that_the_region_is_another(request: UserRequest, form: Form, draft: DraftOnPage) -> None:
    """Nothing is stored. The form stands there again, for this region, and its draft waits in the other."""
    key = read_key(request.POST.get("draft_key", ""))
    assert key is not None  # so it was found out
    form.add_error(None, words_of_another_region(request, key.region))
    if draft.elsewhere:
        text = gettext(
            "What you typed is kept as a draft in {opened}: go on with it there, by the button below."
        )
        form.add_error(None, text.format(opened=draft.elsewhere.region))


def words_of_another_region(request: UserRequest, opened: str) -> str:
    """That a form was opened in one region and sent in another, and what can be done."""
    codebook = load_codebook()
    text = gettext(
        "You opened the form in {opened}, and work in {here} now. Nothing is stored. Save it again only if "
        "it belongs to {here}."
    )
    # A form says what it likes: of a region that there never was, nothing is repeated.
    is_known = opened in codebook.terms["region"]
    name = codebook.label("region", opened) if is_known else gettext("another region")
    return text.format(opened=name, here=codebook.label("region", own_region(request.user)))


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
    is_logged_in = request.user.is_authenticated
    return JsonResponse({"text": text + _left_out(saved), "is_logged_in": is_logged_in})


def _address(saved: SavedDraft) -> str:
    return address_of(saved.key.page, saved.key.about, draft=saved.key.number)


def _why_ended(session: EndedSession) -> str:
    if session.by == EndedBy.AGE:
        text = gettext("You were logged out {hours} hours after you had logged in.")
        return text.format(hours=settings.SESSION_HOURS)
    text = gettext("You were logged out after {minutes} minutes without activity.")
    return text.format(minutes=settings.SESSION_IDLE_MINUTES)


def _where(request: UserRequest, region_code: str) -> str:
    if region_code == request.user.working_region_id:
        return ""
    text = gettext("It waits in {region}: work there to go on with it.")
    return " " + text.format(region=load_codebook().label("region", region_code))


def _left_out(saved: SavedDraft) -> str:
    if not saved.left_out:
        return ""
    return " " + gettext(
        "A text that looks like an identity number, a telephone number or an e-mail address is left out."
    )


def _typed(request: HttpRequest) -> dict[str, Any]:
    return dict(request.POST.lists())

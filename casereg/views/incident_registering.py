"""Pages for many persons at once: register an incident, see it before it is saved, undo it, amend all."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from casereg.access import Permission, UserRequest, incidents_of, own_region, record_read, requires
from casereg.actions.cases import CaseRefused
from casereg.actions.incident_changes import PersonsHaveChanged, amend_incident, persons_mark
from casereg.actions.incident_registering import (
    RegisteredPersons,
    RegisteringCannotBeUndone,
    register_incident,
    remarks_before_registering,
    undo_registering,
)
from casereg.actions.remarks import NeedsConfirmation
from casereg.actions.submissions import SentWithOtherContent
from casereg.forms.incident_amending import IncidentAmendForm
from casereg.forms.incident_registering import LINES_MORE, IncidentEntry
from casereg.incident_table import incident_table
from casereg.months import this_month
from casereg.shared_values import agreed_values, shared_values
from casereg.stored_codebook import load_codebook
from casereg.views.drafts import (
    DraftOnPage,
    draft_on_page,
    drawn_in_another_region,
    keeps_draft,
    say_that_the_region_is_another,
)
from casereg.views.submissions import sent_with_other_content

# In the session: the form whose registering can be undone.
UNDOABLE = "undoable_submission"


@requires(Permission.WRITE_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
@keeps_draft
def incident_register(request: UserRequest) -> HttpResponse:
    """The form; the table of what will be stored; and storing it. The button says which."""
    draft = draft_on_page(request, "incident_register")
    typed = request.POST if request.method == "POST" else draft.fields
    incident_id = _named(request.GET.get("incident") if typed is None else typed.get("adding_to"))
    incident = incidents_of(request.user).get(pk=incident_id) if incident_id else None
    reference = incident.reference if incident else None
    if request.method != "POST":
        if incident is not None:
            record_read(request.user, f"incident {incident.pk}")
        standing = incident.cases.standing().select_related("incident") if incident else ()
        initial = {"month": this_month()} | agreed_values([case.content for case in standing])
        entry = IncidentEntry(typed=draft.fields, initial=initial, known_incident=reference)
        return _form_page(request, entry, incident_id, draft)
    if drawn_in_another_region(request):
        # Before anything is shown again: its page has the key of the region where one works now.
        entry = IncidentEntry(sent=draft.of_sent(request.POST), known_incident=reference)
        say_that_the_region_is_another(request, entry.common, draft)
        return _form_page(request, entry, incident_id, draft)
    if "add_lines" in request.POST or "change" in request.POST:
        more = LINES_MORE if "add_lines" in request.POST else 0
        entry = IncidentEntry(typed=request.POST, more=more, known_incident=reference)
        return _form_page(request, entry, incident_id, draft)
    entry = IncidentEntry(sent=request.POST, known_incident=reference)
    if not entry.is_valid():
        return _form_page(request, entry, incident_id, draft)
    if "save" not in request.POST:
        asked = remarks_before_registering(
            region_code=own_region(request.user), lines=entry.lines, incident_id=incident_id
        )
        entry.common.ask_for([remark for remark in asked if remark.key not in entry.common.confirmed])
        return _table_page(request, entry, incident_id, draft)
    try:
        registered = register_incident(
            region_code=own_region(request.user),
            lines=entry.lines,
            by=request.user,
            number=entry.common.sent_number,
            confirmed=entry.common.confirmed,
            incident_id=incident_id,
        )
    except CaseRefused as refused:
        entry.add_findings(refused.findings)
        return _form_page(request, entry, incident_id, draft)
    except NeedsConfirmation as needed:
        entry.common.ask_for(needed.remarks)
        return _table_page(request, entry, incident_id, draft)
    except SentWithOtherContent as sent:
        return sent_with_other_content(request, sent)
    _say(request, registered)
    return redirect("incident_read", incident_id=registered.incident.pk)


@requires(Permission.WRITE_CASES)
@require_POST
def incident_undo(request: UserRequest, incident_id: UUID) -> HttpResponse:
    """Withdraw what the last form of this session has registered in the incident."""
    incident = incidents_of(request.user).get(pk=incident_id)
    submission_id = request.session.get(UNDOABLE)
    try:
        persons = undo_registering(submission_id=submission_id, incident_id=incident.pk, by=request.user)
    except RegisteringCannotBeUndone:
        messages.warning(
            request,
            gettext(
                "It cannot be undone any more: one of the persons has been amended, withdrawn, offered or "
                "moved since. Withdraw the others one by one."
            ),
        )
    else:
        request.session.pop(UNDOABLE, None)
        if persons:
            text = ngettext(
                "Undone: {number} person is withdrawn and counted nowhere.",
                "Undone: {number} persons are withdrawn and counted nowhere.",
                persons,
            )
            messages.success(request, text.format(number=persons))
        else:
            messages.info(request, gettext("There is nothing to undo."))
    return redirect("incident_read", incident_id=incident.pk)


@requires(Permission.WRITE_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
@keeps_draft
def incident_amend(request: UserRequest, incident_id: UUID) -> HttpResponse:
    """Give one value to all standing persons of the incident."""
    incident = incidents_of(request.user).get(pk=incident_id)
    draft = draft_on_page(request, "incident_amend", about=incident.pk)
    if request.method != "POST":
        record_read(request.user, f"incident {incident.pk}")
    cases = list(incident.cases.standing().select_related("incident").order_by("pk"))
    if not cases:
        messages.warning(request, gettext("The incident has no persons to amend."))
        return redirect("incident_read", incident_id=incident.pk)
    mark = persons_mark(cases)
    form = IncidentAmendForm(
        request.POST if request.method == "POST" else None,
        initial=draft.initial or {"drawn_from": mark},
        codebook=load_codebook(),
        shared=shared_values([case.content for case in cases]),
    )
    if request.method == "POST" and form.is_valid():
        try:
            changed = amend_incident(
                incident_id=incident.pk,
                values=form.chosen(),
                by=request.user,
                drawn_from=form.cleaned_data["drawn_from"],  # blank is no mark: then nothing is written over
                number=form.sent_number,
                confirmed=form.confirmed,
            )
        except CaseRefused as refused:
            form.add_findings(refused.findings)
        except NeedsConfirmation as needed:
            form.ask_for(needed.remarks)
        except PersonsHaveChanged:
            form.add_error(None, gettext("Somebody else changed the persons while you had the page open."))
            form.add_error(
                None,
                gettext("Nothing has been saved. What stands now is below; save again if it is still right."),
            )
            form.draw_from(mark)
        else:
            _say_amended(request, changed)
            return redirect("incident_read", incident_id=incident.pk)
    context = {
        "form": form,
        "incident": incident,
        "persons": len(cases),
        "draft": draft.of_form(form["number"].value()),
    }
    return render(request, "casereg/incident_amend.html", context)


def _named(text: str | None) -> UUID | None:
    """The incident that persons are added to, if the address or the form names one."""
    try:
        return UUID(text) if text else None
    except ValueError:
        raise ObjectDoesNotExist from None


def _form_page(
    request: UserRequest, entry: IncidentEntry, incident_id: UUID | None, draft: DraftOnPage
) -> HttpResponse:
    context = {
        "entry": entry,
        "form": entry.common,
        "incident_id": incident_id,
        "faults": entry.faults(),
        "draft": draft.of_form(entry.common["number"].value()),
    }
    return render(request, "casereg/incident_register.html", context)


def _table_page(
    request: UserRequest, entry: IncidentEntry, incident_id: UUID | None, draft: DraftOnPage
) -> HttpResponse:
    context = {
        "table": incident_table(entry.lines, entry.codebook),
        "form": entry.common,
        "fields": entry.sent_fields(),
        "incident_id": incident_id,
        "draft_key": draft.of_form(entry.common["number"].value()).key,
    }
    return render(request, "casereg/incident_check.html", context)


def _say(request: UserRequest, registered: RegisteredPersons) -> None:
    reference, persons = registered.incident.reference, registered.persons
    if registered.submission.undone_at is not None:
        text = gettext("This form was stored before, and undone. To register the persons, begin a new form.")
        messages.warning(request, text)
        return
    request.session[UNDOABLE] = registered.submission.pk
    text = ngettext(
        "{number} person is registered in the incident {reference}.",
        "{number} persons are registered in the incident {reference}.",
        persons,
    )
    messages.success(request, text.format(number=persons, reference=reference))


def _say_amended(request: UserRequest, changed: int) -> None:
    if changed:
        text = ngettext("{number} case is amended.", "{number} cases are amended.", changed)
        messages.success(request, text.format(number=changed))
    else:
        messages.info(request, gettext("You changed nothing, so nothing was saved."))

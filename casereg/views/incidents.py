"""Pages of incidents: the list, one with its persons, create, rename, add persons, take one out."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from casereg.access import Permission, UserRequest, incidents_of, own_region, record_read, requires
from casereg.actions.cases import CaseRefused
from casereg.actions.incident_registering import count_undoable
from casereg.actions.incidents import add_persons, create_incident, rename_incident, take_out_person
from casereg.forms.incidents import AddPersonsForm, IncidentForm, NewIncidentForm
from casereg.stored_codebook import load_codebook
from casereg.views.drafts import words_of_another_region
from casereg.views.incident_registering import UNDOABLE
from casereg.wording import case_in_words, incident_changes_in_words, withdrawn_persons

INCIDENTS_ON_A_PAGE = 50


@requires(Permission.READ_CASES)
@require_safe
def incident_list(request: UserRequest) -> HttpResponse:
    incidents = incidents_of(request.user).with_persons().select_related("region")
    page = Paginator(incidents, INCIDENTS_ON_A_PAGE).get_page(request.GET.get("page"))
    numbers = list(page.paginator.get_elided_page_range(page.number, on_ends=1))
    return render(request, "casereg/incident_list.html", {"page": page, "page_numbers": numbers})


@requires(Permission.READ_CASES)
@require_safe
def incident_read(request: UserRequest, incident_id: UUID) -> HttpResponse:
    incident = incidents_of(request.user).select_related("region").get(pk=incident_id)
    record_read(request.user, f"incident {incident.pk}")
    codebook = load_codebook()
    cases = incident.cases.standing().select_related("incident", "region").in_order("reference")
    context = {
        "incident": incident,
        "rows": [case_in_words(case, codebook) for case in cases],
        "withdrawn": withdrawn_persons(incident),
        "history": incident_changes_in_words(incident, codebook),
        "undoable": count_undoable(
            submission_id=request.session.get(UNDOABLE), incident_id=incident.pk, by=request.user
        ),
        "add_form": AddPersonsForm(),
    }
    return render(request, "casereg/incident_read.html", context)


@requires(Permission.WRITE_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def incident_create(request: UserRequest) -> HttpResponse:
    sent = request.POST if request.method == "POST" else None
    form = NewIncidentForm(sent, here=own_region(request.user))
    if form.opened_elsewhere:
        form.add_error(None, words_of_another_region(request, form.opened_elsewhere))
    elif request.method == "POST" and form.is_valid():
        try:
            incident = create_incident(
                region_code=own_region(request.user),
                reference=form.cleaned_data["reference"],
                by=request.user,
            )
        except CaseRefused as refused:
            form.add_findings(refused.findings)
        else:
            messages.success(request, gettext("The incident is created. Add its persons."))
            return redirect("incident_read", incident_id=incident.pk)
    return render(request, "casereg/incident_create.html", {"form": form})


@requires(Permission.WRITE_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def incident_rename(request: UserRequest, incident_id: UUID) -> HttpResponse:
    incident = incidents_of(request.user).get(pk=incident_id)
    form = IncidentForm(
        request.POST if request.method == "POST" else None, initial={"reference": incident.reference}
    )
    if request.method == "POST" and form.is_valid():
        try:
            rename_incident(
                incident_id=incident.pk, reference=form.cleaned_data["reference"], by=request.user
            )
        except CaseRefused as refused:
            form.add_findings(refused.findings)
        else:
            messages.success(request, gettext("The incident is renamed."))
            return redirect("incident_read", incident_id=incident.pk)
    return render(request, "casereg/incident_rename.html", {"form": form, "incident": incident})


@requires(Permission.WRITE_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def incident_add_persons(request: UserRequest, incident_id: UUID) -> HttpResponse:
    incident = incidents_of(request.user).get(pk=incident_id)
    form = AddPersonsForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            add_persons(incident_id=incident.pk, references=form.listed(), by=request.user)
        except CaseRefused as refused:
            form.add_findings(refused.findings)
        else:
            messages.success(request, gettext("The persons are added."))
            return redirect("incident_read", incident_id=incident.pk)
    return render(request, "casereg/incident_add_persons.html", {"form": form, "incident": incident})


@requires(Permission.WRITE_CASES)
@require_POST
def incident_take_out(request: UserRequest, incident_id: UUID, case_id: UUID) -> HttpResponse:
    take_out_person(incident_id=incident_id, case_id=case_id, by=request.user)
    messages.success(request, gettext("The person is taken out of the incident. The case stays."))
    return redirect("incident_read", incident_id=incident_id)

"""Pages of the code lists: an administrator sees what a change does to forms and tables, then saves it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from casereg.access import Permission, UserRequest, requires
from casereg.actions.changed_list import first_years
from casereg.actions.code_lists import (
    ListChangeRefused,
    ListHasChanged,
    add_term,
    change_form_rules,
    change_wording,
    delete_term,
    lists_managed_by,
    merge_terms,
    move_term,
    reopen_term,
    retire_term,
    split_term,
    unchanged_since,
    ways_to_end,
    words_before,
)
from casereg.codebook import CodeBook, Term
from casereg.list_use import is_used, use_by_year
from casereg.stored_codebook import load_codebook, load_correspondences, load_definitions
from casereg.vocabularies import UNKNOWN
from stats.list_forms import (
    AddTermForm,
    ChangeForm,
    MergeForm,
    RetireForm,
    RulesForm,
    SplitForm,
    WordingForm,
    as_entered,
    offered_terms,
)
from stats.list_pages import printed_terms
from stats.list_preview import Preview, entered_mark, preview_of, shown_mark

_NOT_ENTERED = ("csrfmiddlewaretoken", "mark", "preview", "edit", "save")


@dataclass(frozen=True, kw_only=True)
class _Step:
    """A change that is entered, shown and saved. `year` and `touched` are asked once the form is valid."""

    variable: str
    title: str
    lead: str
    form: ChangeForm
    apply: Callable[[], None]
    year: Callable[[], int]
    touched: Callable[[], Sequence[str]]
    done: str
    next_step: Callable[[], str] = str  # what is left to do once it is saved, with its link
    term: Term | None = None
    open_blocks: int = 1  # of new values, as the page is opened


@requires(Permission.MANAGE_LISTS)
@require_safe
def codelist_list(request: UserRequest) -> HttpResponse:
    codebook, (this_year, _next) = load_codebook(), first_years()
    lists = [
        (
            codebook.variables[variable],
            len(codebook.in_force(variable, this_year)),
            len(codebook.terms[variable]),
        )
        for variable in lists_managed_by(request.user)
    ]
    return render(request, "stats/codelist_list.html", {"lists": lists, "year": this_year})


@requires(Permission.MANAGE_LISTS)
@require_safe
def codelist_read(request: UserRequest, variable: str) -> HttpResponse:
    codebook = _codebook(request, variable)
    years = _years(codebook, variable)
    context = {
        "variable": codebook.variables[variable],
        "years": years,
        "terms": printed_terms(
            variable, codebook, load_correspondences(), use_by_year(variable), years=years
        ),
    }
    return render(request, "stats/codelist_read.html", context)


@requires(Permission.MANAGE_LISTS)
@require_safe
def term_read(request: UserRequest, variable: str, term: str) -> HttpResponse:
    codebook = _codebook(request, variable)
    found = _term(codebook, variable, term)
    years, use = _years(codebook, variable), use_by_year(variable)
    [printed] = printed_terms(variable, codebook, load_correspondences(), use, years=years, only=[term])
    is_new = found.first_year >= first_years()[0]
    context = {
        "variable": codebook.variables[variable],
        "printed": printed,
        "ways": ways_to_end(variable, term),
        "years": years,
        "definition": load_definitions().terms[variable][term],
        "before": words_before(variable, term),
        "may_be_a_mistake": is_new and term != UNKNOWN and not is_used(variable, term),
    }
    return render(request, "stats/term_read.html", context)


@requires(Permission.MANAGE_LISTS)
@require_http_methods(["GET", "HEAD", "POST"])
def term_add(request: UserRequest, variable: str) -> HttpResponse:
    _codebook(request, variable)
    form = AddTermForm(_sent(request), variable=variable)
    step = _Step(
        variable=variable,
        title=gettext("Add a value"),
        lead=gettext(
            "Is it a part of a value that the list has? Then split that one: the series stays whole."
        ),
        form=form,
        apply=lambda: add_term(
            variable=variable,
            term=form.term(),
            first_year=form.cleaned_data["first_year"],
            by=request.user,
        ),
        year=lambda: form.cleaned_data["first_year"],
        touched=list,
        done=gettext("The value is added."),
    )
    return _answer(request, step)


@requires(Permission.MANAGE_LISTS)
@require_http_methods(["GET", "HEAD", "POST"])
def term_retire(request: UserRequest, variable: str, term: str) -> HttpResponse:
    found = _term(_codebook(request, variable), variable, term)
    form = RetireForm(_sent(request), years=ways_to_end(variable, term).last_years)
    step = _Step(
        variable=variable,
        term=found,
        title=gettext("Retire “{value}”").format(value=found.label),
        lead=gettext("It is recorded no more after its last year. What has it keeps it, in every count."),
        form=form,
        apply=lambda: retire_term(
            variable=variable, code=term, last_year=form.cleaned_data["last_year"], by=request.user
        ),
        year=lambda: form.cleaned_data["last_year"] + 1,
        touched=lambda: [term],
        done=gettext("The value is retired. What has it keeps it."),
    )
    return _answer(request, step)


@requires(Permission.MANAGE_LISTS)
@require_http_methods(["GET", "HEAD", "POST"])
def term_reopen(request: UserRequest, variable: str, term: str) -> HttpResponse:
    found = _term(_codebook(request, variable), variable, term)
    step = _Step(
        variable=variable,
        term=found,
        title=gettext("Open “{value}” again").format(value=found.label),
        lead=gettext(
            "It goes on as if it had not been retired, split or merged. New values that were to come in its "
            "place stay in the list: delete them afterwards if nobody needs them."
        ),
        form=ChangeForm(_sent(request)),
        apply=lambda: reopen_term(variable=variable, code=term, by=request.user),
        year=lambda: found.last_year + 1 if found.last_year else first_years()[0],
        touched=lambda: [term],
        done=gettext("The value is in the list again."),
    )
    return _answer(request, step)


@requires(Permission.MANAGE_LISTS)
@require_http_methods(["GET", "HEAD", "POST"])
def term_split(request: UserRequest, variable: str, term: str) -> HttpResponse:
    codebook = _codebook(request, variable)
    found = _term(codebook, variable, term)
    form = SplitForm(
        _sent(request),
        variable=variable,
        offered=offered_terms(codebook, variable, without=term),
        years=ways_to_end(variable, term).first_years,
    )
    step = _Step(
        variable=variable,
        term=found,
        title=gettext("Split “{value}”").format(value=found.label),
        lead=gettext(
            "From a year on two values or more come in its place. Records that have it keep it; in a "
            "series it stands apart, since nobody can tell which of the new values they would have."
        ),
        form=form,
        apply=lambda: split_term(
            variable=variable,
            code=term,
            existing=form.cleaned_data["existing"],
            new=form.new_terms(),
            first_year=form.cleaned_data["first_year"],
            by=request.user,
        ),
        year=lambda: form.cleaned_data["first_year"],
        touched=lambda: [term, *form.cleaned_data["existing"]],
        done=gettext("The value is split. What has it keeps it."),
        open_blocks=2,
    )
    return _answer(request, step)


@requires(Permission.MANAGE_LISTS)
@require_http_methods(["GET", "HEAD", "POST"])
def term_merge(request: UserRequest, variable: str) -> HttpResponse:
    codebook = _codebook(request, variable)
    form = MergeForm(_sent(request), variable=variable, offered=offered_terms(codebook, variable))
    step = _Step(
        variable=variable,
        title=gettext("Merge values"),
        lead=gettext(
            "From a year on one value comes in the place of several. Records keep what they have; a series "
            "can be read in the new value, too."
        ),
        form=form,
        apply=lambda: merge_terms(
            variable=variable,
            codes=form.cleaned_data["codes"],
            existing=form.cleaned_data["existing"],
            new=next(iter(form.new_terms()), None),
            first_year=form.cleaned_data["first_year"],
            by=request.user,
        ),
        year=lambda: form.cleaned_data["first_year"],
        touched=lambda: sorted({*form.cleaned_data["codes"], form.cleaned_data["existing"]} - {""}),
        done=gettext("The values are merged. What has one of them keeps it."),
        next_step=lambda: _definition_to_correct(codebook, variable, form.cleaned_data["existing"]),
    )
    return _answer(request, step)


@requires(Permission.MANAGE_LISTS)
@require_http_methods(["GET", "HEAD", "POST"])
def term_delete(request: UserRequest, variable: str, term: str) -> HttpResponse:
    found = _term(_codebook(request, variable), variable, term)
    step = _Step(
        variable=variable,
        term=found,
        title=gettext("Delete “{value}”").format(value=found.label),
        lead=gettext("Only a value that was added by mistake can be deleted: one that nobody has used."),
        form=ChangeForm(_sent(request)),
        apply=lambda: delete_term(variable=variable, code=term, by=request.user),
        year=lambda: max(found.first_year, first_years()[0]),
        touched=lambda: [term],
        done=gettext("The value is deleted."),
    )
    return _answer(request, step)


@requires(Permission.MANAGE_LISTS)
@require_http_methods(["GET", "HEAD", "POST"])
def term_change(request: UserRequest, variable: str, term: str) -> HttpResponse:
    """Its words: no year and no number depends on them, so they are saved at once."""
    codebook = _codebook(request, variable)
    found = _term(codebook, variable, term)
    definition = load_definitions().terms[variable][term]
    in_use = is_used(variable, term)
    form = WordingForm(
        _sent(request),
        is_used=in_use,
        initial={
            "label_sv": found.label_sv,
            "label_en": found.label_en,
            "definition_sv": definition.text_sv,
            "definition_en": definition.text_en,
        },
    )
    if request.method == "POST" and form.is_valid():
        words = {**form.cleaned_data}
        try:
            change_wording(
                variable=variable,
                code=term,
                label_sv=words["label_sv"],
                label_en=words["label_en"],
                definition_sv=words["definition_sv"],
                definition_en=words["definition_en"],
                same_meaning=words.get("same_meaning", False),
                by=request.user,
            )
        except ListChangeRefused as refused:
            form.add_refusal(refused.findings)
        else:
            messages.success(request, gettext("The words are changed. What it said before is kept."))
            return redirect("term_read", variable, term)
    context = {
        "variable": codebook.variables[variable],
        "term": found,
        "form": form,
        "has_rules": variable == "form" and not in_use,
    }
    return render(request, "stats/term_change.html", context)


@requires(Permission.MANAGE_LISTS)
@require_http_methods(["GET", "HEAD", "POST"])
def term_rules(request: UserRequest, term: str) -> HttpResponse:
    """What is asked with a form of exploitation that nobody has yet."""
    found = _term(_codebook(request, "form"), "form", term)
    form = RulesForm(_sent(request), initial=as_entered(found))
    step = _Step(
        variable="form",
        term=found,
        title=gettext("What is asked with “{value}”").format(value=found.label),
        lead=gettext("It can be changed as long as nobody has the form."),
        form=form,
        apply=lambda: change_form_rules(
            code=term,
            asks_for_industry=form.cleaned_data["asks_for_industry"],
            covered_by_exploitation=form.is_covered,
            by=request.user,
        ),
        year=lambda: max(found.first_year, first_years()[0]),
        touched=lambda: [term],
        done=gettext("It is changed."),
    )
    return _answer(request, step)


@requires(Permission.MANAGE_LISTS)
@require_POST
def term_move(request: UserRequest, variable: str, term: str) -> HttpResponse:
    found = _term(_codebook(request, variable), variable, term)
    move_term(variable=variable, code=term, up=request.POST.get("to") == "up", by=request.user)
    messages.success(request, gettext("“{value}” is moved.").format(value=capfirst(found.label)))
    return redirect("codelist_read", variable)


def _definition_to_correct(codebook: CodeBook, variable: str, existing: str) -> str:
    """Of a value of the list that took in another, and means more than before."""
    if not existing:
        return ""
    value = capfirst(_term(codebook, variable, existing).label)
    return format_html(
        '{} <a href="{}">{}</a>',
        gettext("“{value}” means more than before.").format(value=value),
        reverse("term_change", args=[variable, existing]),
        gettext("Correct its definition"),
    )


# --- Entered, shown, saved -----------------------------------------------------------------------


def _answer(request: UserRequest, step: _Step) -> HttpResponse:
    """What is entered is shown, and saved only as it was shown."""
    if request.method != "POST" or not step.form.is_valid() or "edit" in request.POST:
        return _page(request, step)
    entered = _entered(request)
    was_shown_otherwise = False
    try:
        if "save" in request.POST:
            mark = shown_mark(request.POST.get("mark", ""), variable=step.variable, entered=entered)
            try:
                if mark is None:
                    raise ListHasChanged
                with unchanged_since(step.variable, mark):
                    step.apply()
            except ListHasChanged:
                was_shown_otherwise = True
            else:
                messages.success(request, step.done)
                if next_step := step.next_step():
                    messages.warning(request, next_step)
                return redirect("codelist_read", step.variable)
        preview = preview_of(
            step.apply, variable=step.variable, year=step.year(), touched=step.touched(), entered=entered
        )
    except ListChangeRefused as refused:
        step.form.add_refusal(refused.findings)
        return _page(request, step)
    return _page(request, step, preview, was_shown_otherwise=was_shown_otherwise)


def _page(
    request: UserRequest,
    step: _Step,
    preview: Preview | None = None,
    *,
    was_shown_otherwise: bool = False,
) -> HttpResponse:
    context = {
        "step": step,
        "variable": load_codebook().variables[step.variable],
        "form": step.form,
        "preview": preview,
        "was_shown_otherwise": was_shown_otherwise,
        "sent": [(name, value) for name in _names_entered(request) for value in request.POST.getlist(name)],
    }
    return render(request, "stats/term_step.html", context)


def _entered(request: UserRequest) -> str:
    fields = {name: request.POST.getlist(name) for name in _names_entered(request)}
    return entered_mark(fields, path=request.path)


def _names_entered(request: UserRequest) -> list[str]:
    return [name for name in request.POST if name not in _NOT_ENTERED]


def _sent(request: UserRequest) -> object:
    return request.POST if request.method == "POST" else None


# --- What the address names ----------------------------------------------------------------------


def _codebook(request: UserRequest, variable: str) -> CodeBook:
    if variable not in lists_managed_by(request.user):
        raise ObjectDoesNotExist
    return load_codebook()


def _term(codebook: CodeBook, variable: str, code: str) -> Term:
    if code not in codebook.terms[variable]:
        raise ObjectDoesNotExist
    return codebook.terms[variable][code]


def _years(codebook: CodeBook, variable: str) -> list[int]:
    """Those in which it is collected, up to the present one."""
    return list(range(codebook.variables[variable].first_year, first_years()[0] + 1))

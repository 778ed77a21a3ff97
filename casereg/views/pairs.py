"""Pages of the pairs that may be one person: the list, one pair side by side, what was judged."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST, require_safe

from casereg.access import (
    Permission,
    UserRequest,
    alike_with,
    pair_of,
    pairs_for,
    record_read,
    requires,
    verdicts_of,
)
from casereg.actions.case_changes import CaseIsOffered
from casereg.actions.verdicts import (
    CaseIsNotRestored,
    GroupHasChanged,
    NotAPair,
    PairIsJudged,
    VerdictIsTakenBack,
    judge_group_different,
    judge_pair,
    take_verdict_back,
)
from casereg.forms.pairs import JudgeForm, PairFilterForm
from casereg.pair_groups import PairFilter
from casereg.pair_wording import group_in_words, judged_in_words, neighbours, pair_in_words
from casereg.pairs import Pair
from casereg.stored_codebook import load_codebook

NOTHING = PairFilter(year=0)
GROUPS_ON_A_PAGE = 25
JUDGED_ON_A_PAGE = 25
NEIGHBOURS_SHOWN = 100  # on each side


@requires(Permission.JUDGE_PAIRS)
@require_safe
def pair_list(request: UserRequest) -> HttpResponse:
    codebook = load_codebook()
    form = PairFilterForm(request.GET, codebook=codebook)
    wanted = form.wanted()
    # Where the filter is wrong nothing is shown: everything is not what was asked for.
    groups = pairs_for(request.user, wanted or NOTHING)
    page = Paginator(groups, GROUPS_ON_A_PAGE).get_page(request.GET.get("page"))
    record_read(request.user, f"pairs page {page.number}")
    context = {
        "form": form,
        "year": wanted.year if wanted else None,
        "with_unknown": bool(wanted and wanted.with_unknown),
        "has_more": groups.has_more,
        "page": page,
        "page_numbers": list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)),
        "groups": [group_in_words(group, codebook) for group in page],
    }
    return render(request, "casereg/pair_list.html", context)


@requires(Permission.JUDGE_PAIRS)
@require_safe
def pair_judged(request: UserRequest) -> HttpResponse:
    """What was judged and not taken back, latest first; what was judged in one go stands on one line."""
    codebook = load_codebook()
    page = Paginator(verdicts_of(request.user).in_goes(), JUDGED_ON_A_PAGE).get_page(request.GET.get("page"))
    goes = {UUID(go["example"]): go["pairs"] for go in page}
    record_read(request.user, f"judged pairs page {page.number}")
    examples = verdicts_of(request.user).select_related("first", "second", "stands", "by").in_bulk(list(goes))
    of_nobody = set(verdicts_of(request.user).of_nobody().filter(pk__in=goes).values_list("pk", flat=True))
    context = {
        "page": page,
        "page_numbers": list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)),
        "judged": [
            judged_in_words(examples[pk], pairs=pairs, counts_nobody=pk in of_nobody, codebook=codebook)
            for pk, pairs in goes.items()
        ],
    }
    return render(request, "casereg/pair_judged.html", context)


@requires(Permission.JUDGE_PAIRS)
@require_safe
def pair_read(request: UserRequest, first_id: UUID, second_id: UUID) -> HttpResponse:
    pair = pair_of(request.user, first_id, second_id)
    record_read(request.user, f"pair {first_id} {second_id}")
    return _show(request, pair)


@requires(Permission.JUDGE_PAIRS)
@require_POST
def pair_judge(request: UserRequest, first_id: UUID, second_id: UUID) -> HttpResponse:
    pair = pair_of(request.user, first_id, second_id)
    form = JudgeForm(request.POST, pair=pair_in_words(pair, load_codebook()))
    if not form.is_valid():
        return _show(request, pair, form)
    answer, stands_id = form.judgement
    try:
        judge_pair(
            first_id=first_id, second_id=second_id, answer=answer, stands_id=stands_id, by=request.user
        )
    except CaseIsOffered:
        text = gettext("The record to be withdrawn is offered to another region, which has not answered.")
        form.add_error(None, text)
        return _show(request, pair, form)
    except PairIsJudged:
        messages.warning(request, gettext("The pair is judged already. Nothing was saved."))
        return redirect("pair_read", first_id=first_id, second_id=second_id)
    except NotAPair:
        messages.warning(request, gettext("One of the two records has just been changed. Nothing was saved."))
        return redirect(_list_of(pair))
    if stands_id is None:
        messages.success(request, gettext("It is noted that they are different persons."))
    else:
        messages.success(request, gettext("It is noted that they are the same person, who counts once."))
    return redirect(_list_of(pair))


@requires(Permission.JUDGE_PAIRS)
@require_POST
def pair_judge_group(request: UserRequest, first_id: UUID, second_id: UUID) -> HttpResponse:
    """Every pair of the group that is not judged: different persons."""
    pair = pair_of(request.user, first_id, second_id)
    try:
        judged = judge_group_different(
            first_id=first_id, second_id=second_id, mark=request.POST.get("mark", ""), by=request.user
        )
    except (GroupHasChanged, NotAPair):
        text = gettext("The group has changed since you opened the page. Nothing was saved: look again.")
        messages.warning(request, text)
        return redirect("pair_read", first_id=first_id, second_id=second_id)
    text = ngettext(
        "It is noted of {count} pair that they are different persons.",
        "It is noted of {count} pairs that they are different persons.",
        judged,
    )
    messages.success(request, text.format(count=judged))
    return redirect(_list_of(pair))


@requires(Permission.JUDGE_PAIRS)
@require_POST
def pair_take_back(request: UserRequest, verdict_id: UUID) -> HttpResponse:
    """With `whole`: everything that was judged in the same go."""
    try:
        number = take_verdict_back(
            verdict_id=verdict_id, by=request.user, whole=request.POST.get("whole") == "1"
        )
    except VerdictIsTakenBack:
        messages.warning(request, gettext("The judgement was taken back before."))
    except CaseIsNotRestored:
        text = gettext(
            "The judgement cannot be taken back: the record that it withdrew is no longer withdrawn for it."
        )
        messages.warning(request, text)
    else:
        text = ngettext(
            "The judgement is taken back. The pair is on the list again.",
            "{count} judgements are taken back. The pairs are on the list again.",
            number,
        )
        messages.success(request, text.format(count=number))
    return redirect("pair_judged")


def _show(request: UserRequest, pair: Pair, form: JudgeForm | None = None) -> HttpResponse:
    codebook, group = load_codebook(), alike_with(request.user, pair)
    words = pair_in_words(pair, codebook)
    of_first, of_second = neighbours(group, pair) if group else ([], [])
    context = {
        "pair": words,
        "form": form or JudgeForm(pair=words),
        "group": group,
        "open_pairs": len(group.open_pairs) if group else 0,
        "is_group": len(of_first) * len(of_second) > 1,
        "sides": [
            (words.first, of_first[:NEIGHBOURS_SHOWN], len(of_first)),
            (words.second, of_second[:NEIGHBOURS_SHOWN], len(of_second)),
        ],
    }
    return render(request, "casereg/pair_read.html", context)


def _list_of(pair: Pair) -> str:
    """The list of the year in which the pair stands."""
    return f"{reverse('pair_list')}?{urlencode({'year': max(pair.first.year, pair.second.year)})}"

"""Who may do what: rights, roles that have them, the rule that every view wears, the door to cases."""

from collections.abc import Callable, Iterator
from enum import StrEnum
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db.models import Exists, OuterRef, Q
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, get_resolver

from casereg.models import AuditEvent, Outcome, Role, Submission, User
from casereg.models.case import Case, CaseQuerySet
from casereg.models.cover import Cover, CoverQuerySet
from casereg.models.draft import Draft, DraftQuerySet
from casereg.models.incident import Incident, IncidentQuerySet
from casereg.models.offer import Offer, OfferQuerySet
from casereg.models.remark import CaseRemark, CaseRemarkQuerySet
from casereg.models.upload import Upload, UploadQuerySet
from casereg.models.verdict import Verdict, VerdictQuerySet
from casereg.pair_groups import PairFilter, PairGroups
from casereg.pairs import Alike, Pair, alike, are_alike
from casereg.request_transaction import at_the_end
from casereg.row_security import within_also


class Permission(StrEnum):
    """What somebody may do. Which objects it reaches is decided by the doors below."""

    START = "start"
    READ_CASES = "read_cases"
    WRITE_CASES = "write_cases"
    READ_STATISTICS = "read_statistics"
    JUDGE_PAIRS = "judge_pairs"
    MANAGE_REGIONS = "manage_regions"
    MANAGE_USERS = "manage_users"
    MANAGE_LISTS = "manage_lists"
    READ_TRAIL = "read_trail"


ROLES: dict[str, frozenset[Permission]] = {
    Role.COORDINATOR: frozenset(
        {Permission.START, Permission.READ_CASES, Permission.WRITE_CASES, Permission.READ_STATISTICS}
    ),
    Role.ANALYST: frozenset(
        {Permission.START, Permission.READ_CASES, Permission.READ_STATISTICS, Permission.JUDGE_PAIRS}
    ),
    Role.ADMINISTRATOR: frozenset(
        {
            Permission.START,
            Permission.MANAGE_REGIONS,
            Permission.MANAGE_USERS,
            Permission.MANAGE_LISTS,
            Permission.READ_TRAIL,
        }
    ),
}

View = Callable[..., HttpResponseBase]


class UserRequest(HttpRequest):
    """A request that a rule has admitted: somebody is logged in."""

    user: User


def has_permission(user: User | AnonymousUser, permission: Permission) -> bool:
    return user.is_active and permission in ROLES.get(getattr(user, "role", ""), frozenset())


def cases_of(user: User) -> CaseQuerySet:
    """The cases that the user may see: a coordinator's region, an analyst's all, nobody else's any."""
    if not has_permission(user, Permission.READ_CASES):
        return Case.objects.none()
    if user.role == Role.COORDINATOR:
        return Case.objects.of_region(user.working_region_id or "")
    return Case.objects.all()


def incidents_of(user: User) -> IncidentQuerySet:
    """The incidents of the cases that the user may see."""
    if not has_permission(user, Permission.READ_CASES):
        return Incident.objects.none()
    if user.role == Role.COORDINATOR:
        return Incident.objects.of_region(user.working_region_id or "")
    return Incident.objects.all()


def offers_to(user: User) -> OfferQuerySet:
    """The offers that the user may answer: those made to the own region."""
    if not has_permission(user, Permission.WRITE_CASES):
        return Offer.objects.none()
    return Offer.objects.made_to(user.working_region_id or "")


def open_offer_to(user: User, offer_id: UUID) -> Offer:
    """An offer that waits for the user's answer, with its case, which is another region's until then.

    Raises `Offer.DoesNotExist`.
    """
    offer = offers_to(user).open().get(pk=offer_id)
    with within_also([offer.from_region_id]):
        offer.case = Case.objects.get(pk=offer.case_id)
    # What ties it to other cases stays where it is.
    offer.case.incident = None
    return offer


def offers_by(user: User) -> OfferQuerySet:
    """The offers that the user may take back: those made by the own region."""
    if not has_permission(user, Permission.WRITE_CASES):
        return Offer.objects.none()
    return Offer.objects.made_by(user.working_region_id or "")


def drafts_of(user: User) -> DraftQuerySet:
    """What the user has typed and not sent, in the present region, of what is still within reach.

    A draft that was saved at the very moment in which its form was stored is none.
    """
    if not has_permission(user, Permission.WRITE_CASES):
        return Draft.objects.none()
    about = OuterRef("about")
    # What is withdrawn is not amended: restored, its draft is there again.
    standing = Exists(cases_of(user).standing().filter(pk=about))
    within_reach = standing | Exists(incidents_of(user).filter(pk=about))
    sent = Exists(Submission.objects.filter(by=OuterRef("author"), number=OuterRef("number")))
    own = Draft.objects.kept().filter(author=user, region=user.working_region_id)
    return own.filter(Q(about=None) | within_reach).exclude(sent)


def uploads_of(user: User) -> UploadQuerySet:
    """The case files that the user has uploaded in the present region and that are still kept."""
    if not has_permission(user, Permission.WRITE_CASES):
        return Upload.objects.none()
    return Upload.objects.kept().filter(author=user, region=user.working_region_id)


def remarks_of(user: User) -> CaseRemarkQuerySet:
    """The remarks on the cases that the user may see: a coordinator mends them, an analyst reads them."""
    if not has_permission(user, Permission.READ_CASES):
        return CaseRemark.objects.none()
    if user.role == Role.COORDINATOR:
        return CaseRemark.objects.of_region(user.working_region_id or "")
    return CaseRemark.objects.all()


def pairs_for(user: User, wanted: PairFilter) -> PairGroups:
    """The pairs of two regions that may be one person, for those who judge them: nobody else has any."""
    if not has_permission(user, Permission.JUDGE_PAIRS):
        raise PermissionDenied
    return PairGroups(wanted)


def pair_of(user: User, first_id: UUID, second_id: UUID) -> Pair:
    """One pair, as its address names it. Raises `Case.DoesNotExist` where the two are none."""
    if not has_permission(user, Permission.JUDGE_PAIRS):
        raise PermissionDenied
    found = cases_of(user).select_related("incident", "region").in_bulk([first_id, second_id])
    if len(found) < 2:
        raise Case.DoesNotExist
    verdict = verdicts_of(user).in_force().on_pair(first_id, second_id).select_related("by", "stands").first()
    pair = Pair(found[first_id], found[second_id], verdict)
    if pair.verdict is None and not pair.is_open:
        raise Case.DoesNotExist
    return pair


def alike_with(user: User, pair: Pair) -> Alike | None:
    """The group of a pair, by reference; None where the two have been changed and are alike no more."""
    if not are_alike(pair.first, pair.second):
        return None
    return alike(pair.first, pair.second, cases_of(user).order_by("reference"), verdicts_of(user))


def verdicts_of(user: User) -> VerdictQuerySet:
    """The verdicts on pairs, for those who judge them."""
    if not has_permission(user, Permission.JUDGE_PAIRS):
        return Verdict.objects.none()
    return Verdict.objects.all()


def own_region(user: User) -> str:
    """The code of the region in which a coordinator works: the own one, or one that is covered."""
    if user.working_region_id is None:
        raise PermissionDenied
    return user.working_region_id


def covers_of(user: User) -> CoverQuerySet:
    """By which a coordinator may work in other regions today. A retired region is worked in by nobody."""
    if not has_permission(user, Permission.WRITE_CASES):
        return Cover.objects.none()
    return Cover.objects.in_force().filter(user=user, region__last_year=None).exclude(region=user.region_id)


def may_work_in(user: User, region_code: str) -> bool:
    """Whether it is the user's own region, or one that he or she covers now."""
    if not has_permission(user, Permission.WRITE_CASES):
        return False
    return region_code == user.region_id or covers_of(user).filter(region=region_code).exists()


def region_scope(user: User) -> str | None:
    """The region to which the user's figures are limited; None: the whole country."""
    if not has_permission(user, Permission.READ_STATISTICS):
        raise PermissionDenied
    return user.working_region_id if user.role == Role.COORDINATOR else None


def case_of(user: User, case_id: UUID) -> Case:
    """One case through the door, for a page. Raises `Case.DoesNotExist`, which a page answers by 404."""
    return cases_of(user).select_related("incident", "region").get(pk=case_id)


def record_read(user: User, object: str) -> None:
    """Reading what is recorded of persons leaves a trace."""
    at_the_end(lambda: AuditEvent.objects.append(by=user, action="read", object=object))


def record_denied(user: User | AnonymousUser, object: str) -> None:
    by = user if isinstance(user, User) else None
    denied, asked = Outcome.DENIED, object[:120].replace("\0", "\ufffd")  # PostgreSQL stores no NUL
    at_the_end(lambda: AuditEvent.objects.append(by=by, action="access_denied", object=asked, outcome=denied))


# --- The rule that a view wears ------------------------------------------------------------------


def requires(permission: Permission) -> Callable[[View], View]:
    """Only for users whose role has the right. Who is not logged in is sent to log in."""

    def decorate(view: View) -> View:
        @wraps(view)
        def admitted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            user = request.user
            if not has_permission(user, permission):
                record_denied(user, f"{request.method} {request.path}")
                raise PermissionDenied
            try:
                return view(request, *args, **kwargs)
            except ObjectDoesNotExist:
                # Behind a door there is nothing of that name: not there, or not yours, is one answer.
                record_denied(user, f"{request.method} {request.path}")
                raise Http404 from None

        admitted.access_rule = permission  # type: ignore[attr-defined]
        return admitted

    return decorate


def public(*, because: str) -> Callable[[View], View]:
    """For everybody, logged in or not. The reason stands beside the exception."""

    def decorate(view: View) -> View:
        @wraps(view)
        def admitted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            return view(request, *args, **kwargs)

        admitted.access_rule = f"public: {because}"  # type: ignore[attr-defined]
        admitted.login_required = False  # type: ignore[attr-defined]
        return admitted

    return decorate


def routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every URL pattern of the site, with its whole path."""
    for entry in (resolver or get_resolver()).url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from routes(entry, path)
        else:
            yield path, entry


@register()
def check_every_view_wears_a_rule(**_options: Any) -> list[CheckMessage]:
    return [
        Error(
            f"The view at {path!r} wears no access rule.",
            hint="Decorate it with @requires(Permission.…) or @public(because=…).",
            id="casereg.E001",
        )
        for path, pattern in routes()
        if not getattr(pattern.callback, "access_rule", None)
    ]

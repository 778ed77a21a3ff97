"""Events of the trail in words: every action that the code appends, its kind, its object and its fields.

What is not known here, such as an action of long ago, is shown as it stands in the trail.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import models
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from casereg.codebook import CodeBook
from casereg.counties import COUNTIES
from casereg.models import AuditEvent, Outcome, Role, User


class Kind(models.TextChoices):
    """What an action has to do with. Each action is of one kind."""

    LOG_IN = "log_in", _("Logging in and passwords")
    READING = "reading", _("Readings of cases")
    CASE = "case", _("Changes of cases")
    INCIDENT = "incident", _("Changes of incidents")
    BETWEEN = "between", _("Offers and pairs")
    FILE = "file", _("Case files taken in")
    DOWNLOAD = "download", _("Downloads")
    REFUSAL = "refusal", _("Refusals")
    PEOPLE = "people", _("People and rights")
    LIST = "list", _("Regions, lists and definitions")
    TRAIL = "trail", _("The trail itself")
    UPKEEP = "upkeep", _("Upkeep")
    OTHER = "other", _("Other")


_ACTIONS: Final[Mapping[str, tuple[Kind, str | Promise]]] = {
    "log_in": (Kind.LOG_IN, _("logged in")),
    "identity_prove": (Kind.LOG_IN, _("showed again who it was")),
    "session_end": (Kind.LOG_IN, _("ended a person’s sessions")),
    "link_ask": (Kind.LOG_IN, _("asked for a link to choose a password")),
    "password_change": (Kind.LOG_IN, _("changed the own password")),
    "password_set": (Kind.LOG_IN, _("chose a password by a mailed link")),
    "factor_add": (Kind.LOG_IN, _("added a second factor")),
    "factor_remove": (Kind.LOG_IN, _("removed a second factor")),
    "provider_link": (Kind.LOG_IN, _("was linked to the agency’s log-in")),
    "recovery_codes_make": (Kind.LOG_IN, _("made new recovery codes")),
    "recovery_codes_keep": (Kind.LOG_IN, _("noted the recovery codes down")),
    "read": (Kind.READING, _("read")),
    "case_register": (Kind.CASE, _("registered a case")),
    "case_amend": (Kind.CASE, _("amended a case")),
    "case_withdraw": (Kind.CASE, _("withdrew a case")),
    "case_restore": (Kind.CASE, _("restored a case")),
    "case_confirm": (Kind.CASE, _("confirmed what is unusual in a case")),
    "incident_create": (Kind.INCIDENT, _("added an incident")),
    "incident_register": (Kind.INCIDENT, _("registered an incident with its persons")),
    "incident_amend": (Kind.INCIDENT, _("amended the persons of an incident")),
    "incident_rename": (Kind.INCIDENT, _("gave an incident another reference")),
    "incident_add_persons": (Kind.INCIDENT, _("added persons to an incident")),
    "incident_take_out_person": (Kind.INCIDENT, _("took a person out of an incident")),
    "incident_undo": (Kind.INCIDENT, _("undid the registering of an incident")),
    "offer_make": (Kind.BETWEEN, _("offered a case to another region")),
    "offer_accept": (Kind.BETWEEN, _("took over a case")),
    "offer_decline": (Kind.BETWEEN, _("declined a case")),
    "offer_take_back": (Kind.BETWEEN, _("took an offer back")),
    "pair_judge_same": (Kind.BETWEEN, _("judged two cases to be the same person")),
    "pair_judge_different": (Kind.BETWEEN, _("judged two cases to be different persons")),
    "group_judge_different": (Kind.BETWEEN, _("judged a group of cases to be different persons")),
    "verdict_take_back": (Kind.BETWEEN, _("took a judgement back")),
    "case_file_upload": (Kind.FILE, _("uploaded a case file")),
    "case_file_discard": (Kind.FILE, _("threw an uploaded case file away")),
    "cases_import": (Kind.FILE, _("imported a case file")),
    "cases_download": (Kind.DOWNLOAD, _("downloaded cases as a file")),
    "cases_export": (Kind.DOWNLOAD, _("exported cases to a file")),
    "year_download": (Kind.DOWNLOAD, _("downloaded figures of a year")),
    "year_export": (Kind.DOWNLOAD, _("exported the figures of a year")),
    "access_denied": (Kind.REFUSAL, _("tried to open a page")),
    "user_add": (Kind.PEOPLE, _("added a user")),
    "user_change": (Kind.PEOPLE, _("changed a user")),
    "user_deactivate": (Kind.PEOPLE, _("deactivated a user")),
    "user_reactivate": (Kind.PEOPLE, _("reactivated a user")),
    "user_send_link": (Kind.PEOPLE, _("sent a link to choose a password")),
    "factors_reset": (Kind.PEOPLE, _("took the second factors from a user")),
    "provider_unlink": (Kind.PEOPLE, _("separated a user from the agency’s log-in")),
    "cover_give": (Kind.PEOPLE, _("gave a cover for a colleague")),
    "cover_end": (Kind.PEOPLE, _("ended a cover")),
    "people_confirm": (Kind.PEOPLE, _("confirmed the list of people")),
    "region_add": (Kind.LIST, _("added a region")),
    "region_change": (Kind.LIST, _("changed a region")),
    "region_retire": (Kind.LIST, _("retired a region")),
    "region_reopen": (Kind.LIST, _("opened a region again")),
    "region_delete": (Kind.LIST, _("deleted a region")),
    "county_assign": (Kind.LIST, _("gave a county to a region")),
    "county_release": (Kind.LIST, _("took a county out of a region")),
    "term_add": (Kind.LIST, _("added a value to a list")),
    "term_change": (Kind.LIST, _("changed the words of a value")),
    "term_retire": (Kind.LIST, _("retired a value")),
    "term_reopen": (Kind.LIST, _("took a value up again")),
    "term_split": (Kind.LIST, _("split a value")),
    "term_merge": (Kind.LIST, _("merged values")),
    "term_move": (Kind.LIST, _("moved a value in its list")),
    "term_delete": (Kind.LIST, _("deleted a value")),
    "definition_add": (Kind.LIST, _("gave a variable a new definition")),
    "trail_read": (Kind.TRAIL, _("read the trail")),
    "trail_export": (Kind.TRAIL, _("took a file of the trail")),
    "trail_review_sign": (Kind.TRAIL, _("signed a month of the trail")),
    "records_check": (Kind.UPKEEP, _("checked the stored records")),
    "demo_load": (Kind.UPKEEP, _("loaded the demo")),
}
KNOWN_ACTIONS: Final = frozenset(_ACTIONS)

# What the same action is called where it did not come about.
_REFUSED: Final[Mapping[str, str | Promise]] = {
    "log_in": _("tried to log in"),
    "identity_prove": _("did not show again who it was"),
    "password_change": _("tried to change the own password"),
}
# Done by whoever is at the log-in page. Other events without a person are a program's.
_BY_STRANGERS: Final = frozenset({"link_ask"})


def kind_of(action: str) -> Kind:
    return _ACTIONS[action][0] if action in _ACTIONS else Kind.OTHER


def actions_of(kind: str) -> list[str]:
    """The actions of a kind; of `Kind.OTHER` none is known."""
    return [action for action, (its_kind, _words) in _ACTIONS.items() if its_kind == kind]


def action_in_words(action: str, *, outcome: str = Outcome.DONE) -> str:
    if outcome == Outcome.DENIED and action in _REFUSED:
        return str(_REFUSED[action])
    return str(_ACTIONS[action][1]) if action in _ACTIONS else action


@dataclass(frozen=True, slots=True)
class EventInWords:
    """One event, ready to print. `fields` are names, of lists and regions also the codes and years that came
    or went: the trail never holds what was in a case."""

    sequence: int
    at: datetime
    who: str
    role: str
    action: str
    object: str
    fields: str
    region: str
    is_refused: bool


def events_in_words(
    events: Sequence[AuditEvent], codebook: CodeBook, *, reader: User, about: str = ""
) -> list[EventInWords]:
    """The events as the reader may see them. Their actors are fetched with them.

    `about`: the object that the whole page is about, which is not said again for each event.
    """
    names = _names_of_users(events)
    return [
        EventInWords(
            sequence=event.sequence,
            at=event.at,
            who=_who(event, reader),
            role=_role(event.role),
            action=capfirst(action_in_words(event.action, outcome=event.outcome)),
            object="" if event.object == about else object_in_words(event, codebook, names),
            fields=", ".join(field_in_words(name, codebook) for name in event.fields),
            region=region_in_words(event.region, codebook),
            is_refused=event.outcome == Outcome.DENIED,
        )
        for event in events
    ]


def region_in_words(code: str, codebook: CodeBook) -> str:
    """A region that was deleted keeps its code."""
    return codebook.label("region", code) if code in codebook.terms["region"] else code


def person_in_words(name: str, role: str) -> tuple[str, str]:
    """Name and role, for the reader of a month."""
    return name or gettext("Programs, and whoever is not logged in"), _role(role)


def _who(event: AuditEvent, reader: User) -> str:
    if event.actor is None:
        is_stranger = event.outcome == Outcome.DENIED or event.action in _BY_STRANGERS
        return gettext("Somebody not logged in") if is_stranger else gettext("The system")
    return event.actor.name if _has_a_name_for(reader, event) else _role(event.role)


def _has_a_name_for(reader: User, event: AuditEvent) -> bool:
    """Administrators and analysts see every name: they answer for the trail, and for the whole country.

    A coordinator sees who acted for the own region, and of anybody else only the role: that an analyst or
    another region's coordinator had the case before them. The region is the one in which the person worked
    then, so whoever covers for a colleague has a name too.
    """
    if reader.role != Role.COORDINATOR:
        return True
    is_of_region = event.role == Role.COORDINATOR and event.region == (reader.working_region_id or "")
    return is_of_region or event.actor_id == reader.pk


def _role(role: str) -> str:
    return str(capfirst(Role(role).label)) if role in Role.values else ""


# --- Fields --------------------------------------------------------------------------------------

_FIELDS: Final[Mapping[str, str | Promise]] = {
    "reference": _("reference"),
    "region": _("region"),
    "year": _("year"),
    "state": _("state"),
    "kind": _("kind"),
    "name": _("name"),
    "email": _("e-mail address"),
    "role": _("role"),
    "person": _("person"),
    "outcome": _("outcome"),
    "first_day": _("first day"),
    "last_day": _("last day"),
    "first_year": _("first year"),
    "last_year": _("last year"),
    "label_sv": _("Swedish label"),
    "label_en": _("English label"),
    "definition_sv": _("Swedish definition"),
    "definition_en": _("English definition"),
    "position": _("order"),
    "asks_for_industry": _("whether the industry is asked for"),
    "password": _("password"),
    "app": _("authenticator app"),
    "totp": _("authenticator app"),
    "passkey": _("passkey"),
    "webauthn": _("passkey"),
    "socialaccount": _("the agency’s log-in"),
    "recovery_codes": _("recovery codes"),
    "counties": _("counties"),
}


_OTHER_TERM: Final = re.compile(r"(into|of|instead of) (form|referral_source|industry) (\S+)")
_COUNTY: Final = re.compile(r"county (\d\d)")
_YEAR: Final = re.compile(r"(from|until) (\d{4})")


def field_in_words(name: str, codebook: CodeBook) -> str:
    if name in _FIELDS:
        return str(_FIELDS[name])
    if found := _OTHER_TERM.fullmatch(name):
        value = _term_in_words(found[2], found[3], codebook)
        texts = {
            "into": gettext("into “{value}”"),
            "of": gettext("of “{value}”"),
            "instead of": gettext("instead of “{value}”"),
        }
        return texts[found[1]].format(value=value)
    if (found := _COUNTY.fullmatch(name)) and found[1] in COUNTIES:
        return COUNTIES[found[1]].name
    if found := _YEAR.fullmatch(name):
        text = gettext("from {year} on") if found[1] == "from" else gettext("until {year}")
        return text.format(year=found[2])
    return codebook.variables[name].label if name in codebook.variables else name


# --- Objects -------------------------------------------------------------------------------------

_PARTS: Final[Sequence[tuple[re.Pattern[str], str | Promise]]] = [
    (re.compile(pattern), words)
    for pattern, words in (
        (r"case (?P<id>\S+)", _("case {id}")),
        (r"incident (?P<id>\S+)", _("incident {id}")),
        (r"offer (?P<id>\S+) of case (?P<case>\S+)", _("offer {id} of case {case}")),
        (r"pair (?P<first>\S+) (?P<second>\S+)", _("pair {first} {second}")),
        (r"cases page (?P<number>\d+)", _("the list of cases, page {number}")),
        (r"cases to mend page (?P<number>\d+)", _("the cases to mend, page {number}")),
        (r"pairs page (?P<number>\d+)", _("the list of pairs, page {number}")),
        (r"judged pairs page (?P<number>\d+)", _("the judged pairs, page {number}")),
        (r"cell (?P<cell>.+)", _("the cases behind a number: {cell}")),
        (r"(?P<what>.+) as (?P<format>xlsx|csv|jsonstat|svg|all)", _("{what} as {format}")),
        (r"upload (?P<id>\S+)", _("upload {id}")),
        (r"file (?P<id>\d+)", _("file {id}")),
        (r"all years", _("all years")),
        (r"an address and a password", _("an address and a password")),
        (r"the agency's log-in", _("the agency’s log-in")),
        (r"an address that nobody has", _("an address that nobody has")),
        (r"second factor", _("second factor")),
        (r"list (?P<id>\d+) of (?P<count>\d+) people", _("list {id}, of {count} people")),
        (r"trail", _("the trail")),
        (r"trail review", _("the monthly review")),
        (r"before (?P<number>\d+)", _("before event {number}")),
        (r"after (?P<number>\d+)", _("after event {number}")),
        (r"not logged in", _("nobody logged in")),
        (r"no region", _("no region")),
        (r"denied", _("refused only")),
    )
]
_USER: Final = re.compile(r"(?:cover (\d+) of )?user (\d+)")
_TERM: Final = re.compile(r"(form|referral_source|industry) (\S+)")
_VARIABLE: Final = re.compile(r"variable (\S+) (\d+)")
_REGION: Final = re.compile(r"region ([a-z_]+)")
_KIND: Final = re.compile(r"kind ([a-z_]+)")
_COUNT: Final = re.compile(r"(\d+) (cases|rows|pairs|events|users|published counts)(?: like (\S+ \S+))?")


def object_in_words(event: AuditEvent, codebook: CodeBook, names: Mapping[int, str]) -> str:
    """What the event is about. `names`: of users by id. An address that was refused stands as it was."""
    if kind_of(event.action) is Kind.REFUSAL:
        return event.object
    return ", ".join(_part_in_words(part, codebook, names) for part in event.object.split(", "))


def _part_in_words(part: str, codebook: CodeBook, names: Mapping[int, str]) -> str:
    if found := _USER.fullmatch(part):
        user = _user_in_words(int(found[2]), names)
        return gettext("cover {id}, {user}").format(id=found[1], user=user) if found[1] else user
    if found := _TERM.fullmatch(part):
        return f"{codebook.variables[found[1]].label}: {_term_in_words(found[1], found[2], codebook)}"
    if found := _VARIABLE.fullmatch(part):
        variable = field_in_words(found[1], codebook)
        return gettext("{variable}, from {year}").format(variable=variable, year=found[2])
    if found := _REGION.fullmatch(part):
        return gettext("region {region}").format(region=region_in_words(found[1], codebook))
    if (found := _KIND.fullmatch(part)) and found[1] in Kind.values:
        return str(Kind(found[1]).label)
    if found := _COUNT.fullmatch(part):
        counted = _counted(int(found[1]), found[2])
        return gettext("{pairs} like {pair}").format(pairs=counted, pair=found[3]) if found[3] else counted
    for pattern, words in _PARTS:
        if found := pattern.fullmatch(part):
            return str(words).format(**found.groupdict())
    return part


def _user_in_words(number: int, names: Mapping[int, str]) -> str:
    if number in names:
        return gettext("user {id} ({name})").format(id=number, name=names[number])
    return gettext("user {id}").format(id=number)


def _term_in_words(variable: str, code: str, codebook: CodeBook) -> str:
    """A value that was deleted keeps its code."""
    return codebook.label(variable, code) if code in codebook.terms[variable] else code


def _counted(count: int, what: str) -> str:
    words = {
        "cases": ngettext("{count} case", "{count} cases", count),
        "rows": ngettext("{count} row", "{count} rows", count),
        "pairs": ngettext("{count} pair", "{count} pairs", count),
        "events": ngettext("{count} event", "{count} events", count),
        "users": ngettext("{count} user", "{count} users", count),
        "published counts": ngettext("{count} published total", "{count} published totals", count),
    }
    return words[what].format(count=count)


def _names_of_users(events: Iterable[AuditEvent]) -> dict[int, str]:
    """The names of the users that the events are about, in one query."""
    asked = {
        int(found[2])
        for event in events
        for part in event.object.split(", ")
        if (found := _USER.fullmatch(part)) and len(found[2]) < 10
    }
    return dict(User.objects.filter(pk__in=asked).values_list("pk", "name")) if asked else {}

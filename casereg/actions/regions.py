"""Writes to regions and their counties. Cases are not looked at, only held on to."""

from collections.abc import Sequence

from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, transaction
from django.db.models import Max, ProtectedError, QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casereg.access import Permission, has_permission
from casereg.counties import COUNTIES
from casereg.models import AuditEvent, Region, RegionCounty, Role, User
from casereg.quality import Finding, Refused, text_findings
from casereg.row_security import EVERYTHING, within
from casereg.vocabularies import FIRST_YEAR


class RegionRefused(Refused):
    """Of a region, or a county of it."""


class RegionHasCoordinators(Exception):
    """A region is not retired while somebody active registers its cases."""


class RegionIsInUse(Exception):
    """What something refers to is not deleted: retire it."""


def regions_managed_by(user: User) -> QuerySet[Region]:
    """The regions that the user may change: an administrator all, nobody else any."""
    if not has_permission(user, Permission.MANAGE_REGIONS):
        return Region.objects.none()
    return Region.objects.all()


def active_coordinators_of(region: Region) -> QuerySet[User]:
    return User.objects.filter(region=region, role=Role.COORDINATOR, is_active=True).order_by("name", "pk")


def counties_of_regions(user: User) -> QuerySet[RegionCounty]:
    """Which county belongs to which region, and when, by county and year, for who manages regions."""
    if not has_permission(user, Permission.MANAGE_REGIONS):
        return RegionCounty.objects.none()
    return RegionCounty.objects.select_related("region").order_by("county", "first_year")


def region_findings(*, label_sv: str, label_en: str) -> list[Finding]:
    return [*text_findings("label_sv", label_sv), *text_findings("label_en", label_en)]


def add_region(*, code: str, label_sv: str, label_en: str, by: User) -> Region:
    """A region that takes cases from this year on. It stands last in every list."""
    with transaction.atomic():
        _refuse(region_findings(label_sv=label_sv, label_en=label_en))
        last = Region.objects.aggregate(last=Max("position"))["last"] or 0
        region = Region(
            code=code,
            label_sv=label_sv,
            label_en=label_en,
            position=last + 1,
            first_year=timezone.localdate().year,
        )
        _save_named(region, is_new=True)
        _record(region, "region_add", by=by)
    return region


def change_region(*, code: str, label_sv: str, label_en: str, by: User) -> Region:
    """Give a region other words. Its code stays: files and published tables know it."""
    with transaction.atomic():
        region = _hold(code, by=by)
        _refuse(region_findings(label_sv=label_sv, label_en=label_en))
        wanted = {"label_sv": label_sv, "label_en": label_en}
        changed = [name for name, value in wanted.items() if getattr(region, name) != value]
        if not changed:
            return region
        for name in changed:
            setattr(region, name, wanted[name])
        _save_named(region, is_new=False)
        _record(region, "region_change", by=by, fields=changed)
    return region


def retire_region(*, code: str, by: User) -> Region:
    """It takes no more cases and coordinators after this year. What it has stays in every count.

    Its counties end with it, and those that would have come to it later do not.
    """
    with transaction.atomic():
        region = _hold(code, by=by)
        if region.is_retired:
            return region
        if active_coordinators_of(region).exists():
            raise RegionHasCoordinators
        AuditEvent.objects.hold_head()  # whoever gives it a county takes the turn after
        region.last_year = timezone.localdate().year
        region.save(update_fields=["last_year"])
        going_on = RegionCounty.objects.filter(region=region, last_year__isnull=True)
        has_counties = going_on.exists()
        going_on.filter(first_year__gt=region.last_year).delete()
        going_on.update(last_year=region.last_year)
        _record(region, "region_retire", by=by, fields=_fields_of_end(has_counties))
    return region


def reopen_region(*, code: str, by: User) -> Region:
    """It goes on as if it had not been retired; with it the counties that ended with it, which nobody has."""
    with transaction.atomic():
        region = _hold(code, by=by)
        if not region.is_retired:
            return region
        AuditEvent.objects.hold_head()
        ended_with_it = RegionCounty.objects.filter(region=region, last_year=region.last_year)
        gone = RegionCounty.objects.filter(first_year__gt=region.last_year).values("county")
        has_counties = ended_with_it.exclude(county__in=gone).update(last_year=None) > 0
        region.last_year = None
        region.save(update_fields=["last_year"])
        _record(region, "region_reopen", by=by, fields=_fields_of_end(has_counties))
    return region


def delete_region(*, code: str, by: User) -> None:
    """Take away a region that nothing has ever referred to, such as one added by mistake."""
    with transaction.atomic():
        region = _hold(code, by=by)
        try:
            with within(EVERYTHING):  # what refers to it is in nobody's reach who keeps regions
                region.delete()
        except ProtectedError:
            raise RegionIsInUse from None
        AuditEvent.objects.append(by=by, action="region_delete", object=f"region {code}", region=code)


# --- Counties ------------------------------------------------------------------------------------


def assign_county(*, region: str, county: str, first_year: int, by: User) -> None:
    """From the first year on the county belongs to the region; until then to the one that had it.

    What has ended stays: only a region in which the county goes on loses it.
    """
    with transaction.atomic():
        AuditEvent.objects.hold_head()  # two administrators take their turn
        held = regions_managed_by(by).get(pk=region)
        _refuse(_county_findings(held, county, first_year))
        losing = RegionCounty.objects.filter(county=county, last_year__isnull=True).select_related("region")
        row = losing.first()
        if row is not None and row.first_year == first_year:
            row.delete()
        elif row is not None:
            row.last_year = first_year - 1
            row.save(update_fields=["last_year"])
        # Of a retired region it ends with it.
        RegionCounty.objects.create(
            region=held, county=county, first_year=first_year, last_year=held.last_year
        )
        if row is not None:
            until = [f"until {row.last_year}"] if row.last_year else []  # without: it never came to it
            _record(row.region, "county_release", by=by, fields=[f"county {county}", *until])
        _record(held, "county_assign", by=by, fields=[f"county {county}", f"from {first_year}"])


def release_county(*, region: str, county: str, last_year: int, by: User) -> None:
    """After the last year it belongs to no region. Raises `ObjectDoesNotExist` where it is not there."""
    with transaction.atomic():
        AuditEvent.objects.hold_head()
        held = regions_managed_by(by).get(pk=region)
        row = RegionCounty.objects.get(region=held, county=county, last_year__isnull=True)
        if last_year < row.first_year:
            problem = gettext("It belongs to the region from {year}. Choose that year or a later one.")
            _refuse([Finding("last_year", str(last_year), problem.format(year=row.first_year))])
        row.last_year = last_year
        row.save(update_fields=["last_year"])
        _record(held, "county_release", by=by, fields=[f"county {county}", f"until {last_year}"])


def _county_findings(region: Region, county: str, first_year: int) -> list[Finding]:
    if county not in COUNTIES:
        raise ObjectDoesNotExist
    if first_year < max(FIRST_YEAR, region.first_year):
        problem = gettext("The region begins in {year}.").format(year=max(FIRST_YEAR, region.first_year))
        return [Finding("first_year", str(first_year), problem)]
    if region.last_year is not None and first_year > region.last_year:
        problem = gettext("The region is retired since {year}.").format(year=region.last_year)
        return [Finding("first_year", str(first_year), problem)]
    later = RegionCounty.objects.filter(county=county, first_year__gt=first_year).select_related("region")
    for row in later.order_by("first_year"):
        problem = gettext("From {year} it belongs to {region}. Choose that year or a later one.")
        problem = problem.format(year=row.first_year, region=row.region.label_sv)
        return [Finding("first_year", str(first_year), problem)]
    ended = RegionCounty.objects.filter(county=county, first_year__lte=first_year, last_year__gte=first_year)
    for row in ended.select_related("region"):
        problem = gettext("Until {year} it belongs to {region}. Choose a later year.")
        problem = problem.format(year=row.last_year, region=row.region.label_sv)
        return [Finding("first_year", str(first_year), problem)]
    if RegionCounty.objects.filter(county=county, region=region, last_year__isnull=True).exists():
        return [Finding("county", county, gettext("The county belongs to the region already."))]
    return []


def _fields_of_end(has_counties: bool) -> list[str]:
    return ["counties", "last_year"] if has_counties else ["last_year"]


def _hold(code: str, *, by: User) -> Region:
    """The region as it stands, until the transaction ends: nobody joins it meanwhile."""
    return regions_managed_by(by).select_for_update(no_key=True).get(pk=code)


def _save_named(region: Region, *, is_new: bool) -> None:
    try:
        with transaction.atomic():
            region.save(force_insert=is_new)
    except IntegrityError:
        others = Region.objects.all() if is_new else Region.objects.exclude(pk=region.code)
        findings = []
        if others.filter(pk=region.code).exists():
            findings += [Finding("code", region.code, _("Another region has this code. Choose a new one."))]
        if others.filter(label_sv=region.label_sv).exists():
            problem = _("Another region has this Swedish name. Choose a new one.")
            findings += [Finding("label_sv", region.label_sv, problem)]
        if not findings:
            raise
        raise RegionRefused(findings) from None


def _refuse(findings: list[Finding]) -> None:
    if findings:
        raise RegionRefused(findings)


def _record(region: Region, action: str, *, by: User, fields: Sequence[str] = ()) -> None:
    AuditEvent.objects.append(
        by=by, action=action, object=f"region {region.code}", region=region.code, fields=fields
    )

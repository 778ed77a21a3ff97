"""Records for the benchmark: plausible ones, many, put into the tables directly."""

import random
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

from tests.stats.naive import AGES, FIRST_YEARS, FORMS, INDUSTRIES, REFERRALS, REGIONS, SEXES

NATIONALITIES = 70  # that occur; the first are common, the last rare
IN_INCIDENT, PERSONS_PER_INCIDENT = 0.3, 5
COLUMNS = (
    "id region_id reference year month assessment form_id sex age_group nationality_id referral_source_id "
    "joint_inspection industry_id children_in_sweden children_in_sweden_unknown children_abroad "
    "children_abroad_unknown incident_id registered_at"
).split()
AT = datetime(2026, 1, 1, tzinfo=UTC)


def fill(size: int, years: Sequence[int] = (2023,)) -> None:
    """Store `size` cases, spread evenly over the years, in an empty migrated database."""
    chosen = random.Random(2023)
    incidents = {
        (region, year): [
            uuid.UUID(int=chosen.getrandbits(128))
            for _ in range(max(1, int(size * IN_INCIDENT / PERSONS_PER_INCIDENT / len(REGIONS) / len(years))))
        ]
        for region in REGIONS
        for year in years
    }
    names = [
        (key, region, f"{year}-{number}")
        for (region, year), keys in incidents.items()
        for number, key in enumerate(keys)
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT code FROM casereg_nationality ORDER BY position")
        nationalities = chosen.sample([code for (code,) in cursor.fetchall()], NATIONALITIES)
    cases = _cases(chosen, size, years, nationalities, incidents)
    if connection.vendor == "postgresql":
        _copy(names, cases)
    else:
        _insert(names, cases)


def _cases(
    chosen: random.Random,
    size: int,
    years: Sequence[int],
    nationalities: Sequence[str],
    incidents: dict[tuple[str, int], list[uuid.UUID]],
) -> Iterator[tuple[Any, ...]]:
    def often_first(values: Sequence[Any]) -> dict[str, Any]:
        return {"population": values, "cum_weights": _falling(len(values))}

    forms, sexes, ages = often_first(FORMS), often_first(SEXES), often_first(AGES)
    countries, referrals = often_first(nationalities), often_first([None, *REFERRALS])
    industries, children = often_first([None, *INDUSTRIES]), often_first([0, None, "unknown", 1, 2, 3, 4, 7])

    def one(of: dict[str, Any]) -> Any:
        return chosen.choices(**of)[0]

    for number in range(size):
        year = years[number % len(years)]
        since = {variable: year >= first_year for variable, first_year in FIRST_YEARS.items()}
        form, region = one(forms), chosen.choice(REGIONS)
        in_sweden, abroad = (one(children), one(children)) if since["children"] else (None, None)
        yield (
            uuid.UUID(int=chosen.getrandbits(128)),
            region,
            f"R-{number}",
            year,
            chosen.randint(1, 12),
            chosen.choice(["trafficking", "exploitation"]),
            form,
            one(sexes),
            one(ages),
            one(countries),
            one(referrals) if since["referral_source"] else None,
            chosen.choice(["yes", "no", "no", "unknown", None]) if since["joint_inspection"] else None,
            one(industries) if form == "labour" and since["industry"] else None,
            None if in_sweden == "unknown" else in_sweden,
            in_sweden == "unknown",
            None if abroad == "unknown" else abroad,
            abroad == "unknown",
            chosen.choice(incidents[region, year]) if chosen.random() < IN_INCIDENT else None,
            AT,
        )


def _falling(number: int) -> list[float]:
    total, weights = 0.0, []
    for place in range(1, number + 1):
        total += place**-1.2
        weights.append(total)
    return weights


def _copy(incidents: Sequence[tuple[Any, ...]], cases: Iterator[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor:
        # Made by rules that hold already: checking a million of them again would take minutes.
        cursor.execute("SET session_replication_role = replica")
        with cursor.copy("COPY casereg_incident (id, region_id, reference) FROM STDIN") as copy:
            for row in incidents:
                copy.write_row(row)
        with cursor.copy(f"COPY casereg_case ({', '.join(COLUMNS)}) FROM STDIN") as copy:
            for row in cases:
                copy.write_row(row)
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("VACUUM ANALYZE")  # as the server does by itself after so many rows


def _insert(incidents: Sequence[tuple[Any, ...]], cases: Iterator[tuple[Any, ...]]) -> None:
    def stored(row: Sequence[Any]) -> list[Any]:
        return [value.hex if isinstance(value, uuid.UUID) else value for value in row]

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO casereg_incident (id, region_id, reference) VALUES (%s, %s, %s)",
            [stored(row) for row in incidents],
        )
        marks = ", ".join(["%s"] * len(COLUMNS))
        cursor.executemany(
            f"INSERT INTO casereg_case ({', '.join(COLUMNS)}) VALUES ({marks})",
            [[*stored(row[:-1]), "2026-01-01 00:00:00"] for row in cases],
        )
        cursor.execute("ANALYZE")

"""The charts of the yearbook, in print order: six of them take the places of the figures of the report."""

from stats.definitions import CellReference as Cell
from stats.definitions import ChartDefinition, ChartKind, gettext_noop

CHARTS = (
    ChartDefinition(
        id="chart-persons",
        title=gettext_noop("Persons by sex and age"),
        tables=("persons",),
        kind=ChartKind.BARS,
        to_see=gettext_noop("How many women, men, girls and boys were known, and of how many it is unknown."),
        report_figure=1,
    ),
    ChartDefinition(
        id="chart-form-by-person",
        title=gettext_noop("Form of exploitation by sex and age"),
        tables=("form-by-person",),
        kind=ChartKind.STACKED_BARS,
        to_see=gettext_noop("Which forms are the largest, and who is exploited in each."),
        report_figure=2,
    ),
    ChartDefinition(
        id="chart-boys-by-form",
        title=gettext_noop("Form of exploitation among boys, in per cent"),
        tables=("minors-by-form",),
        kind=ChartKind.SHARES,
        to_see=gettext_noop("Which share of the boys each form has."),
        drawn=Cell("minors-by-form", {"sex": "male"}),
        share_of=gettext_noop("all boys"),
        report_figure=3,
    ),
    ChartDefinition(
        id="chart-girls-by-form",
        title=gettext_noop("Form of exploitation among girls, in per cent"),
        tables=("minors-by-form",),
        kind=ChartKind.SHARES,
        to_see=gettext_noop("Which share of the girls each form has."),
        drawn=Cell("minors-by-form", {"sex": "female"}),
        share_of=gettext_noop("all girls"),
        report_figure=4,
    ),
    ChartDefinition(
        id="chart-identification",
        title=gettext_noop("How the persons were identified"),
        tables=("referral", "joint-by-form"),
        kind=ChartKind.BARS,
        to_see=gettext_noop(
            "From whom the persons were referred, and how many were found in joint inspections."
        ),
        report_figure=5,
    ),
    ChartDefinition(
        id="chart-nationalities",
        title=gettext_noop("The most common nationalities"),
        tables=("nationality",),
        kind=ChartKind.STACKED_BARS,
        to_see=gettext_noop("The five most common nationalities, and all that tie for the fifth place."),
        report_figure=6,
    ),
    ChartDefinition(
        id="chart-nationality-map",
        title=gettext_noop("Nationalities on a map"),
        tables=("nationality",),
        kind=ChartKind.MAP,
        to_see=gettext_noop("How many persons have each nationality. The table names those without a place."),
        report_figure=6,
    ),
    ChartDefinition(
        id="chart-assessments",
        title=gettext_noop("Assessment by form of exploitation"),
        tables=("assessment-by-form",),
        kind=ChartKind.STACKED_BARS,
        to_see=gettext_noop(
            "In which forms human trafficking was assessed, and in which human exploitation."
        ),
    ),
    ChartDefinition(
        id="chart-industries",
        title=gettext_noop("Industries of persons exploited for labour"),
        tables=("industry",),
        kind=ChartKind.STACKED_BARS,
        to_see=gettext_noop("In which industries the persons worked, and of how many it is not known."),
    ),
    ChartDefinition(
        id="chart-regions",
        title=gettext_noop("Form of exploitation by region"),
        tables=("region-by-form",),
        kind=ChartKind.PANELS,
        to_see=gettext_noop("Which forms are known in each region, all on one scale."),
    ),
    ChartDefinition(
        id="chart-months",
        title=gettext_noop("Persons by month"),
        tables=("months",),
        kind=ChartKind.MONTHS,
        to_see=gettext_noop(
            "In which months the persons became known, beside the months of the year before."
        ),
    ),
    ChartDefinition(
        id="chart-persons-by-year",
        title=gettext_noop("Persons over the years"),
        tables=("persons-by-year",),
        kind=ChartKind.YEARS,
        to_see=gettext_noop("How many persons were known each year, and where the coverage changed."),
    ),
    ChartDefinition(
        id="chart-forms-by-year",
        title=gettext_noop("Forms of exploitation over the years"),
        tables=("form-by-year",),
        kind=ChartKind.LINES,
        to_see=gettext_noop("How the forms with most persons changed over the years."),
    ),
)

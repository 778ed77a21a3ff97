"""The shared vocabulary of breakdowns and populations."""

from stats.definitions import Dimension, Population, gettext_noop

SEX = Dimension(id="sex", label=gettext_noop("Sex"), variables=("sex",))
AGE_GROUP = Dimension(id="age_group", label=gettext_noop("Age group"), variables=("age_group",))
PERSON_GROUP = Dimension(id="person_group", label=gettext_noop("Sex and age"), variables=("sex", "age_group"))
FORM = Dimension(id="form", label=gettext_noop("Form of exploitation"), variables=("form",))
ASSESSMENT = Dimension(id="assessment", label=gettext_noop("Assessment"), variables=("assessment",))
JOINT_INSPECTION = Dimension(
    id="joint_inspection",
    label=gettext_noop("Identified in a joint inspection"),
    variables=("joint_inspection",),
    blanks=True,
)
REFERRAL_SOURCE = Dimension(
    id="referral_source",
    label=gettext_noop("Referred from"),
    variables=("referral_source",),
    blanks=True,
)
INDUSTRY = Dimension(id="industry", label=gettext_noop("Industry"), variables=("industry",), blanks=True)
NATIONALITY = Dimension(
    id="nationality",
    label=gettext_noop("Nationality"),
    variables=("nationality",),
    only_occurring=True,
)
REGION = Dimension(id="region", label=gettext_noop("Region"), variables=("region",))
MONTH = Dimension(
    id="month",
    label=gettext_noop("Month"),
    variables=("month",),
    fixed=tuple(f"{month:02}" for month in range(1, 13)),
)
WHEREABOUTS = Dimension(
    id="whereabouts",
    label=gettext_noop("Whereabouts of the children"),
    variables=("children_in_sweden", "children_abroad"),
    fixed=("in_sweden", "abroad"),
)
INCIDENT_SIZE = Dimension(
    id="incident_size",
    label=gettext_noop("Persons in the incident"),
    variables=("incident",),
    fixed=("1", "2-4", "5-9", "10+"),
)
UNIT = Dimension(
    id="unit",
    label=gettext_noop("Unit"),
    variables=(),
    fixed=("incidents", "persons"),
    has_total=False,
)

ALL_PERSONS = Population(id="all_persons", label=gettext_noop("all persons"))
MINORS = Population(id="minors", label=gettext_noop("minors"), variables=("age_group",))
INDUSTRY_ASKED = Population(
    id="industry_asked",
    label=gettext_noop("persons whose form of exploitation asks for industry"),
    variables=("form",),
)

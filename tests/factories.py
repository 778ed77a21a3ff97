"""Rows that are valid by default. Where the way in matters, use an action or a case file instead."""

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from casereg.models import Case, Incident, Role, User

PASSWORD = "ejdern ropar över fjärden"


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"person{n}@example.org")
    name = factory.Sequence(lambda n: f"Person {n}")
    role = Role.COORDINATOR
    region_id = factory.LazyAttribute(lambda user: "nord" if user.role == "coordinator" else None)
    password = PASSWORD

    @classmethod
    def _create(cls, model_class, **fields):
        return model_class.objects.create_user(**fields)


class IncidentFactory(DjangoModelFactory):
    class Meta:
        model = Incident

    region_id = "nord"
    reference = factory.Sequence(lambda n: f"event-{n}")


class CaseFactory(DjangoModelFactory):
    """A man exploited for his labour, of 2023: every variable was collected, and all are filled in."""

    class Meta:
        model = Case

    region_id = "nord"
    reference = factory.Sequence(lambda n: f"made-{n}")
    year = 2023
    month = 7
    assessment = "exploitation"
    form_id = "labour"
    sex = "male"
    age_group = "adult"
    nationality_id = "TH"
    referral_source_id = "police"
    joint_inspection = "yes"
    industry_id = "green"
    children_in_sweden = 0
    children_abroad = 2
    registered_at = factory.LazyFunction(timezone.now)

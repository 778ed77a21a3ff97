"""The 414 fictional cases of 2023: every count that was printed of the year is theirs."""

from casereg.actions.cases import NewCase
from casereg.vocabularies import NOT_RECORDED
from stats.demo import plan_2023 as plan
from stats.demo.incidents import gather
from stats.demo.persons import Dealer, Person, as_cases, new_persons, only_trafficking, those
from stats.demo.published import Published, check_against, published_2023

SEED = 2023


def cases_of_2023() -> list[NewCase]:
    """The same cases each time; raise `DemoDiffers` where they do not add up to what was printed."""
    published, dealer = published_2023(), Dealer(SEED)
    persons = _persons(published, dealer)
    for incident in plan.INCIDENTS:
        gather(incident, persons)
    dealer.deal(persons, "incident", {}, rest=NOT_RECORDED)
    dealer.deal(persons, "region", plan.REGIONS)
    dealer.deal(persons, "month", plan.MONTHS)
    _deal_assessments(persons, published, dealer)
    _deal_industries(persons, published, dealer)
    _deal_joint_inspections(persons, published, dealer)
    _deal_referral_sources(persons, published, dealer)
    _deal_children(persons, dealer)
    cases = as_cases(persons)
    check_against(published, cases)
    return cases


def _persons(published: Published, dealer: Dealer) -> list[Person]:
    persons: list[Person] = []
    for tables in (published.printed, published.derived):
        for (form, group), number in tables["form_by_person_group"].cells.items():
            cell = new_persons(form, group, number)
            dealer.deal(cell, "nationality", plan.NATIONALITIES.get((form, group), {}))
            persons += cell
    dealer.shuffle(persons)
    return persons


def _deal_assessments(persons: list[Person], published: Published, dealer: Dealer) -> None:
    dealer.deal(only_trafficking(persons), "assessment", {}, rest="trafficking")
    dealer.deal(persons, "assessment", published.values("assessment"))


def _deal_industries(persons: list[Person], published: Published, dealer: Dealer) -> None:
    labour = those(persons, form="labour")
    women = those(labour, sex="female")
    dealer.deal(women, "industry", plan.INDUSTRIES_OF_WOMEN, rest=NOT_RECORDED)
    dealer.deal(labour, "industry", published.values("industry"), rest=NOT_RECORDED)
    dealer.deal(persons, "industry", {}, rest=NOT_RECORDED)


def _deal_joint_inspections(persons: list[Person], published: Published, dealer: Dealer) -> None:
    for form, number in published.values("joint_inspection_by_form").items():
        adults = those(persons, form=form, age_group="adult")
        dealer.deal(adults, "joint_inspection", {"yes": number})
    dealer.deal(persons, "joint_inspection", plan.JOINT_INSPECTION, rest="no")


def _deal_referral_sources(persons: list[Person], published: Published, dealer: Dealer) -> None:
    swedish = those(persons, nationality="SE")
    not_inspected = [person for person in swedish if person["joint_inspection"] != "yes"]
    dealer.deal(not_inspected, "referral_source", {"police": 8}, rest="social_services")
    minors = those(persons, age_group="minor")
    dealer.deal(minors, "referral_source", plan.REFERRAL_OF_MINORS)
    inspected = those(persons, joint_inspection="yes")
    dealer.deal(inspected, "referral_source", plan.REFERRAL_OF_JOINT_INSPECTIONS)
    everybody = published.values("referral_source") | plan.REFERRAL_WITHOUT_PRINTED_COUNT
    dealer.deal(persons, "referral_source", everybody)


def _deal_children(persons: list[Person], dealer: Dealer) -> None:
    for variable, counts in [
        ("children_in_sweden", plan.CHILDREN_IN_SWEDEN),
        ("children_abroad", plan.CHILDREN_ABROAD),
    ]:
        dealer.deal(those(persons, age_group="minor"), variable, {}, rest="0")
        dealer.deal(persons, variable, counts, rest="0")

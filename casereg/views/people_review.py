"""The page on which an administrator confirms, once a year, that the list of people is right."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from casereg.access import Permission, UserRequest, requires
from casereg.actions.people_review import (
    PeopleHaveChanged,
    confirm_people,
    is_review_due,
    list_people,
    news_since,
    people_mark,
    people_to_confirm,
    reviews_shown_to,
)
from casereg.forms.people_review import PeopleReviewForm
from casereg.people import people
from casereg.stored_codebook import load_codebook

REVIEWS_SHOWN = 20


@requires(Permission.MANAGE_USERS)
@require_http_methods(["GET", "HEAD", "POST"])
def people_confirm(request: UserRequest) -> HttpResponse:
    form = PeopleReviewForm(request.POST if request.method == "POST" else None)
    has_changed = False
    if request.method == "POST" and form.is_valid():
        try:
            confirm_people(mark=request.POST.get("mark", ""), by=request.user)
        except PeopleHaveChanged:
            has_changed, form = True, PeopleReviewForm()  # the tick was for another list
        else:
            messages.success(request, gettext("You have confirmed the list of people."))
            return redirect("people_confirm")
    users = list(people_to_confirm(request.user))
    listed = list_people(users)
    reviews = list(reviews_shown_to(request.user)[:REVIEWS_SHOWN])
    last = reviews[0] if reviews else None
    new, other = news_since(last, listed)
    context = {
        "form": form,
        "has_changed": has_changed,
        "mark": people_mark(users, listed),
        "rows": [
            (person, person.user.pk in new, person.user.pk in other)
            for person in people(users, load_codebook())
        ],
        "reviews": [(review, len(review.people)) for review in reviews],
        "is_due": is_review_due(last),
        "needs_factor": settings.SECOND_FACTOR_REQUIRED,
    }
    return render(request, "casereg/people_confirm.html", context)

"""In which region a coordinator works: the own one, or a covered one that the session has chosen."""

from collections.abc import Callable
from typing import Any, Final

from django.contrib import messages
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from casereg.access import covers_of
from casereg.models import Region, User

# In the session: the code of the region that was chosen, and of one that could not be worked in any more.
_CHOSEN: Final = "working_region"
_ENDED: Final = "working_region_ended"


def choose_region(session: SessionBase, user: User, region_code: str) -> None:
    """Work in it from the next request. Raises `Cover.DoesNotExist` where the user does not cover it now."""
    if region_code == user.region_id:
        session.pop(_CHOSEN, None)
        return
    session[_CHOSEN] = covers_of(user).get(region=region_code).region_id


class WorkingRegion:
    """Whoever has chosen a region that is covered works there, as long as the cover is in force.

    One query, and only for those who have chosen. `request.working_cover` is for the page's frame.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.session.get(_CHOSEN)
        if chosen is not None and isinstance(request.user, User):
            self._work_in(request, request.user, chosen)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> None:
        """Say it as soon as there is a page that can: messages come after this in the order of things."""
        if _ENDED in request.session and request.user.is_authenticated:
            region = Region.objects.filter(pk=request.session.pop(_ENDED)).first()
            text = gettext("Your cover of {ended} is over. You work in your own region again.")
            messages.warning(request, text.format(ended=region))

    @staticmethod
    def _work_in(request: HttpRequest, user: User, region_code: str) -> None:
        cover = covers_of(user).filter(region=region_code).select_related("region", "user__region").first()
        if cover is None:
            del request.session[_CHOSEN]
            if region_code != user.region_id:
                request.session[_ENDED] = region_code
            return
        user.work_in(region_code)
        request.working_cover = cover  # type: ignore[attr-defined]

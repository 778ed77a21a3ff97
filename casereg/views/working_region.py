"""Where somebody who covers for a colleague chooses in which region to work."""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from casereg.access import Permission, UserRequest, requires
from casereg.working_region import choose_region


@requires(Permission.WRITE_CASES)
@require_POST
def working_region_choose(request: UserRequest) -> HttpResponse:
    """To the page that `next` names, else to the start page of the region."""
    choose_region(request.session, request.user, request.POST.get("region", ""))
    next_page = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        next_page, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    # `redirect` would take a word for the name of a page.
    return HttpResponseRedirect(next_page) if is_ours else redirect("start")

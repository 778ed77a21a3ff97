"""The start page: where each role begins, what waits, and how many cases there are so far."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from casereg.access import Permission, UserRequest, covers_of, has_permission, requires
from casereg.so_far import count_so_far
from casereg.waiting import waiting_for


@requires(Permission.START)
@require_safe
def start(request: UserRequest) -> HttpResponse:
    sees_figures = has_permission(request.user, Permission.READ_STATISTICS)
    context = {
        "covers": covers_of(request.user).select_related("region"),
        "waiting": waiting_for(request.user),
        "so_far": count_so_far(request.user) if sees_figures else None,
    }
    return render(request, "casereg/start.html", context)

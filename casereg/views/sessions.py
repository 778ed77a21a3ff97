"""Pages of sessions: the own ones, ending them, staying logged in; an administrator's button; log-out."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from casereg.access import Permission, UserRequest, requires
from casereg.actions.sessions import end_other_sessions, end_own_session, end_sessions, own_sessions
from casereg.sessions import AGE_WARNING_READ, end, end_by_key, stay_logged_in, times_of

View = Callable[..., HttpResponseBase]


@requires(Permission.START)
@require_POST
def session_keep(request: UserRequest) -> HttpResponse:
    """Coming here is activity, as any request is. Answers session.js with the times."""
    if request.POST.get("age_warning") == "read":
        request.session[AGE_WARNING_READ] = True
    if request.headers.get("Accept") != "application/json":
        return redirect("start")
    times = times_of(request.session, now=time.time())
    return JsonResponse(
        {"age_warning_after": times.age_warning_after, "age_over_after": times.age_over_after}
    )


@requires(Permission.START)
@require_safe
def session_list(request: UserRequest) -> HttpResponse:
    sessions = own_sessions(request.user, this=request.session.session_key or "")
    context = {"sessions": sessions, "has_others": any(not session.is_this for session in sessions)}
    return render(request, "account/session_list.html", context)


@requires(Permission.START)
@require_POST
def session_end(request: UserRequest, session_id: int) -> HttpResponseBase:
    ended = end_own_session(number=session_id, by=request.user)
    if ended == request.session.session_key:
        end(request.session)
        return _forget_what_is_kept(redirect("account_login"))
    messages.success(request, gettext("You are logged out there."))
    return redirect("session_list")


@requires(Permission.START)
@require_POST
def session_end_others(request: UserRequest) -> HttpResponse:
    end_other_sessions(this=request.session.session_key, by=request.user)
    stay_logged_in(request, request.user)
    messages.success(request, gettext("You are logged out everywhere else."))
    return redirect("session_list")


@requires(Permission.MANAGE_USERS)
@require_POST
def user_end_sessions(request: UserRequest, user_id: int) -> HttpResponse:
    user = end_sessions(user_id=user_id, by=request.user)
    text = gettext("{name} is logged out everywhere.").format(name=user.name)
    messages.success(request, text)
    return redirect("user_change", user_id=user_id)


def leaves_nothing_behind(view: View) -> View:
    """For log-out: what is told of the session goes with it, and so does what the browser has kept."""

    @wraps(view)
    def left(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        key = request.session.session_key
        response = view(request, *args, **kwargs)
        if request.method == "POST":
            request.session.flush()  # whoever has not shown the second factor yet has one too
            if key:
                end_by_key(key)
            return _forget_what_is_kept(response)
        return response

    return left


def _forget_what_is_kept(response: HttpResponseBase) -> HttpResponseBase:
    """Pages and storage. Not the cookies: the session's is dead on the server and taken back besides, and the
    others are the language that the reader chose, a form token that the next log-in replaces, and the mark
    without which strangers could close the log-in to its person (casereg.browser_marks); it opens nothing.
    """
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response

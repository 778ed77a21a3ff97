"""What every page shows around its content: where one is, what one may do, whether the cases are real."""

import time
from typing import Any

from django.http import HttpRequest

from casereg.access import Permission, has_permission
from casereg.demo_mark import is_demo
from casereg.sessions import times_of


def frame(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"is_demo": is_demo(), "may": {}}
    cover = getattr(request, "working_cover", None)
    return {
        "is_demo": is_demo(),
        "may": {permission.value: has_permission(user, permission) for permission in Permission},
        "region_label": cover.region if cover else user.region,
        "own_region": cover.user.region if cover else None,  # where somebody who works elsewhere is at home
        "session_times": times_of(request.session, now=time.time()),
    }

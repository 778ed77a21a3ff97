"""What every page shows around its content: where one is, what one may do, whether the cases are real."""

from typing import Any

from django.http import HttpRequest

from casereg.access import Permission, has_permission
from casereg.demo_mark import is_demo


def frame(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"is_demo": is_demo(), "may": {}}
    return {
        "is_demo": is_demo(),
        "may": {permission.value: has_permission(user, permission) for permission in Permission},
        "region_label": user.region,
    }

"""The site's addresses and one more, which always fails: what people see then."""

from django.urls import include, path

from casereg.access import public
from casereg.views import errors

SECRET = "what only the inside knows"


@public(because="a test needs a page that fails")
def fail(_request):
    raise RuntimeError(SECRET)


urlpatterns = [path("fail/", fail), path("", include("casereg.urls"))]
handler400, handler403 = errors.bad_request, errors.permission_denied
handler404, handler500 = errors.page_not_found, errors.server_error

"""The WSGI application. It is production unless CASEREG_ENV says otherwise."""

import os

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("CASEREG_ENV", "production")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "casereg.settings")

application = get_wsgi_application()

# manage.py runs the system checks by itself; a WSGI server does not.
from casereg.access import check_every_view_wears_a_rule  # noqa: E402

if naked := check_every_view_wears_a_rule():
    raise ImproperlyConfigured("; ".join(f"{error.msg} {error.hint}" for error in naked))

"""The WSGI application. It is production unless CASEREG_ENV says otherwise."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("CASEREG_ENV", "production")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "casereg.settings")

application = get_wsgi_application()

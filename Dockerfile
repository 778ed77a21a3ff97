ARG PYTHON_IMAGE=python:3.13-slim-bookworm

FROM ${PYTHON_IMAGE} AS packages
# A mirror, where the public package index is out of reach. This stage does not stay in the image.
ARG PIP_INDEX_URL
# requirements-oidc.txt, where log-in by the agency's provider is wanted.
ARG REQUIREMENTS=requirements.txt
COPY requirements.txt requirements-oidc.txt ./
RUN python -m venv --without-pip /opt/venv \
 && pip --python /opt/venv/bin/python install --no-cache-dir --only-binary :all: --require-hashes \
    --requirement "$REQUIREMENTS"

FROM ${PYTHON_IMAGE}
ENV CASEREG_ENV=production \
    HOME=/tmp \
    PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
WORKDIR /srv/casereg
COPY --from=packages /opt/venv /opt/venv
COPY . .
# The settings ask for secrets; these die with the command. chmod: a clone made under umask 077.
RUN SECRET_KEY="$(head -c 60 /dev/urandom | base64 -w 0)" ALLOWED_HOSTS=none DATABASE_URL=sqlite:///:memory: \
    python manage.py collectstatic --no-input --verbosity 0 \
 && chmod -R a+rX .
USER 10001:10001
EXPOSE 8000
# Gunicorn believes no proxy; by default it would one on the same machine. The site does, with BEHIND_TLS_PROXY.
CMD ["gunicorn", "casereg.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", \
     "--workers", "2", "--threads", "4", "--no-control-socket", \
     "--logger-class", "casereg.gunicorn_logs.JsonLog", "--forwarded-allow-ips="]

# One image for prepare, migrate, web, worker and beat: `caseapp` and what `uv.lock` names, nothing else.
ARG PYTHON_IMAGE=python:3.11-slim
FROM ${PYTHON_IMAGE} AS build
WORKDIR /app
COPY pyproject.toml uv.lock README.md LICENSE ./
COPY caseapp caseapp
# Installs like `make install`: each wheel is checked against its hash in uv.lock.
RUN python3 caseapp/tools/bootstrap.py production
# Static files get their names and compressed copies here; the keys this makes stay behind in this stage.
RUN CASEAPP_DATA=/tmp/build CASEAPP_STATIC=/app/static DJANGO_SETTINGS_MODULE=caseapp.config.settings \
    .venv/bin/django-admin collectstatic --no-input --verbosity 0
# Bench, seal scan and test plugin are not part of the product.
RUN rm -r caseapp/tools

FROM ${PYTHON_IMAGE}
# What WeasyPrint loads for PDFs (docs/adr/0034), and fonts for the scripts of clients' names.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    fonts-dejavu-core fonts-noto-core \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin caseapp \
    && install --directory --owner caseapp --group caseapp --mode 0700 /data /secrets /doors /backups
WORKDIR /app
COPY --from=build /app/.venv .venv
COPY --from=build /app/caseapp caseapp
COPY --from=build /app/static static
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    CASEAPP_MODE=production \
    CASEAPP_DATA=/data \
    CASEAPP_SECRETS=/secrets \
    CASEAPP_STATIC=/app/static
USER caseapp
EXPOSE 8000
ENTRYPOINT ["caseapp"]
CMD ["serve", "web"]

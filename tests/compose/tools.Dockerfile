# The source checkout with the seal scan, which the product's image lacks. Its programs read the same volumes.
ARG PYTHON_IMAGE
FROM ${PYTHON_IMAGE}
WORKDIR /app
COPY pyproject.toml uv.lock README.md LICENSE ./
COPY caseapp caseapp
# What `make install-all` installs, without the tests' own packages.
RUN PYTHONPATH=caseapp/tools python3 -c "import bootstrap as b; b._sync_packages(b.find_uv(), b.find_python(), \
    [*b.PROFILES['local'], '--extra', 'tools'])"
ENV PATH=/app/.venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1
ENTRYPOINT ["caseapp"]

# The service, the worker and the command line in one image: `docker build -t comfygen .`; docs/deployment.md says how
# it is run. EXTRAS decides what it can do besides; "clip,safety" make it several gigabytes.
#
# It runs as user 10001, writes to /data and /tmp alone, so that the rest may be read-only, and keeps no secrets.

ARG PYTHON_IMAGE=python:3.11-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
ARG EXTRAS=mcp,postgres,redis,s3,tracing
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python3 -m venv /opt/comfygen
WORKDIR /source
# What it stands on first, in the versions that are tested: a layer that lasts until these files change.
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY src/comfy_gen/__init__.py src/comfy_gen/
RUN /opt/comfygen/bin/pip install --constraint constraints.txt ".[${EXTRAS}]"
COPY src src
RUN /opt/comfygen/bin/pip install --no-deps --force-reinstall . \
    && /opt/comfygen/bin/pip uninstall --yes pip setuptools

FROM ${PYTHON_IMAGE}
LABEL org.opencontainers.image.title="ComfyGen" \
      org.opencontainers.image.description="An image service over many ComfyUI engines" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN install -d -o 10001 -g 10001 -m 0700 /data
COPY --from=build /opt/comfygen /opt/comfygen
ENV PATH=/opt/comfygen/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/data \
    COMFYGEN_JOBS_DATA_DIR=/data \
    API_HOST=0.0.0.0
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
# Of the service. A worker listens nowhere: where it is run, switch this off.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python3", "-c", "import os, urllib.request as web; web.urlopen(f\"http://127.0.0.1:{os.environ.get('API_PORT') or 8000}/ready\", timeout=4)"]
ENTRYPOINT ["comfygen"]
CMD ["serve"]

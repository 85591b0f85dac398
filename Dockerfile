# One image a service:  docker build --build-arg SERVICE=insights -t offing-insights .
# A service is a stage at the end with its command; what it needs is in requirements/SERVICE.txt.

ARG PYTHON=python:3.11-slim-bookworm
ARG SERVICE=insights

# ---- build: everything Python goes into one virtual environment, /opt/offing -----------------------------
FROM ${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_COMPILE=1 PIP_CACHE_DIR=/var/cache/pip PIP_ROOT_USER_ACTION=ignore PYTHONDONTWRITEBYTECODE=1
WORKDIR /build

# A second environment builds the wheel, so that the build's own tools stay out of the image.
COPY requirements/build.txt requirements/
RUN --mount=type=cache,target=/var/cache/pip \
    python3 -m venv /opt/tools \
    && /opt/tools/bin/pip install --quiet --no-deps --require-hashes --requirement requirements/build.txt

ARG SERVICE
COPY requirements/${SERVICE}.txt requirements/
RUN --mount=type=cache,target=/var/cache/pip \
    python3 -m venv --without-pip /opt/offing \
    && /opt/tools/bin/pip --python /opt/offing/bin/python install --quiet --only-binary :all: \
        --no-deps --require-hashes --requirement "requirements/${SERVICE}.txt"

COPY LICENSE README.md pyproject.toml ./
COPY src src
RUN /opt/tools/bin/python -m hatchling build -t wheel -d dist \
    && /opt/tools/bin/pip --python /opt/offing/bin/python install --quiet --no-index --no-deps dist/*.whl

# Tests and type stubs of libraries are dead weight. Bytecode is written now, and is not compared with its
# source when it is loaded: a start on a quarter of a core has no time for that.
RUN find /opt/offing/lib -depth \( -type d \( -name tests -o -name test \) -o -name '*.pyi' -o -name '*.pxd' \) \
        -exec rm -rf {} + \
    && python3 -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/offing/lib

# ---- what every service's image has in common --------------------------------------------------------------
FROM ${PYTHON} AS runtime
# The base image brings the standard library without bytecode, and a process that may not write would
# compile it at every start.
RUN python3 -m compileall -q -j 0 --invalidation-mode unchecked-hash \
        -x '/(dist-packages|site-packages|test|tests|idlelib|lib2to3|tkinter|turtledemo|ensurepip|pydoc_data)/' \
        "$(python3 -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')"
COPY --from=build /opt/offing /opt/offing
ENV PATH=/opt/offing/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    # The file system may be read-only: what must be a file for a moment goes to memory.
    TMPDIR=/dev/shm
# Nobody: a number, so that a platform can see that it is not root.
USER 65532:65532
WORKDIR /
EXPOSE 8080
# The server finishes the requests it has. Commands are in exec form: a shell would keep the signal to itself.
STOPSIGNAL SIGTERM

# ---- one stage a service -----------------------------------------------------------------------------------
FROM runtime AS insights
CMD ["offing", "serve", "--standalone", "insights", "--host", "0.0.0.0", "--port", "8080"]

FROM runtime AS ocr
# Tesseract and its data for every language that PP-OCR does not read.
USER root
RUN --mount=type=bind,source=requirements/tesseract.txt,target=/tmp/tesseract.txt \
    apt-get update -qq \
    && xargs apt-get install -qq --no-install-recommends < /tmp/tesseract.txt > /dev/null \
    && rm -rf /var/lib/apt/lists/*
USER 65532:65532
CMD ["offing", "serve", "--standalone", "ocr", "--host", "0.0.0.0", "--port", "8080"]

FROM ${SERVICE}

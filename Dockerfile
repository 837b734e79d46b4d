# yiju in a container: `docker build -t yiju .`, or `make image` with buildah; how to run it is in docs/deploy.md.
# Three stages: the models are prepared where torch is, the program is installed where it is not, and both are put
# together. PYTHON_IMAGE: any Debian with python3 (3.11 or later) and its venv module.

ARG PYTHON_IMAGE=python:3.11-slim-bookworm

# --- the embedding model and the trained reader, unpacked, written as ONNX and checked -----------------------------
FROM ${PYTHON_IMAGE} AS model
# Empty, or out of reach: torch from pip's own index, which is the large CUDA build; nothing of it reaches the final image.
ARG TORCH_INDEX_URL=https://download.pytorch.org/whl/cpu
# Where pip is to look, as its own variables of these names say; for machines without a network.
ARG PIP_NO_INDEX PIP_FIND_LINKS PIP_CERT
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY bot bot
COPY retrieval retrieval
COPY embeddings embeddings
COPY corpus corpus
ENV YIJU_MODELS_DIR=/models YIJU_DATA_DIR=/tmp/yiju
# Models that were prepared already may be mounted at /prepared (deploy/build-image does): then nothing is made.
RUN if [ -d /prepared ]; then cp -r /prepared /models && exit 0; fi \
    && python3 -m venv /opt/prepare \
    && if [ -n "${TORCH_INDEX_URL}" ] && [ -z "${PIP_NO_INDEX}" ]; then \
      /opt/prepare/bin/pip install --no-cache-dir --retries 1 --no-deps -c constraints.txt \
        --index-url "${TORCH_INDEX_URL}" torch \
      || echo "no torch from ${TORCH_INDEX_URL}: it comes from pip's own index"; \
    fi \
    && /opt/prepare/bin/pip install --no-cache-dir -c constraints.txt ".[models]" \
    && /opt/prepare/bin/yiju prepare

# --- the program and what serving needs: no torch ------------------------------------------------------------------
FROM ${PYTHON_IMAGE} AS program
ARG PIP_NO_INDEX PIP_FIND_LINKS PIP_CERT
WORKDIR /src
RUN python3 -m venv /opt/yiju
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY bot bot
COPY retrieval retrieval
COPY embeddings embeddings
COPY corpus corpus
RUN /opt/yiju/bin/pip install --no-cache-dir -c constraints.txt ".[oidc,postgres,tracing]" \
    && /opt/yiju/bin/python -m compileall -q /opt/yiju/lib \
    && /opt/yiju/bin/pip uninstall -y pip setuptools

# --- what runs -----------------------------------------------------------------------------------------------------
FROM ${PYTHON_IMAGE}
LABEL org.opencontainers.image.title="yiju" \
      org.opencontainers.image.description="Ask a body of Chinese official documents; get the fact and the passage it rests on." \
      org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --gid 10001 yiju && useradd --uid 10001 --gid 10001 --home-dir /data --shell /usr/sbin/nologin yiju \
    && install -d -o yiju -g yiju /data
COPY --from=program /opt/yiju /opt/yiju
COPY --from=model /models /models
# Bytecode is there already: the root file system may be read-only.
ENV PATH=/opt/yiju/bin:$PATH \
    LANG=C.UTF-8 \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    YIJU_DATA_DIR=/data \
    YIJU_MODELS_DIR=/models \
    YIJU_HTTP__HOST=0.0.0.0 \
    YIJU_HTTP__PORT=8000
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ['YIJU_HTTP__PORT']}/readyz\", timeout=4)"]
ENTRYPOINT ["yiju"]
CMD ["serve"]

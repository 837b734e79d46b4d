# yiju in a container: `docker build -t yiju .`; how to run it is in docs/install.md.
# Three stages: the models are prepared where torch is, the runtime is installed where it is not, and both are put together.

ARG PYTHON_IMAGE=python:3.11-slim-bookworm

# --- the embedding model and the trained reader, unpacked, written as ONNX and checked -----------------------------
FROM ${PYTHON_IMAGE} AS model
# Empty: torch from pip's own index, which is the large CUDA build; nothing of it reaches the final image.
ARG TORCH_INDEX_URL=https://download.pytorch.org/whl/cpu
WORKDIR /src
COPY constraints.txt ./
RUN if [ -n "${TORCH_INDEX_URL}" ]; then \
      pip install --no-cache-dir --no-deps -c constraints.txt --index-url "${TORCH_INDEX_URL}" torch; \
    fi
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY retrieval retrieval
COPY embeddings embeddings
COPY corpus corpus
RUN pip install --no-cache-dir -c constraints.txt ".[models]"
ENV YIJU_MODELS_DIR=/models YIJU_DATA_DIR=/tmp/yiju
RUN yiju prepare

# --- the program and what serving needs: no torch ------------------------------------------------------------------
FROM ${PYTHON_IMAGE} AS program
WORKDIR /src
RUN python -m venv /opt/yiju
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY bot bot
COPY retrieval retrieval
COPY embeddings embeddings
COPY corpus corpus
RUN /opt/yiju/bin/pip install --no-cache-dir -c constraints.txt .

# --- what runs -----------------------------------------------------------------------------------------------------
FROM ${PYTHON_IMAGE}
RUN groupadd --gid 10001 yiju && useradd --system --uid 10001 --gid 10001 --home-dir /data --shell /usr/sbin/nologin yiju \
    && install -d -o yiju -g yiju /data
COPY --from=program /opt/yiju /opt/yiju
COPY --from=model /models /models
ENV PATH=/opt/yiju/bin:$PATH \
    PYTHONUNBUFFERED=1 \
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

# One image, three commands: the application (default), the REST API alone, the worker alone.
FROM python:3.11-slim-bookworm

RUN useradd --create-home --uid 10001 prompthub
WORKDIR /app

COPY constraints.txt pyproject.toml README.md LICENSE NOTICE ./
COPY core core
COPY prompthub prompthub
COPY streamlit_app streamlit_app
# Without the extra `embedded`: a container is given its MongoDB by PROMPTHUB_MONGO__URI.
RUN pip install --no-cache-dir --constraint constraints.txt --editable '.[otel]' \
    && mkdir /data && chown prompthub /data

USER prompthub
ENV PROMPTHUB_SERVER__ADDRESS=0.0.0.0 PROMPTHUB_DATA_DIR=/data PYTHONUNBUFFERED=1
VOLUME /data
EXPOSE 8501
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8501/api/v1/health', timeout=4)"]

CMD ["python", "-m", "streamlit_app.server"]

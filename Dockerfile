# PathFA with its workflow.
#   docker build --tag pathfa:0.2.0 .
#   docker run --rm -v "$PWD:/data" -w /data pathfa:0.2.0 pathfa demo
FROM python:3.11-slim

COPY pyproject.toml constraints.txt README.md LICENSE CHANGELOG.md CITATION.cff Snakefile /opt/pathfa/
COPY pathfa /opt/pathfa/pathfa
COPY data_schemas /opt/pathfa/data_schemas
COPY workflow /opt/pathfa/workflow
COPY workflows /opt/pathfa/workflows

RUN pip install --no-cache-dir --constraint /opt/pathfa/constraints.txt "/opt/pathfa[workflow]"

CMD ["pathfa", "--help"]

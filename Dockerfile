# A translator as a server: the base installation with the extra `serve`, without Keras, TensorFlow or JAX.
#
#   docker build --tag seq2seq .
#   docker run --rm --publish 127.0.0.1:5000:5000 seq2seq                          # the model that ships
#   docker run --rm --publish 127.0.0.1:5000:5000 --volume ./runs:/work/runs:ro seq2seq serve runs/mine --host 0.0.0.0
#   docker run --rm --interactive seq2seq translate en-fr < test.en > test.out.fr
FROM python:3.13-slim

COPY setup.cfg pyproject.toml README.md LICENSE /source/
COPY seq2seq /source/seq2seq
RUN pip install --no-cache-dir "/source[serve]" && rm -r /source

# A server needs no rights: neither root, nor files of its own.
RUN useradd --create-home translator
USER translator
WORKDIR /work

EXPOSE 5000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:5000/live', timeout=4)"]
# SIGTERM lets the server answer all that it has accepted.
STOPSIGNAL SIGTERM
ENTRYPOINT ["seq2seq"]
# All addresses of the container: what can connect is decided by --publish.
CMD ["serve", "en-fr", "--host", "0.0.0.0"]

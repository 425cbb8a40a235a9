# Stands in for valkey/valkey:9; the server is that of the locked wheel.
ARG BASE
FROM ${BASE}
COPY valkey-server /usr/local/bin/valkey-server
WORKDIR /data
EXPOSE 6379
CMD ["valkey-server"]

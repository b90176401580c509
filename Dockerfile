# The exporter as an image. `docker compose up` builds it; docs/guides/docker.md says how to run it.
#
# Pinned by version, not by digest: a digest cannot be read by a person, and one nobody has checked is no better than a tag.
# Put one behind the tag (node:…@sha256:…) in both places once your own registry has given it to you.

FROM node:24.19.0-trixie-slim AS build
WORKDIR /build
RUN chown node:node .
USER node
# The dependencies first: they change seldom, and their layer is kept until they do.
COPY --chown=node:node package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY --chown=node:node tsconfig.json ./
COPY --chown=node:node scripts ./scripts
COPY --chown=node:node exporter ./exporter
RUN npm run build
# Again, without the compiler and its like.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24.19.0-trixie-slim
LABEL org.opencontainers.image.title="Model Observation" \
      org.opencontainers.image.description="Records of language-model calls as Prometheus metrics" \
      org.opencontainers.image.licenses="Apache-2.0"
# A user that no machine is likely to have: files of this uid on a volume belong to the exporter alone. A new volume gets
# owner and mode of the folder that it is mounted on, so /data is made before it is one.
RUN groupadd --gid 10001 exporter \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin exporter \
 && install --directory --owner=10001 --group=10001 --mode=0700 /data
WORKDIR /app
# Program, dependencies and configuration stay root's: the exporter reads them and writes to /data alone.
COPY LICENSE package.json ./
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/dist/exporter ./dist/exporter
COPY config ./config
COPY docs/runbooks ./docs/runbooks
# In a container loopback reaches nobody. Without tokens the exporter refuses to start on any other address, unless it is
# told that this is meant (MODEL_OBSERVATION_AUTH_ANONYMOUS).
ENV NODE_ENV=production \
    MODEL_OBSERVATION_LISTEN=:9490 \
    MODEL_OBSERVATION_DATA_DIR=/data
USER 10001:10001
VOLUME /data
EXPOSE 9490
STOPSIGNAL SIGTERM
# Alive, not ready: an exporter whose disk is full takes no records, but goes on being scraped, and Prometheus has to be
# there to tell. The first two minutes are for the recovery of a long log. Node itself asks: the image has no curl.
HEALTHCHECK --interval=10s --timeout=5s --start-period=2m --retries=3 \
  CMD ["node", "-e", "require('node:http').get('http://127.0.0.1:9490/-/healthy', (answer) => process.exit(answer.statusCode === 200 ? 0 : 1)).on('error', () => process.exit(1))"]
# One thread marks garbage beside the main one, instead of one for each core: on few cores they take the time that a
# request waits for (docs/decisions/benchmarks.md has figures). V8's flags are not allowed in NODE_OPTIONS.
ENTRYPOINT ["node", "--concurrent-marking-max-worker-num=1", "dist/exporter/main.js"]
CMD ["serve"]

# The image of the operator, for `docker build -t weir .` and its like.
#
#   docker run --rm weir --help
#
# Node and the released files on a base with nothing but libraries, certificates and time zones: no shell, no package
# manager, a user that is not root, and nothing is written, so the root file system may be read-only. Pin both images by
# digest where the build has to be the same again: --build-arg BASE=...@sha256:... The tests build the same layout from
# Debian packages, without Docker: e2e/images/operator.ts.

ARG NODE=node:24-bookworm-slim
ARG BASE=gcr.io/distroless/cc-debian12:nonroot

FROM ${NODE} AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
# Not `npm ci`: it wants the lock file to list the optional packages of every platform. What the lock file lists is
# installed as listed all the same. Nothing that the bundle is made of needs an install script.
RUN npm install --no-save --ignore-scripts
COPY LICENSE tsconfig.json ./
COPY scripts scripts
COPY src src
RUN node scripts/build.ts
# What V8 compiled of the bundle; only this version of Node with the flags and the user below takes it.
RUN node scripts/compile-cache.ts dist/weir.mjs 65532 --max-semi-space-size=4 --heap-growing-percent=100 --expose-gc

FROM ${BASE}
COPY --from=build /usr/local/bin/node /nodejs/bin/node
COPY --from=build /src/dist/weir.mjs /src/dist/weir.mjs.map /src/dist/weir.cdx.json /app/
COPY --from=build /src/dist/cache /app/cache
WORKDIR /app
ENV PATH=/nodejs/bin NODE_ENV=production SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt MALLOC_ARENA_MAX=1 MALLOC_TRIM_THRESHOLD_=1048576 NODE_COMPILE_CACHE=/app/cache NODE_COMPILE_CACHE_PORTABLE=1
USER 65532:65532
ENTRYPOINT ["/nodejs/bin/node", "--max-semi-space-size=4", "--heap-growing-percent=100", "--expose-gc", "/app/weir.mjs"]

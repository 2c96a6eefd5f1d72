# The image of the operator, for `docker build -t weir .` and its like.
#
#   docker run --rm weir --help
#
# Node, the libraries it is linked with and one file, /app/weir.mjs; no shell, no package manager, a user that is not
# root, and nothing is written, so the root file system may be read-only. The tests build the same layout from Debian
# packages, without Docker: e2e/images/operator.ts.

FROM node:24-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
# Not `npm ci`: it wants the lock file to list the optional packages of every platform. What the lock file lists is
# installed as listed all the same. Nothing that the bundle is made of needs an install script.
RUN npm install --no-save --ignore-scripts
COPY tsconfig.json ./
COPY scripts scripts
COPY src src
RUN node scripts/build.ts

# The file system of the final image.
WORKDIR /image
RUN mkdir -p app nodejs/bin etc \
    && install -d -m 1777 tmp \
    && cp "$(command -v node)" nodejs/bin/node \
    && cp -L --parents $(ldd nodejs/bin/node | grep -o '/[^ ]*') . \
    && printf '%s\n' 'root:x:0:0::/:/sbin/nologin' 'nonroot:x:65532:65532::/:/sbin/nologin' >etc/passwd \
    && printf '%s\n' 'root:x:0:' 'nonroot:x:65532:' >etc/group \
    && printf '%s\n' 'passwd: files' 'group: files' 'hosts: files dns' >etc/nsswitch.conf \
    && cp /src/dist/weir.mjs /src/dist/weir.mjs.map app/

FROM scratch
COPY --from=build /image /
WORKDIR /app
ENV PATH=/nodejs/bin NODE_ENV=production
USER 65532:65532
ENTRYPOINT ["/nodejs/bin/node", "--max-semi-space-size=4", "/app/weir.mjs"]

FROM node:24-bookworm-slim AS build
RUN npm install -g bun@1.4.5
WORKDIR /keycycle
COPY package.json bun.lock bunfig.toml tsconfig.json keycycle.yaml.example ./
RUN bun install --frozen-lockfile --production
COPY src src
ARG KEYCYCLE_COMMIT
RUN bun run build

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /keycycle/dist/keycycle /usr/local/bin/keycycle
WORKDIR /etc/keycycle
EXPOSE 3456
# Mount a keycycle.yaml at /etc/keycycle. Beyond loopback it needs `clients`; and for what is learned to outlast
# the container, a volume that user 65532 may write, with `state` naming a file in it.
ENTRYPOINT ["/usr/local/bin/keycycle"]
CMD ["serve", "--host", "0.0.0.0"]

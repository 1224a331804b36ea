# The registry. Build from the root of the repository:
#   docker build -f deploy/registry.Dockerfile -t mcp-mesh-registry .
# MESH_TOKEN is required, because it binds every address. Data lives in /data, or in PostgreSQL where DATABASE_URL is set.
FROM node:22-slim AS build
WORKDIR /build
COPY . .
RUN npm ci
RUN npm prune --omit=dev --ignore-scripts

FROM node:22-slim
WORKDIR /app
COPY --from=build /build/package.json package.json
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/dist dist
COPY --from=build /build/schemas schemas
COPY --from=build /build/manifests manifests
ENV NODE_ENV=production MESH_HOME=/data
RUN mkdir -p /data && chown node /data
USER node
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --start-period=5s CMD ["node", "-e", "fetch('http://127.0.0.1:8000/readyz').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/core/registry/bin/mesh-registry.js"]
CMD ["--host", "0.0.0.0", "--port", "8000"]

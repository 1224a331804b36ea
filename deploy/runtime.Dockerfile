# One agent. Build from the root of the repository, then put the agent's folder at /agent:
#   docker build -f deploy/runtime.Dockerfile -t mcp-mesh-runtime .
# The manifest sets http.host 0.0.0.0, spec.auth and http.advertise; MESH_REGISTRY_URL and MESH_TOKEN lead to the registry.
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
ENV NODE_ENV=production
USER node
ENTRYPOINT ["node", "dist/runtime/bin/mesh-agent.js"]
CMD ["--manifest", "/agent/mesh.yaml"]

# Worker and starter as static programs in an image that holds nothing else: no shell, no package, no user database.

FROM --platform=$BUILDPLATFORM golang:1.26.8-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG TARGETOS TARGETARCH
RUN mkdir /out && CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -trimpath -buildvcs=false -ldflags="-s -w" -o /out/ ./worker ./starter ./deploy/healthcheck ./deploy/secrets
RUN cp "$(go env GOROOT)/lib/time/zoneinfo.zip" /out/

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/ /
ENV ZONEINFO=/zoneinfo.zip
# Whoever owns the key files; docker-compose.yml names them.
USER 65532:65532
ENTRYPOINT ["/starter"]

FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /zizhi ./cmd/zizhi

# Nothing but the binary, its licences, and the certificates that calls to WeChat need.
FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /src/LICENSE /src/NOTICE /
COPY --from=build /zizhi /zizhi
ENV ZIZHI_LISTEN=:8080
EXPOSE 8080
USER 65532:65532
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["/zizhi", "health"]
ENTRYPOINT ["/zizhi"]
CMD ["serve"]

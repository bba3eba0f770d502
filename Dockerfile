# The image of the API: one binary, no shell needed, no root. Build: docker build -t samverkan .

FROM rust:1.95-bookworm AS build
WORKDIR /build
COPY . .
# The caches are kept between builds and stay out of the image, hence the copy in the same step.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/build/target \
    cargo build --locked --release --bin samverkan \
    && cp target/release/samverkan /samverkan

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && install -d -o 10001 -g 10001 /data
COPY --from=build /samverkan /usr/local/bin/samverkan
# OpenSSL is built into the binary and looks for certificates in its own place unless told about Debian's.
ENV BIND=0.0.0.0:8080 \
    DATA_DIR=/data \
    LOG_FORMAT=json \
    SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
# A number and not a name: a cluster can then see for itself that this is not root.
USER 10001:10001
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["samverkan", "health"]
ENTRYPOINT ["samverkan"]
CMD ["serve"]

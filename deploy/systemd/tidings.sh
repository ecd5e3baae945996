#!/bin/sh
# `tidings` beside a service that systemd runs: the command line as the service's user, with its variables and limits.
# "With systemd" in deploy/README.md says how to install it. Run it as root, because only root can read the secrets.
setting() {
    systemctl show --value --property="$1" tidings
}

keep=
for name in TIDINGS_URL TIDINGS_KEY; do
    eval "value=\${$name-}"
    [ -z "$value" ] || export "$name"
    [ -z "$value" ] || keep="$keep --setenv=$name"
done
for variable in $(setting Environment); do
    keep="$keep --setenv=$variable"
done
# With both --pty and --pipe, systemd-run takes the one that fits. Lazy caching: the packages of the tests are not installed.
# shellcheck disable=SC2086
exec systemd-run --quiet --collect --wait --pty --pipe $keep \
    --uid=tidings --gid=tidings --working-directory=/opt/tidings \
    --property=EnvironmentFile=/etc/tidings/tidings.env --property=UMask=0077 \
    --property="LimitNOFILE=$(setting LimitNOFILE)" --property="MemoryMax=$(setting MemoryMax)" \
    /usr/local/bin/deno run --frozen --cached-only --unstable-npm-lazy-caching --no-prompt \
    --v8-flags=--max-semi-space-size=4,--initial-old-space-size=128 \
    --allow-net --allow-env --allow-sys=systemMemoryInfo \
    --allow-read=/var/lib/tidings,/run/secrets,src --allow-write=/var/lib/tidings src/cli/tidings.ts "$@"

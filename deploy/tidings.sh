#!/bin/sh
# `tidings` in the image: the command line, with the permissions of `deno task tidings`.
cd /app && exec memory_limit deno run --frozen --cached-only --unstable-npm-lazy-caching --no-prompt \
    --v8-flags=--max-semi-space-size=4,--initial-old-space-size=128 \
    --allow-net --allow-env --allow-sys=systemMemoryInfo --allow-read=data,/run/secrets,src --allow-write=data \
    src/cli/tidings.ts "$@"

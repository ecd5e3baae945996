#!/bin/sh
# Runs a command of the image within the memory limit of the container, also where Deno does not find that limit: with
# cgroup v1, Docker and Kubernetes show a container its own control group only, and Deno looks for it at the path that
# it has on the machine. The heap may then use half of the limit, as DENO_USE_CGROUPS has it elsewhere.
limit=$(cat "${MEMORY_LIMIT_FILE:-/sys/fs/cgroup/memory/memory.limit_in_bytes}" 2>/dev/null)
read -r _ kib _ < /proc/meminfo # the first line is the memory of the machine
# Without a limit, the file has a number that exceeds the memory of the machine.
if [ "${limit:-0}" -gt 0 ] && [ "$limit" -lt $((kib * 1024)) ]; then
    export DENO_V8_FLAGS="--max-old-space-size=$((limit / 2097152))${DENO_V8_FLAGS:+,$DENO_V8_FLAGS}"
    # A lower limit that is configured stays, and so does an invalid one, which Tidings reports.
    if [ -z "$TIDINGS_MAX_MEMORY_BYTES" ] || [ "$TIDINGS_MAX_MEMORY_BYTES" -gt "$limit" ] 2>/dev/null; then
        export TIDINGS_MAX_MEMORY_BYTES="$limit"
    fi
fi
exec "$@"

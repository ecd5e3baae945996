#!/bin/sh
# Waits until the node is ready, for ExecStartPost in tidings.service. It ends with 1 as soon as the node has ended:
# otherwise `systemctl start` would wait for minutes for a node with an invalid setting.
# systemd sets MAINPID; HOST and PORT are those of the node.
case $HOST in
    *:*) url="http://[$HOST]:$PORT/readyz" ;;
    *) url="http://$HOST:$PORT/readyz" ;;
esac
until curl --silent --fail --globoff --max-time 3 --output /dev/null "$url"; do
    kill -0 "$MAINPID" 2>/dev/null || exit 1
    sleep 0.2
done

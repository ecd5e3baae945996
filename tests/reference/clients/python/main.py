"""Uses the client that openapi-python-client generates: python3 main.py URL KEY. Prints what the service answered."""

import json
import sys
from typing import get_type_hints

from tidings.api.operate import healthz
from tidings.api.publish import close_connections, delivery_report, issue_token, list_notifications, notify
from tidings.client import AuthenticatedClient
from tidings.models import AcceptedMany, Notify, TokenRequest

_, url, key = sys.argv
client = AuthenticatedClient(base_url=url, token=key)
stranger = AuthenticatedClient(base_url=url, token="a-wrong-key")

one = Notify(target="alexander", data={"n": 1}, id="duel-1", ttl=4_000_000_000)
token = issue_token.sync(client=client, body=TokenRequest(target="alexander"))
accepted = notify.sync(client=client, body=one)
several = notify.sync(
    client=client,
    body=[Notify(targets=["burr", "eliza"], data=None), Notify(everyone=True, data=None)],
)
assert isinstance(several, AcceptedMany)
assert get_type_hints(notify.sync)["body"] == Notify | list[Notify]
report = delivery_report.sync(accepted.id, client=client)
kept = list_notifications.sync("alexander", client=client)

print(json.dumps({
    "health": healthz.sync(client=client).status,
    "token": token.token != "",
    "id": accepted.id,
    "accepted": len(several.notifications),
    "everyone": several.notifications[2].target is None,
    "sent": report.sent,
    "unacked": report.first_ack_ms is None,
    "kept": kept.notifications[0].data,
    "closed": close_connections.sync("alexander", client=client).closed,
    "problem": notify.sync(client=stranger, body=one).type_,
}))

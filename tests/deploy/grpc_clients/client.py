"""Calls PublisherService through a proxy with grpcio, and prints what happened."""

import json
import re
import sys

import grpc

address, key, folder, *ca = sys.argv[1:]
sys.path.append(folder)
protos, services = grpc.protos_and_services("tidings/v1/publisher.proto")

if ca:
    with open(ca[0], "rb") as file:
        channel = grpc.secure_channel(address, grpc.ssl_channel_credentials(file.read()))
else:
    channel = grpc.insecure_channel(address)
stub = services.PublisherServiceStub(channel)


def hello(**fields):
    request = protos.NotifyRequest(target="alexander", **fields)
    request.data.struct_value.update({"title": "Hello", "n": 1.5})
    return request


def problem_of(error):
    details = dict(error.trailing_metadata() or ()).get("grpc-status-details-bin", b"")
    found = re.search(rb"urn:tidings:problem:[a-z-]+", details)
    return found.group().decode() if found else None


def code(call, request, *, metadata=(("authorization", f"Bearer {key}"),), **options):
    try:
        call(request, metadata=metadata, timeout=20, **options)
        return ["OK", None]
    except grpc.RpcError as error:
        return [error.code().name, problem_of(error)]


metadata = (("authorization", f"Bearer {key}"),)
mine = metadata + (("idempotency-key", '"mine"'),)
many = protos.NotifyManyRequest(notifications=[hello(), protos.NotifyRequest(everyone=True, data_json="[1.10]")])
large = "x" * 70_000
over = "x" * 1_100_000
misfit = hello()
misfit.ClearField("target")
conflict = hello(id="mine")
conflict.target = "burr"

answer = stub.Notify(hello(), metadata=metadata)
result = {
    "notify": sorted(field.name for field, _ in answer.ListFields()),
    "many": len(stub.NotifyMany(many, metadata=metadata).notifications),
    "idempotent": stub.Notify(hello(), metadata=mine).id,
    "noKey": code(stub.Notify, hello(), metadata=()),
    "misfit": code(stub.Notify, misfit),
    "conflict": code(stub.Notify, conflict),
    "tooLarge": code(stub.Notify, protos.NotifyRequest(target="a", data_json=f'"{large}"')),
    "overLimit": code(stub.Notify, protos.NotifyRequest(target="a", data_json=f'"{over}"')),
    "compressed": code(
        stub.Notify,
        protos.NotifyRequest(target="a", data_json=f'"{"x" * 5_000}"'),
        compression=grpc.Compression.Gzip,
    ),
}
try:
    next(stub.Publish(iter([protos.PublishRequest(notifications=[hello()])]), metadata=metadata, timeout=20))
    result["stream"] = "an answer"
except grpc.RpcError as error:
    result["stream"] = [error.code().name, None]

cancelled = set()
request = protos.NotifyManyRequest(
    notifications=[protos.NotifyRequest(target="a", data_json=f'"{"x" * 50_000}"')] * 10
)
for number in range(50):
    call = stub.NotifyMany.future(request, metadata=metadata)
    call.cancel()
    cancelled.add("CANCELLED" if call.cancelled() else "OK")
result["cancelled"] = sorted(cancelled - {"OK"})
result["afterwards"] = code(stub.Notify, hello())
print(json.dumps(result))

"""Sends with the official client of Elasticsearch, as a user would, and prints what came back. Arguments: address, ingest key."""
import base64, json, sys
from elasticsearch import Elasticsearch, helpers

url, key = sys.argv[1:]
packed = base64.b64encode(f"any-id:{key}".encode()).decode()
client = Elasticsearch(url, api_key=packed, http_compress=True)


def documents(mark, count, **action):
    for n in range(count):
        source = {"@timestamp": "2026-11-20T10:00:00Z", "message": f"{mark}{n}", "host": {"name": "web-1"}}
        yield {"_index": "logs-app", "_source": source, **{name: value.format(n) for name, value in action.items()}}


def created():
    return documents("markcreated", 500, _op_type="create", _id="doc-{}")


indexed, _ = helpers.bulk(client, documents("markindexed", 1000), chunk_size=300, refresh=True)
first, _ = helpers.bulk(client, created())
again, errors = helpers.bulk(client, created(), raise_on_error=False)
conflicts = sum(error["create"]["status"] == 409 for error in errors)

for other in (Elasticsearch(url, api_key=("id", key)), Elasticsearch(url, basic_auth=("any", key)), Elasticsearch(url, bearer_auth=key)):
    helpers.bulk(other, documents("markother", 1))

assert client.ping()
assert client.indices.exists(index="logs-app")
assert client.indices.create(index="logs-new")["acknowledged"]
assert client.cluster.health()["status"] == "green"
assert client.license.get()["license"]["type"] == "basic"
assert client.indices.exists_index_template(name="logs")
assert client.ingest.get_pipeline(id="logs")
try:
    Elasticsearch(url, api_key=base64.b64encode(b"id:bwk_acme_wrong").decode()).info()
    raise SystemExit("a wrong key was taken")
except Exception as error:
    assert getattr(error, "status_code", None) == 401, repr(error)

info = client.info()
print(json.dumps({"tagline": info["tagline"], "indexed": indexed, "created": first, "again": again, "conflicts": conflicts, "probes": "ok"}))

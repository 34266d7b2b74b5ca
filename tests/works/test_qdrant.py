"""Vectors beside a store: what holds when one of the two fails, or both are changed at once."""

import httpx
import numpy as np
import pytest
from qdrant_client import models
from qdrant_client.http.exceptions import ResponseHandlingException

from guardrails.works.store import WorksError
from guardrails.works.stores.opening import open_store
from guardrails.works.stores.qdrant_cluster import QdrantStore, open_beside_postgres
from guardrails.works.stores.qdrant_vectors import Vectors
from guardrails.works.work import Kind, Work


@pytest.fixture
def beside(database):
    store = open_store(database)
    yield store
    store.close()


@pytest.fixture
def cluster(local_cluster):
    """A cluster that can be cut off."""
    return local_cluster(Breaking)


class Breaking:
    """Does what its cluster does until ``broken`` names it."""

    def __init__(self, cluster):
        self.cluster, self.broken = cluster, set()

    def __getattr__(self, name):
        if name in self.broken:
            raise ResponseHandlingException(httpx.ConnectError("s3cret"))
        return getattr(self.cluster, name)


@pytest.fixture
def store(beside, cluster):
    return QdrantStore(beside, Vectors(cluster, "vectors.example"))


def picture(made, number, vector=16):
    return Work(f"w{number}", Kind.IMAGE), made(number, vector=vector, hashed=True)


def vectors(cluster):
    names = [one.name for one in cluster.cluster.get_collections().collections]
    return {name: cluster.cluster.count(name).count for name in names}


def test_the_vectors_are_in_the_cluster_alone_and_go_with_their_works(store, beside, cluster, made):
    store.put("art", [picture(made, 1), picture(made, 2), picture(made, 3, vector=24)], "")

    assert vectors(cluster) == {"guardrails_works_16": 2, "guardrails_works_24": 1}
    assert beside.near("art", made(1, vector=16).vector, limit=9) == []
    store.put("art", [picture(made, 2, vector=0)], "it has no vector any more")
    assert vectors(cluster) == {"guardrails_works_16": 1, "guardrails_works_24": 1}
    assert store.remove("art", ["w1", "w3"], "letter") == 2
    assert vectors(cluster) == {"guardrails_works_16": 0, "guardrails_works_24": 0}


def test_pictures_of_another_collection_are_not_found(store, made):
    store.put("art", [picture(made, 1)], "")
    store.put("films", [picture(made, 2)], "")
    near = store.near("films", made(1, vector=16).vector, limit=9)

    assert [work.id for work in store.numbered([one.work for one in near]).values()] == ["w2"]


def test_the_filter_is_indexed_before_the_first_vector(store, cluster, made):
    asked = []
    cluster.cluster.create_payload_index = lambda _, field, *__, **___: asked.append(
        (field, vectors(cluster))
    )
    store.put("art", [picture(made, 1)], "")

    assert asked[0] == ("collection", {"guardrails_works_16": 0})


def test_a_take_down_that_the_cluster_missed_holds_and_is_mended_by_the_next(store, cluster, made):
    store.put("art", [picture(made, 1), picture(made, 2)], "")
    cluster.broken = {"delete"}
    with pytest.raises(WorksError) as raised:
        store.remove("art", ["w1"], "court order")

    assert str(raised.value) == (
        "works: qdrant at 'vectors.example': cannot be reached (ConnectError), "
        "look after it and do the same again"
    )
    assert store.get("art", "w1") is None
    assert len(store.near("art", made(1, vector=16).vector, limit=9)) == 1
    assert vectors(cluster) == {"guardrails_works_16": 2}
    cluster.broken = set()
    assert store.remove("art", ["w1"], "court order") == 0
    assert vectors(cluster) == {"guardrails_works_16": 1}


def test_a_work_whose_vector_was_missed_is_whole_when_it_is_put_again(store, cluster, made):
    cluster.broken = {"upsert"}
    with pytest.raises(WorksError, match="look after it and do the same again"):
        store.put("art", [picture(made, 1)], "")
    cluster.broken = set()
    store.put("art", [picture(made, 1)], "")

    assert len(store.near("art", made(1, vector=16).vector, limit=9)) == 1
    assert len(store.works("art")) == 1


def test_a_work_that_is_removed_while_it_is_put_leaves_no_vector(store, beside, cluster, made):
    upsert = cluster.cluster.upsert

    def late(*given, **more):
        beside.remove("art", ["w1"], "another replica, just now")
        return upsert(*given, **more)

    cluster.cluster.upsert = late
    store.put("art", [picture(made, 1), picture(made, 2)], "")

    assert vectors(cluster) == {"guardrails_works_16": 1}
    assert [work.id for work in store.works("art")] == ["w2"]


def test_orphans_in_the_cluster_take_no_place_in_an_answer(store, cluster, made):
    store.put("art", [picture(made, 1)], "")
    vector = made(1, vector=16).vector
    orphans = [
        models.PointStruct(id=9000 + n, vector=vector.tolist(), payload={"collection": "art"})
        for n in range(5)
    ]
    cluster.cluster.upsert("guardrails_works_16", orphans)
    near = store.near("art", vector, limit=1)

    assert [work.id for work in store.numbered([near[0].work]).values()] == ["w1"]


def test_many_works_are_swept_page_by_page(store, cluster, made):
    plain = made(0, size=0)
    works = [
        (Work(f"{n:04}", Kind.IMAGE), type(plain)(vector=np.eye(1, 8, n % 8, dtype=np.float32)[0]))
        for n in range(1200)
    ]
    store.put("art", works, "")

    assert vectors(cluster) == {"guardrails_works_8": 1200}
    assert store.remove("art", [work.id for work, _ in works[:1100]], "") == 1100
    assert vectors(cluster) == {"guardrails_works_8": 100}


@pytest.mark.parametrize(
    ("url", "message"),
    [
        (
            "postgresql+qdrant://host/db",
            "works: 'postgresql+qdrant://' needs '?qdrant=http://HOST:6333' at its end",
        ),
        (
            "postgresql+qdrant://ada:s3cret@127.0.0.1:1/db?qdrant=http://x:6333",
            "works: postgresql://127.0.0.1:1/db: cannot be reached",
        ),
    ],
)
def test_an_address_names_both(url, message):
    with pytest.raises(WorksError) as raised:
        open_beside_postgres(url)

    assert str(raised.value).startswith(message)


def test_a_cluster_that_is_not_there_is_named_without_its_key(database, made, monkeypatch):
    monkeypatch.setenv("QDRANT_API_KEY", "s3cret")
    address = database.replace("postgresql", "postgresql+qdrant", 1)
    store = open_store(f"{address}&qdrant=https://127.0.0.1:1")
    with pytest.raises(WorksError) as raised:
        store.put("art", [picture(made, 1)], "")
    store.close()

    assert str(raised.value) == (
        "works: qdrant at '127.0.0.1': cannot be reached (ConnectError), "
        "look after it and do the same again"
    )

"""The door to Qdrant: vectors by the number of their work."""

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from urllib.parse import urlsplit

from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import (
    ApiException,
    ResponseHandlingException,
    UnexpectedResponse,
)

from guardrails.works.fingerprint import Vector
from guardrails.works.store import Near, WorksError

NAME = "guardrails_works"
"""What the collections in Qdrant begin with: one for each length of vectors, for all of ours."""
KEY = "QDRANT_API_KEY"
"""The variable of the environment that has the key of a cluster."""
PAGE = 1000
SECONDS = 10
_STRONG = models.WriteOrdering.STRONG
_MOST = models.ReadConsistencyType.MAJORITY


def client(url: str) -> QdrantClient:
    """Open the cluster at ``http://HOST:6333``."""
    key = os.environ.get(KEY)
    return QdrantClient(url=url, api_key=key, timeout=SECONDS, check_compatibility=False)


class Vectors:
    """Vectors in a cluster; written so that most replicas have them, and read from most.

    Args:
        cluster: the client of the cluster.
        place: what errors call it.
    """

    def __init__(self, cluster: QdrantClient, place: str) -> None:
        self._cluster, self._place = cluster, place
        self._there: set[str] = set()

    def put(
        self, collection: str, vectors: Mapping[str, Vector], numbers: Mapping[str, int]
    ) -> None:
        """Keep the vectors of works, by id, under their numbers."""
        with self._asking():
            for dimension in {len(vector) for vector in vectors.values()} - {0}:
                points = [
                    _point(collection, identity, numbers[identity], vector)
                    for identity, vector in vectors.items()
                    if len(vector) == dimension
                ]
                name = self._made(dimension)
                self._cluster.upsert(name, points, wait=True, ordering=_STRONG)

    def near(self, collection: str, vector: Vector, limit: int) -> Sequence[Near]:
        """Find the vectors that point the same way, nearest first."""
        name = _name(len(vector))
        with self._asking():
            if name not in self._there and not self._cluster.collection_exists(name):
                return []
            found = self._cluster.query_points(
                name,
                query=vector.tolist(),
                query_filter=_only(collection),
                limit=limit,
                with_payload=False,
                consistency=_MOST,
            )
        return [Near(int(point.id), point.score) for point in found.points]

    def numbers(self, collection: str, ids: Collection[str]) -> Mapping[int, str]:
        """Tell under which numbers there are vectors of works, and in what part of the cluster."""
        only = _only(collection, ids)
        with self._asking():
            return {point: name for name in self._names() for point in self._points(name, only)}

    def drop(self, numbers: Mapping[int, str]) -> None:
        """Drop vectors, as ``numbers`` told where they are."""
        with self._asking():
            for name in set(numbers.values()):
                chosen = models.PointIdsList(points=[n for n in numbers if numbers[n] == name])
                self._cluster.delete(name, chosen, wait=True, ordering=_STRONG)

    def close(self) -> None:
        """Let go of the cluster."""
        self._cluster.close()

    def _points(self, name: str, only: models.Filter) -> Iterator[int]:
        after = None
        while True:
            found, after = self._cluster.scroll(
                name, only, limit=PAGE, offset=after, with_payload=False, consistency=_MOST
            )
            yield from (int(point.id) for point in found)
            if after is None:
                return

    def _made(self, dimension: int) -> str:
        """Make a collection with a graph for each of ours: one for all would lose those it hides.

        The index of the payload comes before the first vector, or it would not be built upon.
        """
        name = _name(dimension)
        if name in self._there:
            return name
        if not self._cluster.collection_exists(name):
            self._make(name, dimension)
        tenant = models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD, is_tenant=True)
        self._cluster.create_payload_index(name, "collection", field_schema=tenant)
        self._cluster.create_payload_index(name, "id", models.PayloadSchemaType.KEYWORD)
        self._there.add(name)
        return name

    def _make(self, name: str, dimension: int) -> None:
        size = models.VectorParams(size=dimension, distance=models.Distance.COSINE)
        graphs = models.HnswConfigDiff(m=0, payload_m=16)
        try:
            self._cluster.create_collection(name, vectors_config=size, hnsw_config=graphs)
        except UnexpectedResponse:
            if not self._cluster.collection_exists(name):  # nor did another make it meanwhile
                raise

    def _names(self) -> list[str]:
        there = (one.name for one in self._cluster.get_collections().collections)
        return [name for name in there if name.startswith(f"{NAME}_")]

    @contextmanager
    def _asking(self) -> Iterator[None]:
        try:
            yield
        except ApiException as error:
            why = f"{_why(error)}, look after it and do the same again"
            raise WorksError(f"works: qdrant at '{self._place}': {why}") from None


def place(url: str) -> str:
    """Tell the host and nothing that is secret."""
    return urlsplit(url).hostname or "localhost"


def _name(dimension: int) -> str:
    return f"{NAME}_{dimension}"


def _only(collection: str, ids: Collection[str] | None = None) -> models.Filter:
    here = models.FieldCondition(key="collection", match=models.MatchValue(value=collection))
    if ids is None:
        return models.Filter(must=[here])
    these = models.FieldCondition(key="id", match=models.MatchAny(any=list(ids)))
    return models.Filter(must=[here, these])


def _point(collection: str, identity: str, number: int, vector: Vector) -> models.PointStruct:
    payload = {"collection": collection, "id": identity}
    return models.PointStruct(id=number, vector=vector.tolist(), payload=payload)


def _why(error: ApiException) -> str:
    """Say what went wrong without what was sent."""
    if isinstance(error, UnexpectedResponse):
        return f"answered with status {error.status_code}"
    if isinstance(error, ResponseHandlingException):
        return f"cannot be reached ({type(error.source).__name__})"
    return f"failed ({type(error).__name__})"

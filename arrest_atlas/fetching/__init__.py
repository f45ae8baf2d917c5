"""Official data, fetched once, checked, and kept in the cache."""

from arrest_atlas.fetching.cached import Fetched
from arrest_atlas.fetching.errors import FetchError
from arrest_atlas.fetching.fetcher import fetch
from arrest_atlas.fetching.found import fetched_inputs
from arrest_atlas.fetching.lock_file import Entry
from arrest_atlas.fetching.registry import DataSource, load_registry, read_registry
from arrest_atlas.fetching.transport import Patience

__all__ = [
    "DataSource",
    "Entry",
    "FetchError",
    "Fetched",
    "Patience",
    "fetch",
    "fetched_inputs",
    "load_registry",
    "read_registry",
]

"""What botocore reads about services, without what a function never asks of it.

A third of the time that botocore takes for its first client goes into a list of all services, and into a megabyte of
their endpoints, which the endpoint rules of each service have made needless: of those only the partitions are told.
https://botocore.amazonaws.com/v1/documentation/api/latest/reference/loaders.html
"""

from __future__ import annotations

import os

from isthmus._typing import Any, Callable, Iterable, Mapping

_FIPS = "{service}-fips.{region}.{dnsSuffix}"
_PLAIN = "{service}.{region}.{dnsSuffix}"

_VARIANTS = (
    (("fips",), _FIPS, "dnsSuffix", ("supportsFIPS",)),
    (("dualstack",), _PLAIN, "dualStackDnsSuffix", ("supportsDualStack",)),
    (("dualstack", "fips"), _FIPS, "dualStackDnsSuffix", ("supportsDualStack", "supportsFIPS")),
)
"""Tags of a variant of the hosts, their form, the name of their domain, and what a partition must support for them."""


def loader(folders: str | None, known: Iterable[str]) -> Any:
    """Return a loader of botocore's (its component `data_loader`) for the services that are `known` by then.

    `folders` are the user's own, as `AWS_DATA_PATH` has them.
    """
    from importlib import import_module  # botocore has no types of its own

    base: Any = import_module("botocore.loaders").Loader
    methods: dict[str, Any] = {
        "list_available_services": _list(known, import_module("botocore.exceptions").DataNotFoundError),
        "load_data_with_path": _load(base.load_data_with_path),
    }
    paths = [os.path.expanduser(path) for path in folders.split(os.pathsep)] if folders else None
    return type("ServiceData", (base,), methods)(extra_search_paths=paths)


def _list(known: Iterable[str], not_found: type[Exception]) -> Callable[[Any, str], list[str]]:
    def list_available_services(self: Any, type_name: str) -> list[str]:
        return [service for service in known if _has(self, service, type_name, not_found)]

    return list_available_services


def _has(loader: Any, service: str, type_name: str, not_found: type[Exception]) -> bool:
    try:
        return bool(loader.list_api_versions(service, type_name))
    except not_found:
        return False


def _load(load: Callable[[Any, str], tuple[Any, str]]) -> Callable[[Any, str], tuple[Any, str]]:
    def load_data_with_path(self: Any, name: str) -> tuple[Any, str]:
        if name != "endpoints":
            return load(self, name)
        found, path = load(self, "partitions")
        return {"version": 3, "partitions": [_partition(partition) for partition in found["partitions"]]}, path

    return load_data_with_path


def _partition(known: Mapping[str, Any]) -> dict[str, Any]:
    """Return a partition as the endpoints have it: with the form of its hosts, and no service's own."""
    outputs = known["outputs"]
    return {
        "partition": known["id"],
        "regionRegex": known["regionRegex"],
        "dnsSuffix": outputs["dnsSuffix"],
        "regions": known["regions"],
        "services": {},
        "defaults": {
            "hostname": _PLAIN,
            "protocols": ["https"],
            "signatureVersions": ["v4"],
            "variants": [
                {"tags": list(tags), "hostname": hostname, "dnsSuffix": outputs[domain]}
                for tags, hostname, domain, needs in _VARIANTS
                if all(outputs.get(support) for support in needs)
            ],
        },
    }

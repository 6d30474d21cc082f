"""All databases of all projects: https://cloud.google.com/firestore/docs/manage-databases."""

from __future__ import annotations

import re

from tests.emulators.gcp.firestore.clock import Clock
from tests.emulators.gcp.firestore.database import Database
from tests.emulators.gcp.firestore.names import database_of
from tests.emulators.gcp.firestore.refusals import exists, invalid, not_found, precondition
from tests.emulators.gcp.firestore.transactions import Patience

_NAME = re.compile(r"projects/[^/]+/databases/(\(default\)|[a-z][a-z0-9-]{2,61}[a-z0-9])")
"""An id of 4 to 63 letters, digits and hyphens, that starts with a letter and does not end with a hyphen."""


class Databases:
    """Databases by their names."""

    def __init__(self, patience: Patience | None = None) -> None:
        self._patience = patience or Patience()
        self._clock = Clock()
        self._databases: dict[str, Database] = {}

    def create(self, name: str, *, delete_protection: bool = False) -> Database:
        """Create a database; before that, nothing can be read from or written to it."""
        if not _NAME.fullmatch(name):
            raise invalid(f'"{name}" is no name for a database: projects/PROJECT/databases/ID.')
        if name in self._databases:
            raise exists(f"Database already exists: {name}")
        database = Database(name, self._clock, self._patience, delete_protection=delete_protection)
        self._databases[name] = database
        return database

    def delete(self, name: str) -> None:
        """Delete a database that is not protected."""
        database = self.of(name)
        if database.delete_protection:
            raise precondition("The database cannot be deleted because it has delete protection enabled.")
        database.clear()
        del self._databases[name]

    def of(self, name: str) -> Database:
        """Return the database that a name of anything within it begins with."""
        database = self._databases.get(database_of(name))
        if database is None:
            raise _missing(name)
        return database

    def all(self) -> list[Database]:
        """Return all databases."""
        return list(self._databases.values())

    def reset(self) -> None:
        """Forget all databases."""
        for database in self.all():
            database.clear()
        self._databases.clear()


def _missing(name: str) -> Exception:
    parts = database_of(name).split("/")
    project, identity = (parts[1], parts[3]) if len(parts) == 4 else ("", name)
    return not_found(
        f"The database {identity} does not exist for project {project} Please visit "
        f"https://console.cloud.google.com/datastore/setup?project={project} to add a Cloud Datastore or "
        "Cloud Firestore database. "
    )

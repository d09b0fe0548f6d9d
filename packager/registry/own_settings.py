"""Settings of one registry alone: named texts that no export carries. FORMAT.md lists the names."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection


def read_setting(connection: Connection, name: str) -> str:
    """The value of a setting; empty if there is none."""
    from sqlalchemy import select

    from packager.registry.schema import registry_settings

    return connection.scalar(select(registry_settings.c.value).where(registry_settings.c.name == name)) or ""


def write_setting(connection: Connection, name: str, value: str) -> None:
    """Set a setting; an empty value removes it."""
    from packager.registry.schema import registry_settings

    connection.execute(registry_settings.delete().where(registry_settings.c.name == name))
    if value:
        connection.execute(registry_settings.insert().values(name=name, value=value))

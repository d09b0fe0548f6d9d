"""The operating system's error messages (errno), listed for the catalog.

Nothing imports this module; only the extraction of messages reads it. On Windows the system translates them.
"""

from __future__ import annotations

from packager.base.i18n.language import N_

REASONS = (
    N_("No such file or directory"),
    N_("Permission denied"),
    N_("Operation not permitted"),
    N_("Is a directory"),
    N_("Not a directory"),
    N_("File exists"),
    N_("File name too long"),
    N_("Directory not empty"),
    N_("No space left on device"),
    N_("Disk quota exceeded"),
    N_("Read-only file system"),
    N_("Input/output error"),
    N_("Device or resource busy"),
    N_("No such device"),
    N_("No such device or address"),
    N_("Stale file handle"),
    N_("Too many open files"),
    N_("Invalid argument"),
    N_("Too many levels of symbolic links"),
)

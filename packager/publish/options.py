"""The options of publishing, and what every channel is given. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from packager.publish.folder import Advance
from packager.publish.publication import Publication

PART_MB = 95.0  # below the 100 MB that chats and mails take


@dataclass(frozen=True)
class PublishOptions:
    """What the office chose. `cover` is a PNG or JPEG file's bytes; empty: the program draws one."""

    base_url: str = ""  # where the folder of the feed will be found, with a final slash; empty: not known
    part_mb: float = PART_MB  # 10^6 bytes
    single: bool = False  # the page as one HTML file, with its audio inside
    office: str = ""  # who publishes; empty: not said
    contact: str = ""  # how to reach the office
    cover: bytes = b""
    since: str = ""  # the name of the release that the archive's receiver has; empty: none
    known_audio: frozenset[str] = field(default_factory=frozenset)  # hashes of that release's tracks

    @property
    def part_bytes(self) -> float:
        """The largest size of a part."""
        return self.part_mb * 1e6


@dataclass(frozen=True)
class Work:
    """What a channel's writer is given."""

    publication: Publication
    options: PublishOptions
    advance: Advance

"""The texts of a station: notices about cards, status lines of readers, the summary. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from packager.base.display import shown
from packager.base.i18n.language import N_, _, ngettext
from packager.cli.ui.console import megabytes
from packager.cli.ui.screen import padded
from packager.station.model import Notice, NoticeKind, Phase, ReaderSlot, ServiceResult, Station

_BAR = 20  # columns
_MOST_NAMED = 12  # players in a line of the summary

_STAGES = {"read": N_("reading"), "write": N_("writing"), "verify": N_("reading back")}


@dataclass(frozen=True)
class Pace:
    """The progress of a card: bytes of a stage, its start and the current time in seconds."""

    stage: str
    done: int
    total: int
    since: float
    now: float

    @property
    def rate(self) -> float:
        """Bytes per second."""
        return self.done / (self.now - self.since) if self.now > self.since else 0.0


def notice_text(notice: Notice) -> str:  # noqa: PLR0911 - one return a kind
    """The permanent lines for a notice."""
    kind, served = notice.kind, notice.served
    who = notice.player or notice.name
    to_go = ngettext("{count} to go", "{count} to go", notice.to_go).format(count=notice.to_go)
    if kind is NoticeKind.DONE and served is not None:
        line = (
            _("{reader}: remove {player} and write {player} on it ({release}, {tracks}), {to_go}")
            if served.is_new
            else _("{reader}: remove {player} ({release}, {tracks}), {to_go}")
        )
        line = line.format(reader=notice.name, player=who, release=served.release, tracks=_written(served), to_go=to_go)
        if served.adds_player:
            line = _with_message(line, _("{player} was in no roster; it is a new player now").format(player=who))
        return _with_message(line, notice.message)
    if kind is NoticeKind.CURRENT and served is not None:
        line = _("{reader}: remove {player}, which already had {release}, {to_go}")
        return _with_message(
            line.format(reader=notice.name, player=who, release=served.release, to_go=to_go), notice.message
        )
    if kind is NoticeKind.AGAIN:
        line = _("{reader}: remove {player}, which was already done, {to_go}")
        return _with_message(line.format(reader=notice.name, player=who, to_go=to_go), notice.message)
    if kind is NoticeKind.PLANNED:
        return _planned(notice)
    if kind is NoticeKind.ASKED:
        question = _("{name}: {what}. Use it as the card of {player}? y: yes, n: no, or another number")
        return question.format(name=notice.name, what=notice.message, player=who)
    if kind is NoticeKind.DECLINED:
        return _("{name} was not changed. Remove it.").format(name=notice.name)
    if kind is NoticeKind.STOPPING:
        return _("No new cards are accepted; running loads are finished. Press Ctrl-C again to stop them at once.")
    return _clean(_("{who}: {message}").format(who=who, message=notice.message))


def _planned(notice: Notice) -> str:
    served = notice.served
    if served is None:
        return _("{name} is a new card; it would be offered to {player}").format(name=notice.name, player=notice.player)
    return _("{player} would get {release} ({tracks}, {untouched} unchanged)").format(
        player=served.player, release=served.release, tracks=_written(served), untouched=served.untouched
    )


def _written(served: ServiceResult) -> str:
    return ngettext("{count} track, {size} MB", "{count} tracks, {size} MB", served.tracks).format(
        count=served.tracks, size=megabytes(served.size)
    )


def _with_message(line: str, message: str) -> str:
    return f"{line}\n  {_clean(message)}" if message else line


def _clean(text: str) -> str:
    """`text` with control characters escaped: names on a card can contain them."""
    return "\n".join(map(shown, text.split("\n")))


def reader_line(slot: ReaderSlot, pace: Pace | None) -> str:
    """The status line of a reader."""
    player = slot.player or (slot.seen.player if slot.seen is not None else None) or ""
    return f"{padded(slot.card.name, 12)}  {padded(player, 6)}  {_state(slot, pace)}".rstrip()


def _state(slot: ReaderSlot, pace: Pace | None) -> str:  # noqa: PLR0911 - one return a phase
    if slot.phase is Phase.LOADING:
        if slot.gone:
            return _("removed too early")
        return _("waiting") if pace is None else _progress(pace)
    if slot.phase is Phase.BLOCKED:
        return _("waits for the previous card")
    if slot.phase is Phase.LOOKING:
        return _("checking")
    if slot.phase is Phase.CLAIMING:
        return _("new: finding a number")
    if slot.phase is Phase.UNKNOWN:
        return _("new: for which player?")
    if slot.phase is Phase.EJECTING:
        return _("done; ejecting")
    if slot.phase is Phase.OUT:
        return _("done: remove it")
    if slot.why is NoticeKind.PULLED:
        return _("removed too early: insert it again")
    if slot.why in (NoticeKind.DECLINED, NoticeKind.KEPT_OUT, NoticeKind.PLANNED):
        return _("not changed: remove it")
    return _("Not done: remove it")


def _progress(pace: Pace) -> str:
    share = min(1.0, pace.done / pace.total) if pace.total else 1.0
    filled = round(share * _BAR)
    stage = _(_STAGES.get(pace.stage, pace.stage))
    rate = f"{pace.rate / 1e6:5.1f} MB/s" if pace.rate else ""
    return f"{padded(stage, 13)} {'#' * filled}{'.' * (_BAR - filled)} {share:4.0%}  {rate}".rstrip()


def status_line(station: Station) -> str:
    """The counts of the station, and the keys."""
    counts = _("{to_go} to go, {done} done, {failed} not done").format(
        to_go=len(station.to_go), done=len(station.served), failed=len(station.problems)
    )
    if station.stops > 1:
        return _("{counts}. Stopping.").format(counts=counts)
    if station.stops:
        return _("{counts}. Finishing running loads; Ctrl-C stops them.").format(counts=counts)
    return _("{counts}. q: end").format(counts=counts)


def question_line(station: Station) -> str:
    """The open question with the typed answer; empty if there is none."""
    question = station.question
    if question is None or not question.player:
        return ""
    name = station.slots[question.insertion].card.name
    return _("Use {name} for {player}? y / n / number and Enter: {typed}").format(
        name=name, player=question.player, typed=question.typed
    )


def summary_text(station: Station) -> str:
    """The summary: loads done, loads not done, players that remain."""
    changed = [served for served in station.served.values() if served.changes]
    current = [served for served in station.served.values() if not served.changes]
    size = sum(served.size for served in changed)
    lines = [
        "",
        _("Done: {count} ({size} MB written)").format(count=len(changed), size=megabytes(size)),
        _("Already current: {count}").format(count=len(current)),
    ]
    if station.problems:
        lines.append(_("Not done: {count}").format(count=len(station.problems)))
        lines += [
            f"  {problem.player or problem.name}: {_clean(problem.message).partition(chr(10))[0]}"
            for problem in station.problems.values()
        ]
    lines.append(_("Remaining: {count}").format(count=len(station.to_go)))
    lines += [f"  {line}" for line in _communities(station.to_go)]
    return "\n".join(lines)


def _communities(to_go: Mapping[str, str]) -> Sequence[str]:
    lines = []
    for community, count in sorted(Counter(to_go.values()).items()):
        players = [player for player, of in to_go.items() if of == community]
        more = "" if count <= _MOST_NAMED else " …"
        name = shown(community) or _("(no community)")
        lines.append(f"{name}: {count} ({' '.join(players[:_MOST_NAMED])}{more})")
    return lines


def notice_values(notice: Notice) -> dict[str, Any]:
    """A notice as JSON values."""
    served = notice.served
    values: dict[str, Any] = {
        "event": notice.kind.value,
        "reader": notice.name,
        "player": notice.player,
        "message": _clean(notice.message),
        "to_go": notice.to_go,
    }
    if served is not None:
        values |= {
            "card": served.card,
            "release": served.release,
            "tracks_written": served.tracks,
            "bytes_written": served.size,
            "new_card": served.is_new,
            "new_player": served.adds_player,
        }
    return values


def summary_values(station: Station) -> dict[str, Any]:
    """The summary as JSON values."""
    return {
        "event": "summary",
        "done": sorted(player for player, served in station.served.items() if served.changes),
        "current": sorted(player for player, served in station.served.items() if not served.changes),
        "bytes_written": sum(served.size for served in station.served.values()),
        "not_done": [
            {
                "player": problem.player,
                "reader": problem.name,
                "kind": problem.kind.value,
                "message": _clean(problem.message),
            }
            for problem in station.problems.values()
        ],
        "to_come": dict(station.to_go),
    }

"""A worker of a cluster that sends something else than what it spoke, except for the probe."""

from __future__ import annotations

from dataclasses import replace

from packager.cluster import perform, wire
from packager.cluster.admission import PROBE_TEXT
from packager.cluster.wire import Message, SpeechRequest
from packager.speech.cache import decoded_clip, encoded_clip

spoken = perform._spoken
to_bytes = Message.to_bytes


def spoil(how: str) -> None:
    """Spoil all later answers of this process: `sound`, `bytes` or `nonsense`."""

    def spoil_answer(request: SpeechRequest) -> Message:
        answer = spoken(request)
        if request.text == PROBE_TEXT or answer.op != "clip":
            return answer
        if how == "nonsense":
            return Message({"op": "clip", "key": request.key, "more": [None, {"a": 1e300}]}, (b"{}\n",))
        if how == "bytes":
            return Message({**answer.header, "cut": True}, answer.blobs)
        clip = decoded_clip(answer.blobs[0])
        return wire.clip_answer(request.key, encoded_clip(replace(clip, samples=clip.samples / 2)))

    def cut(message: Message) -> bytes:
        data = to_bytes(message)
        return data[:-9] + b"1" + data[-8:] if message.header.get("cut") else data

    perform._spoken = spoil_answer
    Message.to_bytes = cut  # type: ignore[method-assign]

"""The mastering task of a track, and what is kept of the track when it is finished."""

from __future__ import annotations

from collections.abc import Sequence

from packager.mastering.task import MasteredSpeech, MasteringTask
from packager.releases.build_key import target_lufs, track_tags
from packager.releases.passages import TrackPassages, plan_passages, synced_passages
from packager.releases.plan import PlannedTrack, RenderJob
from packager.releases.text_sync import SyncedText, TextSync, save_text_sync
from packager.releases.track_store import FinishedTrack, TrackMeasurements
from packager.speech import SpokenClip, summarize_evidence
from packager.textnorm import Chunk
from packager.textnorm.languages import text_front_end_for


def written_passages(job: RenderJob, item: PlannedTrack, chunks: Sequence[Chunk]) -> TrackPassages:
    """The text of the track as it is written, with its `chunks`."""
    front_end = text_front_end_for(item.voice.language)
    lexicon = job.lexicon.for_book(item.track.book)
    return plan_passages(item.track.script, chunks, item.track.title, lambda text: front_end.normalize(text, lexicon))


def mastering_task(
    job: RenderJob, item: PlannedTrack, written: TrackPassages, clips: Sequence[SpokenClip]
) -> MasteringTask:
    """The task that masters the track from its clips."""
    profile = job.tracklist.profile
    return MasteringTask(
        clips=job.pool.cache,
        keys=tuple(clip.key for clip in clips),
        chunks=written.chunks,
        sentences=written.sentences(),
        pace=job.tracklist.pace,
        usual_pace=job.tracklist.usual_pace,
        lufs=target_lufs(profile),
        audio=profile.audio,
        tags=track_tags(item.track),
        tag_format=profile.tags,
        destination=job.store.file_for(item.build_key),
    )


def finish_track(
    job: RenderJob, item: PlannedTrack, written: TrackPassages, clips: Sequence[SpokenClip], made: MasteredSpeech
) -> FinishedTrack:
    """Keep the measurements and the text of a track that was mastered."""
    mastered = made.track
    measured = TrackMeasurements(
        seconds=round(mastered.seconds, 3),
        spoken=mastered.spoken,
        pace=round(mastered.pace, 2),
        lufs=round(mastered.lufs, 2),
        true_peak=round(mastered.true_peak, 2),
        size=mastered.size,
        sha256=mastered.sha256,
        evidence=summarize_evidence(clip.evidence for clip in clips),
    )
    pieces = tuple(
        SyncedText(chunk.text, chunk.readings, *times, clip.evidence)
        for chunk, clip, times in zip(written.chunks, clips, mastered.times, strict=True)
    )
    passages = synced_passages(written, mastered.clock, made.pauses)
    save_text_sync(job.text_sync, mastered.sha256, TextSync(str(item.voice), pieces, passages))
    job.made.add(item.build_key)
    job.observer.finished(item.track, measured)
    return job.store.finish(item.build_key, measured)

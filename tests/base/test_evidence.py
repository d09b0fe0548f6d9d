from packager.base.evidence import Evidence, EvidenceSummary, add_summaries, summarize_evidence

WHOLE = Evidence(seconds=4.8, spoken=24, phonemes=100, peak=0.5, longest_silence=0.2)


def test_totals_count_clips_and_keep_the_extremes() -> None:
    spoken_again = Evidence(6.0, 24, 0, 0.5, 0.7, covered=24, again=2, pieces=2)
    totals = summarize_evidence([WHOLE, spoken_again, Evidence(0.9, 2, 8, 0.5, 0.0)])
    assert totals == EvidenceSummary(3, 50, 108, 24, 1, 1, 0.7, 0.2, 0.25)
    short = summarize_evidence([Evidence(0.9, 2, 8, 0.5, 0.0)])
    assert (short.fastest, short.slowest) == (0.0, 0.0)
    assert add_summaries([totals, short]) == EvidenceSummary(4, 52, 116, 24, 1, 1, 0.7, 0.2, 0.25)
    assert add_summaries([]) == summarize_evidence([]) == EvidenceSummary()

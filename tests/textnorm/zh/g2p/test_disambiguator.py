"""The network reads polyphones, the same in batches as alone."""

import numpy as np
import pytest

from packager.textnorm.zh.g2p.disambiguator import load_disambiguator

SENTENCES = ("长大以后他当了行长。", "为人民服务，为学生改作业。", "还书", "他还没有还钱，都在首都住着。")


def _places(sentence: str) -> list[int]:
    known = load_disambiguator().readings
    return [place for place, character in enumerate(sentence) if character in known]


def test_probabilities_of_each_place_are_of_its_readings_and_add_up() -> None:
    network = load_disambiguator()
    for sentence, answers in zip(SENTENCES, network.read(SENTENCES, [*map(_places, SENTENCES)]), strict=True):
        for place, answer in zip(_places(sentence), answers, strict=True):
            assert set(answer) <= set(network.readings[sentence[place]])
            assert sum(answer.values()) == pytest.approx(1)


def test_a_sentence_is_read_alike_alone_and_beside_longer_ones() -> None:
    network = load_disambiguator()
    together = network.read(SENTENCES, [*map(_places, SENTENCES)])
    for sentence, answers in zip(SENTENCES, together, strict=True):
        (alone,) = network.read([sentence], [_places(sentence)])
        for one, other in zip(alone, answers, strict=True):
            assert one == pytest.approx(other, abs=1e-4)


def test_only_places_that_were_asked_for_are_answered() -> None:
    assert load_disambiguator().read(["长大", "长久"], [[], [0]])[0] == []


def test_the_network_tells_readings_by_the_sentence() -> None:
    network = load_disambiguator()
    grown, long = network.read(["她是我们小组的组长。", "这座大桥长一千二百米。"], [[8], [4]])
    assert max(grown[0], key=lambda each: grown[0][each]) == "zhang3"
    assert max(long[0], key=lambda each: long[0][each]) == "chang2"


def test_the_weights_are_plain_arrays() -> None:
    network = load_disambiguator()
    assert network.forward.inputs.dtype == np.float32
    assert network.forward.inputs.shape == network.backward.inputs.shape == (5398, 128)

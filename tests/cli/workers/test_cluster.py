"""Builds on a real cluster on loopback: the same bytes, whatever happens to its members."""

from __future__ import annotations

import signal
import socket
import ssl
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from cluster_kit import Cable, Cluster, cluster_in
from command_line import FIVE_DOORS, Cli, new_workspace, run_apart
from interruption import begin, bytes_of_tracks, clips_in, end, told, wait_until

from packager.base.errors import EXIT_INPUT, EXIT_INTERRUPTED, EXIT_SPEECH

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX"),
    pytest.mark.xdist_group("cluster"),
]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster_in(tmp_path_factory.mktemp("cluster")) as cluster:
        cluster.gate.touch()
        cluster.join("helper", cores=2, TONE_SECONDS="0.1", TONE_GATE=str(cluster.gate)).wait_for("joined")
        yield cluster


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    root = new_workspace(tmp_path / "office")
    (root / "texts" / "book.md").write_text(FIVE_DOORS, "utf-8")
    return root


def build(workspace: Path, cluster: Cluster, *options: object) -> tuple[object, ...]:
    return ("--workspace", workspace, "build", "week", "--workers", cluster.address, "--jobs", 1, *options)


def test_a_cluster_builds_what_one_computer_builds(cluster: Cluster, workspace: Path, five_doors: Path) -> None:
    built = cluster.run(*build(workspace, cluster)).require()
    assert "is sent to the workers" in built.err
    assert "synthesized" in built.out
    assert bytes_of_tracks(workspace) == bytes_of_tracks(five_doors)
    assert clips_in(workspace) >= clips_in(five_doors)  # and the probe


def test_killed_workers_a_killed_build_and_ctrl_c_lose_nothing(
    cluster: Cluster, workspace: Path, five_doors: Path
) -> None:
    (helper,) = cluster.members
    keys = str(cluster.folder / "keys")
    process = begin(workspace, *build(workspace, cluster), PACKAGER_KEYS=keys)
    wait_until(lambda: clips_in(workspace), process)
    end(process, signal.SIGKILL)
    process = begin(workspace, *build(workspace, cluster), PACKAGER_KEYS=keys)
    for clips in (3, 7):
        wait_until(lambda: len(clips_in(workspace)) >= clips, process)  # noqa: B023 - it is called at once
        helper.workers()[0].send_signal(signal.SIGKILL)
    wait_until(lambda: len(clips_in(workspace)) >= 12, process)
    _out, err = end(process, signal.SIGINT)
    assert process.returncode == EXIT_INTERRUPTED
    assert "Traceback" not in err
    assert err.count("Interrupted") == 1
    kept = len(clips_in(workspace))
    built = cluster.run(*build(workspace, cluster)).require()
    assert f"{len(clips_in(workspace)) - kept} synthesized" in built.out
    assert bytes_of_tracks(workspace) == bytes_of_tracks(five_doors)


def test_ctrl_c_ends_a_build_whose_scheduler_hangs(cluster: Cluster, workspace: Path) -> None:
    process = begin(workspace, *build(workspace, cluster), PACKAGER_KEYS=str(cluster.folder / "keys"))
    wait_until(lambda: len(clips_in(workspace)) >= 2, process)
    assert cluster.scheduler is not None
    cluster.scheduler.process.send_signal(signal.SIGSTOP)
    try:
        _out, err = end(process, signal.SIGINT)
    finally:
        cluster.scheduler.process.send_signal(signal.SIGCONT)
    assert process.returncode == EXIT_INTERRUPTED
    assert "Traceback" not in err


LIARS = {
    "sound": "it answers wrongly: samples that contradict",
    "bytes": "it answers wrongly: a blob does not have its digest",
    "nonsense": "it answers wrongly: no clip",
}


def test_workers_that_alter_clips_or_are_of_another_version_are_turned_away(
    cluster: Cluster, workspace: Path, five_doors: Path
) -> None:
    strangers = {cluster.join(how, TONE_SPOILED=how): words for how, words in LIARS.items()}
    strangers[cluster.join("other", TONE_VERSION="0.0.9")] = "it is packager 0.0.9"
    for member in strangers:
        member.wait_for("joined")
    cluster.gate.unlink()  # the helper's workers begin when all strangers have been turned away
    try:
        process = begin(workspace, *build(workspace, cluster), PACKAGER_KEYS=str(cluster.folder / "keys"))
        lines = [told(process, "is turned away") for _member in strangers]
        for member, words in strangers.items():
            member.wait_for(f"turned away: {words}")
            assert any(words in line for line in lines)
    finally:
        cluster.gate.touch()
        for member in strangers:
            member.end()
    process.communicate(timeout=600)
    assert process.returncode == 0
    assert bytes_of_tracks(workspace) == bytes_of_tracks(five_doors)


def test_without_a_certificate_nobody_connects(
    cluster: Cluster, workspace: Path, tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = ssl.create_default_context()
    stranger.check_hostname, stranger.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", cluster.port)) as plain, pytest.raises((ssl.SSLError, OSError)):
        encrypted = stranger.wrap_socket(plain)
        assert encrypted.recv(1) == b"", "the scheduler talks to a stranger"
        raise ssl.SSLError("the scheduler ended the connection")
    monkeypatch.setenv("PACKAGER_KEYS", str(tmp_path / "no keys"))
    cli(*build(workspace, cluster)).require_error(EXIT_INPUT, "no invitation", "workers invite")
    plain_address = cluster.address.replace("tls:", "tcp:")
    for command in (["workers", "serve"], ["workers", "join"], ["workers", "list"]):
        cli(*command, plain_address).require_error(EXIT_INPUT, "not encrypted", "tls://HOST:PORT")
    cli("--workspace", workspace, "build", "week", "--workers", plain_address).require_error(EXIT_INPUT)


INTRUDER = """
import sys
from distributed import Client, Security
from datetime import datetime, timezone
from pathlib import Path
from packager.cluster.invitation import read_invitation

def intrude(*_arguments, dask_worker=None):
    Path(sys.argv[3]).write_text("code of an intruder ran")

if __name__ == "__main__":
    held = read_invitation(Path(sys.argv[2]), now=datetime.now(timezone.utc)).identity
    security = Security(require_encryption=True, tls_ca_file=held.authority, tls_client_cert=held.certificate,
                        tls_client_key=held.key)
    client = Client(sys.argv[1], security=security, timeout=30)
    for attack in (lambda: client.run(intrude), lambda: client.run_on_scheduler(intrude),
                   lambda: client.submit(intrude, pure=False).result(timeout=10),
                   lambda: client.submit(eval, f"open({sys.argv[3]!r}, 'w')", pure=False).result(timeout=10)):
        try:
            attack()
        except BaseException as error:
            print(type(error).__name__)
"""


def test_a_guest_with_an_invitation_runs_no_code_of_his_own(cluster: Cluster, tmp_path: Path) -> None:
    script = tmp_path / "intruder.py"
    script.write_text(INTRUDER, "utf-8")
    ran = tmp_path / "ran"
    command = [sys.executable, str(script), cluster.address, str(cluster.folder / "invitation"), str(ran)]
    outcome = run_apart(command, tmp_path)
    assert not ran.exists()
    assert len(outcome.out.splitlines()) == 4, outcome.err
    assert cluster.run("workers", "list", cluster.address).require().out.count("ready") >= 2  # and the cluster lives


def test_a_build_survives_a_cut_network_and_a_killed_scheduler(
    cluster: Cluster, workspace: Path, five_doors: Path
) -> None:
    assert cluster.scheduler is not None
    with closing(Cable(cluster.port)) as cable:
        command = ("--workspace", workspace, "build", "week", "--workers", cable.address, "--jobs", 1)
        process = begin(workspace, *command, PACKAGER_KEYS=str(cluster.folder / "keys"))
        wait_until(lambda: len(clips_in(workspace)) >= 3, process)
        cable.cut()
        told(process, "the scheduler does not answer")
        cable.mend()
        kept = len(clips_in(workspace))
        wait_until(lambda: len(clips_in(workspace)) > kept, process)
        cluster.scheduler.end(signal.SIGKILL)
        told(process, "the scheduler does not answer")
        cluster.serve()
        _out, err = process.communicate(timeout=600)
    assert process.returncode == 0, err
    assert bytes_of_tracks(workspace) == bytes_of_tracks(five_doors)


def test_without_workers_a_build_stops_or_goes_on_at_home(cluster: Cluster, workspace: Path, five_doors: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        nobody = ("--workers", f"tls://127.0.0.1:{unused.getsockname()[1]}")
    stopped = cluster.run(*build(workspace, cluster), *nobody)
    stopped.require_error(EXIT_SPEECH, "no usable worker", "is kept")
    built = cluster.run(*build(workspace, cluster), *nobody, "--workers-lost", "home").require()
    assert "this computer goes on alone" in built.err
    assert bytes_of_tracks(workspace) == bytes_of_tracks(five_doors)


def test_sigterm_ends_a_build_and_its_processes(cluster: Cluster, workspace: Path) -> None:
    process = begin(workspace, *build(workspace, cluster), PACKAGER_KEYS=str(cluster.folder / "keys"))
    wait_until(lambda: len(clips_in(workspace)) >= 2, process)
    family = psutil.Process(process.pid).children(recursive=True)
    process.terminate()
    process.communicate(timeout=600)
    assert process.returncode == EXIT_INTERRUPTED
    assert psutil.wait_procs(family, timeout=600)[1] == []


def test_folders_of_killed_workers_are_removed_by_the_next(cluster: Cluster) -> None:
    helper = cluster.members[0]
    scratch = cluster.folder / "helper" / "workers"

    def folders() -> set[Path]:
        return {path for path in scratch.rglob("worker-*") if path.is_dir()}

    before = folders()
    helper.workers()[0].send_signal(signal.SIGKILL)
    end = time.monotonic() + 600  # a guard only
    while not folders() - before or len(folders()) > 2:
        assert time.monotonic() < end
        time.sleep(0.05)
    assert scratch.stat().st_mode & 0o777 == 0o700

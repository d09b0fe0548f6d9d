"""How a process of this program uses Dask: guarded, encrypted, quiet, and without a dashboard."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.cluster.certificates import Identity
from packager.cluster.invitation import own_identity
from packager.trust.keys import key_folder

_SETTINGS = {
    "distributed.comm.timeouts.connect": "10s",
    "distributed.comm.timeouts.tcp": "30s",  # a network that is cut is noticed
    "distributed.scheduler.worker-ttl": "60s",
    "distributed.scheduler.work-stealing": False,  # a task is for one worker: the parent distributes
    "distributed.scheduler.blocked-handlers": ["feed", "run_function", "register_scheduler_plugin"],
    "distributed.scheduler.http.routes": [],
    "distributed.worker.blocked-handlers": ["run", "run_coroutine", "plugin-add", "terminate"],
    "distributed.worker.http.routes": [],
    "distributed.worker.profile.enabled": False,
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,  # texts and speech are not written to the helper's disk
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": False,
    "distributed.admin.large-graph-warning-threshold": "1GiB",
    "distributed.admin.low-level-log-length": 100,  # messages: a long build keeps no more of them
}


def use_dask() -> Any:
    """The module `distributed`, guarded. Raises InputError where it is not installed."""
    try:
        import dask.config
        import distributed
    except ImportError as error:
        raise InputError(
            _("workers on other computers need Dask; install it: pip install 'elder-packager[cluster]'")
        ) from error
    from packager.cluster.guard import guard_unpickling

    guard_unpickling()
    dask.config.set(_SETTINGS)
    for name in ("distributed", "tornado", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    return distributed


def security_of(identity: Identity) -> Any:
    """Dask's security: TLS on both sides, with certificates of one authority."""
    distributed = use_dask()
    roles = ("client", "scheduler", "worker")
    return distributed.Security(
        require_encryption=True,
        tls_ca_file=identity.authority,
        **{f"tls_{role}_cert": identity.certificate for role in roles},
        **{f"tls_{role}_key": identity.key for role in roles},
    )


def security_here(name: str, *, now: datetime) -> Any:
    """The security of this computer. Raises InputError where it has no invitation."""
    return security_of(own_identity(key_folder(), name, now=now))

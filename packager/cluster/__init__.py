"""A cluster: other computers speak and master for this one, over Dask distributed (the extra `cluster`).

tasks of a build -> dispatcher (parent) -> scheduler -> worker -> answer -> verified -> clip cache and track store

Only `perform` is ever run on a worker, with bytes for bytes. Nothing here is imported unless a cluster is named.
"""

"""A Redis cache whose failures are misses (decision 35, F6): losing Redis makes pages slower and breaks none.

After an error Redis is left alone for a few seconds, so that a hung server costs one timeout and not one per call.
"""

from __future__ import annotations

import logging
import time
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

PAUSE_SECONDS = 5.0
_broken_until = 0.0  # of the process: every cache object talks to the same server


def _unavailable(error: Exception) -> None:
    global _broken_until
    _broken_until = time.monotonic() + PAUSE_SECONDS
    log.warning("cache_unavailable", extra={"error": f"{type(error).__name__}: {error}"})


class KeptClient(RedisCacheClient):
    """Django makes a client of redis-py for every call, which costs more than the call; connections are the pool's anyway."""

    def __init__(self, servers, **options: Any) -> None:
        super().__init__(servers, **options)
        self._kept: dict[int, Any] = {}

    def get_client(self, key=None, *, write=False):
        pool = self._get_connection_pool(write)
        client = self._kept.get(id(pool))
        if client is None:
            client = self._kept[id(pool)] = self._client(connection_pool=pool)
        return client


class SoftRedisCache(RedisCache):
    """Answers of a dead server are those of an empty cache: reads miss, writes are forgotten."""

    def __init__(self, server, params: dict) -> None:
        super().__init__(server, params)
        self._class = KeptClient

    def _soft(self, method: str, fallback: Any, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() < _broken_until:
            return fallback
        try:
            return getattr(super(), method)(*args, **kwargs)
        except (RedisError, OSError) as error:
            _unavailable(error)
            return fallback

    def get(self, key, default=None, version=None):
        return self._soft("get", default, key, default=default, version=version)

    def get_many(self, keys, version=None):
        return self._soft("get_many", {}, keys, version=version)

    def has_key(self, key, version=None):
        return self._soft("has_key", False, key, version=version)

    def add(self, key, value, timeout=DEFAULT_TIMEOUT, version=None):
        """True without a server: what is done «once» with a cache is then done each time, never not at all."""
        return self._soft("add", True, key, value, timeout=timeout, version=version)

    def set(self, key, value, timeout=DEFAULT_TIMEOUT, version=None):
        return self._soft("set", None, key, value, timeout=timeout, version=version)

    def set_many(self, data, timeout=DEFAULT_TIMEOUT, version=None):
        return self._soft("set_many", list(data), data, timeout=timeout, version=version)

    def touch(self, key, timeout=DEFAULT_TIMEOUT, version=None):
        return self._soft("touch", False, key, timeout=timeout, version=version)

    def delete(self, key, version=None):
        return self._soft("delete", False, key, version=version)

    def delete_many(self, keys, version=None):
        return self._soft("delete_many", None, keys, version=version)

    def incr(self, key, delta=1, version=None):
        """A missing key is a ValueError, as Django has it; without a server the count starts anew: `delta`."""
        return self._soft("incr", delta, key, delta=delta, version=version)

    def clear(self):
        return self._soft("clear", False)

"""Counts this thread's instructions in user space, by the processor's own counter.

perf_event_open(2). Many virtual machines have no such counter, and kernel.perf_event_paranoid may
forbid it: then there is none, and `read` is always None.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct

_SYSCALLS = {"x86_64": 298, "aarch64": 241}
_HARDWARE, _INSTRUCTIONS = 0, 1  # perf_event_attr.type and .config
_EXCLUDE_KERNEL_AND_HYPERVISOR = 1 << 5 | 1 << 6
_ATTRIBUTES_SIZE = 112  # PERF_ATTR_SIZE_VER5


class InstructionCounter:
    def __init__(self) -> None:
        self._fd = -1
        number = _SYSCALLS.get(platform.machine())
        if number is None:
            return
        attributes = struct.pack(
            "IIQQQQQ",
            _HARDWARE,
            _ATTRIBUTES_SIZE,
            _INSTRUCTIONS,
            0,
            0,
            0,
            _EXCLUDE_KERNEL_AND_HYPERVISOR,
        ).ljust(_ATTRIBUTES_SIZE, b"\0")
        this_thread, any_cpu, no_group, no_flags = 0, -1, -1, 0
        self._fd = ctypes.CDLL(None).syscall(
            number,
            ctypes.c_char_p(attributes),
            this_thread,
            any_cpu,
            no_group,
            ctypes.c_ulong(no_flags),
        )

    def read(self) -> int | None:
        """Since this was made."""
        if self._fd < 0:
            return None
        return int.from_bytes(os.read(self._fd, 8), "little")

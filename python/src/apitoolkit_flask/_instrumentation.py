"""Every call of an HTTP library recorded: which toolkits asked for it, and what is patched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

from . import _context
from ._call import CallContext

if TYPE_CHECKING:
    from ._toolkit import APIToolkit


class Patch:
    """A method that is replaced by one of ours, which calls the one that was there."""

    def __init__(self, owner: type, name: str, wrap: Callable[[Any], Any]) -> None:
        self._owner = owner
        self._name = name
        self._original = getattr(owner, name)
        self._ours = wrap(self._original)
        setattr(owner, name, self._ours)

    def undo(self) -> None:
        """Unless somebody has patched over it since: then ours stays beneath, and does nothing."""
        if self._owner.__dict__.get(self._name) is self._ours:
            setattr(self._owner, self._name, self._original)


class Instrumentation:
    """Of one library. The patches are there while any toolkit wants its calls."""

    def __init__(self, patch: Callable[[], list[Patch]]) -> None:
        self._patch = patch
        self._patches: list[Patch] = []
        self._toolkits: list[APIToolkit] = []

    def add(self, toolkit: APIToolkit) -> Callable[[], None]:
        """Idempotent. Returns what undoes it, which is idempotent as well."""
        if toolkit not in self._toolkits:
            self._toolkits.append(toolkit)
        if not self._patches:
            self._patches = self._patch()

        def undo() -> None:
            self.remove(toolkit)

        return undo

    def remove(self, toolkit: APIToolkit) -> None:
        if toolkit in self._toolkits:
            self._toolkits.remove(toolkit)
        if not self._toolkits:
            while self._patches:
                self._patches.pop().undo()

    def context(self) -> CallContext | None:
        """For a call that happens now. None: nobody records it.

        It belongs to the request that this code serves, if a toolkit that asked for these calls
        records that; else to none, and the toolkit that asked last has it.
        """
        if not self._toolkits or _context.is_paused():
            return None
        recording = _context.current_recording()
        toolkit = None if recording is None else _context.toolkit_of(recording)
        if toolkit is None or toolkit not in self._toolkits:
            toolkit, recording = self._toolkits[-1], None
        return CallContext(toolkit, recording) if toolkit._is_recording else None

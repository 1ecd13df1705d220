"""The final answer as a client receives it: up to a stop string, and never retracted."""

from __future__ import annotations


class SentAnswer:
    """The content of a message. `feed` returns the text that can be sent.

    An attempt may be discarded after part of it was sent. The next attempt must begin with the same
    text; `contradicted` is set if it does not.
    """

    def __init__(self, stops: tuple[str, ...] = ()) -> None:
        self._stops = stops
        self._longest = max(map(len, stops), default=1)
        self._parts = list[str]()
        self._held = ""
        """The end of the text so far, if it may be the start of a stop string."""
        self._sent_before = ""
        """Text that a discarded attempt sent and this attempt has not reached yet."""
        self.pieces = 0
        """Number of pieces in the current attempt."""
        self.stopped = False
        """A stop string was found."""
        self.contradicted = False

    @property
    def text(self) -> str:
        """The answer of the current attempt so far."""
        return "".join(self._parts)

    def feed(self, piece: str) -> str:
        """Take the next piece and return the text that can be sent."""
        if self.stopped:
            return ""
        self.pieces += 1
        text, self._held = self._held + piece, ""
        places = [place for stop in self._stops if (place := text.find(stop)) >= 0]
        self.stopped = bool(places)
        end = min(places) if places else len(text) - self._possible_stop(text)
        self._held = "" if self.stopped else text[end:]
        return self._send(text[:end])

    def end(self) -> str:
        """Return the rest after the last piece."""
        rest, self._held = self._held, ""
        text = self._send(rest)
        self.contradicted = self.contradicted or bool(self._sent_before)
        return text

    def discard(self) -> None:
        """Discard this attempt; another one begins."""
        self._sent_before = self._sent_before or self.text
        self._parts, self._held = [], ""
        self.stopped, self.pieces = False, 0

    def _possible_stop(self, text: str) -> int:
        """Length of the longest suffix of the text that is a prefix of a stop string."""
        for size in range(min(self._longest - 1, len(text)), 0, -1):
            if any(stop.startswith(text[-size:]) for stop in self._stops):
                return size
        return 0

    def _send(self, text: str) -> str:
        self._parts.append(text)
        if not self._sent_before:
            return text
        whole, before = self.text, self._sent_before
        if not whole.startswith(before):
            self.contradicted = self.contradicted or not before.startswith(whole)
            return ""
        self._sent_before = ""
        return whole[len(before) :]

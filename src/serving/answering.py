"""The final answer as a client gets it: up to a stop text, and never taken back."""

from __future__ import annotations


class Answer:
    """The content of a message; `feed` gives what can be sent of it.

    An attempt may be discarded when a part of it is sent. The next one has to begin the same way,
    or `contradicted` says that it does not.
    """

    def __init__(self, stops: tuple[str, ...] = ()) -> None:
        self._stops = stops
        self._longest = max(map(len, stops), default=1)
        self._parts = list[str]()
        self._held = ""
        """The end of what has come, where it may be the beginning of a stop text."""
        self._sent_before = ""
        """What a discarded attempt has sent, and this one has not come to."""
        self.pieces = 0
        """In how many pieces the attempt that counts came."""
        self.stopped = False
        """A stop text has come."""
        self.contradicted = False

    @property
    def text(self) -> str:
        """The answer of the attempt that counts, as far as it has come."""
        return "".join(self._parts)

    def feed(self, piece: str) -> str:
        """Take the next piece; return what can be sent."""
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
        """The rest, when nothing more comes."""
        rest, self._held = self._held, ""
        text = self._send(rest)
        self.contradicted = self.contradicted or bool(self._sent_before)
        return text

    def discard(self) -> None:
        """Another attempt begins."""
        self._sent_before = self._sent_before or self.text
        self._parts, self._held = [], ""
        self.stopped, self.pieces = False, 0

    def _possible_stop(self, text: str) -> int:
        """The length of the longest end of the text that a stop text begins with."""
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

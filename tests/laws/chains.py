"""Journals in memory, and every way of tampering with one."""

import importlib.util
from pathlib import Path
from types import ModuleType

import attrs
from hypothesis import strategies as st

from petrosa_core.audit import GENESIS, Frame, frame_hash, seal
from petrosa_core.values import AccountId

ACCOUNT = AccountId("default")


def standalone() -> ModuleType:
    """The verifier that does not import the engine, as the auditor has it."""
    path = Path(__file__).resolve().parents[2] / "deploy" / "verify_journal.py"
    spec = importlib.util.spec_from_file_location("verify_journal", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def chain(*payloads: bytes, account: AccountId = ACCOUNT) -> list[Frame]:
    """A sound journal."""
    head, frames = GENESIS, []
    for payload in payloads:
        frames.append(seal(account, head, f"nonce-{head.number}", payload))
        head = frames[-1].head
    return frames


def a_journal(length: int) -> list[Frame]:
    """A sound journal of so many frames."""
    return chain(*(b'{"entry":%d}' % number for number in range(length)))


def row(frame: Frame) -> tuple[object, ...]:
    """The frame as the stand-alone verifier reads it."""
    return (frame.account, frame.number, frame.previous, frame.nonce, frame.hash, frame.payload)


def _flipped(frame: Frame, draw: st.DrawFn) -> Frame:
    field = draw(st.sampled_from(["payload", "nonce", "previous", "hash", "account", "number"]))
    value = getattr(frame, field)
    if isinstance(value, int):
        return attrs.evolve(frame, number=value + draw(st.sampled_from([-1, 1, 1000])))
    at = draw(st.integers(0, len(value) - 1))
    if isinstance(value, bytes):
        return attrs.evolve(
            frame, payload=value[:at] + bytes([value[at] ^ draw(st.integers(1, 255))]) + value[at + 1 :]
        )
    other = draw(st.characters(exclude_categories=()).filter(lambda character: character != value[at]))
    return attrs.evolve(frame, **{field: value[:at] + other + value[at + 1 :]})


def _resealed(frame: Frame) -> Frame:
    return attrs.evolve(frame, hash=frame_hash(frame.account, frame.number, frame.previous, frame.nonce, frame.payload))


@st.composite
def tampered(draw: st.DrawFn, frames: list[Frame]) -> list[Frame]:
    """The journal with one change that the chain itself must show."""
    kind = draw(st.sampled_from(["flip", "flip-and-hash", "remove", "insert", "repeat", "swap"]))
    # The last frame may be changed, but what replaces it could be a chain rewritten whole, which is another law's business.
    at = draw(st.integers(0, len(frames) - 2))
    match kind:
        case "flip":
            at = draw(st.integers(0, len(frames) - 1))
            return [*frames[:at], _flipped(frames[at], draw), *frames[at + 1 :]]
        case "flip-and-hash":
            changed = _resealed(attrs.evolve(frames[at], payload=frames[at].payload + b" "))
            return [*frames[:at], changed, *frames[at + 1 :]]
        case "remove":
            return frames[:at] + frames[at + 1 :]
        case "insert":
            forged = seal(ACCOUNT, frames[at].head, "forged", b"{}")
            return [*frames[: at + 1], forged, *frames[at + 1 :]]
        case "repeat":
            return [*frames[: at + 1], *frames[at:]]
        case _:
            other = draw(st.integers(0, len(frames) - 1).filter(lambda index: index != at))
            swapped = list(frames)
            swapped[at], swapped[other] = frames[other], frames[at]
            return swapped


@st.composite
def forged_whole(draw: st.DrawFn, frames: list[Frame]) -> list[Frame]:
    """The journal with its tail cut, or rewritten from some frame on with every hash made anew: sound from inside."""
    at = draw(st.integers(0, len(frames) - 1))
    if draw(st.booleans()):
        return frames[:at]
    payloads = [frame.payload for frame in frames]
    payloads[at] += b" "
    return chain(*payloads)

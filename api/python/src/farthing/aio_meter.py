"""Meter for asyncio: the same verbs as `farthing.meter.Meter`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType

from farthing.errors import FarthingError, OutboxError
from farthing.meter import CONFIRM_EVERY, FlushReport, Meter
from farthing.outbox import MeterPayment
from farthing.usage import MeteredEvent, UsageEvent


class AsyncMeter:
    """Meter for asyncio. Files, signing and sending run in threads, so the loop never waits for them.

    Events that are recorded at the same time share one transaction. The client is the blocking one.
    """

    def __init__(self, meter: Meter) -> None:
        self.meter = meter
        self._writer = ThreadPoolExecutor(1, "farthing-meter-record")
        self._pending: list[tuple[MeteredEvent, asyncio.Future[bool]]] = []
        self._drain: asyncio.Task[None] | None = None

    async def __aenter__(self) -> AsyncMeter:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def start(self, every: float = 1.0, confirm_every: float = CONFIRM_EVERY) -> None:
        """Flushes and confirms from a thread, each `every` so many seconds, until `close`."""
        self.meter.start(every, confirm_every)

    async def close(self) -> None:
        """Waits for what is being recorded, ends the thread and closes the outbox."""
        if self._drain is not None:
            await self._drain
        await asyncio.to_thread(self.meter.close)
        self._writer.shutdown()

    async def record(self, event: UsageEvent) -> bool:
        """Records an event; on disk on return. False if it had been recorded before."""
        checked = self.meter.check(event)
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._pending.append((checked, future))
        if self._drain is None:
            self._drain = asyncio.create_task(self._write())
        return await future

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        while self._pending:
            batch, self._pending = self._pending, []
            results: Sequence[bool | FarthingError]
            try:
                results = await loop.run_in_executor(
                    self._writer, self.meter.outbox.add_each, [event for event, _ in batch]
                )
            except Exception as error:
                # Without a result the callers would wait for ever.
                path = self.meter.outbox.path
                failure = error if isinstance(error, FarthingError) else OutboxError(f"{path}: {error}")
                results = [failure] * len(batch)
            for (_, future), result in zip(batch, results):
                if future.done():
                    continue
                if isinstance(result, FarthingError):
                    future.set_exception(result)
                else:
                    future.set_result(result)
        self._drain = None

    async def record_many(self, events: Iterable[UsageEvent]) -> int:
        """Records events in one transaction, all or none; returns how many are new."""
        checked = [self.meter.check(event) for event in events]
        loop = asyncio.get_running_loop()
        return sum(await loop.run_in_executor(self._writer, self.meter.outbox.add, checked))

    async def payment(self, event: str) -> MeterPayment | None:
        """Returns the payment of an event, or None while it waits."""
        return await asyncio.to_thread(self.meter.payment, event)

    async def events(self, payment: int) -> list[MeteredEvent]:
        """Returns the events of a payment, in the order of its memo."""
        return await asyncio.to_thread(self.meter.events, payment)

    async def flush(self, *, all: bool = False) -> FlushReport:
        """Sends again what is signed, folds what is due, signs and sends it."""
        return await asyncio.to_thread(self.meter.flush, all=all)

    async def confirm(self, limit: int = 1_000) -> dict[str, int]:
        """Asks for the status of accepted and undecided payments; returns how many are in which state."""
        return await asyncio.to_thread(self.meter.confirm, limit)

    async def compact(self) -> int:
        """Moves payments that have been final for long to the archive; returns how many."""
        return await asyncio.to_thread(self.meter.compact)

    async def resolve(self, payment: int, *, paid: bool) -> None:
        """Decides about an undecided payment: paid, or to be signed again with a new nonce."""
        await asyncio.to_thread(self.meter.resolve, payment, paid=paid)

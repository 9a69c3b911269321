"""Receipts and revenue statements against L1: the contract has verified their batches, and has the
block as the receipt says.

Every question goes to a JSON-RPC endpoint of the caller's choice; the node is not asked.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from farthing.calls import Flow, Reply, Send, Sleep
from farthing.domain import Deployment
from farthing.encoding import digest_hex, elements_to_bytes, parse_address, to_hex
from farthing.errors import L1Error, NotSettledError
from farthing.keccak import keccak256
from farthing.models import Receipt, ReceiptBlock
from farthing.poseidon2 import ZERO_DIGEST, Digest
from farthing.receipts import VerifiedReceipt, verify_offline
from farthing.revenue_statements import Statement, VerifiedStatement, verify_statement_offline
from farthing.statements import BatchStatement, BlockStatement, batches_root

_ATTEMPTS = 4
_PAUSE = 0.5
_WORD = 32


def selector(signature: str) -> str:
    """Returns the four bytes that begin a call, as hexadecimal digits after 0x."""
    return to_hex(keccak256(signature.encode())[:4])


def topic(signature: str) -> str:
    """Returns the first topic of an event's logs."""
    return to_hex(keccak256(signature.encode()))


_BATCH = "(uint32,uint64,uint64,bytes32,bytes32,bytes32,uint32,uint64,uint64,bytes32,uint32,bytes32)"
_BATCH_WORDS = 12
_BLOCK_PROVEN = topic("BlockProven(uint64,uint32,bytes32,uint64)")
_BATCH_COMMITTED = topic(f"BatchCommitted(bytes32,address,uint64,bytes32,{_BATCH})")


def _word(value: int) -> str:
    return f"{value:064x}"


class JsonRpc:
    """Endpoint of L1."""

    def __init__(self, url: str) -> None:
        self.url = url

    def call(self, method: str, params: Sequence[Any]) -> Flow[Any]:
        """Returns a method's result; a silent endpoint is asked again a few times."""
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
        send = Send("POST", self.url, body, {"Content-Type": "application/json"})
        for attempt in range(1, _ATTEMPTS + 1):
            reply = yield send
            if reply.failure is None and reply.status != 429 and reply.status < 500:
                break
            if attempt < _ATTEMPTS:
                yield Sleep(_PAUSE * attempt)
        return self._result(method, reply)

    def _result(self, method: str, reply: Reply) -> Any:
        if reply.failure is not None:
            raise L1Error(f"no answer from L1 to {method}: {reply.failure}")
        try:
            data = json.loads(reply.body)
            if "result" in data:
                return data["result"]
            message = str(data["error"]["message"])[:512]
        except (ValueError, KeyError, TypeError):
            raise _refusal(f"L1 answered {method} with status {reply.status} and no result") from None
        raise _refusal(f"L1 refused {method}: {message}")

    def eth_call(self, contract: str, data: str) -> Flow[bytes]:
        """Calls a view of a contract."""
        result = yield from self.call("eth_call", [{"to": contract, "data": data}, "latest"])
        return _bytes(result, "eth_call")

    def logs(self, contract: str, topics: list[str], first: int, last: int) -> Flow[list[dict[str, Any]]]:
        """Returns logs in order. A range that the endpoint refuses is asked for in halves."""
        ranges, found = [(first, last)], []
        while ranges:
            a, b = ranges.pop()
            query = {"address": contract, "topics": topics, "fromBlock": hex(a), "toBlock": hex(b)}
            try:
                found += yield from self.call("eth_getLogs", [query])
            except L1Error as error:
                # An endpoint that is silent is not asked for each block.
                if error.retryable or a >= b:
                    raise
                middle = (a + b) // 2
                ranges += [(middle + 1, b), (a, middle)]
        return found


def _refusal(message: str) -> L1Error:
    error = L1Error(message)
    error.retryable = False
    return error


def _bytes(text: Any, what: str) -> bytes:
    try:
        return bytes.fromhex(text.removeprefix("0x"))
    except (AttributeError, ValueError):
        raise L1Error(f"L1 answered {what} with what is not hexadecimal") from None


def _number(text: Any, what: str) -> int:
    try:
        return int(text, 16)
    except (TypeError, ValueError):
        raise L1Error(f"L1 answered {what} with what is not a number") from None


class _Rollup:
    """Rollup contract that the caller trusts."""

    def __init__(self, rpc: JsonRpc, deployment: Deployment, deployed_at: int) -> None:
        self._rpc, self._deployment, self._deployed_at = rpc, deployment, deployed_at

    def open(self) -> Flow[None]:
        """Checks that the contract is a rollup of the deployment's domain."""
        contract = self._deployment.contract
        code = yield from self._rpc.call("eth_getCode", [contract, "latest"])
        if not _bytes(code, "eth_getCode"):
            raise NotSettledError(f"there is no contract at {contract}")
        expected = elements_to_bytes(self._deployment.digest())
        try:
            got = yield from self._rpc.eth_call(contract, selector("domain()"))
        except L1Error as error:
            raise NotSettledError(f"the contract at {contract} is not a rollup: {error}") from error
        if got != expected:
            raise NotSettledError(f"the contract at {contract} is not a rollup of this chain and address")

    def check_batches(self, batches: Iterable[BatchStatement]) -> Flow[int]:
        """Checks that the contract has verified these batches; returns the L1 block at which that was seen."""
        head = _number((yield from self._rpc.call("eth_blockNumber", [])), "eth_blockNumber")
        for batch in batches:
            number = batch.header.number
            digest = yield from self.digest(number)
            if digest != batch.digest():
                raise _not_final(number)
        return head

    def digest(self, batch: int) -> Flow[Digest]:
        """Returns the digest of a final batch."""
        name = yield from self._final_batch(batch)
        data = yield from self._rpc.eth_call(
            self._deployment.contract, selector("committedDigest(bytes32)") + name.hex()
        )
        words = tuple(int.from_bytes(data[at : at + 8], "big") for at in range(0, 32, 8))
        return words if len(words) == 4 else ZERO_DIGEST

    def _final_batch(self, batch: int) -> Flow[bytes]:
        data = yield from self._rpc.eth_call(self._deployment.contract, selector("finalBatch(uint64)") + _word(batch))
        if len(data) != _WORD or not any(data):
            raise _not_final(batch)
        return data

    def check_block(self, block: ReceiptBlock, head: int) -> Flow[None]:
        """Compares every field of a receipt's block with L1."""
        contract, first = self._deployment.contract, block.statement.first_batch
        here = (block.l1.block, block.l1.block) if block.l1 else (self._deployed_at, head)
        logs = yield from self._rpc.logs(contract, [_BLOCK_PROVEN, "0x" + _word(first)], *here)
        if not logs:
            raise NotSettledError(f"L1 proved no block from batch {first} on in its blocks {here[0]} to {here[1]}")
        log = logs[-1]
        at, index = _number(log["blockNumber"], "a log"), _number(log["logIndex"], "a log")
        if block.l1 is not None:
            _same("the L1 transaction", block.l1.transaction, str(log["transactionHash"]).lower())
        before = yield from self._rpc.logs(contract, [_BLOCK_PROVEN], self._deployed_at, at)
        places = ((_number(one["blockNumber"], "a log"), _number(one["logIndex"], "a log")) for one in before)
        _same("the number", block.number, sum(place <= (at, index) for place in places))
        batches = int.from_bytes(_bytes(log["data"], "a log")[:_WORD], "big")
        _same("the number of batches", block.statement.batches, batches)
        statement = yield from self._statement(first, batches, at)
        _compare(block, statement)

    def _statement(self, first: int, batches: int, at: int) -> Flow[BlockStatement]:
        digests = []
        for batch in range(first, first + batches):
            digests.append((yield from self.digest(batch)))
        begin = yield from self._header(first, at)
        end = yield from self._header(first + batches - 1, at)
        return BlockStatement(
            domain=self._deployment.digest(),
            first_batch=first,
            batches=batches,
            timestamp=_int(end[2]),
            old_root=_digest(begin[3]),
            new_root=_digest(end[4]),
            queue_from=_int(begin[7]),
            queue_to=_int(end[8]),
            batches_root=batches_root(digests),
        )

    def _header(self, batch: int, at: int) -> Flow[list[bytes]]:
        """Returns the words of the batch that the contract finalized, from the log of its commitment."""
        name = yield from self._final_batch(batch)
        topics = [_BATCH_COMMITTED, to_hex(name)]
        logs = yield from self._rpc.logs(self._deployment.contract, topics, self._deployed_at, at)
        for log in reversed(logs):
            header = _bytes(log["data"], "a log")[_WORD : _WORD * (1 + _BATCH_WORDS)]
            if keccak256(header) == name:
                return [header[place : place + _WORD] for place in range(0, len(header), _WORD)]
        raise NotSettledError(f"L1 has no log of the commitment of batch {batch}")


def _not_final(batch: int) -> NotSettledError:
    return NotSettledError(
        f"the contract has not verified batch {batch}, or has verified another batch with its number"
    )


def _int(word: bytes) -> int:
    return int.from_bytes(word, "big")


def _digest(word: bytes) -> Digest:
    a, b, c, d = (int.from_bytes(word[at : at + 8], "big") for at in range(0, 32, 8))
    return a, b, c, d


def _same(what: str, receipt: object, l1: object) -> None:
    if receipt != l1:
        raise NotSettledError(f"{what} is {receipt} in the receipt, and {l1} on L1")


def _compare(block: ReceiptBlock, l1: BlockStatement) -> None:
    body = block.statement
    _same("the first batch", body.first_batch, l1.first_batch)
    _same("the time", body.timestamp, l1.timestamp)
    _same("the old root", body.old_root.lower(), digest_hex(l1.old_root))
    _same("the new root", body.new_root.lower(), digest_hex(l1.new_root))
    _same("the first queue entry", body.queue_from, l1.queue_from)
    _same("the next queue entry", body.queue_to, l1.queue_to)
    _same("the batches root", body.batches_root.lower(), digest_hex(l1.batches_root))


def verify_on_l1(
    receipt: Receipt | dict[str, Any], url: str, contract: str, deployed_at: int = 0
) -> Flow[VerifiedReceipt]:
    """Checks a receipt against itself and against the contract that the caller names.

    Raises:
        InvalidReceiptError: if it contradicts itself, or is of another chain or contract.
        NotSettledError: if L1 does not confirm it.
        L1Error: if L1 does not answer.
    """
    rollup, deployment = yield from _rollup(url, contract, deployed_at)
    verified = verify_offline(receipt, deployment)
    yield from rollup.open()
    head = yield from rollup.check_batches([verified.batch])
    if verified.receipt.block is not None:
        yield from rollup.check_block(verified.receipt.block, head)
    return replace(verified, settled=True, seen_at=head)


def verify_statement_on_l1(statement: Statement, url: str, contract: str) -> Flow[VerifiedStatement]:
    """Checks a revenue statement against itself and against the contract that the caller names.

    Raises:
        InvalidStatementError: if it contradicts itself, or is of another chain or contract.
        NotSettledError: if L1 does not confirm it.
        L1Error: if L1 does not answer.
    """
    rollup, deployment = yield from _rollup(url, contract)
    verified = verify_statement_offline(statement, deployment)
    yield from rollup.open()
    head = yield from rollup.check_batches(verified.batches)
    return replace(verified, proven=True, seen_at=head)


def _rollup(url: str, contract: str, deployed_at: int = 0) -> Flow[tuple[_Rollup, Deployment]]:
    """Names the rollup that the caller trusts, on the chain of the endpoint."""
    rpc = JsonRpc(url)
    chain_id = _number((yield from rpc.call("eth_chainId", [])), "eth_chainId")
    deployment = Deployment(chain_id, to_hex(parse_address(contract, "contract")))
    return _Rollup(rpc, deployment, deployed_at), deployment

"""Every value of every file of vectors, against this package."""

from __future__ import annotations

import unittest
from typing import Any, ClassVar

from farthing import (
    curve,
    field,
    leaves,
    poseidon2,
    public_data,
    recipients,
    round_constants,
    schnorr,
    statements,
    wallet,
)
from farthing.account_request import request_content, request_domain
from farthing.domain import Deployment
from farthing.encoding import (
    address_limbs,
    digest_hex,
    elements_from_bytes,
    elements_to_bytes,
    from_hex,
    limbs_of,
    parse_address,
    parse_key,
    to_hex,
)
from farthing.errors import InvalidArgumentError, InvalidSignatureBytesError
from farthing.intents import Intent, Operation, SignedIntent, operation_from_json, operation_to_json
from farthing.keys import SecretKey
from farthing.leaves import Holder, HolderShares
from farthing.poseidon2 import Tag
from tests import secp256k1, vectors
from tests.vectors import Seen


def ints(values: list[str]) -> list[int]:
    return [int(value) for value in values]


def scalar(limbs: list[str]) -> int:
    return sum(int(limb) << (64 * place) for place, limb in enumerate(limbs))


def element(limbs: list[str]) -> field.Element5:
    a, b, c, d, e = ints(limbs)
    return a, b, c, d, e


def limbs_of_scalar(value: int) -> list[int]:
    return [value >> (64 * place) & (2**64 - 1) for place in range(5)]


def digest(values: list[str]) -> poseidon2.Digest:
    a, b, c, d = ints(values)
    return a, b, c, d


def stand_in(holder: Holder) -> str:
    """Returns the recipient that stands for a holder in the vectors."""
    elements = (holder.kind == "license", holder.id)
    return recipients.recipient_of(poseidon2.hash_elements(Tag.ACCOUNT_IDENTITY, elements))


def status_name(number: str) -> str:
    """Returns the name of a license's status."""
    [name] = (name for name, value in leaves.LICENSE_STATUSES.items() if value == int(number))
    return name


class Vectors(unittest.TestCase):
    """One test for each file; each fails if a value of its file was not read."""

    checks = 0
    covered: ClassVar[set[str]] = set()

    def same(self, got: Any, expected: Any) -> None:
        Vectors.checks += 1
        self.assertEqual(got, expected)

    def finish(self, seen: Seen, name: str) -> None:
        self.assertEqual(seen.unread(), set(), "values that no check has read")
        Vectors.covered.add(name)

    @classmethod
    def tearDownClass(cls) -> None:
        # A new file of vectors, or one that a test no longer reads, fails here.
        missing = set(vectors.NAMES) - cls.covered
        if missing:
            raise AssertionError(f"files of vectors without a complete check: {sorted(missing)}")
        if cls.checks < 880:
            raise AssertionError(f"only {cls.checks} checks")

    def test_poseidon2(self) -> None:
        seen = Seen("poseidon2")
        for i in range(seen.count("permutation")):
            case = seen.at("permutation", i)
            self.same(poseidon2.permute(ints(case["input"])), ints(case["output"]))
        for i in range(seen.count("compress")):
            case = seen.at("compress", i)
            self.same(poseidon2.compress(digest(case["left"]), digest(case["right"])), digest(case["output"]))
        for i in range(seen.count("sponge")):
            case = seen.at("sponge", i)
            tag, message = Tag(int(case["tag"])), ints(case["input"])
            self.same(tag.name.replace("_", "").lower(), case["tag_name"].lower())
            self.same(poseidon2.hash_elements(tag, message), digest(case["digest"]))
            self.same(poseidon2.hash_wide(tag, message), ints(case["wide"]))
        for i in range(seen.count("sponge_in")):
            case = seen.at("sponge_in", i)
            got = poseidon2.hash_in(digest(case["capacity"]), ints(case["input"]))
            self.same(got, digest(case["digest"]))
        empty = poseidon2.ZERO_DIGEST
        for level in range(seen.count("empty_subtrees")):
            self.same(empty, digest(seen.at("empty_subtrees", level)))
            empty = poseidon2.compress(empty, empty)
        self.same(list(poseidon2.INTERNAL_DIAGONAL), ints(seen.at("internal_diagonal")))
        constants = seen.at("round_constants")
        for name, rows in (
            ("external_initial", round_constants.EXTERNAL_INITIAL),
            ("external_final", round_constants.EXTERNAL_FINAL),
        ):
            self.same([list(row) for row in rows], [ints(row) for row in constants[name]])
        self.same(list(round_constants.INTERNAL), ints(constants["internal"]))
        self.finish(seen, "poseidon2")

    def test_ecgfp5(self) -> None:
        seen = Seen("ecgfp5")
        for i in range(seen.count("field")):
            case = seen.at("field", i)
            a, b = element(case["a"]), element(case["b"])
            self.same(field.add(a, b), element(case["sum"]))
            self.same(field.sub(element(case["sum"]), b), a)
            self.same(field.mul(a, b), element(case["product"]))
            self.same(field.square(a), field.mul(a, a))
            inverse = field.inverse(a) if any(a) else field.ZERO
            self.same(inverse, element(case["inverse_a"]))
            self.same(field.legendre(a) % field.P, int(case["legendre_a"]))
            root = field.sqrt(field.square(a))
            self.same(root is not None and field.square(root) == field.square(a), case["square_has_root"])
            self.same(field.sqrt(a) is None, field.legendre(a) == -1)
        for i in range(seen.count("points")):
            case = seen.at("points", i)
            s, t = scalar(case["s"]), scalar(case["t"])
            one, other = curve.multiply_generator(s), curve.multiply_generator(t)
            self.same(curve.encode(one), element(case["sG"]))
            self.same(curve.encode(other), element(case["tG"]))
            self.same(curve.encode(curve.add(one, other)), element(case["sG_plus_tG"]))
            self.same(curve.encode(curve.double(one)), element(case["double_sG"]))
            self.same(curve.encode(curve.multiply(t, one)), element(case["t_times_sG"]))
            self.same(curve.encode(curve.negate(one)), element(case["neg_sG"]))
            self.same((s + t) % curve.N, scalar(case["s_plus_t"]))
            self.same(s * t % curve.N, scalar(case["s_times_t"]))
        generator = curve.decode(curve.GENERATOR_W)
        point: curve.Point = None
        for i in range(seen.count("small_multiples_of_generator")):
            expected = element(seen.at("small_multiples_of_generator", i))
            self.same(curve.encode(point), expected)
            self.same(curve.encode(curve.multiply_generator(i)), expected)
            point = curve.add(point, generator)
        for i in range(seen.count("decode")):
            case = seen.at("decode", i)
            w = element(case["w"])
            decoded = curve.decode(w)
            self.same(decoded is not None or w == field.ZERO, case["valid"])
            if decoded is not None:
                self.same(curve.encode(decoded), w)
        for i in range(seen.count("scalar_reduce")):
            case = seen.at("scalar_reduce", i)
            value = int.from_bytes(bytes.fromhex(case["bytes_le"]), "little") % curve.N
            self.same(limbs_of_scalar(value), ints(case["mod_n"]))
        self.finish(seen, "ecgfp5")

    def test_schnorr(self) -> None:
        seen = Seen("schnorr")

        def read(text: str) -> list[int]:
            return elements_from_bytes(bytes.fromhex(text))

        for i in range(seen.count("valid")):
            case = seen.at("valid", i)
            key = SecretKey(bytes.fromhex(case["seed"]))
            a, b, c, d = read(case["domain"])
            domain, message = (a, b, c, d), read(case["message"])
            self.same(elements_to_bytes(key.public).hex(), case["public_key"])
            signature = key.sign(domain, message)
            self.same(signature.hex(), case["signature"])
            schnorr.verify(key.public, domain, message, signature)
            nonce_w, _ = schnorr.split(signature)
            self.same(schnorr.challenge(domain, nonce_w, key.public, message), tuple(read(case["challenge"])))
        reasons = {
            "Mismatch": "not of this message",
            "NonceNotInGroup": "R is not in the group",
            "NeutralNonce": "R is neutral",
            "NonCanonicalElement": "is not canonical",
            "ResponseTooLarge": "s is not below",
            "Key(Neutral)": "key is neutral",
            "Key(NotInGroup)": "key is not in the group",
            "KeyEncodingError": "not canonical elements",
        }
        for i in range(seen.count("invalid")):
            case = seen.at("invalid", i)
            a, b, c, d = read(case["domain"])
            message, signature = read(case["message"]), bytes.fromhex(case["signature"])
            expected = reasons[case["error"].split(" ")[0]]
            with (
                self.subTest(case["reason"]),
                self.assertRaisesRegex((InvalidSignatureBytesError, InvalidArgumentError), expected),
            ):
                key_of = parse_key("0x" + case["public_key"])
                schnorr.verify(key_of, (a, b, c, d), message, signature)
            Vectors.checks += 1
        self.finish(seen, "schnorr")

    def test_messages(self) -> None:
        seen = Seen("messages")
        named = seen.at("domain")
        domain = Deployment(int(named["chain_id"]), named["contract"]).digest()
        self.same(domain, digest(named["digest"]))
        for i in range(seen.count("intents")):
            case = seen.at("intents", i)
            operation = self.operation(case)
            numbers = {name: int(case[name]) for name in ("account", "nonce", "fee", "valid_until")}
            intent = Intent(**numbers, operation=operation)
            self.same(to_hex(intent.to_bytes()), case["bytes"])
            self.same(intent.message(), ints(case["message"]))
            self.same(intent.id(domain), case["id_bytes"])
            self.same(digest_hex(digest(case["id"])), case["id_bytes"])
            key = SecretKey(from_hex(case["seed"]))
            self.same(key.public_hex, case["public_key"])
            signed = intent.sign(key, domain)
            self.same(signed.id, case["id_bytes"])
            self.same(to_hex(signed.signature), case["signature"])
            self.same(to_hex(signed.to_bytes()), case["signed_bytes"])
            read = SignedIntent.from_json(signed.to_json())
            self.same((read.intent, read.signature), (intent, signed.signature))
            nonce_w, _ = schnorr.split(signed.signature)
            leaf = schnorr.challenge(domain, nonce_w, key.public, intent.message())
            self.same(leaf, digest(case["challenge"]))
        for i in range(seen.count("openings")):
            case = seen.at("openings", i)
            key = SecretKey(from_hex(case["seed"]))
            self.same(key.public_hex, case["public_key"])
            owner = parse_address(case["owner"])
            opening = poseidon2.hash_elements(Tag.ACCOUNT_OPENING, (*domain, *key.public, *address_limbs(owner)))
            self.same(opening, digest(case["opening_domain"]))
            self.same(to_hex(key.sign_opening(case["owner"], domain)), case["signature"])
        for i in range(seen.count("requests")):
            case = seen.at("requests", i)
            key = SecretKey(from_hex(case["seed"]))
            self.same(key.public_hex, case["public_key"])
            account, time, body = int(case["account"]), int(case["time"]), case["body"].encode()
            content = request_content(case["method"], case["target"], body)
            self.same(to_hex(content), case["content"])
            self.same(request_domain(account, time, content, domain), digest(case["signing_domain"]))
            header = key.sign_request(account, time, case["method"], case["target"], body, domain)
            self.same(header, f"account={account},t={time},s={case['signature']}")
        self.finish(seen, "messages")

    def operation(self, case: dict[str, Any]) -> Operation:
        fields = dict(case["fields"])
        for name in ("license", "uses", "to", "derivative_shares", "lineage"):
            if name in fields:
                fields[name] = int(fields[name])
        if "status" in fields:
            fields["status"] = status_name(fields["status"])
            fields["licensee"] = int(fields["licensee"]) or None
        if "holders" in fields:
            lines = [self.line(line) for line in fields["holders"]]
            fields["holders"] = [{"holder": line.holder.to_json(), "shares": line.shares} for line in lines]
            chain = self.chain(lines, fields.pop("recipients"))
            self.same(chain, digest(fields.pop("chain")))
            self.same(recipients.recipient_of(chain), fields["recipient"])
        name = case["operation"].lower().replace("license", "_license")
        operation = operation_from_json({name: fields})
        self.same(operation_to_json(operation), {name: fields})
        return operation

    def line(self, case: dict[str, str]) -> HolderShares:
        line = HolderShares(Holder(case["kind"], int(case["id"])), int(case["shares"]))
        self.same(line.packed(), int(case["packed"]))
        return line

    def chain(self, lines: list[HolderShares], named: list[str]) -> poseidon2.Digest:
        self.same(named, [stand_in(line.holder) for line in lines])
        return recipients.holder_chain(lines, {line.holder: text for line, text in zip(lines, named)})

    def test_leaves(self) -> None:
        seen = Seen("leaves")
        for i in range(seen.count("accounts")):
            case = seen.at("accounts", i)
            identity = leaves.identity_digest(parse_key(case["key"]), parse_address(case["owner"]))
            self.same(identity, digest(case["identity"]))
            self.same(recipients.account_recipient(case["key"], case["owner"]), recipients.recipient_of(identity))
            leaf = leaves.account_leaf(identity, int(case["balance"]), int(case["nonce"]))
            self.same(leaf, digest(case["leaf"]))
        for i in range(seen.count("licenses")):
            case = seen.at("licenses", i)
            lines = [self.line(line) for line in case["holders"]]
            table = leaves.table_digest(leaves.share_table(lines))
            self.same(table, digest(case["table"]))
            licensor = case["licensor_recipient"]
            self.same(licensor, stand_in(Holder.account(int(case["licensor"]))))
            origin = recipients.license_origin(licensor, self.chain(lines, case["recipients"]), case["provenance"])
            self.same(origin, digest(case["origin"]))
            terms = leaves.terms_digest(table, origin, int(case["licensor"]), int(case["lineage"]))
            self.same(terms, digest(case["terms"]))
            standing = leaves.license_standing(
                *(int(case[name]) for name in ("status", "licensee", "derivative_shares"))
            )
            self.same(standing, int(case["standing"]))
            price, vault, received = (int(case[name]) for name in ("price", "vault", "received"))
            self.same(leaves.license_leaf(terms, price, vault, received, standing), digest(case["leaf"]))
        self.finish(seen, "leaves")

    def test_public_data(self) -> None:
        seen = Seen("public_data")
        for i in range(seen.count("streams")):
            case = seen.at("streams", i)
            data = from_hex(case["bytes"])
            limbs = limbs_of(data)
            self.same(limbs, ints(case["limbs"]))
            self.same(statements.public_data_commitment(limbs), digest(case["commitment"]))
            self.same(to_hex(statements.public_data_keccak(data)), case["keccak"])
            records = list(public_data.read_records(limbs))
            self.same([self.record(record) for record in records], case["records"])
        for i in range(seen.count("long")):
            case = seen.at("long", i)
            limbs = [place * 0xC159E3779B97F5 % 2**56 for place in range(1, int(case["length"]) + 1)]
            data = b"".join(limb.to_bytes(7, "big") for limb in limbs)
            self.same(to_hex(statements.public_data_keccak(data)), case["keccak"])
            r0, r1 = ints(case["challenge"])
            self.same(list(statements.evaluate(limbs, (r0, r1))), ints(case["evaluation"]))
        self.finish(seen, "public_data")

    @staticmethod
    def record(record: public_data.Record) -> dict[str, Any]:
        """Returns a record as the vectors have it."""
        result: dict[str, Any] = {"kind": type(record).__name__}
        for field_name in record.__dataclass_fields__:
            name, value = field_name, getattr(record, field_name)
            if isinstance(record, (public_data.Deposit, public_data.ForcedExit)) and name == "account":
                name = "outcome_account" if isinstance(record, public_data.Deposit) else name
            if name == "key" and isinstance(record, public_data.OpenedAccount):
                value = to_hex(elements_to_bytes(value))
            elif name == "holders":
                value = [
                    {
                        "id": str(line.holder.id),
                        "kind": line.holder.kind,
                        "packed": str(line.packed()),
                        "shares": str(line.shares),
                    }
                    for line in value
                ]
            elif isinstance(value, tuple):
                value = [str(word) for word in value]
            elif isinstance(value, bytes):
                value = to_hex(value)
            elif value is not None and not isinstance(value, str):
                value = str(value)
            result[name] = value
        if isinstance(record, public_data.UpdatedLicense):
            result["status"] = str(leaves.LICENSE_STATUSES[record.status])
            result["licensee"] = str(record.licensee or 0)
        if isinstance(record, public_data.ForcedExit):
            result["outcome_account"] = None
        return result

    def test_queue(self) -> None:
        seen = Seen("queue")
        chain = bytes(32)
        for i in range(seen.count("entries")):
            case = seen.at("entries", i)
            entry: public_data.Deposit | public_data.ForcedExit
            if case["kind"] == "Deposit":
                words = tuple(ints(case["key"]))
                self.same(list(public_data.account_key(words)), ints(case["account_key"]))
                entry = public_data.Deposit(parse_address(case["owner"]), int(case["amount"]), words)
            else:
                self.same(case["kind"], "ForcedExit")
                entry = public_data.ForcedExit(parse_address(case["requester"]), int(case["account"]))
            self.same(to_hex(entry.entry()), case["bytes"])
            chain = public_data.queue_chain(chain, entry.entry())
            self.same(to_hex(chain), case["chain"])
        self.finish(seen, "queue")

    def test_statement(self) -> None:
        seen = Seen("statement")
        digests = []
        for i in range(seen.count("batches")):
            case = seen.at("batches", i)
            header = statements.BatchHeader(
                digest(case["domain"]), int(case["class"]), int(case["number"]), int(case["timestamp"]),
                digest(case["old_root"]), digest(case["new_root"]), digest(case["receipts_root"]),
                int(case["intents"]), int(case["queue_from"]), int(case["queue_to"]),
                digest(case["public_data"]), int(case["public_data_limbs"]),
            )  # fmt: skip
            data = from_hex(case["public_data_bytes"])
            limbs = limbs_of(data)
            self.same(len(limbs), int(case["public_data_limbs"]))
            self.same(statements.public_data_commitment(limbs), digest(case["public_data"]))
            data_hash = statements.public_data_keccak(data)
            self.same(to_hex(data_hash), case["public_data_keccak"])
            challenge = header.challenge(data_hash)
            self.same(list(challenge), ints(case["challenge"]))
            evaluation = statements.evaluate(limbs, challenge)
            self.same(list(evaluation), ints(case["evaluation"]))
            statement = statements.BatchStatement(header, challenge, evaluation)
            self.same(statement.elements(), ints(case["elements"]))
            self.same(statement.digest(), digest(case["digest"]))
            digests.append(statement.digest())
        for i in range(seen.count("blocks")):
            case = seen.at("blocks", i)
            count = int(case["batches"])
            root = statements.batches_root(digests[:count])
            self.same(root, digest(case["batches_root"]))
            block = statements.BlockStatement(
                digest(case["domain"]), int(case["first_batch"]), count, int(case["timestamp"]),
                digest(case["old_root"]), digest(case["new_root"]), int(case["queue_from"]),
                int(case["queue_to"]), root,
            )  # fmt: skip
            self.same(block.digest(), digest(case["digest"]))
        self.finish(seen, "statement")

    def test_wallet(self) -> None:
        seen = Seen("wallet")
        for i in range(seen.count("wallets")):
            case = seen.at("wallets", i)
            deployment = Deployment(int(case["chain_id"]), case["contract"])
            self.same(to_hex(wallet.digest(deployment)), case["digest"])
            self.same(to_hex(wallet.seed(case["signature"])), case["seed"])
            key = SecretKey.from_wallet_signature(case["signature"])
            self.same(key.public_hex, case["key"])
            wallet_key, signature = from_hex(case["wallet_key"]), from_hex(case["signature"])
            self.same(secp256k1.is_signature(wallet_key, wallet.digest(deployment), signature), True)
            self.same(secp256k1.is_signature(wallet_key, bytes(32), signature), False)
        self.finish(seen, "wallet")

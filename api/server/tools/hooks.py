"""What the document cannot say: which requests of the right form are refused for what they mean."""

import schemathesis

# A request of the right form may be refused by these codes, whatever its values.
MEANING = {
    "invalid_cursor", "invalid_key", "invalid_signature", "unknown_account", "unknown_license",
    "unknown_recipient", "unknown_parent", "unknown_holder", "parent_share_too_small",
    "too_many_ancestors", "wrong_lineage", "amount_mismatch", "amount_too_large", "expired",
    "insufficient_funds", "intent_too_large", "fee_too_low", "nonce_too_high", "valid_too_long",
    "invalid_owner", "deposit_cap_reached",
}
# Rules between fields, and on the value of a string, with the words of their refusal.
RULES = {
    "invalid_body": [
        "canonical", "EIP-55", "Amount is ", "Fee is ", "Nonce is ", "Price is ", "shares sum to",
        "does not come after", "is not a multiple of", "moves at least",
        # 1.0 is an integer to JSON Schema, and a mistake to whoever counts money.
        "invalid type: floating point",
    ],
    "invalid_query": ["key and owner are given together", "canonical", "EIP-55"],
    "invalid_path": ["canonical", "EIP-55"],
}


@schemathesis.check
def refused_for_what_it_means(ctx, response, case):
    meta = case.meta
    if meta is None or not meta.generation.mode.is_positive or response.status_code not in (400, 422):
        return
    problem = response.json()
    code, detail = problem["code"], problem.get("detail", "")
    if code in MEANING or any(rule in detail for rule in RULES.get(code, [])):
        return
    raise AssertionError(f"the document allows it, the server refuses it: {code}: {detail}")


@schemathesis.hook
def before_call(ctx, case, kwargs):
    """Headers are text: sequences of requests would pass on a number, which no client library takes."""
    for name, value in (case.headers or {}).items():
        if not isinstance(value, (str, bytes)):
            case.headers[name] = str(value)

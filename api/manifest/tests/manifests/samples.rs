//! Manifests that tests share.

use serde_json::{Value, json};

/// A manifest with every member.
pub(crate) fn full() -> Value {
    json!({
        "type": "AILicense",
        "version": 1,
        "work": {
            "kind": "model",
            "title": "Brüder & Söhne <3 \"Kursiv\"",
            "url": "https://example.com/models/kursiv?v=2&a=*",
            "creators": [
                { "name": "Ada </copyright><script>alert(1)</script>", "id": "did:pkh:eip155:1:0xab" },
                { "name": "研究所 🎨" }
            ],
            "content": [
                {
                    "cid": "bafkreicysg23kiwv34eg2d7qweipxwosdo2py4ldv42nbauguluen5v6am",
                    "sha256": "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03",
                    "mediaType": "application/vnd.safetensors",
                    "bytes": 6
                },
                { "sha256": "0000000000000000000000000000000000000000000000000000000000000001" }
            ],
            "c2pa": {
                "storeSha256": "00000000000000000000000000000000000000000000000000000000000000c2",
                "url": "https://example.com/kursiv.c2pa"
            },
            "identifiers": { "doi": "10.1000/182", "isrc": "CH-ABC-26-00001" }
        },
        "model": {
            "version": "1.2",
            "base": [7, 0],
            "card": "https://example.com/card",
            "trainingData": [
                { "license": 3, "legalBasis": "licensed" },
                {
                    "title": "Letters of 1900",
                    "summary": "https://example.com/letters",
                    "sha256": "0000000000000000000000000000000000000000000000000000000000000002",
                    "legalBasis": "public-domain"
                }
            ]
        },
        "permits": ["all"],
        "prohibits": ["ai-train"],
        "geo": ["CH", "DE"],
        "users": ["commercial", "education"],
        "attribution": { "required": true, "text": "Kursiv by Ada" },
        "price": {
            "unit": "token",
            "amountNano": "250000",
            "asset": "eip155:1/erc20:0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48",
            "currency": "USD"
        },
        "derivatives": { "allowed": true, "shares": 100000, "reciprocal": true, "approval": "licensor" },
        "term": { "from": "2026-12-01", "until": "2028-02-29", "revocable": true, "noticeDays": 30 },
        "legal": {
            "jurisdiction": "CH",
            "terms": "https://example.com/terms",
            "termsSha256": "0000000000000000000000000000000000000000000000000000000000000003",
            "contact": "law@example.com"
        },
        "network": {
            "chainId": 1,
            "contract": "0x00000000000000000000000000000000000000fa",
            "license": 9
        }
    })
}

/// The least that a manifest has.
pub(crate) fn least() -> Value {
    json!({
        "type": "AILicense",
        "version": 1,
        "work": {
            "kind": "artwork",
            "title": "Blue",
            "url": "ipfs://bafkreicysg23kiwv34eg2d7qweipxwosdo2py4ldv42nbauguluen5v6am",
            "creators": [{ "name": "Bo" }]
        },
        "permits": ["ai-input", "ai-index"],
        "price": { "unit": "image" },
        "derivatives": { "allowed": false, "reciprocal": false, "approval": "none" }
    })
}

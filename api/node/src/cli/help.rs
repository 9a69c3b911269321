//! Examples and explanations at the end of each command's help.

pub(super) const OVERVIEW: &str = "\
A first payment, with a node at http://127.0.0.1:8080:
  farthing keys new --out alice.key              a key that signs payments
  farthing account open --owner 0xYOUR_L1_ADDRESS --key alice.key
  farthing account deposit --amount 25 --l1-key wallet.key --key alice.key --owner 0x…
  farthing license quote 3 --uses 20             how 20 uses of license 3 are divided
  farthing pay 3 --uses 20 --account 7 --key alice.key --wait sequenced
  farthing receipt get INTENT --out receipt.json
  farthing receipt verify receipt.json --l1-url URL --contract 0x…    needs no node

Settings come from flags, then environment variables (FARTHING_…, see each command's help), then
farthing.toml, or the file that --config names:
  [client]  node, key, account
  [node]    data, class, seal_seconds, block_seconds, block_batches, operator_key, operator_owner
  [node.admission]  nonce_ahead_seconds_max, validity_seconds_max, pay_fee_nano_min,
            transfer_fee_nano_min, withdraw_fee_nano_min, register_license_fee_nano_min,
            update_license_fee_nano_min, accounts_per_minute, accounts_burst, unproven_batches_max,
            clock_ahead_seconds_max
  [l1]      url, chain_id, contract, token, deployed_at, confirmations, key,
            verifier_codehash
  [nats]    url, credentials, nkey, ca, cert, cert_key, replicas
  [server]  listen and limits

Results go to standard output; errors, warnings and logs to standard error; FARTHING_LOG=debug shows
more. With --json a result is JSON, and so is the last line of standard error after a failure:
{\"error\": {\"code\", \"message\", \"exit_code\", \"hint\", \"intent\"}}.

Exit codes:
  0  done
  1  failed: the message says why
  2  the command line is not understood
  3  an intent was sent, but is not known to have reached the stage asked for: a timeout, Ctrl-C, or
     no answer; its id is printed, and `farthing intent status ID` shows its stage
  4  `receipt verify` or `statement verify` found a file consistent, but L1 was not asked about it
  5  the command succeeded, but the result could not be written to standard output";

pub(super) const DEMO_HELP: &str = "\
Examples:
  farthing demo                                  2,000 payments for a generated inference log
  farthing demo --log requests.csv --payments 500
  farthing demo --serve                          keeps the node running
  farthing demo --json                           the summary for programs

Every part is real: an L1 (anvil), the contracts, a node with its prover, a client process of its own,
one proof that the contract verifies, tokens that a creator collects. The first run builds
the circuits, which takes minutes, and keeps them. The demo ends by checking a receipt against L1.";

pub(super) const DEV_HELP: &str = "\
Examples:
  farthing dev                                   then, elsewhere: farthing status
  farthing dev --class tiny --listen 127.0.0.1:0 --json

Accounts 1 to 4 have 1,000 tokens each; their owners have as many on L1, and ether for gas. Their keys
are for development only: anyone can compute them. They are in the data folder, as dev-1.key (L2) and
dev-1.l1.key (L1), beside farthing.toml, from which every other command takes node, L1 and contract:
  farthing --config DATA/farthing.toml pay 0 --uses 5 --account 1 --key DATA/dev-1.key";

pub(super) const SIMULATE_HELP: &str = "\
Examples:
  farthing simulate --payers payers.json --log requests.csv --payments 500
  farthing simulate --payers payers.json         2,000 generated inferences

payers.json: {\"payers\": [{\"account\": 1, \"seed\": \"0x…\"}], \"licenses\": [3, 1, 2]}. A generated
token is a use; the memo of a payment is the SHA-256 of its record. A failed call, which generated nothing
or whose finish is error, is not paid for.

The inference log is CSV in UTF-8 with a header, or without one with exactly three columns, or JSON Lines of
Mooncake, each also in gzip. A header names these columns, in any order, among any others: a time (timestamp,
time, date, created_at), context tokens (context_tokens, prompt_tokens, request_tokens, input_tokens,
tokens_prompt), generated tokens (generated_tokens, completion_tokens, response_tokens, output_tokens,
tokens_completion), an id (generation_id, request_id, id). Capitals, spaces, - and _ do not matter. Files of
Azure, BurstGPT and OpenRouter can be read unchanged.

An inference is paid for once under its id, which is its own, or the log's name and its line. Signed payments
are written to a journal before they are sent. The same command again, after a crash or Ctrl-C, sends the
same bytes again and continues where it stopped; a log that has grown pays for its new rows. --restart pays for
the whole log once more.";

pub(super) const NODE_HELP: &str = "\
Examples:
  farthing node --config farthing.toml
  farthing node --data ./data --class 1k --chain-id 31337 --contract 0x… --l1-url http://127.0.0.1:8545 \\
      --deployed-at 3 --l1-key operator.key --operator-key 0x… --operator-owner 0x…

Without --l1-url nothing is settled and no deposit arrives. With --nats, provers on other machines
(`farthing prover`) make the proofs, and the node makes those that none of them takes. It stops on SIGINT or SIGTERM,
once it has answered the requests under way.";

pub(super) const PROVER_HELP: &str = "\
Examples:
  farthing prover --nats nats://10.0.0.5:4222
  farthing prover --nats tls://a:4222,tls://b:4222,tls://c:4222 --nats-credentials prover.creds --class 16k

The node leases proof steps to its provers and verifies every proof that comes back: start it with the
same --nats. Provers and node need the same version of farthing. A prover sees the witnesses of batches,
which hold more than L1 publishes: keep it as private as the node.

The first SIGINT or SIGTERM lets the prover end its step, the second gives the step up; another prover,
or the node, then makes it.";

pub(super) const PAY_HELP: &str = "\
Examples:
  farthing pay 3 --uses 20                        20 uses of license 3, at its price
  farthing pay 3 --uses 1 --memo 0x…              with the provenance of the inference
  farthing pay --to 8 --amount 0.25               a quarter of a token to account 8
  farthing pay 3 --uses 1 --wait sequenced        waits until its batch is sealed
  farthing pay 3 --uses 1 --idempotency-key order-17    refused if order 17 was another payment
  farthing pay 3 --uses 1 --dry-run | curl -d @- -H 'Content-Type: application/json' \
      -H 'Idempotency-Key: order-17' http://127.0.0.1:8080/v1/intents

--account and --key name the payer. The node refuses a payment that cannot be settled, and gives the
reason. A payment is signed once; a retry sends the same bytes. Its id is printed as soon as the node
has accepted it, before --wait waits; with --json the id is a document of its own.";

pub(super) const CLAIM_HELP: &str = "\
Examples:
  farthing claim 0xOWNER --l1-url http://127.0.0.1:8545 --l1-key any-wallet.key
  farthing claim 0xOWNER --dry-run               what can be claimed

Anyone may send the claims; the tokens go to the owner. With --l1-url, --dry-run also says what was
claimed before.";

pub(super) const STATUS_HELP: &str = "\
Examples:
  farthing status                                 the node
  farthing status --l1-url http://127.0.0.1:8545  the node, and its rollup on L1";

pub(super) const INTENT_STATUS_HELP: &str = "\
Examples:
  farthing intent status 0xINTENT
  farthing intent status 0xINTENT --wait finalized --timeout 600";

pub(super) const RECEIPT_GET_HELP: &str = "\
Examples:
  farthing receipt get 0xINTENT --out receipt.json
  farthing receipt get 0xINTENT                   prints it

Individual intents are not on L1: keep the receipt. It names the block and its place on L1 once the batch
has them: get it again when the intent is finalized.";

pub(super) const RECEIPT_VERIFY_HELP: &str = "\
Examples:
  farthing receipt verify receipt.json --l1-url http://127.0.0.1:8545 --contract 0x…
  farthing receipt verify receipt.json --offline    consistent? whether it is settled, only L1 knows

With --l1-url it shows that the payment is settled: signed by the key, in a batch that the contract
named has verified, every field of the block as L1 has it. Name the contract that you trust.

Without --l1-url it shows only that the file agrees with itself. Anyone can forge such a file for
a payment that was never made: the exit code is 4, unless --offline is given.";

pub(super) const RESTORE_HELP: &str = "\
Example:
  farthing restore --config farthing.toml --data restored
  farthing node --config farthing.toml --data restored

The folder must hold no data. State, blocks and withdrawals come back; single intents are not on L1, so
receipts and earnings lines of earlier batches do not: keep receipts. After an interruption, run it again:
it first deletes what it had made.";

pub(super) const DERIVE_HELP: &str = "\
Examples:
  farthing keys derive --l1-key wallet.key --chain-id 1 --contract 0x… --out alice.key
  farthing keys derive --chain-id 1 --contract 0x…            prints the message to sign elsewhere
  farthing keys derive --signature signature.txt --out alice.key   with the signature from there
  farthing keys derive --signature - --out alice.key          reads it from standard input

The wallet signs a fixed EIP-712 message; the hash of the signature seeds the key. Anyone who sees
the signature has the key.";

pub(super) const REGISTER_HELP: &str = "\
Examples:
  farthing license register --price 0.00025 --share 7=600000 --share 8=400000 --manifest model.json
  farthing license register --price 0.001 --share 9=750000 --parent 3=250000 --provenance 0x…

Shares are parts of 1,000,000, all of which must be given. A parent must be left at least its
derivative shares. The provenance is the hash of the manifest: SHA-256 of its canonical bytes
(`farthing manifest hash`).";

pub(super) const MANIFEST_NEW_HELP: &str = "\
Example:
  farthing manifest new --out manifest.json --kind model --title Kursiv --url https://example.com/kursiv \\
      --creator 'Ada <https://orcid.org/0000-0002-1825-0097>' --content model.safetensors \\
      --model-version 1.2 --data 'Letters of 1900=public-domain' --permit ai-input --prohibit ai-train \\
      --unit token --price 0.00025 --currency USD --derivative-shares 100000 --c2pa model.c2pa
  farthing license register --price 0.00025 --share 7=1000000 --manifest manifest.json

The manifest has what the options say: edit the file for more, and check it with `farthing manifest check`.
Each change gives another hash, and so another provenance.";

pub(super) const MANIFEST_CHECK_HELP: &str = "\
Examples:
  farthing manifest check manifest.json
  farthing manifest check manifest.json --provenance 0x…      is it the manifest of a license?
  farthing manifest check manifest.json --content model.safetensors --c2pa model.c2pa --terms terms.pdf

It checks that the file follows the schema, and that it has the hashes of the files given. Whether its
claims are true, no program can check.";

pub(super) const MANIFEST_HASH_HELP: &str = "\
Example:
  farthing manifest hash manifest.json

The hash is the SHA-256 of the canonical bytes (RFC 8785): neither white space nor the order of members
changes it.";

pub(super) const MANIFEST_EXPORT_HELP: &str = "\
Examples:
  farthing manifest export manifest.json --as rsl --out license.xml
  farthing manifest export manifest.json --as content-usage
  farthing manifest export manifest.json --as canonical --out canonical.json

Forms: rsl (Really Simple Licensing 1.0, XML), odrl (an ODRL 2.2 offer, JSON-LD), content-usage (lines for
robots.txt or a response's head, by the drafts of the IETF's AIPREF group), pil (terms of the Programmable
IP License, JSON), canonical (the bytes whose SHA-256 is the hash).";

pub(super) const UPDATE_HELP: &str = "\
Examples:
  farthing license update 3 --price 0.0005       from the next batch on; the rest stays as it is
  farthing license update 3 --status paused      neither paid nor derived from, until it is active again
  farthing license update 3 --licensee 8         account 8 alone may pay; `none` lets every account pay
  farthing license update 3 --manifest model-2.json

--account must be the license's licensor. Payments of the open batch are at the price before. A batch updates
a license once: a second update waits until it is sealed. A license that is retired never changes again.";

pub(super) const EXIT_HELP: &str = "\
Examples:
  farthing exit 5 --l1-key wallet.key                does what can be done now, then says what comes next
  farthing exit 5 --l1-key wallet.key --wait         continues until everything is paid
  farthing exit 5 --dry-run                          only shows the state of the exit

The command needs L1 only: the state is rebuilt from the contract's logs. The steps are: claim payouts,
request a forced exit, wait for the operator (7 days at most), freeze the rollup if the deadline has
passed, take back deposits, escape with the balance. Only the request needs the owner's own key; any
wallet with ether may send the others, and all of them pay the owner.";

// Made from api/server/openapi.json by `npm run types`: do not edit.

export interface paths {
    "/docs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This API, as an HTML page. */
        get: operations["get_docs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/livez": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The process runs. */
        get: operations["get_livez"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Metrics for Prometheus. */
        get: operations["get_metrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This API, as an OpenAPI 3.1 document. */
        get: operations["get_openapi_json"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The node accepts intents. */
        get: operations["get_readyz"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/accounts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Settled accounts, ascending; or, with `key` and `owner`, the account of both, if there is one. */
        get: operations["get_accounts"];
        put?: never;
        /** Opens an account, or finds the one with this key and owner. The key signs for it: see SPEC §9. */
        post: operations["post_accounts"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/accounts/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** An account. */
        get: operations["get_accounts_id"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/accounts/{id}/earnings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The earnings of an account: its royalties and every other movement of its balance, a line for each
         *     sealed batch that moved it, ascending. A page has fewer lines than `limit` if they have many
         *     movements. As CSV, each movement has a line, whose amounts sum to the change of the balance, and the
         *     header `Link` names the next page.
         */
        get: operations["get_accounts_id_earnings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/accounts/{id}/proof": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * An account in the last state that is final on L1, as this node counts it, with its Merkle
         *     path: the arguments of the contract's `escape`, which pays it once the rollup is frozen.
         *     Neither the open batch nor blocks that a reorganisation could still remove are in that
         *     state.
         */
        get: operations["get_accounts_id_proof"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Sealed batches, ascending. */
        get: operations["get_batches"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batches/{number}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A sealed batch. */
        get: operations["get_batches_number"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/blocks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Blocks, ascending. */
        get: operations["get_blocks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/blocks/{number}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A block. */
        get: operations["get_blocks_number"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/blocks/{number}/proof": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The arguments of the contract's verifier for a block: the statement and the proof. */
        get: operations["get_blocks_number_proof"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Events as they happen, as `text/event-stream`: batches sealed, licenses paid and updated, blocks
         *     proven and final, payouts claimable. The id of each is a position in the sequence of all events: a client that
         *     sends it back as `Last-Event-ID` misses nothing, also after a restart of the node. An event may
         *     be sent twice, with the same `id` in its data. Without an id the stream begins now.
         */
        get: operations["get_events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/intents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sends a signed intent. On 201 it is durable and will be settled; a repeat of an intent answers
         *     200 with `repeated`.
         */
        post: operations["post_intents"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/intents/batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sends up to 2,048 signed intents, which the node processes in order. The results have the same
         *     order; each says whether its intent was accepted.
         */
        post: operations["post_intents_batch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/intents/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The stage of an intent. With `wait`, the answer comes when the intent reaches `until`, or after
         *     that many seconds with the current stage.
         */
        get: operations["get_intents_id"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/intents/{id}/receipt": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The receipt of an intent whose batch is sealed. It verifies offline: intent → receipts root →
         *     batch → block → L1, up to the stage of the batch.
         */
        get: operations["get_intents_id_receipt"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/licenses": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Settled licenses, ascending. */
        get: operations["get_licenses"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/licenses/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A license: its terms, the version that counts now, and its state after the last sealed batch. */
        get: operations["get_licenses_id"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/licenses/{id}/earnings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The earnings of a license: what it received, from whom, and what went to each holder, a line for
         *     each sealed batch that touched it, ascending. A page has fewer lines than `limit` if they have many
         *     payers. As CSV, each payer and each derivative of a batch has a line, whose amounts sum to what the
         *     license received, and the header `Link` names the next page.
         */
        get: operations["get_licenses_id_earnings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/licenses/{id}/proof": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A license as a batch that is final on L1 left it, with its Merkle path to the state root in the batch's
         *     statement. L1 has the statement's digest, so two such openings prove what the license received in
         *     between. Keep the latest: a node that is rebuilt from L1 opens no state before that.
         */
        get: operations["get_licenses_id_proof"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/licenses/{id}/quote": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The shares of a payment: what each holder would receive, ancestors' holders included. A license that is
         *     not active, or that another account alone may pay, has a quote too: `status` and `licensee` say so.
         */
        get: operations["get_licenses_id_quote"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/licenses/{id}/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Versions of a license, newest first: what each sealed batch that registered or updated it set. The last
         *     one is as registered.
         */
        get: operations["get_licenses_id_versions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/owners/{address}/payouts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The payouts of an owner, ascending, each with the arguments of its claim once it is final. */
        get: operations["get_owners_address_payouts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The status of the node: readiness, progress of its batches, the rollup on L1 as it sees it. */
        get: operations["get_status"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The webhooks of the account that signs. */
        get: operations["get_webhooks"];
        put?: never;
        /**
         * Registers a webhook. From now on the node posts events that match the filter to the URL. It repeats
         *     each post until the URL answers 2xx, for three days. The secret that signs the posts is in this
         *     answer only.
         */
        post: operations["post_webhooks"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A webhook. */
        get: operations["get_webhooks_id"];
        put?: never;
        post?: never;
        /** Deletes a webhook and its pending deliveries. */
        delete: operations["delete_webhooks_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{id}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Events queued for a webhook, the newest first: pending, delivered or given up. Ended deliveries are
         *     kept for three days.
         */
        get: operations["get_webhooks_id_deliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{id}/resend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Posts an event again that was queued before, delivered or not, for three days from now. */
        post: operations["post_webhooks_id_resend"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{id}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Makes a new secret. The old one signs too for a while, so that receivers can change over. */
        post: operations["post_webhooks_id_rotate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Posts an event of type `webhook.test` to a webhook. */
        post: operations["post_webhooks_id_test"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/version": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The program's version, the deployment that it serves, and its limits. */
        get: operations["get_version"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/x402/settle": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Makes a payment, as `/v1/intents` does: on `success` it is durable. Only the first call for a
         *     payment succeeds; see the section on x402 in `api/README.md` for repeats. A refusal is also
         *     answered with 200, and `success` is false.
         */
        post: operations["post_x402_settle"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/x402/supported": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The schemes, networks and extensions of x402 that this node takes. */
        get: operations["get_x402_supported"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/x402/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Checks a payment as admission would, and compares it with its requirements. Nothing changes. A
         *     refusal is also answered with 200, and `isValid` is false.
         */
        post: operations["post_x402_verify"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description An account. */
        AccountBody: {
            /** @description The balance after the last sealed batch. */
            balance: components["schemas"]["Nano"];
            /**
             * @description True if a block that holds the account is final on L1: its number can then never pass to another account.
             *     A transfer signs `recipient` too, so it cannot reach another account before that either.
             */
            finalized: boolean;
            /**
             * Format: int64
             * @description Its number.
             * @example 7
             */
            id: number;
            /** @description The key that signs its intents. */
            key: components["schemas"]["PublicKey"];
            /** @description The largest nonce of its accepted intents. A greater nonce is never refused as too low. */
            nonce: components["schemas"]["Nonce"];
            /** @description The L1 address to which it withdraws. */
            owner: components["schemas"]["Address"];
            /** @description The account's name in intents, from key and owner. A transfer to the account signs it. */
            recipient: components["schemas"]["ShortDigest"];
            /** @description The largest nonce of its sealed batches: any unused nonce above it is accepted. */
            settled_nonce: components["schemas"]["Nonce"];
            /** @description The amount that an intent can spend now: the open batch's steps count, shares of licenses do not. */
            spendable: components["schemas"]["Nano"];
        };
        /**
         * @description The movements of an account's balance in one batch:
         *     `balance_before + Σ added = balance_after + Σ taken`.
         */
        AccountEarningsLineBody: {
            /**
             * @description The balance after: that before the account's next line, unless `not_kept` lists batches between
             *     the two.
             */
            balance_after: components["schemas"]["Nano"];
            /** @description The balance before. */
            balance_before: components["schemas"]["Nano"];
            /** @description The batch. */
            batch: components["schemas"]["BatchNumber"];
            /** @description The movements, each above 0. */
            movements: components["schemas"]["MovementBody"][];
            /**
             * Format: int64
             * @description Unix seconds: the time of the batch.
             */
            time: number;
        };
        /** @description A page of an account's earnings. */
        AccountEarningsPage: {
            /** @description A line for each sealed batch with movements of the account, ascending. */
            items: components["schemas"]["AccountEarningsLineBody"][];
            /** @description Pass it as `cursor` to get the next page; absent on the last page. */
            next_cursor?: string | null;
            /**
             * @description Batches without lines: the node took them from L1, which has the balance that they leave, not
             *     its movements. Batches up to the next page are listed; mostly there are none.
             */
            not_kept: components["schemas"]["BatchRangeBody"][];
        };
        /** @description The account of a key and an owner. */
        AccountOpened: {
            /** @description True if it had been opened before. */
            existed: boolean;
            /**
             * Format: int64
             * @description Its number.
             * @example 7
             */
            id: number;
        };
        /**
         * @description An account in the last state that is final on L1, with its Merkle path: the arguments of the
         *     contract's `escape`, once the rollup is frozen. `id` to `siblings` are its `AccountProof`,
         *     `licenses_root` is its other argument.
         */
        AccountProofBody: {
            /** @description Its balance in that state. `escape` pays whole base units of it. */
            balance: components["schemas"]["Nano"];
            batch?: components["schemas"]["BatchNumber"] | null;
            block?: components["schemas"]["BlockNumber"] | null;
            /**
             * Format: int64
             * @description The deployment's chain.
             */
            chain_id: number;
            /** @description The deployment's contract. */
            contract: components["schemas"]["Address"];
            /**
             * Format: int64
             * @description The account's number, which is the leaf's index. Its lowest bit is the direction at the lowest level.
             * @example 7
             */
            id: number;
            /** @description The key that signs its intents: five field elements, which are the words of `key` on L1. */
            key: components["schemas"]["PublicKey"];
            l1?: components["schemas"]["L1Location"] | null;
            /** @description The root of the licenses tree: the last sibling. */
            licenses_root: components["schemas"]["Digest"];
            /** @description The largest nonce settled in that state. */
            nonce: components["schemas"]["Nonce"];
            /** @description The L1 address that is paid. */
            owner: components["schemas"]["Address"];
            /** @description The siblings on its path in the accounts tree, from the leaf's own sibling up. */
            siblings: components["schemas"]["Digest"][];
            /**
             * @description The state root of the path. It equals the contract's `stateRoot` until L1 verifies the
             *     next block; only L1 can confirm that.
             */
            state_root: components["schemas"]["Digest"];
        };
        /**
         * @description An Ethereum address. Written in upper and lower case, its case is the EIP-55 checksum.
         * @example 0x5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a
         */
        Address: string;
        /** @description The operator's rules for intents and for requests for accounts beyond the protocol. */
        AdmissionBody: {
            /**
             * Format: int64
             * @description The most accounts opened by request at once.
             */
            accounts_burst: number;
            /**
             * Format: int64
             * @description Accounts opened by request per minute on average, for all clients together.
             */
            accounts_per_minute: number;
            /** @description The least fee of each operation. */
            least_fees: components["schemas"]["LeastFeesBody"];
            /**
             * Format: int64
             * @description The most seconds that a nonce, read as microseconds since 1970, may be ahead of the node's
             *     clock.
             */
            nonce_ahead_seconds_max: number;
            /**
             * Format: int64
             * @description Unproven batches at which the node accepts nothing new; absent if the node does not prove.
             */
            unproven_batches_max?: number | null;
            /**
             * Format: int64
             * @description The longest validity of an intent, in seconds.
             */
            validity_seconds_max: number;
        };
        /**
         * @description Nano-units that one intent moves, less than 2⁴⁶. A decimal string, at most 70368744177663.
         * @example 5000
         */
        Amount: string;
        /**
         * @description Base units (10⁻⁶) of the settlement token. A decimal string, at most 4611686018427387.
         * @example 5000
         */
        BaseUnits: string;
        /** @description A sealed batch. */
        BatchBody: {
            /**
             * Format: int64
             * @description Accounts touched.
             */
            accounts: number;
            block?: components["schemas"]["BlockNumber"] | null;
            /** @description The statement's digest: a leaf of its block's batches root. */
            digest: components["schemas"]["Digest"];
            /**
             * Format: int64
             * @description Licenses touched.
             */
            licenses: number;
            /** @description Its number; the first is 0. */
            number: components["schemas"]["BatchNumber"];
            /**
             * Format: int64
             * @description Accounts opened.
             */
            opened: number;
            /**
             * Format: int64
             * @description Bytes of public data.
             */
            public_data_bytes: number;
            /**
             * Format: int64
             * @description L1 queue entries consumed.
             */
            queue_entries: number;
            /** @description The statement of its proof. */
            statement: components["schemas"]["BatchStatementBody"];
            /** @enum {string} */
            status: "sequenced" | "proven" | "finalized";
            /**
             * Format: int64
             * @description Withdrawals made.
             */
            withdrawals: number;
        };
        /**
         * @description The number of a batch; the first is 0. A decimal string, at most 4611686018427387903.
         * @example 5000
         */
        BatchNumber: string;
        /** @description Consecutive batches. */
        BatchRangeBody: {
            /** @description The number after the last batch. */
            end: components["schemas"]["BatchNumber"];
            /** @description The first. */
            first: components["schemas"]["BatchNumber"];
        };
        /** @description A batch that is sealed. */
        BatchSealedBody: {
            /**
             * Format: int64
             * @description Accounts touched.
             */
            accounts: number;
            /** @description The batch. */
            batch: components["schemas"]["BatchNumber"];
            /** @description The digest of its statement. */
            digest: components["schemas"]["Digest"];
            /**
             * Format: int64
             * @description Intents settled.
             */
            intents: number;
            /**
             * Format: int64
             * @description Licenses touched.
             */
            licenses: number;
            /**
             * Format: int64
             * @description Unix seconds.
             */
            timestamp: number;
            /**
             * Format: int64
             * @description Withdrawals made.
             */
            withdrawals: number;
        };
        /** @description The statement of a batch's proof. */
        BatchStatementBody: {
            /** @description The point at which the public data is evaluated. */
            challenge: components["schemas"]["Felt"][];
            /**
             * Format: int64
             * @description The batch class.
             */
            class: number;
            /** @description The deployment. */
            domain: components["schemas"]["Digest"];
            /** @description The value of the public data at `challenge`. */
            evaluation: components["schemas"]["Felt"][];
            /**
             * Format: int64
             * @description The number of intents.
             */
            intents: number;
            /** @description The state root after. */
            new_root: components["schemas"]["Digest"];
            /** @description The batch's number. */
            number: components["schemas"]["BatchNumber"];
            /** @description The state root before. */
            old_root: components["schemas"]["Digest"];
            /** @description The circuit's commitment to the public data. */
            public_data: components["schemas"]["Digest"];
            /**
             * Format: int64
             * @description The number of limbs of seven bytes.
             */
            public_data_limbs: number;
            /** @description The first queue entry consumed. */
            queue_from: components["schemas"]["QueueIndex"];
            /** @description The first queue entry not consumed. */
            queue_to: components["schemas"]["QueueIndex"];
            /** @description The root of the receipts tree. */
            receipts_root: components["schemas"]["Digest"];
            /**
             * Format: int64
             * @description Unix seconds.
             */
            timestamp: number;
        };
        /** @description A block: consecutive batches under one proof. */
        BlockBody: {
            l1?: components["schemas"]["L1Location"] | null;
            /** @description Its number; the first is 1. */
            number: components["schemas"]["BlockNumber"];
            /** @description The statement of its proof, also before the proof is made. */
            statement: components["schemas"]["BlockStatementBody"];
            /** @enum {string} */
            status: "sequenced" | "proven" | "finalized";
        };
        /** @description A block that is final on L1. */
        BlockFinalizedBody: {
            /** @description The block. */
            block: components["schemas"]["BlockNumber"];
            /** @description The digest of its statement. */
            digest: components["schemas"]["Digest"];
            /** @description Its first batch. */
            first_batch: components["schemas"]["BatchNumber"];
            /** @description The place on L1 where it was verified. */
            l1: components["schemas"]["L1Location"];
            /** @description Its last batch. */
            last_batch: components["schemas"]["BatchNumber"];
        };
        /**
         * @description The number of a block; the first is 1. A decimal string, at most 4611686018427387904.
         * @example 5000
         */
        BlockNumber: string;
        /** @description The arguments of the contract's verifier. */
        BlockProofBody: {
            /** @description The block. */
            number: components["schemas"]["BlockNumber"];
            /** @description The proof. */
            proof: components["schemas"]["Bytes"];
            /** @description The statement's 22 elements, eight big-endian bytes each. */
            statement: components["schemas"]["Bytes"];
        };
        /** @description A block whose proof is made. */
        BlockProvenBody: {
            /** @description The block. */
            block: components["schemas"]["BlockNumber"];
            /** @description The digest of its statement. */
            digest: components["schemas"]["Digest"];
            /** @description Its first batch. */
            first_batch: components["schemas"]["BatchNumber"];
            /** @description Its last batch. */
            last_batch: components["schemas"]["BatchNumber"];
        };
        /** @description The statement of a block's proof. */
        BlockStatementBody: {
            /**
             * Format: int64
             * @description The number of batches.
             */
            batches: number;
            /** @description The root over the batches' digests. */
            batches_root: components["schemas"]["Digest"];
            /** @description The deployment. */
            domain: components["schemas"]["Digest"];
            /** @description The first batch. */
            first_batch: components["schemas"]["BatchNumber"];
            /** @description The state root after. */
            new_root: components["schemas"]["Digest"];
            /** @description The state root before. */
            old_root: components["schemas"]["Digest"];
            /** @description The first queue entry consumed. */
            queue_from: components["schemas"]["QueueIndex"];
            /** @description The first queue entry not consumed. */
            queue_to: components["schemas"]["QueueIndex"];
            /**
             * Format: int64
             * @description Unix seconds: the time of the last batch.
             */
            timestamp: number;
            /**
             * Format: int64
             * @description The protocol's version.
             */
            version: number;
        };
        /**
         * @description Bytes of any length.
         * @example 0x5a5a
         */
        Bytes: string;
        /**
         * @description Thirty-two opaque bytes.
         * @example 0x5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a
         */
        Bytes32: string;
        /** @description Arguments of the contract's `claim` besides batch, chunk, index, owner and base units. */
        ClaimBody: {
            /**
             * Format: int64
             * @description The chain.
             */
            chain_id: number;
            /** @description The contract. */
            contract: components["schemas"]["Address"];
            /** @description The siblings in the chunk's keccak tree, from the leaf's own sibling up. */
            path: components["schemas"]["Bytes32"][];
        };
        /** @description The amount that an account receives. */
        CreditBody: {
            /**
             * Format: int64
             * @description The account.
             * @example 7
             */
            account: number;
            /** @description The amount. */
            amount: components["schemas"]["Nano"];
        };
        /** @description The delivery of an event to a webhook. */
        DeliveryBody: {
            /**
             * Format: int64
             * @description The time of the last attempt, in unix seconds.
             */
            attempted?: number | null;
            /**
             * Format: int64
             * @description Number of attempts made.
             */
            attempts: number;
            /** @description The event's id. */
            event: components["schemas"]["Bytes32"];
            fault?: components["schemas"]["DeliveryFault"] | null;
            /**
             * Format: int64
             * @description The time of the next attempt, in unix seconds, if there is one.
             */
            next_attempt?: number | null;
            /** @description Its state. */
            state: components["schemas"]["DeliveryState"];
            /**
             * Format: int64
             * @description The status of the last answer.
             */
            status?: number | null;
            /** @description The event's type, or `webhook.test`. */
            type: string;
        };
        /**
         * @description The reason why the last attempt failed.
         * @enum {string}
         */
        DeliveryFault: "private_address" | "unresolved" | "connection" | "timeout" | "status";
        /**
         * @description The state of a delivery.
         * @enum {string}
         */
        DeliveryState: "pending" | "delivered" | "given_up";
        /** @description The part that a license received from a derivative in a batch. */
        DerivativeBody: {
            /** @description The amount. */
            amount: components["schemas"]["Nano"];
            /**
             * Format: int64
             * @description The derivative.
             * @example 4
             */
            license: number;
        };
        /**
         * @description A Poseidon2 digest: four field elements of eight big-endian bytes.
         * @example 0x5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a
         */
        Digest: string;
        /**
         * @description The reason why an accepted intent will never settle.
         * @enum {string}
         */
        DropReasonName: "names_changed" | "nonce_settled" | "expired" | "insufficient_funds" | "refused";
        /**
         * @description A license's earnings of one batch: `vault_before + received = Σ parts + vault_after`, and
         *     `received = Σ payers + Σ derivatives`.
         */
        EarningsLineBody: {
            /** @description The batch. */
            batch: components["schemas"]["BatchNumber"];
            /** @description The parts of derivatives, ascending. */
            derivatives: components["schemas"]["DerivativeBody"][];
            /** @description The part of each holder. */
            parts: components["schemas"]["PartBody"][];
            /** @description The payments, by payer, ascending. */
            payers: components["schemas"]["PayerBody"][];
            /** @description The amount received from payments and derivatives. */
            received: components["schemas"]["Nano"];
            /**
             * Format: int64
             * @description Unix seconds: the time of the batch.
             */
            time: number;
            /** @description The amount that stays in the vault for the next batch. */
            vault_after: components["schemas"]["Nano"];
            /** @description The amount in the vault before. */
            vault_before: components["schemas"]["Nano"];
        };
        /** @description A page of a license's earnings. */
        EarningsPage: {
            /** @description A line for each sealed batch that touched the license, ascending. */
            items: components["schemas"]["EarningsLineBody"][];
            /** @description Pass it as `cursor` to get the next page; absent on the last page. */
            next_cursor?: string | null;
            /**
             * @description Batches without lines: the node took them from L1, which has the total of a license, not
             *     its earnings by batch. Batches up to the next page are listed; mostly there are none.
             */
            not_kept: components["schemas"]["BatchRangeBody"][];
        };
        /** @description An event. */
        EventBody: components["schemas"]["EventData"] & {
            /**
             * @description The event's id, derived from the statement of the batch or block. An event that is sent
             *     again, also after a restart or a restore, has the same id.
             */
            id: components["schemas"]["Bytes32"];
        };
        /** @description The type of an event and its data. */
        EventData: {
            /** @description A batch is sealed. */
            data: components["schemas"]["BatchSealedBody"];
            /** @enum {string} */
            type: "batch.sealed";
        } | {
            /** @description A batch paid a license. */
            data: components["schemas"]["LicensePaidBody"];
            /** @enum {string} */
            type: "license.paid";
        } | {
            /** @description A batch updated a license. */
            data: components["schemas"]["LicenseUpdatedBody"];
            /** @enum {string} */
            type: "license.updated";
        } | {
            /** @description The proof of a block is made. */
            data: components["schemas"]["BlockProvenBody"];
            /** @enum {string} */
            type: "block.proven";
        } | {
            /** @description A block is final on L1. */
            data: components["schemas"]["BlockFinalizedBody"];
            /** @enum {string} */
            type: "block.finalized";
        } | {
            /** @description A payout can be claimed on L1. */
            data: components["schemas"]["PayoutClaimableBody"];
            /** @enum {string} */
            type: "payout.claimable";
        };
        /** @description Conditions on events; an event must meet all that are given. Without any, all events are posted. */
        EventFilterBody: {
            /**
             * Format: int64
             * @description The event pays this account: a license in which it holds shares, or its owner on L1.
             */
            account?: number | null;
            block?: components["schemas"]["BlockNumber"] | null;
            /**
             * Format: int64
             * @description The event pays or updates this license.
             */
            license?: number | null;
            /** @description The event has one of these types; every type if the list is empty. */
            types?: components["schemas"]["EventType"][];
        };
        /**
         * @description The type of an event.
         * @enum {string}
         */
        EventType: "batch.sealed" | "license.paid" | "license.updated" | "block.proven" | "block.finalized" | "payout.claimable";
        /**
         * @description Nano-units paid to the operator, less than 2³². A decimal string, at most 4294967295.
         * @example 5000
         */
        Fee: string;
        /**
         * @description An element of the Goldilocks field, eight big-endian bytes.
         * @example 0x5a5a5a5a5a5a5a5a
         */
        Felt: string;
        /** @description One holder of a license. */
        HolderBody: {
            /** @description The holder. */
            holder: components["schemas"]["HolderName"];
            /**
             * Format: int64
             * @description Of 1,000,000.
             * @example 400000
             */
            shares: number;
        };
        /** @description A creator's account, or a parent license. */
        HolderName: {
            /**
             * Format: int64
             * @description An account.
             */
            account: number;
        } | {
            /**
             * Format: int64
             * @description A parent: the license that this one derives from.
             */
            license: number;
        };
        /** @description The intent is durable: it will be in the batch named. */
        IntentAccepted: {
            /** @description The batch that settles it. */
            batch: components["schemas"]["BatchNumber"];
            /** @description The intent's id. */
            id: components["schemas"]["IntentId"];
            /**
             * Format: int64
             * @description The number of the license that it registers.
             */
            registers?: number | null;
            /** @description True if the same intent had been accepted before: it is settled once. */
            repeated: boolean;
        };
        /** @description The answer to one intent of a batch request. */
        IntentAnswer: {
            /** @description It is durable and will be settled. */
            accepted: components["schemas"]["IntentAccepted"];
        } | {
            /** @description The intent was refused and changed nothing. */
            rejected: components["schemas"]["Problem"];
        };
        /** @description Several intents at once. */
        IntentBatch: {
            /** @description At most 2,048; answered in this order. */
            intents: components["schemas"]["IntentBody"][];
        };
        /** @description The answers to a batch request, in its order. */
        IntentBatchAnswer: {
            /** @description One for each intent. */
            results: components["schemas"]["IntentAnswer"][];
        };
        /**
         * SignedIntent
         * @description A signed instruction of an account.
         */
        IntentBody: {
            /**
             * Format: int64
             * @description The account that signs and pays.
             * @example 7
             */
            account: number;
            /** @description The fee paid to the operator. */
            fee: components["schemas"]["Fee"];
            /** @description A nonce that the account has not used, greater than its settled nonce. */
            nonce: components["schemas"]["Nonce"];
            /** @description The operation. */
            operation: components["schemas"]["OperationBody"];
            /** @description The signature by the account's key. */
            signature: components["schemas"]["Signature"];
            /**
             * Format: int64
             * @description Unix seconds: the latest time at which a batch may include it.
             * @example 1800000000
             */
            valid_until: number;
        };
        /**
         * @description The id of an intent: a hash of its domain and message.
         * @example 0x5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a
         */
        IntentId: string;
        /** @description The stage of an intent, and its place in batch and block. */
        IntentStatus: {
            /**
             * Format: int64
             * @description Its account.
             * @example 7
             */
            account: number;
            /** @description The batch that settles it. */
            batch: components["schemas"]["BatchNumber"];
            block?: components["schemas"]["BlockNumber"] | null;
            dropped?: components["schemas"]["DropReasonName"] | null;
            /** @description Its name. */
            id: components["schemas"]["IntentId"];
            l1?: components["schemas"]["L1Location"] | null;
            /** @description The nonce that it used. */
            nonce: components["schemas"]["Nonce"];
            /**
             * Format: int64
             * @description The number of the license that it registers.
             */
            registers?: number | null;
            /** @enum {string} */
            status: "dropped" | "accepted" | "sequenced" | "proven" | "finalized";
        };
        /** @description The place on L1 where a block was verified. */
        L1Location: {
            /**
             * Format: int64
             * @description The number of the L1 block that holds it.
             */
            block: number;
            /** @description The transaction's hash. */
            transaction: components["schemas"]["Bytes32"];
        };
        /** @description The rollup on L1, as the node saw it last. */
        L1StatusBody: {
            /** @description True if L1's chain, contract, code, operator and history were checked, and agree with the node's. */
            checked: boolean;
            /** @description True if L1 and the node have diverged: restore the node from L1. */
            diverged: boolean;
            /**
             * Format: int64
             * @description The time from which anyone may freeze the rollup because of that entry.
             */
            freeze_deadline?: number | null;
            /** @description True if the rollup is frozen for good. */
            frozen: boolean;
            /**
             * Format: int64
             * @description The newest L1 block seen.
             */
            head: number;
            /** @description True if a queue entry waits long enough that anyone may prove. */
            late: boolean;
            /** @description True if the key that sends is the contract's operator. */
            operator: boolean;
            /** @description True if deposits and proofs are paused. */
            paused: boolean;
            /**
             * Format: int64
             * @description The time at which the oldest of these entries was recorded.
             */
            queue_oldest?: number | null;
            /**
             * Format: int64
             * @description Queue entries that no final batch consumed.
             */
            queue_waiting: number;
            /** @description True if the last query of L1 succeeded. */
            reachable: boolean;
            /** @description True if the rollup holds less of the token than it owes, so that L1 takes no block. */
            reserve_too_small?: boolean;
            /** @description True if the node has stopped settling. */
            stopped: boolean;
            /**
             * Format: int64
             * @description Its time.
             */
            time?: number | null;
        };
        /** @description The progress of the batches. */
        LagBody: {
            /** @description Batches final on L1, in total. */
            finalized: components["schemas"]["BatchNumber"];
            /**
             * Format: int64
             * @description The time of the oldest batch that is sealed and not final on L1.
             */
            oldest_unfinal?: number | null;
            /**
             * Format: int64
             * @description The time of the oldest batch that is sealed and not proven.
             */
            oldest_unproven?: number | null;
            /** @description Batches proven, in total. */
            proven: components["schemas"]["BatchNumber"];
            /** @description Batches sealed, in total. */
            sequenced: components["schemas"]["BatchNumber"];
        };
        /** @description The least fee of each operation, in nano-units. */
        LeastFeesBody: {
            /** @description The least fee of a payment. */
            pay: components["schemas"]["Fee"];
            /** @description The least fee of a registration. */
            register_license: components["schemas"]["Fee"];
            /** @description The least fee of a transfer. */
            transfer: components["schemas"]["Fee"];
            /** @description Of an update of a license. */
            update_license: components["schemas"]["Fee"];
            /** @description The least fee of a withdrawal. */
            withdraw: components["schemas"]["Fee"];
        };
        /** @description A license: its terms, the version that counts now, and its state after the last sealed batch. */
        LicenseBody: {
            /**
             * Format: int64
             * @description The shares, of 1,000,000, that a derivative must leave to this license.
             * @example 100000
             */
            derivative_shares: number;
            /**
             * @description True if a block that holds the license is final on L1: its number can then never pass to another license.
             *     A payment signs `recipient` too, so it cannot reach another license before that either.
             */
            finalized: boolean;
            /** @description The holders and their shares; licenses among them are the parents. */
            holders: components["schemas"]["HolderBody"][];
            /**
             * Format: int64
             * @description Its number.
             * @example 3
             */
            id: number;
            /**
             * Format: int64
             * @description The account that alone may pay; null if every account may.
             * @example 8
             */
            licensee: number | null;
            /**
             * Format: int64
             * @description The account that registered it.
             * @example 7
             */
            licensor: number;
            /**
             * Format: int64
             * @description 1 + the sum of the parents' lineages.
             * @example 1
             */
            lineage: number;
            next?: components["schemas"]["LicenseVersionBody"] | null;
            /** @description Nano-units per use: the price that a payment sent now must have. */
            price: components["schemas"]["Price"];
            /** @description Hash of the manifest, as the licensor last set it. */
            provenance: components["schemas"]["Bytes32"];
            /** @description The total that it has received, modulo 2⁶². */
            received: components["schemas"]["Nano"];
            /** @description The license's name in intents. A payment of it, or a registration that derives from it, signs it. */
            recipient: components["schemas"]["ShortDigest"];
            /** @description Hash of the manifest under which the license was registered: its `recipient` is made of it. */
            registered_provenance: components["schemas"]["Bytes32"];
            /** @description The status: a license that is not active is neither paid nor derived from. */
            status: components["schemas"]["LicenseStatusName"];
            /** @description The amount that is not yet distributed: fewer nano-units than there are holders. */
            vault: components["schemas"]["Nano"];
        };
        /**
         * @description A license in the state that a final batch left, with its Merkle path to the state root in the batch's
         *     statement. L1 has the statement's digest. Keep it: with another one it proves what the license received
         *     in between.
         */
        LicenseOpeningBody: {
            /** @description The root of the accounts tree: the last sibling. */
            accounts_root: components["schemas"]["Digest"];
            /** @description The statement of the batch that left the state. */
            batch: components["schemas"]["BatchStatementBody"];
            /** @description The block that holds the batch, final on L1. */
            block: components["schemas"]["BlockNumber"];
            /**
             * Format: int64
             * @description The deployment's chain.
             */
            chain_id: number;
            /** @description The deployment's contract. */
            contract: components["schemas"]["Address"];
            /**
             * Format: int64
             * @description The shares, of 1,000,000, that a derivative must leave to the license.
             * @example 100000
             */
            derivative_shares: number;
            /** @description The holders and their shares; licenses among them are the parents. */
            holders: components["schemas"]["HolderBody"][];
            /**
             * Format: int64
             * @description The license's number, which is the leaf's index. Its lowest bit is the direction at the lowest level.
             * @example 3
             */
            id: number;
            l1?: components["schemas"]["L1Location"] | null;
            /**
             * Format: int64
             * @description The account that alone may pay; null if every account may.
             * @example 8
             */
            licensee: number | null;
            /**
             * Format: int64
             * @description The account that registered it.
             * @example 7
             */
            licensor: number;
            /**
             * Format: int64
             * @description 1 + the sum of the parents' lineages.
             * @example 1
             */
            lineage: number;
            /** @description Nano-units per use. */
            price: components["schemas"]["Price"];
            /** @description The total that it has received, modulo 2⁶². */
            received: components["schemas"]["Nano"];
            /** @description The license's name in intents. */
            recipient: components["schemas"]["ShortDigest"];
            /** @description The siblings on its path in the licenses tree, from the leaf's own sibling up. */
            siblings: components["schemas"]["Digest"][];
            /** @description The status. */
            status: components["schemas"]["LicenseStatusName"];
            /** @description The amount that is not yet distributed. */
            vault: components["schemas"]["Nano"];
        };
        /** @description The amount that a batch paid to a license. */
        LicensePaidBody: {
            /** @description The batch. */
            batch: components["schemas"]["BatchNumber"];
            /**
             * Format: int64
             * @description The license.
             * @example 3
             */
            license: number;
            /** @description The part of each holder. */
            parts: components["schemas"]["PartBody"][];
            /** @description Received in the batch, from payments and from derivatives. */
            received: components["schemas"]["Nano"];
        };
        /**
         * @description The status of a license.
         * @enum {string}
         */
        LicenseStatusName: "active" | "paused" | "retired";
        /** @description The change of a license by a batch. */
        LicenseUpdatedBody: {
            /** @description The batch. Its payments are at the old price. */
            batch: components["schemas"]["BatchNumber"];
            /**
             * Format: int64
             * @description The license.
             * @example 3
             */
            license: number;
            /** @description The version from the next batch on. */
            new: components["schemas"]["LicenseVersionBody"];
            /** @description The version before. */
            old: components["schemas"]["LicenseVersionBody"];
        };
        /** @description The data of a license that its licensor sets, by `update_license`. */
        LicenseVersionBody: {
            /**
             * Format: int64
             * @description The shares, of 1,000,000, that a derivative must leave to the license.
             * @example 100000
             */
            derivative_shares: number;
            /**
             * Format: int64
             * @description The account that alone may pay; null if every account may.
             * @example 8
             */
            licensee: number | null;
            /** @description Nano-units per use. */
            price: components["schemas"]["Price"];
            /** @description Hash of the manifest. */
            provenance: components["schemas"]["Bytes32"];
            /** @description The status: a license that is not active is neither paid nor derived from. */
            status: components["schemas"]["LicenseStatusName"];
        };
        /**
         * @description A version of a license, and the batch that registered or updated the license. A registered version counts in
         *     its batch, an updated one from the next batch on.
         */
        LicenseVersionLineBody: {
            /** @description The batch. */
            batch: components["schemas"]["BatchNumber"];
            /**
             * Format: int64
             * @description The shares, of 1,000,000, that a derivative must leave to the license.
             * @example 100000
             */
            derivative_shares: number;
            /**
             * Format: int64
             * @description The account that alone may pay; null if every account may.
             * @example 8
             */
            licensee: number | null;
            /** @description Nano-units per use. */
            price: components["schemas"]["Price"];
            /** @description Hash of the manifest. */
            provenance: components["schemas"]["Bytes32"];
            /** @enum {string} */
            stage: "sequenced" | "proven" | "finalized";
            /** @description The status: a license that is not active is neither paid nor derived from. */
            status: components["schemas"]["LicenseStatusName"];
        };
        /** @description Limits of requests. */
        LimitsBody: {
            /**
             * Format: int64
             * @description The most intents of one batch request.
             */
            batch_intents_max: number;
            /**
             * Format: int64
             * @description The most bytes of a request's body.
             */
            body_bytes_max: number;
            /**
             * Format: int64
             * @description The most items of a page.
             */
            page_items_max: number;
            /**
             * Format: int64
             * @description The most requests from one address at once.
             */
            requests_burst: number;
            /**
             * Format: int64
             * @description Requests per second from one address on average.
             */
            requests_per_second: number;
            /**
             * Format: int64
             * @description The longest `wait`, in seconds.
             */
            wait_seconds_max: number;
        };
        /** @description The process runs. */
        LivenessBody: {
            /** @description Always true. */
            live: boolean;
        };
        /** @description All movements of one kind, with one license or account, in a batch. */
        MovementBody: {
            /**
             * Format: int64
             * @description The other account, of a transfer.
             * @example 8
             */
            account?: number | null;
            /** @description The amount. */
            amount: components["schemas"]["Nano"];
            /** @description The kind, which also says whether the amount is added or taken. */
            kind: components["schemas"]["MovementKindName"];
            /**
             * Format: int64
             * @description The license, of a royalty or a payment.
             * @example 3
             */
            license?: number | null;
            received?: components["schemas"]["Nano"] | null;
            /**
             * Format: int64
             * @description The account's shares of the license, of 1,000,000, of a royalty.
             * @example 600000
             */
            shares?: number | null;
        };
        /**
         * @description The kind of a movement of an account's balance. The first four are added to the balance, the others
         *     are taken from it.
         * @enum {string}
         */
        MovementKindName: "royalty" | "transfer_in" | "deposit" | "fee_income" | "payment" | "transfer_out" | "withdrawal" | "fee";
        /**
         * @description Nano-units (10⁻⁹ of the settlement token) that an account or a vault holds. A decimal string, at most 4611686018427387903.
         * @example 5000
         */
        Nano: string;
        /**
         * @description The intent's number within its account: unused, and above those of sealed batches. A decimal string, at most 4611686018427387903.
         * @example 5000
         */
        Nonce: string;
        /**
         * @description A reason why clients should not send intents to a node.
         * @enum {string}
         */
        NotReadyReason: "sequencer" | "l1_unchecked" | "l1_diverged" | "settler_stopped" | "frozen" | "reserve_too_small" | "clock_ahead" | "late" | "proofs_behind";
        /** @description A request for an account, free of charge and without a deposit. */
        OpenAccountBody: {
            /** @description The key that will sign its intents. */
            key: components["schemas"]["PublicKey"];
            /** @description The L1 address to which it withdraws; it cannot be changed. */
            owner: components["schemas"]["Address"];
            /**
             * @description Proof that the requester has the key: the key's signature of 14 zeros, for the domain
             *     `hash(AccountOpening; deployment's domain, key, owner)`.
             */
            signature: components["schemas"]["Signature"];
        };
        /** @description The operation of an intent. */
        OperationBody: {
            /** @description Pays a license. */
            pay: components["schemas"]["PayBody"];
        } | {
            /** @description Pays an account. */
            transfer: components["schemas"]["TransferBody"];
        } | {
            /** @description Withdraws to the account's owner on L1. */
            withdraw: components["schemas"]["WithdrawBody"];
        } | {
            /** @description Registers a license. */
            register_license: components["schemas"]["RegisterLicenseBody"];
        } | {
            /** @description Changes a license, from the next batch on. */
            update_license: components["schemas"]["UpdateLicenseBody"];
        };
        /** @description A page of a list. */
        Page_AccountBody: {
            /** @description The items. */
            items: {
                /** @description The balance after the last sealed batch. */
                balance: components["schemas"]["Nano"];
                /**
                 * @description True if a block that holds the account is final on L1: its number can then never pass to another account.
                 *     A transfer signs `recipient` too, so it cannot reach another account before that either.
                 */
                finalized: boolean;
                /**
                 * Format: int64
                 * @description Its number.
                 * @example 7
                 */
                id: number;
                /** @description The key that signs its intents. */
                key: components["schemas"]["PublicKey"];
                /** @description The largest nonce of its accepted intents. A greater nonce is never refused as too low. */
                nonce: components["schemas"]["Nonce"];
                /** @description The L1 address to which it withdraws. */
                owner: components["schemas"]["Address"];
                /** @description The account's name in intents, from key and owner. A transfer to the account signs it. */
                recipient: components["schemas"]["ShortDigest"];
                /** @description The largest nonce of its sealed batches: any unused nonce above it is accepted. */
                settled_nonce: components["schemas"]["Nonce"];
                /** @description The amount that an intent can spend now: the open batch's steps count, shares of licenses do not. */
                spendable: components["schemas"]["Nano"];
            }[];
            /** @description Pass it as `cursor` to get the next page; absent on the last page. */
            next_cursor?: string | null;
        };
        /** @description A page of a list. */
        Page_BatchBody: {
            /** @description The items. */
            items: {
                /**
                 * Format: int64
                 * @description Accounts touched.
                 */
                accounts: number;
                block?: components["schemas"]["BlockNumber"] | null;
                /** @description The statement's digest: a leaf of its block's batches root. */
                digest: components["schemas"]["Digest"];
                /**
                 * Format: int64
                 * @description Licenses touched.
                 */
                licenses: number;
                /** @description Its number; the first is 0. */
                number: components["schemas"]["BatchNumber"];
                /**
                 * Format: int64
                 * @description Accounts opened.
                 */
                opened: number;
                /**
                 * Format: int64
                 * @description Bytes of public data.
                 */
                public_data_bytes: number;
                /**
                 * Format: int64
                 * @description L1 queue entries consumed.
                 */
                queue_entries: number;
                /** @description The statement of its proof. */
                statement: components["schemas"]["BatchStatementBody"];
                /** @enum {string} */
                status: "sequenced" | "proven" | "finalized";
                /**
                 * Format: int64
                 * @description Withdrawals made.
                 */
                withdrawals: number;
            }[];
            /** @description Pass it as `cursor` to get the next page; absent on the last page. */
            next_cursor?: string | null;
        };
        /** @description A page of a list. */
        Page_BlockBody: {
            /** @description The items. */
            items: {
                l1?: components["schemas"]["L1Location"] | null;
                /** @description Its number; the first is 1. */
                number: components["schemas"]["BlockNumber"];
                /** @description The statement of its proof, also before the proof is made. */
                statement: components["schemas"]["BlockStatementBody"];
                /** @enum {string} */
                status: "sequenced" | "proven" | "finalized";
            }[];
            /** @description Pass it as `cursor` to get the next page; absent on the last page. */
            next_cursor?: string | null;
        };
        /** @description A page of a list. */
        Page_DeliveryBody: {
            /** @description The items. */
            items: {
                /**
                 * Format: int64
                 * @description The time of the last attempt, in unix seconds.
                 */
                attempted?: number | null;
                /**
                 * Format: int64
                 * @description Number of attempts made.
                 */
                attempts: number;
                /** @description The event's id. */
                event: components["schemas"]["Bytes32"];
                fault?: components["schemas"]["DeliveryFault"] | null;
                /**
                 * Format: int64
                 * @description The time of the next attempt, in unix seconds, if there is one.
                 */
                next_attempt?: number | null;
                /** @description Its state. */
                state: components["schemas"]["DeliveryState"];
                /**
                 * Format: int64
                 * @description The status of the last answer.
                 */
                status?: number | null;
                /** @description The event's type, or `webhook.test`. */
                type: string;
            }[];
            /** @description Pass it as `cursor` to get the next page; absent on the last page. */
            next_cursor?: string | null;
        };
        /** @description A page of a list. */
        Page_LicenseBody: {
            /** @description The items. */
            items: {
                /**
                 * Format: int64
                 * @description The shares, of 1,000,000, that a derivative must leave to this license.
                 * @example 100000
                 */
                derivative_shares: number;
                /**
                 * @description True if a block that holds the license is final on L1: its number can then never pass to another license.
                 *     A payment signs `recipient` too, so it cannot reach another license before that either.
                 */
                finalized: boolean;
                /** @description The holders and their shares; licenses among them are the parents. */
                holders: components["schemas"]["HolderBody"][];
                /**
                 * Format: int64
                 * @description Its number.
                 * @example 3
                 */
                id: number;
                /**
                 * Format: int64
                 * @description The account that alone may pay; null if every account may.
                 * @example 8
                 */
                licensee: number | null;
                /**
                 * Format: int64
                 * @description The account that registered it.
                 * @example 7
                 */
                licensor: number;
                /**
                 * Format: int64
                 * @description 1 + the sum of the parents' lineages.
                 * @example 1
                 */
                lineage: number;
                next?: components["schemas"]["LicenseVersionBody"] | null;
                /** @description Nano-units per use: the price that a payment sent now must have. */
                price: components["schemas"]["Price"];
                /** @description Hash of the manifest, as the licensor last set it. */
                provenance: components["schemas"]["Bytes32"];
                /** @description The total that it has received, modulo 2⁶². */
                received: components["schemas"]["Nano"];
                /** @description The license's name in intents. A payment of it, or a registration that derives from it, signs it. */
                recipient: components["schemas"]["ShortDigest"];
                /** @description Hash of the manifest under which the license was registered: its `recipient` is made of it. */
                registered_provenance: components["schemas"]["Bytes32"];
                /** @description The status: a license that is not active is neither paid nor derived from. */
                status: components["schemas"]["LicenseStatusName"];
                /** @description The amount that is not yet distributed: fewer nano-units than there are holders. */
                vault: components["schemas"]["Nano"];
            }[];
            /** @description Pass it as `cursor` to get the next page; absent on the last page. */
            next_cursor?: string | null;
        };
        /** @description A page of a list. */
        Page_LicenseVersionLineBody: {
            /** @description The items. */
            items: {
                /** @description The batch. */
                batch: components["schemas"]["BatchNumber"];
                /**
                 * Format: int64
                 * @description The shares, of 1,000,000, that a derivative must leave to the license.
                 * @example 100000
                 */
                derivative_shares: number;
                /**
                 * Format: int64
                 * @description The account that alone may pay; null if every account may.
                 * @example 8
                 */
                licensee: number | null;
                /** @description Nano-units per use. */
                price: components["schemas"]["Price"];
                /** @description Hash of the manifest. */
                provenance: components["schemas"]["Bytes32"];
                /** @enum {string} */
                stage: "sequenced" | "proven" | "finalized";
                /** @description The status: a license that is not active is neither paid nor derived from. */
                status: components["schemas"]["LicenseStatusName"];
            }[];
            /** @description Pass it as `cursor` to get the next page; absent on the last page. */
            next_cursor?: string | null;
        };
        /** @description A page of a list. */
        Page_PayoutBody: {
            /** @description The items. */
            items: {
                /** @description Base units of the token. */
                base_units: components["schemas"]["BaseUnits"];
                /** @description The batch that made it. */
                batch: components["schemas"]["BatchNumber"];
                /**
                 * Format: int64
                 * @description The chunk of public data that holds it.
                 */
                chunk: number;
                claim?: components["schemas"]["ClaimBody"] | null;
                /**
                 * Format: int64
                 * @description Its index among the payouts of the batch.
                 */
                index: number;
                /** @description The L1 address that is paid. */
                owner: components["schemas"]["Address"];
                /** @description The reason of the payout. */
                reason: components["schemas"]["PayoutReasonName"];
                /** @enum {string} */
                status: "sequenced" | "proven" | "finalized";
            }[];
            /** @description Pass it as `cursor` to get the next page; absent on the last page. */
            next_cursor?: string | null;
        };
        /** @description The part of a holder. */
        PartBody: {
            /** @description The amount. */
            amount: components["schemas"]["Nano"];
            /** @description The holder. */
            holder: components["schemas"]["HolderName"];
        };
        /** @description A Merkle path. */
        PathBody: {
            /**
             * Format: int64
             * @description The leaf's index. Its lowest bit is the direction at the lowest level.
             */
            index: number;
            /** @description The siblings, from the leaf's own sibling up. */
            siblings: components["schemas"]["Digest"][];
        };
        /** @description A payment to a license. */
        PayBody: {
            /** @description Price × uses. */
            amount: components["schemas"]["Amount"];
            /**
             * Format: int64
             * @description The license paid.
             * @example 3
             */
            license: number;
            /** @description Provenance of the inferences paid for. */
            memo: components["schemas"]["Bytes32"];
            /** @description The license's `recipient`: the payment settles to no other license. */
            recipient: components["schemas"]["ShortDigest"];
            /**
             * Format: int64
             * @description Uses paid for, 1 to 2²³.
             * @example 20
             */
            uses: number;
        };
        /** @description The payments of one account to a license in a batch. */
        PayerBody: {
            /**
             * Format: int64
             * @description The account that paid.
             * @example 8
             */
            account: number;
            /** @description Their sum. */
            amount: components["schemas"]["Nano"];
            /**
             * Format: int64
             * @description The number of its payments.
             */
            payments: number;
            /**
             * Format: int64
             * @description The uses that they paid for.
             */
            uses: number;
        };
        /** @description A payment, as a buyer sends it to a resource server. */
        PaymentPayloadBody: {
            /** @description The requirements that the buyer chose. */
            accepted: components["schemas"]["PaymentRequirementsBody"];
            /** @description Extensions by name; `payment-identifier` is read. */
            extensions?: Record<string, never> | null;
            /** @description The scheme's part, `{"intent": …}`: a signed payment to the license, as `/v1/intents` takes it. */
            payload: Record<string, never>;
            /**
             * Format: int64
             * @description The protocol's version.
             * @example 2
             */
            x402Version: number;
        };
        /** @description The terms of a payment. */
        PaymentRequirementsBody: {
            /**
             * @description Nano-units, in decimal digits.
             * @example 5000
             */
            amount: string;
            /** @description The settlement token's address on L1. */
            asset: string;
            /**
             * @description `resource` binds the payment's memo to a resource; `acceptsRepeats` lets a repeat with the same
             *     payment identifier succeed.
             */
            extra?: Record<string, never> | null;
            /**
             * Format: double
             * @description Seconds that the payment may take.
             * @example 300
             */
            maxTimeoutSeconds: number;
            /**
             * @description `farthing:` and the first 32 hexadecimal digits of the deployment's digest.
             * @example farthing:00112233445566778899aabbccddeeff
             */
            network: string;
            /**
             * @description `license:` and the license's number.
             * @example license:3
             */
            payTo: string;
            /**
             * @description `exact`.
             * @example exact
             */
            scheme: string;
        };
        /** @description A payout: an amount that L1 pays to an owner. */
        PayoutBody: {
            /** @description Base units of the token. */
            base_units: components["schemas"]["BaseUnits"];
            /** @description The batch that made it. */
            batch: components["schemas"]["BatchNumber"];
            /**
             * Format: int64
             * @description The chunk of public data that holds it.
             */
            chunk: number;
            claim?: components["schemas"]["ClaimBody"] | null;
            /**
             * Format: int64
             * @description Its index among the payouts of the batch.
             */
            index: number;
            /** @description The L1 address that is paid. */
            owner: components["schemas"]["Address"];
            /** @description The reason of the payout. */
            reason: components["schemas"]["PayoutReasonName"];
            /** @enum {string} */
            status: "sequenced" | "proven" | "finalized";
        };
        /**
         * @description A withdrawal or a refused deposit that can be claimed. `/v1/owners/{address}/payouts` has the
         *     arguments of the claim.
         */
        PayoutClaimableBody: {
            /** @description Base units of the token. */
            base_units: components["schemas"]["BaseUnits"];
            /** @description The batch that made it. */
            batch: components["schemas"]["BatchNumber"];
            /** @description The block that holds the batch. */
            block: components["schemas"]["BlockNumber"];
            /**
             * Format: int64
             * @description Its index among the payouts of the batch.
             */
            index: number;
            /** @description The L1 address that is paid. */
            owner: components["schemas"]["Address"];
            /** @description The reason of the payout. */
            reason: components["schemas"]["PayoutReasonName"];
        };
        /**
         * @description The reason of a payout.
         * @enum {string}
         */
        PayoutReasonName: "withdrawal" | "refused_deposit";
        /**
         * @description Nano-units per use, less than 2⁴⁰. A decimal string, at most 1099511627775.
         * @example 5000
         */
        Price: string;
        /** @description A problem (RFC 9457), `application/problem+json`. */
        Problem: {
            /** @description The code: stable across versions. */
            code: components["schemas"]["ProblemCode"];
            /** @description The detail of this occurrence. */
            detail?: string | null;
            /** @description The answer's `X-Request-Id`. */
            request_id?: string | null;
            /**
             * Format: int64
             * @description The HTTP status.
             */
            status: number;
            /** @description The same for every occurrence of the code. */
            title: string;
            /** @description The explanation of the code: `/docs#` and the code. */
            type: string;
        };
        /**
         * @description The code of a problem: stable across versions, never used for anything else.
         * @enum {string}
         */
        ProblemCode: "route_not_found" | "invalid_host" | "invalid_request_id" | "method_not_allowed" | "request_timeout" | "body_too_large" | "unsupported_media_type" | "body_unreadable" | "malformed_json" | "invalid_body" | "invalid_path" | "invalid_query" | "invalid_cursor" | "invalid_idempotency_key" | "idempotency_conflict" | "idempotency_unavailable" | "request_not_signed" | "request_stale" | "request_repeated" | "invalid_webhook_url" | "too_many_webhooks" | "webhook_not_found" | "event_not_found" | "too_many_items" | "rate_limited" | "account_quota" | "proofs_behind" | "clock_ahead" | "rollup_late" | "rollup_frozen" | "overloaded" | "not_ready" | "deadline_exceeded" | "effect_unknown" | "internal" | "account_not_found" | "account_not_final" | "license_not_final" | "state_not_kept" | "license_not_found" | "intent_not_found" | "intent_history_unavailable" | "batch_not_found" | "block_not_found" | "proof_not_ready" | "proof_not_kept" | "receipt_not_ready" | "unknown_account" | "intent_dropped" | "invalid_signature" | "invalid_key" | "nonce_used" | "nonce_too_low" | "nonce_undecided" | "nonce_too_high" | "valid_too_long" | "fee_too_low" | "invalid_owner" | "expired" | "unknown_license" | "license_paused" | "not_licensee" | "license_updating" | "not_licensor" | "license_retired" | "amount_too_large" | "amount_mismatch" | "unknown_recipient" | "recipient_changed" | "unknown_parent" | "parent_share_too_small" | "too_many_ancestors" | "wrong_lineage" | "unknown_holder" | "insufficient_funds" | "deposit_cap_reached" | "intent_too_large" | "id_space_exhausted";
        /**
         * @description An L2 public key: five field elements of eight big-endian bytes.
         * @example 0x5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a
         */
        PublicKey: string;
        /**
         * @description The number of an entry in the L1 queue; the first is 0. A decimal string, at most 4611686018427387903.
         * @example 5000
         */
        QueueIndex: string;
        /** @description The shares of a payment, if it were the only one of its batch. */
        QuoteBody: {
            /** @description Price × uses: the `amount` that the payment must have. */
            amount: components["schemas"]["Amount"];
            /** @description The amount that each account receives over all lines, ascending by account. */
            credits: components["schemas"]["CreditBody"][];
            /** @description The least fee that the node asks of a payment. */
            least_fee: components["schemas"]["Fee"];
            /**
             * Format: int64
             * @description The license to be paid.
             * @example 3
             */
            license: number;
            /**
             * Format: int64
             * @description The account that alone may pay; null if every account may.
             * @example 8
             */
            licensee: number | null;
            /** @description The license and its ancestors, the license first. */
            lines: components["schemas"]["QuoteLineBody"][];
            next?: components["schemas"]["LicenseVersionBody"] | null;
            /** @description Nano-units per use. */
            price: components["schemas"]["Price"];
            /** @description The license's name in intents: the `recipient` that the payment must have. */
            recipient: components["schemas"]["ShortDigest"];
            /** @description The status: a license that is not active is not paid. */
            status: components["schemas"]["LicenseStatusName"];
            /**
             * Format: int64
             * @description Uses to be paid for.
             * @example 20
             */
            uses: number;
        };
        /** @description One license of a quote: `vault_before + received = Σ parts + vault_after`. */
        QuoteLineBody: {
            /**
             * Format: int64
             * @description The license.
             * @example 3
             */
            license: number;
            /** @description The part of each holder. */
            parts: components["schemas"]["PartBody"][];
            /** @description The payment, or parts of derivatives. */
            received: components["schemas"]["Nano"];
            /** @description The amount that would stay in the vault. */
            vault_after: components["schemas"]["Nano"];
            /** @description The amount in the vault before. */
            vault_before: components["schemas"]["Nano"];
        };
        /** @description The node accepts intents. A node that does not answers 503 `not_ready`. */
        ReadinessBody: {
            /** @description Always true. */
            ready: boolean;
            /**
             * Format: int64
             * @description Intents for which the sequencer's queue still has room.
             */
            room: number;
        };
        /** @description The block of a receipt. */
        ReceiptBlock: {
            /** @description From the batch's digest up to the batches root. */
            batch_path: components["schemas"]["PathBody"];
            l1?: components["schemas"]["L1Location"] | null;
            /** @description Its number. */
            number: components["schemas"]["BlockNumber"];
            /** @description The statement of the block's proof. */
            statement: components["schemas"]["BlockStatementBody"];
        };
        /** @description A receipt: intent → receipts root → batch statement → batches root → block statement → L1. */
        ReceiptBody: {
            /** @description The statement of the batch's proof. */
            batch: components["schemas"]["BatchStatementBody"];
            block?: components["schemas"]["ReceiptBlock"] | null;
            /**
             * Format: int64
             * @description The chain id of L1.
             */
            chain_id: number;
            /** @description The rollup contract on L1. */
            contract: components["schemas"]["Address"];
            /** @description The intent's id. */
            id: components["schemas"]["IntentId"];
            /** @description The intent that was signed. */
            intent: components["schemas"]["IntentBody"];
            /** @description The key that signed. */
            key: components["schemas"]["PublicKey"];
            /** @description From the intent's challenge up to the receipts root. */
            receipt_path: components["schemas"]["PathBody"];
        };
        /** @description A registration. */
        RegisterLicenseBody: {
            /**
             * Format: int64
             * @description The shares, of 1,000,000, that a derivative must leave to this license.
             * @example 100000
             */
            derivative_shares: number;
            /** @description 1 to 16 holders, accounts first, ascending; 1,000,000 shares in all. */
            holders: components["schemas"]["HolderBody"][];
            /**
             * Format: int64
             * @description 1 + the sum of the parents' lineages.
             * @example 1
             */
            lineage: number;
            /** @description Nano-units per use. */
            price: components["schemas"]["Price"];
            /** @description Hash of the manifest: model version, training-data provenance, terms, content address. */
            provenance: components["schemas"]["Bytes32"];
            /**
             * @description The holder chain over the lines and the holders' `recipient`s: the registration settles with no
             *     other holders.
             */
            recipient: components["schemas"]["ShortDigest"];
        };
        /** @description A request for a webhook. */
        RegisterWebhookBody: {
            /** @description The events that are posted. */
            filter?: components["schemas"]["EventFilterBody"];
            /**
             * @description The URL to which events are posted: `https`, without user, password and fragment. Its host has
             *     public addresses only.
             * @example https://app.example/hook
             */
            url: string;
        };
        /** @description A request to post an event again. */
        ResendBody: {
            /** @description The event's id. */
            event: components["schemas"]["Bytes32"];
        };
        /** @description A request for a new secret. */
        RotateSecretBody: {
            /**
             * Format: int64
             * @description Seconds for which the old secret signs too, at most a week; a day if absent.
             */
            keep_seconds?: number | null;
        };
        /** @description The answer to a request to make a payment. */
        SettleAnswer: {
            /** @description Nano-units paid. */
            amount?: string | null;
            /** @description An explanation of the refusal. */
            errorMessage?: string | null;
            /** @description The reason of a refusal. */
            errorReason?: string | null;
            extra?: components["schemas"]["SettleExtra"] | null;
            /** @description The network. */
            network: string;
            /** @description `account:` and the payer's number. */
            payer?: string | null;
            /** @description True if the resource may be released: once for each payment. */
            success: boolean;
            /** @description The intent's id; empty if it was not accepted. */
            transaction: string;
        };
        /** @description The place of an accepted payment. */
        SettleExtra: {
            /** @description The batch that settles it. */
            batch: components["schemas"]["BatchNumber"];
            /** @description The path of its receipt, once the batch is sealed. */
            receipt: string;
            /** @description True if the payment had been accepted before. */
            repeated: boolean;
            /**
             * @description `accepted`: it is durable and will be settled.
             * @example accepted
             */
            status: string;
        };
        /**
         * @description An account or a license by the name that intents sign: the first three elements of the account's identity or of the license's origin, of eight big-endian bytes each.
         * @example 0x5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a
         */
        ShortDigest: string;
        /**
         * @description A Schnorr signature: the nonce point (40 bytes), then the response (40 bytes).
         * @example 0x5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a
         */
        Signature: string;
        /** @description The status of a node: readiness, progress of its batches, L1 as it sees it. */
        StatusBody: {
            /** @description The progress of the batches. */
            batches: components["schemas"]["LagBody"];
            l1?: components["schemas"]["L1StatusBody"] | null;
            /** @description The reasons why it is not ready; empty if it is. */
            not_ready: components["schemas"]["NotReadyReason"][];
            /** @description True if clients should send intents here. */
            ready: boolean;
            /**
             * Format: int64
             * @description Intents for which the sequencer's queue still has room.
             */
            room: number;
        };
        /** @description Schemes, networks and extensions of a facilitator. */
        SupportedBody: {
            /** @description Extensions that it reads. */
            extensions: string[];
            /** @description Schemes and networks. */
            kinds: components["schemas"]["SupportedKindBody"][];
            /** @description Keys that sign for buyers, by network: none. */
            signers: Record<string, never>;
        };
        /** @description Facts of a deployment that a resource server passes on to buyers. */
        SupportedExtra: {
            asset?: components["schemas"]["Address"] | null;
            /**
             * Format: int64
             * @description The deployment's chain.
             */
            chainId: number;
            /** @description The rollup's contract. */
            contract: components["schemas"]["Address"];
            /**
             * Format: int64
             * @description The decimals of an amount.
             * @example 9
             */
            decimals: number;
            /** @description The least fee of a payment, in nano-units, on top of its amount. */
            leastFee: components["schemas"]["Fee"];
        };
        /** @description A scheme on a network. */
        SupportedKindBody: {
            /** @description Facts of the deployment. */
            extra: components["schemas"]["SupportedExtra"];
            /** @description The network. */
            network: string;
            /**
             * @description The scheme.
             * @example exact
             */
            scheme: string;
            /**
             * Format: int64
             * @description The protocol's version.
             * @example 2
             */
            x402Version: number;
        };
        /** @description A request to post a test event. */
        TestWebhookBody: Record<string, never>;
        /** @description A payment to an account. */
        TransferBody: {
            /** @description The amount that it receives. */
            amount: components["schemas"]["Amount"];
            /** @description The sender's reference. */
            memo: components["schemas"]["Bytes32"];
            /** @description The account's `recipient`: the transfer settles to no other account. */
            recipient: components["schemas"]["ShortDigest"];
            /**
             * Format: int64
             * @description The account credited.
             * @example 8
             */
            to: number;
        };
        /**
         * @description An update of a license by its licensor. It replaces the whole version of the license and counts from
         *     the next batch on: payments of the same batch are at the price before.
         */
        UpdateLicenseBody: {
            /**
             * Format: int64
             * @description The shares, of 1,000,000, that a derivative must leave to this license.
             * @example 100000
             */
            derivative_shares: number;
            /**
             * Format: int64
             * @description The license updated.
             * @example 3
             */
            license: number;
            /**
             * Format: int64
             * @description The account that alone may pay the license; null if every account may.
             * @example 8
             */
            licensee: number | null;
            /** @description Nano-units per use. */
            price: components["schemas"]["Price"];
            /** @description Hash of the manifest: model version, training-data provenance, terms, content address. */
            provenance: components["schemas"]["Bytes32"];
            /** @description The license's `recipient`: no other license is updated. */
            recipient: components["schemas"]["ShortDigest"];
            /**
             * @description The status. A license that is retired never changes again; it has no derivative shares and no
             *     licensee.
             */
            status: components["schemas"]["LicenseStatusName"];
        };
        /** @description The answer to a request to check a payment. */
        VerifyAnswer: {
            /** @description An explanation of the refusal. */
            invalidMessage?: string | null;
            /** @description The reason of a refusal. */
            invalidReason?: string | null;
            /** @description True if it would be accepted now. Nothing is reserved. */
            isValid: boolean;
            /** @description `account:` and the payer's number. */
            payer?: string | null;
        };
        /** @description The program's version and the deployment that it serves. */
        VersionBody: {
            /** @description Rules for intents and for requests for accounts beyond the protocol. */
            admission: components["schemas"]["AdmissionBody"];
            /** @description The name of the class of batches. */
            batch_class: string;
            /**
             * Format: int64
             * @description The chain id of L1.
             */
            chain_id: number;
            /** @description The rollup contract on L1. */
            contract: components["schemas"]["Address"];
            /** @description The domain of signatures: a hash of protocol version, chain id and contract. */
            domain: components["schemas"]["Digest"];
            /** @description Limits of requests. */
            limits: components["schemas"]["LimitsBody"];
            /** @description `farthing`. */
            name: string;
            /**
             * Format: int64
             * @description The version of messages, leaves and statements.
             */
            protocol_version: number;
            /** @description The program's version. */
            version: string;
        };
        /** @description A webhook. */
        WebhookBody: {
            /**
             * Format: int64
             * @description The account that registered it.
             * @example 7
             */
            account: number;
            /**
             * Format: int64
             * @description Unix seconds of its registration. Events from then on are posted.
             */
            created: number;
            /** @description The events that are posted. */
            filter: components["schemas"]["EventFilterBody"];
            /** @description Its name. */
            id: components["schemas"]["Bytes32"];
            /**
             * Format: int64
             * @description Events that the URL has not yet answered.
             */
            pending: number;
            /**
             * Format: int64
             * @description Number of secrets that sign: two while one replaces the other.
             */
            secrets: number;
            /** @description The URL to which events are posted. */
            url: string;
        };
        /** @description The webhooks of an account. */
        WebhookList: {
            /** @description All of them. */
            items: components["schemas"]["WebhookBody"][];
        };
        /** @description A webhook and its new secret, which no later answer shows. */
        WebhookSecretBody: {
            /** @description The secret that signs the posted events. */
            secret: string;
            /** @description The webhook. */
            webhook: components["schemas"]["WebhookBody"];
        };
        /** @description A withdrawal to L1. */
        WithdrawBody: {
            /** @description A multiple of 1,000 nano, not 0. */
            amount: components["schemas"]["Amount"];
            /** @description The owner's reference. */
            memo: components["schemas"]["Bytes32"];
        };
        /** @description A payment, and what the resource server asks for. */
        X402Request: {
            /** @description The payment, as the buyer sent it. */
            paymentPayload: components["schemas"]["PaymentPayloadBody"];
            /** @description The requirements, by the resource server. */
            paymentRequirements: components["schemas"]["PaymentRequirementsBody"];
            /**
             * Format: int64
             * @description The protocol's version.
             * @example 2
             */
            x402Version: number;
        };
    };
    responses: {
        /** @description A problem: invalid_host, invalid_request_id, body_unreadable, malformed_json, invalid_path, invalid_query, invalid_cursor, invalid_idempotency_key, request_not_signed */
        Problem400: {
            headers: {
                /** @description The request's id */
                "X-Request-Id"?: string;
                /** @description `true` if the same request may be sent again later: it takes effect once */
                "X-Should-Retry"?: "false";
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "code": "invalid_host",
                 *       "status": 400,
                 *       "title": "The request must carry one Host header, and carries none or several.",
                 *       "type": "/docs#invalid_host"
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A problem: not_licensee, not_licensor */
        Problem403: {
            headers: {
                /** @description The request's id */
                "X-Request-Id"?: string;
                /** @description `true` if the same request may be sent again later: it takes effect once */
                "X-Should-Retry"?: "false";
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "code": "not_licensee",
                 *       "status": 403,
                 *       "title": "Another account alone may pay the license; nothing derives from it.",
                 *       "type": "/docs#not_licensee"
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A problem: route_not_found, webhook_not_found, event_not_found, account_not_found, state_not_kept, license_not_found, intent_not_found, intent_history_unavailable, batch_not_found, block_not_found, proof_not_kept */
        Problem404: {
            headers: {
                /** @description The request's id */
                "X-Request-Id"?: string;
                /** @description `true` if the same request may be sent again later: it takes effect once */
                "X-Should-Retry"?: "false";
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "code": "route_not_found",
                 *       "status": 404,
                 *       "title": "There is no such route.",
                 *       "type": "/docs#route_not_found"
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A problem: method_not_allowed */
        Problem405: {
            headers: {
                /** @description The methods of the route */
                Allow?: string;
                /** @description The request's id */
                "X-Request-Id"?: string;
                /** @description `true` if the same request may be sent again later: it takes effect once */
                "X-Should-Retry"?: "false";
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "code": "method_not_allowed",
                 *       "status": 405,
                 *       "title": "The route has no such method.",
                 *       "type": "/docs#method_not_allowed"
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A problem: request_timeout */
        Problem408: {
            headers: {
                /** @description Seconds to wait before the next try */
                "Retry-After"?: number;
                /** @description The request's id */
                "X-Request-Id"?: string;
                /** @description `true` if the same request may be sent again later: it takes effect once */
                "X-Should-Retry"?: "true";
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "code": "request_timeout",
                 *       "status": 408,
                 *       "title": "The body did not arrive in time.",
                 *       "type": "/docs#request_timeout"
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A problem: idempotency_conflict, request_repeated, too_many_webhooks, account_not_final, license_not_final, proof_not_ready, receipt_not_ready, intent_dropped, nonce_used, nonce_too_low, nonce_undecided, license_paused, license_updating, license_retired */
        Problem409: {
            headers: {
                /** @description Seconds to wait before the next try */
                "Retry-After"?: number;
                /** @description The request's id */
                "X-Request-Id"?: string;
                /** @description `true` if the same request may be sent again later: it takes effect once */
                "X-Should-Retry"?: "true" | "false";
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "code": "idempotency_conflict",
                 *       "status": 409,
                 *       "title": "The Idempotency-Key was used with another body, and that request took effect.",
                 *       "type": "/docs#idempotency_conflict"
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A problem: body_too_large */
        Problem413: {
            headers: {
                /** @description The request's id */
                "X-Request-Id"?: string;
                /** @description `true` if the same request may be sent again later: it takes effect once */
                "X-Should-Retry"?: "false";
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "code": "body_too_large",
                 *       "status": 413,
                 *       "title": "The body is larger than the limit.",
                 *       "type": "/docs#body_too_large"
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A problem: unsupported_media_type */
        Problem415: {
            headers: {
                /** @description The request's id */
                "X-Request-Id"?: string;
                /** @description `true` if the same request may be sent again later: it takes effect once */
                "X-Should-Retry"?: "false";
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "code": "unsupported_media_type",
                 *       "status": 415,
                 *       "title": "The body is not application/json in UTF-8 without a content encoding.",
                 *       "type": "/docs#unsupported_media_type"
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A problem: invalid_body, request_stale, invalid_webhook_url, too_many_items, unknown_account, invalid_signature, invalid_key, nonce_too_high, valid_too_long, fee_too_low, invalid_owner, expired, unknown_license, amount_too_large, amount_mismatch, unknown_recipient, recipient_changed, unknown_parent, parent_share_too_small, too_many_ancestors, wrong_lineage, unknown_holder, insufficient_funds, deposit_cap_reached, intent_too_large, id_space_exhausted */
        Problem422: {
            headers: {
                /** @description The request's id */
                "X-Request-Id"?: string;
                /** @description `true` if the same request may be sent again later: it takes effect once */
                "X-Should-Retry"?: "false";
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "code": "invalid_body",
                 *       "status": 422,
                 *       "title": "The body is JSON, but does not match the schema of the route.",
                 *       "type": "/docs#invalid_body"
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A problem: rate_limited, account_quota */
        Problem429: {
            headers: {
                /** @description Seconds to wait before the next try */
                "Retry-After"?: number;
                /** @description The request's id */
                "X-Request-Id"?: string;
                /** @description `true` if the same request may be sent again later: it takes effect once */
                "X-Should-Retry"?: "true";
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "code": "rate_limited",
                 *       "status": 429,
                 *       "title": "Too many requests from this address.",
                 *       "type": "/docs#rate_limited"
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A problem: effect_unknown, internal */
        Problem500: {
            headers: {
                /** @description Seconds to wait before the next try */
                "Retry-After"?: number;
                /** @description The request's id */
                "X-Request-Id"?: string;
                /** @description `true` if the same request may be sent again later: it takes effect once */
                "X-Should-Retry"?: "true" | "false";
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "code": "effect_unknown",
                 *       "status": 500,
                 *       "title": "The node failed while it worked on the request: whether it took effect is not known.",
                 *       "type": "/docs#effect_unknown"
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A problem: idempotency_unavailable, proofs_behind, clock_ahead, rollup_late, rollup_frozen, overloaded, not_ready */
        Problem503: {
            headers: {
                /** @description Seconds to wait before the next try */
                "Retry-After"?: number;
                /** @description The request's id */
                "X-Request-Id"?: string;
                /** @description `true` if the same request may be sent again later: it takes effect once */
                "X-Should-Retry"?: "true" | "false";
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "code": "idempotency_unavailable",
                 *       "status": 503,
                 *       "title": "The node cannot store Idempotency-Keys now: the request had no effect.",
                 *       "type": "/docs#idempotency_unavailable"
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A problem: deadline_exceeded */
        Problem504: {
            headers: {
                /** @description Seconds to wait before the next try */
                "Retry-After"?: number;
                /** @description The request's id */
                "X-Request-Id"?: string;
                /** @description `true` if the same request may be sent again later: it takes effect once */
                "X-Should-Retry"?: "true";
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "code": "deadline_exceeded",
                 *       "status": 504,
                 *       "title": "The node did not answer in time: whether the request took effect is not known.",
                 *       "type": "/docs#deadline_exceeded"
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    get_docs: {
        parameters: {
            query?: never;
            header?: {
                /** @description An id for the request, returned in the answer: 1 to 64 visible ASCII characters; any other is refused. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The page */
            200: {
                headers: {
                    /** @description The request's id */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            400: components["responses"]["Problem400"];
            405: components["responses"]["Problem405"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    get_livez: {
        parameters: {
            query?: never;
            header?: {
                /** @description An id for the request, returned in the answer: 1 to 64 visible ASCII characters; any other is refused. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The process runs */
            200: {
                headers: {
                    /** @description The request's id */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LivenessBody"];
                };
            };
            400: components["responses"]["Problem400"];
            405: components["responses"]["Problem405"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    get_metrics: {
        parameters: {
            query?: never;
            header?: {
                /** @description An id for the request, returned in the answer: 1 to 64 visible ASCII characters; any other is refused. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OpenMetrics text */
            200: {
                headers: {
                    /** @description The request's id */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/openmetrics-text": string;
                };
            };
            400: components["responses"]["Problem400"];
            405: components["responses"]["Problem405"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    get_openapi_json: {
        parameters: {
            query?: never;
            header?: {
                /** @description An id for the request, returned in the answer: 1 to 64 visible ASCII characters; any other is refused. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The document */
            200: {
                headers: {
                    /** @description The request's id */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            400: components["responses"]["Problem400"];
            405: components["responses"]["Problem405"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    get_readyz: {
        parameters: {
            query?: never;
            header?: {
                /** @description An id for the request, returned in the answer: 1 to 64 visible ASCII characters; any other is refused. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The node accepts intents */
            200: {
                headers: {
                    /** @description The request's id */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReadinessBody"];
                };
            };
            400: components["responses"]["Problem400"];
            405: components["responses"]["Problem405"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    get_accounts: {
        parameters: {
            query?: {
                /** @description With `owner` */
                key?: components["schemas"]["PublicKey"];
                /** @description With `key` */
                owner?: components["schemas"]["Address"];
                /** @description `next_cursor` of the previous page. It does not expire: it names a position */
                cursor?: string;
                /** @description The most items of the page, 50 if absent */
                limit?: number;
            };
            header?: {
                /** @description An id for the request, returned in the answer: 1 to 64 visible ASCII characters; any other is refused. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of accounts */
            200: {
                headers: {
                    /** @description The request's id */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_AccountBody"];
                };
            };
            400: components["responses"]["Problem400"];
            405: components["responses"]["Problem405"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    post_accounts: {
        parameters: {
            query?: never;
            header?: {
                /** @description 1 to 128 visible ASCII characters, kept for a day. A key belongs to a route and to the accounts that sign the body (for an account to be opened: its key and owner). Once a request took effect, the same key and body replay its answer, with the header Idempotency-Replayed, and another body is refused; bodies are compared byte by byte. A request that is refused leaves its key free. */
                "Idempotency-Key"?: string;
                /** @description An id for the request, returned in the answer: 1 to 64 visible ASCII characters; any other is refused. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "key": "0x9eedd87b13cf696b52b5c614709776a60ca07287aa35eb8e2a01833270a2b3ee6bed89f747c336c7",
                 *       "owner": "0x1111111111111111111111111111111111111111",
                 *       "signature": "0x5e53c946ea6e6425a9aca00e55dc72358406b79ced3317b0635bee43ba7a50e10f49a9aa54351c561ce62b98a4101e32bc6c9f4b52b1c23cea499c663b71c45d4e0019a73bbaddf4b5e3ea9b62c369f5"
                 *     }
                 */
                "application/json": components["schemas"]["OpenAccountBody"];
            };
        };
        responses: {
            /** @description Had been opened before */
            200: {
                headers: {
                    /** @description Present if the answer is the stored one of an earlier request with the same key */
                    "Idempotency-Replayed"?: "true";
                    /** @description The request's id */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountOpened"];
                };
            };
            /** @description Opened */
            201: {
                headers: {
                    /** @description Present if the answer is the stored one of an earlier request with the same key */
                    "Idempotency-Replayed"?: "true";
                    /** @description The request's id */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountOpened"];
                };
            };
            400: components["responses"]["Problem400"];
            405: components["responses"]["Problem405"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    get_accounts_id: {
        parameters: {
            query?: never;
            header?: {
                /** @description An id for the request, returned in the answer: 1 to 64 visible ASCII characters; any other is refused. */
                "X-Request-Id"?: string;
            };
            path: {
                /** @description The account's number */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The account */
            200: {
                headers: {
                    /** @description The request's id */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountBody"];
                };
            };
            400: components["responses"]["Problem400"];
            404: components["responses"]["Problem404"];
            405: components["responses"]["Problem405"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    get_accounts_id_earnings: {
        parameters: {
            query?: {
                /** @description Unix seconds: batches of this time and later ones */
                from?: number;
                /** @description Unix seconds: batches before this time */
                to?: number;
                /** @description The form of the answer; if absent, CSV if `Accept` names it and not JSON */
                format?: "json" | "csv";
                /** @description `next_cursor` of the previous page. It does not expire: it names a position */
                cursor?: string;
                /** @description The most items of the page, 50 if absent */
                limit?: number;
            };
            header?: {
                /** @description An id for the request, returned in the answer: 1 to 64 visible ASCII characters; any other is refused. */
                "X-Request-Id"?: string;
            };
            path: {
                /** @description The account's number */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of lines */
            200: {
                headers: {
                    /** @description The request's id */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountEarningsPage"];
                    "text/csv": string;
                };
            };
            400: components["responses"]["Problem400"];
            404: components["responses"]["Problem404"];
            405: components["responses"]["Problem405"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    get_accounts_id_proof: {
        parameters: {
            query?: never;
            header?: {
                /** @description An id for the request, returned in the answer: 1 to 64 visible ASCII characters; any other is refused. */
                "X-Request-Id"?: string;
            };
            path: {
                /** @description The account's number */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The account and its path */
            200: {
                headers: {
                    /** @description The request's id */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "balance": "0",
                     *       "chain_id": 1,
                     *       "contract": "0x2222222222222222222222222222222222222222",
                     *       "id": 0,
                     *       "key": "0x9eedd87b13cf696b52b5c614709776a60ca07287aa35eb8e2a01833270a2b3ee6bed89f747c336c7",
                     *       "licenses_root": "0x67ee9f3c62f968c4f00c80b7295937327fe66eb7c570a24f7ea3069a9803d86c",
                     *       "nonce": "0",
                     *       "owner": "0x1111111111111111111111111111111111111111",
                     *       "siblings": [
                     *         "0x0000000000000000000000000000000000000000000000000000000000000000",
                     *         "0x5b31a8b9799ff836e385174fe60f4b08e82c6be88d50767c2778f3b6a18981e2",
                     *         "0xe0c4c734868c11c6ee1f9ed1da44805019fd124dd8f24870cdd77f41d7deff73",
                     *         "0xfbc3edafb6c813b935d8cfadb189f5af9cc65f5d198e28f114a74616a8e04623",
                     *         "0xbf7073e84f3cddea60f7c5ee9b3d932e31d73e322198371f8d5346bb34751ac8",
                     *         "0x993bdf8dfa6a1edc2ea3c247340dba0e7c2e1f1fc79e2f218f42990e74d5d817",
                     *         "0x8d530c37efa3e5b437f32d830f306f6b9601886ad81156707d80f7f8d5c63a62",
                     *         "0xb871e32185a9f3e927504edc7ae3fd79f7b9c0133737c08cfc50ceef9c615643",
                     *         "0xdaf329acf17f93134c71884a628539e4882aca9fdb79254f6ddd1c729017bf62",
                     *         "0xb9d89de99096f8ab3ffeec3e3a0c7d2605883a69fee8236c2d9034ca2df17a19",
                     *         "0x1201c4524996115f298b7361e465e677b5606ebdc0b21687f76a4fb8c47d213d",
                     *         "0x675dd7d25620bde1f1315af5fa0fdc97ec342842c30d7f4409907b3a3d77cbb9",
                     *         "0xaa97020f9a848d8fd19e3d9a74691527b6031c44189c6601b55918234e061ee0",
                     *         "0x3a9e36c9855dae83b7d8df3d2fdfc3cd36f699d93e940b30bcad4890a9a4f9e2",
                     *         "0x6b762dd088805b0169f8c41ca96e2d1065facc7fe98db5218e520142fc2b93cd",
                     *         "0xcd84755676b282a16be2b9eeceefdcf56330de9426d1ffc0669dee285bf50868",
                     *         "0xb8df5b247fd4dba9e5b3b8b8280421dbde35f32fe39ae8f63a52c20200b3e702",
                     *         "0xc71c12484b9a29e852ba25685e80757d7aec2a9d6afc3abb9369baf4a41c91ff",
                     *         "0x2547ce4b049c50c4cee6d1972a3673b590783afc4609b5ec89edcabb4405e9eb",
                     *         "0xd104cc98855f0782f132ef3e1c524ce4864ae826c01eafd47bf085d210e943b8",
                     *         "0xe795cf57d11db27f2cb18688e05bee759053996e66be08c75c4a7af36aeda2a6",
                     *         "0x83dbe82a80826195c34b1ff758f368ab32be0ec28cd358d42c17f4ce7b7d2c5f",
                     *         "0xf61249b1f1bfe39ccc8677045409f1ce5f9c5495d5d927c40e5a2880b78e5dad",
                     *         "0x3150518851b78b428fdf76effe34149f4b15085fd8ffda6d351a1eb1cca3bc29",
                     *         "0xdbdb8aa056a94d1f2f56fa5a63f2908f85867da0a35026c3b38df4dd02aa42d6",
                     *         "0x19a33afa6ed1163f0e814e995a9e1eab43224eebc470703fdc75121ef0b93a68",
                     *         "0xbd938e79c6cd6c292156b7c66b5c09cb73b98936bf8bacd38ec375b7b5325a23",
                     *         "0xa184a7960e40c822e03a49f3080429481749bfbf216b538b26fad80a8da486b1",
                     *         "0x775920b95e7970b7f9332431a4cc3253bba433c4d80ec75c3fb3215e800c349d",
                     *         "0xcffc94c55d0d6e56e9d3712ac7b6861362480bf5b986f2e33bcc8d7b5eae8efb",
                     *         "0x1ba95e067e6c00084a77f23e46b4cddfeb0e31fee924bfb50c85ab57bd415e0a",
                     *         "0x428450f886f972d04328af23a159c7a363071f75da7753cc950419829efc0e10"
                     *       ],
                     *       "state_root": "0x5350ddb5f711e488509fef947733b8866be3fd39c92cc66ef654553fb6558dc9"
                     *     }
                     */
                    "application/json": components["schemas"]["AccountProofBody"];
                };
            };
            400: components["responses"]["Problem400"];
            404: components["responses"]["Problem404"];
            405: components["responses"]["Problem405"];
            409: components["responses"]["Problem409"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    get_batches: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the previous page. It does not expire: it names a position */
                cursor?: string;
                /** @description The most items of the page, 50 if absent */
                limit?: number;
            };
            header?: {
                /** @description An id for the request, returned in the answer: 1 to 64 visible ASCII characters; any other is refused. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of batches */
            200: {
                headers: {
                    /** @description The request's id */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_BatchBody"];
                };
            };
            400: components["responses"]["Problem400"];
            405: components["responses"]["Problem405"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    get_batches_number: {
        parameters: {
            query?: never;
            header?: {
                /** @description An id for the request, returned in the answer: 1 to 64 visible ASCII characters; any other is refused. */
                "X-Request-Id"?: string;
            };
            path: {
                /** @description The batch's number; the first is 0 */
                number: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The batch */
            200: {
                headers: {
                    /** @description The request's id */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BatchBody"];
                };
            };
            400: components["responses"]["Problem400"];
            404: components["responses"]["Problem404"];
            405: components["responses"]["Problem405"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    get_blocks: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the previous page. It does not expire: it names a position */
                cursor?: string;
                /** @description The most items of the page, 50 if absent */
                limit?: number;
            };
            header?: {
                /** @description An id for the request, returned in the answer: 1 to 64 visible ASCII characters; any other is refused. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of blocks */
            200: {
                headers: {
                    /** @description The request's id */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_BlockBody"];
                };
            };
            400: components["responses"]["Problem400"];
            405: components["responses"]["Problem405"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    get_blocks_number: {
        parameters: {
            query?: never;
            header?: {
                /** @description An id for the request, returned in the answer: 1 to 64 visible ASCII characters; any other is refused. */
                "X-Request-Id"?: string;
            };
            path: {
                /** @description The block's number; the first is 1 */
                number: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The block */
            200: {
                headers: {
                    /** @description The request's id */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BlockBody"];
                };
            };
            400: components["responses"]["Problem400"];
            404: components["responses"]["Problem404"];
            405: components["responses"]["Problem405"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    get_blocks_number_proof: {
        parameters: {
            query?: never;
            header?: {
                /** @description An id for the request, returned in the answer: 1 to 64 visible ASCII characters; any other is refused. */
                "X-Request-Id"?: string;
            };
            path: {
                /** @description The block's number; the first is 1 */
                number: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Statement and proof */
            200: {
                headers: {
                    /** @description The request's id */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BlockProofBody"];
                };
            };
            400: components["responses"]["Problem400"];
            404: components["responses"]["Problem404"];
            405: components["responses"]["Problem405"];
            409: components["responses"]["Problem409"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    get_events: {
        parameters: {
            query?: {
                /** @description Only events that pay this account: licenses in which it holds shares, payouts of its owner */
                account?: number;
                /** @description Only payments and updates of this license */
                license?: number;
                /** @description Only steps of this block and payouts in it */
                block?: number;
                /** @description Only these types, separated by commas */
                types?: string;
                /** @description The id after which the stream begins, or `start`; `Last-Event-ID` takes precedence */
                after?: string;
            };
            header?: {
                /** @description The id of the last event that the client has seen */
                "Last-Event-ID"?: string | null;
                /** @description An id for the request, returned in the answer: 1 to 64 visible ASCII characters; any other is refused. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Events. `event` is the type, `data` the event as JSON; an event without data is a keep-alive, and its id counts too */
            200: {
                headers: {
                    /** @description The request's id */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["EventBody"];
                };
            };
            400: components["responses"]["Problem400"];
            404: components["responses"]["Problem404"];
            405: components["responses"]["Problem405"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    post_intents: {
        parameters: {
            query?: never;
            header?: {
                /** @description 1 to 128 visible ASCII characters, kept for a day. A key belongs to a route and to the accounts that sign the body (for an account to be opened: its key and owner). Once a request took effect, the same key and body replay its answer, with the header Idempotency-Replayed, and another body is refused; bodies are compared byte by byte. A request that is refused leaves its key free. */
                "Idempotency-Key"?: string;
                /** @description An id for the request, returned in the answer: 1 to 64 visible ASCII characters; any other is refused. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "account": 7,
                 *       "fee": "0",
                 *       "nonce": "1700000000000000",
                 *       "operation": {
                 *         "pay": {
                 *           "amount": "5000",
                 *           "license": 3,
                 *           "memo": "0x5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a",
                 *           "recipient": "0x093bb3b0be97c6a0d4a7e576771154d5a4dbd5061fa34f6b",
                 *           "uses": 20
                 *         }
                 *       },
                 *       "signature": "0xbec0ff30bedf97e67f05d06431bb58475324693506ea3f3f8b5d3d560a92136252795443f5bb6908248814cec07aec1885ebc992616bb995a9fdaf0bafa3f94812089f52e1cd2ba6d951c55feb9c5d0b",
                 *       "valid_until": 1800000000
                 *     }
                 */
                "application/json": components["schemas"]["IntentBody"];
            };
        };
        responses: {
            /** @description Had been accepted before */
            200: {
                headers: {
                    /** @description Present if the answer is the stored one of an earlier request with the same key */
                    "Idempotency-Replayed"?: "true";
                    /** @description The request's id */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IntentAccepted"];
                };
            };
            /** @description Accepted */
            201: {
                headers: {
                    /** @description Present if the answer is the stored one of an earlier request with the same key */
                    "Idempotency-Replayed"?: "true";
                    /** @description The request's id */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IntentAccepted"];
                };
            };
            400: components["responses"]["Problem400"];
            405: components["responses"]["Problem405"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    post_intents_batch: {
        parameters: {
            query?: never;
            header?: {
                /** @description 1 to 128 visible ASCII characters, kept for a day. A key belongs to a route and to the accounts that sign the body (for an account to be opened: its key and owner). Once a request took effect, the same key and body replay its answer, with the header Idempotency-Replayed, and another body is refused; bodies are compared byte by byte. A request that is refused leaves its key free. */
                "Idempotency-Key"?: string;
                /** @description An id for the request, returned in the answer: 1 to 64 visible ASCII characters; any other is refused. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "intents": [
                 *         {
                 *           "account": 7,
                 *           "fee": "0",
                 *           "nonce": "1700000000000000",
                 *           "operation": {
                 *             "pay": {
                 *               "amount": "5000",
                 *               "license": 3,
                 *               "memo": "0x5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a",
                 *               "recipient": "0x093bb3b0be97c6a0d4a7e576771154d5a4dbd5061fa34f6b",
                 *               "uses": 20
                 *             }
                 *           },
                 *           "signature": "0xbec0ff30bedf97e67f05d06431bb58475324693506ea3f3f8b5d3d560a92136252795443f5bb6908248814cec07aec1885ebc992616bb995a9fdaf0bafa3f94812089f52e1cd2ba6d951c55feb9c5d0b",
                 *           "valid_until": 1800000000
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["IntentBatch"];
            };
        };
        responses: {
            /** @description One result for each intent */
            200: {
                headers: {
                    /** @description Present if the answer is the stored one of an earlier request with the same key */
                    "Idempotency-Replayed"?: "true";
                    /** @description The request's id */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IntentBatchAnswer"];
                };
            };
            400: components["responses"]["Problem400"];
            405: components["responses"]["Problem405"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    get_intents_id: {
        parameters: {
            query?: {
                /** @description Seconds to wait, at most 30 */
                wait?: number;
                /** @description The stage to wait for; the next one if absent */
                until?: "accepted" | "sequenced" | "proven" | "finalized";
            };
            header?: {
                /** @description An id for the request, returned in the answer: 1 to 64 visible ASCII characters; any other is refused. */
                "X-Request-Id"?: string;
            };
            path: {
                /** @description The intent's id */
                id: components["schemas"]["IntentId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The intent's stage */
            200: {
                headers: {
                    /** @description The request's id */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IntentStatus"];
                };
            };
            400: components["responses"]["Problem400"];
            404: components["responses"]["Problem404"];
            405: components["responses"]["Problem405"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    get_intents_id_receipt: {
        parameters: {
            query?: never;
            header?: {
                /** @description An id for the request, returned in the answer: 1 to 64 visible ASCII characters; any other is refused. */
                "X-Request-Id"?: string;
            };
            path: {
                /** @description The intent's id */
                id: components["schemas"]["IntentId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The receipt */
            200: {
                headers: {
                    /** @description The request's id */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReceiptBody"];
                };
            };
            400: components["responses"]["Problem400"];
            404: components["responses"]["Problem404"];
            405: components["responses"]["Problem405"];
            409: components["responses"]["Problem409"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    get_licenses: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the previous page. It does not expire: it names a position */
                cursor?: string;
                /** @description The most items of the page, 50 if absent */
                limit?: number;
            };
            header?: {
                /** @description An id for the request, returned in the answer: 1 to 64 visible ASCII characters; any other is refused. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of licenses */
            200: {
                headers: {
                    /** @description The request's id */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_LicenseBody"];
                };
            };
            400: components["responses"]["Problem400"];
            405: components["responses"]["Problem405"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    get_licenses_id: {
        parameters: {
            query?: never;
            header?: {
                /** @description An id for the request, returned in the answer: 1 to 64 visible ASCII characters; any other is refused. */
                "X-Request-Id"?: string;
            };
            path: {
                /** @description The license's number */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The license */
            200: {
                headers: {
                    /** @description The request's id */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LicenseBody"];
                };
            };
            400: components["responses"]["Problem400"];
            404: components["responses"]["Problem404"];
            405: components["responses"]["Problem405"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    get_licenses_id_earnings: {
        parameters: {
            query?: {
                /** @description Unix seconds: batches of this time and later ones */
                from?: number;
                /** @description Unix seconds: batches before this time */
                to?: number;
                /** @description The form of the answer; if absent, CSV if `Accept` names it and not JSON */
                format?: "json" | "csv";
                /** @description `next_cursor` of the previous page. It does not expire: it names a position */
                cursor?: string;
                /** @description The most items of the page, 50 if absent */
                limit?: number;
            };
            header?: {
                /** @description An id for the request, returned in the answer: 1 to 64 visible ASCII characters; any other is refused. */
                "X-Request-Id"?: string;
            };
            path: {
                /** @description The license's number */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of lines */
            200: {
                headers: {
                    /** @description The request's id */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EarningsPage"];
                    "text/csv": string;
                };
            };
            400: components["responses"]["Problem400"];
            404: components["responses"]["Problem404"];
            405: components["responses"]["Problem405"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    get_licenses_id_proof: {
        parameters: {
            query?: {
                /** @description The batch; the last final one if absent */
                batch?: number;
            };
            header?: {
                /** @description An id for the request, returned in the answer: 1 to 64 visible ASCII characters; any other is refused. */
                "X-Request-Id"?: string;
            };
            path: {
                /** @description The license's number */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The license and its path */
            200: {
                headers: {
                    /** @description The request's id */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LicenseOpeningBody"];
                };
            };
            400: components["responses"]["Problem400"];
            404: components["responses"]["Problem404"];
            405: components["responses"]["Problem405"];
            409: components["responses"]["Problem409"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    get_licenses_id_quote: {
        parameters: {
            query: {
                /** @description Uses to be paid for, 1 to 8388608 */
                uses: number;
            };
            header?: {
                /** @description An id for the request, returned in the answer: 1 to 64 visible ASCII characters; any other is refused. */
                "X-Request-Id"?: string;
            };
            path: {
                /** @description The license's number */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The quote */
            200: {
                headers: {
                    /** @description The request's id */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QuoteBody"];
                };
            };
            400: components["responses"]["Problem400"];
            404: components["responses"]["Problem404"];
            405: components["responses"]["Problem405"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    get_licenses_id_versions: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the previous page. It does not expire: it names a position */
                cursor?: string;
                /** @description The most items of the page, 50 if absent */
                limit?: number;
            };
            header?: {
                /** @description An id for the request, returned in the answer: 1 to 64 visible ASCII characters; any other is refused. */
                "X-Request-Id"?: string;
            };
            path: {
                /** @description The license's number */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of versions */
            200: {
                headers: {
                    /** @description The request's id */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_LicenseVersionLineBody"];
                };
            };
            400: components["responses"]["Problem400"];
            404: components["responses"]["Problem404"];
            405: components["responses"]["Problem405"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    get_owners_address_payouts: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the previous page. It does not expire: it names a position */
                cursor?: string;
                /** @description The most items of the page, 50 if absent */
                limit?: number;
            };
            header?: {
                /** @description An id for the request, returned in the answer: 1 to 64 visible ASCII characters; any other is refused. */
                "X-Request-Id"?: string;
            };
            path: {
                /** @description The owner's L1 address */
                address: components["schemas"]["Address"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of payouts */
            200: {
                headers: {
                    /** @description The request's id */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_PayoutBody"];
                };
            };
            400: components["responses"]["Problem400"];
            404: components["responses"]["Problem404"];
            405: components["responses"]["Problem405"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    get_status: {
        parameters: {
            query?: never;
            header?: {
                /** @description An id for the request, returned in the answer: 1 to 64 visible ASCII characters; any other is refused. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Status */
            200: {
                headers: {
                    /** @description The request's id */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StatusBody"];
                };
            };
            400: components["responses"]["Problem400"];
            405: components["responses"]["Problem405"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    get_webhooks: {
        parameters: {
            query?: never;
            header: {
                /** @description `account=…,t=…,s=0x…`: the account, unix seconds, and the signature of the account's key (SPEC, section 9) for method, target and body. The time is within five minutes of the node's clock, and a request that changes something is done once. */
                "Farthing-Signature": string;
                /** @description An id for the request, returned in the answer: 1 to 64 visible ASCII characters; any other is refused. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The webhooks */
            200: {
                headers: {
                    /** @description The request's id */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookList"];
                };
            };
            400: components["responses"]["Problem400"];
            405: components["responses"]["Problem405"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    post_webhooks: {
        parameters: {
            query?: never;
            header: {
                /** @description `account=…,t=…,s=0x…`: the account, unix seconds, and the signature of the account's key (SPEC, section 9) for method, target and body. The time is within five minutes of the node's clock, and a request that changes something is done once. */
                "Farthing-Signature": string;
                /** @description An id for the request, returned in the answer: 1 to 64 visible ASCII characters; any other is refused. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RegisterWebhookBody"];
            };
        };
        responses: {
            /** @description Registered */
            201: {
                headers: {
                    /** @description The request's id */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookSecretBody"];
                };
            };
            400: components["responses"]["Problem400"];
            404: components["responses"]["Problem404"];
            405: components["responses"]["Problem405"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    get_webhooks_id: {
        parameters: {
            query?: never;
            header: {
                /** @description `account=…,t=…,s=0x…`: the account, unix seconds, and the signature of the account's key (SPEC, section 9) for method, target and body. The time is within five minutes of the node's clock, and a request that changes something is done once. */
                "Farthing-Signature": string;
                /** @description An id for the request, returned in the answer: 1 to 64 visible ASCII characters; any other is refused. */
                "X-Request-Id"?: string;
            };
            path: {
                /** @description The webhook's id */
                id: components["schemas"]["Bytes32"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The webhook */
            200: {
                headers: {
                    /** @description The request's id */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookBody"];
                };
            };
            400: components["responses"]["Problem400"];
            404: components["responses"]["Problem404"];
            405: components["responses"]["Problem405"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    delete_webhooks_id: {
        parameters: {
            query?: never;
            header: {
                /** @description `account=…,t=…,s=0x…`: the account, unix seconds, and the signature of the account's key (SPEC, section 9) for method, target and body. The time is within five minutes of the node's clock, and a request that changes something is done once. */
                "Farthing-Signature": string;
                /** @description An id for the request, returned in the answer: 1 to 64 visible ASCII characters; any other is refused. */
                "X-Request-Id"?: string;
            };
            path: {
                /** @description The webhook's id */
                id: components["schemas"]["Bytes32"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The deleted webhook */
            200: {
                headers: {
                    /** @description The request's id */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookBody"];
                };
            };
            400: components["responses"]["Problem400"];
            404: components["responses"]["Problem404"];
            405: components["responses"]["Problem405"];
            409: components["responses"]["Problem409"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    get_webhooks_id_deliveries: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the previous page. It does not expire: it names a position */
                cursor?: string;
                /** @description The most items of the page, 50 if absent */
                limit?: number;
            };
            header: {
                /** @description `account=…,t=…,s=0x…`: the account, unix seconds, and the signature of the account's key (SPEC, section 9) for method, target and body. The time is within five minutes of the node's clock, and a request that changes something is done once. */
                "Farthing-Signature": string;
                /** @description An id for the request, returned in the answer: 1 to 64 visible ASCII characters; any other is refused. */
                "X-Request-Id"?: string;
            };
            path: {
                /** @description The webhook's id */
                id: components["schemas"]["Bytes32"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of deliveries */
            200: {
                headers: {
                    /** @description The request's id */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_DeliveryBody"];
                };
            };
            400: components["responses"]["Problem400"];
            404: components["responses"]["Problem404"];
            405: components["responses"]["Problem405"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    post_webhooks_id_resend: {
        parameters: {
            query?: never;
            header: {
                /** @description `account=…,t=…,s=0x…`: the account, unix seconds, and the signature of the account's key (SPEC, section 9) for method, target and body. The time is within five minutes of the node's clock, and a request that changes something is done once. */
                "Farthing-Signature": string;
                /** @description An id for the request, returned in the answer: 1 to 64 visible ASCII characters; any other is refused. */
                "X-Request-Id"?: string;
            };
            path: {
                /** @description The webhook's id */
                id: components["schemas"]["Bytes32"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ResendBody"];
            };
        };
        responses: {
            /** @description The event, queued */
            202: {
                headers: {
                    /** @description The request's id */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeliveryBody"];
                };
            };
            400: components["responses"]["Problem400"];
            404: components["responses"]["Problem404"];
            405: components["responses"]["Problem405"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    post_webhooks_id_rotate: {
        parameters: {
            query?: never;
            header: {
                /** @description `account=…,t=…,s=0x…`: the account, unix seconds, and the signature of the account's key (SPEC, section 9) for method, target and body. The time is within five minutes of the node's clock, and a request that changes something is done once. */
                "Farthing-Signature": string;
                /** @description An id for the request, returned in the answer: 1 to 64 visible ASCII characters; any other is refused. */
                "X-Request-Id"?: string;
            };
            path: {
                /** @description The webhook's id */
                id: components["schemas"]["Bytes32"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RotateSecretBody"];
            };
        };
        responses: {
            /** @description The new secret */
            200: {
                headers: {
                    /** @description The request's id */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookSecretBody"];
                };
            };
            400: components["responses"]["Problem400"];
            404: components["responses"]["Problem404"];
            405: components["responses"]["Problem405"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    post_webhooks_id_test: {
        parameters: {
            query?: never;
            header: {
                /** @description `account=…,t=…,s=0x…`: the account, unix seconds, and the signature of the account's key (SPEC, section 9) for method, target and body. The time is within five minutes of the node's clock, and a request that changes something is done once. */
                "Farthing-Signature": string;
                /** @description An id for the request, returned in the answer: 1 to 64 visible ASCII characters; any other is refused. */
                "X-Request-Id"?: string;
            };
            path: {
                /** @description The webhook's id */
                id: components["schemas"]["Bytes32"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TestWebhookBody"];
            };
        };
        responses: {
            /** @description The event, queued */
            202: {
                headers: {
                    /** @description The request's id */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeliveryBody"];
                };
            };
            400: components["responses"]["Problem400"];
            404: components["responses"]["Problem404"];
            405: components["responses"]["Problem405"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    get_version: {
        parameters: {
            query?: never;
            header?: {
                /** @description An id for the request, returned in the answer: 1 to 64 visible ASCII characters; any other is refused. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Version and deployment */
            200: {
                headers: {
                    /** @description The request's id */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VersionBody"];
                };
            };
            400: components["responses"]["Problem400"];
            405: components["responses"]["Problem405"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    post_x402_settle: {
        parameters: {
            query?: never;
            header?: {
                /** @description 1 to 128 visible ASCII characters, kept for a day. A key belongs to a route and to the accounts that sign the body (for an account to be opened: its key and owner). Once a request took effect, the same key and body replay its answer, with the header Idempotency-Replayed, and another body is refused; bodies are compared byte by byte. A request that is refused leaves its key free. */
                "Idempotency-Key"?: string;
                /** @description An id for the request, returned in the answer: 1 to 64 visible ASCII characters; any other is refused. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "paymentPayload": {
                 *         "accepted": {
                 *           "amount": "5000",
                 *           "asset": "0x3333333333333333333333333333333333333333",
                 *           "maxTimeoutSeconds": 300,
                 *           "network": "farthing:00112233445566778899aabbccddeeff",
                 *           "payTo": "license:3",
                 *           "scheme": "exact"
                 *         },
                 *         "payload": {
                 *           "intent": {
                 *             "account": 7,
                 *             "fee": "0",
                 *             "nonce": "1700000000000000",
                 *             "operation": {
                 *               "pay": {
                 *                 "amount": "5000",
                 *                 "license": 3,
                 *                 "memo": "0x5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a",
                 *                 "recipient": "0x093bb3b0be97c6a0d4a7e576771154d5a4dbd5061fa34f6b",
                 *                 "uses": 20
                 *               }
                 *             },
                 *             "signature": "0xbec0ff30bedf97e67f05d06431bb58475324693506ea3f3f8b5d3d560a92136252795443f5bb6908248814cec07aec1885ebc992616bb995a9fdaf0bafa3f94812089f52e1cd2ba6d951c55feb9c5d0b",
                 *             "valid_until": 1800000000
                 *           }
                 *         },
                 *         "x402Version": 2
                 *       },
                 *       "paymentRequirements": {
                 *         "amount": "5000",
                 *         "asset": "0x3333333333333333333333333333333333333333",
                 *         "maxTimeoutSeconds": 300,
                 *         "network": "farthing:00112233445566778899aabbccddeeff",
                 *         "payTo": "license:3",
                 *         "scheme": "exact"
                 *       },
                 *       "x402Version": 2
                 *     }
                 */
                "application/json": components["schemas"]["X402Request"];
            };
        };
        responses: {
            /** @description Whether the resource may be released */
            200: {
                headers: {
                    /** @description Present if the answer is the stored one of an earlier request with the same key */
                    "Idempotency-Replayed"?: "true";
                    /** @description The request's id */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SettleAnswer"];
                };
            };
            400: components["responses"]["Problem400"];
            405: components["responses"]["Problem405"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    get_x402_supported: {
        parameters: {
            query?: never;
            header?: {
                /** @description An id for the request, returned in the answer: 1 to 64 visible ASCII characters; any other is refused. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One scheme on one network */
            200: {
                headers: {
                    /** @description The request's id */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SupportedBody"];
                };
            };
            400: components["responses"]["Problem400"];
            405: components["responses"]["Problem405"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
    post_x402_verify: {
        parameters: {
            query?: never;
            header?: {
                /** @description 1 to 128 visible ASCII characters, kept for a day. A key belongs to a route and to the accounts that sign the body (for an account to be opened: its key and owner). Once a request took effect, the same key and body replay its answer, with the header Idempotency-Replayed, and another body is refused; bodies are compared byte by byte. A request that is refused leaves its key free. */
                "Idempotency-Key"?: string;
                /** @description An id for the request, returned in the answer: 1 to 64 visible ASCII characters; any other is refused. */
                "X-Request-Id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "paymentPayload": {
                 *         "accepted": {
                 *           "amount": "5000",
                 *           "asset": "0x3333333333333333333333333333333333333333",
                 *           "maxTimeoutSeconds": 300,
                 *           "network": "farthing:00112233445566778899aabbccddeeff",
                 *           "payTo": "license:3",
                 *           "scheme": "exact"
                 *         },
                 *         "payload": {
                 *           "intent": {
                 *             "account": 7,
                 *             "fee": "0",
                 *             "nonce": "1700000000000000",
                 *             "operation": {
                 *               "pay": {
                 *                 "amount": "5000",
                 *                 "license": 3,
                 *                 "memo": "0x5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a",
                 *                 "recipient": "0x093bb3b0be97c6a0d4a7e576771154d5a4dbd5061fa34f6b",
                 *                 "uses": 20
                 *               }
                 *             },
                 *             "signature": "0xbec0ff30bedf97e67f05d06431bb58475324693506ea3f3f8b5d3d560a92136252795443f5bb6908248814cec07aec1885ebc992616bb995a9fdaf0bafa3f94812089f52e1cd2ba6d951c55feb9c5d0b",
                 *             "valid_until": 1800000000
                 *           }
                 *         },
                 *         "x402Version": 2
                 *       },
                 *       "paymentRequirements": {
                 *         "amount": "5000",
                 *         "asset": "0x3333333333333333333333333333333333333333",
                 *         "maxTimeoutSeconds": 300,
                 *         "network": "farthing:00112233445566778899aabbccddeeff",
                 *         "payTo": "license:3",
                 *         "scheme": "exact"
                 *       },
                 *       "x402Version": 2
                 *     }
                 */
                "application/json": components["schemas"]["X402Request"];
            };
        };
        responses: {
            /** @description Whether it would be accepted now */
            200: {
                headers: {
                    /** @description Present if the answer is the stored one of an earlier request with the same key */
                    "Idempotency-Replayed"?: "true";
                    /** @description The request's id */
                    "X-Request-Id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VerifyAnswer"];
                };
            };
            400: components["responses"]["Problem400"];
            405: components["responses"]["Problem405"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
        };
    };
}

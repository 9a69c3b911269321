// Programs that pay, filled in with a platform's own numbers.

/** What a snippet is filled in with. */
export interface SnippetValues {
  /** The node's address, without a slash at the end. */
  readonly node: string;
  readonly account: number;
  readonly license: number;
  readonly uses: number;
}

/** A program in one language. */
export interface Snippet {
  readonly name: string;
  readonly text: string;
}

/** The same payment in every language. The values are numbers and an address of this page: nothing is to be escaped. */
export function snippets({ node, account, license, uses }: SnippetValues): Snippet[] {
  return [
    {
      name: 'TypeScript',
      text: `import { Farthing } from '@farthing/sdk';
import { keyFromFile } from '@farthing/sdk/node';

const platform = new Farthing({
  node: '${node}',
  account: ${account},
  key: await keyFromFile('platform.key'),
});

const paid = await platform.pay(${license}, ${uses}); // durable on return
await platform.status(paid.id, { until: 'sequenced' });
const receipt = await platform.receipt(paid.id); // keep it
`,
    },
    {
      name: 'Python',
      text: `from farthing import Farthing, SecretKey

key = SecretKey.from_file("platform.key")
with Farthing("${node}", account=${account}, key=key) as platform:
    paid = platform.pay(${license}, uses=${uses})  # durable on return
    platform.status(paid.id, until="sequenced", timeout=60)
    receipt = platform.receipt(paid.id)  # keep it
`,
    },
    {
      name: 'Rust',
      text: `let client = Client::new("${node}")?;
let signer = client.signer(AccountId::from(${account}), key).await?;

let memo = Bytes32([0; 32]); // 32 bytes about the inferences
let paid = client.pay(&signer, LicenseId::from(${license}), Uses::new(${uses})?, memo).await?;
client.wait(paid.id.0, Stage::Sequenced, Duration::from_secs(60)).await?;
let receipt = client.receipt(paid.id.0).await?; // keep it
`,
    },
    {
      name: 'curl',
      text: `# What a payment costs, and who gets which part of it
curl '${node}/v1/licenses/${license}/quote?uses=${uses}'

# A payment is signed by an SDK or the farthing command; any client may send it
curl --json @intent.json -H 'Idempotency-Key: order-17' ${node}/v1/intents

# Where it is; answers when it is final, or after 30 seconds
curl '${node}/v1/intents/0xINTENT?wait=30&until=finalized'

# What is left
curl ${node}/v1/accounts/${account}
`,
    },
  ];
}

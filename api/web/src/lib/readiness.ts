// Why a node takes no payments, in sentences.

import type { NodeStatus } from '@farthing/sdk';

type Reason = NodeStatus['not_ready'][number];

const TEXTS: Readonly<Record<Reason, string>> = {
  sequencer: 'Its sequencer has stopped.',
  l1_unchecked: 'It has not yet compared itself with L1.',
  l1_diverged: 'Its history differs from that of L1: its operator restores it from L1.',
  settler_stopped: 'It has ceased to settle.',
  frozen: 'The rollup is frozen: owners take their money out on L1.',
  reserve_too_small: 'The contract holds less than L2 owes.',
  clock_ahead: 'Its clock is ahead of that of L1.',
  late: 'A forced exit waits for too long on L1.',
  proofs_behind: 'Too many batches wait for their proof.',
};

/** A reason as a sentence. */
export function reasonText(reason: Reason): string {
  return TEXTS[reason];
}

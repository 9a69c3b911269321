// The checks of a revenue statement as steps of the page. The SDK makes them: without a network, all but the last.

import {
  type ConsistentStatement,
  checkStatement,
  STATEMENT_STEPS,
  type StatementClaim,
  type StatementStep,
} from '../../../typescript/src/index.js';
import { grouped, tokensText } from './amount.js';
import { chainName, counted, shortHex } from './names.js';
import { type Step, sentence, skipped } from './step.js';
import { momentText } from './time.js';

/** Hashes of a path: the levels of the licenses tree, and the root of both trees. */
const PATH_HASHES = 33;

/** A step as the page names it, and the meaning of its failure. */
const WORDS: Readonly<Record<StatementStep, { title: string; passed: string; reason: string }>> = {
  format: {
    title: 'Form',
    passed: 'It has the form of a revenue statement.',
    reason: 'The file was cut off or changed, or it is of another version.',
  },
  licenses: {
    title: 'Licenses',
    passed: 'Each license is there once.',
    reason: 'A license that is there twice would count twice.',
  },
  deployment: {
    title: 'Rollup',
    passed: 'All openings are of one rollup.',
    reason: 'What licenses of several rollups received does not make one claim.',
  },
  openings: {
    title: 'Paths',
    passed: 'Paths lead from the licenses to the state roots of their batches.',
    reason: 'A license was changed, or its path is of another state.',
  },
  batches: {
    title: 'Batches',
    passed: 'All licenses are opened at the same batches.',
    reason: 'Totals of other times say nothing about this period.',
  },
  claim: {
    title: 'Claim',
    passed: 'It follows from the licenses.',
    reason: 'The claim was changed, or its sum was made up.',
  },
};

/** The steps of a statement, and its contents if it passed all. */
export function statementSteps(document: unknown): {
  steps: Step[];
  statement: ConsistentStatement | undefined;
} {
  const checked = checkStatement(document);
  if (checked.outcome === 'consistent') {
    const steps = STATEMENT_STEPS.map((step): Step => {
      return { title: WORDS[step].title, outcome: 'good', text: foundBy(step, checked) };
    });
    return { steps, statement: checked };
  }
  const steps = STATEMENT_STEPS.map((step): Step => {
    const { title, passed, reason } = WORDS[step];
    if (step === checked.step) return { title, outcome: 'bad', text: sentence(checked.error), reason };
    return checked.passed.includes(step) ? { title, outcome: 'good', text: passed } : skipped(title);
  });
  return { steps, statement: undefined };
}

/** What a step found. */
function foundBy(step: StatementStep, { deployment, claim, after, until }: ConsistentStatement): string {
  switch (step) {
    case 'deployment': {
      const chain = chainName(Number(deployment.chainId));
      return `All openings are of the contract ${shortHex(deployment.contract)} on ${chain}.`;
    }
    case 'openings': {
      const roots = after === undefined ? 'the state root' : 'the state roots';
      return `A path of ${PATH_HASHES} hashes leads from each license to ${roots} of ${batchesText(claim)}.`;
    }
    case 'batches': {
      const end = `batch ${grouped(until.number)}, sealed at ${momentText(Number(until.timestamp))}`;
      if (after === undefined) return `From the registration to ${end}.`;
      const begin = `batch ${grouped(after.number)}, sealed at ${momentText(Number(after.timestamp))}`;
      return `After ${begin}, up to ${end}.`;
    }
    case 'claim':
      return `It follows from the licenses: ${claimText(claim)}`;
    default:
      return WORDS[step].passed;
  }
}

/** The batches that L1 must have verified: `batches 3 and 5`. */
export function batchesText({ after, until }: StatementClaim): string {
  return after === undefined ? `batch ${grouped(until)}` : `batches ${grouped(after)} and ${grouped(until)}`;
}

/** A claim as a sentence. */
function claimText(claim: StatementClaim): string {
  const received = `received exactly ${tokensText(claim.received)} tokens`;
  switch (claim.kind) {
    case 'revenue':
      return `license ${claim.license} ${received}.`;
    case 'share': {
      const [least, most] = [tokensText(claim.creditedMin), tokensText(claim.creditedMax)];
      return `license ${claim.license} ${received}, and account ${claim.account} got ${least} to ${most} of them.`;
    }
    case 'total':
      return `${counted(claim.licenses.length, 'license')} ${received} together.`;
  }
}

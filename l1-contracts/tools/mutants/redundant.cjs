// Mutants that change nothing, each with the reason: file, part of the name, why.
'use strict';

module.exports = [
  ['Exits.sol', 'root != 0 of &&', 'no leaf hashes to zero'],
  ['Exits.sol', 'nano < 1 << 56, by one', '2⁵⁶ nano are 0 in an entry, and no entry has 0'],
  ['Governance.sol', 'block.timestamp < pausedUntil, by one', 'the end of a pause that ends now is now'],
  ['Intake.sol', ': DEPOSIT_LIMIT_NANO', '2⁴⁶ is no multiple of 1000, and neither is a number beside it'],
  ['Intake.sol', ': SUPPLY_LIMIT_NANO', '2⁶² − 2⁶⁰ is no multiple of 1000, and neither is a number beside it'],
  ['PublicDataReader.sol', 'readRecord: if pays, always', 'of what does not pay nobody takes owner and units'],
  ['RollupState.sol', 'until > since, by one', 'a pause that ended when the entry began adds nothing'],
  ['RollupState.sol', 'began > since, by one', 'either is the same'],
  ['RollupTimelock.sol', 'delay < FLOOR, by one', 'either is the same'],
  ['Settlement.sol', 'to - from <= type(uint32).max', 'so long a queue cannot be made'],
  ['Settlement.sol', 'if firstLimb != 0, always', 'of a committed batch nothing that is staged is read'],
  ['Settlement.sol', 'length < rest, by one', 'a part that is all the rest is taken anyway'],
  ['Settlement.sol', 'to > part.length, by one', 'either is the same'],
  ['Settlement.sol', 'progress.entriesLeft == 0', 'records are done only when no entry is left'],
  ['Statement.sol', 'if !full, always', 'a full tree has no filling'],
  ['Statement.sol', 'requireElement(batch.queue', 'the queue is shorter'],
  ['Verifier.sol', 'assert(free <= MEMORY_MAP)', 'the context ends below the map: only another compiler would put it elsewhere'],
];

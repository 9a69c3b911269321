//! Rows of the royalty split table.

use std::borrow::Cow;

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;

use farthing_protocol::{
    Digest, Felt, Holder, HolderShares, RATE, SHARES_TOTAL, ShortDigest, Tag, WIDTH, capacity_of,
};

use crate::tables::shared::poseidon2::HashRequests;
use crate::tables::state::licenses::HALF_BITS;

use super::CARRY_SHIFT;
use super::columns::SplitColumns;

/// One license to split.
#[derive(Clone, Debug)]
pub(crate) struct SplitGroup<'a> {
    pub(crate) license: u32,
    /// The lines of its share table, ascending.
    pub(crate) lines: Cow<'a, [HolderShares]>,
    /// Identity or origin of each line's holder.
    pub(crate) recipients: Vec<ShortDigest>,
    /// V.
    pub(crate) total: u64,
    /// Of the first line in public data, if the license is new.
    pub(crate) position: Option<u64>,
}

/// ⌊V · shares / 1,000,000⌋ and the remainder.
pub(crate) fn divide(total: u64, shares: u32) -> (u64, u64) {
    let product = u128::from(total) * u128::from(shares);
    let whole = u128::from(SHARES_TOTAL);
    ((product / whole) as u64, (product % whole) as u64)
}

/// The trace, and the digest of each group's share table.
pub(crate) fn trace(
    groups: &[SplitGroup<'_>],
    log_height: usize,
    requests: &mut HashRequests,
) -> (RowMajorMatrix<Felt>, Vec<Digest>) {
    let columns = SplitColumns::new();
    let width = columns.width;
    let mut rows = Felt::zero_vec(width << log_height);
    let mut digests = Vec::with_capacity(groups.len());
    let mut start = 0;
    for group in groups {
        let end = (start + group.lines.len() * width).min(rows.len());
        digests.push(write_group(&columns, &mut rows[start..end], group, requests));
        start = end;
    }
    for row in rows[start..].chunks_exact_mut(width) {
        columns.carry.write(row, &[CARRY_SHIFT]);
        columns.remainder_slack.write(row, &[u64::from(SHARES_TOTAL) - 1]);
        row[columns.count] = Felt::ONE;
    }
    (RowMajorMatrix::new(rows, width), digests)
}

fn write_group(
    c: &SplitColumns,
    rows: &mut [Felt],
    group: &SplitGroup<'_>,
    requests: &mut HashRequests,
) -> Digest {
    let lines = &*group.lines;
    let (capacity, digest) = hash_lines(lines, requests);
    let (mut spent, mut shares) = (0, 0);
    let mut chain = Digest::ZERO;
    for (above, (row, i)) in rows.chunks_exact_mut(c.width).zip((0..lines.len()).rev()).enumerate()
    {
        // The upper block holds the lines from 8 on.
        let filled = if i < RATE && lines.len() > RATE { RATE - i } else { lines.len() - i };
        for (column, line) in c.window.clone().zip(&lines[i + 1..i + filled]) {
            row[column] = Felt::new(line.packed());
        }
        write_line(c, row, &lines[i], group.total);
        let quotient = divide(group.total, lines[i].shares.get()).0;
        spent += quotient;
        shares += lines[i].shares.get();
        if i > 0 {
            c.gap.write(row, &[key(&lines[i]).wrapping_sub(key(&lines[i - 1]) + 1)]);
        }
        let recipient = group.recipients.get(i).copied().unwrap_or_default();
        row[c.recipient.clone()].copy_from_slice(&recipient.elements());
        if group.position.is_some() {
            chain = link(&chain, &lines[i], recipient, requests);
            row[c.chain.clone()].copy_from_slice(&chain.elements());
        }
        row[c.end] = Felt::from_bool(i == 0);
        row[c.cut] = Felt::from_bool(i == RATE);
        row[c.late] = Felt::from_bool(i < RATE && lines.len() > RATE);
        row[c.new] = Felt::from_bool(group.position.is_some());
        row[c.license] = Felt::from_u32(group.license);
        c.filled.write(row, &[filled as u64 - 1]);
        row[c.count] = Felt::from_usize(above + 1);
        row[c.total] = Felt::from_u32(shares);
        row[c.spent] = Felt::new(spent);
        row[c.capacity.clone()].copy_from_slice(&capacity);
        row[c.digest.clone()].copy_from_slice(&digest.elements());
        // Lines of licenses that are not new have no place; counting down is all that is asked.
        let position = group.position.unwrap_or(lines.len() as u64);
        row[c.position] = Felt::new(position + i as u64);
    }
    digest
}

fn write_line(c: &SplitColumns, row: &mut [Felt], line: &HolderShares, total: u64) {
    let (kind, id) = kind_and_id(line.holder);
    let shares = u64::from(line.shares.get());
    let (quotient, remainder) = divide(total, line.shares.get());
    let half = (1 << HALF_BITS) - 1;
    let (low, high) = (total & half, total >> HALF_BITS);
    row[c.active] = Felt::ONE;
    row[c.kind] = Felt::new(kind);
    c.id.write(row, &[id]);
    c.shares.write(row, &[shares.wrapping_sub(1)]);
    row[c.low] = Felt::new(low);
    row[c.high] = Felt::new(high);
    c.quotient_low.write(row, &[quotient & half]);
    c.quotient_high.write(row, &[quotient >> HALF_BITS]);
    let whole = i128::from(SHARES_TOTAL);
    let carry = i128::from(quotient >> HALF_BITS) * whole - i128::from(high) * i128::from(shares);
    c.carry.write(row, &[(carry + i128::from(CARRY_SHIFT)) as u64]);
    c.remainder.write(row, &[remainder]);
    c.remainder_slack.write(row, &[u64::from(SHARES_TOTAL) - 1 - remainder]);
    debug_assert_eq!(c.row(row).packed::<Felt>(), Felt::new(line.packed()));
}

/// The holder chain with a line more.
fn link(
    chain: &Digest,
    line: &HolderShares,
    recipient: ShortDigest,
    requests: &mut HashRequests,
) -> Digest {
    let ([c0, c1, c2, c3], [r0, r1, r2]) = (chain.elements(), recipient.elements());
    requests.tagged(Tag::HolderChain, [c0, c1, c2, c3, Felt::new(line.packed()), r0, r1, r2])
}

/// Kind (1 for a license) and id of a holder.
pub(crate) fn kind_and_id(holder: Holder) -> (u64, u64) {
    match holder {
        Holder::Account(id) => (0, id.get().into()),
        Holder::License(id) => (1, id.get().into()),
    }
}

fn key(line: &HolderShares) -> u64 {
    let (kind, id) = kind_and_id(line.holder);
    kind << 32 | id
}

/// The capacity of the digest block, and the digest.
fn hash_lines(lines: &[HolderShares], requests: &mut HashRequests) -> ([Felt; 4], Digest) {
    let mut capacity = capacity_of(Tag::ShareTable, lines.len());
    let mut blocks = lines.chunks(RATE).peekable();
    loop {
        let block = blocks.next().unwrap_or(&[]);
        let input: [Felt; WIDTH] = core::array::from_fn(|i| match i.checked_sub(RATE) {
            Some(i) => capacity[i],
            None => block.get(i).map_or(Felt::ZERO, |line| Felt::new(line.packed())),
        });
        if blocks.peek().is_none() {
            return (capacity, requests.digest(input));
        }
        capacity = requests.absorb(input);
    }
}

//! The signature half of a lie, stage by stage: between two stages everything may be changed, and the
//! rest follows.

use std::collections::BTreeMap;

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;

use farthing_protocol::position::{CLASS, DOMAIN, INTENTS, RECEIPTS_ROOT, TIMESTAMP, VERSION};
use farthing_protocol::{
    Digest, Felt, Fp5, MESSAGE_ELEMENTS, PROTOCOL_VERSION, STATEMENT_ELEMENTS,
};

use super::forged_leaf::ForgedLeaf;
use super::points::{Pair, Said, Step};
use crate::class::LeafClass;
use crate::gadgets::group_law::write_fp5;
use crate::gadgets::sbox::SBox;
use crate::tables::shared::poseidon2::HashRequests;
use crate::tables::signature::bucket_reduction::{ReductionColumns, ReductionTable};
use crate::tables::signature::buckets::{BucketColumns, BucketTable, Term};
use crate::tables::signature::carries::{self, CarryChain, CarryTable};
use crate::tables::signature::combine::{self, CombineColumns, CombineTable};
use crate::tables::signature::intents::{self, Challenged, IntentTable, IntentTrace};
use crate::tables::signature::receipts::{self, ReceiptTable};
use crate::tables::signature::signers::{self, SignerTable};
use crate::tables::signature::weights::{self, WeightSource, WeightTable};
use crate::tables::{LeafTable, Table, Traces, finish_traces};
use crate::tests::state_stub::{self, StateStub};
use crate::witness::{SignedBatch, SignedRow};

type Trace = RowMajorMatrix<Felt>;

/// Receipts and weights, before intents are filled in.
pub(crate) struct Half {
    pub(crate) class: LeafClass,
    pub(crate) batch: SignedBatch,
    pub(crate) challenged: Vec<Challenged>,
    pub(crate) requests: HashRequests,
    pub(crate) root: Digest,
    pub(crate) receipts: Trace,
    pub(crate) weights: Vec<WeightSource>,
    pub(crate) weights_trace: Trace,
    /// Intents that the statement says.
    pub(crate) number: usize,
}

/// Intents and signers, before points are added up.
pub(crate) struct Signed {
    pub(crate) half: Half,
    pub(crate) intents: IntentTrace,
    pub(crate) signers: Trace,
    pub(crate) terms: Vec<Term>,
    pub(crate) chains: Vec<Option<CarryChain>>,
}

impl Half {
    /// Up to the weights.
    pub(crate) fn new(class: &LeafClass, batch: &SignedBatch) -> Self {
        let messages: Vec<_> = batch.rows.iter().map(SignedRow::message).collect();
        Self::of_messages(class, batch, &messages)
    }

    /// The same with other messages than the rows have.
    pub(crate) fn of_messages(
        class: &LeafClass,
        batch: &SignedBatch,
        messages: &[[Felt; MESSAGE_ELEMENTS]],
    ) -> Self {
        Self::built(class, batch, messages, batch.rows.len(), |leaves, class| {
            receipts::trace(leaves, class.intents(), class.log_receipts)
        })
    }

    /// The same with receipts of the liar's choice and another number of intents.
    pub(crate) fn with_receipts(
        class: &LeafClass,
        batch: &SignedBatch,
        number: usize,
        receipts: impl FnOnce(&[Digest], &LeafClass) -> (Digest, Trace, HashRequests),
    ) -> Self {
        let messages: Vec<_> = batch.rows.iter().map(SignedRow::message).collect();
        Self::built(class, batch, &messages, number, receipts)
    }

    fn built(
        class: &LeafClass,
        batch: &SignedBatch,
        messages: &[[Felt; MESSAGE_ELEMENTS]],
        number: usize,
        receipts: impl FnOnce(&[Digest], &LeafClass) -> (Digest, Trace, HashRequests),
    ) -> Self {
        let mut requests = HashRequests::default();
        let mut challenged = Vec::new();
        for (row, message) in batch.rows.iter().zip(messages) {
            let challenged_row = intents::challenge_of(&batch.domain, row, message);
            let (one, hashes) = challenged_row.expect("a point");
            challenged.push(one);
            requests.append(hashes);
        }
        let leaves: Vec<Digest> = challenged.iter().map(|one| one.challenge).collect();
        let (root, receipts, hashes) = receipts(&leaves, class);
        requests.append(hashes);
        let log_height = WeightTable::log_height(class);
        let (weights, weights_trace, hashes) = weights::trace(&root, number, log_height);
        requests.append(hashes);
        Self {
            class: class.clone(),
            batch: batch.clone(),
            challenged,
            requests,
            root,
            receipts,
            weights,
            weights_trace,
            number,
        }
    }

    /// Fills intents in; `change` may lie about them before signers are.
    pub(crate) fn sign(self, change: impl FnOnce(&mut IntentTrace)) -> Signed {
        let log_height = IntentTable::log_height(&self.class);
        let schedule = &self.class.schedule;
        let intents =
            intents::trace(schedule, &self.batch, &self.challenged, &self.weights, log_height);
        let mut intents = intents.expect("keys");
        change(&mut intents);
        let (signers, mut terms, chains) =
            signers::trace(schedule, &intents.signers, &intents.aggregate, self.class.log_signers);
        terms.append(&mut intents.terms.clone());
        Signed { half: self, intents, signers, terms, chains }
    }
}

impl Signed {
    /// Adds the terms up honestly.
    pub(crate) fn add_up(self) -> ForgedLeaf {
        let points = Points::of(&self.half.class, &self.terms);
        self.close(points)
    }

    /// The whole proof with these tables of points.
    pub(crate) fn close(self, points: Points) -> ForgedLeaf {
        let Self { half, intents, signers, chains, .. } = self;
        let class = &half.class;
        let carries = carries::trace(&class.schedule, &chains, class.log_carries);
        let mut traces = Traces::default();
        traces.put::<IntentTable>(intents.trace);
        traces.put::<ReceiptTable>(half.receipts);
        traces.put::<WeightTable>(half.weights_trace);
        traces.put::<SignerTable>(signers);
        traces.put::<CarryTable>(carries);
        traces.put::<ReductionTable>(points.reduction);
        traces.put::<CombineTable>(points.combine);
        points.buckets.into_iter().for_each(|trace| traces.put::<BucketTable>(trace));
        traces.put::<StateStub>(state_stub::trace(class, &half.batch));
        traces.requests = half.requests;
        let mut statement = [Felt::ZERO; STATEMENT_ELEMENTS];
        statement[VERSION] = Felt::from_u32(PROTOCOL_VERSION);
        statement[DOMAIN].copy_from_slice(&half.batch.domain.elements());
        statement[CLASS] = Felt::from_u8(class.batch.id);
        statement[TIMESTAMP] = Felt::new(half.batch.timestamp);
        statement[RECEIPTS_ROOT].copy_from_slice(&half.root.elements());
        statement[INTENTS] = Felt::from_usize(half.number);
        let tables = Table::with_state_stub(class, SBox::Direct);
        let traces = finish_traces(class, SBox::Direct, &tables, traces).expect("fits");
        ForgedLeaf::new(class, tables, statement, traces)
    }
}

/// A row of a bucket table.
#[derive(Clone, Debug)]
pub(crate) struct BucketRow {
    pub(crate) window: usize,
    pub(crate) index: usize,
    pub(crate) negative: bool,
    pub(crate) fresh: Felt,
    pub(crate) add: Felt,
    pub(crate) cancel: Felt,
    pub(crate) end: Felt,
    /// The point added, its sign folded in.
    pub(crate) point: Pair,
    pub(crate) sum: Pair,
    pub(crate) slope: Fp5,
}

/// The runs of a multi-scalar multiplication, in order.
#[derive(Clone, Debug)]
pub(crate) struct Runs(pub(crate) Vec<Vec<BucketRow>>);

/// Which sum of a row of the reduction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Bucket,
    Run,
    Total,
}

/// A row of the reduction as it is filled in.
#[derive(Clone, Debug)]
pub(crate) struct ReductionRow {
    pub(crate) window: usize,
    pub(crate) index: usize,
    pub(crate) before: [Said; 2],
    pub(crate) filled: Felt,
    pub(crate) bucket: Said,
    pub(crate) run: Step,
    pub(crate) total: Step,
}

/// A row of the combination as it is filled in.
#[derive(Clone, Debug)]
pub(crate) struct CombineRow {
    pub(crate) row: usize,
    /// Of a doubling; else the part.
    pub(crate) doubles: bool,
    pub(crate) part: usize,
    pub(crate) before: Said,
    pub(crate) operand: Said,
    pub(crate) step: Step,
}

/// The tables of points.
pub(crate) struct Points {
    pub(crate) buckets: Vec<Trace>,
    pub(crate) reduction: Trace,
    pub(crate) combine: Trace,
}

impl Points {
    /// All honest.
    pub(crate) fn of(class: &LeafClass, terms: &[Term]) -> Self {
        Self::of_runs(class, Runs::of(class, terms).deal(class))
    }

    /// Reduction and combination of these bucket tables.
    pub(crate) fn of_runs(class: &LeafClass, tables: Vec<Vec<BucketRow>>) -> Self {
        Self::lying(class, tables, |_, _| (), |_, _| ())
    }

    /// The same with lies in reduction and combination. The second argument of a lie says which part of
    /// the row has just been filled in; for the combination, whether it is the operand.
    pub(crate) fn lying(
        class: &LeafClass,
        tables: Vec<Vec<BucketRow>>,
        reduction: impl FnMut(&mut ReductionRow, Stage),
        combine: impl FnMut(&mut CombineRow, bool),
    ) -> Self {
        let mut sums = BTreeMap::new();
        for row in tables.iter().flatten().filter(|row| row.end == Felt::ONE) {
            let sum = Said { neutral: row.cancel, at: row.sum };
            sums.insert((row.window, row.index), sum);
        }
        let (parts, reduction) = reduce(class, &sums, reduction);
        let combine = combine_parts(class, &parts, combine);
        let buckets =
            tables.iter().zip(class.log_buckets).map(|(rows, log)| write_rows(rows, *log));
        Self { buckets: buckets.collect(), reduction, combine }
    }
}

impl Runs {
    /// The honest runs by window and index.
    pub(crate) fn of(class: &LeafClass, terms: &[Term]) -> Self {
        let windows = class.schedule.windows();
        let mut runs = BTreeMap::<(usize, usize), Vec<(Pair, bool)>>::new();
        for term in terms {
            for (w, (digit, window)) in term.digits.iter().zip(&windows).enumerate() {
                let (half, digit) = (window.buckets(), usize::from(*digit));
                let negative = digit < half;
                let index = if negative { half - 1 - digit } else { digit - half };
                let point = Pair::from(&term.point);
                let point = if negative { point.neg() } else { point };
                runs.entry((w, index)).or_default().push((point, negative));
            }
        }
        let run = |((w, i), points): ((usize, usize), Vec<(Pair, bool)>)| run(w, i, &points);
        Self(runs.into_iter().map(run).collect())
    }

    /// The runs dealt to the class's tables in order.
    pub(crate) fn deal(self, class: &LeafClass) -> Vec<Vec<BucketRow>> {
        let mut runs = self.0.into_iter().peekable();
        let tables = class.log_buckets.iter().map(|log_height| {
            let mut rows: Vec<BucketRow> = Vec::new();
            while let Some(run) = runs.next_if(|run| rows.len() + run.len() <= 1 << log_height) {
                rows.extend(run);
            }
            rows
        });
        let tables = tables.collect();
        assert!(runs.next().is_none(), "the runs fit");
        tables
    }

    /// The place of the run of a bucket.
    pub(crate) fn place(&self, window: usize, index: usize) -> Option<usize> {
        self.0.iter().position(|run| (run[0].window, run[0].index) == (window, index))
    }
}

/// A run of these points, each with whether its digit is negative.
pub(crate) fn run(window: usize, index: usize, points: &[(Pair, bool)]) -> Vec<BucketRow> {
    let mut rows: Vec<BucketRow> = Vec::new();
    for (i, (point, negative)) in points.iter().enumerate() {
        let before = rows.last();
        let step = match before {
            Some(row) if row.cancel != Felt::ONE => Step::add(row.sum, *point),
            _ => Step::sum(Said::NEUTRAL, Said::point(*point), true),
        };
        let [add, cancel, _, fresh] = step.cases;
        rows.push(BucketRow {
            window,
            index,
            negative: *negative,
            fresh,
            add,
            cancel,
            end: Felt::from_bool(i + 1 == points.len()),
            point: *point,
            sum: step.sum.at,
            slope: step.slope,
        });
    }
    rows
}

fn write_rows(rows: &[BucketRow], log_height: usize) -> Trace {
    let c = BucketColumns::new();
    let mut cells = Felt::zero_vec(c.width << log_height);
    for (row, from) in cells.chunks_exact_mut(c.width).zip(rows) {
        row[c.window] = Felt::from_usize(from.window);
        row[c.index] = Felt::from_usize(from.index);
        row[c.negative] = Felt::from_bool(from.negative);
        row[c.fresh] = from.fresh;
        row[c.add] = from.add;
        row[c.cancel] = from.cancel;
        row[c.end] = from.end;
        for (columns, value) in [
            (&c.x, from.point.x),
            (&c.y, from.point.y),
            (&c.sum_x, from.sum.x),
            (&c.sum_y, from.sum.y),
            (&c.slope, from.slope),
        ] {
            write_fp5(row, columns, &value);
        }
    }
    RowMajorMatrix::new(cells, c.width)
}

/// Sums and the trace.
fn reduce(
    class: &LeafClass,
    sums: &BTreeMap<(usize, usize), Said>,
    mut lie: impl FnMut(&mut ReductionRow, Stage),
) -> (Vec<Said>, Trace) {
    let (windows, c) = (class.schedule.windows(), ReductionColumns::new());
    let log_height = ReductionTable::log_height(class);
    let mut cells = Felt::zero_vec(c.width << log_height);
    for row in cells.chunks_exact_mut(c.width) {
        row[c.bucket.neutral] = Felt::ONE;
    }
    let mut rows = cells.chunks_exact_mut(c.width);
    let mut parts = Vec::new();
    let mut before = [Said::point(super::points::ORIGIN); 2];
    for (window, shape) in windows.iter().enumerate() {
        for index in (0..shape.buckets()).rev() {
            let (top, bottom) = (index + 1 == shape.buckets(), index == 0);
            let bucket = sums.get(&(window, index)).copied();
            let mut row = ReductionRow {
                window,
                index,
                before,
                filled: Felt::from_bool(bucket.is_some()),
                bucket: bucket.unwrap_or(Said::NEUTRAL),
                run: Step::none(),
                total: Step { sum: before[1], ..Step::none() },
            };
            lie(&mut row, Stage::Bucket);
            row.run = Step::sum(before[0], row.bucket, top);
            lie(&mut row, Stage::Run);
            if !bottom {
                row.total = Step::sum(before[1], row.run.sum, top);
            }
            lie(&mut row, Stage::Total);
            let cells = rows.next().expect("a row for each bucket");
            cells[c.filled] = row.filled;
            row.bucket.write(cells, &c.bucket);
            row.run.sum.write(cells, &c.run);
            row.total.sum.write(cells, &c.total);
            row.run.write(cells, &c.to_run);
            row.total.write(cells, &c.to_total);
            before = [row.run.sum, row.total.sum];
        }
        parts.extend(before);
    }
    (parts, RowMajorMatrix::new(cells, c.width))
}

fn combine_parts(
    class: &LeafClass,
    parts: &[Said],
    mut lie: impl FnMut(&mut CombineRow, bool),
) -> Trace {
    let (windows, c) = (class.schedule.windows(), CombineColumns::new());
    let log_height = CombineTable::log_height(class);
    let fixed = combine::preprocessed_trace(&windows, log_height);
    let mut cells = Felt::zero_vec(c.width << log_height);
    let mut before = Said::point(super::points::ORIGIN);
    let rows = cells.chunks_exact_mut(c.width).zip(fixed.values.chunks_exact(fixed.width));
    for (i, (cells, fixed)) in rows.enumerate() {
        let [part, load, adds, doubles, _] = core::array::from_fn(|i| fixed[i]);
        if load + adds + doubles == Felt::ZERO {
            break;
        }
        let doubles = doubles == Felt::ONE;
        let part = farthing_protocol::canonical(part) as usize;
        let operand = if doubles { before } else { parts[part] };
        let mut row = CombineRow { row: i, doubles, part, before, operand, step: Step::none() };
        lie(&mut row, true);
        row.step = Step::sum(before, row.operand, load == Felt::ONE);
        lie(&mut row, false);
        row.operand.write(cells, &c.operand);
        row.step.sum.write(cells, &c.sum);
        row.step.write(cells, &c.addition);
        before = row.step.sum;
    }
    RowMajorMatrix::new(cells, c.width)
}

/// A batch without intents whose generator rows have these digits: for each window one of each row.
pub(crate) struct Generators {
    pub(crate) signed: Signed,
}

impl Generators {
    /// `digits` says the digits of a window, odd and as many as there are rows.
    pub(crate) fn new(class: &LeafClass, rows: usize, digits: impl Fn(usize) -> Vec<i64>) -> Self {
        let batch = crate::tests::batches::batch(1, 0, 0);
        let mut signed = Half::new(class, &batch).sign(|_| ());
        let c = crate::tables::signature::signers::SignerColumns::new(&class.schedule);
        let windows = class.schedule.windows();
        let point = signed.terms[0].point;
        signed.terms.clear();
        for row in signed.signers.values.chunks_exact_mut(c.width) {
            row[c.generator] = Felt::ZERO;
        }
        for i in 0..rows {
            let row = &mut signed.signers.values[i * c.width..(i + 1) * c.width];
            row[c.generator] = Felt::ONE;
            let of_row = windows.iter().enumerate().map(|(w, window)| {
                let digit = digits(w)[i] + window.max_digit() as i64;
                assert!(digit % 2 == 0 && digit >= 0, "an odd digit");
                (digit / 2) as u16
            });
            let of_row: Vec<u16> = of_row.collect();
            for (column, digit) in c.digits.clone().zip(&of_row) {
                row[column] = Felt::from_u16(*digit);
            }
            signed.terms.push(Term { point, digits: of_row });
        }
        Self { signed }
    }

    pub(crate) fn runs(&self) -> Runs {
        Runs::of(&self.signed.half.class, &self.signed.terms)
    }

    /// With lies in the runs, and after them in reduction and combination.
    pub(crate) fn lie(
        self,
        runs: impl FnOnce(&mut Vec<Vec<BucketRow>>),
        reduction: impl FnMut(&mut ReductionRow, Stage),
        combine: impl FnMut(&mut CombineRow, bool),
    ) -> ForgedLeaf {
        let class = self.signed.half.class.clone();
        let mut all = self.runs();
        runs(&mut all.0);
        let points = Points::lying(&class, all.deal(&class), reduction, combine);
        self.signed.close(points)
    }
}

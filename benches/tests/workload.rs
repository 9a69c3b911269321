//! The workloads are what their documentation says, and the same for the same seed.

use std::collections::HashSet;
use std::io::Write as _;
use std::path::Path;

use farthing_benches::workload::{
    CreatorRole, Opening, Payment, Payments, Placement, Population, Shape, TraceError,
    generated_requests, read_trace, sign_all,
};
use farthing_protocol::{HOLDERS_MAX, Holder, Lineage, Operation, Pay, verify};

fn payments(shape: &Shape, seed: u64, count: usize) -> (Population, Vec<Payment>) {
    let population = Population::new(shape, seed);
    let requests = generated_requests(seed).take(count);
    let payments = Payments::new(&population, shape, requests, seed).collect();
    (population, payments)
}

fn pay(payment: &Payment) -> &Pay {
    match &payment.intent.operation {
        Operation::Pay(pay) => pay,
        other => panic!("expected a payment, got {other:?}"),
    }
}

#[test]
fn one_seed_gives_one_workload() {
    let small = Shape::REFERENCE.with_accounts(4_096);
    let bytes = |seed| {
        let (population, payments) = payments(&small, seed, 50);
        let signed = sign_all(&population, &payments);
        signed.iter().flat_map(|signed| signed.to_bytes()).collect::<Vec<u8>>()
    };
    assert_eq!(bytes(3), bytes(3));
    assert_ne!(bytes(3), bytes(4));
}

#[test]
fn the_reference_population_is_as_documented() {
    let population = Population::new(&Shape::REFERENCE, 1);
    assert_eq!((population.accounts(), population.payers.len()), (1 << 20, 200));
    assert_eq!((population.licenses.len(), population.derivatives()), (2_000, 500));
    for (number, planned) in population.licenses.iter().enumerate() {
        let holders = planned.register.shares.holders();
        assert_eq!(holders.len(), 3);
        let artist = &population.creators[planned.licensor];
        assert_eq!(artist.role, CreatorRole::Artist((number as u32).into()));
        assert!(holders.iter().any(|line| line.holder == Holder::Account(artist.id)));
        for (parent, shares) in planned.register.shares.parents() {
            assert!((parent.get() as usize) < number);
            let parent = &population.licenses[parent.get() as usize].register;
            assert!(shares >= parent.derivative_shares);
            let lineage = Lineage::of_parents([parent.lineage].into_iter());
            assert_eq!(Ok(planned.register.lineage), lineage);
        }
    }
    let openings: Vec<_> = population.openings().collect();
    assert_eq!(openings.len(), (1 << 20) - 1);
    let creators = openings.iter().filter(|(_, o)| matches!(o, Opening::Account(_))).count();
    assert_eq!(creators, 2_000 + 50 + 20);
}

#[test]
fn reference_payments_are_signed_in_order_and_skewed() {
    let near = Shape::REFERENCE.placed(Placement::First).with_accounts(0);
    let (population, payments) = payments(&near, 1, 16_384);
    let mut uses = vec![0_u32; population.licenses.len()];
    let mut nonces = vec![0; population.payers.len()];
    for payment in &payments {
        let Pay { license, uses: tokens, amount, .. } = *pay(payment);
        let price = population.licenses[license.get() as usize].register.price;
        assert_eq!(price.times(tokens), Ok(amount));
        uses[license.get() as usize] += 1;
        nonces[payment.payer] += 1;
        assert_eq!(payment.intent.nonce.get(), nonces[payment.payer]);
    }
    uses.sort_unstable_by(|a, b| b.cmp(a));
    // Zipf: 16,384 / H_2000 = 2,003 and half of that.
    assert!((1_850..2_150).contains(&uses[0]) && (900..1_100).contains(&uses[1]), "{uses:?}");
    let domain = population.domain_digest();
    for (payment, signed) in payments.iter().zip(sign_all(&population, &payments[..64])) {
        let key = population.payers[payment.payer].key.public_key();
        assert_eq!(verify(key, &domain, &signed.intent.message(), &signed.signature), Ok(()));
    }
}

#[test]
fn the_worst_case_shares_nothing() {
    let shape = Shape::worst(300).with_accounts(0);
    let (population, payments) = payments(&shape, 1, 300);
    let payers: HashSet<_> = payments.iter().map(|payment| payment.intent.account).collect();
    let licenses: HashSet<_> = payments.iter().map(|payment| pay(payment).license).collect();
    assert_eq!((payers.len(), licenses.len()), (300, 300));
    let tables = population.licenses.iter().map(|planned| planned.register.shares.holders());
    let holders: HashSet<_> = tables.flatten().map(|line| line.holder).collect();
    assert_eq!(holders.len(), 300 * HOLDERS_MAX);
}

#[test]
fn the_best_case_shares_everything() {
    let (_, payments) = payments(&Shape::BEST.with_accounts(0), 1, 100);
    let parties: HashSet<_> =
        payments.iter().map(|payment| (payment.intent.account, pay(payment).license)).collect();
    assert_eq!(parties.len(), 1);
}

#[test]
fn traces_are_read_strictly() -> Result<(), Box<dyn std::error::Error>> {
    let read = |text: &str| -> Result<_, Box<dyn std::error::Error>> {
        let mut file = tempfile::NamedTempFile::new()?;
        write!(file, "TIMESTAMP,ContextTokens,GeneratedTokens\n{text}")?;
        Ok(read_trace(file.path()))
    };
    let requests = read("2023-11-16 18:15:46.68,374,44\n2023-11-16 18:15:50.99,396,0\n")??;
    let seen: Vec<_> = requests.iter().map(|r| (r.at.get(), r.uses.get())).collect();
    assert_eq!(seen, [(1_700_158_546, 44), (1_700_158_550, 1)]);
    let backwards = read("2023-11-16 18:15:46,1,1\n2023-11-16 18:15:45,1,1\n")?;
    assert!(matches!(backwards, Err(TraceError::NotAscending { line: 3 })));
    assert!(matches!(read("2023-11-16 18:15:46;1;1\n")?, Err(TraceError::Line { line: 2 })));
    Ok(())
}

/// The production trace lies beside the checkout, if at all.
#[test]
fn the_production_trace_is_read() -> Result<(), TraceError> {
    let name = "../../shared/data/azure-llm-inference-2023-conv.csv";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    if !path.exists() {
        println!("skipped: the trace is missing");
        return Ok(());
    }
    assert_eq!(read_trace(&path)?.len(), 19_366);
    Ok(())
}

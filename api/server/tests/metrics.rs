//! Metrics, checked as the linter of Prometheus would: names, help, units, labels, buckets.

mod support;

use std::collections::{BTreeMap, BTreeSet};

use farthing_protocol::{Amount, Bytes32};
use support::*;

/// A metric family: what its comments say, and its samples.
#[derive(Debug, Default)]
struct Metric {
    help: Option<String>,
    kind: Option<String>,
    samples: Vec<Sample>,
}

#[derive(Debug)]
struct Sample {
    name: String,
    labels: BTreeMap<String, String>,
    value: f64,
}

/// Reads the text; anything that is not OpenMetrics is an error.
fn read(text: &str) -> TestResult<BTreeMap<String, Metric>> {
    let mut families: BTreeMap<String, Metric> = BTreeMap::new();
    let mut current = String::new();
    let body = text.strip_suffix("# EOF\n").ok_or("no end")?;
    for line in body.lines() {
        if let Some(comment) = line.strip_prefix("# ") {
            let mut words = comment.splitn(3, ' ');
            let (what, name, rest) = (words.next(), words.next(), words.next());
            let (name, rest) = (name.ok_or("name")?.to_owned(), rest.ok_or("rest")?.to_owned());
            let family = families.entry(name.clone()).or_default();
            let slot = match what {
                Some("HELP") => &mut family.help,
                Some("TYPE") => &mut family.kind,
                other => return Err(format!("{other:?}").into()),
            };
            assert!(slot.replace(rest).is_none(), "{name} is described twice");
            current = name;
            continue;
        }
        let sample = sample(line)?;
        assert!(sample.name.starts_with(&current), "{line} does not stand with its family");
        families.get_mut(&current).ok_or("a family")?.samples.push(sample);
    }
    Ok(families)
}

fn sample(line: &str) -> TestResult<Sample> {
    let (series, value) = line.rsplit_once(' ').ok_or("a value")?;
    let (name, labels) = match series.split_once('{') {
        None => (series, ""),
        Some((name, labels)) => (name, labels.strip_suffix('}').ok_or("labels")?),
    };
    let pairs = labels.split("\",").filter(|pair| !pair.is_empty()).map(|pair| {
        let (label, value) = pair.split_once("=\"").ok_or("a label")?;
        Ok::<_, &str>((label.to_owned(), value.trim_end_matches('"').to_owned()))
    });
    let labels = pairs.collect::<Result<_, _>>()?;
    Ok(Sample { name: name.to_owned(), labels, value: value.parse()? })
}

fn check_names(name: &str, metric: &Metric) {
    let words = name.strip_prefix("farthing_").unwrap_or_default();
    assert!(
        !words.is_empty()
            && words.bytes().all(|b| b"_0123456789".contains(&b) || b.is_ascii_lowercase()),
        "{name}"
    );
    let help = metric.help.as_deref().unwrap_or_default();
    assert!(help.contains(' '), "{name}: {help}");
    for unit in ["milli", "micro", "_ms", "_us", "_count", "_sum", "_bucket", "_total"] {
        assert!(!name.contains(unit), "{name}: base units, and no suffix of the format");
    }
    let suffixes: &[&str] = match metric.kind.as_deref() {
        Some("counter") => &["_total"],
        Some("gauge") => &[""],
        Some("histogram") => &["_bucket", "_sum", "_count"],
        other => panic!("{name} is {other:?}"),
    };
    for sample in &metric.samples {
        let suffix = sample.name.strip_prefix(name);
        assert!(suffix.is_some_and(|suffix| suffixes.contains(&suffix)), "{}", sample.name);
        assert!(sample.value >= 0.0 && sample.value.is_finite(), "{sample:?}");
        assert!(sample.labels.keys().all(|label| label.bytes().all(|b| b.is_ascii_lowercase())));
    }
}

/// Buckets with their bounds, by the other labels.
type Series<'a> = BTreeMap<Vec<(&'a str, &'a str)>, Vec<(&'a str, f64)>>;

/// Buckets count up to all, for each set of labels.
fn check_buckets(name: &str, metric: &Metric) {
    let mut series: Series<'_> = BTreeMap::new();
    for sample in metric.samples.iter().filter(|sample| sample.name.ends_with("_bucket")) {
        let labels = sample.labels.iter().map(|(label, value)| (label.as_str(), value.as_str()));
        let (bound, own): (Vec<_>, Vec<_>) = labels.partition(|(label, _)| *label == "le");
        let bound = bound.first().map_or("", |(_, bound)| *bound);
        series.entry(own).or_default().push((bound, sample.value));
    }
    assert!(!series.is_empty(), "{name}");
    for (labels, buckets) in series {
        let bounds: Vec<f64> = buckets.iter().filter_map(|(bound, _)| bound.parse().ok()).collect();
        assert!(bounds.is_sorted() && bounds.last() == Some(&f64::INFINITY), "{name} {buckets:?}");
        assert!(buckets.is_sorted_by(|a, b| a.1 <= b.1), "{name} {buckets:?}");
        let count = metric.samples.iter().find(|sample| {
            let own = sample.labels.iter().map(|(l, v)| (l.as_str(), v.as_str()));
            sample.name.ends_with("_count") && own.eq(labels.iter().copied())
        });
        assert_eq!(count.map(|sample| sample.value), buckets.last().map(|last| last.1), "{name}");
    }
}

#[tokio::test]
async fn metrics_are_what_a_linter_wants() -> TestResult {
    let dir = tempfile::tempdir()?;
    let node = Node::start(dir.path()).await?;
    node.fund(2, 0).await?;
    register_two(&node).await.err().ok_or("account 3 is not open")?;
    let refused = signer(1).transfer(transfer_to(3.into(), Amount::MIN, Bytes32::default()))?;
    node.client()?.submit(&refused).await.err().ok_or("account 3 is not open")?;
    node.seal().await?;
    let http = reqwest::Client::new();
    for path in ["/v1/accounts/1", "/v1/accounts/99", "/nowhere/1", "/nowhere/2", "/livez"] {
        http.get(format!("{}{path}", node.url)).send().await?;
    }
    let invented = reqwest::Method::from_bytes(b"INVENTED")?;
    http.request(invented, format!("{}/livez", node.url)).send().await?;
    let answer = http.get(format!("{}/metrics", node.url)).send().await?.error_for_status()?;
    let kind = answer.headers()["content-type"].to_str()?.to_owned();
    assert!(kind.starts_with("application/openmetrics-text; version=1.0.0"), "{kind}");
    let families = read(&answer.text().await?)?;
    node.stop().await?;

    for (name, metric) in &families {
        check_names(name, metric);
        if metric.kind.as_deref() == Some("histogram") {
            check_buckets(name, metric);
        }
    }
    let value = |family: &str| families[family].samples[0].value;
    assert_eq!((value("farthing_ready"), value("farthing_batches_sequenced")), (1.0, 1.0));
    assert_eq!(value("farthing_accounts_opened"), 2.0);
    assert!(value("farthing_intents_rejected") >= 1.0);
    let steps = &families["farthing_sequencer_step_seconds"].samples;
    let labels = |label: &str, samples: &[Sample]| -> BTreeSet<String> {
        samples.iter().filter_map(|sample| sample.labels.get(label).cloned()).collect()
    };
    let expected = ["admit", "answer", "check", "seal", "settle", "wait"].map(str::to_owned);
    assert_eq!(labels("step", steps), BTreeSet::from(expected));
    // Series are as many as routes, for any paths that clients ask for.
    let requests = &families["farthing_http_requests"].samples;
    let routes = labels("route", requests);
    assert!(routes.contains("/v1/accounts/{id}"), "{routes:?}");
    assert!(routes.iter().all(|route| !route.contains("nowhere")), "{routes:?}");
    assert!(labels("method", requests).contains("other"));
    Ok(())
}

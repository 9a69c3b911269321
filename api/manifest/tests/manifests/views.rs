//! Views in the licence languages of others.

use farthing_manifest::{Manifest, Usage, View};
use serde_json::{Value, json};

use crate::samples::{full, least};

fn manifest(value: &Value) -> Manifest {
    Manifest::parse(value.to_string().as_bytes()).expect("a manifest")
}

fn json_of(view: View, value: &Value) -> Value {
    serde_json::from_str(&view.render(&manifest(value))).expect("JSON")
}

#[test]
fn views_have_names() {
    for view in View::ALL {
        assert_eq!(View::of(view.name()), Some(*view));
        assert!(view.render(&manifest(&full())).ends_with('\n'), "{view:?}");
    }
    assert_eq!(View::of("html"), None);
}

#[test]
fn rsl_of_the_least() {
    let expected = "\
<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<rsl xmlns=\"https://rslstandard.org/rsl\">
  <content url=\"ipfs://bafkreicysg23kiwv34eg2d7qweipxwosdo2py4ldv42nbauguluen5v6am\">
    <license>
      <permits type=\"usage\">ai-input,ai-index</permits>
      <payment type=\"use\"/>
    </license>
    <copyright>Bo</copyright>
  </content>
</rsl>
";
    assert_eq!(View::Rsl.render(&manifest(&least())), expected);
}

#[test]
fn rsl_escapes_what_strangers_wrote() {
    let text = View::Rsl.render(&manifest(&full()));
    assert!(
        text.contains("<content url=\"https://example.com/models/kursiv?v=2&amp;a=%2A\">"),
        "{text}"
    );
    let copyright = "<copyright>Ada &lt;/copyright&gt;&lt;script&gt;alert(1)&lt;/script&gt;, 研究所 🎨</copyright>";
    assert!(text.contains(copyright), "{text}");
    assert!(!text.contains("<script"), "{text}");
    assert!(text.contains("<amount currency=\"USD\">0.00025</amount>"), "{text}");
    assert!(text.contains("<custom>https://example.com/terms</custom>"), "{text}");
    assert!(text.contains("<prohibits type=\"usage\">ai-train</prohibits>"), "{text}");
}

#[test]
fn rsl_has_amounts_in_currencies_alone() {
    let mut sample = full();
    sample["price"]
        .as_object_mut()
        .and_then(|price| price.remove("currency"))
        .expect("it is there");
    assert!(!View::Rsl.render(&manifest(&sample)).contains("<amount"));
}

#[test]
fn amounts_are_decimal_numbers() {
    let nanos = [
        ("0", "0"),
        ("1", "0.000000001"),
        ("1000000000", "1"),
        ("1500000000", "1.5"),
        ("250000", "0.00025"),
    ];
    for (nano, tokens) in nanos {
        let mut sample = full();
        sample["price"]["amountNano"] = json!(nano);
        assert_eq!(manifest(&sample).document().price.tokens().as_deref(), Some(tokens));
    }
}

#[test]
fn content_usage_says_only_what_the_manifest_says() {
    let said = |permits: &[&str], prohibits: &[&str]| {
        let mut sample = least();
        sample["permits"] = json!(permits);
        if !prohibits.is_empty() {
            sample["prohibits"] = json!(prohibits);
        }
        View::ContentUsage.render(&manifest(&sample))
    };
    let all = "Content-Usage: search=y, train-ai=n\n\
        Content-Signal: ai-input=yes, ai-train=no, search=yes\n";
    assert_eq!(said(&["all"], &["ai-train"]), all);
    let search = "Content-Usage: search=y, train-ai=n\n\
        Content-Signal: ai-input=no, ai-train=no, search=yes\n";
    assert_eq!(said(&["search"], &["ai-all"]), search);
    assert_eq!(said(&["ai-input"], &[]), "Content-Signal: ai-input=yes\n");
    assert_eq!(said(&["ai-index"], &[]), "");
}

#[test]
fn a_narrower_prohibition_wins() {
    let document = manifest(&full());
    let document = document.document();
    assert_eq!(document.allows(Usage::AiTrain), Some(false));
    assert_eq!(document.allows(Usage::Search), Some(true));
    assert_eq!(document.allows(Usage::All), Some(true));
    let least = manifest(&least());
    assert_eq!(least.document().allows(Usage::AiAll), None);
}

#[test]
fn odrl_has_an_offer() {
    let offer = json_of(View::Odrl, &full());
    assert_eq!(offer["@type"], "Offer");
    let hash = manifest(&full()).hash();
    assert_eq!(offer["uid"], format!("nih:sha-256;{hash}"));
    let permission = &offer["permission"][0];
    assert_eq!(permission["action"], "https://rslstandard.org/rsl#all");
    let left: Vec<_> = ["spatial", "recipient", "dateTime", "dateTime"].map(Value::from).into();
    let constraints = permission["constraint"].as_array().expect("constraints");
    assert_eq!(constraints.iter().map(|one| one["leftOperand"].clone()).collect::<Vec<_>>(), left);
    let amount = &permission["duty"][0]["constraint"][0];
    assert_eq!(amount["rightOperand"], json!({ "@value": "0.00025", "@type": "xsd:decimal" }));
    assert_eq!(amount["unit"], "eip155:1/erc20:0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48");
    assert_eq!(permission["duty"][1]["action"], "attribute");
    assert_eq!(offer["prohibition"][0]["action"], "https://rslstandard.org/rsl#ai-train");
    let least = json_of(View::Odrl, &least());
    assert_eq!(least["permission"].as_array().map(Vec::len), Some(2));
    assert_eq!(least["permission"][0]["duty"], json!([{ "action": "compensate" }]));
    assert!(
        least.get("prohibition").is_none() && least["permission"][0].get("constraint").is_none()
    );
}

#[test]
fn pil_has_seventeen_terms() {
    let view = json_of(View::Pil, &full());
    let terms = &view["terms"];
    assert_eq!(terms.as_object().map(serde_json::Map::len), Some(17));
    assert_eq!(terms["commercialRevShare"], 10_000_000);
    assert_eq!(terms["currency"], "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48");
    assert_eq!(terms["derivativesReciprocal"], true);
    assert_eq!(view["unmapped"], json!(["price", "permits", "prohibits", "geo", "term"]));

    let mut sample = full();
    sample["users"] = json!(["education"]);
    let terms = &json_of(View::Pil, &sample)["terms"];
    assert_eq!((&terms["commercialUse"], &terms["commercialRevShare"]), (&json!(false), &json!(0)));
    let terms = &json_of(View::Pil, &least())["terms"];
    let none = [
        &terms["derivativesAllowed"],
        &terms["derivativesApproval"],
        &terms["commercialAttribution"],
    ];
    assert_eq!(none, [&json!(false); 3]);
}

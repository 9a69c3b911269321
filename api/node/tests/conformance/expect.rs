//! Comparison of a result with the expectation of a step.

use serde_json::Value;

/// Compares the expected fields of an object, the items of an array, or one of several values. An absent
/// field and `null` are the same.
pub(crate) fn contains(got: &Value, expected: &Value, path: &str) -> Result<(), String> {
    match expected {
        Value::Array(items) => {
            let found = got.as_array().ok_or(format!("{path} is {got}, expected a list"))?;
            if found.len() != items.len() {
                let (got, expected) = (found.len(), items.len());
                return Err(format!("{path} has {got} items, expected {expected}"));
            }
            let mut pairs = found.iter().zip(items).enumerate();
            pairs.try_for_each(|(i, (got, item))| contains(got, item, &format!("{path}/{i}")))
        }
        Value::Object(fields) => match fields.get("any_of").and_then(Value::as_array) {
            Some(choices) if choices.contains(got) => Ok(()),
            Some(choices) => Err(format!("{path} is {got}, expected one of {choices:?}")),
            None => fields
                .iter()
                .try_for_each(|(name, item)| contains(&got[name], item, &format!("{path}/{name}"))),
        },
        _ if got == expected => Ok(()),
        _ => Err(format!("{path} is {got}, expected {expected}")),
    }
}

#[test]
fn what_differs_is_named() {
    let got = serde_json::json!({ "a": [1, { "b": "x", "c": 2 }], "d": null });
    let holds = |expected: Value| contains(&got, &expected, "result");
    assert_eq!(holds(serde_json::json!({ "a": [1, { "b": "x" }], "d": null, "e": null })), Ok(()));
    assert_eq!(holds(serde_json::json!({ "a": [1, { "b": { "any_of": ["y", "x"] } }] })), Ok(()));
    let wrong = holds(serde_json::json!({ "a": [1, { "b": "y" }] }));
    assert_eq!(wrong, Err("result/a/1/b is \"x\", expected \"y\"".to_owned()));
    assert!(holds(serde_json::json!({ "a": [1] })).is_err());
    assert!(holds(serde_json::json!({ "a": [{ "any_of": [2] }, {}] })).is_err());
}

//! The binary as people use it: a node of its own, and every verb that needs no L1.

use serde_json::Value;

use crate::support::{CONTRACT, Node, OWNER, TestResult, farthing};

#[test]
fn a_node_and_the_verbs() -> TestResult {
    let dir = tempfile::tempdir()?;
    let folder = dir.path();
    std::fs::write(folder.join("farthing.toml"), "[node]\ndata = 'data'\nseal_seconds = 1\n")?;
    let node = Node::start(folder)?;
    node.json(folder, &["keys", "new", "--out", "alice.key"])?;
    let key = ["--key", "alice.key"];
    let open = [&["account", "open", "--owner", OWNER], &key[..]].concat();
    assert_eq!(node.json(folder, &open)?["existed"], false);
    assert_eq!(node.json(folder, &open)?["existed"], true);
    let alice = [&key[..], &["--account", "1"]].concat();
    assert_eq!(node.json(folder, &["account", "show", "1"])?["balance"], "0");

    let pay = [&["pay", "--to", "1", "--amount", "0", "--wait", "sequenced"], &alice[..]].concat();
    let told = node.documents(folder, &pay)?;
    let [accepted, paid] = told.as_slice() else { return Err("two documents".into()) };
    assert_eq!(accepted["id"], paid["id"]);
    assert_eq!(paid["status"], "sequenced");
    let id = paid["id"].as_str().ok_or("an id")?;
    let status = node.json(folder, &["intent", "status", id])?;
    let saved = node.json(folder, &["receipt", "get", id, "--out", "receipt.json"])?;
    assert_eq!((&saved["id"], &saved["file"]), (&id.into(), &"receipt.json".into()));
    assert_eq!(status["batch"], paid["batch"]);
    let deployment = ["--chain-id", "31337", "--contract", CONTRACT];
    let verify = [&["receipt", "verify", "receipt.json", "--offline"], &deployment[..]].concat();
    let verified = node.json(folder, &verify)?;
    assert_eq!((&verified["id"], &verified["settled"]), (&paid["id"], &Value::Bool(false)));

    let register = ["license", "register", "--price", "0.00025", "--share", "1=1000000"];
    let hash = format!("0x{}", "05".repeat(32));
    let wait = ["--wait", "sequenced"];
    let register = [&register[..], &["--provenance", &hash], &wait, &alice[..]].concat();
    assert_eq!(node.documents(folder, &register)?[0]["registers"], 0);
    let quote = node.json(folder, &["license", "quote", "0", "--uses", "4"])?;
    assert_eq!(quote["amount"], "1000000");
    assert_eq!(node.json(folder, &["license", "show", "0"])?["price"], "250000");
    assert_eq!(node.json(folder, &["claim", OWNER, "--dry-run"])?, Value::Array(Vec::new()));
    let status = node.json(folder, &["status"])?;
    assert_eq!((&status["batch_class"], &status["height"]["proven"]), (&"tiny".into(), &0.into()));
    assert!(status["readiness"]["room"].as_u64() > Some(0), "{status}");
    assert!(status["height"]["sealed"].as_u64() > Some(0), "{status}");
    let accounts = node.json(folder, &["account", "list"])?;
    assert_eq!((&accounts[0]["id"], &accounts[1]["id"]), (&0.into(), &1.into()));
    assert_eq!(node.json(folder, &["license", "list"])?[0]["price"], "250000");

    let proof = node.json(folder, &["account", "proof", "0"])?;
    assert_eq!((&proof["id"], &proof["verified_on_l1"]), (&0.into(), &false.into()));
    assert_eq!(proof["siblings"].as_array().map(Vec::len), Some(32));
    let early = node.error(folder, &["account", "proof", "1"])?;
    assert!(early.contains("account_not_final") && early.contains("hint: the batch"), "{early}");

    let poor = node.error(folder, &[&["pay", "0"], &alice[..]].concat())?;
    assert!(poor.contains("insufficient_funds"), "{poor}");
    let uneven = node.error(folder, &[&["withdraw", "--amount", "5n"], &alice[..]].concat())?;
    assert!(uneven.contains("not a multiple of 1000"), "{uneven}");
    let other = ["receipt", "verify", "receipt.json", "--chain-id", "1", "--contract", CONTRACT];
    assert!(node.error(folder, &other)?.contains("31337"));
    let text = std::fs::read_to_string(folder.join("receipt.json"))?;
    let tampered = text.replacen("\"nonce\": \"1", "\"nonce\": \"2", 1);
    assert_ne!(tampered, text);
    std::fs::write(folder.join("tampered.json"), tampered)?;
    assert!(
        node.error(folder, &["receipt", "verify", "tampered.json"])?
            .contains("the receipt is invalid")
    );
    assert!(node.error(folder, &["pay", "0"])?.contains("--account"));
    assert!(node.stop()?, "it ends well when it is asked to");

    // What was acknowledged is there again.
    let node = Node::start(folder)?;
    assert_eq!(node.json(folder, &["intent", "status", id])?["status"], "sequenced");
    assert!(node.stop()?);
    Ok(())
}

#[test]
fn help_teaches_every_verb() -> TestResult {
    let help = |arguments: &[&str]| -> TestResult<String> {
        let output = farthing(&std::env::temp_dir()).args(arguments).output()?;
        assert!(output.status.success());
        Ok(String::from_utf8(output.stdout)?)
    };
    let overview = help(&["--help"])?;
    for verb in ["node", "keys", "account", "license", "pay", "withdraw", "claim", "status"] {
        assert!(overview.contains(verb), "{verb}");
        let own = help(&[verb, "--help"])?;
        assert!(own.contains("farthing") && own.contains("Usage"), "{verb}");
    }
    let alone = ["node", "pay", "withdraw", "claim", "status", "simulate", "restore"];
    let pairs =
        [["intent", "status"], ["receipt", "get"], ["receipt", "verify"], ["keys", "derive"]];
    for verb in alone.iter().map(std::slice::from_ref).chain(pairs.iter().map(|pair| &pair[..])) {
        assert!(help(&[verb, &["--help"]].concat())?.contains("Example"), "{verb:?}");
    }
    Ok(())
}

#[test]
fn a_wallets_message_is_shown_and_its_signature_makes_the_key() -> TestResult {
    let dir = tempfile::tempdir()?;
    let run =
        |arguments: &[&str]| farthing(dir.path()).args(["keys", "derive"]).args(arguments).output();
    let deployment = ["--chain-id", "1", "--contract", CONTRACT];
    let shown: Value = serde_json::from_slice(&run(&deployment)?.stdout)?;
    assert_eq!(shown["primaryType"], "FarthingKey");
    std::fs::write(dir.path().join("wallet"), format!("0x{}", "01".repeat(32)))?;
    let mut keys = Vec::new();
    for out in ["a.key", "b.key"] {
        let made = run(&[&deployment[..], &["--l1-key", "wallet", "--out", out]].concat())?;
        assert!(made.status.success());
        keys.push(made.stdout);
    }
    assert_eq!(keys[0], keys[1], "the same wallet gets the same key");

    // A signature from elsewhere comes from a file or standard input, never from the command line.
    let signature = format!("0x{}", "01".repeat(65));
    std::fs::write(dir.path().join("signature"), format!("\u{feff}{signature}\r\n"))?;
    let from_file = run(&["--signature", "signature", "--out", "c.key"])?;
    assert!(from_file.status.success(), "{}", String::from_utf8_lossy(&from_file.stderr));
    std::fs::write(dir.path().join("input"), &signature)?;
    let from_input = farthing(dir.path())
        .args(["keys", "derive", "--signature", "-", "--out", "d.key"])
        .stdin(std::fs::File::open(dir.path().join("input"))?)
        .output()?;
    assert_eq!(from_input.stdout, from_file.stdout);
    let refused = run(&["--signature", &signature, "--out", "e.key"])?;
    assert_eq!(refused.status.code(), Some(2));
    assert!(!String::from_utf8(refused.stderr)?.contains("0101"));
    Ok(())
}

/// A payer that has the recipient from its owner pays no other, even if the node names one.
#[test]
fn a_payment_is_signed_for_the_recipient_that_was_told() -> TestResult {
    let dir = tempfile::tempdir()?;
    let folder = dir.path();
    let node = Node::with_alice(folder, 1)?;
    let alice = ["--amount", "0", "--key", "alice.key", "--account", "1"];
    let pay = ["pay", "--to", "0", "--recipient"];
    let shown = node.json(folder, &["account", "show", "0"])?;
    let recipient = shown["recipient"].as_str().ok_or("its name")?;
    assert_eq!(recipient.len(), 2 + 48);
    assert!(node.json(folder, &[&pay[..], &[recipient], &alice].concat())?["id"].is_string());
    let other = format!("0x{}", "00".repeat(24));
    let refused = node.error(folder, &[&pay[..], &[&other], &alice].concat())?;
    assert!(refused.contains("account 0 is 0x") && refused.contains("somebody else"), "{refused}");
    let short = node.command(folder, &[&pay[..], &["0x00"], &alice].concat()).output()?;
    assert_eq!(short.status.code(), Some(2));
    let short = String::from_utf8(short.stderr)?;
    assert!(short.contains("24"), "{short}");
    Ok(())
}

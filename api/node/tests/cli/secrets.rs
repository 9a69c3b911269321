//! No secret that is given in the wrong place is repeated: not by any option of any command, not by any
//! environment variable, not in a key file, a payers file or a configuration file.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use clap::{Arg, Command};

use crate::support::{CONTRACT, OWNER, TestResult, farthing};

const KEY: &str = "4f3edf983ac636a65a842ce7c78d9aa706d3b113bce9c46f30d7d21715b23b1d";
const MNEMONIC: &str =
    "legal winner thank year wave sausage worth useful legal winner thank yellow";
/// Processes at once: most of them wait.
const AT_ONCE: usize = 24;
/// A command that has not ended by then is a defect.
const TIMEOUT: Duration = Duration::from_secs(120);

/// Secrets as users have them, and the words that must not come back.
fn secrets() -> Vec<(String, Vec<String>)> {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let signature = format!("{KEY}{KEY}1b");
    vec![
        (format!("0x{KEY}"), words(&[KEY])),
        (KEY.to_uppercase(), words(&[KEY])),
        (format!("0x{}", &KEY[2..]), words(&[&KEY[2..]])),
        (format!("0x{signature}"), words(&[KEY, &signature])),
        (MNEMONIC.to_owned(), words(&["sausage", "yellow"])),
        (
            format!("http://carol:hunter2hunter2@127.0.0.1:1/v3/abcdef0123456789abcdef?key={KEY}"),
            words(&["hunter2", "carol", "abcdef0123456789", KEY]),
        ),
    ]
}

/// Arguments with which every leaf command gets as far as possible without a node and without L1.
fn baseline(path: &[String], url: &str) -> Option<Vec<(&'static str, String)>> {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let text = |pairs: &[(&'static str, &str)]| {
        pairs.iter().map(|(id, value)| (*id, (*value).to_owned())).collect::<Vec<_>>()
    };
    let deployment = text(&[("chain_id", "31337"), ("contract", CONTRACT), ("l1_url", url)]);
    let node = text(&[("node", url)]);
    let signing = [node.clone(), text(&[("key", "alice.key"), ("account", "1")])].concat();
    let l1 = [deployment.clone(), text(&[("l1_key", "alice.key")])].concat();
    let own = text(&[
        ("class", "tiny"),
        ("deployed_at", "0"),
        ("operator_owner", OWNER),
        ("operator_key", &format!("0x{}", "07".repeat(40))),
        // A file, where a folder is needed: nothing starts.
        ("data", "alice.key"),
    ]);
    let id = format!("0x{}", "05".repeat(32));
    Some(match path.as_slice() {
        ["demo" | "dev"] => text(&[("data", "full")]),
        ["simulate"] => {
            [node, text(&[("payers", "payers.json"), ("log", "log.csv"), ("payments", "1")])]
                .concat()
        }
        ["node"] => [l1, own, text(&[("listen", "127.0.0.1:0")])].concat(),
        // An address that is none ends the command before it makes circuits.
        ["prover"] => text(&[("nats", "nats"), ("classes", "tiny")]),
        ["restore"] => [deployment, own].concat(),
        ["guard"] => text(&[("pid", "2147483647")]),
        ["keys", "new"] => text(&[("out", "alice.key")]),
        ["keys", "derive"] => [l1, text(&[("out", "alice.key")])].concat(),
        ["keys", "show"] => text(&[("key", "alice.key")]),
        ["account", "open"] => [signing, text(&[("owner", OWNER)])].concat(),
        ["account", "show" | "earnings"] => [node, text(&[("number", "1")])].concat(),
        ["account", "proof"] => [node, deployment, text(&[("number", "1")])].concat(),
        ["account" | "license", "list"] => node,
        ["account", "deposit"] => [signing, l1, text(&[("amount", "1")])].concat(),
        ["license", "register"] => {
            [signing, text(&[("price", "1"), ("shares", "1=1000000"), ("provenance", &id)])]
                .concat()
        }
        ["license", "update"] => [signing, text(&[("license", "0"), ("price", "1")])].concat(),
        ["manifest", "new"] => text(&[
            ("kind", "model"),
            ("title", "Kursiv"),
            ("url", "https://example.com/"),
            ("creators", "Ada"),
            ("model_version", "1"),
            ("permits", "all"),
            ("unit", "token"),
            ("chain_id", "1"),
            ("contract", CONTRACT),
            ("out", "alice.key"),
        ]),
        ["manifest", "check" | "hash"] => text(&[("manifest", "payers.json")]),
        ["manifest", "export"] => text(&[("manifest", "payers.json"), ("form", "rsl")]),
        ["license", "show" | "earnings" | "versions"] => [node, text(&[("license", "0")])].concat(),
        ["license", "quote"] => [node, text(&[("license", "0"), ("uses", "1")])].concat(),
        ["pay"] => [signing, text(&[("license", "0")])].concat(),
        ["withdraw"] => [signing, text(&[("amount", "1")])].concat(),
        ["claim"] => [node, l1, text(&[("owner", OWNER)])].concat(),
        ["exit"] => {
            [l1, text(&[("account", "1"), ("deployed_at", "0"), ("owner", OWNER)])].concat()
        }
        ["status"] => [node, deployment].concat(),
        ["intent", "status"] => [node, text(&[("intent", &id)])].concat(),
        ["webhooks", "register"] => {
            [signing, text(&[("url", "https://a.example/"), ("license", "0")])].concat()
        }
        ["webhooks", "list"] => signing,
        ["webhooks", "delete" | "rotate" | "test" | "deliveries"] => {
            [signing, text(&[("webhook", &id)])].concat()
        }
        ["webhooks", "resend"] => [signing, text(&[("webhook", &id), ("event", &id)])].concat(),
        ["receipt", "get"] => [node, text(&[("intent", &id), ("out", "receipt.json")])].concat(),
        ["statement", "open"] => {
            [node, text(&[("license", "0"), ("out", "opening.json")])].concat()
        }
        ["statement", "make"] => [node, text(&[("licenses", "0"), ("out", "made.json")])].concat(),
        ["statement", "verify"] => [deployment, text(&[("statement", "payers.json")])].concat(),
        ["receipt", "verify"] => [deployment, text(&[("receipt", "payers.json")])].concat(),
        _ => return None,
    })
}

/// One call of the binary.
#[derive(Clone, Debug)]
struct Call {
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    forbidden: Vec<String>,
}

/// Every leaf command with the path of names to it.
fn leaves(command: &Command, path: &[String], found: &mut Vec<(Vec<String>, Command)>) {
    let subcommands: Vec<_> =
        command.get_subcommands().filter(|one| one.get_name() != "help").collect();
    if subcommands.is_empty() {
        found.push((path.to_vec(), command.clone()));
    }
    for subcommand in subcommands {
        leaves(subcommand, &[path, &[subcommand.get_name().to_owned()]].concat(), found);
    }
}

/// The arguments of a call, with `changed` in the place of one of them.
fn arguments(path: &[String], args: &[Arg], values: &BTreeMap<&str, String>) -> Vec<String> {
    let mut line = path.to_vec();
    let mut positional: Vec<_> = Vec::new();
    for arg in args {
        let Some(value) = values.get(arg.get_id().as_str()) else { continue };
        match arg.get_long() {
            Some(long) => line.extend([format!("--{long}"), value.clone()]),
            None => positional.push((arg.get_index(), value.clone())),
        }
    }
    positional.sort();
    line.extend(positional.into_iter().map(|(_, value)| value));
    line
}

/// Each secret in the place of each value of each command, and in each environment variable.
fn calls(url: &str) -> Vec<Call> {
    let mut command = farthing_node::command();
    command.build();
    let mut found = Vec::new();
    leaves(&command, &[], &mut found);
    let mut calls = Vec::new();
    for (path, command) in found {
        let values = baseline(&path, url);
        assert!(values.is_some(), "{path:?} is new: give it a line in `baseline`");
        let values: BTreeMap<&str, String> = values.unwrap_or_default().into_iter().collect();
        let args: Vec<Arg> = command.get_arguments().cloned().collect();
        let known = |id: &str| args.iter().any(|arg| arg.get_id() == id);
        assert!(values.keys().all(|id| known(id)), "{path:?}: {values:?}");
        for arg in args.iter().filter(|arg| arg.get_action().takes_values()) {
            for (secret, forbidden) in secrets() {
                let mut given = values.clone();
                given.insert(arg.get_id().as_str(), secret.clone());
                let (environment, arguments) = (Vec::new(), arguments(&path, &args, &given));
                calls.push(Call { arguments, environment, forbidden: forbidden.clone() });
                let Some(name) = arg.get_env() else { continue };
                given.remove(arg.get_id().as_str());
                let environment = vec![(name.to_string_lossy().into_owned(), secret)];
                let arguments = self::arguments(&path, &args, &given);
                let help = [&path[..], &["--help".to_owned()]].concat();
                for arguments in [arguments, help] {
                    let (environment, forbidden) = (environment.clone(), forbidden.clone());
                    calls.push(Call { arguments, environment, forbidden });
                }
            }
        }
    }
    for (secret, forbidden) in secrets() {
        for line in [
            vec![secret.clone()],
            vec!["pay".into(), format!("--{secret}")],
            vec!["pay".into(), "0".into(), format!("--kee={secret}")],
        ] {
            calls.push(Call {
                arguments: line,
                environment: Vec::new(),
                forbidden: forbidden.clone(),
            });
        }
        let environment = vec![("FARTHING_LOG".to_owned(), secret)];
        calls.push(Call { arguments: vec!["keys".into(), "show".into()], environment, forbidden });
    }
    let bare = MNEMONIC.split(' ').map(str::to_owned);
    let arguments = ["keys", "show", "--key"].map(str::to_owned).into_iter().chain(bare).collect();
    let forbidden = vec!["winner".to_owned(), "sausage".to_owned()];
    calls.push(Call { arguments, environment: Vec::new(), forbidden });
    calls
}

/// Answers everything with 404, so that commands fail as late and as fast as they can.
fn answer_all() -> TestResult<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}", listener.local_addr()?);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut stream = stream;
                let mut request = [0; 4_096];
                while stream.read(&mut request).is_ok_and(|read| read > 0) {
                    let answer = "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}";
                    if stream.write_all(answer.as_bytes()).is_err() {
                        break;
                    }
                }
            });
        }
    });
    Ok(url)
}

/// All that a call prints, in small letters.
fn printed(folder: &Path, call: &Call) -> TestResult<String> {
    let mut child = farthing(folder)
        .args(&call.arguments)
        .env("FARTHING_LOG", "trace")
        .envs(call.environment.iter().cloned())
        .stdin(Stdio::null())
        .stdout(std::fs::File::create(folder.join("out"))?)
        .stderr(std::fs::File::create(folder.join("err"))?)
        .spawn()?;
    let start = Instant::now();
    while child.try_wait()?.is_none() {
        if start.elapsed() > TIMEOUT {
            child.kill()?;
            child.wait()?;
            return Err(format!("{call:?} does not end").into());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let read = |name: &str| std::fs::read(folder.join(name));
    let all = [read("out")?, read("err")?].concat();
    Ok(String::from_utf8_lossy(&all).to_lowercase())
}

fn prepare(folder: &Path) -> TestResult {
    let key = format!("0x{}\n", "12".repeat(32));
    std::fs::write(folder.join("alice.key"), &key)?;
    let payers =
        format!("{{\"payers\":[{{\"account\":1,\"seed\":\"{}\"}}],\"licenses\":[0]}}", key.trim());
    std::fs::write(folder.join("payers.json"), payers)?;
    std::fs::write(folder.join("log.csv"), "1,2,3\n")?;
    std::fs::create_dir(folder.join("full"))?;
    Ok(std::fs::write(folder.join("full/file"), "")?)
}

#[test]
fn no_option_and_no_variable_repeats_a_secret() -> TestResult {
    let url = answer_all()?;
    let calls = calls(&url);
    assert!(calls.len() > 500, "{}", calls.len());
    let (next, failures) = (Mutex::new(calls.into_iter()), Mutex::new(Vec::new()));
    let work = || -> Result<(), String> {
        let dir = tempfile::tempdir().map_err(|error| error.to_string())?;
        prepare(dir.path()).map_err(|error| error.to_string())?;
        loop {
            let call = next.lock().map_err(|error| error.to_string())?.next();
            let Some(call) = call else { return Ok(()) };
            let printed = printed(dir.path(), &call).map_err(|error| error.to_string())?;
            let repeated = call.forbidden.iter().find(|word| printed.contains(word.as_str()));
            if let Some(word) = repeated.or(printed.contains("panicked").then_some(&url)) {
                let mut failures = failures.lock().map_err(|error| error.to_string())?;
                failures.push(format!(
                    "{:?} {:?}: {word}: {printed}",
                    call.arguments, call.environment
                ));
            }
        }
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().map_err(|_| "a panic".to_owned())?)
    })?;
    let failures = failures.into_inner().map_err(|error| error.to_string())?;
    assert!(failures.is_empty(), "{} calls, the first: {}", failures.len(), failures[0]);
    Ok(())
}

#[test]
fn a_secret_in_the_place_of_a_key_file_is_recognised() -> TestResult {
    let dir = tempfile::tempdir()?;
    for key in [format!("0x{KEY}"), KEY.to_owned(), MNEMONIC.to_owned()] {
        let output = farthing(dir.path()).args(["keys", "show", "--key", &key]).output()?;
        let error = String::from_utf8(output.stderr)?;
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(
            error.contains("this looks like a secret key; the option takes the path"),
            "{error}"
        );
        let output =
            farthing(dir.path()).args(["keys", "show"]).env("FARTHING_KEY", &key).output()?;
        let error = String::from_utf8(output.stderr)?;
        assert!(error.contains("this looks like a secret key"), "{error}");
    }
    Ok(())
}

#[test]
fn files_are_not_quoted() -> TestResult {
    let dir = tempfile::tempdir()?;
    for (config, hint) in [
        (format!("[client]\nkey = '0x{KEY}'\n"), "looks like a secret key"),
        (format!("[client]\nkey = 0x{KEY}\n"), "farthing.toml, line 2"),
        (format!("[client]\naccount = '{KEY}'\n"), "farthing.toml, line 2"),
        (format!("[client]\nnode = 'http://u:{KEY}@127.0.0.1:1/'\nkey = 'none'\n"), "no such file"),
    ] {
        std::fs::write(dir.path().join("farthing.toml"), config)?;
        let output =
            farthing(dir.path()).args(["keys", "show"]).env("FARTHING_LOG", "trace").output()?;
        let error = String::from_utf8(output.stderr)?;
        assert!(!error.contains(KEY) && error.contains(hint), "{error}");
    }
    std::fs::remove_file(dir.path().join("farthing.toml"))?;
    for payers in [
        format!("{{\"payers\":[{{\"account\":\"{KEY}\",\"seed\":\"0x00\"}}],\"licenses\":[0]}}"),
        format!("{{\"payers\":[{{\"account\":1,\"seed\":\"{KEY}ab\"}}],\"licenses\":[0]}}"),
        format!("{{\"payers\":[{{\"account\":1,\"seed\":\"{}\"}}],\"licenses\":[0]}}", &KEY[..30]),
        format!("{{\"{KEY}\":1}}"),
    ] {
        std::fs::write(dir.path().join("payers.json"), payers)?;
        let output = farthing(dir.path()).args(["simulate", "--payers", "payers.json"]).output()?;
        let error = String::from_utf8(output.stderr)?;
        assert!(error.contains("not a file of payers") && !error.contains(&KEY[..20]), "{error}");
    }
    Ok(())
}

#[cfg(unix)]
#[test]
fn a_key_that_others_can_read_is_used_with_a_warning() -> TestResult {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("alice.key");
    std::fs::write(&path, KEY)?;
    for (mode, warned) in [(0o600, false), (0o644, true), (0o640, true), (0o400, false)] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode))?;
        let output = farthing(dir.path()).args(["keys", "show", "--key", "alice.key"]).output()?;
        let error = String::from_utf8(output.stderr)?;
        assert!(output.status.success(), "{error}");
        assert_eq!(
            error.contains("warning: alice.key: other users can read"),
            warned,
            "{mode:o}: {error}"
        );
    }
    Ok(())
}

/// The memory of a process with keys is in no file and open to no other process.
#[cfg(target_os = "linux")]
#[test]
fn a_process_with_keys_leaves_no_core() -> TestResult {
    let dir = tempfile::tempdir()?;
    let mut child = farthing(dir.path())
        .args(["guard", "--pid", "2147483647"])
        .stdin(Stdio::piped())
        .spawn()?;
    let limits = format!("/proc/{}/limits", child.id());
    let start = Instant::now();
    loop {
        // Also read as root: the limit itself, not whether the file can be opened.
        let text = std::fs::read_to_string(&limits).unwrap_or_default();
        let core = text.lines().find(|line| line.starts_with("Max core file size"));
        let fields: Vec<&str> = core.unwrap_or("").split_whitespace().collect();
        if fields.get(4..6) == Some(&["0", "0"][..]) {
            break;
        }
        assert!(start.elapsed() < Duration::from_secs(30), "{core:?}");
        std::thread::sleep(Duration::from_millis(10));
    }
    drop(child.stdin.take());
    child.wait()?;
    Ok(())
}

//! What holds of every Dockerfile that stackc makes, whatever the language.

use crate::{cases, compile, root};

/// One instruction: its word, and all of it, with the lines that continue it and the script that follows it.
struct Instruction {
    word: String,
    text: String,
    /// The comment lines right above it.
    comment: String,
}

impl Instruction {
    /// What follows the word and its options.
    fn value(&self) -> &str {
        let mut rest = self.text[self.word.len()..].trim_start();
        while let Some((option, after)) = rest.split_once(' ').filter(|(option, _)| option.starts_with("--")) {
            assert!(!option.is_empty());
            rest = after.trim_start();
        }
        rest
    }
}

fn instructions(text: &str) -> Vec<Instruction> {
    let mut found: Vec<Instruction> = Vec::new();
    let mut comment = String::new();
    let (mut continued, mut end) = (false, None::<String>);
    for line in text.lines() {
        if continued || end.is_some() {
            let last = found.last_mut().expect("an instruction goes on");
            last.text += "\n";
            last.text += line;
            if end.as_deref() == Some(line) {
                end = None;
            }
        } else if line.starts_with('#') {
            comment += line;
            continue;
        } else if let Some(word) = line.split(' ').next().filter(|word| !word.is_empty()) {
            let comment = std::mem::take(&mut comment);
            found.push(Instruction { word: word.to_owned(), text: line.to_owned(), comment });
        } else {
            comment.clear();
        }
        continued = end.is_none() && line.ends_with('\\');
        if end.is_none() {
            end = line.split_once("<<'").and_then(|(_, end)| end.strip_suffix('\'')).map(str::to_owned);
        }
    }
    found
}

#[test]
fn every_dockerfile_keeps_the_promises() {
    let mut seen = 0;
    for (case, folder) in cases(&root().join("specs")) {
        let tree = compile(&folder).2.expect("accepted cases compile");
        for artifact in tree.iter() {
            let name = artifact.path.rsplit('/').next().unwrap_or_default();
            if name.starts_with("Dockerfile") && !name.ends_with(".dockerignore") {
                seen += 1;
                keeps_the_promises(&format!("{case}/{}", artifact.path), &artifact.content());
            }
        }
    }
    assert!(seen > 40, "only {seen} Dockerfiles");
}

fn keeps_the_promises(path: &str, text: &str) {
    assert!(text.starts_with("# syntax=docker/dockerfile:1\n"), "{path} names the syntax first");
    let instructions = instructions(text);
    let known =
        ["FROM", "ARG", "ENV", "LABEL", "USER", "WORKDIR", "COPY", "RUN", "EXPOSE", "STOPSIGNAL", "ENTRYPOINT", "CMD"];
    for instruction in &instructions {
        // A HEALTHCHECK would hold for every environment, and ADD reads archives and addresses.
        assert!(known.contains(&instruction.word.as_str()), "{path}: {}", instruction.text);
        if matches!(instruction.word.as_str(), "CMD" | "ENTRYPOINT") {
            let words: Result<Vec<String>, _> = serde_json::from_str(instruction.value());
            assert!(words.is_ok_and(|words| !words.is_empty()), "{path} is not in exec form: {}", instruction.text);
        }
    }
    let starts: Vec<usize> = (0..instructions.len()).filter(|at| instructions[*at].word == "FROM").collect();
    let mut stages: Vec<&str> = Vec::new();
    for (at, start) in starts.iter().enumerate() {
        let stage = &instructions[*start..starts.get(at + 1).copied().unwrap_or(instructions.len())];
        let (ground, name) = stage[0].value().split_once(" AS ").expect("each stage has a name");
        let pinned = ground.contains([':', '@']) && !ground.ends_with(":latest");
        assert!(pinned || ground == "scratch" || stages.contains(&ground), "{path} stands on {ground}");
        assert!(!stages.contains(&name), "{path} has two stages {name}");
        stages.push(name);
        guards_its_secrets(path, stage);
    }
    assert_eq!(stages.last(), Some(&"final"), "{path}");
    runs_unprivileged(path, &instructions[*starts.last().expect("there is a stage")..]);
}

/// An empty build secret fails each step that it is given to, and a changed one runs it again.
fn guards_its_secrets(path: &str, stage: &[Instruction]) {
    for (at, step) in stage.iter().enumerate().filter(|(_, step)| step.word == "RUN") {
        for secret in step.text.split("--mount=type=secret,id=").skip(1) {
            let secret = secret.split([' ', '\n']).next().unwrap_or_default();
            let guard = format!("test -n \"$(cat /run/secrets/{secret})\" || {{");
            assert!(step.text.contains(&guard), "{path} takes an empty {secret}: {}", step.text);
            let digest = stage[..at].iter().any(|before| before.text == "ARG BUILD_DIGEST");
            assert!(digest, "{path} does not see that {secret} changed");
        }
    }
}

/// The program is not root, or a comment says why; its files are root's.
fn runs_unprivileged(path: &str, stage: &[Instruction]) {
    let user = stage.iter().rfind(|instruction| instruction.word == "USER");
    let unprivileged = user.is_some_and(|user| {
        let (user, group) = user.value().split_once(':').expect("a user has a group");
        let number = |text: &str| text.parse::<u32>().expect("a user is a number");
        number(user) != 0 && number(group) != 0
    });
    let said = |instruction: &Instruction| {
        instruction.comment.contains("root") || instruction.comment.contains("As stack.yaml asks")
    };
    assert!(unprivileged || stage.iter().any(said), "{path} runs as root and does not say why");
    let title = |instruction: &&Instruction| instruction.text.starts_with("LABEL org.opencontainers.image.title=");
    assert_eq!(stage.iter().filter(title).count(), 1, "{path} has one title");
    for copy in stage.iter().filter(|instruction| instruction.text.contains("--chown")) {
        assert_eq!(copy.value().split(' ').next(), Some("/empty"), "{path} gives away its files: {}", copy.text);
    }
}

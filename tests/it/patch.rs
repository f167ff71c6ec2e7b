//! `overrides`: what a merge and text patches do to outputs, and what is said about those that match nothing.

use serde_json::{Value as Json, json};
use stackc::artifact::toml::{self, Section};
use stackc::artifact::yaml::{Mapping, Yaml};
use stackc::artifact::{Artifact, Tree, reread};
use stackc::code::Code;
use stackc::diagnostic::{Diagnostics, Findings};
use stackc::patch::apply;
use stackc::source::{Locate, Place, Span, SpecPath};
use stackc::spec::{Override, Replacement};
use stackc::syntax::Typed;
use std::cell::RefCell;

/// Remembers the places that were asked for; a span is the place's number.
#[derive(Default)]
struct Places(RefCell<Vec<Place>>);

impl Locate for Places {
    fn span(&self, place: &Place) -> Span {
        let mut places = self.0.borrow_mut();
        places.push(place.clone());
        places.len() - 1..places.len() - 1
    }

    fn has(&self, _: &SpecPath) -> bool {
        false
    }
}

/// A finding as `code at path: message (help)`.
fn run(tree: &mut Tree, path: &str, wanted: Override) -> Vec<(Code, String, String, String)> {
    let (places, mut list) = (Places::default(), Diagnostics::default());
    apply(tree, &[(path.to_owned(), wanted)].into_iter().collect(), &mut Findings::new(&places, &mut list));
    let places = places.0.into_inner();
    let finding = |found: &stackc::diagnostic::Diagnostic| {
        let path = places[found.span.start].path().to_string();
        (found.code, path, found.message.clone(), found.help.clone().expect("help"))
    };
    list.iter().map(finding).collect()
}

fn compose() -> Artifact {
    let db = Mapping::new()
        .entry("image", "postgres:17")
        .comment("The database.")
        .entry("x-test", Yaml::flow(["CMD", "x"]))
        .entry("x-data", Yaml::Null);
    let services = Mapping::new().entry("db", db).entry("web", Mapping::new().entry("image", "web"));
    Artifact::yaml(
        "docker-compose.yml",
        Mapping::new().entry("name", "shop").comment("Head.").entry("services", services),
    )
}

fn fly() -> Artifact {
    let service = Section::new().entry("internal_port", 8080).entry("force_https", true).comment("Always.");
    let section = Section::new().entry("app", "web").comment("The app.").entry("region", "fra");
    Artifact::toml(
        "web/fly.toml",
        section.table("http_service", service).tables("vm", [Section::new().entry("memory", "1gb")]),
    )
}

fn tree() -> Tree {
    let mut tree = Tree::new();
    let dockerfile = Artifact::text("web/Dockerfile", "# syntax=x\nFROM a AS build\nRUN make\nFROM a\nCMD [\"x\"]\n");
    for artifact in [compose(), fly(), dockerfile] {
        assert!(tree.insert(artifact).is_ok());
    }
    tree
}

fn merge(patch: Json) -> Override {
    Override { merge: patch.as_object().cloned().map(Typed), ..Override::default() }
}

fn print(tree: &Tree, path: &str) -> String {
    tree.get(path).expect("an output").body.print()
}

fn replace(find: &str, with: &str) -> Override {
    Override { replace: vec![Replacement { find: find.into(), with: with.into() }], ..Override::default() }
}

#[test]
fn a_merge_changes_yaml_and_keeps_its_comments() {
    let mut tree = tree();
    let patch = json!({"services": {
        "db": {"image": "postgres:18", "x-test": ["CMD", "y"], "x-data": {"on": [1]}, "x-new": {"a": {"b": 0.5}}},
        "web": null,
    }, "x-more": true});
    assert_eq!(run(&mut tree, "docker-compose.yml", merge(patch)), []);
    let expected = "# Head.\nname: shop\nservices:\n  db:\n    # The database.\n    image: postgres:18\n    \
        x-test: [\"CMD\", \"y\"]\n    x-data:\n      \"on\":\n        - 1\n    x-new:\n      a:\n        b: 0.5\nx-more: true\n";
    assert_eq!(print(&tree, "docker-compose.yml"), expected);
}

#[test]
fn a_merge_changes_toml_and_keeps_its_comments() {
    let mut tree = tree();
    let patch = json!({"app": "web2", "region": null, "http_service": {"force_https": false, "concurrency": {"type": "requests"}},
        "vm": [{"memory": "2gb"}, {"memory": "512mb", "processes": ["it's"]}], "env": {"A": "1"}, "swap": 1.5});
    assert_eq!(run(&mut tree, "web/fly.toml", merge(patch)), []);
    let expected = "# The app.\napp = 'web2'\nswap = 1.5\n\n[http_service]\n  internal_port = 8080\n  # Always.\n  \
        force_https = false\n\n  [http_service.concurrency]\n    type = 'requests'\n\n[[vm]]\n  memory = '2gb'\n\n\
        [[vm]]\n  memory = '512mb'\n  processes = [\"it's\"]\n\n[env]\n  A = '1'\n";
    assert_eq!(print(&tree, "web/fly.toml"), expected);
    assert_eq!(reread(tree.get("web/fly.toml").expect("an output")), Ok(()));
}

/// The cases of RFC 7396, appendix A, whose target and result are objects; a `null` that removes nothing is reported besides.
#[test]
fn merges_follow_the_rfc() {
    for (target, patch, result) in [
        (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
        (json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"})),
        (json!({"a": "b"}), json!({"a": null}), json!({})),
        (json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"})),
        (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
        (json!({"a": "c"}), json!({"a": ["b"]}), json!({"a": ["b"]})),
        (json!({"a": {"b": "c"}}), json!({"a": {"b": "d", "c": null}}), json!({"a": {"b": "d"}})),
        (json!({"a": [{"b": "c"}]}), json!({"a": [1]}), json!({"a": [1]})),
        (json!({"a": "foo"}), json!({"a": {"b": 1}}), json!({"a": {"b": 1}})),
        (json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
        (json!({"a": [1]}), json!({"a": [{"b": "c"}]}), json!({"a": [{"b": "c"}]})),
        (json!({"a": {"b": 1}}), json!({"a": {"b": 1}, "c": [[{"d": 1}]]}), json!({"a": {"b": 1}, "c": [[{"d": 1}]]})),
    ] {
        let document = toml::from_json(&target).expect("no null").into_table().expect("a table");
        let mut tree = Tree::new();
        assert!(tree.insert(Artifact::yaml("a.yml", Yaml::from_json(&target))).is_ok());
        assert!(tree.insert(Artifact::toml("a.toml", document)).is_ok());
        run(&mut tree, "a.yml", merge(patch.clone()));
        run(&mut tree, "a.toml", merge(patch.clone()));
        let yaml: Json = serde_yaml::from_str(&print(&tree, "a.yml")).expect("valid");
        let toml_text = print(&tree, "a.toml").parse::<toml_edit::DocumentMut>().expect("valid");
        assert_eq!(yaml, result, "{target} + {patch}");
        assert_eq!(toml::to_json(toml_text.as_table()), result, "{target} + {patch}");
    }
}

#[test]
fn text_is_replaced_then_enclosed() {
    let mut tree = tree();
    let wanted = Override {
        replace: vec![
            Replacement { find: "FROM a".into(), with: "FROM b".into() },
            Replacement { find: "FROM b\n".into(), with: "FROM c\n".into() },
        ],
        prepend: Some("# mine".into()),
        append: Some("USER 1".into()),
        merge: None,
    };
    assert_eq!(run(&mut tree, "web/Dockerfile", wanted), []);
    let artifact = tree.get("web/Dockerfile").expect("an output");
    let expected = "# syntax=x\n# mine\nFROM b AS build\nRUN make\nFROM c\nCMD [\"x\"]\nUSER 1";
    assert_eq!(artifact.body.print(), expected);
    let lines: Vec<String> = artifact.content().lines().map(str::to_owned).collect();
    assert!(lines[1].starts_with("# stackc:1 web/Dockerfile sha256=") && lines[2] == "# mine", "{lines:?}");
}

/// The one finding about an override of the usual tree: its code, its place below `overrides.<path>`, its help.
fn sole(path: &str, wanted: Override) -> (Code, String, String) {
    let mut found = run(&mut tree(), path, wanted);
    assert_eq!(found.len(), 1, "{found:?}");
    let (code, at, _, help) = found.remove(0);
    let below = at.strip_prefix(&format!("overrides.{path}")).expect("it is about this override");
    (code, below.to_owned(), help)
}

fn unmatched(at: &str, help: &str) -> (Code, String, String) {
    (Code::OverrideUnmatched, at.to_owned(), help.to_owned())
}

#[test]
fn an_override_of_no_output_is_reported() {
    let outputs = "the outputs are: docker-compose.yml, web/fly.toml, web/Dockerfile";
    let near = format!("did you mean `docker-compose.yml`? {outputs}");
    assert_eq!(sole("docker-compse.yml", merge(json!({"a": 1}))), unmatched("", &near));
    assert_eq!(sole("x", merge(json!({"a": 1}))), unmatched("", outputs));
}

#[test]
fn an_override_without_effect_is_reported() {
    let no_effect = unmatched("", "remove it: the output already says this");
    for wanted in [merge(json!({"name": "shop"})), merge(json!({})), Override::default()] {
        assert_eq!(sole("docker-compose.yml", wanted), no_effect);
    }
    assert_eq!(sole("web/fly.toml", merge(json!({"vm": [{"memory": "1gb"}]}))), no_effect);
    assert_eq!(sole("web/Dockerfile", replace("FROM", "FROM")), no_effect);
}

#[test]
fn removing_what_is_not_there_is_reported_at_its_key() {
    let removal = merge(json!({"services": {"dbb": null}}));
    assert_eq!(sole("docker-compose.yml", removal), unmatched(".merge.services.dbb", "did you mean `db`?"));
    let removal = merge(json!({"volumes": {"x": null}}));
    let help = "remove it: there are no keys at this place";
    assert_eq!(sole("docker-compose.yml", removal), unmatched(".merge.volumes.x", help));
    let removal = merge(json!({"http_service": {"check": null}}));
    let help = "the keys there are: internal_port, force_https";
    assert_eq!(sole("web/fly.toml", removal), unmatched(".merge.http_service.check", help));
}

#[test]
fn a_text_that_does_not_occur_is_reported_with_the_closest_line() {
    let help = "the text must match exactly, and whole words; the closest line is `RUN make`";
    assert_eq!(sole("web/Dockerfile", replace("RUN mak\n", "x")), unmatched(".replace[0].find", help));
    let help = "the text must match exactly, blanks and line breaks included";
    for find in ["", "nothing like it"] {
        assert_eq!(sole("web/Dockerfile", replace(find, "x")), unmatched(".replace[0].find", help));
    }
}

#[test]
fn words_for_another_kind_of_output_are_reported() {
    let invalid = |at: &str, help: &str| (Code::InvalidValue, at.to_owned(), help.to_owned());
    let help = "write `append: …`, `prepend: …` or `replace: [{find: …, with: …}]`";
    assert_eq!(sole("web/Dockerfile", merge(json!({"a": 1}))), invalid(".merge", help));
    let help = "write `merge: {…}` with the keys to change";
    let append = Override { append: Some("x".into()), ..Override::default() };
    assert_eq!(sole("web/fly.toml", append), invalid(".append", help));
    assert_eq!(sole("docker-compose.yml", replace("a", "b")), invalid(".replace", help));
    let null = merge(json!({"list": [1, null]}));
    assert_eq!(sole("web/fly.toml", null), invalid(".merge.list", "leave the item out of the list"));
}

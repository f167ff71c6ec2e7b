//! What README shows is what the program does.

use crate::{compile, root};

fn readme() -> String {
    std::fs::read_to_string(root().join("README.md")).expect("README.md is there")
}

/// The blocks between fences that open with ```` ```LANGUAGE ````.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let opening = format!("```{language}\n");
    text.split(&opening).skip(1).map(|rest| rest.split("```").next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn the_example_is_the_case() {
    let case = std::fs::read_to_string(root().join("specs/quickstart/stack.yaml")).expect("the case is there");
    assert_eq!(blocks(&readme(), "yaml").first(), Some(&case), "README's first example is specs/quickstart/stack.yaml");
}

#[test]
fn excerpts_are_parts_of_the_outputs() {
    let (_, diagnostics, tree) = compile(&root().join("specs/quickstart"));
    assert_eq!(diagnostics.iter().count(), 0, "the example has nothing to be told about");
    let tree = tree.expect("the example compiles");
    let readme = readme();
    let excerpts = [
        ("docker-compose.yml", blocks(&readme, "yaml")[1].clone()),
        ("fly.toml", blocks(&readme, "toml")[0].clone()),
        ("Dockerfile", blocks(&readme, "dockerfile")[0].clone()),
    ];
    for (path, excerpt) in excerpts {
        let content = tree.get(path).expect("the example makes it").content();
        assert!(content.contains(&excerpt), "README's excerpt of {path} is stale:\n{excerpt}\nis not in\n{content}");
    }
}

#[test]
fn the_example_of_the_workflows_compiles() {
    let text = std::fs::read_to_string(root().join("docs/github.md")).expect("docs/github.md is there");
    let example = blocks(&text, "yaml")[0].clone();
    let around = "  db: {image: postgres:17-alpine, ports: {postgres: {port: 5432, publish: true}}}\n\
        secrets: {DB_PASSWORD: {}}\nenvironments: {dev: {platform: compose}}\nci:\n";
    let stack = format!("name: shop\nregistry: ghcr.io/acme/shop\n{}", example.replacen("ci:\n", around, 1));
    let folder = tempfile::tempdir().expect("a folder can be made");
    std::fs::write(folder.path().join("stack.yaml"), stack).expect("it is ours");
    let (_, diagnostics, tree) = compile(folder.path());
    let told: Vec<_> = diagnostics.iter().map(|finding| &finding.message).collect();
    let tree = tree.unwrap_or_else(|| panic!("the example of docs/github.md does not compile: {told:?}"));
    let workflow = tree.get(".github/workflows/ci.yml").expect("it is about workflows").content();
    for line in ["https://github.com/acme/stackc", "scan-api:", "promote:", "changes:"] {
        assert!(workflow.contains(line), "{line} is not in {workflow}");
    }
}

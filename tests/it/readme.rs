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

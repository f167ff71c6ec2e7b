//! What README and the other documents show is what the program does.

use stackc::diagnostic::Diagnostics;
use stackc::facts::Facts;
use stackc::pins::Pins;
use stackc::source::Source;

use crate::{compile, rendered, root};

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
fn whole_stacks_in_the_documents_compile() {
    let mut seen = 0;
    for entry in std::fs::read_dir(root().join("docs")).expect("the folder is there") {
        let path = entry.expect("it can be read").path();
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        for stack in blocks(&text, "yaml").into_iter().filter(|block| block.starts_with("name:")) {
            let source = Source::new(path.display().to_string(), stack);
            let mut diagnostics = Diagnostics::default();
            let tree =
                stackc::compile::compile(&source, &[], &Pins::default(), &|_| Facts::default(), &mut diagnostics);
            assert!(tree.is_some(), "{}", rendered(&source, &diagnostics));
            seen += 1;
        }
    }
    assert!(seen >= 2, "{seen} examples");
}

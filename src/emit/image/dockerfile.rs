//! Generated Dockerfiles: the stages of an image one after the other, those of the images that it stands on or copies from first.

use serde_json::{Value, json};

use super::{entrypoint, site};
use crate::artifact::Artifact;
use crate::emit::Output;
use crate::facts::{join, within};
use crate::model::{
    Copy, Entrypoint, Image, MountSource, Origin, PackageStage, Piece, Port, Program, Protocol, Reference, Service,
    Stack, Text, UNPRIVILEGED,
};
use crate::recipe::{self, CopiesFor, System, is_official};
use crate::template;

/// The Dockerfile of each image for which nobody wrote one.
pub fn dockerfiles(program: &Program) -> Vec<Output> {
    let generated = program.base.images.values().filter(|image| image.is_generated());
    generated.map(|image| Output::shared(dockerfile(program, image), &image.path)).collect()
}

fn dockerfile(program: &Program, image: &Image) -> Artifact {
    let file = image.dockerfile();
    let stages = program.base.stages(image);
    let names = stage_names(&stages);
    let parts = stages.iter().enumerate().map(|(at, layer)| {
        let layer = Layer { program, whole: image, layer, names: &names, first: at == 0 };
        let template = layer.layer.recipe().map_or("plain", |recipe| recipe.key());
        template::render(&format!("dockerfile/{template}.j2"), &layer.view(&file))
    });
    let text = parts.collect::<Vec<_>>().join("\n");
    Artifact::text(file, text)
}

/// The names of the two stages of each image: of the last `build` and `final`, of the others their own.
fn stage_names(stages: &[&Image]) -> Vec<(String, String, String)> {
    let mut taken: Vec<String> = ["build", "final", "scratch", "context"].map(str::to_owned).to_vec();
    let mut free = |wanted: String| {
        let mut name = wanted;
        while taken.contains(&name) {
            name += "-image";
        }
        taken.push(name.clone());
        name
    };
    let (last, below) = stages.split_last().expect("an image is a stage of its own Dockerfile");
    let mut names: Vec<_> =
        below.iter().map(|image| (image.name.clone(), String::new(), free(image.name.clone()))).collect();
    for (_, build, stage) in &mut names {
        *build = free(format!("{stage}-build"));
    }
    names.push((last.name.clone(), "build".to_owned(), "final".to_owned()));
    names
}

/// One image within a Dockerfile.
struct Layer<'a> {
    program: &'a Program,
    /// The image whose Dockerfile it is.
    whole: &'a Image,
    /// The image whose stages these are.
    layer: &'a Image,
    /// The names of the stages of each image.
    names: &'a [(String, String, String)],
    first: bool,
}

impl Layer<'_> {
    fn stack(&self) -> &Stack {
        &self.program.base
    }

    fn is_last(&self) -> bool {
        self.layer.name == self.whole.name
    }

    /// The folder of this layer's context in the Dockerfile's own.
    fn folder(&self) -> String {
        within(&self.whole.context, &self.layer.context).to_owned()
    }

    /// The service that builds the image for itself: what it runs is baked into it; others say what they run.
    fn owner(&self) -> Option<&Service> {
        let owner = self.layer.owner.as_ref().filter(|_| self.is_last())?;
        self.stack().services.get(owner)
    }

    fn names_of(&self, image: &str) -> (&str, &str) {
        let names = self.names.iter().find(|(name, _, _)| name == image);
        names.map_or(("build", "final"), |(_, build, stage)| (build, stage))
    }

    /// What stands behind `FROM` or `--from=`.
    fn origin<'o>(&'o self, origin: &'o Origin) -> &'o str {
        match origin {
            Origin::Image(name) => name,
            Origin::Built(name) => self.names_of(name).1,
        }
    }

    fn view(&self, file: &str) -> Value {
        let (stack, layer) = (self.stack(), self.layer);
        let folder = self.folder();
        let copies = layer.copies();
        let language = layer.recipe().map(|recipe| recipe.language());
        let site = self
            .owner()
            .filter(|owner| owner.supervise.is_none())
            .and_then(|owner| site::view(self.program, owner, self.whole, language.and_then(|l| l.output())));
        json!({
            "header": self.first.then(|| json!({
                "title": format!("{}: the image of `{}`.", self.program.base.name, self.whole.name),
                "file": file,
                "context": self.whole.context,
            })),
            "name": format!("{}-{}", stack.name, layer.name),
            "language": language.map(|language| language.view(&folder, &copies)),
            "build": self.build_stage(),
            "final": self.final_stage(),
            "image": self.image(),
            "inputs": {"args": layer.inputs.args, "secrets": layer.inputs.secrets},
            "env": layer.env.iter().collect::<Vec<_>>(),
            "env_names": layer.env.keys().collect::<Vec<_>>(),
            "steps": layer.steps,
            "site": site,
            "entrypoint": self.entrypoint(),
            // Words of what is run, by which a recipe sees whether its tool is needed.
            "runs": words_run(self.program, stack, layer),
        })
    }

    fn build_stage(&self) -> Option<Value> {
        let (stack, layer) = (self.stack(), self.layer);
        let built_in = stack.built_in(layer)?;
        let system = stack.build_system(layer);
        let place = layer.recipe().map_or_else(|| ".".to_owned(), |recipe| recipe.language().place(&layer.copies()));
        let copies = match self.copies_for() {
            CopiesFor::Build | CopiesFor::Both => self.copies(false, &place),
            CopiesFor::Image => Vec::new(),
        };
        let volumes = !self.volumes().is_empty() && stack.system(layer) == System::Bare;
        Some(json!({
            "image": self.origin(&built_in),
            "stage": self.names_of(&layer.name).0,
            "cache": cache_name(&stack.name, &built_in),
            "root": is_strange(&built_in),
            "system": system.key(),
            "packages": layer.packages_for(PackageStage::Build, system),
            "copies": copies,
            "place": (place != ".").then(|| format!("/app/{place}")),
            // Whether /app as the build leaves it is part of the image.
            "app": self.copies_for() == CopiesFor::Build,
            // A folder whose owner the final image gives to its volumes, because nothing there could.
            "empty": volumes,
        }))
    }

    /// Which stage the user's copies are for. Steps of an interpreted language see the sources, and what they make of them is part of the image.
    fn copies_for(&self) -> CopiesFor {
        let Some(language) = self.layer.recipe().map(|recipe| recipe.language()) else { return CopiesFor::Image };
        let steps = !self.layer.steps.is_empty() && self.layer.has_build_stage() && language.runs_in().is_none();
        if steps { CopiesFor::Build } else { language.copies() }
    }

    fn final_stage(&self) -> Value {
        let (stack, layer) = (self.stack(), self.layer);
        // Beside another program the server stands in that one's image.
        let owner = self.owner().filter(|owner| owner.supervise.is_none());
        let served = owner.and_then(|owner| owner.serve.as_ref().map(|server| server.image().to_owned()));
        let output = layer.recipe().and_then(|recipe| recipe.language().output());
        let ground = match (&served, output, &layer.from) {
            (Some(server), _, _) => Origin::Image(server.clone()),
            // What nobody serves here is there to be copied.
            (None, Some(_), _) => Origin::Image("scratch".to_owned()),
            (None, None, Some(from)) => from.clone(),
            (None, None, None) => Origin::Image(stack.ground(layer).unwrap_or_default()),
        };
        let system = match (&served, output) {
            (Some(server), _) => System::of(server),
            (None, Some(_)) => System::Bare,
            (None, None) => stack.system(layer),
        };
        let packages = layer.packages_for(PackageStage::Run, system);
        let user = if self.is_last() { self.program.user(layer) } else { stack.user(layer) };
        let unprivileged = user == UNPRIVILEGED;
        let official = matches!(&ground, Origin::Image(name) if is_official(name));
        let wants_root = !packages.is_empty() || (!layer.has_build_stage() && !layer.steps.is_empty());
        let runs = wants_root || (!self.volumes().is_empty() && system != System::Bare);
        let in_build = self.copies_for() == CopiesFor::Build;
        json!({
            "image": self.origin(&ground),
            "stage": self.names_of(&layer.name).1,
            "last": self.is_last(),
            "root": is_strange(&ground) && runs,
            "creates": (official && unprivileged).then(|| system.key()).flatten(),
            "bare": system == System::Bare,
            "official": official,
            "system": system.key(),
            "packages": packages,
            "copies": if in_build { self.copies(true, ".") } else { self.all_copies() },
            "user": format!("{}:{}", user.0, user.1),
            "is_root": user.0 == 0,
            "uid": user.0.to_string(),
            "gid": user.1.to_string(),
        })
    }

    fn image(&self) -> Value {
        let runners = || self.stack().runners(&self.layer.name).filter(|_| self.is_last());
        let owner = self.owner();
        let command = fixed_words(self.program, owner.and_then(|owner| owner.command.as_deref()));
        // A supervised image takes a command as one to run in place of all its processes.
        let says = |owner: &Service| owner.command.is_some() || owner.entrypoint.is_some() || owner.supervise.is_some();
        let stated = owner.is_some_and(says);
        let own = self.stack().standing(self.layer).into_iter().find_map(|image| image.recipe()?.language().command());
        json!({
            "ports": each_once(runners().flat_map(|service| service.ports.values().map(exposed))),
            "volumes": self.volumes(),
            "labels": self.labels(),
            "stop_signal": owner.and_then(|owner| owner.stop_signal.as_deref()),
            "entrypoint": fixed_words(self.program, owner.and_then(|owner| owner.entrypoint.as_deref())),
            "command": command.or(own.filter(|_| !stated)),
        })
    }

    /// The script that the image starts with, and what it starts beside the program.
    fn entrypoint(&self) -> Option<Value> {
        let image = self.layer;
        let kind = self.program.entrypoint(image).filter(|_| self.is_last())?;
        let file = join(&image.folder, entrypoint::FILE);
        let words = fixed_words(self.program, self.owner().and_then(|owner| owner.entrypoint.as_deref()));
        let server = match &kind {
            Entrypoint::Supervise(set) => set.server(),
            Entrypoint::Volumes => None,
        };
        let server = server.zip(self.owner()).map(|(server, owner)| {
            let program = server.program().unwrap_or_default();
            json!({"image": server.image(), "program": [program, program], "copies": site::tables_and_folders(self.program, owner, image)})
        });
        Some(json!({
            "paths": [within(&image.context, &file), entrypoint::TARGET],
            "several": matches!(kind, Entrypoint::Supervise(_)),
            "root": self.program.starts_as_root(image),
            "stranger": self.program.stands_on_a_stranger(image),
            "command": entrypoint::start(self.program, image).into_iter().chain(words.into_iter().flatten()).collect::<Vec<_>>(),
            "server": server,
        }))
    }

    /// Where named volumes are mounted: Docker gives a new one the owner of the image's own folder.
    fn volumes(&self) -> Vec<String> {
        let runners = self.stack().runners(&self.layer.name).filter(|_| self.is_last());
        let mounts = runners.flat_map(|service| &service.mounts);
        let named = mounts.filter(|mount| matches!(mount.source, MountSource::Volume(_)));
        each_once(named.map(|mount| mount.target.clone()))
    }

    /// What is copied below /app, seen from the folder `place` in it; or, `outside` it, to whole paths.
    fn copies(&self, outside: bool, place: &str) -> Vec<Value> {
        let folder = self.folder();
        let copies = self.layer.copy.iter().filter(|copy| copy.dst.starts_with('/') == outside);
        let paths = |copy: &Copy| {
            let src = if copy.from.is_none() { join(&folder, &copy.src) } else { copy.src.clone() };
            let dst = if outside { copy.dst.clone() } else { below(place, copy) };
            vec![src, dst]
        };
        copies
            .map(|copy| json!({"from": copy.from.as_ref().map(|from| self.origin(from)), "paths": paths(copy)}))
            .collect()
    }

    fn all_copies(&self) -> Vec<Value> {
        [self.copies(false, "."), self.copies(true, ".")].concat()
    }

    /// The labels that are known without asking, then the user's.
    fn labels(&self) -> Vec<(String, String)> {
        let stack = self.stack();
        let mut labels = vec![("title".to_owned(), format!("{}-{}", stack.name, self.whole.name))];
        let registry = stack.registry.as_ref().and_then(|registry| registry.as_literal());
        if let Some([owner, repository, ..]) = registry
            .as_deref()
            .and_then(|registry| registry.strip_prefix("ghcr.io/"))
            .map(|path| path.split('/').collect::<Vec<_>>())
            .as_deref()
        {
            labels.push(("source".to_owned(), format!("https://github.com/{owner}/{repository}")));
        }
        let known = labels.into_iter().map(|(name, value)| (format!("org.opencontainers.image.{name}"), value));
        let known: Vec<_> = known.filter(|(name, _)| !self.whole.labels.contains_key(name)).collect();
        known.into_iter().chain(self.whole.labels.clone()).collect()
    }
}

/// The destination of a `COPY` to below /app, from the folder `place` in it.
fn below(place: &str, copy: &Copy) -> String {
    // A slash at the end says that it is a folder.
    let slash = if copy.dst.ends_with('/') && copy.dst != "./" { "/" } else { "" };
    match recipe::below(place, &join(&copy.dst, "")) {
        here if here == "." && copy.src != "." => "./".to_owned(),
        path if path.ends_with('/') => path,
        path => path + slash,
    }
}

/// The end of a cache's name that belongs to one base: what packages compile for it may not run on another system or release.
fn cache_name(stack: &str, origin: &Origin) -> String {
    let name = match origin {
        Origin::Image(name) => name.clone(),
        Origin::Built(name) => format!("{stack}-{name}"),
    };
    name.replace(|c: char| !c.is_ascii_alphanumeric() && c != '.', "-")
}

/// Whether an image is somebody else's of which nobody knows who runs in it.
fn is_strange(origin: &Origin) -> bool {
    matches!(origin, Origin::Image(name) if !is_official(name) && name != "scratch")
}

/// The words of all commands that run in an image, and those within their shell lines.
fn words_run(program: &Program, base: &Stack, image: &Image) -> Vec<String> {
    let stacks = std::iter::once(base).chain(program.environments.iter().map(|environment| &environment.stack));
    let mut words: Vec<String> = Vec::new();
    for text in stacks.flat_map(|stack| stack.runners(&image.name)).flat_map(|service| service.texts()) {
        for piece in &text.pieces {
            if let Piece::Literal(literal) = piece {
                words.extend(literal.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').map(str::to_owned));
            }
        }
    }
    words.sort();
    words.dedup();
    words
}

/// The words of a command that are the same wherever it runs; none if some differ between environments, whose files then state them.
/// A port's number is part of the image, so a reference to one is as good as its number.
pub fn fixed_words(program: &Program, command: Option<&[Text]>) -> Option<Vec<String>> {
    let piece = |piece: &Piece| match piece {
        Piece::Literal(text) => Some(text.clone()),
        Piece::Reference(Reference::Port(service, port)) => {
            let service = program.base.services.get(service)?;
            let port = port.as_ref().map_or_else(|| service.main_port(), |port| service.ports.get(port))?;
            Some(port.number.to_string())
        }
        Piece::Reference(_) | Piece::Variable(_) | Piece::Secret(_) => None,
    };
    command?.iter().map(|word| word.pieces.iter().map(piece).collect()).collect()
}

/// A port as `EXPOSE` names it.
fn exposed(port: &Port) -> String {
    if port.protocol == Protocol::Udp { format!("{}/udp", port.number) } else { port.number.to_string() }
}

/// What is in `all`, each once, in the order of its first.
fn each_once<T: PartialEq>(all: impl Iterator<Item = T>) -> Vec<T> {
    all.fold(Vec::new(), |mut seen, item| {
        if !seen.contains(&item) {
            seen.push(item);
        }
        seen
    })
}

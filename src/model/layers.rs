//! What images stand on: the stages that a Dockerfile holds, the system in them, and what it has.

use super::{Image, Origin, PackageStage, Service, Source, Stack};
use crate::facts::join;
use crate::recipe::{self, CURL, Probe, System, WGET};

impl Stack {
    /// The images whose stages the Dockerfile of `image` holds, each after those that it needs; itself is the last.
    pub fn stages<'s>(&'s self, image: &'s Image) -> Vec<&'s Image> {
        let mut stages = Vec::new();
        self.add_stages(image, &mut Vec::new(), &mut stages);
        stages
    }

    fn add_stages<'s>(&'s self, image: &'s Image, open: &mut Vec<&'s str>, stages: &mut Vec<&'s Image>) {
        // A circle is refused; here it only must come to an end.
        if open.contains(&image.name.as_str()) || stages.iter().any(|stage| stage.name == image.name) {
            return;
        }
        open.push(&image.name);
        for (origin, _) in image.origins() {
            if let Some(origin) = self.images.get(origin) {
                self.add_stages(origin, open, stages);
            }
        }
        open.pop();
        stages.push(image);
    }

    /// What the Dockerfile of `image` copies from its context, as paths from the root; none where the user copies all of it.
    pub fn copied(&self, image: &Image) -> Option<Vec<String>> {
        let mut copied = Vec::new();
        for layer in self.stages(image) {
            let copies = layer.copies();
            if copies.whole() && layer.context == image.context {
                return None;
            }
            let own = layer.recipe().map(|recipe| recipe.language().sources(&copies)).unwrap_or_default();
            let named = layer.copy.iter().filter(|copy| copy.from.is_none()).map(|copy| copy.src.clone());
            copied.extend(own.into_iter().chain(named).map(|path| join(&layer.context, &path)));
        }
        Some(copied)
    }

    /// `image` and what it stands on, one below the other, as far as they are built here.
    pub fn standing<'s>(&'s self, image: &'s Image) -> Vec<&'s Image> {
        let mut standing = vec![image];
        while let Some(Origin::Built(below)) = standing.last().and_then(|image| image.from.as_ref()) {
            match self.images.get(below) {
                Some(below) if !standing.iter().any(|image| image.name == below.name) => standing.push(below),
                _ => break,
            }
        }
        standing
    }

    /// The image made elsewhere on which all of `image` stands; none where nothing is known of it.
    pub fn ground(&self, image: &Image) -> Option<String> {
        let lowest = *self.standing(image).last()?;
        match &lowest.from {
            Some(Origin::Image(name)) => Some(name.clone()),
            Some(Origin::Built(_)) => None,
            None => {
                let language = lowest.recipe()?.language();
                language.runs_in().or_else(|| language.image())
            }
        }
    }

    /// The version of the language of `image`: as its build states it, or as the tag of the language's own image says on which all stands.
    pub fn language_version(&self, image: &Image) -> Option<String> {
        let recipe = image.recipe()?;
        let in_tag = || {
            let ground = self.ground(image)?;
            let (name, tag) = recipe::split(&ground);
            let version = tag.split('-').next().filter(|_| name == recipe.key())?;
            let is_version = version.split('.').all(|part| part.parse::<u32>().is_ok());
            is_version.then(|| version.to_owned())
        };
        recipe.language().version().map(str::to_owned).or_else(in_tag)
    }

    /// The system of `image`. Of one that nobody knows, the user says it by whose packages it takes.
    pub fn system(&self, image: &Image) -> System {
        let known = self.ground(image).map_or(System::Unknown, |ground| System::of(&ground));
        let standing = self.standing(image);
        let packages = standing.iter().flat_map(|image| &image.packages);
        let mut stated = packages.filter(|package| package.stage != Some(PackageStage::Build)).filter_map(|p| p.system);
        if known == System::Unknown { stated.next().unwrap_or(known) } else { known }
    }

    /// The image in which `image` is built, if a stage builds it: the language's own, or the one it stands on. The latter may be a stage.
    pub fn built_in(&self, image: &Image) -> Option<Origin> {
        let language = image.recipe()?.language();
        let own = language.image().map(Origin::Image);
        let built_in = if language.runs_in().is_some() { own } else { image.from.clone().or(own) };
        built_in.filter(|_| language.has_build_stage())
    }

    /// The system in which `image` is built.
    pub fn build_system(&self, image: &Image) -> System {
        match self.built_in(image) {
            Some(Origin::Image(name)) => System::of(&name),
            Some(Origin::Built(_)) | None => self.system(image),
        }
    }

    /// The user and group that the program of `image` runs as.
    pub fn user(&self, image: &Image) -> (u32, u32) {
        self.standing(image).iter().find_map(|image| image.user).unwrap_or(UNPRIVILEGED)
    }

    /// Whether the user's packages bring that one into `image`, in whichever version.
    pub fn has_package(&self, image: &Image, name: &str) -> bool {
        let system = self.system(image);
        let mut packages =
            self.standing(image).into_iter().flat_map(|image| image.packages_for(PackageStage::Run, system));
        packages.any(|package| package.split(['=', '~', '<', '>']).next() == Some(name))
    }

    /// The program of the service's image that can make an HTTP request, as far as it is known.
    pub fn http_probe(&self, service: &Service) -> Option<&'static Probe> {
        // Beside another program it stands in that one's image.
        if let Some(server) = service.serve.as_ref().filter(|_| service.supervise.is_none()) {
            return Some(server.probe());
        }
        match &service.source {
            Source::Built(image) => self.probe_of(self.images.get(image)?),
            Source::Image(name) => recipe::probe_of(&name.as_literal()?),
        }
    }

    fn probe_of(&self, image: &Image) -> Option<&'static Probe> {
        let standing = self.standing(image);
        if !standing.iter().all(|image| image.is_generated()) {
            return None;
        }
        let own = || standing.iter().filter_map(|image| image.recipe()?.probe());
        let installed = || {
            let programs = [("curl", &CURL), ("wget", &WGET)];
            programs.into_iter().find(|(package, _)| self.has_package(image, package)).map(|(_, probe)| probe)
        };
        let ground = || recipe::probe_of(&self.ground(image)?);
        own().find(|probe| probe.comes_first).or_else(installed).or_else(ground).or_else(|| own().next())
    }
}

/// User and group of a program for which no others are stated.
pub const UNPRIVILEGED: (u32, u32) = (10001, 10001);

//! What the processes of an app are given: commands, the entrypoint, variables.

use super::File;
use crate::artifact::toml::Section;
use crate::emit::{image, routes};
use crate::escape::ShellWord;
use crate::model::{Flat, Service, Text};

impl File<'_> {
    /// The variables of the whole app; what only one of its groups has stands in that group's command.
    pub(super) fn env(&self) -> Option<Section> {
        let mut env: Vec<(String, String)> = Vec::new();
        for service in &self.app.services {
            let own = self.app.own_env(service, &self.addressing);
            let plain = service.env.iter().filter(|(name, value)| {
                value.secrets().is_empty()
                    && !own.contains(&name.as_str())
                    && !env.iter().any(|(known, _)| known == *name)
            });
            let plain: Vec<_> = plain.map(|(name, value)| (name.clone(), self.print(value))).collect();
            env.extend(plain);
            let fixed = self.routed(service).into_iter().filter(|(_, value)| !value.iter().any(Flat::is_secret));
            env.extend(fixed.map(|(name, value)| (name, Flat::known(&value))));
            env.extend(image::grace(self.environment, service));
        }
        let env: Section = env.into_iter().collect();
        (!env.is_empty()).then_some(env)
    }

    /// The variables of the web server of `service`; one that is a secret has its name.
    pub(super) fn routed(&self, service: &Service) -> Vec<(String, Vec<Flat>)> {
        routes::settings(self.program, self.environment, service)
    }

    /// The command of each process group; none where the image's own command is all there is.
    pub(super) fn processes(&self) -> Option<Section> {
        let command = |service: &Service| self.command(service);
        if self.app.has_groups() {
            let groups = self.app.services.iter().map(|service| {
                // Empty is the image's own.
                (self.app.group(service).to_owned(), command(service).unwrap_or_default())
            });
            return Some(groups.collect());
        }
        let service = self.app.first();
        let words = command(service).or_else(|| self.further_groups().then(String::new));
        words.map(|words| Section::new().entry(self.app.group(service), words))
    }

    /// Whether raw words give the app process groups beside those of its services.
    fn further_groups(&self) -> bool {
        let doors = self.app.services.iter().map(|service| &service.fly).chain([&self.environment.words]);
        doors.into_iter().any(|words| words.get("processes").is_some_and(serde_json::Value::is_object))
    }

    /// The command, unless the image has the very same and nothing needs to be set for it.
    fn command(&self, service: &Service) -> Option<String> {
        let words = self.changed_words(service, service.command.as_deref(), |base| base.command.as_deref());
        let own = self.own_variables(service);
        if own.is_empty() {
            return words.map(|words| line(&words));
        }
        let known = words.or_else(|| service.command.as_deref().map(|words| self.words(words)));
        let words = known.or_else(|| self.command_of_image(service)).unwrap_or_default();
        Some(line(&with_env(own, words)))
    }

    /// The command that is baked into the image that `service` shares.
    fn command_of_image(&self, service: &Service) -> Option<Vec<String>> {
        let image = self.environment.stack.image_of(service)?;
        let owner = self.program.base.services.get(image.owner.as_ref()?)?;
        image::fixed_words(self.program, owner.command.as_deref())
    }

    /// The release command of the app, with the variables of the service whose release it is.
    pub(super) fn release(&self) -> Option<String> {
        let (service, words) =
            self.app.services.iter().find_map(|service| Some((*service, service.release.as_ref()?)))?;
        let own = self.own_variables(service);
        Some(line(&if own.is_empty() { self.words(words) } else { with_env(own, self.words(words)) }))
    }

    pub(super) fn entrypoint(&self) -> Option<Vec<String>> {
        let mut services = self.app.services.iter();
        let words = services.find_map(|service| {
            self.changed_words(service, service.entrypoint.as_deref(), |base| base.entrypoint.as_deref())
        })?;
        let before = image::before_entrypoint(self.program, self.image());
        Some(before.into_iter().chain(words).collect())
    }

    fn own_variables(&self, service: &Service) -> Vec<String> {
        let own = self.app.own_env(service, &self.addressing);
        own.into_iter().map(|name| format!("{name}={}", self.print(&service.env[name]))).collect()
    }

    fn words(&self, words: &[Text]) -> Vec<String> {
        words.iter().map(|word| self.print(word)).collect()
    }

    fn changed_words(
        &self,
        service: &Service,
        words: Option<&[Text]>,
        of: impl Fn(&Service) -> Option<&[Text]>,
    ) -> Option<Vec<String>> {
        let here = self.words(words?);
        let own = self.environment.stack.own_image(service);
        let generated = own.is_some_and(|image| image.is_generated());
        let base = self.program.base.services.get(&service.name).filter(|_| generated);
        let baked = base.and_then(|base| image::fixed_words(self.program, of(base)));
        (baked.as_ref() != Some(&here)).then_some(here)
    }

    pub(super) fn print(&self, text: &Text) -> String {
        Flat::known(&self.addressing.known(text))
    }
}

/// `env` is a program of any image that has a shell, so nothing else is needed to set variables for one group.
fn with_env(variables: Vec<String>, words: Vec<String>) -> Vec<String> {
    std::iter::once("env".to_owned()).chain(variables).chain(words).collect()
}

/// Words as one line, which Fly splits as a POSIX shell does.
fn line(words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|word| ShellWord(word).to_string()).collect();
    words.join(" ")
}

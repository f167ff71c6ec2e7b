//! A deployment on a server, over SSH: one job, whose steps are the commands of the script, run there. What the server needs to know is handed over
//! as variables.

use super::changes::{self, Compared};
use super::{Deployment, MINUTES, lines};
use crate::emit::github::job::{Job, Step, minutes, run};
use crate::emit::github::{registry, value};
use crate::emit::image::sources;
use crate::emit::server;
use crate::model::{Access, Duration, Environment, IMAGE_TAG, Platform, Program, ShellLine, Tag};

/// The jobs.
pub fn jobs(deployment: &Deployment<'_>) -> Vec<Job> {
    let server = Server { deployment };
    let compared = || Compared { key: changes::ANY.to_owned(), paths: server.made_from() };
    let changes =
        deployment.deploy.paths.then(|| changes::job(deployment, &[compared()], vec![deployment.title("Deploy")]));
    changes.into_iter().chain([server.job()]).collect()
}

/// Variables by name, with expressions or fixed text.
pub type Variables = Vec<(String, String)>;

/// The variables by which the script finds the server, and the values that Compose reads there and no file of the server holds.
pub fn access(program: &Program, environment: &Environment, access: &Access) -> Variables {
    let secret = |name: &str, kept: &String| (name.to_owned(), format!("${{{{ secrets.{kept} }}}}"));
    let mut variables = vec![
        secret("SSH_HOST", &access.host),
        secret("SSH_PORT", &access.port),
        secret("SSH_USER", &access.user),
        secret("SSH_PRIVATE_KEY", &access.key),
        secret("SSH_KNOWN_HOSTS", &access.known_hosts),
    ];
    for value in server::values(program, environment) {
        let name = server::name(&value);
        let kept = if value.is_secret() { value::kept(name) } else { format!("vars.{name}") };
        variables.push((name.to_owned(), format!("${{{{ {kept} }}}}")));
    }
    variables
}

/// The images that ran before, for the script.
fn remembered() -> (String, String) {
    ("IMAGES".to_owned(), "${{ steps.before.outputs.images }}".to_owned())
}

struct Server<'a> {
    deployment: &'a Deployment<'a>,
}

impl Server<'_> {
    /// What the whole stack there is made from.
    fn made_from(&self) -> Vec<String> {
        let (program, environment) = (self.deployment.program, self.deployment.environment);
        let images = program.base.images_in_use().flat_map(|image| sources(program, image));
        let mut all: Vec<String> = Vec::new();
        for path in images.chain(server::files(environment)) {
            if !all.contains(&path) {
                all.push(path);
            }
        }
        all
    }

    fn job(&self) -> Job {
        let (deployment, deploy) = (self.deployment, self.deployment.deploy);
        let changes = deploy.paths.then(|| changes::id(deployment));
        let changed = changes.as_ref().map(|id| format!("needs.{id}.outputs.any == 'true'"));
        let needs = deployment.gate.needs.iter().cloned().chain(changes);
        let Platform::Compose { ssh, .. } = &deployment.environment.platform else {
            unreachable!("a server runs Compose")
        };
        let wait = ssh.as_ref().map_or(Duration::seconds(0), |ssh| ssh.wait);
        let job = deployment.job("deploy", "Deploy", MINUTES + 2 * minutes(wait)).needs(needs);
        let back = server::older(deployment.program).filter(|_| deployment.environment.pulls());
        let back = back.map(|older| format!("To go back, on the server: IMAGE_TAG={older} {} up", deployment.script()));
        let job = match deployment.condition(changed) {
            Some(condition) => job.only_if(condition, back.as_deref()),
            None => job,
        };
        let job = self.pulls(deployment.first(job.within(deployment.name(), None)));
        let before = self.lines(&deploy.before, "Before the deployment");
        let after = self.lines(&deploy.after, "After the deployment");
        let back = deploy.rollback && after.is_some();
        let up = format!("up{}", deployment.options());
        // What ran is not to be seen any more once the lines before have removed it.
        let removed = deploy.rollback && before.is_some();
        let images = removed.then(remembered).into_iter();
        // Nothing is changed before it is known that the deployment has what it needs.
        let check = before.is_some().then(|| self.remote("Look whether all is there", "check", self.registry()));
        job.steps((back || removed).then(|| self.remember()))
            .steps(check)
            .steps(before)
            .step(self.remote("Deploy", &up, self.registry().into_iter().chain(images).collect()).id("deploy"))
            .steps(after)
            .steps(back.then(|| self.back()))
    }

    /// The right to pull, which the token of the run needs; it stands in where the secret that is named is not set.
    fn pulls(&self, job: Job) -> Job {
        let registries = registry::all(self.deployment.program, self.deployment.environment);
        let github = registries.first().filter(|registry| registry.is_github() && self.deployment.environment.pulls());
        match github {
            Some(registry) => registry.permission(job, "read", "pull the images"),
            None => job,
        }
    }

    /// Where images are pulled from there, and as whom; the server keeps none of it.
    fn registry(&self) -> Variables {
        let access = &self.deployment.deploy.access;
        let registries = registry::all(self.deployment.program, self.deployment.environment);
        let Some(registry) = registries.first().filter(|_| self.deployment.environment.pulls()) else {
            return Variables::new();
        };
        let (user, password) = registry.credentials();
        let named = |variable: &str, name: &Option<String>, default: &str| {
            let named = name.as_ref().map(|name| format!("secrets.{name} || ")).unwrap_or_default();
            (variable.to_owned(), format!("${{{{ {named}{default} }}}}"))
        };
        let host = registry.host.as_ref().map(|host| ("REGISTRY_HOST".to_owned(), value::text(host, value::KEPT)));
        let user = named("REGISTRY_USERNAME", &access.registry_username, user);
        host.into_iter().chain([user, named("REGISTRY_PASSWORD", &access.registry_password, password)]).collect()
    }

    /// What the script and the user's lines see on the server beside what the script hands over by itself.
    fn variables(&self) -> Variables {
        let deployment = self.deployment;
        let mut variables = access(deployment.program, deployment.environment, &deployment.deploy.access);
        let own = deployment.variables();
        let names = own.iter().map(|(name, _)| name.as_str()).filter(|name| *name != IMAGE_TAG);
        let names = names.collect::<Vec<_>>().join(" ");
        // What the deployment says itself counts, not what GitHub keeps by that name.
        variables.retain(|(name, _)| own.iter().all(|(other, _)| other != name));
        variables.extend(own.into_iter().filter(|(name, _)| name != IMAGE_TAG || self.version().is_none()));
        if let Some(version) = self.version() {
            variables.push((IMAGE_TAG.to_owned(), version));
        }
        if !names.is_empty() {
            variables.push(("HAND_OVER".to_owned(), names));
        }
        variables
    }

    /// The version of the images: that of the release, or the commit's, unless a person chooses one.
    fn version(&self) -> Option<String> {
        let deployment = self.deployment;
        let version = deployment.gate.version.as_ref().filter(|_| deployment.environment.pulls())?;
        let asked = deployment.deploy.inputs.keys().any(|name| name == IMAGE_TAG);
        let chosen = if asked { format!("inputs.{IMAGE_TAG} || ") } else { String::new() };
        Some(format!("${{{{ {chosen}{version} }}}}"))
    }

    fn remote(&self, name: &str, command: &str, more: Variables) -> Step {
        // What signs in counts, not a variable of the stack that bears the same name.
        let own = self.variables().into_iter().filter(|(name, _)| more.iter().all(|(other, _)| other != name));
        let env = own.chain(more.clone()).collect();
        run(name, format!("{}{} remote {command}", self.commit(), self.deployment.script())).env(env)
    }

    /// The version of the commit's images, before a command; a person may choose another, and a release has its own.
    fn commit(&self) -> &'static str {
        let deployment = self.deployment;
        let tagged = deployment.github.images.as_ref().is_some_and(|images| images.tags.contains(&Tag::Sha));
        let pushed = deployment.environment.pulls() && tagged && self.version().is_none();
        match deployment.deploy.inputs.get(IMAGE_TAG).filter(|_| pushed) {
            None if pushed => "IMAGE_TAG=sha-${GITHUB_SHA::7} ",
            Some(input) if input.answer.default().is_empty() => "IMAGE_TAG=${IMAGE_TAG:-sha-${GITHUB_SHA::7}} ",
            _ => "",
        }
    }

    fn lines(&self, written: &[ShellLine], name: &str) -> Option<Step> {
        let text = lines(written)?;
        let mut end = "END".to_owned();
        while text.lines().any(|line| line == end) {
            end.push('_');
        }
        Some(self.remote(name, &format!("lines <<'{end}'\n{text}\n{end}\n"), Variables::new()))
    }

    fn remember(&self) -> Step {
        let script = format!(
            "{{\n  echo 'images<<END'\n  {} remote images\n  echo END\n}} >> \"$GITHUB_OUTPUT\"\n",
            self.deployment.script()
        );
        // Not what is about to run.
        let variables = self.variables().into_iter().filter(|(name, _)| name != IMAGE_TAG);
        run("Remember what runs", script).id("before").env(variables.collect())
    }

    fn back(&self) -> Step {
        // Where the deployment itself fails, the script has gone back already.
        self.remote("Go back", "back", vec![remembered()]).only_if("failure() && steps.deploy.outcome == 'success'")
    }
}
